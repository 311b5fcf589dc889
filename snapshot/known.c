/*
 * Invariants
 *   1. `older` and `newer` hold neighbouring parts of last night's chunks, `fresh` what this range
 *      stored; each is bounded, so a chunk may be forgotten, and is then stored once more.
 *   2. A source is a pack by name; it gets an ordinal in the new manifest when a chunk of it is
 * first referenced, not before.
 */
#include "known.h"

#include <string.h>

#include "chunk_set.h"
#include "core/mem.h"
#include "fetch_blob.h"
#include "pack_cache.h"

enum {
    NO_ORDINAL = -1,
    UNUSABLE = -2,
};

/* A pack that known chunks stand in. */
typedef struct source {
    const char *name; /* borrowed: last manifest's or an orphan's */
    int64_t ordinal;
} source;

struct rh_known {
    rh_store *store;
    rh_chunk_set older;
    rh_chunk_set newer;
    rh_chunk_set fresh;
    source *sources;
    size_t source_count;
    size_t source_cap;
    /* What is still to be loaded: ranges' lists, then orphans. */
    const store_table *table;
    rh_range range;
    size_t next_range;
    rh_buf list;
    size_t list_at;
    size_t next_orphan;
    rh_chunk_run run; /* left of the open run; pack is a source here */
    size_t misses;    /* in a row */
    size_t hits;      /* in `newer` since the window moved */
    bool all_loaded;
};

rh_known *rh_known_new(rh_store *store)
{
    rh_known *known = rh_mem_zalloc(sizeof *known);

    if (known != NULL)
        known->store = store;
    return known;
}

void rh_known_free(rh_known *known)
{
    if (known == NULL)
        return;
    rh_chunk_set_done(&known->older);
    rh_chunk_set_done(&known->newer);
    rh_chunk_set_done(&known->fresh);
    rh_buf_done(&known->list);
    rh_mem_free(known->sources);
    rh_mem_free(known);
}

/* ---- what there is to load ---- */

static rh_status add_source(rh_known *known, const char *name, uint32_t *out, rh_error *err)
{
    for (size_t i = known->source_count; i > 0; i--)
        if (strcmp(known->sources[i - 1].name, name) == 0) {
            *out = (uint32_t)(i - 1);
            return RH_OK;
        }
    if (known->source_count == known->source_cap) {
        size_t cap = known->source_cap == 0 ? 8 : known->source_cap * 2;
        source *sources = rh_mem_rearray(known->sources, cap, sizeof *sources);

        if (sources == NULL)
            return rh_error_oom(err);
        known->sources = sources;
        known->source_cap = cap;
    }
    *out = (uint32_t)known->source_count;
    known->sources[known->source_count++] = (source){name, NO_ORDINAL};
    return RH_OK;
}

static bool overlaps(const rh_range *range, int64_t from, int64_t to)
{
    return range->from < to && from < range->to;
}

/* Damage of what was stored earlier is no reason to fail: it is stored again. */
static rh_status forgive(rh_status status, rh_error *err)
{
    if (status != RH_EFORMAT && status != RH_ENOTFOUND && status != RH_EKEY)
        return status;
    rh_error_clear(err);
    return RH_SKIPPED;
}

/* Load the list of the next overlapping range. RH_DONE when there is none. */
static rh_status next_list(rh_known *known, rh_error *err)
{
    const rh_stored_table *last = known->table == NULL ? NULL : known->table->last;

    rh_buf_clear(&known->list);
    known->list_at = 0;
    while (last != NULL && known->next_range < last->range_count) {
        const rh_stored_range *range = &last->ranges[known->next_range++];
        rh_error local = RH_ERROR_INIT;
        rh_status status;

        if (!overlaps(&known->range, range->from, range->to))
            continue;
        status = forgive(
            rh_fetch_list(known->store->repo, known->store->last, range, &known->list, &local),
            &local);
        if (status == RH_OK)
            return RH_OK;
        rh_buf_clear(&known->list);
        if (status != RH_SKIPPED) {
            if (err != NULL)
                *err = local;
            return status;
        }
    }
    return RH_DONE;
}

static rh_status next_list_run(rh_known *known, rh_error *err)
{
    const rh_manifest *last = known->store->last;
    rh_chunk_run run;

    for (;;) {
        rh_status status = RH_DONE;

        if (last != NULL)
            status = rh_chunk_list_next(known->list.data, known->list.len, &known->list_at,
                                        rh_manifest_pack_count(last), &run, NULL);
        if (status == RH_OK) {
            known->run = run;
            return add_source(known, rh_manifest_pack(last, run.pack), &known->run.pack, err);
        }
        /* The end of this list, or damage in it. */
        status = next_list(known, err);
        if (status != RH_OK)
            return status;
    }
}

static rh_status next_orphan_run(rh_known *known, rh_error *err)
{
    const rh_store *store = known->store;

    while (known->table != NULL && known->next_orphan < store->orphan_count) {
        const store_orphan *orphan = &store->orphans[known->next_orphan++];

        if (memcmp(orphan->span.table, known->table->key, RH_PACK_SPAN_KEY_BYTES) != 0)
            break;
        if (!overlaps(&known->range, orphan->span.from, orphan->span.to))
            continue;
        known->run = (rh_chunk_run){0, orphan->span.first, orphan->span.count};
        return add_source(known, store->orphan_names[orphan->pack], &known->run.pack, err);
    }
    return RH_DONE;
}

/* ---- loading ---- */

/* As much of the open run as fits; the run shrinks by it. */
static rh_status load_run(rh_known *known, rh_chunk_set *into, rh_error *err)
{
    rh_pack_cache *packs = rh_repo_packs(known->store->repo);
    rh_chunk_run *run = &known->run;
    const rh_pack_table *table;
    rh_pack *pack = NULL;
    rh_error local = RH_ERROR_INIT;
    rh_status status =
        forgive(rh_pack_cache_get(packs, known->sources[run->pack].name, &pack, &local), &local);

    if (status != RH_OK) {
        run->count = 0;
        if (status != RH_SKIPPED && err != NULL)
            *err = local;
        return status == RH_SKIPPED ? RH_OK : status;
    }
    table = rh_pack_get_table(pack);
    if (run->first >= table->count || run->count > table->count - run->first)
        run->count = 0;
    while (status == RH_OK && run->count > 0 && !rh_chunk_set_full(into)) {
        const rh_pack_entry *entry = &table->entries[run->first];
        const rh_chunk_item item = {entry->id, run->pack, run->first, entry->rows,
                                    (uint32_t)entry->kind};

        status = rh_chunk_set_add(into, &item, err);
        run->first++;
        run->count--;
    }
    rh_pack_cache_put(packs, pack);
    return status;
}

static rh_status load(rh_known *known, rh_chunk_set *into, rh_error *err)
{
    rh_status status = RH_OK;

    while (status == RH_OK && !known->all_loaded && !rh_chunk_set_full(into)) {
        if (known->run.count == 0) {
            status = next_list_run(known, err);
            if (status == RH_DONE)
                status = next_orphan_run(known, err);
            if (status == RH_DONE) {
                known->all_loaded = true;
                status = RH_OK;
            }
        } else {
            status = load_run(known, into, err);
        }
    }
    return status;
}

static rh_status move_window(rh_known *known, rh_error *err)
{
    rh_chunk_set empty = known->older;

    known->older = known->newer;
    known->newer = empty;
    rh_chunk_set_clear(&known->newer);
    known->misses = 0;
    known->hits = 0;
    return load(known, &known->newer, err);
}

/* ---- ranges ---- */

static size_t first_orphan(const rh_store *store, const store_table *table)
{
    size_t low = 0;
    size_t high = store->orphan_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (memcmp(store->orphans[middle].span.table, table->key, RH_PACK_SPAN_KEY_BYTES) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void forget(rh_known *known)
{
    rh_chunk_set_clear(&known->older);
    rh_chunk_set_clear(&known->newer);
    rh_chunk_set_clear(&known->fresh);
    known->source_count = 0;
    known->table = NULL;
    known->next_range = 0;
    known->next_orphan = 0;
    known->list_at = 0;
    known->run.count = 0;
    known->misses = 0;
    known->hits = 0;
    known->all_loaded = false;
    rh_buf_clear(&known->list);
}

rh_status rh_known_begin(rh_known *known, const store_table *table, const rh_range *range,
                         rh_error *err)
{
    rh_status status;

    forget(known);
    known->table = table;
    known->range = *range;
    known->next_orphan = first_orphan(known->store, table);
    status = load(known, &known->older, err);
    if (status == RH_OK)
        status = load(known, &known->newer, err);
    return status;
}

rh_status rh_known_begin_list(rh_known *known, rh_buf *list, rh_error *err)
{
    rh_status status;

    forget(known);
    rh_buf_done(&known->list);
    known->list = *list;
    rh_buf_init(list, 0);
    status = load(known, &known->older, err);
    if (status == RH_OK)
        status = load(known, &known->newer, err);
    return status;
}

/* ---- questions ---- */

static rh_status ordinal_of(rh_known *known, uint32_t source_index, uint32_t *out, rh_error *err)
{
    source *from = &known->sources[source_index];

    if (from->ordinal == NO_ORDINAL) {
        uint32_t ordinal = 0;
        rh_status status = rh_store_refer_pack(known->store, from->name, &ordinal, err);

        if (status < 0)
            return status;
        from->ordinal = status == RH_SKIPPED ? UNUSABLE : (int64_t)ordinal;
    }
    if (from->ordinal == UNUSABLE)
        return RH_SKIPPED;
    *out = (uint32_t)from->ordinal;
    return RH_OK;
}

rh_status rh_known_find(rh_known *known, const rh_id *id, uint32_t rows, rh_chunk_kind kind,
                        chunk_ref *out, rh_error *err)
{
    const rh_chunk_item *item;
    rh_status status;

    /* Go on when the rows reached the newer part, or when nothing matches any more: rows that
     * were there last night are gone. */
    if (!known->all_loaded &&
        (known->hits >= RH_CHUNK_SET_MAX / 4 || known->misses >= RH_CHUNK_SET_MAX)) {
        status = move_window(known, err);
        if (status != RH_OK)
            return status;
    }
    item = rh_chunk_set_find(&known->fresh, id, rows, kind);
    if (item != NULL) {
        *out = (chunk_ref){item->source, item->entry};
        return RH_OK;
    }
    item = rh_chunk_set_find(&known->newer, id, rows, kind);
    if (item != NULL)
        known->hits++;
    else
        item = rh_chunk_set_find(&known->older, id, rows, kind);
    known->misses = item == NULL ? known->misses + 1 : 0;
    if (item == NULL)
        return RH_SKIPPED;
    status = ordinal_of(known, item->source, &out->pack, err);
    if (status == RH_OK)
        out->entry = item->entry;
    return status;
}

rh_status rh_known_add(rh_known *known, const rh_chunk *chunk, const chunk_ref *ref, rh_error *err)
{
    const rh_chunk_item item = {chunk->id, ref->pack, ref->entry, chunk->rows,
                                (uint32_t)chunk->kind};

    if (rh_chunk_set_full(&known->fresh))
        rh_chunk_set_clear(&known->fresh);
    return rh_chunk_set_add(&known->fresh, &item, err);
}
