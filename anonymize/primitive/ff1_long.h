/*
 * FF1 on halves of any size, as arrays of numerals.
 */
#ifndef RH_FF1_LONG_H
#define RH_FF1_LONG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anonymize/cipher.h"

typedef struct ff1_long {
    rh_cipher *cipher;
    uint32_t radix;
    const uint8_t *tweak;
    size_t tweak_bytes;
} ff1_long;

/* Bytes of scratch that a string of that length needs. */
size_t rh_ff1_long_scratch(const ff1_long *ff1, size_t length);

/* Encrypt or decrypt numerals in place with scratch of that size. */
void rh_ff1_long_run(const ff1_long *ff1, uint16_t *numerals, size_t length, bool decrypt,
                     uint8_t *scratch);

#endif
