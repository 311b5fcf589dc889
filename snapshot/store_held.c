/*
 * See store_held.h.
 */
#include "store_held.h"

#include <string.h>

#include "core/mem.h"

enum { MAX_ITEMS = 8192 }; /* 640 KiB */

void rh_held_init(rh_held *held)
{
    memset(held, 0, sizeof *held);
    rh_buf_init_wiping(&held->bytes, RH_DICT_HOLD_BYTES + RH_PACK_MAX_PLAIN_BYTES);
}

void rh_held_done(rh_held *held)
{
    rh_buf_wipe_done(&held->bytes);
    rh_mem_free(held->items);
    held->items = NULL;
    held->count = 0;
    held->cap = 0;
}

void rh_held_clear(rh_held *held)
{
    /* Not kept: once the table's dictionary is decided nothing is held any more. */
    if (held->count > 0)
        rh_held_done(held);
}

static rh_status add(rh_held *held, const rh_held_item *item, rh_error *err)
{
    if (held->count == held->cap) {
        size_t cap = held->cap == 0 ? 64 : held->cap * 2;
        rh_held_item *items = rh_mem_rearray(held->items, cap, sizeof *items);

        if (items == NULL)
            return rh_error_oom(err);
        held->items = items;
        held->cap = cap;
    }
    held->items[held->count++] = *item;
    return RH_OK;
}

rh_status rh_held_add(rh_held *held, const rh_chunk *chunk, rh_error *err)
{
    const rh_held_item item = {chunk->id, {0, 0}, chunk->len, chunk->rows, chunk->kind};
    rh_status status = rh_buf_append(&held->bytes, chunk->data, chunk->len, err);

    if (status != RH_OK)
        return status;
    status = add(held, &item, err);
    if (status != RH_OK)
        held->bytes.len -= chunk->len;
    return status;
}

rh_status rh_held_add_ref(rh_held *held, const chunk_ref *ref, rh_error *err)
{
    const rh_held_item item = {{{0}}, *ref, 0, 0, RH_CHUNK_ROWS};

    return add(held, &item, err);
}

bool rh_held_full(const rh_held *held)
{
    return held->bytes.len >= RH_DICT_HOLD_BYTES || held->count >= MAX_ITEMS;
}

rh_status rh_held_lengths(const rh_held *held, size_t **out, size_t *out_count, rh_error *err)
{
    size_t *lengths = rh_mem_array(held->count, sizeof *lengths);
    size_t count = 0;

    if (lengths == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < held->count; i++)
        if (held->items[i].len > 0)
            lengths[count++] = held->items[i].len;
    *out = lengths;
    *out_count = count;
    return RH_OK;
}
