/*
 * Base58 as Bitcoin, Tron and Solana write it.
 */
#ifndef CORE_BASE58_H
#define CORE_BASE58_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/visibility.h>

enum {
    RH_BASE58_MAX_BYTES = 96,
    RH_BASE58_MAX_TEXT = 132, /* of that many bytes */
};

/** Write len bytes (at most RH_BASE58_MAX_BYTES) as base58 without a NUL. Returns the length. */
size_t rh_base58_encode(const uint8_t *data, size_t len, char out[RH_BASE58_MAX_TEXT]);

/**
 * Read base58. False, outputs undefined, on any other character or when the bytes would be too
 * many; the empty text is empty.
 */
bool rh_base58_decode(const char *text, size_t len, uint8_t out[RH_BASE58_MAX_BYTES],
                      size_t *out_len) RH_MUST_CHECK;

#endif
