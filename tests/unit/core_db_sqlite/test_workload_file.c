/*
 * Workload files, written and read; and files that are something else.
 */
/* mkdtemp(3) */
#define _XOPEN_SOURCE 700

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "../../support/fail_nth.h"
#include "core/fs.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/workload_file.h"
#include "lite_conn.h"

static char dir[64];
static char *path;

static int setup(void **state)
{
    (void)state;
    memcpy(dir, "/tmp/rh-work-XXXXXX", sizeof "/tmp/rh-work-XXXXXX");
    assert_non_null(mkdtemp(dir));
    path = rh_fs_join(dir, "w.workload");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rh_mem_free(path);
    assert_int_equal(RH_OK, rh_fs_remove_tree(dir, NULL));
    return 0;
}

static const rh_workload_statement by_id = {0, 0xfedcba9876543210U, "parser", "read",
                                            "SELECT * FROM t WHERE id = $1"};

static rh_workload_item at(int64_t time_us, uint64_t session, const char *sql)
{
    rh_workload_item item = RH_WORKLOAD_ITEM_INIT;

    item.time_us = time_us;
    item.session = session;
    item.sql = sql;
    item.statement = &by_id;
    return item;
}

static rh_workload_writer *create(bool replace)
{
    rh_workload_writer_options options = {RH_ENGINE_POSTGRESQL, "0.1.0", NULL, replace};
    rh_workload_writer *writer = NULL;

    assert_int_equal(RH_OK, rh_workload_writer_create(path, &options, &writer, NULL));
    return writer;
}

static void add(rh_workload_writer *writer, rh_workload_item item)
{
    assert_int_equal(RH_OK, rh_workload_writer_add(writer, &item, NULL, NULL));
}

static void commit(rh_workload_writer *writer)
{
    assert_int_equal(RH_OK, rh_workload_writer_commit(writer, NULL));
    rh_workload_writer_free(writer);
}

/* Three executions, the second session's first. */
static void write_three(void)
{
    rh_workload_writer *writer = create(false);

    add(writer, at(2000, 2, "SELECT * FROM t WHERE id = 2"));
    add(writer, at(1000, 1, "SELECT * FROM t WHERE id = 1"));
    add(writer, at(3000, 1, "SELECT * FROM t WHERE id = 2"));
    commit(writer);
}

static size_t read_times(const rh_workload_filter *filter, int64_t times[8])
{
    rh_workload_file *file = NULL;
    rh_workload_cursor *cursor = NULL;
    rh_workload workload;
    rh_workload_item item;
    size_t count = 0;
    rh_status status;

    assert_int_equal(RH_OK, rh_workload_file_open(path, &file, NULL));
    assert_int_equal(RH_OK, rh_workload_cursor_open(file, filter, &cursor, NULL));
    workload = rh_workload_from_cursor(cursor);
    while ((status = workload.next(workload.ctx, &item, NULL)) == RH_OK && count < 8)
        times[count++] = item.time_us;
    assert_int_equal(RH_DONE, status);
    assert_int_equal(RH_DONE, workload.next(workload.ctx, &item, NULL));
    rh_workload_cursor_close(cursor);
    rh_workload_file_close(file);
    return count;
}

static void assert_parameters(const rh_parameter *want, const rh_parameter *got, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(want[i].kind, got[i].kind);
        assert_int_equal(want[i].len, got[i].len);
        if (want[i].len > 0)
            assert_memory_equal(want[i].data, got[i].data, want[i].len);
        assert_true(want[i].integer == got[i].integer);
        assert_true(want[i].real >= got[i].real && want[i].real <= got[i].real);
    }
}

static void an_execution_comes_back_as_it_was(void **state)
{
    static const uint8_t bytes[] = {0, 255, 7};
    const rh_parameter parameters[] = {
        {.kind = RH_PARAMETER_NULL},
        {.kind = RH_PARAMETER_TEXT, .data = "o'\"\\\n\xc3\xa9", .len = 7},
        {.kind = RH_PARAMETER_TEXT, .data = "\xff\0", .len = 2},
        {.kind = RH_PARAMETER_INTEGER, .integer = INT64_MIN},
        {.kind = RH_PARAMETER_REAL, .real = 5},
        {.kind = RH_PARAMETER_REAL, .real = -(double)INFINITY},
        {.kind = RH_PARAMETER_BLOB, .data = bytes, .len = 3, .name = ":outpoint"},
        {.kind = RH_PARAMETER_TEXT, .data = NULL, .len = 0},
    };
    const size_t count = sizeof parameters / sizeof parameters[0];
    rh_workload_source source = {.id = 3, .path = "/var/log/pg.log", .format = "csvlog"};
    rh_workload_item item = at(1234567, 9, "SELECT $1");
    rh_workload_filter all = {0};
    rh_workload_file *file = NULL;
    rh_workload_cursor *cursor = NULL;
    rh_workload_writer *writer = create(false);
    rh_workload_item back;
    rh_workload workload;
    uint64_t execution = 0;

    (void)state;
    item.duration_us = 250;
    item.transaction = 77;
    item.parameters = parameters;
    item.parameter_count = count;
    item.protocol = RH_WORKLOAD_PREPARED;
    item.prepared_name = "S_1";
    item.rows = 0;
    item.sqlstate = "22012";
    item.unreplayable = "truncated parameter";
    item.source = 3;
    item.source_line = 41;
    item.unit = 5;
    assert_int_equal(RH_OK, rh_workload_writer_source(writer, &source, NULL));
    assert_int_equal(RH_OK, rh_workload_writer_add(writer, &item, &execution, NULL));
    commit(writer);
    assert_int_equal(1, execution);

    assert_int_equal(RH_OK, rh_workload_file_open(path, &file, NULL));
    assert_int_equal(1, rh_workload_file_summary(file)->unreplayable);
    assert_int_equal(RH_OK, rh_workload_cursor_open(file, &all, &cursor, NULL));
    workload = rh_workload_from_cursor(cursor);
    assert_int_equal(RH_OK, workload.next(workload.ctx, &back, NULL));
    assert_int_equal(1234567, back.time_us);
    assert_int_equal(250, back.duration_us);
    assert_int_equal(9, back.session);
    assert_int_equal(77, back.transaction);
    assert_string_equal("SELECT $1", back.sql);
    assert_string_equal("/var/log/pg.log", back.source_file);
    assert_int_equal(41, back.source_line);
    assert_int_equal(RH_WORKLOAD_PREPARED, back.protocol);
    assert_string_equal("S_1", back.prepared_name);
    assert_int_equal(0, back.rows);
    assert_string_equal("22012", back.sqlstate);
    assert_string_equal("truncated parameter", back.unreplayable);
    assert_int_equal(5, back.unit);
    assert_true(back.statement->fingerprint == by_id.fingerprint);
    assert_string_equal(by_id.normalized, back.statement->normalized);
    assert_string_equal("parser", back.statement->by);
    assert_int_equal(count, back.parameter_count);
    assert_parameters(parameters, back.parameters, count);
    assert_null(back.parameters[0].name);
    assert_string_equal(":outpoint", back.parameters[6].name);
    assert_int_equal(RH_DONE, workload.next(workload.ctx, &back, NULL));
    assert_int_equal(RH_OK, workload.rewind(workload.ctx, NULL));
    assert_int_equal(RH_OK, workload.next(workload.ctx, &back, NULL));
    rh_workload_cursor_close(cursor);
    rh_workload_file_close(file);
}

/* What the n-th of many has: other columns in each stretch of rows, texts short and long. */
static rh_workload_item one_of_many(size_t n, char *sql, size_t size)
{
    rh_workload_item item = at(1000 + (int64_t)n, n % 7 + 1, sql);
    size_t len = n % 500 == 123 ? size - 1 : 10 + n % 90;

    memset(sql, 'a' + (int)(n % 23), len);
    sql[len] = '\0';
    item.duration_us = n / 100 % 2 == 0 ? (int64_t)n : -1;
    item.rows = n / 200 % 2 == 0 ? (int64_t)n * 2 : -1;
    item.transaction = n / 150 % 2 == 0 ? n : 0;
    item.sqlstate = n / 300 % 3 == 1 ? "22012" : NULL;
    item.prepared_name = n / 350 % 3 == 1 ? "S_1" : NULL;
    item.unreplayable = n % 777 == 5 ? "cut" : NULL;
    item.unit = n / 400 % 2 == 0 ? n + 1 : 0;
    item.source_line = n + 1;
    return item;
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static void assert_same_item(const rh_workload_item *want, const rh_workload_item *got)
{
    assert_true(want->time_us == got->time_us && want->session == got->session);
    assert_string_equal(want->sql, got->sql);
    assert_true(want->duration_us == got->duration_us && want->rows == got->rows);
    assert_true(want->transaction == got->transaction && want->unit == got->unit);
    assert_true(same_text(want->sqlstate, got->sqlstate));
    assert_true(same_text(want->prepared_name, got->prepared_name));
    assert_true(same_text(want->unreplayable, got->unreplayable));
    assert_true(want->source_line == got->source_line);
}

/* Rows are written by the batch, with a statement for the columns that have values. */
static void many_executions_come_back_as_they_were(void **state)
{
    enum { MANY = 3000, LONG_BYTES = 40000 };
    char *sql = rh_mem_alloc(LONG_BYTES);
    rh_workload_writer *writer = create(false);
    rh_workload_filter all = {0};
    rh_workload_file *file = NULL;
    rh_workload_cursor *cursor = NULL;
    rh_workload_item back;

    (void)state;
    assert_non_null(sql);
    for (size_t n = 0; n < MANY; n++)
        add(writer, one_of_many(n, sql, LONG_BYTES));
    commit(writer);
    assert_int_equal(RH_OK, rh_workload_file_open(path, &file, NULL));
    assert_int_equal(MANY, rh_workload_file_summary(file)->executions);
    assert_int_equal(RH_OK, rh_workload_cursor_open(file, &all, &cursor, NULL));
    for (size_t n = 0; n < MANY; n++) {
        rh_workload_item want = one_of_many(n, sql, LONG_BYTES);

        assert_int_equal(RH_OK, rh_workload_from_cursor(cursor).next(cursor, &back, NULL));
        assert_int_equal(n + 1, back.execution);
        assert_same_item(&want, &back);
    }
    assert_int_equal(RH_DONE, rh_workload_from_cursor(cursor).next(cursor, &back, NULL));
    rh_workload_cursor_close(cursor);
    rh_workload_file_close(file);
    rh_mem_free(sql);
}

/* The n-th execution, read back. */
static rh_workload_item read_nth(size_t n)
{
    rh_workload_filter all = {0};
    rh_workload_file *file = NULL;
    rh_workload_cursor *cursor = NULL;
    rh_workload_item item = RH_WORKLOAD_ITEM_INIT;

    assert_int_equal(RH_OK, rh_workload_file_open(path, &file, NULL));
    assert_int_equal(RH_OK, rh_workload_cursor_open(file, &all, &cursor, NULL));
    for (size_t i = 0; i <= n; i++)
        assert_int_equal(RH_OK, rh_workload_from_cursor(cursor).next(cursor, &item, NULL));
    rh_workload_cursor_close(cursor);
    rh_workload_file_close(file);
    return item;
}

static void an_execution_may_stand_for_many(void **state)
{
    rh_workload_writer *writer = create(false);
    rh_workload_item many = at(1, 1, "SELECT 1");
    rh_workload_item item;

    (void)state;
    add(writer, many);
    many.calls = 12345;
    many.total_us = 99000000;
    many.total_rows = 0;
    add(writer, many);
    commit(writer);
    item = read_nth(0);
    assert_true(item.calls == 0 && item.total_us == -1 && item.total_rows == -1);
    item = read_nth(1);
    assert_true(item.calls == 12345 && item.total_us == 99000000 && item.total_rows == 0);
}

static void order_and_filter_choose_executions(void **state)
{
    int64_t times[8] = {0};

    (void)state;
    write_three();
    assert_int_equal(3, read_times(&(rh_workload_filter){0}, times));
    assert_int_equal(2000, times[0]);
    assert_int_equal(1000, times[1]);
    assert_int_equal(3, read_times(&(rh_workload_filter){.order = RH_WORKLOAD_ORDER_TIME}, times));
    assert_int_equal(1000, times[0]);
    assert_int_equal(3000, times[2]);
    assert_int_equal(3,
                     read_times(&(rh_workload_filter){.order = RH_WORKLOAD_ORDER_SESSION}, times));
    assert_int_equal(3000, times[1]);
    assert_int_equal(2000, times[2]);
    assert_int_equal(1, read_times(&(rh_workload_filter){.session = 2}, times));
    assert_int_equal(1,
                     read_times(&(rh_workload_filter){.from_us = 2000, .until_us = 3000}, times));
    assert_int_equal(2000, times[0]);
    assert_int_equal(
        0, read_times(&(rh_workload_filter){.by_fingerprint = true, .fingerprint = 1}, times));
    assert_int_equal(3, read_times(&(rh_workload_filter){.by_fingerprint = true,
                                                         .fingerprint = by_id.fingerprint},
                                   times));
}

static void equal_texts_are_stored_once(void **state)
{
    rh_workload_writer *writer = create(false);
    rh_workload_file *file = NULL;

    (void)state;
    for (int64_t i = 1; i <= 5000; i++) {
        char sql[64];

        (void)snprintf(sql, sizeof sql, "SELECT * FROM t WHERE id = %d", (int)(i % 1500));
        add(writer, at(i, 1, sql));
    }
    commit(writer);
    assert_int_equal(RH_OK, rh_workload_file_open(path, &file, NULL));
    assert_int_equal(5000, rh_workload_file_summary(file)->executions);
    assert_int_equal(1500, rh_workload_file_summary(file)->texts);
    assert_int_equal(1, rh_workload_file_summary(file)->statements);
    assert_true(rh_workload_file_summary(file)->time_ordered);
    rh_workload_file_close(file);
}

static size_t entries(void)
{
    char **names = NULL;
    size_t count = 0;

    assert_int_equal(RH_OK, rh_fs_list(dir, &names, &count, NULL));
    rh_fs_list_free(names);
    return count;
}

static void nothing_stands_under_the_name_before_commit(void **state)
{
    rh_workload_writer_options options = {RH_ENGINE_SQLITE, "0.1.0", NULL, false};
    rh_workload_writer *writer = create(false);
    struct stat st;

    (void)state;
    add(writer, at(1, 1, "SELECT 1"));
    assert_false(rh_fs_exists(path));
    rh_workload_writer_free(writer);
    assert_int_equal(0, entries());

    write_three();
    assert_int_equal(1, entries());
    assert_int_equal(0, stat(path, &st));
    assert_int_equal(0600, st.st_mode & 0777);
    assert_int_equal(RH_EEXISTS, rh_workload_writer_create(path, &options, &writer, NULL));
    commit(create(true));
    assert_int_equal(0, read_times(&(rh_workload_filter){0}, (int64_t[8]){0}));
    assert_int_equal(1, entries());
}

static rh_status count_skipped(void *ctx, const rh_workload_skipped *skipped, rh_error *err)
{
    uint64_t *sum = ctx;

    (void)err;
    assert_string_equal("no parameters", skipped->reason);
    assert_int_equal(12, skipped->line);
    *sum += skipped->count;
    return RH_OK;
}

static rh_status check_session(void *ctx, const rh_workload_session *session, rh_error *err)
{
    (void)ctx;
    (void)err;
    assert_int_equal(4, session->id);
    assert_string_equal("app", session->user);
    assert_null(session->client);
    assert_int_equal(99, session->end_us);
    return RH_DONE;
}

static rh_status check_unit(void *ctx, const rh_workload_unit *unit, rh_error *err)
{
    (void)ctx;
    (void)err;
    assert_string_equal("block", unit->kind);
    assert_int_equal(866000, unit->height);
    return RH_OK;
}

static rh_status check_plan(void *ctx, const rh_workload_plan *plan, rh_error *err)
{
    (void)ctx;
    (void)err;
    assert_int_equal(1, plan->execution);
    return rh_error_set(err, RH_ELIMIT, "enough");
}

static void the_smaller_tables_come_back(void **state)
{
    rh_workload_writer *writer = create(false);
    rh_workload_session session = {.id = 4, .user = "app"};
    rh_workload_file *file = NULL;
    rh_error err = RH_ERROR_INIT;
    uint64_t sum = 0;

    (void)state;
    for (uint64_t line = 12; line < 15; line++)
        assert_int_equal(RH_OK,
                         rh_workload_writer_skipped(
                             writer, &(rh_workload_skipped){"no parameters", 1, line, 2}, NULL));
    assert_int_equal(RH_OK, rh_workload_writer_session(writer, &session, NULL));
    session.end_us = 99;
    assert_int_equal(RH_OK, rh_workload_writer_session(writer, &session, NULL));
    assert_int_equal(
        RH_OK, rh_workload_writer_unit(
                   writer, &(rh_workload_unit){.id = 1, .kind = "block", .height = 866000}, NULL));
    assert_int_equal(RH_OK,
                     rh_workload_writer_plan(writer, &(rh_workload_plan){1, "json", "{}"}, NULL));
    commit(writer);

    assert_int_equal(RH_OK, rh_workload_file_open(path, &file, NULL));
    assert_int_equal(6, rh_workload_file_summary(file)->skipped);
    assert_int_equal(1, rh_workload_file_summary(file)->sessions);
    assert_int_equal(RH_OK, rh_workload_file_skipped(file, count_skipped, &sum, NULL));
    assert_int_equal(6, sum);
    assert_int_equal(RH_OK, rh_workload_file_sessions(file, check_session, NULL, NULL));
    assert_int_equal(RH_OK, rh_workload_file_units(file, check_unit, NULL, NULL));
    assert_int_equal(RH_ELIMIT, rh_workload_file_plans(file, check_plan, NULL, &err));
    assert_string_equal("enough", err.text);
    rh_workload_file_close(file);
}

/* ---- files that are something else ---- */

static void change(const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(SQLITE_OK, sqlite3_open(path, &db));
    assert_int_equal(RH_OK, rh_lite_exec(db, sql, NULL));
    sqlite3_close(db);
}

static void refused_after(const char *sql, const char *words)
{
    rh_workload_file *file = NULL;
    rh_error err = RH_ERROR_INIT;

    write_three();
    change(sql);
    assert_int_equal(RH_EFORMAT, rh_workload_file_open(path, &file, &err));
    assert_null(file);
    if (strstr(err.text, words) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, words);
    assert_int_equal(RH_OK, rh_fs_remove(path, NULL));
}

static void what_is_no_workload_is_refused_with_a_reason(void **state)
{
    rh_workload_file *file = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    refused_after("PRAGMA user_version=2", "has format 2, and this version reads 1");
    refused_after("PRAGMA application_id=1", "another SQLite database");
    refused_after("DROP TABLE units", "table 'units' is missing");
    refused_after("DROP TABLE units; CREATE VIEW units AS SELECT 1 AS id", "'units' is missing");
    refused_after("ALTER TABLE texts ADD COLUMN more", "'texts' is not as it must be");
    refused_after("UPDATE meta SET value = 'oracle' WHERE key = 'engine'", "oracle");
    refused_after("UPDATE meta SET value = '[' WHERE key = 'settings'", "settings");
    refused_after("DELETE FROM meta WHERE key = 'engine'", "does not tell");
    assert_int_equal(RH_ENOTFOUND, rh_workload_file_open(path, &file, &err));
    rh_error_clear(&err);
    assert_int_equal(RH_OK, rh_fs_write(path, 0600, "no database", 11, NULL));
    assert_int_equal(RH_EFORMAT, rh_workload_file_open(path, &file, &err));
}

static void reading_fails_after(const char *sql, const char *words)
{
    rh_workload_file *file = NULL;
    rh_workload_cursor *cursor = NULL;
    rh_workload_filter filter = {.order = RH_WORKLOAD_ORDER_TIME};
    rh_error err = RH_ERROR_INIT;
    rh_workload workload;
    rh_workload_item item;
    rh_status status;

    write_three();
    change(sql);
    assert_int_equal(RH_OK, rh_workload_file_open(path, &file, NULL));
    assert_int_equal(RH_OK, rh_workload_cursor_open(file, &filter, &cursor, NULL));
    workload = rh_workload_from_cursor(cursor);
    do {
        status = workload.next(workload.ctx, &item, &err);
    } while (status == RH_OK);
    assert_int_equal(RH_EFORMAT, status);
    if (strstr(err.text, words) == NULL)
        fail_msg("'%s' does not say '%s'", err.text, words);
    rh_workload_cursor_close(cursor);
    rh_workload_file_close(file);
    assert_int_equal(RH_OK, rh_fs_remove(path, NULL));
}

static void impossible_values_are_refused_where_they_stand(void **state)
{
    (void)state;
    reading_fails_after("UPDATE executions SET session = -1", "'session'");
    reading_fails_after("UPDATE executions SET session = 0", "no session");
    reading_fails_after("UPDATE executions SET start_us = 'soon'", "'start_us'");
    reading_fails_after("UPDATE executions SET protocol = 3", "protocol");
    reading_fails_after("UPDATE executions SET parameters = '[true]'", "parameters are malformed");
    reading_fails_after("UPDATE executions SET parameters = '{}'", "parameters are malformed");
    reading_fails_after("UPDATE executions SET parameters = '[{\"blob\":\"0\"}]'", "malformed");
    reading_fails_after("UPDATE texts SET sql = CAST(x'610062' AS TEXT)", "'sql'");
    reading_fails_after("UPDATE statements SET fingerprint = 'short'", "'fingerprint'");
    reading_fails_after("UPDATE meta SET value = 1 WHERE key = 'time_ordered'", "order");
    reading_fails_after("INSERT INTO totals VALUES (1, 'x', 1, 1)", "'calls'");
    reading_fails_after("INSERT INTO totals VALUES (1, 2, -7, 1)", "'total_us'");
}

/* The table came later to format 1. */
static void files_without_totals_are_as_good(void **state)
{
    rh_workload_file *file = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    write_three();
    change("DROP TABLE totals");
    assert_int_equal(read_nth(2).time_us, 3000);
    change("CREATE TABLE totals (execution INTEGER PRIMARY KEY, calls)");
    assert_int_equal(RH_EFORMAT, rh_workload_file_open(path, &file, &err));
    assert_non_null(strstr(err.text, "table 'totals' is not as it must be"));
}

/* ---- memory ---- */

static rh_status write_and_read(void *ctx, rh_error *err)
{
    static const rh_parameter parameters[] = {
        {.kind = RH_PARAMETER_TEXT, .data = "x", .len = 1, .name = ":a"},
        {.kind = RH_PARAMETER_BLOB, .data = "x", .len = 1}};
    rh_workload_writer_options options = {RH_ENGINE_POSTGRESQL, "0.1.0", NULL, true};
    rh_workload_writer *writer = NULL;
    rh_workload_file *file = NULL;
    rh_workload_cursor *cursor = NULL;
    rh_workload_item item = at(1, 1, "SELECT $1, $2");
    rh_workload_item back;
    rh_workload_filter all = {0};
    rh_status status = rh_workload_writer_create(path, &options, &writer, err);

    (void)ctx;
    item.parameters = parameters;
    item.parameter_count = 2;
    if (status == RH_OK)
        status = rh_workload_writer_add(writer, &item, NULL, err);
    if (status == RH_OK)
        status = rh_workload_writer_commit(writer, err);
    rh_workload_writer_free(writer);
    if (status == RH_OK)
        status = rh_workload_file_open(path, &file, err);
    if (status == RH_OK)
        status = rh_workload_cursor_open(file, &all, &cursor, err);
    if (status == RH_OK)
        status = rh_workload_from_cursor(cursor).next(cursor, &back, err);
    rh_workload_cursor_close(cursor);
    rh_workload_file_close(file);
    return status;
}

static void memory_may_end_anywhere(void **state)
{
    (void)state;
    assert_true(fail_nth(write_and_read, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_execution_comes_back_as_it_was, setup, teardown),
        cmocka_unit_test_setup_teardown(many_executions_come_back_as_they_were, setup, teardown),
        cmocka_unit_test_setup_teardown(an_execution_may_stand_for_many, setup, teardown),
        cmocka_unit_test_setup_teardown(files_without_totals_are_as_good, setup, teardown),
        cmocka_unit_test_setup_teardown(order_and_filter_choose_executions, setup, teardown),
        cmocka_unit_test_setup_teardown(equal_texts_are_stored_once, setup, teardown),
        cmocka_unit_test_setup_teardown(nothing_stands_under_the_name_before_commit, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(the_smaller_tables_come_back, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_workload_is_refused_with_a_reason, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(impossible_values_are_refused_where_they_stand, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(memory_may_end_anywhere, setup, teardown),
    };

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
