/*
 * Bech32 (BIP 173) and bech32m (BIP 350).
 */
#ifndef CORE_BECH32_H
#define CORE_BECH32_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/visibility.h>

enum {
    RH_BECH32_MAX_TEXT = 90,
    RH_BECH32_MAX_HRP = 83,
    RH_BECH32_MAX_VALUES = 84,
};

typedef struct rh_bech32 {
    char hrp[RH_BECH32_MAX_HRP + 1];      /* lower case, NUL-terminated */
    uint8_t values[RH_BECH32_MAX_VALUES]; /* 5 bits each, without the checksum */
    size_t count;
    bool modified; /* bech32m */
    bool upper;    /* written in capitals */
} rh_bech32;

/** Read a string with its checksum. False, out undefined, when it is not valid. */
bool rh_bech32_decode(const char *text, size_t len, rh_bech32 *out) RH_MUST_CHECK;

/** Write it with its checksum, without a NUL. Returns the length; 0 when it would exceed 90. */
size_t rh_bech32_encode(const rh_bech32 *in, char out[RH_BECH32_MAX_TEXT]);

/** Groups of 5 bits as bytes; false when padding is not zero or 5 bits or longer (BIP 173). */
bool rh_bech32_to_bytes(const uint8_t *values, size_t count, uint8_t *out,
                        size_t *out_len) RH_MUST_CHECK;

/** Bytes as groups of 5 bits, padded with zeros. Returns the number of groups. */
size_t rh_bech32_from_bytes(const uint8_t *data, size_t len, uint8_t *out);

#endif
