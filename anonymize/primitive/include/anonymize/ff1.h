/*
 * FF1 of NIST SP 800-38G rev. 1: a keyed permutation of strings of numerals of one radix and
 * length.
 */
#ifndef ANONYMIZE_FF1_H
#define ANONYMIZE_FF1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "anonymize/cipher.h"

enum {
    RH_FF1_MIN_DOMAIN = 1000000, /* rev. 1: radix^length must not be smaller */
    RH_FF1_MAX_LENGTH = 65536,
    RH_FF1_MAX_TWEAK = 256,
};

typedef struct rh_ff1 rh_ff1;

/** A string of numerals, most significant first, each below the radix; changed in place. */
typedef struct rh_ff1_item {
    uint16_t *numerals;
    size_t length;
} rh_ff1_item;

/** All of it is copied. */
typedef struct rh_ff1_options {
    const uint8_t *key; /* an AES key */
    size_t key_bytes;   /* 16, 24 or 32 */
    uint32_t radix;     /* 2 to 65536 */
    const uint8_t *tweak;
    size_t tweak_bytes; /* up to 256; 0: tweak may be NULL */
} rh_ff1_options;

/**
 * FF1 with a fixed key, radix and tweak. RH_ENOMEM, RH_EKEY (length), RH_EUSAGE (radix, tweak).
 * Free with rh_ff1_free. Not for two threads at a time.
 */
rh_status rh_ff1_new(const rh_ff1_options *options, rh_ff1 **out, rh_error *err) RH_MUST_CHECK;

/** FF1 without a tweak under the sub-key (AES-128) of the domain for this radix. */
rh_status rh_ff1_new_for(const rh_mask_key *master, const char *domain, uint32_t radix,
                         rh_ff1 **out, rh_error *err) RH_MUST_CHECK;
void rh_ff1_free(rh_ff1 *ff1);

/** True when a string of that length may be permuted: domain large enough, length bearable. */
bool rh_ff1_allows(const rh_ff1 *ff1, size_t length);

/**
 * Encrypt (or decrypt) count strings in place; all are checked before the first is changed. Halves
 * below 2^96 (56 decimal digits, 36 of radix 36, 32 of radix 62) take a fast path that works on 16
 * strings at a time; longer ones take time with the square of their length.
 * RH_EUSAGE (length not allowed, numeral not below the radix), RH_ENOMEM (long strings only).
 */
rh_status rh_ff1_encrypt(rh_ff1 *ff1, const rh_ff1_item *items, size_t count,
                         rh_error *err) RH_MUST_CHECK;
rh_status rh_ff1_decrypt(rh_ff1 *ff1, const rh_ff1_item *items, size_t count,
                         rh_error *err) RH_MUST_CHECK;

#endif
