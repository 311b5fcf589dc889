/* mkdtemp(3) */
#define _XOPEN_SOURCE 700

#include "lite_copy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "core/fs.h"
#include "core/mem.h"
#include "core/pool.h"
#include "core/process.h"

/* ---- taking ---- */

typedef struct take_item {
    size_t table;
    size_t range;
    rh_buf rows;
    int64_t count;
} take_item;

typedef struct take_run {
    rh_source *source;
    const rh_catalog *catalog;
    take_item *items;
    size_t count;
    atomic_size_t next;
    atomic_size_t sessions;
} take_run;

static rh_status put(void *ctx, const rh_batch *batch, rh_error *err)
{
    take_item *item = ctx;

    assert_true(batch->rows > 0 && batch->ends[batch->rows - 1] == batch->len);
    item->count += (int64_t)batch->rows;
    return rh_buf_append(&item->rows, batch->data, batch->len, err);
}

static rh_status take_thread(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    take_run *run = ctx;
    rh_session *session = NULL;
    rh_status status = rh_session_open(run->source, &session, err);

    (void)index;
    if (status == RH_SKIPPED)
        return RH_OK;
    if (status == RH_OK)
        atomic_fetch_add(&run->sessions, 1);
    while (status == RH_OK && !rh_pool_stopping(pool)) {
        size_t at = atomic_fetch_add(&run->next, 1);
        const rh_table *table;

        if (at >= run->count)
            break;
        table = &run->catalog->tables[run->items[at].table];
        status = rh_session_rows(session, table, &table->ranges[run->items[at].range],
                                 &(rh_row_sink){put, &run->items[at]}, err);
    }
    rh_session_close(session);
    return status;
}

static void list_items(take_run *run)
{
    for (size_t i = 0; i < run->catalog->table_count; i++)
        run->count += run->catalog->tables[i].range_count;
    run->items = rh_mem_array(run->count, sizeof *run->items);
    assert_non_null(run->items);
    run->count = 0;
    for (size_t i = 0; i < run->catalog->table_count; i++) {
        for (size_t r = 0; r < run->catalog->tables[i].range_count; r++) {
            take_item *item = &run->items[run->count++];

            rh_buf_init(&item->rows, (size_t)1 << 31);
            item->table = i;
            item->range = r;
        }
    }
}

static void join_items(take_run *run, lite_snapshot *out)
{
    out->rows = rh_mem_array(run->catalog->table_count, sizeof *out->rows);
    out->counts = rh_mem_array(run->catalog->table_count, sizeof *out->counts);
    assert_non_null(out->rows);
    assert_non_null(out->counts);
    for (size_t i = 0; i < run->catalog->table_count; i++)
        rh_buf_init(&out->rows[i], (size_t)1 << 31);
    for (size_t i = 0; i < run->count; i++) {
        take_item *item = &run->items[i];

        assert_int_equal(
            RH_OK, rh_buf_append(&out->rows[item->table], item->rows.data, item->rows.len, NULL));
        out->counts[item->table] += item->count;
    }
}

/* The catalog as a restore meets it: written to a manifest and read back. */
static rh_status through_json(const rh_catalog *catalog, rh_catalog **out, rh_error *err)
{
    json_t *tables = json_array();
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < catalog->table_count; i++) {
        json_t *table = NULL;

        status = rh_table_to_json(&catalog->tables[i], &table, err);
        if (status == RH_OK)
            json_array_append_new(tables, table);
    }
    if (status == RH_OK)
        status = rh_catalog_from_json(tables, out, err);
    json_decref(tables);
    return status;
}

static rh_status take_all(take_run *run, size_t jobs, lite_snapshot *out, rh_error *err)
{
    rh_status status = rh_source_catalog(run->source, &run->catalog, err);

    if (status == RH_OK)
        status = rh_source_facts(run->source, &out->facts, err);
    if (status == RH_OK)
        status = rh_source_section(run->source, "schema", &out->schema, err);
    if (status != RH_OK)
        return status;
    list_items(run);
    status = rh_pool_run(jobs, take_thread, run, err);
    if (status == RH_OK) {
        join_items(run, out);
        out->ranges = run->count;
        out->sessions = atomic_load(&run->sessions);
        status = through_json(run->catalog, &out->catalog, err);
    }
    for (size_t i = 0; i < run->count; i++)
        rh_buf_done(&run->items[i].rows);
    rh_mem_free(run->items);
    return status;
}

rh_status lite_snapshot_take(const char *path, const rh_source_options *options, lite_snapshot *out,
                             rh_error *err)
{
    take_run run = {0};
    rh_status status = rh_source_open(path, options, &run.source, err);

    memset(out, 0, sizeof *out);
    if (status != RH_OK)
        return status;
    status = rh_source_begin(run.source, err);
    if (status == RH_OK)
        status = take_all(&run, options->jobs, out, err);
    rh_source_end(run.source);
    if (status == RH_OK)
        assert_true(rh_source_held_us(run.source) > 0);
    rh_source_close(run.source);
    if (status != RH_OK)
        lite_snapshot_free(out);
    return status;
}

void lite_snapshot_free(lite_snapshot *snapshot)
{
    for (size_t i = 0; snapshot->rows != NULL && i < snapshot->catalog->table_count; i++)
        rh_buf_done(&snapshot->rows[i]);
    rh_mem_free(snapshot->rows);
    rh_mem_free(snapshot->counts);
    rh_catalog_free(snapshot->catalog);
    rh_buf_done(&snapshot->schema);
    json_decref(snapshot->facts);
    memset(snapshot, 0, sizeof *snapshot);
}

/* ---- restoring ---- */

typedef struct piece_reader {
    const rh_buf *rows;
    size_t at;
    size_t piece;
    unsigned turn;
} piece_reader;

static rh_status next_piece(void *ctx, const uint8_t **out_data, size_t *out_len, rh_error *err)
{
    piece_reader *reader = ctx;
    size_t left = reader->rows->len - reader->at;
    size_t take = left;

    (void)err;
    if (left == 0)
        return RH_DONE;
    if (reader->piece > 0) {
        take = 1 + (reader->piece * (1 + reader->turn++ % 7)) / 4;
        take = take < left ? take : left;
    }
    *out_data = reader->rows->data + reader->at;
    *out_len = take;
    reader->at += take;
    return RH_OK;
}

static rh_status section(void *ctx, const char *name, rh_buf *out, rh_error *err)
{
    const lite_snapshot *snapshot = ctx;

    if (strcmp(name, "schema") != 0)
        return rh_error_set(err, RH_ENOTFOUND, "no section '%s'", name);
    return rh_buf_append(out, snapshot->schema.data, snapshot->schema.len, err);
}

static rh_status load_all(const lite_snapshot *snapshot, rh_target *target, size_t piece,
                          rh_error *err)
{
    rh_loader *loader = NULL;
    rh_status status = rh_loader_open(target, &loader, err);

    for (size_t i = 0; status == RH_OK && i < snapshot->catalog->table_count; i++) {
        piece_reader reader = {&snapshot->rows[i], 0, piece, 0};
        int64_t rows = -1;

        if (snapshot->catalog->tables[i].rows_excluded)
            continue;
        status = rh_loader_load(loader, &snapshot->catalog->tables[i], true,
                                &(rh_row_reader){next_piece, &reader}, &rows, err);
        if (status == RH_OK)
            assert_int_equal(snapshot->counts[i], rows);
    }
    rh_loader_close(loader);
    return status;
}

static rh_status first_fatal(const rh_problems *problems, rh_error *err)
{
    for (size_t i = 0; i < problems->count; i++) {
        if (problems->items[i].fatal)
            return rh_error_set(err, RH_EUSAGE, "%s", problems->items[i].text);
    }
    return RH_OK;
}

rh_status lite_snapshot_restore(const lite_snapshot *snapshot, const char *name,
                                const rh_target_options *options, size_t piece, json_t **out,
                                rh_error *err)
{
    const rh_restore_input input = {snapshot->facts, snapshot->catalog, section,
                                    (void *)(uintptr_t)snapshot};
    rh_target_options with_id = *options;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_target *target = NULL;
    json_t *answer = NULL;
    rh_status status;

    with_id.snapshot_id = "0123456789abcdef";
    status = rh_target_open(name, &with_id, &target, err);
    if (status == RH_OK)
        status = rh_target_check(target, &input, &problems, err);
    if (status == RH_OK)
        status = first_fatal(&problems, err);
    if (status == RH_OK)
        status = rh_target_begin(target, &input, err);
    if (status == RH_OK)
        status = load_all(snapshot, target, piece, err);
    if (status == RH_OK)
        status = rh_target_finish(target, &problems, err);
    if (status == RH_OK)
        status = rh_target_commit(target, &answer, err);
    rh_target_free(target);
    rh_problems_done(&problems);
    if (status == RH_OK && out != NULL)
        *out = answer;
    else
        json_decref(answer);
    return status;
}

/* ---- looking at files ---- */

static sqlite3 *open_file(const char *path)
{
    sqlite3 *db = NULL;

    assert_int_equal(SQLITE_OK, sqlite3_open(path, &db));
    sqlite3_busy_timeout(db, 5000);
    return db;
}

void lite_script(const char *path, const char *sql)
{
    sqlite3 *db = open_file(path);
    char *message = NULL;

    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s", message);
    assert_int_equal(SQLITE_OK, sqlite3_close(db));
}

void lite_script_file(const char *path, const char *name)
{
    const char *root = getenv("RH_SOURCE_DIR");
    char *file = rh_mem_printf("%s/tests/integration/sqlite/%s", root != NULL ? root : ".", name);
    rh_buf text = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;

    assert_non_null(file);
    if (rh_fs_read(file, 16 * 1024 * 1024, &text, &err) != RH_OK)
        fail_msg("%s", err.text);
    lite_script(path, rh_buf_cstr(&text));
    rh_buf_done(&text);
    rh_mem_free(file);
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;

    if (sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(db));
    return stmt;
}

long long lite_int(const char *path, const char *sql)
{
    sqlite3 *db = open_file(path);
    sqlite3_stmt *stmt = prepare(db, sql);
    long long value;

    assert_int_equal(SQLITE_ROW, sqlite3_step(stmt));
    value = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return value;
}

char *lite_text(const char *path, const char *sql)
{
    sqlite3 *db = open_file(path);
    sqlite3_stmt *stmt = prepare(db, sql);
    const char *text;
    char *copy;

    assert_int_equal(SQLITE_ROW, sqlite3_step(stmt));
    text = (const char *)sqlite3_column_text(stmt, 0);
    copy = rh_mem_strdup(text != NULL ? text : "(null)");
    sqlite3_finalize(stmt);
    sqlite3_close(db);
    return copy;
}

/* ---- comparing ---- */

/* One value of both, to the bit: class, number, bytes in the file's own encoding. */
static bool same_value(sqlite3_stmt *a, sqlite3_stmt *b, int i)
{
    int type = sqlite3_column_type(a, i);
    double x, y;

    if (type != sqlite3_column_type(b, i))
        return false;
    switch (type) {
    case SQLITE_INTEGER:
        return sqlite3_column_int64(a, i) == sqlite3_column_int64(b, i);
    case SQLITE_FLOAT:
        x = sqlite3_column_double(a, i);
        y = sqlite3_column_double(b, i);
        return memcmp(&x, &y, sizeof x) == 0;
    case SQLITE_TEXT:
    case SQLITE_BLOB: {
        const void *p = sqlite3_column_blob(a, i);
        const void *q = sqlite3_column_blob(b, i);
        int n = sqlite3_column_bytes(a, i);

        return n == sqlite3_column_bytes(b, i) && (n == 0 || memcmp(p, q, (size_t)n) == 0);
    }
    default:
        return true;
    }
}

static void assert_same_rows(sqlite3 *a, sqlite3 *b, const char *sql)
{
    sqlite3_stmt *x = prepare(a, sql);
    sqlite3_stmt *y = prepare(b, sql);
    long long row = 0;
    int rc;

    for (;;) {
        rc = sqlite3_step(x);
        if (rc != sqlite3_step(y))
            fail_msg("%s: different number of rows, or an error: %s / %s", sql, sqlite3_errmsg(a),
                     sqlite3_errmsg(b));
        if (rc != SQLITE_ROW)
            break;
        row++;
        for (int i = 0; i < sqlite3_column_count(x); i++) {
            if (!same_value(x, y, i))
                fail_msg("%s: row %lld, column %s differs", sql, row, sqlite3_column_name(x, i));
        }
    }
    if (rc != SQLITE_DONE)
        fail_msg("%s: %s", sql, sqlite3_errmsg(a));
    sqlite3_finalize(x);
    sqlite3_finalize(y);
}

static bool has_column(sqlite3 *db, const char *table, const char *name)
{
    char *sql = sqlite3_mprintf("PRAGMA table_xinfo(%Q)", table);
    sqlite3_stmt *stmt = prepare(db, sql);
    bool found = false;

    while (sqlite3_step(stmt) == SQLITE_ROW)
        found = found || sqlite3_stricmp(name, (const char *)sqlite3_column_text(stmt, 1)) == 0;
    sqlite3_finalize(stmt);
    sqlite3_free(sql);
    return found;
}

/* NULL where there are no rowids, or columns took all three names. */
static const char *rowid_name(sqlite3 *db, const char *table)
{
    static const char *const names[] = {"rowid", "_rowid_", "oid"};
    const char *found = NULL;

    for (size_t i = 0; found == NULL && i < 3; i++) {
        char *sql = sqlite3_mprintf("SELECT %s FROM \"%w\"", names[i], table);
        sqlite3_stmt *stmt = NULL;

        if (!has_column(db, table, names[i]) &&
            sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK)
            found = names[i];
        sqlite3_finalize(stmt);
        sqlite3_free(sql);
    }
    return found;
}

static void assert_same_tables(sqlite3 *a, sqlite3 *b)
{
    sqlite3_stmt *tables = prepare(a, "SELECT name FROM sqlite_schema WHERE type = 'table'"
                                      " AND rootpage > 0");

    while (sqlite3_step(tables) == SQLITE_ROW) {
        const char *name = (const char *)sqlite3_column_text(tables, 0);
        const char *rowid = rowid_name(a, name);
        char *sql = sqlite3_mprintf("SELECT * FROM \"%w\" NOT INDEXED", name);

        assert_same_rows(a, b, sql);
        sqlite3_free(sql);
        if (rowid == NULL)
            continue;
        sql = sqlite3_mprintf("SELECT %s FROM \"%w\" NOT INDEXED", rowid, name);
        assert_same_rows(a, b, sql);
        sqlite3_free(sql);
    }
    sqlite3_finalize(tables);
}

static void assert_same_dump(const char *a, const char *b)
{
    const char *const files[] = {a, b};
    rh_buf dumps[2] = {RH_BUF_INIT, RH_BUF_INIT};
    rh_error err = RH_ERROR_INIT;

    for (size_t i = 0; i < 2; i++) {
        const char *const arguments[] = {"-batch", files[i], ".dump --preserve-rowids", NULL};
        rh_process_options options = {.program = "sqlite3", .arguments = arguments};

        rh_buf_init(&dumps[i], (size_t)1 << 30);
        assert_int_equal(RH_OK, rh_writer_buf(&dumps[i], &options.output, &err));
        if (rh_process_run(&options, &err) == RH_ENOTFOUND) {
            rh_writer_free(options.output);
            goto out; /* the shell is not installed: the other comparisons have to do */
        }
        rh_writer_free(options.output);
        assert_int_equal(RH_OK, err.code);
        assert_true(dumps[i].len > 0);
    }
    assert_int_equal(dumps[0].len, dumps[1].len);
    assert_memory_equal(dumps[0].data, dumps[1].data, dumps[0].len);
out:
    rh_buf_done(&dumps[0]);
    rh_buf_done(&dumps[1]);
}

void lite_assert_same(const char *a, const char *b)
{
    static const char *const same[] = {
        "PRAGMA page_size",
        "PRAGMA encoding",
        "PRAGMA auto_vacuum",
        "PRAGMA user_version",
        "PRAGMA application_id",
        "PRAGMA journal_mode",
        "PRAGMA integrity_check",
        "SELECT rowid, type, name, tbl_name, sql, rootpage > 0 FROM sqlite_schema",
        NULL,
    };
    sqlite3 *x = open_file(a);
    sqlite3 *y = open_file(b);

    /* The zoo has CHECKs with functions that only production's application knows. */
    sqlite3_exec(x, "PRAGMA ignore_check_constraints=ON", NULL, NULL, NULL);
    sqlite3_exec(y, "PRAGMA ignore_check_constraints=ON", NULL, NULL, NULL);
    for (size_t i = 0; same[i] != NULL; i++)
        assert_same_rows(x, y, same[i]);
    assert_same_tables(x, y);
    sqlite3_close(x);
    sqlite3_close(y);
    assert_same_dump(a, b);
}

/* ---- directories ---- */

static char directory[64];

const char *lite_dir(void)
{
    snprintf(directory, sizeof directory, "/tmp/rh-lite-XXXXXX");
    assert_non_null(mkdtemp(directory));
    return directory;
}

void lite_dir_done(void)
{
    assert_int_equal(RH_OK, rh_fs_remove_tree(directory, NULL));
    directory[0] = '\0';
}

char *lite_path(const char *name)
{
    char *path = rh_mem_printf("%s/%s", directory, name);

    assert_non_null(path);
    return path;
}
