/*
 * Encodings that values hide in, undone once.
 */
#ifndef LEAK_DECODE_H
#define LEAK_DECODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** base64 or base64url without padding, up to max bytes. Returns their number, 0 when it is none.
 */
size_t rh_leak_base64(const uint8_t *text, size_t len, uint8_t *out, size_t max);

/** Does the text look like base64 of readable text? Looks at the first few characters only. */
bool rh_leak_looks_base64(const uint8_t *text, size_t len);

/** JSON escapes and C-like ones undone (\n, \/, \u00e9 ...); out needs len bytes. Returns bytes. */
size_t rh_leak_unescape(const uint8_t *text, size_t len, uint8_t *out);

/** Percent escapes undone; out needs len bytes. */
size_t rh_leak_unpercent(const uint8_t *text, size_t len, uint8_t *out);

/** UTF-16 as UTF-8; out needs len / 2 * 3 bytes. Lone halves become U+FFFD. */
size_t rh_leak_utf16(const uint8_t *text, size_t len, bool big_endian, uint8_t *out);

/** At least nine of ten bytes are printable ASCII or part of UTF-8. */
bool rh_leak_is_readable(const uint8_t *data, size_t len);

#endif
