#define _DEFAULT_SOURCE /* mkdtemp, utimensat with AT_FDCWD */
#include "repo_fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/hash.h"
#include "core/key_file.h"
#include "core/mem.h"
#include "store.h"
#include "take_manifest.h"

void fx_ok(rh_status status, const rh_error *err)
{
    if (status != RH_OK)
        fail_msg("%s: %s (%s)", rh_status_name(status), err->text, err->hint);
}

void fx_path(char *out, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    assert_true(vsnprintf(out, FX_PATH_BYTES, format, args) < FX_PATH_BYTES);
    va_end(args);
}

static void make_keys(fx *f)
{
    rh_error err = RH_ERROR_INIT;
    rh_key key = {.kind = RH_KEY_SEAL_SECRET};

    rh_seal_pair_new(&key.pair);
    rh_random(key.id_key, sizeof key.id_key);
    fx_path(f->secret, "%s/ops.secret", f->dir);
    fx_path(f->writer, "%s/ops.writer", f->dir);
    fx_ok(rh_key_write(f->secret, &key, &err), &err);
    key.kind = RH_KEY_SEAL_WRITER;
    memset(key.pair.secret_key, 0, sizeof key.pair.secret_key);
    fx_ok(rh_key_write(f->writer, &key, &err), &err);
}

int fx_setup(void **state)
{
    const char *tmp = getenv("TMPDIR");
    fx *f = calloc(1, sizeof *f);

    assert_non_null(f);
    rh_mem_adopt_jansson();
    assert_int_equal(rh_crypto_start(NULL), RH_OK);
    fx_path(f->dir, "%s/rehearse-test-XXXXXX", tmp == NULL ? "/tmp" : tmp);
    assert_non_null(mkdtemp(f->dir));
    fx_path(f->repo, "%s/repo", f->dir);
    make_keys(f);
    *state = f;
    return 0;
}

int fx_teardown(void **state)
{
    fx *f = *state;

    assert_int_equal(rh_fs_remove_tree(f->dir, NULL), RH_OK);
    free(f);
    return 0;
}

/* ---- handles ---- */

static rh_repo *open_repo(const fx *f, const rh_repo_options *options)
{
    rh_error err = RH_ERROR_INIT;
    rh_repo *repo = NULL;

    fx_ok(rh_repo_open(f->repo, options, &repo, &err), &err);
    return repo;
}

rh_repo *fx_create(fx *f, bool sealed)
{
    const char *const seal_to[] = {f->writer, NULL};
    rh_repo_options options = RH_REPO_OPTIONS_INIT;

    options.create = true;
    options.write = true;
    if (sealed) {
        options.seal_to = seal_to;
        options.key_file = f->writer;
    }
    return open_repo(f, &options);
}

rh_repo *fx_open(const fx *f, const char *key)
{
    rh_repo_options options = RH_REPO_OPTIONS_INIT;

    options.key_file = key;
    return open_repo(f, &options);
}

rh_repo *fx_open_exclusive(const fx *f)
{
    rh_repo_options options = RH_REPO_OPTIONS_INIT;

    options.prune = true;
    return open_repo(f, &options);
}

/* ---- catalogs ---- */

static const rh_column columns[] = {
    {.name = "id", .type = "integer", .not_null = true},
    {.name = "name", .type = "text", .collation = "C"},
    {.name = "twice", .type = "integer", .generated = true},
    {.name = "extra", .type = "text"},
};

static const rh_range ranges[] = {{INT64_MIN, 100}, {100, INT64_MAX}};

static size_t count_tables(const fx_table *tables)
{
    size_t count = 0;

    while (tables[count].name != NULL)
        count++;
    return count;
}

static rh_status make_catalog(const fx_table *tables, rh_catalog **out, rh_error *err)
{
    rh_catalog *catalog = rh_catalog_new();
    size_t count = count_tables(tables);

    if (catalog == NULL)
        return rh_error_oom(err);
    catalog->tables = rh_arena_array(catalog->arena, count, sizeof *catalog->tables);
    if (catalog->tables == NULL) {
        rh_catalog_free(catalog);
        return rh_error_oom(err);
    }
    catalog->table_count = count;
    for (size_t i = 0; i < count; i++) {
        rh_table *table = &catalog->tables[i];

        table->schema = "shop";
        table->name = tables[i].name;
        table->full_name = rh_arena_printf(catalog->arena, "shop.%s", tables[i].name);
        if (table->full_name == NULL) {
            rh_catalog_free(catalog);
            return rh_error_oom(err);
        }
        table->index = i;
        table->columns = columns;
        table->column_count = tables[i].extra_column ? 4 : 3;
        table->rows_excluded = tables[i].rows < 0;
        table->ranges = ranges;
        table->range_count = tables[i].rows < 0 ? 0 : 2;
    }
    *out = catalog;
    return RH_OK;
}

/* ---- rows ---- */

static rh_status put_prose(rh_buf *out, int id, rh_error *err)
{
    uint64_t roll = (uint64_t)id * 2654435761u + 12345;
    rh_status status = RH_OK;

    for (int word = 0; status == RH_OK && word < 12; word++) {
        roll = roll * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        uint64_t number = (roll >> 40) % 3000;

        status = rh_buf_printf(out, err, " word%llxof%llu", (unsigned long long)(number * 7919),
                               (unsigned long long)(number * number));
    }
    return status;
}

static rh_status put_row(rh_batch_builder *builder, const fx_table *table, int id, rh_error *err)
{
    int version = id >= table->changed_from && id < table->changed_to ? table->version : 0;
    uint32_t noise = (uint32_t)id * 2654435761u + (uint32_t)version * 40503u;
    rh_status status = rh_buf_printf(&builder->data, err, "%d\tname-%08x-%d", id, noise, version);

    for (size_t i = 0; id == 7 && status == RH_OK && i < table->long_bytes; i++)
        status = rh_buf_append_byte(&builder->data, (uint8_t)('a' + (i * 7 + i / 977) % 26), err);
    if (status == RH_OK && table->prose)
        status = put_prose(&builder->data, id, err);
    if (status == RH_OK && table->extra_column)
        status = rh_buf_append_str(&builder->data, "\t\\N", err);
    if (status == RH_OK)
        status = rh_buf_append_byte(&builder->data, '\n', err);
    return status == RH_OK ? rh_batch_builder_end_row(builder, err) : status;
}

static rh_status store_range(rh_store_stream *stream, const rh_table *table, const fx_table *spec,
                             size_t number, rh_store_range *out, rh_error *err)
{
    int from = number == 0 ? 0 : spec->rows / 2;
    int to = number == 0 ? spec->rows / 2 : spec->rows;
    rh_batch_builder builder;
    rh_status status = rh_store_range_begin(stream, table, &ranges[number], err);

    rh_batch_builder_init(&builder, 0);
    for (int id = from; status == RH_OK && id < to; id++) {
        status = put_row(&builder, spec, id, err);
        if (status == RH_OK && (rh_batch_builder_full(&builder) || id + 1 == to)) {
            rh_batch batch = rh_batch_builder_view(&builder);

            status = rh_store_rows(stream, &batch, err);
            rh_batch_builder_clear(&builder);
        }
    }
    rh_batch_builder_done(&builder);
    return status == RH_OK ? rh_store_range_end(stream, out, err) : status;
}

static rh_status store_tables(rh_store *store, const rh_catalog *catalog, const fx_table *tables,
                              rh_take_table *taken, rh_error *err)
{
    rh_store_stream *stream = NULL;
    rh_status status = rh_store_stream_open(store, &stream, err);

    for (size_t i = 0; status == RH_OK && i < catalog->table_count; i++) {
        for (size_t r = 0; status == RH_OK && r < taken[i].range_count; r++)
            status =
                store_range(stream, &catalog->tables[i], &tables[i], r, &taken[i].ranges[r], err);
    }
    if (status == RH_OK)
        status = rh_store_stream_finish(stream, err);
    rh_store_stream_free(stream);
    return status;
}

/* ---- manifests ---- */

static json_t *make_source(const fx_snapshot *about)
{
    const char *database = about->database == NULL ? "shop" : about->database;
    json_t *sequences = about->sequences == NULL ? json_array() : json_deep_copy(about->sequences);

    return json_pack("{s:s, s:s, s:s, s:s, s:s, s:[s], s:[], s:o}", "engine", "postgresql",
                     "database", database, "encoding", "UTF8", "collate", "C", "ctype", "C",
                     "roles", "shopkeeper", "extensions", "sequences", sequences);
}

static rh_status store_section(rh_store *store, json_t *manifest, const char *name,
                               const char *text, rh_error *err)
{
    json_t *entry = NULL;
    rh_status status;

    if (text == NULL)
        return RH_OK;
    status = rh_store_object(store, name, text, strlen(text), &entry, err);
    if (status == RH_OK &&
        json_object_set_new(json_object_get(manifest, "sections"), name, entry) != 0)
        status = rh_error_oom(err);
    return status;
}

static rh_status commit(rh_store *store, const rh_take_facts *facts, const fx_snapshot *about,
                        char *out, rh_error *err)
{
    json_t *manifest = NULL;
    char *id = NULL;
    rh_status status = rh_take_manifest(facts, &manifest, err);

    if (status == RH_OK && about->time != NULL &&
        json_object_set_new(manifest, "time", json_string(about->time)) != 0)
        status = rh_error_oom(err);
    if (status == RH_OK)
        status = store_section(store, manifest, "pre-data", about->pre_data, err);
    if (status == RH_OK)
        status = store_section(store, manifest, "post-data", about->post_data, err);
    if (status == RH_OK)
        status = rh_store_commit(store, manifest, &id, err);
    if (status == RH_OK)
        assert_true(snprintf(out, 64, "%s", id) < 64);
    rh_mem_free(id);
    json_decref(manifest);
    return status;
}

rh_status fx_try_take(rh_repo *repo, const fx_snapshot *about, const fx_table *tables, char *out,
                      rh_error *err)
{
    rh_store_range stored[32][2];
    rh_take_table taken[32];
    rh_take_facts facts = {.tables = taken, .label = about->label, .held_us = 1234};
    rh_catalog *catalog = NULL;
    rh_store *store = NULL;
    rh_status status = make_catalog(tables, &catalog, err);

    if (status != RH_OK)
        return status;
    assert_true(catalog->table_count <= 32);
    for (size_t i = 0; i < catalog->table_count; i++)
        taken[i] = (rh_take_table){stored[i], catalog->tables[i].range_count};
    facts.catalog = catalog;
    facts.source = make_source(about);
    if (facts.source == NULL)
        status = rh_error_oom(err);
    if (status == RH_OK)
        status = rh_store_begin(repo, "7000", about->database == NULL ? "shop" : about->database,
                                RH_ROWS_PGCOPY, &store, err);
    facts.store = store;
    if (status == RH_OK)
        status = store_tables(store, catalog, tables, taken, err);
    if (status == RH_OK)
        status = commit(store, &facts, about, out, err);
    rh_store_free(store);
    json_decref(facts.source);
    rh_catalog_free(catalog);
    return status;
}

void fx_take(rh_repo *repo, const fx_snapshot *about, const fx_table *tables, char *out)
{
    rh_error err = RH_ERROR_INIT;

    fx_ok(fx_try_take(repo, about, tables, out, &err), &err);
}

void fx_add(fx *f, bool sealed, const fx_snapshot *about, const fx_table *tables, char *out)
{
    rh_repo *repo = fx_create(f, sealed);

    fx_take(repo, about, tables, out);
    rh_repo_close(repo);
}

/* ---- files ---- */

char *fx_read_file(const char *path, size_t *out_len)
{
    FILE *file = fopen(path, "rb");
    long len = fx_file_size(path);
    char *data = malloc((size_t)len + 1);

    assert_non_null(file);
    assert_non_null(data);
    assert_int_equal(fread(data, 1, (size_t)len, file), len);
    data[len] = '\0';
    fclose(file);
    if (out_len != NULL)
        *out_len = (size_t)len;
    return data;
}

void fx_write_file(const char *path, const void *data, size_t len)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(data, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

long fx_file_size(const char *path)
{
    struct stat st;

    if (stat(path, &st) != 0)
        fail_msg("no file %s", path);
    return (long)st.st_size;
}

void fx_flip(const char *path, long offset)
{
    size_t len;
    char *data = fx_read_file(path, &len);
    size_t at = offset < 0 ? len - (size_t)-offset : (size_t)offset;

    assert_true(at < len);
    data[at] = (char)(data[at] ^ 0x10);
    assert_int_equal(chmod(path, 0600), 0);
    fx_write_file(path, data, len);
    free(data);
}

void fx_truncate(const char *path, long bytes)
{
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(truncate(path, bytes), 0);
}

void fx_swap(const char *path_a, const char *path_b)
{
    char aside[FX_PATH_BYTES];

    fx_path(aside, "%s.aside", path_a);
    assert_int_equal(rename(path_a, aside), 0);
    assert_int_equal(rename(path_b, path_a), 0);
    assert_int_equal(rename(aside, path_b), 0);
}

void fx_manifest_path(const fx *f, const char *id, char *out)
{
    fx_path(out, "%s/snapshots/%s.json", f->repo, id);
}

void fx_pack_path(const fx *f, const char *name, char *out)
{
    fx_path(out, "%s/packs/%.2s/%s.zp", f->repo, name, name);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

size_t fx_packs(const fx *f, char names[][65], size_t max)
{
    size_t count = 0;

    for (int folder = 0; folder < 256; folder++) {
        char path[FX_PATH_BYTES];
        const struct dirent *entry;
        DIR *dir;

        fx_path(path, "%s/packs/%02x", f->repo, (unsigned)folder);
        dir = opendir(path);
        while (dir != NULL && (entry = readdir(dir)) != NULL) {
            if (entry->d_name[0] == '.')
                continue;
            assert_true(count < max);
            assert_int_equal(strlen(entry->d_name), 67);
            memcpy(names[count], entry->d_name, 64);
            names[count++][64] = '\0';
        }
        if (dir != NULL)
            closedir(dir);
    }
    qsort(names, count, 65, by_text);
    return count;
}

void fx_age(const char *path, long seconds)
{
    struct timespec times[2];

    assert_int_equal(clock_gettime(CLOCK_REALTIME, &times[0]), 0);
    times[0].tv_sec -= seconds;
    times[1] = times[0];
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}
