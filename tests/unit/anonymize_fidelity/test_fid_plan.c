/*
 * Plans: one line without literals, rows per node, differences.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fail_nth.h"
#include "fid_plan.h"

static json_t *parsed(const char *text)
{
    json_t *json = json_loads(text, 0, NULL);

    assert_non_null(json);
    return json;
}

static rh_fid_plan *plan_of(rh_engine_kind kind, const char *text)
{
    json_t *json = parsed(text);
    rh_fid_plan *plan = NULL;

    assert_int_equal(rh_fid_plan_read(kind, json, &plan, NULL), RH_OK);
    json_decref(json);
    return plan;
}

#define PLAN(rows, cost, index, literal)                                                           \
    "[{\"Plan\":{\"Node Type\":\"Aggregate\",\"Strategy\":\"Hashed\",\"Partial Mode\":\"Simple\"," \
    "\"Plan Rows\":5,\"Total Cost\":" cost ",\"Plans\":["                                          \
    "{\"Node Type\":\"Hash Join\",\"Join Type\":\"Left\",\"Plan Rows\":" rows ",\"Plans\":["       \
    "{\"Node Type\":\"Index Scan\",\"Scan Direction\":\"Backward\",\"Index Name\":\"" index "\","  \
    "\"Relation Name\":\"t\",\"Alias\":\"a\",\"Index Cond\":\"(x = '" literal "')\","              \
    "\"Plan Rows\":7},"                                                                            \
    "{\"Node Type\":\"Seq Scan\",\"Parallel Aware\":true,\"Relation Name\":\"u\","                 \
    "\"Alias\":\"u\",\"Plan Rows\":9,\"Filter\":\"(y = 1)\"}]}]}}]"

static void shape_names_nodes_and_no_literal(void **state)
{
    rh_fid_plan *plan = plan_of(RH_ENGINE_POSTGRESQL, PLAN("50", "12.5", "t_i", "secret"));

    (void)state;
    assert_string_equal(plan->shape, "HashedAggregate(LeftHashJoin(BackwardIndexScan t a t_i, "
                                     "ParallelSeqScan u))");
    assert_int_equal(strlen(plan->hash), 16);
    assert_true(rh_fid_plan_counts(plan));
    rh_fid_plan_free(plan);
}

static void literals_do_not_change_the_hash_but_indexes_do(void **state)
{
    rh_fid_plan *a = plan_of(RH_ENGINE_POSTGRESQL, PLAN("50", "10", "t_i", "raw"));
    rh_fid_plan *b = plan_of(RH_ENGINE_POSTGRESQL, PLAN("50", "10", "t_i", "masked"));
    rh_fid_plan *c = plan_of(RH_ENGINE_POSTGRESQL, PLAN("50", "10", "t_k", "raw"));

    (void)state;
    assert_string_equal(a->hash, b->hash);
    assert_string_not_equal(a->hash, c->hash);
    assert_true(rh_fid_plan_compare(a, b).same_shape);
    assert_false(rh_fid_plan_compare(a, c).same_shape);
    rh_fid_plan_free(a);
    rh_fid_plan_free(b);
    rh_fid_plan_free(c);
}

static void the_largest_qerror_is_told_with_its_node(void **state)
{
    rh_fid_plan *a = plan_of(RH_ENGINE_POSTGRESQL, PLAN("50", "10", "t_i", ""));
    rh_fid_plan *b = plan_of(RH_ENGINE_POSTGRESQL, PLAN("200", "40", "t_i", ""));
    rh_fid_plan *c = plan_of(RH_ENGINE_POSTGRESQL, PLAN("0", "10", "t_k", ""));
    rh_fid_plan_difference difference = rh_fid_plan_compare(a, b);

    (void)state;
    assert_true(difference.row_qerror == 4 && difference.cost_ratio == 4);
    assert_true(difference.rows_a == 50 && difference.rows_b == 200);
    assert_ptr_equal(difference.node, rh_plan_at(a->plan, 1));
    difference = rh_fid_plan_compare(a, c); /* other shape: the top node only */
    assert_true(difference.row_qerror == 1);
    rh_fid_plan_free(a);
    rh_fid_plan_free(b);
    rh_fid_plan_free(c);
}

static void sqlite_lines_are_compared_by_shape(void **state)
{
    rh_fid_plan *plan =
        plan_of(RH_ENGINE_SQLITE, "[{\"id\":3,\"parent\":0,\"detail\":\"SCAN t\"},"
                                  "{\"id\":9,\"parent\":0,\"detail\":\"LIST SUBQUERY 1\"},"
                                  "{\"id\":12,\"parent\":9,\"detail\":\"SEARCH u\"}]");

    (void)state;
    assert_string_equal(plan->shape, "SCAN t, init:LIST SUBQUERY(SEARCH u)");
    assert_false(rh_fid_plan_counts(plan));
    assert_true(rh_fid_plan_compare(plan, plan).row_qerror == 1);
    assert_null(rh_fid_plan_compare(plan, plan).node);
    rh_fid_plan_free(plan);
}

static void damaged_plans_are_refused(void **state)
{
    static const char *const pg[] = {"{}", "[]", "[{}]", "[{\"Plan\":[]}]",
                                     "[{\"Plan\":{\"Plans\":[1]}}]"};
    static const char *const lite[] = {"{}", "[1]", "[{\"id\":1,\"parent\":1}]"};
    rh_fid_plan *plan = NULL;

    (void)state;
    for (size_t i = 0; i < sizeof pg / sizeof pg[0]; i++) {
        json_t *json = parsed(pg[i]);

        assert_int_equal(rh_fid_plan_read(RH_ENGINE_POSTGRESQL, json, &plan, NULL), RH_EFORMAT);
        json_decref(json);
    }
    for (size_t i = 0; i < sizeof lite / sizeof lite[0]; i++) {
        json_t *json = parsed(lite[i]);

        assert_int_equal(rh_fid_plan_read(RH_ENGINE_SQLITE, json, &plan, NULL), RH_EFORMAT);
        json_decref(json);
    }
    assert_null(plan);
}

static rh_status read_one(void *ctx, rh_error *err)
{
    rh_fid_plan *plan = NULL;
    rh_status status = rh_fid_plan_read(RH_ENGINE_POSTGRESQL, ctx, &plan, err);

    if (status != RH_OK)
        assert_null(plan);
    rh_fid_plan_free(plan);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    json_t *json = parsed(PLAN("50", "10", "t_i", ""));

    (void)state;
    assert_true(fail_nth(read_one, json) > 5);
    json_decref(json);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shape_names_nodes_and_no_literal),
        cmocka_unit_test(literals_do_not_change_the_hash_but_indexes_do),
        cmocka_unit_test(the_largest_qerror_is_told_with_its_node),
        cmocka_unit_test(sqlite_lines_are_compared_by_shape),
        cmocka_unit_test(damaged_plans_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
