/*
 * The rest of the seam: limits, selection, sessions, preflight, facts, explain, names.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/fs.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/str.h"
#include "lite_copy.h"

static char *source_path;

static int setup(void **state)
{
    (void)state;
    lite_dir();
    source_path = lite_path("source.db");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rh_mem_free(source_path);
    lite_dir_done();
    return 0;
}

static rh_status take(const rh_source_options *options, lite_snapshot *out, rh_error *err)
{
    return lite_snapshot_take(source_path, options, out, err);
}

static void a_row_over_the_limit_is_refused_by_name_of_the_limit(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    lite_snapshot snapshot;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    lite_script(source_path,
                "CREATE TABLE t(a); INSERT INTO t VALUES('SECRETVALUE' || hex(zeroblob(2000)))");
    options.max_row_bytes = 4000;
    assert_int_equal(RH_ELIMIT, take(&options, &snapshot, &err));
    assert_non_null(strstr(err.text, "4000 bytes"));
    assert_null(strstr(err.text, "SECRETVALUE"));
    options.max_row_bytes = 4200;
    assert_int_equal(RH_OK, take(&options, &snapshot, NULL));
    lite_snapshot_free(&snapshot);
}

static void a_canceled_read_stops(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_cancel cancel = {0};
    lite_snapshot snapshot;

    (void)state;
    lite_script(source_path, "CREATE TABLE t(a); INSERT INTO t VALUES(1)");
    options.cancel = &cancel;
    rh_cancel_request(&cancel);
    assert_int_equal(RH_ECANCELED, take(&options, &snapshot, NULL));
}

static void a_range_over_its_time_limit_stops(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    lite_snapshot snapshot;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    lite_script(source_path, "CREATE TABLE t(a);"
                             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
                             "i < 100000) INSERT INTO t SELECT i FROM n");
    options.range_timeout_us = 1;
    assert_int_equal(RH_EDB, take(&options, &snapshot, &err));
    assert_non_null(strstr(err.text, "time limit"));
}

static void assert_rows(const lite_snapshot *snapshot, const char *name, int64_t rows)
{
    const rh_table *table = rh_catalog_find(snapshot->catalog, name);

    assert_non_null(table);
    assert_int_equal(rows < 0, table->rows_excluded);
    if (rows >= 0)
        assert_int_equal(rows, snapshot->counts[table->index]);
}

static void tables_are_selected_by_globs_and_shadows_follow_their_owner(void **state)
{
    static const char *const include[] = {"main.keep*", "ft", NULL};
    static const char *const exclude[] = {"*_not", NULL};
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_target_options to = RH_TARGET_OPTIONS_INIT;
    lite_snapshot snapshot;
    char *target = lite_path("target.db");
    char *name = rh_mem_printf("sqlite:%s", target);

    (void)state;
    lite_script(
        source_path,
        "CREATE TABLE keep_a(i INTEGER PRIMARY KEY AUTOINCREMENT); INSERT INTO keep_a VALUES(5);"
        "CREATE TABLE keep_not(x); INSERT INTO keep_not VALUES(1);"
        "CREATE TABLE other(x UNIQUE); INSERT INTO other VALUES(1), (2);"
        "CREATE VIRTUAL TABLE ft USING fts5(a); INSERT INTO ft VALUES('word');"
        "CREATE VIRTUAL TABLE left_not USING fts5(a); INSERT INTO left_not VALUES('word');");
    options.include = include;
    options.exclude = exclude;
    assert_int_equal(RH_OK, take(&options, &snapshot, NULL));
    assert_rows(&snapshot, "main.keep_a", 1);
    assert_rows(&snapshot, "main.keep_not", -1);
    assert_rows(&snapshot, "main.other", -1);
    assert_rows(&snapshot, "main.ft_content", 1);
    assert_rows(&snapshot, "main.left_not_content", -1);
    assert_rows(&snapshot, "main.sqlite_sequence", 1);
    assert_int_equal(RH_OK, lite_snapshot_restore(&snapshot, name, &to, 0, NULL, NULL));
    assert_int_equal(0, lite_int(target, "SELECT count(*) FROM other"));
    assert_int_equal(1, lite_int(target, "SELECT count(*) FROM ft('word')"));
    assert_int_equal(0, lite_int(target, "SELECT count(*) FROM left_not('word')"));
    assert_int_equal(5, lite_int(target, "SELECT seq FROM sqlite_sequence"));
    lite_snapshot_free(&snapshot);
    rh_mem_free(name);
    rh_mem_free(target);
}

static rh_source *begin(const rh_source_options *options)
{
    rh_source *source = NULL;
    rh_error err = RH_ERROR_INIT;

    if (rh_source_open(source_path, options, &source, &err) != RH_OK ||
        rh_source_begin(source, &err) != RH_OK)
        fail_msg("%s", err.text);
    return source;
}

static void sessions_beyond_jobs_are_skipped_and_come_back_after_close(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_session *sessions[3] = {NULL};
    rh_error err = RH_ERROR_INIT;
    rh_source *source;

    (void)state;
    lite_script(source_path, "CREATE TABLE t(a)");
    options.jobs = 2;
    source = begin(&options);
    assert_int_equal(RH_OK, rh_session_open(source, &sessions[0], &err));
    assert_int_equal(RH_OK, rh_session_open(source, &sessions[1], &err));
    assert_int_equal(RH_SKIPPED, rh_session_open(source, &sessions[2], &err));
    assert_int_equal(RH_OK, err.code);
    assert_null(sessions[2]);
    rh_session_close(sessions[0]);
    assert_int_equal(RH_OK, rh_session_open(source, &sessions[0], &err));
    rh_session_close(sessions[0]);
    rh_session_close(sessions[1]);
    rh_source_end(source);
    assert_true(rh_source_held_us(source) > 0);
    rh_source_end(source);
    rh_source_close(source);
}

static void explain_gives_the_plan_and_runs_nothing(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_session *session = NULL;
    rh_source *source;
    json_t *plan = NULL;
    const char *detail;

    (void)state;
    lite_script(source_path, "CREATE TABLE t(a, b); CREATE INDEX t_a ON t(a);"
                             "CREATE VIEW v AS SELECT upper(b) AS u, a FROM t");
    source = begin(&options);
    assert_int_equal(RH_OK, rh_session_open(source, &session, NULL));
    assert_int_equal(RH_OK,
                     rh_session_explain(session, "SELECT u FROM v WHERE a = ?", &plan, NULL));
    detail = json_string_value(json_object_get(json_array_get(plan, 0), "detail"));
    assert_string_equal("SEARCH t USING INDEX t_a (a=?)", detail);
    assert_true(json_is_integer(json_object_get(json_array_get(plan, 0), "parent")));
    json_decref(plan);
    assert_int_equal(RH_EDB, rh_session_explain(session, "SELECT nonsense FROM t", &plan, NULL));
    assert_int_equal(RH_EUSAGE, rh_session_explain(session, "SELECT 1; SELECT 2", &plan, NULL));
    rh_session_close(session);
    rh_source_close(source);
}

static const rh_problem *find_problem(const rh_problems *problems, const char *part)
{
    for (size_t i = 0; i < problems->count; i++) {
        if (strstr(problems->items[i].text, part) != NULL)
            return &problems->items[i];
    }
    return NULL;
}

static void preflight(rh_problems *problems)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_source *source = NULL;

    assert_int_equal(RH_OK, rh_source_open(source_path, &options, &source, NULL));
    assert_int_equal(RH_OK, rh_source_preflight(source, problems, NULL));
    rh_source_close(source);
}

static void preflight_tells_what_misleads(void **state)
{
    rh_problems problems = RH_PROBLEMS_INIT;

    (void)state;
    lite_script(
        source_path,
        "CREATE TABLE hidden(rowid, _rowid_, oid); CREATE TABLE c(a); CREATE INDEX i ON c(a);"
        "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = 'CREATE INDEX i ON c(a "
        "COLLATE app)' WHERE name = 'i'");
    preflight(&problems);
    assert_int_equal(0, rh_problems_fatal(&problems));
    assert_non_null(find_problem(&problems, "journal mode is 'delete'"));
    assert_non_null(find_problem(&problems, "table 'hidden'"));
    assert_non_null(find_problem(&problems, "index 'i' uses collation 'app'"));
    rh_problems_done(&problems);
}

static void preflight_of_a_sound_file_in_wal_mode_is_silent(void **state)
{
    rh_problems problems = RH_PROBLEMS_INIT;

    (void)state;
    lite_script(source_path, "PRAGMA journal_mode=WAL; CREATE TABLE t(a COLLATE NOCASE UNIQUE)");
    preflight(&problems);
    assert_int_equal(0, problems.count);
    rh_problems_done(&problems);
}

static void preflight_of_something_else_is_fatal(void **state)
{
    rh_problems problems = RH_PROBLEMS_INIT;

    (void)state;
    assert_int_equal(RH_OK, rh_fs_write(source_path, 0600,
                                        "plain text, long enough to be read as a "
                                        "header of a file, surely it is not one",
                                        78, NULL));
    preflight(&problems);
    assert_int_equal(1, rh_problems_fatal(&problems));
    assert_non_null(find_problem(&problems, "not a database"));
    rh_problems_done(&problems);
}

/* A table whose rowid has no name: its rows are numbered, and everything else is the same. */
static void rows_behind_three_rowid_columns_are_copied_in_order(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_target_options to = RH_TARGET_OPTIONS_INIT;
    lite_snapshot snapshot;
    char *target = lite_path("target.db");
    char *name = rh_mem_printf("sqlite:%s", target);

    (void)state;
    lite_script(source_path, "CREATE TABLE h(rowid, _rowid_, oid, x AS (oid || 'x') STORED);"
                             "INSERT INTO h VALUES(1, 2, 3), ('a', 'b', 'c'), (7, 8, 9);"
                             "DELETE FROM h WHERE oid = 3");
    assert_int_equal(RH_OK, take(&options, &snapshot, NULL));
    assert_int_equal(RH_OK, lite_snapshot_restore(&snapshot, name, &to, 0, NULL, NULL));
    lite_assert_same(source_path, target);
    lite_snapshot_free(&snapshot);
    rh_mem_free(name);
    rh_mem_free(target);
}

static void facts_describe_the_file_and_hide_its_path(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    lite_snapshot snapshot;
    char *text;

    (void)state;
    lite_script(source_path,
                "PRAGMA page_size=2048; PRAGMA user_version=12; PRAGMA journal_mode=WAL;"
                "CREATE TABLE t(a); ANALYZE");
    options.jobs = 2;
    assert_int_equal(RH_OK, take(&options, &snapshot, NULL));
    assert_string_equal("sqlite", json_string_value(json_object_get(snapshot.facts, "engine")));
    assert_string_equal("source.db",
                        json_string_value(json_object_get(snapshot.facts, "database")));
    assert_int_equal(2048, json_integer_value(json_object_get(snapshot.facts, "page_size")));
    assert_int_equal(12, json_integer_value(json_object_get(snapshot.facts, "user_version")));
    assert_int_equal(2, json_integer_value(json_object_get(snapshot.facts, "readers")));
    assert_string_equal("wal", json_string_value(json_object_get(snapshot.facts, "journal_mode")));
    assert_true(json_is_object(json_object_get(snapshot.facts, "wal")));
    assert_true(json_is_true(json_object_get(json_object_get(snapshot.facts, "planner"), "stat1")));
    assert_int_equal(64, strlen(json_string_value(json_object_get(snapshot.facts, "system_id"))));
    text = json_dumps(snapshot.facts, 0);
    assert_null(strstr(text, "/tmp/"));
    rh_mem_free(text);
    lite_snapshot_free(&snapshot);
}

static void names_are_described_with_their_kind(void **state)
{
    rh_buf text = RH_BUF_INIT;

    (void)state;
    assert_int_equal(RH_OK, rh_engine_describe("sqlite:some/file.db", &text, NULL));
    assert_string_equal("sqlite:some/file.db", rh_buf_cstr(&text));
    rh_buf_done(&text);
}

/* Ranges: ascending, disjoint, covering, and the same when rows are added at the end. */
static void ranges_are_cut_at_stable_places(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    const rh_catalog *catalog = NULL;
    rh_range first[16];
    rh_source *source;
    size_t count;

    (void)state;
    lite_script(source_path, "PRAGMA synchronous=OFF; CREATE TABLE t(a INTEGER PRIMARY KEY, b);"
                             "WITH RECURSIVE n(i) AS (SELECT -20000 UNION ALL SELECT i + 1 FROM n "
                             "WHERE i < 50000) INSERT INTO t SELECT i, zeroblob(1000) FROM n;"
                             "INSERT INTO t VALUES(4611686018427387904, 'far away')");
    source = begin(&options);
    assert_int_equal(RH_OK, rh_source_catalog(source, &catalog, NULL));
    count = catalog->tables[0].range_count;
    assert_true(count >= 8 && count <= 16);
    memcpy(first, catalog->tables[0].ranges, count * sizeof first[0]);
    assert_true(first[0].from == INT64_MIN && first[count - 1].to == INT64_MAX);
    for (size_t i = 1; i < count; i++) {
        assert_true(first[i].from == first[i - 1].to && first[i].from < first[i].to);
        assert_int_equal(0, first[i].from % 4096);
    }
    rh_source_close(source);
    lite_script(source_path, "INSERT INTO t VALUES(50001, zeroblob(1010))");
    source = begin(&options);
    assert_int_equal(RH_OK, rh_source_catalog(source, &catalog, NULL));
    assert_int_equal(count, catalog->tables[0].range_count);
    assert_memory_equal(first, catalog->tables[0].ranges, count * sizeof first[0]);
    rh_source_close(source);
}

static void ranges_of_random_rowids_stay_few(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_target_options to = RH_TARGET_OPTIONS_INIT;
    lite_snapshot snapshot;
    char *target = lite_path("target.db");
    char *name = rh_mem_printf("sqlite:%s", target);

    (void)state;
    lite_script(source_path, "PRAGMA synchronous=OFF; PRAGMA cache_size=-200000;"
                             "CREATE TABLE t(a INTEGER PRIMARY KEY, b);"
                             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE "
                             "i < 40000) INSERT INTO t SELECT random(), zeroblob(1000) FROM n");
    options.jobs = 2;
    assert_int_equal(RH_OK, take(&options, &snapshot, NULL));
    assert_true(snapshot.ranges > 2 && snapshot.ranges <= 36); /* 4 x 40 MiB / 8 MiB + 16 */
    assert_int_equal(40000, snapshot.counts[0]);
    assert_int_equal(RH_OK, lite_snapshot_restore(&snapshot, name, &to, 0, NULL, NULL));
    lite_assert_same(source_path, target);
    lite_snapshot_free(&snapshot);
    rh_mem_free(name);
    rh_mem_free(target);
}

/* abs() of the smallest integer is an error, so whoever evaluates the column fails. */
static void expressions_of_the_schema_are_not_evaluated(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_target_options to = RH_TARGET_OPTIONS_INIT;
    lite_snapshot snapshot;
    char *target = lite_path("target.db");
    char *name = rh_mem_printf("sqlite:%s", target);

    (void)state;
    lite_script(source_path,
                "CREATE TABLE t(a, c); INSERT INTO t VALUES(-9223372036854775808, 6);"
                "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql = 'CREATE "
                "TABLE t(a, g AS (abs(a)), c DEFAULT (abs(-9223372036854775808)) CHECK (abs(a)))';"
                "PRAGMA writable_schema=RESET; CREATE VIEW v AS SELECT abs(a) FROM t");
    assert_int_equal(RH_OK, take(&options, &snapshot, NULL));
    assert_int_equal(RH_OK, lite_snapshot_restore(&snapshot, name, &to, 0, NULL, NULL));
    assert_int_equal(1, lite_int(target, "SELECT count(*) FROM t WHERE a < 0 AND c = 6"));
    lite_snapshot_free(&snapshot);
    rh_mem_free(name);
    rh_mem_free(target);
}

int main(void)
{
#define RH_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        RH_TEST(a_row_over_the_limit_is_refused_by_name_of_the_limit),
        RH_TEST(a_canceled_read_stops),
        RH_TEST(a_range_over_its_time_limit_stops),
        RH_TEST(tables_are_selected_by_globs_and_shadows_follow_their_owner),
        RH_TEST(sessions_beyond_jobs_are_skipped_and_come_back_after_close),
        RH_TEST(explain_gives_the_plan_and_runs_nothing),
        RH_TEST(preflight_tells_what_misleads),
        RH_TEST(preflight_of_a_sound_file_in_wal_mode_is_silent),
        RH_TEST(preflight_of_something_else_is_fatal),
        RH_TEST(rows_behind_three_rowid_columns_are_copied_in_order),
        RH_TEST(facts_describe_the_file_and_hide_its_path),
        RH_TEST(names_are_described_with_their_kind),
        RH_TEST(ranges_are_cut_at_stable_places),
        RH_TEST(ranges_of_random_rowids_stay_few),
        RH_TEST(expressions_of_the_schema_are_not_evaluated),
    };

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
