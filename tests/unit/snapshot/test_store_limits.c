/*
 * Storing at its limits: ranges longer than the window of known chunks, several streams at once, a
 * repository that cannot be written.
 */
#include "repo_fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "chunk_set.h"
#include "core/fs.h"
#include "core/mem.h"
#include "known.h"

/* ---- one chunk per row ---- */

/* Chunk sizes are part of the config: sign one with tiny chunks, so that a few MiB make a long
 * list. */
static void make_chunks_tiny(const fixture *fix)
{
    char path[160];
    rh_buf text = RH_BUF_INIT;
    json_t *root;
    uint8_t id_key[RH_ID_KEY_BYTES];
    uint8_t mac_key[RH_ID_KEY_BYTES];
    char hex[RH_ID_HEX_BYTES];
    char *out;
    rh_id mac;

    (void)snprintf(path, sizeof path, "%s/config", fix->repo_dir);
    read_whole(path, &text);
    root = json_loadb(rh_buf_cstr(&text), text.len, 0, NULL);
    assert_non_null(root);
    assert_int_equal(rh_id_parse(json_string_value(json_object_get(root, "id_key")), &mac, NULL),
                     RH_OK);
    memcpy(id_key, mac.bytes, sizeof id_key);
    assert_int_equal(json_object_del(root, "mac"), 0);
    assert_int_equal(
        json_object_set_new(root, "chunk",
                            json_pack("{s:i, s:i, s:i}", "min", 1, "target", 2, "max", 4096)),
        0);
    out = json_dumps(root, JSON_COMPACT | JSON_SORT_KEYS);
    rh_hash_derive(id_key, "config", mac_key, sizeof mac_key);
    rh_hash_id(mac_key, out, strlen(out), &mac);
    rh_mem_free(out);
    rh_id_hex(&mac, hex);
    assert_int_equal(json_object_set_new(root, "mac", json_string(hex)), 0);
    out = json_dumps(root, 0);
    write_whole(path, out, strlen(out));
    rh_mem_free(out);
    json_decref(root);
    rh_buf_done(&text);
}

enum { LONG_ROWS = 5 * RH_CHUNK_SET_MAX };

static rh_status make_with_gaps(int64_t i, rh_buf *out, rh_error *err)
{
    /* rows were deleted near the start, changed in the middle, appended at the end */
    return make_event(i < 1000 ? i : i == 40000 ? -1 : i + 3000, out, err);
}

static void a_range_longer_than_the_window_is_recognised(void **state)
{
    static const test_table before[] = {{"events", LONG_ROWS, LONG_ROWS, make_event}};
    static const test_table after[] = {{"events", LONG_ROWS, LONG_ROWS, make_with_gaps}};
    fixture fix;
    rh_repo *repo;
    store_result first;
    store_result same;
    store_result changed;

    (void)state;
    fixture_init(&fix, false);
    rh_repo_close(fixture_open_writer(&fix));
    make_chunks_tiny(&fix);
    repo = fixture_open_writer(&fix);
    first = fixture_store(repo, before, 1);
    assert_int_equal(first.new_chunks, LONG_ROWS);
    same = fixture_store(repo, before, 1);
    assert_int_equal(same.new_chunks, 0);
    changed = fixture_store(repo, after, 1);
    assert_int_equal(changed.new_chunks, 3001);
    fixture_compare(repo, changed.id, after, 1);
    rh_repo_close(repo);
    store_result_done(&first);
    store_result_done(&same);
    store_result_done(&changed);
    fixture_done(&fix);
}

/* ---- several streams ---- */

enum { STREAMS = 3, PARALLEL_RANGES = 12, RANGE_ROWS = 12000 };

typedef struct parallel {
    rh_store *store;
    rh_catalog *catalog;
    atomic_size_t next;
    rh_store_range done[PARALLEL_RANGES];
} parallel;

static rh_status store_range(rh_store_stream *stream, const rh_table *table, int64_t from,
                             rh_store_range *out)
{
    const rh_range range = {from, from + RANGE_ROWS};
    rh_batch_builder builder;
    rh_status status = rh_store_range_begin(stream, table, &range, NULL);

    rh_batch_builder_init(&builder, 0);
    for (int64_t i = from; status == RH_OK && i < from + RANGE_ROWS; i++) {
        status = make_customer(i, &builder.data, NULL);
        if (status == RH_OK)
            status = rh_batch_builder_end_row(&builder, NULL);
        if (status == RH_OK && (builder.rows == 500 || i + 1 == from + RANGE_ROWS)) {
            const rh_batch batch = rh_batch_builder_view(&builder);

            status = rh_store_rows(stream, &batch, NULL);
            rh_batch_builder_clear(&builder);
        }
    }
    if (status == RH_OK)
        status = rh_store_range_end(stream, out, NULL);
    rh_batch_builder_done(&builder);
    return status;
}

static void *work(void *ctx)
{
    parallel *run = ctx;
    rh_store_stream *stream = NULL;
    rh_status status = rh_store_stream_open(run->store, &stream, NULL);
    size_t i;

    while (status == RH_OK && (i = atomic_fetch_add(&run->next, 1)) < PARALLEL_RANGES)
        status = store_range(stream, run->catalog->tables, (int64_t)i * RANGE_ROWS, &run->done[i]);
    if (status == RH_OK)
        status = rh_store_stream_finish(stream, NULL);
    rh_store_stream_free(stream);
    return status == RH_OK ? NULL : ctx;
}

static json_t *manifest_of(const parallel *run)
{
    json_t *ranges = json_array();
    json_t *table = NULL;
    rh_u128 hash = {0, 0};
    json_int_t bytes = 0;
    json_int_t chunks = 0;
    uint32_t dict = rh_store_dictionary(run->store, run->catalog->tables);
    char hex[33];

    for (size_t i = 0; i < PARALLEL_RANGES; i++) {
        json_t *range = NULL;

        assert_int_equal(rh_store_range_json(&run->done[i].stored, &range, NULL), RH_OK);
        assert_int_equal(json_array_append_new(ranges, range), 0);
        rh_u128_add(&hash, run->done[i].row_hash);
        bytes += run->done[i].stored.bytes;
        chunks += run->done[i].stored.chunks;
    }
    rh_u128_hex(hash, hex);
    assert_int_equal(rh_table_to_json(run->catalog->tables, &table, NULL), RH_OK);
    assert_int_equal(json_object_set_new(table, "ranges", ranges), 0);
    assert_int_equal(json_object_set_new(table, "rows", json_integer(PARALLEL_RANGES * RANGE_ROWS)),
                     0);
    assert_int_equal(json_object_set_new(table, "bytes", json_integer(bytes)), 0);
    assert_int_equal(json_object_set_new(table, "chunks", json_integer(chunks)), 0);
    assert_int_equal(json_object_set_new(table, "row_hash", json_string(hex)), 0);
    assert_int_equal(json_object_set_new(table, "dictionary",
                                         dict == 0 ? json_null() : json_sprintf("%08x", dict)),
                     0);
    return json_pack("{s:s, s:n, s:{s:s, s:s}, s:b, s:n, s:[o], s:{s:o}, s:[], s:{}}", "time",
                     "2026-11-20T09:17:18Z", "label", "source", "engine", "postgresql", "database",
                     "shop", "raw", 1, "filter", "tables", table, "sections", "schema",
                     json_pack("{s:i, s:s, s:s}", "bytes", 0, "hash",
                               "0000000000000000000000000000000000000000000000000000000000000000",
                               "list", ""),
                     "limits", "timings");
}

static rh_catalog *one_table(void)
{
    rh_catalog *catalog = rh_catalog_new();
    rh_column *column;

    assert_non_null(catalog);
    catalog->tables = rh_arena_array(catalog->arena, 1, sizeof *catalog->tables);
    column = rh_arena_array(catalog->arena, 1, sizeof *column);
    assert_true(catalog->tables != NULL && column != NULL);
    column->name = "line";
    column->type = "text";
    catalog->table_count = 1;
    catalog->tables[0].schema = "public";
    catalog->tables[0].name = "customers";
    catalog->tables[0].full_name = "public.customers";
    catalog->tables[0].columns = column;
    catalog->tables[0].column_count = 1;
    catalog->tables[0].estimated_bytes = 100000000;
    return catalog;
}

/* Rows are compared by their hash: the section of the fixture is not there. */
static void read_all(rh_repo *repo, const char *id)
{
    rh_manifest *manifest = NULL;
    rh_fetch *fetch = NULL;
    const rh_stored_table *table;
    const uint8_t *data;
    size_t len;
    int64_t rows;
    rh_error err = RH_ERROR_INIT;
    rh_u128 hash;
    rh_status status;

    assert_int_equal(rh_manifest_load(repo, id, &manifest, NULL), RH_OK);
    table = rh_manifest_table(manifest, 0);
    assert_true(table->dictionary != 0);
    assert_int_equal(rh_fetch_open(repo, manifest, table, 0, table->range_count, &fetch, NULL),
                     RH_OK);
    do {
        status = rh_fetch_next(fetch, &data, &len, &rows, &err);
    } while (status == RH_OK);
    if (status != RH_DONE)
        fail_msg("%s", err.text);
    hash = rh_fetch_row_hash(fetch);
    assert_memory_equal(&hash, &table->row_hash, sizeof hash);
    rh_fetch_free(fetch);
    rh_manifest_free(manifest);
}

static void streams_store_one_table_together(void **state)
{
    (void)state;
    for (int sealed = 0; sealed < 2; sealed++) {
        fixture fix;
        parallel run;
        pthread_t threads[STREAMS];
        rh_repo *repo;
        json_t *manifest;
        char *id = NULL;

        memset(&run, 0, sizeof run);
        fixture_init(&fix, sealed);
        repo = fixture_open_writer(&fix);
        run.catalog = one_table();
        assert_int_equal(rh_store_begin(repo, "42", "shop", RH_ROWS_PGCOPY, &run.store, NULL),
                         RH_OK);
        for (size_t i = 0; i < STREAMS; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, work, &run), 0);
        for (size_t i = 0; i < STREAMS; i++) {
            void *failed = &run;

            assert_int_equal(pthread_join(threads[i], &failed), 0);
            assert_null(failed);
        }
        manifest = manifest_of(&run);
        assert_non_null(manifest);
        assert_int_equal(rh_store_commit(run.store, manifest, &id, NULL), RH_OK);
        json_decref(manifest);
        rh_store_free(run.store);
        rh_catalog_free(run.catalog);
        rh_repo_close(repo);
        repo = fixture_open_reader(&fix);
        read_all(repo, id);
        rh_repo_close(repo);
        rh_string_free(id);
        fixture_done(&fix);
    }
}

/* ---- a repository that cannot be written ---- */

static void a_pack_that_cannot_be_moved_fails_the_run(void **state)
{
    static const test_table tables[] = {{"events", 3000, 3000, make_event}};
    fixture fix;
    rh_repo *repo;
    store_result out = {0};
    rh_error err = RH_ERROR_INIT;
    char path[160];
    char **names = NULL;
    size_t count = 0;

    (void)state;
    fixture_init(&fix, false);
    repo = fixture_open_writer(&fix);
    (void)snprintf(path, sizeof path, "%s/packs", fix.repo_dir);
    assert_int_equal(rh_fs_remove_tree(path, NULL), RH_OK);
    assert_int_equal(rh_fs_mkdir(path, NULL), RH_OK);
    /* Plain files where the folders of packs should be. */
    for (int i = 0; i < 256; i++) {
        char file[200];

        (void)snprintf(file, sizeof file, "%s/%02x", path, i);
        write_whole(file, "x", 1);
    }
    assert_true(fixture_try_store(repo, tables, 1, &out, &err) < 0);
    assert_null(out.id);
    assert_string_not_equal(err.text, "");
    assert_int_equal(rh_repo_snapshot_ids(repo, &names, &count, NULL), RH_OK);
    assert_int_equal(count, 0);
    rh_fs_list_free(names);
    (void)snprintf(path, sizeof path, "%s/tmp", fix.repo_dir);
    assert_int_equal(rh_fs_list(path, &names, &count, NULL), RH_OK);
    assert_int_equal(count, 1); /* the writer's lock */
    rh_fs_list_free(names);
    rh_repo_close(repo);
    fixture_done(&fix);
}

static int adopt_jansson(void **state)
{
    (void)state;
    rh_mem_adopt_jansson();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_longer_than_the_window_is_recognised),
        cmocka_unit_test(streams_store_one_table_together),
        cmocka_unit_test(a_pack_that_cannot_be_moved_fails_the_run),
    };

    return cmocka_run_group_tests(tests, adopt_jansson, NULL);
}
