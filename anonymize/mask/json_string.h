/*
 * Strings of JSON: escapes undone and made.
 */
#ifndef RH_JSON_STRING_H
#define RH_JSON_STRING_H

#include "field_text.h"

/** The text between the quotes, as UTF-8. A surrogate without its twin becomes U+FFFD. False: an
 * unknown escape. out has room for len bytes. */
bool json_string_decode(const char *text, size_t len, char *out, size_t *out_len);

/** Append with quotes and escapes. */
rh_status json_string_append(arena_text *out, const char *text, size_t len, rh_error *err);

#endif
