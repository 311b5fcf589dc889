/*
 * Markers and the blocks that they cut, out of workloads that the test writes; what a trace's
 * statements are as calls; and every failed allocation of both.
 */
/* mkdtemp(3) */
#define _XOPEN_SOURCE 700

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/fail_nth.h"
#include "core/fs.h"
#include "core/hash.h"
#include "core/sql_fingerprint.h"
#include "ledger/calls.h"
#include "ledger/import_trace.h"
#include "trace_marker.h"

static char dir[64];
static char *trace, *out;

static int setup(void **state)
{
    (void)state;
    rh_mem_adopt_jansson();
    memcpy(dir, "/tmp/rh-trace-XXXXXX", sizeof "/tmp/rh-trace-XXXXXX");
    assert_non_null(mkdtemp(dir));
    trace = rh_fs_join(dir, "trace.workload");
    out = rh_fs_join(dir, "ledger.workload");
    return rh_crypto_start(NULL) == RH_OK ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    rh_mem_free(trace);
    rh_mem_free(out);
    assert_int_equal(RH_OK, rh_fs_remove_tree(dir, NULL));
    return 0;
}

static void markers_are_told_by_their_first_tokens(void **state)
{
    static const struct {
        const char *marker, *sql;
        bool same;
    } cases[] = {
        {"INSERT INTO blocks", "insert  into\n \"blocks\"(a) VALUES (1)", true},
        {"insert into \"Blocks\"", "INSERT /* now */ INTO blocks VALUES (1)", true},
        {"INSERT INTO blocks", "INSERT INTO blocks_old VALUES (1)", false},
        {"INSERT INTO blocks", "INSERT INTO", false},
        {"INSERT INTO blocks", "SELECT 1; INSERT INTO blocks VALUES (1)", false},
        {"UPDATE t SET s = 'DONE'", "update t set s = 'DONE' where i = 1", true},
        {"UPDATE t SET s = 'DONE'", "update t set s = 'done' where i = 1", false},
        {"*INTO blocks*", "INSERT OR IGNORE INTO blocks VALUES (1)", true},
        {"*INTO blocks", "INSERT OR IGNORE INTO blocks VALUES (1)", false},
        {"", "SELECT 1", false},
        {" -- nothing", "SELECT 1", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(rh_trace_is_marker(RH_SQL_SQLITE, cases[i].marker, cases[i].sql),
                         cases[i].same);
}

static void heights_stand_in_parameters_or_in_the_text(void **state)
{
    rh_parameter values[] = {
        {.kind = RH_PARAMETER_TEXT, .name = ":hash", .data = "00ff", .len = 4},
        {.kind = RH_PARAMETER_INTEGER, .name = ":time", .integer = 5},
        {.kind = RH_PARAMETER_TEXT, .name = ":Block_Index", .data = "866000", .len = 6},
    };
    rh_workload_item item = RH_WORKLOAD_ITEM_INIT;

    (void)state;
    item.sql = "INSERT INTO blocks VALUES (?, ?, ?)";
    item.parameters = values;
    item.parameter_count = 3;
    assert_int_equal(rh_trace_height(RH_SQL_SQLITE, &item), 866000);
    values[2].name = ":b";
    assert_int_equal(rh_trace_height(RH_SQL_SQLITE, &item), 5);
    values[1].integer = -5;
    item.parameter_count = 2;
    assert_int_equal(rh_trace_height(RH_SQL_SQLITE, &item), -1);
    item.sql = "INSERT INTO blocks VALUES ('7', 99999999999999999999, 866001, 3)";
    assert_int_equal(rh_trace_height(RH_SQL_SQLITE, &item), 866001);
}

/* ---- cutting ---- */

typedef struct line {
    uint64_t session, transaction;
    const char *sql;
} line;

static void write_trace(const line *lines, size_t count)
{
    const rh_workload_writer_options options = {
        .engine = RH_ENGINE_SQLITE, .tool_version = "0", .replace = true};
    rh_sql_shapes *shapes = rh_sql_shapes_new(RH_SQL_SQLITE, 0);
    rh_workload_writer *writer = NULL;

    assert_int_equal(rh_workload_writer_create(trace, &options, &writer, NULL), RH_OK);
    for (uint64_t i = 1; i <= 3; i++) {
        const rh_workload_session session = {.id = i};

        assert_int_equal(rh_workload_writer_session(writer, &session, NULL), RH_OK);
    }
    for (size_t i = 0; i < count; i++) {
        rh_workload_item item = RH_WORKLOAD_ITEM_INIT;
        rh_workload_statement statement = {.by = "scanner"};
        const rh_sql_shape *shape = NULL;

        item.session = lines[i].session;
        item.transaction = lines[i].transaction;
        item.sql = lines[i].sql;
        assert_int_equal(rh_sql_shapes_get(shapes, item.sql, strlen(item.sql), &shape, NULL),
                         RH_OK);
        statement.fingerprint = shape->fingerprint;
        statement.command = rh_sql_command_kind_name(shape->command.kind);
        statement.normalized = shape->normalized;
        item.statement = &statement;
        assert_int_equal(rh_workload_writer_add(writer, &item, NULL, NULL), RH_OK);
    }
    assert_int_equal(rh_workload_writer_commit(writer, NULL), RH_OK);
    rh_workload_writer_free(writer);
    rh_sql_shapes_free(shapes);
}

static rh_status cut(const rh_import_trace_options *options, rh_import_trace_report *report,
                     rh_error *err)
{
    json_t *settings = json_pack("{s:{s:{}}}", "ledger", "trace");
    const rh_workload_writer_options file = {
        .engine = RH_ENGINE_SQLITE, .tool_version = "0", .settings = settings, .replace = true};
    rh_ledger_writer *writer = NULL;
    rh_status status;

    if (settings == NULL)
        return rh_error_oom(err);
    status = rh_ledger_writer_create(out, &file, &writer, err);
    if (status == RH_OK)
        status = rh_import_trace(trace, options, writer, report, err);
    if (status == RH_OK)
        status = rh_ledger_writer_commit(writer, err);
    rh_ledger_writer_free(writer);
    json_decref(settings);
    return status;
}

/* "height:statements height:statements " of the workload that was made. */
static void assert_blocks(const char *wanted)
{
    rh_ledger_reader *reader = NULL;
    rh_ledger_block *block = NULL;
    char got[256] = "";

    assert_int_equal(rh_ledger_reader_open(out, &reader, NULL), RH_OK);
    assert_true(rh_ledger_reader_traced(reader));
    while (rh_ledger_reader_next(reader, &block, NULL) == RH_OK) {
        (void)snprintf(got + strlen(got), sizeof got - strlen(got), "%lld:%zu ",
                       (long long)block->height, block->statement_count);
        rh_ledger_block_free(block);
        block = NULL;
    }
    rh_ledger_reader_close(reader);
    assert_string_equal(got, wanted);
}

static const line node[] = {
    {1, 0, "SELECT 1"},
    {1, 1, "BEGIN"},
    {1, 1, "SELECT h FROM blocks"},
    {1, 1, "INSERT INTO blocks VALUES (7)"},
    {2, 0, "SELECT a FROM b"},
    {1, 1, "SELECT a FROM b WHERE c = 1"},
    {1, 1, "COMMIT"},
    {1, 2, "BEGIN"},
    {1, 2, "INSERT INTO blocks VALUES (9)"},
    {1, 2, "SELECT a FROM b WHERE c = 2"},
    {1, 2, "INSERT INTO blocks VALUES (10)"},
    {1, 2, "COMMIT"},
    {1, 0, "INSERT INTO blocks VALUES (11)"},
    {1, 0, "PRAGMA optimize"},
};

static void a_block_begins_with_its_transaction_or_its_marker(void **state)
{
    const rh_import_trace_options options = {.marker = "INSERT INTO blocks", .first_height = -1};
    rh_import_trace_report report;

    (void)state;
    write_trace(node, sizeof node / sizeof node[0]);
    assert_int_equal(cut(&options, &report, NULL), RH_OK);
    assert_blocks("7:5 9:3 10:2 11:2 ");
    assert_int_equal(report.before, 1);
    assert_int_equal(report.other_sessions, 1);
    assert_int_equal(report.least, 2);
    assert_int_equal(report.most, 5);
    assert_true(report.heights_told);
}

static void a_marker_may_end_its_block_and_heights_be_counted(void **state)
{
    const rh_import_trace_options options = {
        .marker = "insert into blocks", .ends = true, .first_height = 50};
    rh_import_trace_report report;

    (void)state;
    write_trace(node, sizeof node / sizeof node[0]);
    assert_int_equal(cut(&options, &report, NULL), RH_OK);
    assert_blocks("50:4 51:4 52:2 53:2 ");
    assert_int_equal(report.before, 0);
    assert_int_equal(report.after, 1);
    assert_false(report.heights_told);
}

static void without_a_marker_the_writes_are_named(void **state)
{
    const rh_import_trace_options options = {.marker = "INSERT INTO block", .first_height = -1};
    rh_import_trace_report report;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    write_trace(node, sizeof node / sizeof node[0]);
    assert_int_equal(cut(&options, &report, &err), RH_ENOTFOUND);
    assert_non_null(strstr(err.text, "no statement begins with 'INSERT INTO block'"));
    assert_non_null(strstr(err.hint, "insert into blocks values"));
}

/* ---- calls ---- */

static void each_shape_in_a_block_is_a_call(void **state)
{
    const rh_import_trace_options options = {.marker = "INSERT INTO blocks", .first_height = -1};
    rh_import_trace_report report;
    rh_calls *calls = NULL;
    rh_ledger_reader *reader = NULL;
    rh_ledger_block *block = NULL;

    (void)state;
    write_trace(node, sizeof node / sizeof node[0]);
    assert_int_equal(cut(&options, &report, NULL), RH_OK);
    assert_int_equal(rh_calls_new(RH_SQL_SQLITE, &calls, NULL), RH_OK);
    assert_int_equal(rh_calls_add_trace(calls, out, NULL), RH_OK);
    assert_int_equal(calls->count, 3);
    assert_true(calls->traced && calls->writes);
    assert_int_equal(strncmp(calls->calls[0].name, "select-blocks-", 14), 0);
    assert_int_equal(strncmp(calls->calls[1].name, "insert-blocks-", 14), 0);
    assert_string_equal(calls->calls[2].steps[0].sql, "SELECT a FROM b WHERE c = 1");
    assert_string_equal(calls->calls[2].shape, "select a from b where c = ?");
    assert_int_equal(rh_ledger_reader_open(out, &reader, NULL), RH_OK);
    assert_int_equal(rh_ledger_reader_next(reader, &block, NULL), RH_OK);
    assert_int_equal(rh_calls_of_shape(calls, block->statements[0].fingerprint), 3);
    assert_int_equal(rh_calls_of_shape(calls, block->statements[3].fingerprint), 2);
    rh_ledger_block_free(block);
    rh_ledger_reader_close(reader);
    rh_calls_free(calls);
}

static void calls_of_the_other_engine_are_refused(void **state)
{
    rh_calls *calls = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_calls_new(RH_SQL_POSTGRES, &calls, NULL), RH_OK);
    assert_int_equal(rh_calls_add_trace(calls, out, &err), RH_EUSAGE);
    assert_string_equal(err.text, "the trace is SQLite's, the database PostgreSQL's");
    rh_calls_free(calls);
}

static rh_status cut_body(void *ctx, rh_error *err)
{
    const rh_import_trace_options options = {.marker = "INSERT INTO blocks", .first_height = -1};
    rh_import_trace_report report;

    (void)ctx;
    return cut(&options, &report, err);
}

static rh_status calls_body(void *ctx, rh_error *err)
{
    rh_calls *calls = NULL;
    rh_status status = rh_calls_new(RH_SQL_SQLITE, &calls, err);

    (void)ctx;
    if (status == RH_OK)
        status = rh_calls_add_trace(calls, out, err);
    rh_calls_free(calls);
    return status;
}

static void each_failed_allocation_is_told(void **state)
{
    (void)state;
    write_trace(node, sizeof node / sizeof node[0]);
    assert_true(fail_nth(cut_body, NULL) > 30);
    assert_true(fail_nth(calls_body, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(markers_are_told_by_their_first_tokens),
        cmocka_unit_test(heights_stand_in_parameters_or_in_the_text),
        cmocka_unit_test(a_block_begins_with_its_transaction_or_its_marker),
        cmocka_unit_test(a_marker_may_end_its_block_and_heights_be_counted),
        cmocka_unit_test(without_a_marker_the_writes_are_named),
        cmocka_unit_test(each_shape_in_a_block_is_a_call),
        cmocka_unit_test(calls_of_the_other_engine_are_refused),
        cmocka_unit_test(each_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
