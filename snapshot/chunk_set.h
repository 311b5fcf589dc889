/*
 * A bounded hash set of chunks by id.
 */
#ifndef SNAPSHOT_CHUNK_SET_H
#define SNAPSHOT_CHUNK_SET_H

#include <stdbool.h>

#include "core/hash.h"
#include "pack_format.h"

enum { RH_CHUNK_SET_MAX = 16384 };

typedef struct rh_chunk_item {
    rh_id id;
    uint32_t source; /* what the owner makes of it */
    uint32_t entry;
    uint32_t rows;
    uint32_t kind;
} rh_chunk_item;

typedef struct rh_chunk_set {
    rh_chunk_item *items;
    size_t count;
    size_t cap;
    uint32_t *index; /* position + 1, 0 = free; twice as long as items */
} rh_chunk_set;

void rh_chunk_set_done(rh_chunk_set *set);
void rh_chunk_set_clear(rh_chunk_set *set);
bool rh_chunk_set_full(const rh_chunk_set *set);
/** Add unless it is there; not when full. RH_ENOMEM. */
rh_status rh_chunk_set_add(rh_chunk_set *set, const rh_chunk_item *item,
                           rh_error *err) RH_MUST_CHECK;
/** NULL when it is not there. Borrowed until the next change. */
const rh_chunk_item *rh_chunk_set_find(const rh_chunk_set *set, const rh_id *id, uint32_t rows,
                                       rh_chunk_kind kind);

#endif
