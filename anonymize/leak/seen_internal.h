/*
 * The table that fills while masking: shards with a lock each.
 */
#ifndef LEAK_SEEN_INTERNAL_H
#define LEAK_SEEN_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>

#include "seen_hash.h"

enum { SEEN_PENDING = 64 };

typedef struct seen_shard {
    pthread_mutex_t lock;
    seen_hash pending[SEEN_PENDING]; /* with flags: to be placed many at a time */
    size_t pending_count;
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

/** Place what is pending everywhere (seen.c). No thread may be adding. RH_ENOMEM. */
rh_status seen_settle(rh_seen *seen, rh_error *err) RH_MUST_CHECK;

#endif
