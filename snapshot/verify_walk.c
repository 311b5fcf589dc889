#include "verify_walk.h"

#include "chunk_list.h"
#include "core/cancel.h"
#include "core/mem.h"
#include "core/pool.h"
#include "fetch.h"
#include "fetch_blob.h"
#include "pack_cache.h"
#include "repo.h"

/* One table of the manifest at hand. */
typedef struct walk {
    rh_verify *v;
    const rh_stored_table *stored;
    rh_verify_table *table;
    int64_t chunk; /* number of the next one */
    bool odd;      /* the range at hand is read on its own, its marks do not add up */
} walk;

/* ---- one bad chunk ---- */

static rh_status read_again(rh_verify *v, const rh_pack *pack, uint32_t entry, rh_error *why)
{
    uint32_t dictionary = rh_pack_get_header(pack)->dictionary;
    rh_pack_decoder *decoder = rh_pack_decoder_new();
    rh_buf stored = RH_BUF_INIT_WIPING;
    const rh_dict *dict = NULL;
    const uint8_t *plain = NULL;
    rh_status status = decoder == NULL ? rh_error_oom(why) : RH_OK;

    if (status == RH_OK)
        status = rh_pack_read_stored(pack, entry, 1, &stored, why);
    if (status == RH_OK)
        status = rh_pack_check_stored(pack, entry, stored.data, why);
    if (status == RH_OK && dictionary != 0)
        status = rh_dicts_get(rh_repo_dicts(v->repo), dictionary, NULL, &dict, why);
    if (status == RH_OK)
        status = rh_pack_decode(pack, entry, stored.data, dict, decoder, &plain, why);
    if (status == RH_OK)
        status = rh_error_set(why, RH_EIO, "the first attempt to read it failed");
    rh_dicts_put(rh_repo_dicts(v->repo), dict);
    rh_buf_wipe_done(&stored);
    rh_pack_decoder_free(decoder);
    return status;
}

rh_status rh_verify_name_bad(rh_verify *v, const rh_damage_place *place, uint32_t entry,
                             rh_error *err)
{
    rh_pack_cache *cache = rh_repo_packs(v->repo);
    rh_error why = RH_ERROR_INIT;
    rh_pack *pack = NULL;
    rh_status status;

    if (rh_damage_full(v->damage)) /* only counted from here on: no need to know more */
        return rh_damage_add(v->damage, place, err, "the stored bytes are damaged");
    status = rh_pack_cache_get(cache, place->pack, &pack, &why);
    if (status == RH_OK)
        status = read_again(v, pack, entry, &why);
    rh_pack_cache_put(cache, pack);
    return status == RH_OK ? RH_OK : rh_damage_take(v->damage, place, &why, err);
}

/* ---- marks ---- */

static rh_status take_mark(walk *w, rh_verify_mark *mark, const rh_chunk_run *run, uint32_t i,
                           rh_error *err)
{
    const rh_damage_place place = {w->v->snapshot->id, w->stored->table->full_name, w->chunk,
                                   rh_manifest_pack(w->v->manifest, run->pack)};
    unsigned char state = atomic_load(&mark->state);

    if (state == RH_VERIFY_BAD) {
        w->table->incomplete = true;
        atomic_store(&mark->reported, true);
        return rh_verify_name_bad(w->v, &place, run->first + i, err);
    }
    if (w->odd)
        return RH_OK;
    if (state == RH_VERIFY_GOOD) {
        rh_u128_add(&w->table->row_hash, mark->row_hash);
        return RH_OK;
    }
    w->table->incomplete = true;
    return rh_damage_add(w->v->damage, &place, err, "the chunk is not a run of whole rows");
}

static rh_status walk_run(walk *w, const rh_chunk_run *run, rh_error *err)
{
    size_t index = w->v->pack_of[run->pack];
    const rh_verify_pack *pack = &w->v->packs[index];
    const rh_damage_place place = {w->v->snapshot->id, w->stored->table->full_name, w->chunk,
                                   rh_manifest_pack(w->v->manifest, run->pack)};
    bool here = index >= w->v->group_from && index < w->v->group_to;
    rh_status status = RH_OK;

    if (pack->bad || !here || (uint64_t)run->first + run->count > pack->entries) {
        w->table->incomplete = w->table->incomplete || here;
        w->chunk += run->count;
    } else if (pack->unread) {
        w->table->incomplete = true;
        w->chunk += run->count;
        status = rh_damage_add(w->v->damage, &place, err,
                               "%lu chunks from here on are lost with their pack",
                               (unsigned long)run->count);
    } else {
        for (uint32_t i = 0; status == RH_OK && i < run->count; i++) {
            status = take_mark(w, &w->v->marks[pack->first_mark + run->first + i], run, i, err);
            w->chunk++;
        }
    }
    return status;
}

static rh_status walk_range(walk *w, const rh_stored_range *range, rh_error *err)
{
    size_t packs = rh_manifest_pack_count(w->v->manifest);
    int64_t first_chunk = w->chunk;
    rh_error why = RH_ERROR_INIT;
    rh_buf list = RH_BUF_INIT;
    size_t at = 0;
    rh_status status = rh_fetch_list(w->v->repo, w->v->manifest, range, &list, &why);

    while (status == RH_OK) {
        rh_chunk_run run;

        status = rh_chunk_list_next(list.data, list.len, &at, packs, &run, &why);
        if (status == RH_OK)
            status = walk_run(w, &run, &why);
    }
    rh_buf_done(&list);
    w->chunk = first_chunk + range->chunks;
    if (status == RH_DONE)
        return RH_OK;
    if (why.code == RH_ENOMEM || why.code == RH_ECANCELED)
        return rh_error_set(err, why.code, "%s", why.text);
    w->table->incomplete = true; /* the lists step has named it */
    return RH_OK;
}

/* ---- ranges that are read on their own, and the end ---- */

static rh_status read_odd_range(walk *w, size_t number, rh_error *err)
{
    const rh_damage_place place = {w->v->snapshot->id, w->stored->table->full_name, -1, NULL};
    rh_error why = RH_ERROR_INIT;
    rh_fetch *fetch = NULL;
    rh_status status =
        rh_fetch_open(w->v->repo, w->v->manifest, w->stored, number, 1, &fetch, &why);

    while (status == RH_OK) {
        const uint8_t *data;
        size_t len;
        int64_t rows;

        status = rh_cancel_check(rh_repo_cancel(w->v->repo), &why);
        if (status == RH_OK)
            status = rh_fetch_next(fetch, &data, &len, &rows, &why);
    }
    if (status == RH_DONE) {
        rh_u128_add(&w->table->row_hash, rh_fetch_row_hash(fetch));
        status = RH_OK;
    } else {
        w->table->incomplete = true;
        status = rh_damage_take(w->v->damage, &place, &why, err);
    }
    rh_fetch_free(fetch);
    return status;
}

static rh_status finish_table(walk *w, rh_error *err)
{
    const rh_damage_place place = {w->v->snapshot->id, w->stored->table->full_name, -1, NULL};
    const rh_u128 *found = &w->table->row_hash;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < w->stored->range_count; i++) {
        if (!w->table->incomplete && w->v->snapshot->odd[w->table->first_range + i])
            status = read_odd_range(w, i, err);
    }
    if (status != RH_OK || w->table->incomplete ||
        (found->low == w->stored->row_hash.low && found->high == w->stored->row_hash.high))
        return status;
    return rh_damage_add(w->v->damage, &place, err,
                         "the row hash differs from the manifest's although every chunk is proved");
}

static rh_status walk_table(rh_verify *v, size_t index, rh_error *err)
{
    walk w = {v, rh_manifest_table(v->manifest, index), &v->snapshot->tables[index], 0, false};
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < w.stored->range_count; i++) {
        w.odd = v->snapshot->odd[w.table->first_range + i] != 0;
        status = rh_cancel_check(rh_repo_cancel(v->repo), err);
        if (status == RH_OK)
            status = walk_range(&w, &w.stored->ranges[i], err);
    }
    if (status == RH_OK && v->last_group)
        status = finish_table(&w, err);
    return status;
}

static rh_status walk_thread(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    rh_verify *v = ctx;
    rh_status status = RH_OK;

    (void)index;
    while (status == RH_OK && !rh_pool_stopping(pool)) {
        size_t at = atomic_fetch_add(&v->next, 1);

        if (at >= v->snapshot->table_count)
            break;
        status = walk_table(v, at, err);
    }
    return status;
}

rh_status rh_verify_walk(rh_verify *v, rh_error *err)
{
    atomic_store(&v->next, 0);
    return rh_pool_run(rh_verify_threads(v, v->snapshot->table_count), walk_thread, v, err);
}
