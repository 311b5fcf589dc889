/*
 * A keyed permutation of a small domain, [0, n) with n below 10^6, as two tables.
 *
 * Fisher-Yates on a PRF stream: every one of the n! permutations is as likely as any other, so
 * there is no attack on structure, only on the PRF. Below a million FF1 is not approved for use.
 */
#ifndef ANONYMIZE_SHUFFLE_H
#define ANONYMIZE_SHUFFLE_H

#include <stdint.h>

#include <rehearse/error.h>

#include "anonymize/mask_key.h"

enum { RH_SHUFFLE_MAX = 1 << 20 }; /* 8 MiB of tables */

typedef struct rh_shuffle rh_shuffle;

/**
 * The permutation of [0, count) of a domain and purpose; another count, another permutation.
 * RH_ENOMEM, RH_EUSAGE (count 0 or above RH_SHUFFLE_MAX). Reading is safe in many threads.
 */
rh_status rh_shuffle_new(const rh_mask_key *master, const char *domain, const char *purpose,
                         uint32_t count, rh_shuffle **out, rh_error *err) RH_MUST_CHECK;
void rh_shuffle_free(rh_shuffle *shuffle);

uint32_t rh_shuffle_count(const rh_shuffle *shuffle);

/** The image of index, and the index of an image; both below the count. */
uint32_t rh_shuffle_get(const rh_shuffle *shuffle, uint32_t index);
uint32_t rh_shuffle_inverse(const rh_shuffle *shuffle, uint32_t image);

#endif
