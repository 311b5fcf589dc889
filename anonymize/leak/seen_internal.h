/*
 * The table that fills while masking: shards with a lock each.
 */
#ifndef LEAK_SEEN_INTERNAL_H
#define LEAK_SEEN_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "seen_hash.h"

typedef struct seen_shard {
    pthread_mutex_t lock;
    uint64_t *keys; /* 2^bits slots; 0 = empty; flags in the lowest bits */
    uint32_t *checks;
    unsigned bits;
    unsigned level; /* 1 / 2^level of the hashes are remembered */
    size_t used;
} seen_shard;

struct rh_seen {
    uint8_t run_key[RH_SEEN_KEY_BYTES]; /* random, of this run */
    uint8_t hash_key[SEEN_HASH_KEY_BYTES];
    unsigned max_bits; /* of one shard */
    size_t locks;      /* initialised ones */
    atomic_ullong added;
    atomic_bool packed; /* chain addresses were among the values */
    seen_shard shards[SEEN_SHARDS];
};

#endif
