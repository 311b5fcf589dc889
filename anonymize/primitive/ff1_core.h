/*
 * The ten rounds of FF1 for halves below 2^96, over several values in lock step.
 *
 * NIST describes halves of radix^u and radix^v; the rounds need only the two sizes, so class_text.c
 * uses them with products of different radices as well.
 */
#ifndef RH_FF1_CORE_H
#define RH_FF1_CORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anonymize/cipher.h"
#include "wide.h"

enum {
    FF1_ROUNDS = 10,
    FF1_LANES = 16,        /* values per call that share the cost of calling libcrypto */
    FF1_HALF_MAX_BITS = 96 /* so that NUM(B) and its round number fit one block */
};

/* What is constant for all values of one radix, length and tweak. */
typedef struct ff1_shape {
    rh_wide size[2];       /* of the left half (changed in even rounds) and the right (odd) */
    rh_wide base;          /* CBC state in front of the last block, with that block's constants */
    unsigned number_bytes; /* b */
    bool binary;           /* both sizes are powers of two */
    bool small;            /* a half, its round and their place fit 64 bits */
    rh_divisor by[2];      /* the sizes again; of small shapes only */
} ff1_shape;

typedef struct ff1_params {
    uint32_t radix; /* 0 for mixed radices */
    uint32_t length;
    const uint8_t *tweak; /* may be NULL when empty */
    size_t tweak_bytes;
    rh_wide size[2]; /* each 1 to 2^96; the right one not below the left one is not required */
} ff1_params;

typedef struct ff1_lane {
    rh_wide half[2];
    const ff1_shape *shape;
} ff1_lane;

/* Fill shape: two or more AES calls, so keep it where the length repeats. */
void rh_ff1_core_shape(rh_cipher *cipher, const ff1_params *params, ff1_shape *shape);

/* Mix 16 more bytes into the tweak of a shape (not NIST's; for keys of their own only). */
void rh_ff1_core_bind(rh_cipher *cipher, ff1_shape *shape, rh_wide extra);

/* Encrypt or decrypt the halves in place. */
void rh_ff1_core_run(rh_cipher *cipher, ff1_lane *lanes, size_t count, bool decrypt);

#endif
