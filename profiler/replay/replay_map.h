/*
 * Two containers of the scheduler: a map from numbers to pointers, and a heap of pointers by key.
 */
#ifndef REPLAY_MAP_H
#define REPLAY_MAP_H

#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

typedef struct rp_map_slot {
    uint64_t key;
    void *value; /* NULL: free */
} rp_map_slot;

/** Zero-initialised is empty. Values are the caller's. */
typedef struct rp_map {
    rp_map_slot *slots;
    size_t cap; /* power of two */
    size_t count;
} rp_map;

void *rp_map_get(const rp_map *map, uint64_t key);
rh_status rp_map_put(rp_map *map, uint64_t key, void *value, rh_error *err) RH_MUST_CHECK;
void rp_map_done(rp_map *map);

typedef struct rp_heap_entry {
    int64_t key;
    uint64_t tie; /* equal keys: the smaller first */
    void *value;
} rp_heap_entry;

/** Smallest key first. Zero-initialised is empty. */
typedef struct rp_heap {
    rp_heap_entry *entries;
    size_t count;
    size_t cap;
} rp_heap;

/** Make room for count entries in all: adding up to that many does not fail. */
rh_status rp_heap_reserve(rp_heap *heap, size_t count, rh_error *err) RH_MUST_CHECK;
void rp_heap_add(rp_heap *heap, int64_t key, uint64_t tie, void *value);
/** NULL when empty. */
const rp_heap_entry *rp_heap_top(const rp_heap *heap);
void *rp_heap_take(rp_heap *heap);
void rp_heap_done(rp_heap *heap);

#endif
