#include "replay_map.h"

#include <assert.h>

#include "core/mem.h"

enum { FIRST_SLOTS = 64 };

/* ---- map ---- */

static size_t home(uint64_t key, size_t cap)
{
    return (size_t)(key * 0x9e3779b97f4a7c15U >> 20) & (cap - 1);
}

static rp_map_slot *find(rp_map_slot *slots, size_t cap, uint64_t key)
{
    size_t at = home(key, cap);

    while (slots[at].value != NULL && slots[at].key != key)
        at = (at + 1) & (cap - 1);
    return &slots[at];
}

void *rp_map_get(const rp_map *map, uint64_t key)
{
    return map->cap == 0 ? NULL : find(map->slots, map->cap, key)->value;
}

static rh_status grow(rp_map *map, rh_error *err)
{
    size_t cap = map->cap == 0 ? FIRST_SLOTS : map->cap * 2;
    rp_map_slot *slots = rh_mem_array(cap, sizeof *slots);

    if (slots == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < map->cap; i++) {
        if (map->slots[i].value != NULL)
            *find(slots, cap, map->slots[i].key) = map->slots[i];
    }
    rh_mem_free(map->slots);
    map->slots = slots;
    map->cap = cap;
    return RH_OK;
}

rh_status rp_map_put(rp_map *map, uint64_t key, void *value, rh_error *err)
{
    rh_status status = map->count * 2 >= map->cap ? grow(map, err) : RH_OK;
    rp_map_slot *slot;

    if (status != RH_OK)
        return status;
    slot = find(map->slots, map->cap, key);
    map->count += slot->value == NULL;
    slot->key = key;
    slot->value = value;
    return RH_OK;
}

void rp_map_done(rp_map *map)
{
    rh_mem_free(map->slots);
    map->slots = NULL;
    map->cap = 0;
    map->count = 0;
}

/* ---- heap ---- */

rh_status rp_heap_reserve(rp_heap *heap, size_t count, rh_error *err)
{
    size_t cap = heap->cap == 0 ? FIRST_SLOTS : heap->cap;
    rp_heap_entry *entries;

    if (count <= heap->cap)
        return RH_OK;
    while (cap < count)
        cap *= 2;
    entries = rh_mem_rearray(heap->entries, cap, sizeof *entries);
    if (entries == NULL)
        return rh_error_oom(err);
    heap->entries = entries;
    heap->cap = cap;
    return RH_OK;
}

static int before(const rp_heap_entry *a, const rp_heap_entry *b)
{
    return a->key != b->key ? a->key < b->key : a->tie < b->tie;
}

void rp_heap_add(rp_heap *heap, int64_t key, uint64_t tie, void *value)
{
    const rp_heap_entry entry = {key, tie, value};
    size_t at = heap->count++;

    assert(heap->count <= heap->cap);
    while (at > 0 && before(&entry, &heap->entries[(at - 1) / 2])) {
        heap->entries[at] = heap->entries[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap->entries[at] = entry;
}

const rp_heap_entry *rp_heap_top(const rp_heap *heap)
{
    return heap->count == 0 ? NULL : &heap->entries[0];
}

void *rp_heap_take(rp_heap *heap)
{
    void *value = heap->entries[0].value;
    const rp_heap_entry last = heap->entries[--heap->count];
    size_t at = 0;

    for (;;) {
        size_t child = at * 2 + 1;

        if (child + 1 < heap->count && before(&heap->entries[child + 1], &heap->entries[child]))
            child++;
        if (child >= heap->count || !before(&heap->entries[child], &last))
            break;
        heap->entries[at] = heap->entries[child];
        at = child;
    }
    heap->entries[at] = last;
    return value;
}

void rp_heap_done(rp_heap *heap)
{
    rh_mem_free(heap->entries);
    heap->entries = NULL;
    heap->count = 0;
    heap->cap = 0;
}
