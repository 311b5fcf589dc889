/*
 * How a token becomes two independent hashes: 62 bits that it is looked up by, 32 that confirm.
 */
#ifndef LEAK_SEEN_HASH_H
#define LEAK_SEEN_HASH_H

#include <sodium.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "anonymize/seen.h"
#include "core/bytes.h"

enum {
    SEEN_HASH_KEY_BYTES = 16,
    SEEN_SHARD_BITS = 6,
    SEEN_SHARDS = 1 << SEEN_SHARD_BITS,
    SEEN_MAX_LEVEL = 24,
    /* the two lowest bits of a key hold flags while masking, and are 0 in the file */
    SEEN_FLAG_RAW = 1,  /* a mask took it away */
    SEEN_FLAG_MADE = 2, /* a mask, or a keep-list, puts it there */
    SEEN_FLAGS = 3,
};

typedef struct seen_hash {
    uint64_t key; /* flags bits are 0; never 0 */
    uint32_t check;
} seen_hash;

static inline seen_hash seen_hash_of(const uint8_t key[SEEN_HASH_KEY_BYTES], const void *data,
                                     size_t len)
{
    uint8_t out[crypto_shorthash_siphashx24_BYTES];
    seen_hash hash;

    crypto_shorthash_siphashx24(out, data, len, key);
    hash.key = rh_get_u64(out) & ~(uint64_t)SEEN_FLAGS;
    if (hash.key == 0)
        hash.key = SEEN_FLAGS + 1;
    hash.check = rh_get_u32(out + 8);
    return hash;
}

static inline size_t seen_shard_of(uint64_t key)
{
    return (size_t)(key >> (64 - SEEN_SHARD_BITS));
}

/** Does the key belong to the share that is remembered at this level? */
static inline int seen_sampled(uint64_t key, unsigned level)
{
    return level == 0 || (key << SEEN_SHARD_BITS) >> (64 - level) == 0;
}

/** Slot to begin with in a table of 2^bits slots: a part of the key that neither picks shards nor
 * samples. */
static inline size_t seen_slot_of(uint64_t key, unsigned bits)
{
    return (size_t)((key * 0x9e3779b97f4a7c15u) >> (64 - bits));
}

/** Fetch into the cache what will be written soon, where the compiler can say so. */
#if defined(__GNUC__)
#define SEEN_PREFETCH(address) __builtin_prefetch((address), 1)
#else
#define SEEN_PREFETCH(address) ((void)(address))
#endif

/* ---- the set that a scan looks into ---- */

/** True when it holds the hash: found by key, confirmed by check. */
int seen_set_has(const rh_seen_set *set, seen_hash hash);
const uint8_t *seen_set_hash_key(const rh_seen_set *set);
/** Chain addresses were seen: look for them packed in binary values. */
int seen_set_packed(const rh_seen_set *set);

typedef struct seen_set_parts {
    uint8_t hash_key[SEEN_HASH_KEY_BYTES];
    rh_seen_info info;
    int packed;
    uint8_t levels[SEEN_SHARDS];
    uint64_t count;
} seen_set_parts;

/** An empty set with room for parts->count hashes. */
rh_status seen_set_new(const seen_set_parts *parts, rh_seen_set **out, rh_error *err) RH_MUST_CHECK;
void seen_set_put(rh_seen_set *set, seen_hash hash);

/** The opened body of a side file, as if nobody had authenticated it (seen_file.c). */
rh_status seen_body_read(const void *data, size_t len, const uint8_t run_key[RH_SEEN_KEY_BYTES],
                         rh_seen_set **out, rh_error *err) RH_MUST_CHECK;

#endif
