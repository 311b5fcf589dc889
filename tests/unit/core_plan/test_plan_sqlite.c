/*
 * Lines of EXPLAIN QUERY PLAN, in the words of 3.31 to 3.50.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/plan_sqlite.h"
#include "fail_nth.h"

typedef struct line_case {
    const char *detail;
    rh_plan_kind kind;
    const char *relation;
    const char *alias;
    const char *index;
    const char *condition;
    bool full_scan;
} line_case;

static const line_case lines[] = {
    {"SCAN tx", RH_PLAN_SEQ_SCAN, "tx", "tx", NULL, NULL, true},
    {"SCAN TABLE tx AS t", RH_PLAN_SEQ_SCAN, "tx", "t", NULL, NULL, true},
    {"SCAN tx USING COVERING INDEX tx_a", RH_PLAN_INDEX_ONLY_SCAN, "tx", "tx", "tx_a", NULL, true},
    {"SEARCH TABLE tx USING INDEX tx_a (a=? AND b>?)", RH_PLAN_INDEX_SCAN, "tx", "tx", "tx_a",
     "a=? AND b>?", false},
    {"SEARCH t USING INTEGER PRIMARY KEY (rowid=?)", RH_PLAN_ROWID_SCAN, "t", "t", NULL, "rowid=?",
     false},
    {"SEARCH t USING INDEX i (ANY(a) AND b=?)", RH_PLAN_INDEX_SCAN, "t", "t", "i", NULL, false},
    {"SEARCH b USING AUTOMATIC PARTIAL COVERING INDEX (x=?)", RH_PLAN_AUTO_INDEX_SCAN, "b", "b",
     NULL, "x=?", false},
    {"SEARCH b USING INDEX i (x=?) LEFT-JOIN", RH_PLAN_INDEX_SCAN, "b", "b", "i", "x=?", false},
    {"SEARCH t USING PRIMARY KEY (k=?)", RH_PLAN_INDEX_ONLY_SCAN, "t", "t", NULL, "k=?", false},
    {"SCAN SUBQUERY 1 AS x", RH_PLAN_SUBQUERY_SCAN, "1", "x", NULL, NULL, false},
    {"SCAN (subquery-1)", RH_PLAN_SUBQUERY_SCAN, "(subquery-1)", "(subquery-1)", NULL, NULL, false},
    {"SCAN f VIRTUAL TABLE INDEX 0:M1", RH_PLAN_FUNCTION_SCAN, "f", "f", NULL, NULL, false},
    {"SCAN 3 CONSTANT ROWS", RH_PLAN_VALUES_SCAN, NULL, NULL, NULL, NULL, false},
    {"SCAN CONSTANT ROW", RH_PLAN_VALUES_SCAN, NULL, NULL, NULL, NULL, false},
    {"USE TEMP B-TREE FOR RIGHT PART OF ORDER BY", RH_PLAN_TEMP_BTREE, NULL, NULL, NULL, NULL,
     false},
    {"CO-ROUTINE x", RH_PLAN_COROUTINE, "x", "x", NULL, NULL, false},
    {"MATERIALIZE SUBQUERY 2", RH_PLAN_MATERIALIZE, "2", "2", NULL, NULL, false},
    {"COMPOUND QUERY", RH_PLAN_APPEND, NULL, NULL, NULL, NULL, false},
    {"MULTI-INDEX OR", RH_PLAN_BITMAP_OR, NULL, NULL, NULL, NULL, false},
    {"BLOOM FILTER ON t (a=?)", RH_PLAN_BLOOM_FILTER, NULL, NULL, NULL, NULL, false},
    {"CORRELATED SCALAR SUBQUERY 3", RH_PLAN_SUBQUERY, NULL, NULL, NULL, NULL, false},
    {"LIST SUBQUERY 1", RH_PLAN_SUBQUERY, NULL, NULL, NULL, NULL, false},
    {"USE TEMP B-TREE FOR ORDER BY", RH_PLAN_TEMP_BTREE, NULL, NULL, NULL, NULL, false},
    {"USE TEMP B-TREE FOR GROUP BY", RH_PLAN_TEMP_BTREE, NULL, NULL, NULL, NULL, false},
    {"USE TEMP B-TREE FOR DISTINCT", RH_PLAN_TEMP_BTREE, NULL, NULL, NULL, NULL, false},
    {"USE TEMP B-TREE FOR count(DISTINCT)", RH_PLAN_TEMP_BTREE, NULL, NULL, NULL, NULL, false},
    {"USE TEMP B-TREE FOR LAST TERM OF ORDER BY", RH_PLAN_TEMP_BTREE, NULL, NULL, NULL, NULL,
     false},
    {"USE TEMP B-TREE FOR LAST 2 TERMS OF ORDER BY", RH_PLAN_TEMP_BTREE, NULL, NULL, NULL, NULL,
     false},
    {"SCAN tx USING INDEX tx_a", RH_PLAN_INDEX_SCAN, "tx", "tx", "tx_a", NULL, true},
    {"SEARCH b USING AUTOMATIC COVERING INDEX (x=?)", RH_PLAN_AUTO_INDEX_SCAN, "b", "b", NULL,
     "x=?", false},
    {"SEARCH TABLE t USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)", RH_PLAN_ROWID_SCAN, "t", "t",
     NULL, "rowid>? AND rowid<?", false},
    {"SCAN TABLE f VIRTUAL TABLE INDEX 0:", RH_PLAN_FUNCTION_SCAN, "f", "f", NULL, NULL, false},
    {"MATERIALIZE x", RH_PLAN_MATERIALIZE, "x", "x", NULL, NULL, false},
    {"CO-ROUTINE SUBQUERY 1", RH_PLAN_COROUTINE, "1", "1", NULL, NULL, false},
    {"MERGE (UNION)", RH_PLAN_SET_OP, NULL, NULL, NULL, NULL, false},
    {"MERGE (EXCEPT)", RH_PLAN_SET_OP, NULL, NULL, NULL, NULL, false},
    {"MERGE (INTERSECT)", RH_PLAN_SET_OP, NULL, NULL, NULL, NULL, false},
    {"UNION USING TEMP B-TREE", RH_PLAN_SET_OP, NULL, NULL, NULL, NULL, false},
    {"EXCEPT USING TEMP B-TREE", RH_PLAN_SET_OP, NULL, NULL, NULL, NULL, false},
    {"INTERSECT USING TEMP B-TREE", RH_PLAN_SET_OP, NULL, NULL, NULL, NULL, false},
    {"RECURSIVE STEP", RH_PLAN_RECURSIVE_UNION, NULL, NULL, NULL, NULL, false},
    {"CORRELATED LIST SUBQUERY 4", RH_PLAN_SUBQUERY, NULL, NULL, NULL, NULL, false},
    {"SCALAR SUBQUERY 2", RH_PLAN_SUBQUERY, NULL, NULL, NULL, NULL, false},
    /* words that only hold other lines together: shown as they are */
    {"LEFT-MOST SUBQUERY", RH_PLAN_OTHER, NULL, NULL, NULL, NULL, false},
    {"UNION ALL", RH_PLAN_OTHER, NULL, NULL, NULL, NULL, false},
    {"SETUP", RH_PLAN_OTHER, NULL, NULL, NULL, NULL, false},
    {"LEFT", RH_PLAN_OTHER, NULL, NULL, NULL, NULL, false},
    {"RIGHT", RH_PLAN_OTHER, NULL, NULL, NULL, NULL, false},
    {"INDEX 1", RH_PLAN_OTHER, NULL, NULL, NULL, NULL, false},
    {"RIGHT-JOIN t", RH_PLAN_OTHER, NULL, NULL, NULL, NULL, false},
    {"REUSE SUBQUERY 1", RH_PLAN_OTHER, NULL, NULL, NULL, NULL, false},
    {"REUSE LIST SUBQUERY 1", RH_PLAN_OTHER, NULL, NULL, NULL, NULL, false},
    {"words of a later version", RH_PLAN_OTHER, NULL, NULL, NULL, NULL, false},
    {"", RH_PLAN_OTHER, NULL, NULL, NULL, NULL, false},
};

static void assert_text(const char *actual, const char *expected, const char *line)
{
    if ((actual == NULL) != (expected == NULL) || (actual != NULL && strcmp(actual, expected) != 0))
        fail_msg("'%s': '%s' instead of '%s'", line, actual == NULL ? "-" : actual,
                 expected == NULL ? "-" : expected);
}

static void lines_of_all_versions_are_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        const line_case *one = &lines[i];
        const rh_plan_eqp_row row = {1, 0, one->detail, -1, -1, -1};
        rh_plan *plan = NULL;
        const rh_plan_node *node;

        assert_int_equal(rh_plan_from_eqp(&row, 1, NULL, &plan, NULL), RH_OK);
        node = rh_plan_at(plan, 1);
        if (node->kind != one->kind || node->full_scan != one->full_scan)
            fail_msg("'%s': kind %s", one->detail, rh_plan_kind_name(node->kind));
        assert_text(node->relation, one->relation, one->detail);
        assert_text(node->alias, one->alias, one->detail);
        assert_text(node->index_name, one->index, one->detail);
        if (one->condition != NULL)
            assert_text(node->index_cond, one->condition, one->detail);
        rh_plan_free(plan);
    }
}

static const char tree[] = "2 0 SCAN a\n"
                           "9 0 CORRELATED SCALAR SUBQUERY 1\n"
                           "20 0 USE TEMP B-TREE FOR ORDER BY\n"
                           "12 9 SCAN tx\n";

static void rows_hang_where_their_parents_say(void **state)
{
    rh_plan *plan = NULL;

    (void)state;
    assert_int_equal(rh_plan_read_eqp("p", tree, strlen(tree), &plan, NULL), RH_OK);
    assert_int_equal(rh_plan_count(plan), 5);
    assert_string_equal(rh_plan_at(plan, 3)->raw, "SCAN tx");
    assert_int_equal(rh_plan_at(plan, 3)->parent, 2);
    assert_int_equal(rh_plan_at(plan, 2)->correlated, RH_PLAN_YES);
    assert_int_equal(rh_plan_at(plan, 4)->parent, 0);
    assert_ptr_equal(rh_plan_subquery_around(plan, rh_plan_at(plan, 3)), rh_plan_at(plan, 2));
    rh_plan_free(plan);
}

static void the_engines_document_is_read_as_its_lines_are(void **state)
{
    json_t *rows = json_pack("[{s:i, s:i, s:s}, {s:i, s:i, s:s, s:f, s:i}]", "id", 2, "parent", 0,
                             "detail", "SCAN a", "id", 9, "parent", 0, "detail",
                             "CORRELATED SCALAR SUBQUERY 1", "visits", 12.0, "loops", 4);
    rh_plan *plan = NULL;

    (void)state;
    assert_int_equal(rh_plan_from_eqp_json("p", rows, NULL, &plan, NULL), RH_OK);
    assert_int_equal(rh_plan_count(plan), 3);
    assert_false(rh_plan_known(rh_plan_at(plan, 1)->actual_rows));
    assert_true(rh_plan_at(plan, 2)->actual_rows == 3);
    rh_plan_free(plan);
    json_decref(rows);
}

static void documents_that_hold_no_lines_are_refused(void **state)
{
    static const char *const bad[] = {"{}", "[1]", "[{\"id\":1,\"parent\":0}]",
                                      "[{\"id\":1,\"parent\":7,\"detail\":\"SCAN a\"}]"};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json_t *rows = json_loads(bad[i], 0, NULL);
        rh_plan *plan = NULL;
        rh_error err = RH_ERROR_INIT;

        assert_int_equal(rh_plan_from_eqp_json("p", rows, NULL, &plan, &err), RH_EFORMAT);
        assert_int_equal(strncmp(err.text, "p: ", 3), 0);
        assert_null(plan);
        json_decref(rows);
    }
}

static void the_number_of_a_subquery_is_no_part_of_the_shape(void **state)
{
    static const char other[] = "2 0 SCAN a\n9 0 CORRELATED SCALAR SUBQUERY 7\n12 9 SCAN tx\n"
                                "20 0 USE TEMP B-TREE FOR ORDER BY\n";
    rh_plan *a = NULL;
    rh_plan *b = NULL;
    uint64_t x = 0;
    uint64_t y = 1;

    (void)state;
    assert_int_equal(rh_plan_read_eqp("p", tree, strlen(tree), &a, NULL), RH_OK);
    assert_int_equal(rh_plan_read_eqp("p", other, strlen(other), &b, NULL), RH_OK);
    assert_int_equal(rh_plan_shape_hash(a, &x, NULL), RH_OK);
    assert_int_equal(rh_plan_shape_hash(b, &y, NULL), RH_OK);
    assert_true(x == y);
    rh_plan_free(a);
    rh_plan_free(b);
}

static void damaged_rows_are_refused(void **state)
{
    rh_plan *plan = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_plan_read_eqp("p", "2 7 SCAN a\n", 11, &plan, &err), RH_EFORMAT);
    rh_error_clear(&err);
    assert_int_equal(rh_plan_read_eqp("p", "SCAN a\n", 7, &plan, &err), RH_EFORMAT);
    assert_null(plan);
}

static void counters_of_scanstatus_become_rows_and_loops(void **state)
{
    const rh_plan_eqp_row row = {1, 0, "SCAN tx", 600, 3, 100};
    const rh_plan_steps steps = {.vm_steps = 5};
    rh_plan *plan = NULL;

    (void)state;
    assert_int_equal(rh_plan_from_eqp(&row, 1, &steps, &plan, NULL), RH_OK);
    assert_true(rh_plan_executed(plan));
    assert_true(rh_plan_at(plan, 1)->actual_rows == 200);
    assert_true(rh_plan_exclusive(plan, rh_plan_at(plan, 1)).rows == 600);
    assert_int_equal(rh_plan_steps_of(plan)->vm_steps, 5);
    rh_plan_free(plan);
}

static rh_status read_once(void *ctx, rh_error *err)
{
    rh_plan *plan = NULL;
    rh_status status = rh_plan_read_eqp("p", tree, strlen(tree), &plan, err);

    (void)ctx;
    rh_plan_free(plan);
    return status;
}

static void reading_survives_each_failed_allocation(void **state)
{
    (void)state;
    assert_true(fail_nth(read_once, NULL) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_of_all_versions_are_read),
        cmocka_unit_test(rows_hang_where_their_parents_say),
        cmocka_unit_test(the_engines_document_is_read_as_its_lines_are),
        cmocka_unit_test(documents_that_hold_no_lines_are_refused),
        cmocka_unit_test(the_number_of_a_subquery_is_no_part_of_the_shape),
        cmocka_unit_test(damaged_rows_are_refused),
        cmocka_unit_test(counters_of_scanstatus_become_rows_and_loops),
        cmocka_unit_test(reading_survives_each_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
