/*
 * Reading the rows of a table back.
 *
 * Invariants
 *   1. A chunk is handed out only after its id (pack_decoder.c) and its row count were proved.
 *   2. A range ends well only with the manifest's number of rows, bytes and chunks.
 *   3. A long row's pieces follow each other; its last piece is a chunk of kind "rows" with one
 * row.
 *
 *   range_open -> { run_open -> { window_read -> chunk* }* }* -> range_close -> next range
 */
#include "fetch.h"

#include <string.h>

#include "chunk_list.h"
#include "core/mem.h"
#include "fetch_blob.h"
#include "pack_cache.h"

enum { WINDOW_BYTES = 2 * 1024 * 1024 }; /* of stored bytes in one read */

struct rh_fetch {
    rh_repo *repo;
    const rh_manifest *manifest;
    const rh_stored_table *table;
    rh_rows_format format;
    size_t next_range; /* one past the open one */
    size_t end_range;
    bool in_range;
    rh_buf list;
    size_t list_at;
    rh_chunk_run run; /* what is left of the open run; count 0: none */
    rh_pack *pack;    /* of the open run */
    const rh_dict *dict;
    rh_buf window; /* stored bytes of entries [window_first, window_first + window_count) */
    size_t window_first;
    size_t window_count;
    rh_pack_decoder *decoder;
    rh_batch_builder rows_split;
    rh_row_hasher *long_row;
    bool in_long_row;
    int64_t range_rows, range_bytes, range_chunks;
    rh_u128 row_hash;
    int64_t rows;
};

/* NOLINTNEXTLINE(readability-function-size): what to read takes five, then result and error */
rh_status rh_fetch_open(rh_repo *repo, const rh_manifest *manifest, const rh_stored_table *table,
                        size_t first, size_t count, rh_fetch **out, rh_error *err)
{
    rh_fetch *fetch;
    const uint8_t *secret = rh_repo_row_secret(repo);

    if (secret == NULL || !rh_repo_can_read(repo)) {
        rh_error_set(err, RH_EKEY, "the repository is sealed and no reader key was given");
        rh_error_hint(err, "use --key with the .secret file that rehearse keygen wrote");
        return RH_EKEY;
    }
    if (first > table->range_count || count > table->range_count - first)
        return rh_error_set(err, RH_EUSAGE, "table '%s' has %zu ranges", table->table->full_name,
                            table->range_count);
    fetch = rh_mem_zalloc(sizeof *fetch);
    if (fetch == NULL)
        return rh_error_oom(err);
    fetch->repo = repo;
    fetch->manifest = manifest;
    fetch->table = table;
    fetch->format = rh_engine_rows_format(rh_manifest_engine(manifest));
    fetch->next_range = first;
    fetch->end_range = first + count;
    rh_buf_init_wiping(&fetch->window, 2 * WINDOW_BYTES);
    rh_batch_builder_init(&fetch->rows_split, 0);
    fetch->decoder = rh_pack_decoder_new();
    fetch->long_row = rh_row_hasher_new(secret);
    if (fetch->decoder == NULL || fetch->long_row == NULL) {
        rh_fetch_free(fetch);
        return rh_error_oom(err);
    }
    *out = fetch;
    return RH_OK;
}

static void run_close(rh_fetch *fetch)
{
    rh_dicts_put(rh_repo_dicts(fetch->repo), fetch->dict);
    rh_pack_cache_put(rh_repo_packs(fetch->repo), fetch->pack);
    fetch->dict = NULL;
    fetch->pack = NULL;
    fetch->window_count = 0;
    fetch->run.count = 0;
}

void rh_fetch_free(rh_fetch *fetch)
{
    if (fetch == NULL)
        return;
    run_close(fetch);
    rh_buf_done(&fetch->list);
    rh_buf_wipe_done(&fetch->window);
    rh_pack_decoder_free(fetch->decoder);
    rh_batch_builder_done(&fetch->rows_split);
    rh_row_hasher_free(fetch->long_row);
    rh_mem_free(fetch);
}

/* ---- ranges ---- */

static rh_status range_open(rh_fetch *fetch, rh_error *err)
{
    const rh_stored_range *range = &fetch->table->ranges[fetch->next_range];

    rh_buf_clear(&fetch->list);
    fetch->list_at = 0;
    fetch->range_rows = 0;
    fetch->range_bytes = 0;
    fetch->range_chunks = 0;
    fetch->next_range++;
    fetch->in_range = true;
    return rh_fetch_list(fetch->repo, fetch->manifest, range, &fetch->list, err);
}

static rh_status range_close(rh_fetch *fetch, rh_error *err)
{
    const rh_stored_range *range = &fetch->table->ranges[fetch->next_range - 1];

    run_close(fetch);
    if (fetch->in_long_row)
        return rh_error_set(err, RH_EFORMAT, "the last row has no end");
    if (fetch->range_rows != range->rows || fetch->range_bytes != range->bytes ||
        fetch->range_chunks != range->chunks)
        return rh_error_set(
            err, RH_EFORMAT,
            "%lld rows in %lld bytes and %lld chunks; the manifest says %lld in %lld and %lld",
            (long long)fetch->range_rows, (long long)fetch->range_bytes,
            (long long)fetch->range_chunks, (long long)range->rows, (long long)range->bytes,
            (long long)range->chunks);
    fetch->in_range = false;
    return RH_OK;
}

/* ---- runs ---- */

static rh_status run_open(rh_fetch *fetch, rh_error *err)
{
    rh_chunk_run run;
    rh_status status = rh_chunk_list_next(fetch->list.data, fetch->list.len, &fetch->list_at,
                                          rh_manifest_pack_count(fetch->manifest), &run, err);
    const char *name;
    size_t count;

    if (status != RH_OK)
        return status;
    name = rh_manifest_pack(fetch->manifest, run.pack);
    if (fetch->pack == NULL || strcmp(rh_pack_get_name(fetch->pack), name) != 0) {
        run_close(fetch);
        status = rh_pack_cache_get(rh_repo_packs(fetch->repo), name, &fetch->pack, err);
        if (status == RH_OK)
            status = rh_fetch_dict(fetch->repo, fetch->manifest, fetch->pack, &fetch->dict, err);
        if (status != RH_OK)
            return status;
    }
    count = rh_pack_get_table(fetch->pack)->count;
    if (run.first >= count || run.count > count - run.first)
        return rh_error_set(err, RH_EFORMAT, "pack '%s' has %zu entries, the list names %u to %u",
                            name, count, run.first, run.first + run.count - 1);
    fetch->run = run;
    return RH_OK;
}

static bool window_has(const rh_fetch *fetch, size_t entry)
{
    return entry >= fetch->window_first && entry - fetch->window_first < fetch->window_count;
}

static rh_status window_read(rh_fetch *fetch, rh_error *err)
{
    const rh_pack_entry *entries = rh_pack_get_table(fetch->pack)->entries + fetch->run.first;
    uint64_t bytes = entries[0].stored_bytes;
    size_t count = 1;
    rh_status status;

    while (count < fetch->run.count && bytes + entries[count].stored_bytes <= WINDOW_BYTES)
        bytes += entries[count++].stored_bytes;
    fetch->window_count = 0;
    status = rh_pack_read_stored(fetch->pack, fetch->run.first, count, &fetch->window, err);
    if (status == RH_OK) {
        fetch->window_first = fetch->run.first;
        fetch->window_count = count;
    }
    return status;
}

/* ---- chunks ---- */

static rh_status count_whole_rows(rh_fetch *fetch, const rh_pack_entry *entry, const uint8_t *plain,
                                  rh_error *err)
{
    const uint8_t *secret = rh_repo_row_secret(fetch->repo);
    rh_batch batch;
    size_t start = 0;
    rh_status status =
        rh_rows_split(fetch->format, plain, entry->plain_bytes, &fetch->rows_split, &batch, err);

    if (status != RH_OK)
        return status;
    if (batch.rows != entry->rows)
        return rh_error_set(err, RH_EFORMAT, "%zu rows instead of %u", batch.rows, entry->rows);
    for (size_t i = 0; i < batch.rows; i++) {
        rh_u128_add(&fetch->row_hash,
                    rh_hash_row(secret, batch.data + start, batch.ends[i] - start));
        start = batch.ends[i];
    }
    return RH_OK;
}

static rh_status count_rows(rh_fetch *fetch, const rh_pack_entry *entry, const uint8_t *plain,
                            rh_error *err)
{
    if (entry->kind == RH_CHUNK_ROWS && !fetch->in_long_row)
        return count_whole_rows(fetch, entry, plain, err);
    rh_row_hasher_add(fetch->long_row, plain, entry->plain_bytes);
    fetch->in_long_row = entry->kind == RH_CHUNK_PART;
    if (fetch->in_long_row)
        return RH_OK;
    if (entry->rows != 1)
        return rh_error_set(err, RH_EFORMAT, "the end of a long row counts %u rows", entry->rows);
    rh_u128_add(&fetch->row_hash, rh_row_hasher_end(fetch->long_row));
    return RH_OK;
}

static rh_status chunk(rh_fetch *fetch, const uint8_t **out, const rh_pack_entry **out_entry,
                       rh_error *err)
{
    const rh_pack_entry *entries = rh_pack_get_table(fetch->pack)->entries;
    size_t index = fetch->run.first;
    const rh_pack_entry *entry = &entries[index];
    const uint8_t *stored;
    rh_status status = RH_OK;

    if (entry->kind != RH_CHUNK_ROWS && entry->kind != RH_CHUNK_PART)
        return rh_error_set(err, RH_EFORMAT, "pack '%s': entry %zu holds no rows",
                            rh_pack_get_name(fetch->pack), index);
    if (!window_has(fetch, index))
        status = window_read(fetch, err);
    if (status != RH_OK)
        return status;
    stored = fetch->window.data + (entry->offset - entries[fetch->window_first].offset);
    status = rh_pack_decode(fetch->pack, index, stored, fetch->dict, fetch->decoder, out, err);
    if (status != RH_OK)
        return status;
    status = count_rows(fetch, entry, *out, err);
    if (status != RH_OK) {
        rh_error_where(err, "pack '%s': entry %zu", rh_pack_get_name(fetch->pack), index);
        return status;
    }
    fetch->run.first++;
    fetch->run.count--;
    *out_entry = entry;
    return RH_OK;
}

static rh_status step(rh_fetch *fetch, const uint8_t **out, const rh_pack_entry **out_entry,
                      rh_error *err)
{
    rh_status status = RH_OK;

    for (;;) {
        if (!fetch->in_range && fetch->next_range == fetch->end_range)
            return RH_DONE;
        if (!fetch->in_range)
            status = range_open(fetch, err);
        if (status == RH_OK && fetch->run.count == 0)
            status = run_open(fetch, err);
        if (status == RH_OK)
            return chunk(fetch, out, out_entry, err);
        if (status != RH_DONE)
            return status;
        status = range_close(fetch, err);
        if (status != RH_OK)
            return status;
    }
}

rh_status rh_fetch_next(rh_fetch *fetch, const uint8_t **out_data, size_t *out_len,
                        int64_t *out_rows, rh_error *err)
{
    const rh_pack_entry *entry = NULL;
    const uint8_t *data = NULL;
    rh_status status = step(fetch, &data, &entry, err);

    if (status == RH_OK) {
        fetch->rows += entry->rows;
        fetch->range_rows += entry->rows;
        fetch->range_bytes += entry->plain_bytes;
        fetch->range_chunks++;
        *out_data = data;
        *out_len = entry->plain_bytes;
        *out_rows = entry->rows;
    } else if (status != RH_DONE) {
        rh_error_where(err, "table '%s', range %zu, chunk %lld", fetch->table->table->full_name,
                       fetch->next_range - 1, (long long)fetch->range_chunks);
    }
    return status;
}

rh_u128 rh_fetch_row_hash(const rh_fetch *fetch)
{
    return fetch->row_hash;
}

int64_t rh_fetch_rows(const rh_fetch *fetch)
{
    return fetch->rows;
}

static rh_status reader_next(void *ctx, const uint8_t **out_data, size_t *out_len, rh_error *err)
{
    int64_t rows;

    return rh_fetch_next(ctx, out_data, out_len, &rows, err);
}

rh_row_reader rh_fetch_reader(rh_fetch *fetch)
{
    const rh_row_reader reader = {reader_next, fetch};

    return reader;
}
