/*
 * Replay and check of a small ledger, of call files and of traces: what is counted, and the end of
 * memory at every allocation. Nothing of it stays in the database.
 */
/* mkdtemp(3) */
#define _XOPEN_SOURCE 700

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/fail_nth.h"
#include "core/fs.h"
#include "core/hash.h"
#include "core/sql_fingerprint.h"
#include "ledger/ledger_check.h"
#include "ledger/ledger_file.h"
#include "lite_conn.h"

static char dir[64];
static char *path, *trace;
static rh_ledger_block *block;

static const char file[] =
    "open: [\"PRAGMA cache_size = -1000\"]\n"
    "calls:\n"
    "  look: {per: input, sql: \"SELECT a FROM t WHERE a = :outpoint\"}\n"
    "  many: {per: input, batch: 2, sql: \"SELECT a FROM t WHERE a IN (:outpoint)\"}\n"
    "  held: {per: input, cache: {sql: \"SELECT a, b FROM t\", key: a, field: outpoint}}\n"
    "  move:\n"
    "    per: output\n"
    "    steps:\n"
    "      - {sql: \"SELECT b AS old FROM t WHERE a = :outpoint\", take: [old]}\n"
    "      - {sql: \"INSERT INTO t(a, b) VALUES (:outpoint, :old)\", when: missing}\n"
    "  bad: {per: transaction, sql: \"SELECT abs(-9223372036854775808 - :tx_index * 0)\"}\n"
    "  scan: {per: block, sql: \"SELECT count(*) FROM t WHERE +b = :block_index\"}\n";

static int setup(void **state)
{
    sqlite3 *db = NULL;

    (void)state;
    rh_mem_adopt_jansson();
    memcpy(dir, "/tmp/rh-replay-XXXXXX", sizeof "/tmp/rh-replay-XXXXXX");
    assert_non_null(mkdtemp(dir));
    path = rh_fs_join(dir, "ledger.db");
    trace = rh_fs_join(dir, "trace.workload");
    assert_int_equal(SQLITE_OK, sqlite3_open(path, &db));
    assert_int_equal(
        RH_OK, rh_lite_exec(db,
                            "CREATE TABLE t(a, b); CREATE INDEX ta ON t(a); "
                            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT "
                            "200) INSERT INTO t(a, b) SELECT 'x' || i, i FROM n; ANALYZE",
                            NULL));
    sqlite3_close(db);
    block = rh_ledger_block_new();
    block->height = 7;
    for (int i = 0; i < 3; i++) {
        rh_ledger_block_add_tx(block)->txid = "tx";
        rh_ledger_block_add_input(block)->outpoint = "x1";
        rh_ledger_block_add_output(block)->outpoint = i == 0 ? "x2" : "y1";
    }
    return rh_crypto_start(NULL) == RH_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    rh_ledger_block_free(block);
    rh_mem_free(path);
    rh_mem_free(trace);
    assert_int_equal(RH_OK, rh_fs_remove_tree(dir, NULL));
    return 0;
}

/* ---- call files ---- */

static rh_status check(const rh_calls *calls, const rh_ledger_block *one, json_t **out,
                       rh_error *err)
{
    const rh_block_replay_options options = {.target = path,
                                             .calls = calls,
                                             .keep_going = true,
                                             .sample = 2,
                                             .step_budget = 100000,
                                             .cut_scans = true};
    rh_ledger_check_options judged = {.target = path, .calls = calls};
    json_t *statistics = json_pack("[[s, s, s]]", "t", "ta", "200 200");
    rh_block_replay *replay = NULL;
    bool bad = false;
    rh_status status = statistics == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = rh_block_replay_open(&options, &replay, err);
    if (status == RH_OK)
        status = rh_block_replay_block(replay, one, err);
    judged.replay = replay;
    judged.production = statistics;
    if (status == RH_OK)
        status = rh_ledger_check(&judged, out, &bad, err);
    rh_block_replay_close(replay);
    json_decref(statistics);
    return status;
}

static rh_status check_file(json_t **out, rh_error *err)
{
    rh_calls *calls = NULL;
    rh_status status = rh_calls_parse("c.yaml", file, strlen(file), RH_SQL_SQLITE, &calls, err);

    if (status == RH_OK)
        status = check(calls, block, out, err);
    rh_calls_free(calls);
    return status;
}

static int64_t figure(const json_t *report, size_t call, const char *key)
{
    const json_t *calls = json_object_get(json_object_get(report, "measured"), "calls");

    return json_integer_value(json_object_get(json_array_get(calls, call), key));
}

static void calls_are_counted_and_undone(void **state)
{
    json_t *report = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    for (int again = 0; again < 2; again++) {
        if (check_file(&report, &err) != RH_OK)
            fail_msg("%s", err.text);
        assert_int_equal(figure(report, 0, "statements"), 3);
        assert_int_equal(figure(report, 0, "measured"), 3);   /* the first, and two */
        assert_int_equal(figure(report, 2, "executions"), 1); /* the cache is loaded once */
        assert_int_equal(figure(report, 3, "rows"), 3);       /* found, made, found */
        assert_int_equal(figure(report, 4, "errors"), 3);
        assert_int_equal(figure(report, 5, "full_scan_steps"), 199);
        json_decref(report);
    }
}

static rh_status file_body(void *ctx, rh_error *err)
{
    json_t *report = NULL;
    rh_status status = check_file(&report, err);

    (void)ctx;
    assert_true((status == RH_OK) == (report != NULL));
    json_decref(report);
    return status;
}

static void each_failed_allocation_is_told(void **state)
{
    (void)state;
    assert_true(fail_nth(file_body, NULL) > 200);
}

/* ---- traces ---- */

static const char *const statements[] = {
    "SELECT a FROM t WHERE a = 'x1'", "SAVEPOINT s",
    "INSERT INTO t(a) VALUES ('z')",  "ROLLBACK TO s",
    "SELECT b FROM t WHERE a = 'z'",  "PRAGMA optimize",
    "SELECT a FROM t WHERE a = 'x2'", "RELEASE s",
    "SELECT nothing FROM missing",
};

static void write_trace(void)
{
    json_t *settings = json_pack("{s:{s:{}}}", "ledger", "trace");
    const rh_workload_writer_options options = {
        .engine = RH_ENGINE_SQLITE, .tool_version = "0", .settings = settings, .replace = true};
    rh_sql_shapes *shapes = rh_sql_shapes_new(RH_SQL_SQLITE, 0);
    rh_ledger_block *one = rh_ledger_block_new();
    rh_ledger_writer *writer = NULL;

    one->height = 8;
    assert_int_equal(RH_OK, rh_ledger_writer_create(trace, &options, &writer, NULL));
    assert_int_equal(RH_OK, rh_ledger_writer_add(writer, one, NULL));
    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        rh_workload_item item = RH_WORKLOAD_ITEM_INIT;
        rh_workload_statement statement = {.by = "scanner"};
        const rh_sql_shape *shape = NULL;

        item.sql = statements[i];
        assert_int_equal(RH_OK,
                         rh_sql_shapes_get(shapes, item.sql, strlen(item.sql), &shape, NULL));
        statement.fingerprint = shape->fingerprint;
        statement.command = rh_sql_command_kind_name(shape->command.kind);
        statement.normalized = shape->normalized;
        item.statement = &statement;
        assert_int_equal(RH_OK, rh_ledger_writer_statement(writer, &item, NULL));
    }
    assert_int_equal(RH_OK, rh_ledger_writer_commit(writer, NULL));
    rh_ledger_writer_free(writer);
    rh_ledger_block_free(one);
    rh_sql_shapes_free(shapes);
    json_decref(settings);
}

static rh_status check_trace(json_t **out, rh_error *err)
{
    rh_ledger_reader *reader = NULL;
    rh_ledger_block *one = NULL;
    rh_calls *calls = NULL;
    rh_status status = rh_calls_new(RH_SQL_SQLITE, &calls, err);

    if (status == RH_OK)
        status = rh_calls_add_trace(calls, trace, err);
    if (status == RH_OK)
        status = rh_ledger_reader_open(trace, &reader, err);
    if (status == RH_OK)
        status = rh_ledger_reader_next(reader, &one, err);
    if (status == RH_OK)
        status = check(calls, one, out, err);
    rh_ledger_block_free(one);
    rh_ledger_reader_close(reader);
    rh_calls_free(calls);
    return status;
}

static void a_trace_is_followed_and_undone(void **state)
{
    json_t *report = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    write_trace();
    if (check_trace(&report, &err) != RH_OK)
        fail_msg("%s", err.text);
    assert_int_equal(figure(report, 0, "statements"), 2); /* a = 'x1', a = 'x2' */
    assert_int_equal(figure(report, 0, "rows"), 2);
    assert_int_equal(figure(report, 1, "rows"), 1);
    assert_int_equal(figure(report, 2, "rows"), 0); /* the insertion was taken back */
    assert_int_equal(figure(report, 3, "errors"), 1);
    json_decref(report);
}

static rh_status trace_body(void *ctx, rh_error *err)
{
    json_t *report = NULL;
    rh_status status = check_trace(&report, err);

    (void)ctx;
    assert_true((status == RH_OK) == (report != NULL));
    json_decref(report);
    return status;
}

static void each_failed_allocation_of_a_trace_is_told(void **state)
{
    (void)state;
    write_trace();
    assert_true(fail_nth(trace_body, NULL) > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calls_are_counted_and_undone),
        cmocka_unit_test(each_failed_allocation_is_told),
        cmocka_unit_test(a_trace_is_followed_and_undone),
        cmocka_unit_test(each_failed_allocation_of_a_trace_is_told),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
