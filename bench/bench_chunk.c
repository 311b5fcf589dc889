/*
 * rehearse_bench_chunk: where the time of storing rows goes. Reads COPY text from a file and prints
 * MB/s of plain bytes per stage, one thread unless said otherwise, and the ratio.
 *
 *   rehearse_bench_data --size 512 customers > rows; rehearse_bench_chunk rows SCRATCH_DIRECTORY
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "chunker.h"
#include "core/clock.h"
#include "core/fs.h"
#include "core/mem.h"
#include "dictionary.h"
#include "fetch.h"
#include "store_internal.h"

enum {
    RANGES = 16,
    THREADS = 2,
    IDS_AT_ONCE = 16, /* chunks of a batch */
};

typedef struct chunk_at {
    size_t start;
    size_t len;
} chunk_at;

typedef struct bench {
    rh_buf text;
    size_t *ends;
    size_t rows;
    chunk_at *chunks;
    size_t chunk_count;
    size_t offset; /* while chunking: of the next chunk */
    rh_repo *repo;
    rh_store *store;
    rh_catalog *catalog;
    rh_range ranges[RANGES];
    rh_store_range done[RANGES];
    atomic_size_t next;
} bench;

static void stop(const rh_error *err)
{
    (void)fprintf(stderr, "bench_chunk: %s\n", err->text);
    exit(2);
}

static void must(rh_status status, const rh_error *err)
{
    if (status != RH_OK)
        stop(err);
}

static void report(const char *stage, size_t bytes, int64_t started_us, const char *note)
{
    int64_t us = rh_clock_mono_us() - started_us;

    (void)printf("%-34s %8.0f MB/s  %s\n", stage, (double)bytes / (double)(us + 1), note);
}

static void load(bench *run, const char *path)
{
    rh_error err = RH_ERROR_INIT;
    size_t cap = 0;

    rh_buf_init(&run->text, (size_t)8 << 30);
    must(rh_fs_read(path, (size_t)8 << 30, &run->text, &err), &err);
    for (size_t i = 0; i < run->text.len; i++) {
        if (run->text.data[i] != '\n')
            continue;
        if (run->rows == cap) {
            cap = cap == 0 ? 1 << 20 : cap * 2;
            run->ends = rh_mem_rearray(run->ends, cap, sizeof *run->ends);
            if (run->ends == NULL)
                must(rh_error_oom(&err), &err);
        }
        run->ends[run->rows++] = i + 1;
    }
}

/* ---- stages ---- */

static void hash_rows(const bench *run)
{
    uint8_t secret[RH_ROW_SECRET_BYTES] = {7};
    rh_u128 sum = {0, 0};
    size_t start = 0;
    int64_t started = rh_clock_mono_us();

    for (size_t i = 0; i < run->rows; start = run->ends[i++])
        rh_u128_add(&sum, rh_hash_row(secret, run->text.data + start, run->ends[i] - start));
    report("row hash", run->text.len, started, sum.low == 0 ? "?" : "");
}

static rh_status note_chunk(void *ctx, const uint8_t *data, size_t len, uint32_t rows,
                            rh_chunk_kind kind, rh_error *err)
{
    bench *run = ctx;

    (void)data;
    (void)rows;
    (void)kind;
    (void)err;
    run->chunks[run->chunk_count++] = (chunk_at){run->offset, len};
    run->offset += len;
    return RH_OK;
}

/* Calls put for batches of the size that sources make. */
static rh_status feed(const bench *run, size_t from, size_t to,
                      rh_status (*put)(void *ctx, const rh_batch *batch, rh_error *err), void *ctx,
                      rh_error *err)
{
    size_t *ends = rh_mem_array(RH_BATCH_MAX_ROWS, sizeof *ends);
    rh_status status = ends == NULL ? rh_error_oom(err) : RH_OK;

    while (status == RH_OK && from < to) {
        size_t start = from == 0 ? 0 : run->ends[from - 1];
        size_t rows = 0;

        while (from < to && rows < RH_BATCH_MAX_ROWS &&
               (rows == 0 || ends[rows - 1] < RH_BATCH_TARGET_BYTES))
            ends[rows++] = run->ends[from++] - start;

        const rh_batch batch = {run->text.data + start, ends[rows - 1], ends, rows};

        status = put(ctx, &batch, err);
    }
    rh_mem_free(ends);
    return status;
}

static rh_status put_to_chunker(void *ctx, const rh_batch *batch, rh_error *err)
{
    return rh_chunker_rows(ctx, batch, err);
}

static void chunk_rows(bench *run)
{
    const rh_chunk_limits limits = {4096, 16384, 65536};
    uint8_t secret[RH_ROW_SECRET_BYTES] = {7};
    rh_chunker chunker;
    rh_error err = RH_ERROR_INIT;
    int64_t started;
    char note[64];

    run->chunks = rh_mem_array(run->text.len / 4096 + 16, sizeof *run->chunks);
    if (run->chunks == NULL)
        must(rh_error_oom(&err), &err);
    rh_chunker_init(&chunker, &limits, secret, note_chunk, run);
    rh_chunker_begin(&chunker);
    started = rh_clock_mono_us();
    must(feed(run, 0, run->rows, put_to_chunker, &chunker, &err), &err);
    must(rh_chunker_end(&chunker, &err), &err);
    (void)snprintf(note, sizeof note, "%zu chunks of %zu bytes", run->chunk_count,
                   run->text.len / run->chunk_count);
    report("row hash and chunker", run->text.len, started, note);
    rh_chunker_done(&chunker);
}

static void hash_chunks(const bench *run)
{
    uint8_t key[RH_ID_KEY_BYTES] = {9};
    int64_t started = rh_clock_mono_us();
    rh_id id;

    for (size_t i = 0; i < run->chunk_count; i++)
        rh_hash_id(key, run->text.data + run->chunks[i].start, run->chunks[i].len, &id);
    report("chunk id", run->text.len, started, "");
    started = rh_clock_mono_us();
    for (size_t i = 0; i < run->chunk_count; i += IDS_AT_ONCE) {
        rh_hash_input inputs[IDS_AT_ONCE];
        rh_id ids[IDS_AT_ONCE];
        size_t count = 0;

        for (; count < IDS_AT_ONCE && i + count < run->chunk_count; count++) {
            const chunk_at *chunk = &run->chunks[i + count];

            inputs[count] = (rh_hash_input){run->text.data + chunk->start, chunk->len};
        }
        rh_hash_ids(key, inputs, count, ids);
    }
    report("chunk ids, as many as in a batch", run->text.len, started, "");
}

static void compress(const bench *run, const char *stage, const rh_pack_dict *dict)
{
    rh_pack_encoder *encoder = rh_pack_encoder_new();
    rh_buf out = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;
    size_t stored = 0;
    char note[64];
    int64_t started = rh_clock_mono_us();

    for (size_t i = 0; encoder != NULL && i < run->chunk_count; i++) {
        rh_buf_clear(&out);
        must(rh_pack_encode(encoder, dict, run->text.data + run->chunks[i].start,
                            run->chunks[i].len, &out, &err),
             &err);
        stored += out.len;
    }
    (void)snprintf(note, sizeof note, "ratio %.3f", (double)run->text.len / (double)stored);
    report(stage, run->text.len, started, note);
    rh_buf_done(&out);
    rh_pack_encoder_free(encoder);
}

static void compress_with_dictionary(const bench *run)
{
    size_t lengths[1024];
    size_t count = 0;
    size_t bytes = 0;
    rh_buf dict = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;
    int64_t started = rh_clock_mono_us();
    rh_status status;

    while (count < 1024 && count < run->chunk_count && bytes < RH_DICT_HOLD_BYTES) {
        lengths[count] = run->chunks[count].len;
        bytes += lengths[count++];
    }
    status = rh_dict_train(run->text.data, lengths, count, run->text.len, &dict, &err);
    (void)printf("%-34s %8.3f s     %s\n", "training and trial",
                 (double)(rh_clock_mono_us() - started) / 1e6,
                 status == RH_OK ? "worth it" : "not worth it");
    if (status == RH_OK) {
        const rh_pack_dict prepared = rh_pack_dict_of(dict.data, dict.len);

        compress(run, "compress with dictionary", &prepared);
    }
    rh_buf_wipe_done(&dict);
}

/* ---- everything ---- */

static void make_catalog(bench *run)
{
    rh_catalog *catalog = rh_catalog_new();
    rh_column *column = catalog == NULL ? NULL : rh_arena_array(catalog->arena, 1, sizeof *column);
    rh_error err = RH_ERROR_INIT;

    if (column != NULL)
        catalog->tables = rh_arena_array(catalog->arena, 1, sizeof *catalog->tables);
    if (column == NULL || catalog->tables == NULL)
        must(rh_error_oom(&err), &err);
    column->name = "line";
    column->type = "text";
    catalog->table_count = 1;
    catalog->tables[0].schema = "public";
    catalog->tables[0].name = "rows";
    catalog->tables[0].full_name = "public.rows";
    catalog->tables[0].columns = column;
    catalog->tables[0].column_count = 1;
    catalog->tables[0].estimated_bytes = (int64_t)run->text.len;
    run->catalog = catalog;
    for (int64_t i = 0; i < RANGES; i++)
        run->ranges[i] =
            (rh_range){(int64_t)run->rows * i / RANGES, (int64_t)run->rows * (i + 1) / RANGES};
}

static rh_status put_to_store(void *ctx, const rh_batch *batch, rh_error *err)
{
    return rh_store_rows(ctx, batch, err);
}

static void *work(void *ctx)
{
    bench *run = ctx;
    rh_store_stream *stream = NULL;
    rh_error err = RH_ERROR_INIT;
    size_t i;

    must(rh_store_stream_open(run->store, &stream, &err), &err);
    while ((i = atomic_fetch_add(&run->next, 1)) < RANGES) {
        must(rh_store_range_begin(stream, run->catalog->tables, &run->ranges[i], &err), &err);
        must(feed(run, (size_t)run->ranges[i].from, (size_t)run->ranges[i].to, put_to_store, stream,
                  &err),
             &err);
        must(rh_store_range_end(stream, &run->done[i], &err), &err);
    }
    must(rh_store_stream_finish(stream, &err), &err);
    rh_store_stream_free(stream);
    return NULL;
}

static json_t *manifest_of(const bench *run)
{
    json_t *ranges = json_array();
    json_t *table = NULL;
    rh_error err = RH_ERROR_INIT;
    rh_u128 hash = {0, 0};
    json_int_t chunks = 0;
    char hex[33];

    for (size_t i = 0; i < RANGES; i++) {
        json_t *range = NULL;

        must(rh_store_range_json(&run->done[i].stored, &range, &err), &err);
        (void)json_array_append_new(ranges, range);
        rh_u128_add(&hash, run->done[i].row_hash);
        chunks += run->done[i].stored.chunks;
    }
    rh_u128_hex(hash, hex);
    must(rh_table_to_json(run->catalog->tables, &table, &err), &err);
    (void)json_object_set_new(table, "ranges", ranges);
    (void)json_object_set_new(table, "rows", json_integer((json_int_t)run->rows));
    (void)json_object_set_new(table, "bytes", json_integer((json_int_t)run->text.len));
    (void)json_object_set_new(table, "chunks", json_integer(chunks));
    (void)json_object_set_new(table, "row_hash", json_string(hex));
    (void)json_object_set_new(
        table, "dictionary",
        rh_store_dictionary(run->store, run->catalog->tables) == 0
            ? json_null()
            : json_sprintf("%08x", rh_store_dictionary(run->store, run->catalog->tables)));
    return json_pack("{s:s, s:n, s:{s:s}, s:b, s:n, s:[o], s:{}, s:[], s:{}}", "time",
                     "2026-11-20T09:17:18Z", "label", "source", "engine", "postgresql", "raw", 1,
                     "filter", "tables", table, "sections", "limits", "timings");
}

static char *store_all(bench *run, const char *stage, size_t threads)
{
    pthread_t ids[THREADS];
    rh_error err = RH_ERROR_INIT;
    char *id = NULL;
    char note[64];
    json_t *manifest;
    int64_t started = rh_clock_mono_us();

    atomic_store(&run->next, 0);
    must(rh_store_begin(run->repo, "1", "bench", RH_ROWS_PGCOPY, &run->store, &err), &err);
    for (size_t i = 1; i < threads; i++)
        if (pthread_create(&ids[i], NULL, work, run) != 0)
            exit(2);
    (void)work(run);
    for (size_t i = 1; i < threads; i++)
        (void)pthread_join(ids[i], NULL);
    manifest = manifest_of(run);
    must(rh_store_commit(run->store, manifest, &id, &err), &err);
    (void)snprintf(note, sizeof note, "%.1f MB new", (double)rh_store_new_bytes(run->store) / 1e6);
    report(stage, run->text.len, started, note);
    json_decref(manifest);
    rh_store_free(run->store);
    return id;
}

static void fetch_all(bench *run, const char *id)
{
    rh_manifest *manifest = NULL;
    rh_fetch *fetch = NULL;
    rh_error err = RH_ERROR_INIT;
    const uint8_t *data;
    size_t len;
    int64_t rows;
    int64_t started = rh_clock_mono_us();
    rh_status status;

    must(rh_manifest_load(run->repo, id, &manifest, &err), &err);
    must(
        rh_fetch_open(run->repo, manifest, rh_manifest_table(manifest, 0), 0, RANGES, &fetch, &err),
        &err);
    do {
        status = rh_fetch_next(fetch, &data, &len, &rows, &err);
    } while (status == RH_OK);
    if (status != RH_DONE)
        stop(&err);
    report("read back, proved", run->text.len, started, "");
    rh_fetch_free(fetch);
    rh_manifest_free(manifest);
}

static void measure_repository(bench *run, const char *scratch)
{
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    char *dir = rh_fs_join(scratch, "bench-chunk-repo");
    rh_error err = RH_ERROR_INIT;
    char *id;

    if (dir == NULL)
        must(rh_error_oom(&err), &err);
    options.create = true;
    options.write = true;
    for (size_t threads = 1; threads <= THREADS; threads++) {
        must(rh_fs_remove_tree(dir, &err), &err);
        must(rh_repo_open(dir, &options, &run->repo, &err), &err);
        id = store_all(run, threads == 1 ? "store, 1 thread, synced" : "store, 2 threads, synced",
                       threads);
        fetch_all(run, id);
        rh_string_free(id);
        id = store_all(run, "the same rows again", threads);
        rh_string_free(id);
        rh_repo_close(run->repo);
    }
    must(rh_fs_remove_tree(dir, &err), &err);
    rh_mem_free(dir);
}

int main(int argc, char **argv)
{
    bench run;

    if (argc != 3) {
        (void)fprintf(stderr, "usage: %s COPY_TEXT_FILE SCRATCH_DIRECTORY\n", argv[0]);
        return 2;
    }
    memset(&run, 0, sizeof run);
    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 2;
    load(&run, argv[1]);
    if (run.rows < RANGES) {
        (void)fprintf(stderr, "%s: too few rows\n", argv[1]);
        return 2;
    }
    hash_rows(&run);
    chunk_rows(&run);
    hash_chunks(&run);
    compress(&run, "compress", NULL);
    compress_with_dictionary(&run);
    make_catalog(&run);
    measure_repository(&run, argv[2]);
    rh_catalog_free(run.catalog);
    rh_mem_free(run.chunks);
    rh_mem_free(run.ends);
    rh_buf_done(&run.text);
    return 0;
}
