/*
 * Last step of verify: all bytes. Each pack is read once, front to back, by one thread; what was
 * found out about a chunk is left in its mark. Then the lists of all snapshots are walked over the
 * marks, which names the tables of bad chunks and adds up the row hashes.
 */
#include "verify.h"

#include "core/cancel.h"
#include "core/engine.h"
#include "core/mem.h"
#include "core/pool.h"
#include "core/progress.h"
#include "core/rows.h"
#include "pack_reader.h"
#include "repo.h"
#include "verify_walk.h"

static const size_t READ_BYTES = (size_t)4 << 20; /* of stored bytes at a time */

/* One thread's tools. */
typedef struct reading {
    rh_verify *v;
    rh_pack_decoder *decoder;
    rh_row_hasher *hasher;
    rh_batch_builder builder;
    rh_buf stored;
    rh_verify_mark *marks; /* of the pack at hand */
    rh_rows_format format; /* 0: not known, the pack serves two engines */
    bool in_long_row;      /* the hasher holds pieces of a row */
} reading;

static rh_status reading_init(reading *r, rh_verify *v, rh_error *err)
{
    *r = (reading){.v = v};
    rh_buf_init_wiping(&r->stored, 0);
    rh_batch_builder_init(&r->builder, 0);
    if (!v->can_read)
        return RH_OK;
    r->decoder = rh_pack_decoder_new();
    r->hasher = rh_row_hasher_new(rh_repo_row_secret(v->repo));
    return r->decoder == NULL || r->hasher == NULL ? rh_error_oom(err) : RH_OK;
}

static void reading_done(reading *r)
{
    rh_pack_decoder_free(r->decoder);
    rh_row_hasher_free(r->hasher);
    rh_batch_builder_done(&r->builder);
    rh_buf_wipe_done(&r->stored);
}

/* Hash of the whole rows in plain; a fragment when that is not what it is. */
static rh_status hash_rows(reading *r, const rh_pack_entry *entry, const uint8_t *plain,
                           rh_verify_mark *mark, rh_error *err)
{
    const uint8_t *secret = rh_repo_row_secret(r->v->repo);
    rh_error why = RH_ERROR_INIT;
    rh_batch batch = {0};
    size_t start = 0;
    rh_status status;

    atomic_store(&mark->state, RH_VERIFY_FRAGMENT);
    if (r->format == 0)
        return RH_OK;
    status = rh_rows_split(r->format, plain, entry->plain_bytes, &r->builder, &batch, &why);
    if (status == RH_ENOMEM)
        return rh_error_oom(err);
    if (status != RH_OK || batch.rows != entry->rows)
        return RH_OK;
    for (size_t i = 0; i < batch.rows; i++) {
        rh_u128_add(&mark->row_hash,
                    rh_hash_row(secret, batch.data + start, batch.ends[i] - start));
        start = batch.ends[i];
    }
    atomic_store(&mark->state, RH_VERIFY_GOOD);
    return RH_OK;
}

/* The row hash that an entry of proved content contributes. Pieces of a long row follow each other
 * in a pack, or the lists step has marked the range as odd. */
static rh_status hash_entry(reading *r, const rh_pack_entry *entry, const uint8_t *plain,
                            rh_verify_mark *mark, rh_error *err)
{
    atomic_store(&mark->state, RH_VERIFY_GOOD);
    if (entry->kind == RH_CHUNK_PART) {
        rh_row_hasher_add(r->hasher, plain, entry->plain_bytes);
        r->in_long_row = true;
        return RH_OK;
    }
    if (r->in_long_row) {
        r->in_long_row = false;
        rh_row_hasher_add(r->hasher, plain, entry->plain_bytes);
        mark->row_hash = rh_row_hasher_end(r->hasher);
        if (entry->kind != RH_CHUNK_ROWS || entry->rows != 1)
            atomic_store(&mark->state, RH_VERIFY_FRAGMENT);
        return RH_OK;
    }
    return entry->kind == RH_CHUNK_ROWS ? hash_rows(r, entry, plain, mark, err) : RH_OK;
}

static void forget_long_row(reading *r)
{
    if (r->in_long_row)
        (void)rh_row_hasher_end(r->hasher);
    r->in_long_row = false;
}

/* A bad chunk is named by the walk where it can be; here where there is no walk. */
static rh_status bad_entry(reading *r, const rh_pack *pack, size_t at, const rh_error *why,
                           rh_error *err)
{
    const rh_damage_place place = {NULL, NULL, (int64_t)at, rh_pack_get_name(pack)};

    if (why->code == RH_ENOMEM || why->code == RH_ECANCELED)
        return rh_error_set(err, why->code, "%s", why->text);
    atomic_store(&r->marks[at].state, RH_VERIFY_BAD);
    forget_long_row(r);
    if (r->v->can_read)
        return RH_OK;
    return rh_damage_take(r->v->damage, &place, why, err);
}

static rh_status check_entry(reading *r, const rh_pack *pack, const rh_dict *dict, size_t at,
                             const uint8_t *stored, rh_error *err)
{
    rh_error why = RH_ERROR_INIT;
    const uint8_t *plain = NULL;
    rh_status status = rh_pack_check_stored(pack, at, stored, &why);

    if (status == RH_OK && r->v->can_read)
        status = rh_pack_decode(pack, at, stored, dict, r->decoder, &plain, &why);
    if (status != RH_OK)
        return bad_entry(r, pack, at, &why, err);
    if (r->v->can_read)
        return hash_entry(r, &rh_pack_get_table(pack)->entries[at], plain, &r->marks[at], err);
    atomic_store(&r->marks[at].state, RH_VERIFY_GOOD);
    return RH_OK;
}

/* Number of entries from first on that fit one read. */
static size_t fitting(const rh_pack_table *table, size_t first)
{
    size_t count = 0;
    size_t bytes = 0;

    while (first + count < table->count) {
        bytes += table->entries[first + count].stored_bytes;
        if (count > 0 && bytes > READ_BYTES)
            break;
        count++;
    }
    return count;
}

static rh_status read_pack(reading *r, const rh_pack *pack, const rh_dict *dict, rh_error *err)
{
    const rh_pack_table *table = rh_pack_get_table(pack);
    rh_status status = RH_OK;

    for (size_t first = 0; status == RH_OK && first < table->count;) {
        size_t count = fitting(table, first);
        size_t offset = 0;

        status = rh_cancel_check(rh_repo_cancel(r->v->repo), err);
        if (status == RH_OK)
            status = rh_pack_read_stored(pack, first, count, &r->stored, err);
        for (size_t i = first; status == RH_OK && i < first + count; i++) {
            status = check_entry(r, pack, dict, i, r->stored.data + offset, err);
            offset += table->entries[i].stored_bytes;
        }
        rh_progress_add(rh_repo_progress(r->v->repo), offset, 0, 0);
        atomic_fetch_add(&r->v->bytes, offset);
        first += count;
    }
    return status;
}

/* The engines that name a pack tell what its rows look like. */
static rh_rows_format format_of(uint8_t engines)
{
    if (engines == 1U << RH_ENGINE_POSTGRESQL)
        return rh_engine_rows_format(RH_ENGINE_POSTGRESQL);
    if (engines == 1U << RH_ENGINE_SQLITE)
        return rh_engine_rows_format(RH_ENGINE_SQLITE);
    return (rh_rows_format)0;
}

static rh_status check_pack(reading *r, size_t index, rh_error *err)
{
    rh_verify *v = r->v;
    const char *name = v->names.names[index];
    const rh_damage_place place = {NULL, NULL, -1, name};
    rh_error why = RH_ERROR_INIT;
    const rh_dict *dict = NULL;
    rh_pack *pack = NULL;
    rh_status status = rh_pack_open(v->repo, name, &pack, &why);
    uint32_t dictionary = status == RH_OK ? rh_pack_get_header(pack)->dictionary : 0;

    if (status == RH_OK && dictionary != 0 && v->can_read)
        status = rh_dicts_get(rh_repo_dicts(v->repo), dictionary, NULL, &dict, &why);
    r->format = format_of(v->packs[index].engines);
    r->marks = v->marks + v->packs[index].first_mark;
    forget_long_row(r);
    if (status == RH_OK && rh_pack_get_table(pack)->count == v->packs[index].entries)
        status = read_pack(r, pack, dict, &why);
    rh_dicts_put(rh_repo_dicts(v->repo), dict);
    rh_pack_free(pack);
    if (status == RH_OK)
        return RH_OK;
    v->packs[index].unread = true;
    return rh_damage_take(v->damage, &place, &why, err);
}

static rh_status data_thread(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    rh_verify *v = ctx;
    reading r;
    rh_status status = reading_init(&r, v, err);

    (void)index;
    while (status == RH_OK && !rh_pool_stopping(pool)) {
        size_t at = atomic_fetch_add(&v->next, 1);

        if (at >= v->group_to)
            break;
        if (!v->packs[at].bad)
            status = check_pack(&r, at, err);
    }
    reading_done(&r);
    return status;
}

/* ---- groups ---- */

/* The next packs whose chunks fit the marks; at least one pack. */
static rh_status next_group(rh_verify *v, rh_error *err)
{
    size_t entries = 0;

    v->group_from = v->group_to;
    while (v->group_to < v->names.count) {
        rh_verify_pack *pack = &v->packs[v->group_to];

        if (v->group_to > v->group_from && entries + pack->entries > VERIFY_GROUP_ENTRIES)
            break;
        pack->first_mark = entries;
        entries += pack->entries;
        v->group_to++;
    }
    v->last_group = v->group_to == v->names.count;
    rh_mem_free(v->marks);
    v->marks = rh_mem_array(entries, sizeof *v->marks);
    return v->marks == NULL ? rh_error_oom(err) : RH_OK;
}

/* Bad chunks that no table claimed: of lists and sections, or of no snapshot at all. */
static rh_status name_orphans(rh_verify *v, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t p = v->group_from; status == RH_OK && p < v->group_to; p++) {
        for (uint32_t i = 0; status == RH_OK && i < v->packs[p].entries; i++) {
            const rh_damage_place place = {NULL, NULL, i, v->names.names[p]};
            rh_verify_mark *mark = &v->marks[v->packs[p].first_mark + i];

            if (atomic_load(&mark->state) == RH_VERIFY_BAD && !atomic_load(&mark->reported))
                status = rh_verify_name_bad(v, &place, i, err);
        }
    }
    return status;
}

static uint64_t all_bytes(const rh_verify *v)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < v->names.count; i++)
        bytes += v->packs[i].bad ? 0 : v->packs[i].bytes;
    return bytes;
}

rh_status rh_verify_data(rh_verify *v, rh_error *err)
{
    rh_status status = RH_OK;

    rh_progress_stage(rh_repo_progress(v->repo), "data", all_bytes(v), 0, 0);
    v->group_to = 0;
    do {
        status = next_group(v, err);
        atomic_store(&v->next, v->group_from);
        if (status == RH_OK)
            status =
                rh_pool_run(rh_verify_threads(v, v->group_to - v->group_from), data_thread, v, err);
        if (status == RH_OK && v->can_read)
            status = rh_verify_each(v, rh_verify_walk, err);
        if (status == RH_OK && v->can_read && v->all)
            status = name_orphans(v, err);
    } while (status == RH_OK && !v->last_group);
    return status;
}
