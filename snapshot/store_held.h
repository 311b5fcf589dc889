/*
 * Chunks of a range that wait, in order, for the table's dictionary.
 */
#ifndef SNAPSHOT_STORE_HELD_H
#define SNAPSHOT_STORE_HELD_H

#include "store_internal.h"

/** A chunk with len bytes in `bytes`, or (len 0) a reference to one that is stored. */
typedef struct rh_held_item {
    rh_id id;
    chunk_ref ref;
    size_t len;
    uint32_t rows;
    rh_chunk_kind kind;
} rh_held_item;

typedef struct rh_held {
    rh_buf bytes; /* of all held chunks */
    rh_held_item *items;
    size_t count;
    size_t cap;
} rh_held;

void rh_held_init(rh_held *held);
void rh_held_done(rh_held *held); /* wipes */
void rh_held_clear(rh_held *held);
rh_status rh_held_add(rh_held *held, const rh_chunk *chunk, rh_error *err) RH_MUST_CHECK;
rh_status rh_held_add_ref(rh_held *held, const chunk_ref *ref, rh_error *err) RH_MUST_CHECK;
/** Enough to train on, or as much as memory allows. */
bool rh_held_full(const rh_held *held);
/** Lengths of the held chunks, references left out. Free with rh_mem_free. */
rh_status rh_held_lengths(const rh_held *held, size_t **out, size_t *out_count,
                          rh_error *err) RH_MUST_CHECK;

#endif
