/*
 * String helpers. ASCII rules only, so that no locale changes what a configuration means.
 */
#include "core/str.h"

#include <stdint.h>
#include <string.h>

bool rh_str_eq(const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return a == b;
    return strcmp(a, b) == 0;
}

bool rh_str_starts_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

bool rh_str_ends_with(const char *text, const char *suffix)
{
    size_t len = strlen(text);
    size_t tail = strlen(suffix);

    return tail <= len && memcmp(text + len - tail, suffix, tail) == 0;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool rh_str_ieq(const char *a, const char *b)
{
    for (; *a != '\0' && lower(*a) == lower(*b); a++)
        b++;
    return lower(*a) == lower(*b);
}

/* Does the pattern byte at *pattern match c? Advances behind it. '*' is the caller's business. */
static bool match_one(const char **pattern, char c)
{
    char p = *(*pattern)++;

    if (p == '?')
        return true;
    if (p == '\\' && **pattern != '\0')
        p = *(*pattern)++;
    return p == c;
}

bool rh_str_glob(const char *pattern, const char *text)
{
    const char *star = NULL;   /* pattern behind the last '*' */
    const char *resume = NULL; /* where that '*' ends its run for now */

    while (*text != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            resume = text;
            continue;
        }
        if (*pattern != '\0' && match_one(&pattern, *text)) {
            text++;
            continue;
        }
        if (star == NULL)
            return false;
        pattern = star;
        text = ++resume;
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

bool rh_str_copy(char *out, size_t size, const char *text)
{
    size_t len = strlen(text);

    if (size == 0)
        return false;
    if (len < size) {
        memcpy(out, text, len + 1);
        return true;
    }
    len = size - 1;
    while (len > 0 && ((unsigned char)text[len] & 0xC0u) == 0x80u)
        len--;
    memcpy(out, text, len);
    out[len] = '\0';
    return false;
}

/* Decode the code point at text (len > 0). Returns its bytes, 0 when it is not valid UTF-8. */
static size_t decode(const char *text, size_t len, uint32_t *out)
{
    const unsigned char *u = (const unsigned char *)text;
    size_t need = u[0] < 0x80u ? 1 : u[0] < 0xC2u ? 0 : u[0] < 0xE0u ? 2 : u[0] < 0xF0u ? 3 : 4;
    uint32_t point = u[0];

    if (need == 0 || u[0] > 0xF4u || need > len)
        return 0;
    if (need > 1)
        point = u[0] & (0xFFu >> (need + 1));
    for (size_t i = 1; i < need; i++) {
        if ((u[i] & 0xC0u) != 0x80u)
            return 0;
        point = point << 6 | (u[i] & 0x3Fu);
    }
    if ((need == 3 && (point < 0x800u || (point >= 0xD800u && point <= 0xDFFFu))) ||
        (need == 4 && (point < 0x10000u || point > 0x10FFFFu)))
        return 0;
    *out = point;
    return need;
}

bool rh_str_is_utf8(const char *text, size_t len)
{
    static const uint64_t high_bits = 0x8080808080808080u;
    uint32_t point = 0;

    while (len > 0) {
        size_t used;
        uint64_t word;

        /* ASCII, eight bytes at a time: most texts are nothing else. */
        for (; len >= sizeof word; text += sizeof word, len -= sizeof word) {
            memcpy(&word, text, sizeof word);
            if ((word & high_bits) != 0)
                break;
        }
        for (; len > 0 && (unsigned char)*text < 0x80u; text++, len--)
            continue;
        for (; len > 0 && (unsigned char)*text < 0x80u; text++, len--)
            continue;
        if (len == 0)
            return true;
        used = decode(text, len, &point);

        if (used == 0)
            return false;
        text += used;
        len -= used;
    }
    return true;
}

void rh_str_make_utf8(char *text, size_t len)
{
    if (rh_str_is_utf8(text, len))
        return;
    for (size_t good = 0; good < len;) {
        size_t step = 1;

        while (step < 4 && good + step < len && !rh_str_is_utf8(text + good, step))
            step++;
        if (!rh_str_is_utf8(text + good, step)) {
            text[good] = '?';
            step = 1;
        }
        good += step;
    }
}

size_t rh_str_decode(const char *text, size_t len, uint32_t *out)
{
    return decode(text, len, out);
}
