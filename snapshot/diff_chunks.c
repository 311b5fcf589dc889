/*
 * Both sides' runs become events on one axis (pack name, entry); a sweep counts on how many entries
 * both sides stand.
 */
#include "diff_chunks.h"

#include <stdlib.h>
#include <string.h>

#include "chunk_list.h"
#include "core/mem.h"
#include "fetch_blob.h"

typedef struct event {
    const char *pack; /* name; borrowed from a manifest */
    uint32_t entry;
    int8_t change_a; /* +1 where a run of a begins, -1 behind its end */
    int8_t change_b;
} event;

typedef struct events {
    event *items;
    size_t count;
    size_t cap;
} events;

static rh_status add_event(events *list, const event *item, rh_error *err)
{
    if (list->count == list->cap) {
        size_t cap = list->cap == 0 ? 256 : list->cap * 2;
        event *grown = rh_mem_rearray(list->items, cap, sizeof *grown);

        if (grown == NULL)
            return rh_error_oom(err);
        list->items = grown;
        list->cap = cap;
    }
    list->items[list->count++] = *item;
    return RH_OK;
}

static rh_status add_run(events *list, const rh_manifest *manifest, const rh_chunk_run *run,
                         bool is_a, rh_error *err)
{
    event at = {rh_manifest_pack(manifest, run->pack), run->first, is_a ? 1 : 0, is_a ? 0 : 1};
    rh_status status = add_event(list, &at, err);

    at.entry += run->count;
    at.change_a = (int8_t)-at.change_a;
    at.change_b = (int8_t)-at.change_b;
    if (status == RH_OK)
        status = add_event(list, &at, err);
    return status;
}

static rh_status add_table(events *list, rh_repo *repo, const rh_diff_side *side, bool is_a,
                           rh_error *err)
{
    const rh_manifest *manifest = side->manifest;
    const rh_stored_table *table = side->table;
    rh_buf bytes = RH_BUF_INIT;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < table->range_count; i++) {
        rh_chunk_run run;
        size_t at = 0;

        rh_buf_clear(&bytes);
        status = rh_fetch_list(repo, manifest, &table->ranges[i], &bytes, err);
        while (status == RH_OK) {
            status = rh_chunk_list_next(bytes.data, bytes.len, &at,
                                        rh_manifest_pack_count(manifest), &run, err);
            if (status == RH_OK)
                status = add_run(list, manifest, &run, is_a, err);
        }
        if (status == RH_DONE)
            status = RH_OK;
    }
    rh_buf_done(&bytes);
    return status;
}

static int by_place(const void *a, const void *b)
{
    const event *x = a;
    const event *y = b;
    int order = strcmp(x->pack, y->pack);

    if (order != 0)
        return order;
    return (x->entry > y->entry) - (x->entry < y->entry);
}

static uint64_t sweep(const events *list)
{
    uint64_t shared = 0;
    int64_t depth_a = 0;
    int64_t depth_b = 0;

    for (size_t i = 0; i < list->count; i++) {
        const event *e = &list->items[i];
        int64_t both;

        depth_a += e->change_a;
        depth_b += e->change_b;
        both = depth_a < depth_b ? depth_a : depth_b;
        if (both > 0) /* then a run is open, so the next event is in the same pack */
            shared += (uint64_t)both * (list->items[i + 1].entry - e->entry);
    }
    return shared;
}

rh_status rh_diff_shared_chunks(rh_repo *repo, const rh_diff_side *a, const rh_diff_side *b,
                                uint64_t *out, rh_error *err)
{
    events list = {0};
    rh_status status = add_table(&list, repo, a, true, err);

    if (status == RH_OK)
        status = add_table(&list, repo, b, false, err);
    if (status == RH_OK) {
        if (list.count > 0)
            qsort(list.items, list.count, sizeof *list.items, by_place);
        *out = sweep(&list);
    }
    rh_mem_free(list.items);
    return status;
}
