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
static char *copy; /* has what the stored schema says */
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
    static const char both[] = "SELECT * FROM t WHERE a = 1 AND b = 1;";

    (void)state;
    rh_mem_adopt_jansson();
    assert_int_equal(rh_crypto_start(NULL), RH_OK);
    assert_non_null(mkdtemp(dir));
    source = rh_fs_join(dir, "source.db");
    target = rh_fs_join(dir, "target.db");
    queries[0] = rh_fs_join(dir, "q.sql");
    assert_true(source != NULL && target != NULL && queries[0] != NULL);
    make(source, "CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 'two'), (3, 'four');"
                 "CREATE INDEX tb ON t(b); ANALYZE");
    make(target, "CREATE TABLE t(a, b); INSERT INTO t VALUES (1, 2); ANALYZE");
    assert_int_equal(rh_fs_write(queries[0], 0600, sql, sizeof sql - 1, NULL), RH_OK);
    copy = rh_fs_join(dir, "copy.db");
    queries[1] = rh_fs_join(dir, "both.sql");
    assert_true(copy != NULL && queries[1] != NULL);
    make(copy, "CREATE TABLE t(a, b); CREATE INDEX ta ON t(a); CREATE INDEX tb ON t(b); ANALYZE;"
               "INSERT INTO sqlite_stat1 VALUES ('t', 'ta', '4000 1'), ('t', 'tb', '4000 2000')");
    assert_int_equal(rh_fs_write(queries[1], 0600, both, sizeof both - 1, NULL), RH_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    assert_int_equal(rh_fs_remove_tree(dir, NULL), RH_OK);
    rh_mem_free(source);
    rh_mem_free(target);
    rh_mem_free(copy);
    rh_mem_free(queries[0]);
    rh_mem_free(queries[1]);
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

static void texts_of_tables_are_compared_by_their_beginnings(void **state)
{
    static const char TABLE[] =
        "CREATE TABLE p(tree TEXT, n INTEGER);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)"
        "INSERT INTO p SELECT ";
    char *trees[3] = {rh_mem_printf("%s'ORD-20' || (i %% 90 + 10), i FROM n", TABLE),
                      rh_mem_printf("%s'kqx#71' || (i %% 90 + 10), i FROM n", TABLE),
                      rh_mem_printf("%s(i %% 90 + 10) || '-20ORD', i FROM n", TABLE)};
    char *paths[3];
    const json_t *columns;
    rh_fidelity_options options = RH_FIDELITY_OPTIONS_INIT;
    rh_fidelity_verdict verdict = RH_FIDELITY_UNKNOWN;
    json_t *report = NULL;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char name[] = "tree0.db";

        name[4] = (char)('0' + i);
        paths[i] = rh_fs_join(dir, name);
        assert_true(paths[i] != NULL && trees[i] != NULL);
        make(paths[i], trees[i]);
    }
    assert_int_equal(rh_fidelity_compare(paths[0], paths[1], &options, &report, &verdict, NULL),
                     RH_OK);
    columns = json_object_get(json_object_get(report, "statistics"), "columns");
    assert_int_equal(json_array_size(columns), 1);
    assert_true(json_number_value(json_object_get(json_array_get(columns, 0), "score")) > 99.9);
    json_decref(report);
    assert_int_equal(rh_fidelity_compare(paths[0], paths[2], &options, &report, &verdict, NULL),
                     RH_OK);
    columns = json_object_get(json_object_get(report, "statistics"), "columns");
    assert_string_equal(json_string_value(json_object_get(json_array_get(columns, 0), "worst")),
                        "prefix");
    json_decref(report);
    for (size_t i = 0; i < 3; i++) {
        rh_mem_free(paths[i]);
        rh_mem_free(trees[i]);
    }
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

/* ---- a snapshot in the place of the source ---- */

static const char schema[] =
    "[{\"id\": 1, \"type\": \"table\", \"name\": \"t\", \"tbl_name\": \"t\", \"btree\": true,"
    "  \"sql\": \"CREATE TABLE t(a, b)\"},"
    " {\"id\": 2, \"type\": \"index\", \"name\": \"ta\", \"tbl_name\": \"t\", \"btree\": true,"
    "  \"sql\": \"CREATE INDEX ta ON t(a)\"},"
    " {\"id\": 3, \"type\": \"index\", \"name\": \"tb\", \"tbl_name\": \"t\", \"btree\": true,"
    "  \"sql\": \"CREATE INDEX tb ON t(b)\"}]";

static rh_status compare_stored(const char *stat1, rh_fidelity_verdict *verdict, json_t **out,
                                rh_error *err)
{
    rh_fidelity_options options = RH_FIDELITY_OPTIONS_INIT;
    const char *paths[] = {queries[1], NULL};
    rh_fidelity_stored stored = {.name = "s", .schema = schema, .stat1 = stat1};
    json_t *facts = json_pack("{s:s}", "engine", "sqlite");
    rh_status status = facts == NULL ? rh_error_oom(err) : RH_OK;

    options.queries = paths;
    options.ignore_settings = true;
    stored.facts = facts;
    if (status == RH_OK)
        status = rh_fidelity_compare_stored(&stored, copy, &options, out, verdict, err);
    json_decref(facts);
    return status;
}

static void assert_plans(const json_t *report, const char *of_source, const char *of_target)
{
    const json_t *part = json_object_get(report, "queries");
    const json_t *item = json_array_get(json_object_get(part, "items"), 0);

    assert_string_equal(json_string_value(json_object_get(part, "source_plans")), "stored");
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(item, "source"), "shape")), of_source);
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(item, "target"), "shape")), of_target);
}

static void stored_statistics_decide_the_plan_of_the_source(void **state)
{
    static const char by_a[] = "SEARCH t USING INDEX ta (a=?)";
    static const char by_b[] = "SEARCH t USING INDEX tb (b=?)";
    rh_fidelity_verdict verdict = RH_FIDELITY_UNKNOWN;
    json_t *report = NULL;

    (void)state;
    assert_int_equal(compare_stored("1\t't'\t'tb'\t'4000 2000'\n2\t't'\t'ta'\t'4000 1'\n", &verdict,
                                    &report, NULL),
                     RH_OK);
    assert_int_equal(verdict, RH_FIDELITY_GOOD);
    assert_plans(report, by_a, by_a);
    json_decref(report);
    assert_int_equal(compare_stored("1\t't'\t'tb'\t'4000 1'\n2\t't'\t'ta'\t'4000 2000'\n", &verdict,
                                    &report, NULL),
                     RH_OK);
    assert_int_equal(verdict, RH_FIDELITY_BAD);
    assert_plans(report, by_b, by_a);
    json_decref(report);
}

static void damaged_rows_of_statistics_are_refused(void **state)
{
    rh_fidelity_verdict verdict = RH_FIDELITY_UNKNOWN;
    json_t *report = NULL;

    (void)state;
    assert_int_equal(compare_stored("1\t't'\n", &verdict, &report, NULL), RH_EFORMAT);
    assert_int_equal(compare_stored("1\t't'\t'ta'\n", &verdict, &report, NULL), RH_EFORMAT);
    assert_null(report);
}

static rh_status compare_stored_once(void *ctx, rh_error *err)
{
    rh_fidelity_verdict verdict = RH_FIDELITY_UNKNOWN;
    json_t *report = NULL;
    rh_status status =
        compare_stored("1\t't'\tNULL\t'4000'\n2\t't'\t'ta'\t'4000 1'\n", &verdict, &report, err);

    (void)ctx;
    if (status != RH_OK)
        assert_null(report);
    json_decref(report);
    return status;
}

static void every_allocation_of_stored_plans_may_fail(void **state)
{
    (void)state;
    assert_true(fail_nth(compare_stored_once, NULL) > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lost_index_is_bad_and_an_unplannable_query_is_unknown),
        cmocka_unit_test(texts_of_tables_are_compared_by_their_beginnings),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(stored_statistics_decide_the_plan_of_the_source),
        cmocka_unit_test(damaged_rows_of_statistics_are_refused),
        cmocka_unit_test(every_allocation_of_stored_plans_may_fail),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
