/*
 * The row hash of rows that come in pieces: XXH3-128 with a secret, the streaming way.
 */
#include "core/hash.h"

#include <xxhash.h>

#include "core/mem.h"

struct rh_row_hasher {
    XXH3_state_t *state; /* needs 64-byte alignment, so xxhash allocates it */
    const uint8_t *secret;
};

rh_row_hasher *rh_row_hasher_new(const uint8_t secret[RH_ROW_SECRET_BYTES])
{
    rh_row_hasher *hasher = rh_mem_zalloc(sizeof *hasher);

    if (hasher == NULL)
        return NULL;
    hasher->secret = secret;
    hasher->state = XXH3_createState();
    if (hasher->state == NULL) {
        rh_mem_free(hasher);
        return NULL;
    }
    (void)XXH3_128bits_reset_withSecret(hasher->state, secret, RH_ROW_SECRET_BYTES);
    return hasher;
}

void rh_row_hasher_add(rh_row_hasher *hasher, const void *data, size_t len)
{
    (void)XXH3_128bits_update(hasher->state, data, len);
}

rh_u128 rh_row_hasher_end(rh_row_hasher *hasher)
{
    XXH128_hash_t hash = XXH3_128bits_digest(hasher->state);
    rh_u128 result = {hash.low64, hash.high64};

    (void)XXH3_128bits_reset_withSecret(hasher->state, hasher->secret, RH_ROW_SECRET_BYTES);
    return result;
}

void rh_row_hasher_free(rh_row_hasher *hasher)
{
    if (hasher == NULL)
        return;
    XXH3_freeState(hasher->state);
    rh_mem_free(hasher);
}
