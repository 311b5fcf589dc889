/*
 * Call sessions on SQLite: counters beyond 32 bits, scratch copies of any schema that leave nothing
 * behind, and the end of memory.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "../../support/fail_nth.h"
#include "core/call_session.h"
#include "core/fs.h"
#include "lite_conn.h"

static char dir[64];
static char *path;
static char *scratch;

static int (*handler)(void *);
static void *handler_ctx;

void __real_sqlite3_progress_handler(sqlite3 *db, int steps, int (*look)(void *), void *ctx);
void __wrap_sqlite3_progress_handler(sqlite3 *db, int steps, int (*look)(void *), void *ctx);

void __wrap_sqlite3_progress_handler(sqlite3 *db, int steps, int (*look)(void *), void *ctx)
{
    handler = look;
    handler_ctx = ctx;
    __real_sqlite3_progress_handler(db, steps, look, ctx);
}

static void run(sqlite3 *db, const char *sql)
{
    rh_error err = RH_ERROR_INIT;

    if (rh_lite_exec(db, sql, &err) != RH_OK)
        fail_msg("%s", err.text);
}

static int setup(void **state)
{
    (void)state;
    memcpy(dir, "/tmp/rh-call-XXXXXX", sizeof "/tmp/rh-call-XXXXXX");
    assert_non_null(mkdtemp(dir));
    path = rh_fs_join(dir, "target.db");
    scratch = rh_fs_join(dir, "tmp");
    assert_int_equal(RH_OK, rh_fs_mkdir(scratch, NULL));
    assert_int_equal(0, setenv("SQLITE_TMPDIR", scratch, 1));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rh_mem_free(path);
    rh_mem_free(scratch);
    assert_int_equal(0, unsetenv("SQLITE_TMPDIR"));
    assert_int_equal(RH_OK, rh_fs_remove_tree(dir, NULL));
    return 0;
}

static void make_file(const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(SQLITE_OK, sqlite3_open(path, &db));
    run(db, sql);
    sqlite3_close(db);
}

/* ---- counters ---- */

/* As if the statement ran 2^32 steps more, all of them in one sqlite3_step(). */
static rh_status tick(void *ctx, const rh_parameter *values, size_t count, rh_error *err)
{
    (void)ctx;
    (void)values;
    (void)count;
    (void)err;
    for (int64_t i = 0; i < (INT64_C(1) << 32) / 1000; i++)
        assert_int_equal(0, handler(handler_ctx));
    return RH_OK;
}

static rh_call_counters count_scan(rh_call_row row)
{
    const rh_call_options options = RH_CALL_OPTIONS_INIT;
    const rh_call_run once = {.row = row};
    rh_call_session *session = NULL;
    rh_call_statement *statement = NULL;
    rh_call_counters counters = {0};

    assert_int_equal(RH_OK, rh_call_open(path, &options, &session, NULL));
    assert_int_equal(RH_OK, rh_call_prepare(session, "SELECT count(*) FROM t WHERE a + 1 > 0",
                                            &statement, NULL));
    assert_int_equal(RH_OK, rh_call_execute(statement, &once, &counters, NULL));
    rh_call_statement_free(statement);
    rh_call_close(session);
    return counters;
}

static void steps_are_counted_beyond_32_bits(void **state)
{
    rh_call_counters plain, long_one;

    (void)state;
    make_file("CREATE TABLE t(a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
              "WHERE i < 5000) INSERT INTO t SELECT i FROM n");
    plain = count_scan(NULL);
    long_one = count_scan(tick);
    assert_true(plain.vm_steps > 20000 && plain.vm_steps < 100000);
    assert_int_equal(plain.vm_steps + (INT64_C(1) << 32), long_one.vm_steps);
    assert_int_equal(4999, plain.full_scan_steps);
    assert_int_equal(plain.full_scan_steps, long_one.full_scan_steps);
}

/* ---- scratch copies ---- */

static const char odd_schema[] =
    "CREATE TABLE docs(id INTEGER PRIMARY KEY, body TEXT, other TEXT);"
    "INSERT INTO docs VALUES (1, 'red fox', 'x'), (2, 'blue owl', 'y'), (3, 'red owl', 'z');"
    "CREATE VIRTUAL TABLE five USING fts5(body);"
    "INSERT INTO five SELECT body FROM docs;"
    "CREATE VIRTUAL TABLE four USING fts4(content='docs');"
    "INSERT INTO four(four) VALUES ('rebuild');"
    "CREATE TABLE five_other(a); CREATE INDEX five_i ON five_other(a);"
    "CREATE VIEW v AS SELECT rowid AS r, body FROM five;";

static int64_t ask(rh_call_session *session, const char *sql)
{
    rh_call_statement *statement = NULL;
    rh_call_counters counters = {0};
    rh_error err = RH_ERROR_INIT;
    const rh_call_run once = {.row = NULL};

    if (rh_call_prepare(session, sql, &statement, &err) != RH_OK ||
        rh_call_execute(statement, &once, &counters, &err) != RH_OK)
        fail_msg("%s: %s", sql, err.text);
    rh_call_statement_free(statement);
    return counters.rows;
}

static void copies_have_full_text_tables(void **state)
{
    static const char *const statements[] = {"SELECT 1 FROM v", "SELECT 1 FROM four", NULL};
    const rh_call_options options = RH_CALL_OPTIONS_INIT;

    (void)state;
    make_file(odd_schema);
    /* After VACUUM virtual tables stand behind the tables that they keep their rows in. */
    for (int i = 0; i < 2; i++) {
        rh_call_session *session = NULL;
        rh_error err = RH_ERROR_INIT;

        if (i == 1)
            make_file("VACUUM");
        if (rh_call_open_copies(path, &options, statements, &session, &err) != RH_OK)
            fail_msg("%s", err.text);
        if (rh_call_fill_copies(session, 3, &err) != RH_OK)
            fail_msg("%s", err.text);
        assert_int_equal(3, ask(session, "SELECT r FROM v"));
        assert_int_equal(2, ask(session, "SELECT 1 FROM five WHERE five MATCH 'owl'"));
        assert_int_equal(0, ask(session, "SELECT 1 FROM five_other"));
        rh_call_close(session);
    }
}

static void a_module_that_is_missing_leaves_the_rest(void **state)
{
    json_t *none = json_array();
    rh_call_session *session = NULL;
    json_t *lines = json_array();
    rh_error err = RH_ERROR_INIT;

    (void)state;
    make_file("CREATE TABLE t(a); CREATE INDEX i ON t(a); PRAGMA writable_schema=ON; "
              "INSERT INTO sqlite_master VALUES ('table', 'gone', 'gone', 0, "
              "'CREATE VIRTUAL TABLE gone USING spellfix9(x)'); PRAGMA writable_schema=OFF");
    if (rh_call_open_empty(path, none, &session, &err) != RH_OK)
        fail_msg("%s", err.text);
    assert_int_equal(RH_OK,
                     rh_call_explain_lines(session, "SELECT a FROM t WHERE a = 1", lines, NULL));
    assert_string_equal("SEARCH t USING COVERING INDEX i (a=?)",
                        json_string_value(json_array_get(lines, 0)));
    rh_call_close(session);
    json_decref(lines);
    json_decref(none);
}

static size_t files_in(const char *folder)
{
    DIR *open = opendir(folder);
    size_t count = 0;

    assert_non_null(open);
    for (const struct dirent *e; (e = readdir(open)) != NULL;)
        count += e->d_name[0] != '.';
    (void)closedir(open);
    return count;
}

/* 60 MB are more than what stays in memory, so there is a file; it has no name. */
static void a_killed_process_would_leave_no_file(void **state)
{
    static const char *const statements[] = {"SELECT 1 FROM t", NULL};
    const rh_call_options options = RH_CALL_OPTIONS_INIT;
    rh_call_session *session = NULL;

    (void)state;
    make_file("CREATE TABLE t(a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
              "WHERE i < 3000) INSERT INTO t SELECT zeroblob(20000) FROM n");
    assert_int_equal(RH_OK, rh_call_open_copies(path, &options, statements, &session, NULL));
    assert_int_equal(RH_OK, rh_call_fill_copies(session, 3000, NULL));
    assert_int_equal(0, files_in(scratch));
    assert_int_equal(3000, ask(session, "SELECT 1 FROM t"));
    rh_call_close(session);
}

/* ---- the end of memory ---- */

static rh_status memory_body(void *ctx, rh_error *err)
{
    static const char *const statements[] = {"SELECT 1 FROM docs", NULL};
    rh_call_options options = RH_CALL_OPTIONS_INIT;
    rh_call_session *session = NULL;
    rh_status status;

    options.statistics = ctx;
    status = rh_call_open_copies(path, &options, statements, &session, err);
    if (status == RH_OK)
        status = rh_call_fill_copies(session, 2, err);
    rh_call_close(session);
    session = NULL;
    if (status == RH_OK)
        status = rh_call_open_empty(path, ctx, &session, err);
    rh_call_close(session);
    return status;
}

static void copies_survive_the_end_of_memory(void **state)
{
    json_t *statistics = json_pack("[[s, n, s]]", "docs", "3");

    (void)state;
    make_file(odd_schema);
    assert_true(fail_nth(memory_body, statistics) > 20);
    json_decref(statistics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(steps_are_counted_beyond_32_bits, setup, teardown),
        cmocka_unit_test_setup_teardown(copies_have_full_text_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(a_module_that_is_missing_leaves_the_rest, setup, teardown),
        cmocka_unit_test_setup_teardown(a_killed_process_would_leave_no_file, setup, teardown),
        cmocka_unit_test_setup_teardown(copies_survive_the_end_of_memory, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
