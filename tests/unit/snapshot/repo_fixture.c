/* mkdtemp is not in POSIX.1-2008's strict name space */
#define _DEFAULT_SOURCE
#include "repo_fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/mem.h"

enum { BATCH_BYTES = 100000 };

static void write_keys(fixture *fix)
{
    rh_key key = {.kind = RH_KEY_SEAL_SECRET};

    rh_seal_pair_new(&key.pair);
    rh_random(key.id_key, sizeof key.id_key);
    assert_int_equal(rh_key_write(fix->secret_file, &key, NULL), RH_OK);
    key.kind = RH_KEY_SEAL_WRITER;
    memset(key.pair.secret_key, 0, sizeof key.pair.secret_key);
    assert_int_equal(rh_key_write(fix->writer_file, &key, NULL), RH_OK);
}

void fixture_init(fixture *fix, bool sealed)
{
    assert_int_equal(rh_crypto_start(NULL), RH_OK);
    memset(fix, 0, sizeof *fix);
    (void)snprintf(fix->root, sizeof fix->root, "/tmp/rh-repo-XXXXXX");
    assert_non_null(mkdtemp(fix->root));
    (void)snprintf(fix->repo_dir, sizeof fix->repo_dir, "%s/repo", fix->root);
    (void)snprintf(fix->secret_file, sizeof fix->secret_file, "%s/key.secret", fix->root);
    (void)snprintf(fix->writer_file, sizeof fix->writer_file, "%s/key.writer", fix->root);
    fix->sealed = sealed;
    if (sealed)
        write_keys(fix);
}

void fixture_done(fixture *fix)
{
    assert_int_equal(rh_fs_remove_tree(fix->root, NULL), RH_OK);
}

static rh_repo *open_with(fixture *fix, const char *key_file, bool write)
{
    const char *seal_to[] = {fix->writer_file, NULL};
    rh_repo_options options = RH_REPO_OPTIONS_INIT;
    rh_repo *repo = NULL;
    rh_error err = RH_ERROR_INIT;

    options.write = write;
    options.create = write;
    options.key_file = fix->sealed && !write ? key_file : NULL;
    options.seal_to = fix->sealed && write ? seal_to : NULL;
    if (rh_repo_open(fix->repo_dir, &options, &repo, &err) != RH_OK)
        fail_msg("%s (%s)", err.text, err.hint);
    return repo;
}

rh_repo *fixture_open_writer(fixture *fix)
{
    return open_with(fix, NULL, true);
}

rh_repo *fixture_open_reader(fixture *fix)
{
    return open_with(fix, fix->secret_file, false);
}

rh_repo *fixture_open_blind(fixture *fix)
{
    return open_with(fix, NULL, false);
}

/* ---- rows ---- */

static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

rh_status make_customer(int64_t i, rh_buf *out, rh_error *err)
{
    static const char *const names[] = {"Olivia", "Liam", "Emma", "Noah", "Ava", "Elijah"};
    static const char *const words[] = {"the",  "order", "arrived", "late",  "and", "refund",
                                        "will", "be",    "sent",    "again", "to",  "customer"};
    uint64_t r = mix((uint64_t)i);
    int count = 6 + (int)(r >> 60);
    rh_status status = rh_buf_printf(
        out, err, "%lld\t%016llx\t%s%llu@example.com\t{\"plan\": \"%s\", \"score\": %llu}\t",
        (long long)i, (unsigned long long)mix(r), names[r % 6],
        (unsigned long long)(r >> 20 & 0xffff), r & 64 ? "free" : "team",
        (unsigned long long)(r >> 40 & 1023));

    for (int w = 0; status == RH_OK && w < count; w++) {
        r = mix(r);
        status = rh_buf_printf(out, err, "%s ", words[r % 12]);
    }
    return status == RH_OK ? rh_buf_append_byte(out, '\n', err) : status;
}

rh_status make_changed_customer(int64_t i, rh_buf *out, rh_error *err)
{
    rh_status status = i % 1000 == 500 ? rh_buf_append_str(out, "changed ", err) : RH_OK;

    return status == RH_OK ? make_customer(i, out, err) : status;
}

rh_status make_event(int64_t i, rh_buf *out, rh_error *err)
{
    return rh_buf_printf(out, err, "%lld\t%llx\n", (long long)i,
                         (unsigned long long)mix((uint64_t)i));
}

/* ---- storing ---- */

static rh_status make_catalog(const test_table *tables, size_t count, rh_catalog **out,
                              rh_error *err)
{
    rh_catalog *catalog = rh_catalog_new();
    rh_column *column;

    if (catalog == NULL)
        return rh_error_oom(err);
    catalog->tables = rh_arena_array(catalog->arena, count, sizeof *catalog->tables);
    column = rh_arena_array(catalog->arena, 1, sizeof *column);
    if (catalog->tables == NULL || column == NULL) {
        rh_catalog_free(catalog);
        return rh_error_oom(err);
    }
    column->name = "line";
    column->type = "text";
    catalog->table_count = count;
    for (size_t i = 0; i < count; i++) {
        rh_table *table = &catalog->tables[i];

        table->schema = "public";
        table->name = tables[i].name;
        table->full_name = rh_arena_printf(catalog->arena, "public.%s", tables[i].name);
        table->index = i;
        table->columns = column;
        table->column_count = 1;
        /* more than there is, so that a dictionary of 112 KiB seems worth it */
        table->estimated_bytes = tables[i].rows * 1500;
        if (table->full_name == NULL) {
            rh_catalog_free(catalog);
            return rh_error_oom(err);
        }
    }
    *out = catalog;
    return RH_OK;
}

static rh_status put_rows(rh_store_stream *stream, const test_table *table, int64_t from,
                          int64_t to, rh_batch_builder *builder, rh_error *err)
{
    rh_status status = RH_OK;

    for (int64_t i = from; status == RH_OK && i < to; i++) {
        status = table->make(i, &builder->data, err);
        if (status == RH_OK)
            status = rh_batch_builder_end_row(builder, err);
        if (status == RH_OK && (builder->data.len >= BATCH_BYTES || i + 1 == to)) {
            rh_batch batch = rh_batch_builder_view(builder);

            status = rh_store_rows(stream, &batch, err);
            rh_batch_builder_clear(builder);
        }
    }
    return status;
}

static rh_status put_table(rh_store *store, rh_store_stream *stream, const test_table *table,
                           const rh_table *entry, json_t *json_tables, store_result *sums,
                           rh_error *err)
{
    rh_batch_builder builder;
    json_t *ranges = json_array();
    json_t *json = NULL;
    rh_u128 hash = {0, 0};
    char hex[33];
    int64_t bytes = 0;
    int64_t chunks = 0;
    int64_t from = 0;
    rh_status status = ranges == NULL ? rh_error_oom(err) : RH_OK;

    rh_batch_builder_init(&builder, 0);
    while (status == RH_OK && (from < table->rows || from == 0)) {
        int64_t to =
            from + table->range_rows < table->rows ? from + table->range_rows : table->rows;
        const rh_range range = {from == 0 ? INT64_MIN : from, to == table->rows ? INT64_MAX : to};
        rh_store_range done;
        json_t *item = NULL;

        status = rh_store_range_begin(stream, entry, &range, err);
        if (status == RH_OK)
            status = put_rows(stream, table, from, to, &builder, err);
        if (status == RH_OK)
            status = rh_store_range_end(stream, &done, err);
        if (status == RH_OK)
            status = rh_store_range_json(&done.stored, &item, err);
        if (status == RH_OK && json_array_append_new(ranges, item) != 0)
            status = rh_error_oom(err);
        if (status != RH_OK)
            break;
        rh_u128_add(&hash, done.row_hash);
        bytes += done.stored.bytes;
        chunks += done.stored.chunks;
        sums->new_chunks += done.new_chunks;
        from = to;
        if (to == table->rows)
            break;
    }
    sums->chunks += chunks;
    if (status == RH_OK)
        status = rh_table_to_json(entry, &json, err);
    if (status == RH_OK) {
        uint32_t dict = rh_store_dictionary(store, entry);

        rh_u128_hex(hash, hex);
        if (json_object_set(json, "ranges", ranges) != 0 ||
            json_object_set_new(json, "rows", json_integer(table->rows)) != 0 ||
            json_object_set_new(json, "bytes", json_integer(bytes)) != 0 ||
            json_object_set_new(json, "chunks", json_integer(chunks)) != 0 ||
            json_object_set_new(json, "row_hash", json_string(hex)) != 0 ||
            json_object_set_new(json, "dictionary",
                                dict == 0 ? json_null() : json_sprintf("%08x", dict)) != 0 ||
            json_array_append(json_tables, json) != 0)
            status = rh_error_oom(err);
    }
    json_decref(json);
    json_decref(ranges);
    rh_batch_builder_done(&builder);
    return status;
}

static rh_status put_all(rh_store *store, const test_table *tables, const rh_catalog *catalog,
                         json_t *manifest, store_result *sums, rh_error *err)
{
    json_t *json_tables = json_object_get(manifest, "tables");
    rh_store_stream *stream = NULL;
    rh_status status = rh_store_stream_open(store, &stream, err);

    for (size_t i = 0; status == RH_OK && i < catalog->table_count; i++)
        status = put_table(store, stream, &tables[i], &catalog->tables[i], json_tables, sums, err);
    if (status == RH_OK)
        status = rh_store_stream_finish(stream, err);
    rh_store_stream_free(stream);
    return status;
}

static rh_status store_run(rh_repo *repo, const test_table *tables, size_t count, bool commit,
                           store_result *out, rh_error *err)
{
    static const char schema[] = "CREATE TABLE public.customers (line text);\n";
    rh_catalog *catalog = NULL;
    rh_store *store = NULL;
    json_t *section = NULL;
    store_result sums = {0};
    json_t *manifest =
        json_pack("{s:s, s:n, s:{s:s, s:s}, s:b, s:n, s:[], s:{}, s:[], s:{}}", "time",
                  "2026-11-20T09:17:18Z", "label", "source", "engine", "postgresql", "database",
                  "shop", "raw", 1, "filter", "tables", "sections", "limits", "timings");
    rh_status status =
        manifest == NULL ? rh_error_oom(err) : make_catalog(tables, count, &catalog, err);

    if (status == RH_OK)
        status = rh_store_begin(repo, "42", "shop", RH_ROWS_PGCOPY, &store, err);
    if (status == RH_OK)
        status = put_all(store, tables, catalog, manifest, &sums, err);
    if (status == RH_OK)
        status = rh_store_object(store, "schema", schema, sizeof schema - 1, &section, err);
    if (status == RH_OK &&
        json_object_set(json_object_get(manifest, "sections"), "schema", section) != 0)
        status = rh_error_oom(err);
    if (status == RH_OK && commit)
        status = rh_store_commit(store, manifest, &sums.id, err);
    if (status == RH_OK) {
        sums.new_bytes = rh_store_new_bytes(store);
        *out = sums;
    }
    json_decref(section);
    json_decref(manifest);
    rh_store_free(store);
    rh_catalog_free(catalog);
    return status;
}

rh_status fixture_try_store(rh_repo *repo, const test_table *tables, size_t count,
                            store_result *out, rh_error *err)
{
    return store_run(repo, tables, count, true, out, err);
}

store_result fixture_store(rh_repo *repo, const test_table *tables, size_t count)
{
    rh_error err = RH_ERROR_INIT;
    store_result out = {0};

    if (fixture_try_store(repo, tables, count, &out, &err) != RH_OK)
        fail_msg("%s", err.text);
    return out;
}

void fixture_store_and_die(rh_repo *repo, const test_table *tables, size_t count)
{
    rh_error err = RH_ERROR_INIT;
    store_result out = {0};

    if (store_run(repo, tables, count, false, &out, &err) != RH_OK)
        fail_msg("%s", err.text);
}

void store_result_done(store_result *what)
{
    rh_string_free(what->id);
    what->id = NULL;
}

/* ---- comparing ---- */

/* The stored bytes must be the made ones; chunks cut them anywhere between rows. */
static rh_status compare_table(rh_repo *repo, const rh_manifest *manifest,
                               const rh_stored_table *table, const test_table *wanted,
                               rh_error *err)
{
    rh_fetch *fetch = NULL;
    rh_buf made = RH_BUF_INIT;
    int64_t next = 0;
    const uint8_t *data;
    size_t len;
    int64_t rows;
    rh_status status = rh_fetch_open(repo, manifest, table, 0, table->range_count, &fetch, err);

    while (status == RH_OK) {
        status = rh_fetch_next(fetch, &data, &len, &rows, err);
        if (status != RH_OK)
            break;
        while (status == RH_OK && made.len < len && next < wanted->rows)
            status = wanted->make(next++, &made, err);
        if (status != RH_OK)
            break;
        assert_true(made.len >= len);
        assert_memory_equal(made.data, data, len);
        memmove(made.data, made.data + len, made.len - len);
        made.len -= len;
    }
    if (status == RH_DONE) {
        rh_u128 hash = rh_fetch_row_hash(fetch);

        status = RH_OK;
        assert_int_equal(made.len, 0);
        assert_int_equal(next, wanted->rows);
        assert_int_equal(rh_fetch_rows(fetch), wanted->rows);
        assert_memory_equal(&hash, &table->row_hash, sizeof hash);
    }
    rh_buf_done(&made);
    rh_fetch_free(fetch);
    return status;
}

rh_status fixture_try_compare(rh_repo *repo, const char *id, const test_table *tables, size_t count,
                              rh_error *err)
{
    rh_manifest *manifest = NULL;
    rh_buf schema = RH_BUF_INIT;
    rh_status status = rh_manifest_load(repo, id, &manifest, err);

    if (status == RH_OK)
        assert_int_equal(rh_manifest_table_count(manifest), count);
    for (size_t i = 0; status == RH_OK && i < count; i++)
        status = compare_table(repo, manifest, rh_manifest_table(manifest, i), &tables[i], err);
    if (status == RH_OK)
        status = rh_fetch_section(repo, manifest, "schema", &schema, err);
    rh_buf_done(&schema);
    rh_manifest_free(manifest);
    return status;
}

void fixture_compare(rh_repo *repo, const char *id, const test_table *tables, size_t count)
{
    rh_error err = RH_ERROR_INIT;

    if (fixture_try_compare(repo, id, tables, count, &err) != RH_OK)
        fail_msg("%s", err.text);
}

/* ---- files ---- */

char **fixture_packs(rh_repo *repo, size_t *out_count)
{
    char **names = NULL;

    assert_int_equal(rh_repo_pack_names(repo, &names, out_count, NULL), RH_OK);
    for (size_t i = 0; i < *out_count; i++) {
        char *path = NULL;

        assert_int_equal(rh_repo_pack_path(repo, names[i], &path, NULL), RH_OK);
        rh_mem_free(names[i]);
        names[i] = path;
    }
    return names;
}

void read_whole(const char *path, rh_buf *out)
{
    assert_int_equal(rh_fs_read(path, (size_t)64 << 20, out, NULL), RH_OK);
}

void write_whole(const char *path, const void *data, size_t len)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, data, len), len);
    assert_int_equal(close(fd), 0);
}
