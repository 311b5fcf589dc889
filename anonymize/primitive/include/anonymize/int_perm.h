/*
 * A keyed permutation of a range of 64-bit integers: unique stays unique, order is lost.
 */
#ifndef ANONYMIZE_INT_PERM_H
#define ANONYMIZE_INT_PERM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "anonymize/mask_key.h"

typedef struct rh_int_perm rh_int_perm;

typedef struct rh_int_range {
    int64_t low;
    int64_t high; /* included */
    bool keep_sign;
} rh_int_range;

/**
 * The permutation of [low, high] of a domain. keep_sign: negative values stay negative, zero stays
 * zero, positive stay positive. Another range is another permutation, so columns that are joined
 * need the same one. Ranges (with keep_sign: sides) of less than 10^6 values are shuffled in a
 * table; larger ones go through FF1 of radix 2 with cycle walking (NIST; Black and Rogaway 2002).
 *
 * RH_ENOMEM, RH_EUSAGE (low > high). Free with rh_int_perm_free. Not for two threads at a time.
 */
rh_status rh_int_perm_new(const rh_mask_key *master, const char *domain, const rh_int_range *range,
                          rh_int_perm **out, rh_error *err) RH_MUST_CHECK;
void rh_int_perm_free(rh_int_perm *perm);

/**
 * Replace count values by their images (or back). False, with nothing changed, when one of them is
 * outside of the range. Give many at once: one alone costs four times as much.
 */
bool rh_int_perm_map(rh_int_perm *perm, int64_t *values, size_t count) RH_MUST_CHECK;
bool rh_int_perm_unmap(rh_int_perm *perm, int64_t *values, size_t count) RH_MUST_CHECK;

#endif
