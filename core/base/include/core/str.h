/*
 * String helpers that C lacks: prefixes, globs, bounded copies, safe display.
 */
#ifndef CORE_STR_H
#define CORE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

bool rh_str_eq(const char *a, const char *b); /* NULL equals only NULL */
bool rh_str_starts_with(const char *text, const char *prefix);
bool rh_str_ends_with(const char *text, const char *suffix);

/** ASCII case-insensitive equality. */
bool rh_str_ieq(const char *a, const char *b);

/** Shell-like match of the whole text: '*' any run, '?' one byte, '\' quotes the next byte. */
bool rh_str_glob(const char *pattern, const char *text);

/** Copy with a NUL into size bytes, cutting at a UTF-8 boundary. False when it was cut. */
bool rh_str_copy(char *out, size_t size, const char *text);

/** True when len bytes are valid UTF-8 (no surrogates, no overlong forms, <= U+10FFFF). */
bool rh_str_is_utf8(const char *text, size_t len);

/** Put '?' in the place of every byte that is no part of valid UTF-8. */
void rh_str_make_utf8(char *text, size_t len);

/** The code point at text (len > 0) goes to *out. Its bytes; 0 when it is no valid UTF-8. */
size_t rh_str_decode(const char *text, size_t len, uint32_t *out);

#endif
