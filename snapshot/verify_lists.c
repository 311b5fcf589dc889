/*
 * Third step of verify: the lists of every table range and section. Each reference must stand in
 * its pack and be of the right kind, and what the pack tables say must add up to what the manifest
 * says. Pack tables are proved by the pack's name, so no row is read here.
 */
#include "verify.h"

#include "chunk_list.h"
#include "core/cancel.h"
#include "core/mem.h"
#include "core/pool.h"
#include "core/progress.h"
#include "fetch.h"
#include "fetch_blob.h"
#include "pack_cache.h"
#include "repo.h"

/* Chunks of one table that are lost with one pack. */
typedef struct lost {
    uint64_t count;
    int64_t first;
} lost;

/* One table, or one section (table NULL), while its lists are walked. */
typedef struct walk {
    rh_verify *v;
    const char *table;
    int64_t chunk; /* number of the next one */
    uint64_t rows; /* of the range at hand */
    uint64_t bytes;
    uint64_t chunks;
    bool incomplete; /* something of the range is missing */
    bool odd;        /* the range has a long row whose pieces do not follow each other in a pack */
    lost *lost;      /* by ordinal; made when the first loss is met */
} walk;

enum { ROWS_KINDS = 1 << RH_CHUNK_ROWS | 1 << RH_CHUNK_PART };

static rh_damage_place place_of(const walk *w, int64_t chunk, uint32_t ordinal)
{
    return (rh_damage_place){w->v->snapshot->id, w->table, chunk,
                             rh_manifest_pack(w->v->manifest, ordinal)};
}

static rh_status lose(walk *w, const rh_chunk_run *run, rh_error *err)
{
    if (w->lost == NULL)
        w->lost = rh_mem_array(rh_manifest_pack_count(w->v->manifest), sizeof *w->lost);
    if (w->lost == NULL)
        return rh_error_oom(err);
    if (w->lost[run->pack].count == 0)
        w->lost[run->pack].first = w->chunk;
    w->lost[run->pack].count += run->count;
    w->incomplete = true;
    return RH_OK;
}

static rh_status name_lost(walk *w, rh_error *err)
{
    rh_status status = RH_OK;

    if (w->lost == NULL)
        return RH_OK;
    for (uint32_t i = 0; status == RH_OK && i < rh_manifest_pack_count(w->v->manifest); i++) {
        const rh_damage_place place = place_of(w, w->lost[i].first, i);

        if (w->lost[i].count > 0)
            status = rh_damage_add(w->v->damage, &place, err,
                                   "%llu chunks are lost with their pack, this is the first",
                                   (unsigned long long)w->lost[i].count);
    }
    return status;
}

/* The run's entries against the pack's table. */
static rh_status check_entries(walk *w, const rh_chunk_run *run, const rh_pack_table *table,
                               unsigned kinds, rh_error *err)
{
    if ((uint64_t)run->first + run->count > table->count) {
        const rh_damage_place place = place_of(w, w->chunk, run->pack);

        w->incomplete = true;
        return rh_damage_add(w->v->damage, &place, err,
                             "a list names entries that its pack does not have");
    }
    for (uint32_t i = run->first; i < run->first + run->count; i++) {
        const rh_pack_entry *entry = &table->entries[i];

        if ((kinds & 1U << entry->kind) == 0) {
            const rh_damage_place place = place_of(w, w->chunk + (i - run->first), run->pack);

            w->incomplete = true;
            return rh_damage_add(w->v->damage, &place, err,
                                 "a list names an entry of another kind");
        }
        w->rows += entry->rows;
        w->bytes += entry->plain_bytes;
    }
    if ((run->first > 0 && table->entries[run->first - 1].kind == RH_CHUNK_PART) ||
        table->entries[run->first + run->count - 1].kind == RH_CHUNK_PART)
        w->odd = true;
    return RH_OK;
}

static rh_status check_run(walk *w, const rh_chunk_run *run, unsigned kinds, rh_error *err)
{
    const rh_verify_pack *known = &w->v->packs[w->v->pack_of[run->pack]];
    rh_pack_cache *cache = rh_repo_packs(w->v->repo);
    const rh_damage_place place = place_of(w, w->chunk, run->pack);
    rh_error why = RH_ERROR_INIT;
    rh_pack *pack = NULL;
    rh_status status = RH_OK;

    if (run->count == 0)
        return RH_OK;
    if (known->bad) {
        status = lose(w, run, err);
    } else {
        status = rh_pack_cache_get(cache, rh_manifest_pack(w->v->manifest, run->pack), &pack, &why);
        if (status != RH_OK)
            status = rh_damage_take(w->v->damage, &place, &why, err);
        else
            status = check_entries(w, run, rh_pack_get_table(pack), kinds, err);
        w->incomplete = w->incomplete || pack == NULL;
        rh_pack_cache_put(cache, pack);
    }
    /* A pack of two engines cannot tell what its rows look like. */
    if ((known->engines & (known->engines - 1)) != 0)
        w->odd = true;
    w->chunk += run->count;
    w->chunks += run->count;
    return status;
}

/* All runs of a list. */
static rh_status check_list(walk *w, const rh_buf *list, unsigned kinds, rh_error *err)
{
    size_t packs = rh_manifest_pack_count(w->v->manifest);
    rh_error why = RH_ERROR_INIT;
    rh_status status = RH_OK;
    size_t at = 0;

    while (status == RH_OK) {
        rh_chunk_run run;

        status = rh_chunk_list_next(list->data, list->len, &at, packs, &run, &why);
        if (status == RH_OK)
            status = check_run(w, &run, kinds, err);
        else if (status != RH_DONE) {
            const rh_damage_place place = {w->v->snapshot->id, w->table, w->chunk, NULL};

            w->incomplete = true;
            return rh_damage_take(w->v->damage, &place, &why, err);
        }
    }
    return status == RH_DONE ? RH_OK : status;
}

/* Where a list stands, without looking inside: all that can be said without a key. */
static rh_status check_reference(walk *w, const rh_chunk_run *run, rh_error *err)
{
    walk alone = {.v = w->v, .table = w->table};
    rh_status status = check_run(&alone, run, 1U << RH_CHUNK_LIST, err);

    w->incomplete = w->incomplete || alone.incomplete;
    rh_mem_free(alone.lost);
    return status;
}

/* ---- tables ---- */

static rh_status compare_sums(walk *w, const rh_stored_range *range, size_t number, rh_error *err)
{
    const rh_damage_place place = {w->v->snapshot->id, w->table, -1, NULL};

    if (w->incomplete || (w->rows == (uint64_t)range->rows && w->bytes == (uint64_t)range->bytes &&
                          w->chunks == (uint64_t)range->chunks))
        return RH_OK;
    w->incomplete = true;
    return rh_damage_add(w->v->damage, &place, err,
                         "range %zu: its list has %llu rows in %llu bytes and %llu chunks, the "
                         "manifest says %lld, %lld and %lld",
                         number, (unsigned long long)w->rows, (unsigned long long)w->bytes,
                         (unsigned long long)w->chunks, (long long)range->rows,
                         (long long)range->bytes, (long long)range->chunks);
}

static rh_status check_range(walk *w, const rh_stored_range *range, size_t number, rh_error *err)
{
    const rh_chunk_run reference = {range->list_pack, range->list_first, range->list_count};
    int64_t first_chunk = w->chunk;
    rh_buf list = RH_BUF_INIT;
    rh_error why = RH_ERROR_INIT;
    rh_status status = RH_OK;

    w->rows = w->bytes = w->chunks = 0;
    w->incomplete = w->odd = false;
    if (!w->v->can_read)
        return reference.count == 0 ? RH_OK : check_reference(w, &reference, err);
    status = rh_fetch_list(w->v->repo, w->v->manifest, range, &list, &why);
    if (status != RH_OK) {
        rh_damage_place place = {w->v->snapshot->id, w->table, -1, NULL};

        if (reference.count > 0)
            place.pack = rh_manifest_pack(w->v->manifest, reference.pack);
        rh_error_where(&why, "list of range %zu", number);
        w->incomplete = true;
        status = rh_damage_take(w->v->damage, &place, &why, err);
    } else {
        status = check_list(w, &list, ROWS_KINDS, err);
        if (status == RH_OK)
            status = compare_sums(w, range, number, err);
    }
    rh_buf_done(&list);
    w->chunk = first_chunk + range->chunks; /* numbers go on as the manifest counts */
    return status;
}

static rh_status check_table(rh_verify *v, size_t index, rh_error *err)
{
    const rh_stored_table *stored = rh_manifest_table(v->manifest, index);
    rh_verify_table *table = &v->snapshot->tables[index];
    walk w = {.v = v, .table = stored->table->full_name};
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < stored->range_count; i++) {
        status = rh_cancel_check(rh_repo_cancel(v->repo), err);
        if (status == RH_OK)
            status = check_range(&w, &stored->ranges[i], i, err);
        table->incomplete = table->incomplete || w.incomplete;
        v->snapshot->odd[table->first_range + i] = w.odd;
    }
    if (status == RH_OK)
        status = name_lost(&w, err);
    rh_mem_free(w.lost);
    rh_progress_add(rh_repo_progress(v->repo), 0, 0, 1);
    return status;
}

static rh_status list_thread(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    rh_verify *v = ctx;
    rh_status status = RH_OK;

    (void)index;
    while (status == RH_OK && !rh_pool_stopping(pool)) {
        size_t at = atomic_fetch_add(&v->next, 1);

        if (at >= v->snapshot->table_count)
            break;
        status = check_table(v, at, err);
    }
    return status;
}

/* ---- sections ---- */

/* why is set when the list cannot be read, err when the search has to end. */
static rh_status check_section_list(walk *w, const rh_stored_section *section, rh_error *why,
                                    rh_error *err)
{
    const rh_chunk_run run = {section->list_pack, section->list_first, section->list_count};
    rh_buf list = RH_BUF_INIT;
    rh_status status = RH_OK;

    if (run.count == 0)
        return RH_OK;
    if (!w->v->can_read)
        return check_reference(w, &run, err);
    status = rh_fetch_blob(w->v->repo, w->v->manifest, &run, RH_CHUNK_LIST, &list, why);
    if (status == RH_OK)
        status = check_list(w, &list, 1U << RH_CHUNK_OBJECT, err);
    if (status == RH_OK)
        status = name_lost(w, err);
    rh_buf_done(&list);
    return status;
}

static rh_status check_section(rh_verify *v, const rh_stored_section *section, rh_error *err)
{
    rh_damage_place place = {v->snapshot->id, NULL, -1, NULL};
    rh_error why = RH_ERROR_INIT;
    walk w = {.v = v};
    rh_status status = check_section_list(&w, section, &why, err);

    if (status == RH_OK && !w.incomplete && v->can_read && v->level >= RH_VERIFY_DATA) {
        rh_buf text = RH_BUF_INIT_WIPING;

        status = rh_fetch_section(v->repo, v->manifest, section->name, &text, &why);
        rh_buf_wipe_done(&text);
    }
    rh_mem_free(w.lost);
    if (status == RH_OK || why.code == RH_OK)
        return status;
    if (section->list_count > 0)
        place.pack = rh_manifest_pack(v->manifest, section->list_pack);
    rh_error_where(&why, "section '%s'", section->name);
    return rh_damage_take(v->damage, &place, &why, err);
}

static rh_status check_manifest(rh_verify *v, rh_error *err)
{
    rh_status status = RH_OK;

    atomic_store(&v->next, 0);
    status = rh_pool_run(rh_verify_threads(v, v->snapshot->table_count), list_thread, v, err);
    for (size_t i = 0; status == RH_OK && i < rh_manifest_section_count(v->manifest); i++)
        status = check_section(v, rh_manifest_section(v->manifest, i), err);
    return status;
}

rh_status rh_verify_lists(rh_verify *v, rh_error *err)
{
    size_t tables = 0;

    for (size_t i = 0; i < v->snapshot_count; i++)
        tables += v->snapshots[i].table_count;
    rh_progress_stage(rh_repo_progress(v->repo), "lists", 0, 0, tables);
    return rh_verify_each(v, check_manifest, err);
}
