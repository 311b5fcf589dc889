/*
 * Growth on a small ledger: known exponents, and the end of memory at every allocation.
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
#include "ledger/ledger_growth.h"
#include "lite_conn.h"

static char dir[64];
static char *path;
static rh_ledger_block *block;

static const char file[] =
    "calls:\n"
    "  look: {per: input, sql: \"SELECT a FROM t WHERE a = :outpoint\"}\n"
    "  scan: {per: block, sql: \"SELECT count(*) FROM t WHERE +b = :block_index\"}\n"
    "  put: {per: output, sql: \"INSERT INTO t(a) VALUES (:outpoint)\"}\n"
    "budget: {interval: 1000h}\n";

static int setup(void **state)
{
    sqlite3 *db = NULL;

    (void)state;
    rh_mem_adopt_jansson();
    memcpy(dir, "/tmp/rh-growth-XXXXXX", sizeof "/tmp/rh-growth-XXXXXX");
    assert_non_null(mkdtemp(dir));
    path = rh_fs_join(dir, "ledger.db");
    assert_int_equal(SQLITE_OK, sqlite3_open(path, &db));
    assert_int_equal(
        RH_OK, rh_lite_exec(db,
                            "CREATE TABLE t(a, b, c AS (b + 1)); CREATE INDEX ta ON t(a); "
                            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT "
                            "64) INSERT INTO t(a, b) SELECT 'x' || i, i FROM n; ANALYZE",
                            NULL));
    sqlite3_close(db);
    block = rh_ledger_block_new();
    block->height = 7;
    for (int i = 0; i < 3; i++) {
        rh_ledger_block_add_tx(block)->txid = "tx";
        rh_ledger_block_add_input(block)->outpoint = "x1";
        rh_ledger_block_add_output(block)->outpoint = "y1";
    }
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rh_ledger_block_free(block);
    rh_mem_free(path);
    assert_int_equal(RH_OK, rh_fs_remove_tree(dir, NULL));
    return 0;
}

static rh_status grow(json_t **out, rh_error *err)
{
    rh_ledger_growth_options options = {
        .target = path, .block = block, .max_rows = 64, .step_budget = 1000000, .sample = 2};
    json_t *statistics = NULL;
    rh_calls *calls = NULL;
    bool bad = false;
    rh_status status = rh_calls_parse("c.yaml", file, strlen(file), RH_SQL_SQLITE, &calls, err);

    if (status == RH_OK) {
        statistics = json_pack("[[s, s, s]]", "t", "ta", "64 1");
        status = statistics == NULL ? rh_error_oom(err) : RH_OK;
    }
    options.calls = calls;
    options.statistics = statistics;
    if (status == RH_OK)
        status = rh_ledger_growth(&options, out, &bad, err);
    assert_false(bad);
    json_decref(statistics);
    rh_calls_free(calls);
    return status;
}

static double exponent(const json_t *report, size_t call)
{
    const json_t *c = json_array_get(json_object_get(report, "calls"), call);

    return json_real_value(json_object_get(json_object_get(c, "cost"), "exponent"));
}

static void exponents_are_those_of_the_plans(void **state)
{
    json_t *report = NULL;

    (void)state;
    assert_int_equal(RH_OK, grow(&report, NULL));
    assert_true(exponent(report, 0) > -0.01 && exponent(report, 0) < 0.01);
    assert_true(exponent(report, 1) > 0.8 && exponent(report, 1) < 1.1);
    assert_true(exponent(report, 2) > -0.01 && exponent(report, 2) < 0.01);
    assert_int_equal(json_array_size(json_object_get(report, "sizes")), 3);
    json_decref(report);
}

static rh_status body(void *ctx, rh_error *err)
{
    json_t *report = NULL;
    rh_status status = grow(&report, err);

    (void)ctx;
    assert_true((status == RH_OK) == (report != NULL));
    json_decref(report);
    return status;
}

static void each_failed_allocation_is_told(void **state)
{
    (void)state;
    assert_true(fail_nth(body, NULL) > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exponents_are_those_of_the_plans),
        cmocka_unit_test(each_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
