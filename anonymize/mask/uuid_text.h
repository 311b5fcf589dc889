/*
 * UUIDs in the one spelling that databases write: small letters, hyphens behind 8, 12, 16 and 20
 * digits.
 */
#ifndef RH_UUID_TEXT_H
#define RH_UUID_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { UUID_TEXT_BYTES = 36 };

/** False: another spelling, or no UUID. */
bool uuid_text_read(const char *text, size_t len, uint8_t out[16]);
void uuid_text_write(const uint8_t uuid[16], char out[UUID_TEXT_BYTES]);

#endif
