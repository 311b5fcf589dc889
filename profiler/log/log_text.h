/*
 * Borrowed pieces of text: comparisons without terminators.
 */
#ifndef LOG_TEXT_H
#define LOG_TEXT_H

#include <string.h>

#include "profiler/log_event.h"

static inline bool log_text_is(rh_log_text text, const char *word)
{
    size_t len = strlen(word);

    return text.len == len && memcmp(text.data, word, len) == 0;
}

static inline bool log_starts_with(const char *data, size_t len, const char *word)
{
    size_t n = strlen(word);

    return len >= n && memcmp(data, word, n) == 0;
}

static inline bool log_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool log_is_hex(char c)
{
    return log_is_digit(c) || (c >= 'a' && c <= 'f');
}

static inline bool log_is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* FNV-1a: for identities of short texts. */
static inline uint64_t log_hash(const char *data, size_t len)
{
    uint64_t hash = 0xcbf29ce484222325u;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)data[i]) * 0x100000001b3u;
    return hash;
}

/* Number of digits at the start, and their value (wraps around: for identities only). */
static inline size_t log_digits(const char *data, size_t len, uint64_t *out)
{
    size_t n = 0;
    uint64_t value = 0;

    while (n < len && log_is_digit(data[n]))
        value = value * 10 + (uint64_t)(data[n++] - '0');
    *out = value;
    return n;
}

#endif
