/*
 * BLAKE2b of four messages side by side, for processors with AVX2.
 */
#ifndef IO_BLAKE2B_FOUR_H
#define IO_BLAKE2B_FOUR_H

#include <stdbool.h>

#include "core/hash.h"

/** Can this processor do it? */
bool rh_blake2b_four_here(void);

/** What rh_hash_ids does; only where rh_blake2b_four_here(). */
void rh_blake2b_four(const uint8_t key[RH_ID_KEY_BYTES], const rh_hash_input *inputs, size_t count,
                     rh_id *out);

#endif
