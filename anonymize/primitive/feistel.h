/*
 * A balanced Feistel network of six rounds, halves of up to 128 bits, one AES key per round.
 *
 * Six rounds of independent random functions cannot be told from a random permutation with many
 * fewer than 2^h chosen queries both ways, h being the bits of a half (Patarin, CRYPTO 2004); four
 * would give 2^(h/2) (Luby and Rackoff 1988).
 */
#ifndef RH_FEISTEL_H
#define RH_FEISTEL_H

#include <stdbool.h>
#include <stddef.h>

#include "anonymize/cipher.h"
#include "wide.h"

enum { FEISTEL_ROUNDS = 6, FEISTEL_LANES = 16 };

typedef struct rh_feistel {
    rh_cipher *round[FEISTEL_ROUNDS];
    rh_wide mask; /* the bits of a half */
} rh_feistel;

typedef struct feistel_lane {
    rh_wide half[2];
} feistel_lane;

/* half_bits is 32 to 128. On failure nothing is left to free. RH_ENOMEM. */
rh_status rh_feistel_init(rh_feistel *feistel, const rh_mask_key *master, const char *domain,
                          const char *purpose, unsigned half_bits, rh_error *err) RH_MUST_CHECK;
void rh_feistel_done(rh_feistel *feistel);

/* Permute up to FEISTEL_LANES values in place, or back. */
void rh_feistel_run(rh_feistel *feistel, feistel_lane *lanes, size_t count, bool inverse);

#endif
