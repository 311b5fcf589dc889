/*
 * The whole comparison of two SQLite files, also with each allocation failing in turn.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include <rehearse/fidelity.h>

#include "core/fs.h"
#include "core/hash.h"
#include "fail_nth.h"
#include "lite_conn.h"

static char dir[] = "/tmp/rh-fidelity-XXXXXX";
static char *source;
static char *target;
static char *queries[2];

static void make(const char *path, const char *sql)
{
    sqlite3 *db = NULL;

    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(rh_lite_exec(db, sql, NULL), RH_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static int setup(void **state)
{
    static const char sql[] = "SELECT * FROM t WHERE b = 1; SELECT nothing FROM t;";

    (void)state;
    rh_mem_adopt_jansson();
    assert_int_equal(rh_crypto_start(NULL), RH_OK);
    assert_non_null(mkdtemp(dir));
    source = rh_fs_join(dir, "source.db");
    target = rh_fs_join(dir, "target.db");
    queries[0] = rh_fs_join(dir, "q.sql");
    assert_true(source != NULL && target != NULL && queries[0] != NULL);
    make(source, "CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 2), (3, 4);"
                 "CREATE INDEX tb ON t(b); ANALYZE");
    make(target, "CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 2); ANALYZE");
    assert_int_equal(rh_fs_write(queries[0], 0600, sql, sizeof sql - 1, NULL), RH_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_int_equal(rh_fs_remove_tree(dir, NULL), RH_OK);
    rh_mem_free(source);
    rh_mem_free(target);
    rh_mem_free(queries[0]);
    return 0;
}

static rh_status compare(const char *a, const char *b, rh_fidelity_verdict *verdict, json_t **out,
                         rh_error *err)
{
    rh_fidelity_options options = RH_FIDELITY_OPTIONS_INIT;
    const char *paths[] = {queries[0], NULL};

    options.queries = paths;
    return rh_fidelity_compare(a, b, &options, out, verdict, err);
}

static void a_lost_index_is_bad_and_an_unplannable_query_is_unknown(void **state)
{
    rh_fidelity_verdict verdict = RH_FIDELITY_GOOD;
    json_t *report = NULL;

    (void)state;
    assert_int_equal(compare(source, target, &verdict, &report, NULL), RH_OK);
    assert_int_equal(verdict, RH_FIDELITY_BAD);
    json_decref(report);
    assert_int_equal(compare(source, source, &verdict, &report, NULL), RH_OK);
    assert_int_equal(verdict, RH_FIDELITY_UNKNOWN);
    json_decref(report);
}

static rh_status compare_once(void *ctx, rh_error *err)
{
    rh_fidelity_verdict verdict = RH_FIDELITY_UNKNOWN;
    json_t *report = NULL;
    rh_status status = compare(source, target, &verdict, &report, err);

    (void)ctx;
    if (status != RH_OK) {
        assert_null(report);
        assert_int_equal(verdict, RH_FIDELITY_UNKNOWN);
    }
    json_decref(report);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    assert_true(fail_nth(compare_once, NULL) > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_index_is_bad_and_an_unplannable_query_is_unknown),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
