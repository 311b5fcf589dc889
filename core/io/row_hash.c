/*
 * The row hash alone, with xxHash compiled in: rows are short, and a call through the shared
 * library costs as much as the hash itself.
 */
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "core/hash.h"

_Static_assert(RH_ROW_SECRET_BYTES >= XXH3_SECRET_SIZE_MIN, "XXH3 needs a longer secret");

rh_u128 rh_hash_row(const uint8_t secret[RH_ROW_SECRET_BYTES], const void *row, size_t len)
{
    XXH128_hash_t hash = XXH3_128bits_withSecret(row, len, secret, RH_ROW_SECRET_BYTES);

    return (rh_u128){hash.low64, hash.high64};
}
