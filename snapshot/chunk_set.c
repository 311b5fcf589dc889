/*
 * See chunk_set.h. Ids are keyed hashes: their first bytes are as good as a hash of them.
 */
#include "chunk_set.h"

#include <string.h>

#include "core/bytes.h"
#include "core/mem.h"

enum { FIRST_CAP = 64 };

void rh_chunk_set_done(rh_chunk_set *set)
{
    rh_mem_free(set->items);
    rh_mem_free(set->index);
    memset(set, 0, sizeof *set);
}

void rh_chunk_set_clear(rh_chunk_set *set)
{
    if (set->count > 0)
        memset(set->index, 0, 2 * set->cap * sizeof *set->index);
    set->count = 0;
}

bool rh_chunk_set_full(const rh_chunk_set *set)
{
    return set->count >= RH_CHUNK_SET_MAX;
}

/* The slot that holds this chunk, or the free one where it belongs. */
static size_t slot_of(const rh_chunk_set *set, const rh_id *id, uint32_t rows, uint32_t kind)
{
    size_t mask = 2 * set->cap - 1;
    size_t at = (size_t)rh_get_u64(id->bytes) & mask;

    for (;; at = (at + 1) & mask) {
        const rh_chunk_item *item;

        if (set->index[at] == 0)
            return at;
        item = &set->items[set->index[at] - 1];
        if (item->rows == rows && item->kind == kind &&
            memcmp(item->id.bytes, id->bytes, RH_ID_BYTES) == 0)
            return at;
    }
}

static rh_status grow(rh_chunk_set *set, rh_error *err)
{
    size_t cap = set->cap == 0 ? FIRST_CAP : set->cap * 2;
    uint32_t *index = rh_mem_array(2 * cap, sizeof *index);
    rh_chunk_item *items;

    if (index == NULL)
        return rh_error_oom(err);
    items = rh_mem_rearray(set->items, cap, sizeof *items);
    if (items == NULL) {
        rh_mem_free(index);
        return rh_error_oom(err);
    }
    rh_mem_free(set->index);
    set->items = items;
    set->index = index;
    set->cap = cap;
    for (size_t i = 0; i < set->count; i++)
        index[slot_of(set, &items[i].id, items[i].rows, items[i].kind)] = (uint32_t)i + 1;
    return RH_OK;
}

rh_status rh_chunk_set_add(rh_chunk_set *set, const rh_chunk_item *item, rh_error *err)
{
    size_t at;

    if (rh_chunk_set_full(set))
        return RH_OK;
    if (set->count == set->cap) {
        rh_status status = grow(set, err);

        if (status != RH_OK)
            return status;
    }
    at = slot_of(set, &item->id, item->rows, item->kind);
    if (set->index[at] != 0)
        return RH_OK;
    set->items[set->count++] = *item;
    set->index[at] = (uint32_t)set->count;
    return RH_OK;
}

const rh_chunk_item *rh_chunk_set_find(const rh_chunk_set *set, const rh_id *id, uint32_t rows,
                                       rh_chunk_kind kind)
{
    size_t at;

    if (set->count == 0)
        return NULL;
    at = slot_of(set, id, rows, (uint32_t)kind);
    return set->index[at] == 0 ? NULL : &set->items[set->index[at] - 1];
}
