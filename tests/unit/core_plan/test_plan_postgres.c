/*
 * Plans of PostgreSQL 12 to 19, from tests/data/explain.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/doc.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/plan_postgres.h"
#include "core/str.h"
#include "fail_nth.h"

enum { MAX_BYTES = 1 << 20 };

static void read_file(const char *name, rh_buf *out)
{
    char *path = rh_mem_printf("%s/tests/data/explain/%s", getenv("RH_SOURCE_DIR"), name);

    assert_non_null(path);
    assert_int_equal(rh_fs_read(path, MAX_BYTES, out, NULL), RH_OK);
    rh_mem_free(path);
}

static rh_plan *read_plan(const char *name)
{
    rh_buf text = RH_BUF_INIT;
    rh_plan *plan = NULL;
    rh_error err = RH_ERROR_INIT;

    read_file(name, &text);
    if (rh_plan_read_postgres(name, rh_buf_cstr(&text), text.len, &plan, &err) != RH_OK)
        fail_msg("%s", err.text);
    rh_buf_done(&text);
    return plan;
}

static const rh_plan_node *find(const rh_plan *plan, rh_plan_subplan_kind kind)
{
    for (size_t i = 0; i < rh_plan_count(plan); i++)
        if (rh_plan_at(plan, i)->subplan == kind)
            return rh_plan_at(plan, i);
    fail_msg("no such subquery");
    return NULL;
}

static double sum_of_blocks(const rh_plan *plan)
{
    double sum = 0;

    for (size_t i = 0; i < rh_plan_count(plan); i++)
        sum += rh_plan_exclusive(plan, rh_plan_at(plan, i)).blocks;
    return sum;
}

static void check_version(const char *file, const char *sub_id)
{
    rh_plan *plan = read_plan(file);
    const rh_plan_node *root = rh_plan_root(plan);
    const rh_plan_node *cte = find(plan, RH_PLAN_SUBPLAN_CTE);
    const rh_plan_node *init = find(plan, RH_PLAN_SUBPLAN_INIT);
    const rh_plan_node *sub = find(plan, RH_PLAN_SUBPLAN_SUB);
    const rh_plan_node *hashed = rh_plan_at(plan, rh_plan_count(plan) - 1);

    assert_int_equal(rh_plan_count(plan), 9);
    assert_true(rh_plan_executed(plan));
    assert_int_equal(root->kind, RH_PLAN_SORT);
    assert_string_equal(cte->cte_name, "c");
    assert_int_equal(cte->host, RH_PLAN_NO_NODE);
    /* the scan of listing evaluates all three, not the Sort that hands them on */
    assert_string_equal(rh_plan_at(plan, sub->host)->relation, "listing");
    assert_string_equal(sub->subplan_id, sub_id);
    assert_int_equal(sub->host_output, 1);
    assert_int_equal(sub->correlated, RH_PLAN_YES);
    assert_true(sub->actual_loops == 113);
    assert_false(sub->hashed);
    assert_int_equal(init->correlated, RH_PLAN_NO);
    assert_int_not_equal(init->host, RH_PLAN_NO_NODE);
    assert_int_equal(hashed->subplan, RH_PLAN_SUBPLAN_SUB);
    assert_true(hashed->hashed);
    assert_int_equal(hashed->host_output, RH_PLAN_NO_NODE);
    rh_plan_free(plan);
}

static void every_version_tells_its_subqueries(void **state)
{
    (void)state;
    check_version("pg12_subqueries.json", "SubPlan 2");
    check_version("pg15_subqueries.json", "SubPlan 2");
    check_version("pg17_subqueries.json", "SubPlan 2");
    check_version("pg18_subqueries.json", "SubPlan 2");
    check_version("pg19_subqueries.json", "SubPlan expr_1");
}

static void exclusive_blocks_add_up_to_the_whole(void **state)
{
    static const char *const files[] = {"pg12_subqueries.json", "pg15_subqueries.json",
                                        "pg17_subqueries.json", "pg19_subqueries.json",
                                        "pg15_parallel.json"};

    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        rh_plan *plan = read_plan(files[i]);
        const rh_plan_node *root = rh_plan_root(plan);

        assert_true(sum_of_blocks(plan) == root->shared_hit + root->shared_read);
        assert_true(rh_plan_inclusive(plan, root).blocks == sum_of_blocks(plan));
        rh_plan_free(plan);
    }
}

static void a_cte_is_charged_to_its_body_not_to_its_readers(void **state)
{
    rh_plan *plan = read_plan("pg15_subqueries.json");
    const rh_plan_node *cte = find(plan, RH_PLAN_SUBPLAN_CTE);

    (void)state;
    assert_true(rh_plan_inclusive(plan, cte).blocks == 500);
    for (size_t i = 0; i < rh_plan_count(plan); i++)
        if (rh_plan_at(plan, i)->kind == RH_PLAN_CTE_SCAN)
            assert_true(rh_plan_exclusive(plan, rh_plan_at(plan, i)).blocks == 0);
    rh_plan_free(plan);
}

static void fractional_rows_are_kept(void **state)
{
    rh_plan *plan = read_plan("pg18_subqueries.json");
    size_t fractional = 0;

    (void)state;
    for (size_t i = 0; i < rh_plan_count(plan); i++) {
        double rows = rh_plan_at(plan, i)->actual_rows;

        fractional += rows != (double)(int64_t)rows;
    }
    assert_int_equal(fractional, 3);
    rh_plan_free(plan);
}

static void versions_with_the_same_plan_have_the_same_shape(void **state)
{
    rh_plan *a = read_plan("pg15_subqueries.json");
    rh_plan *b = read_plan("pg19_subqueries.json");
    rh_plan *c = read_plan("pg15_parallel.json");
    uint64_t hashes[3] = {0, 0, 0};
    rh_buf text = RH_BUF_INIT;

    (void)state;
    assert_int_equal(rh_plan_shape_hash(a, &hashes[0], NULL), RH_OK);
    assert_int_equal(rh_plan_shape_hash(b, &hashes[1], NULL), RH_OK);
    assert_int_equal(rh_plan_shape_hash(c, &hashes[2], NULL), RH_OK);
    assert_true(hashes[0] == hashes[1]);
    assert_true(hashes[0] != hashes[2]);
    assert_int_equal(rh_plan_signature(a, &text, NULL), RH_OK);
    assert_non_null(strstr(rh_buf_cstr(&text), "sub:Aggregate(SeqScan usage u)"));
    assert_non_null(strstr(rh_buf_cstr(&text), "hashed:CTEScan c c_1"));
    rh_buf_done(&text);
    rh_plan_free(a);
    rh_plan_free(b);
    rh_plan_free(c);
}

static void a_shape_tells_what_makes_another_plan(void **state)
{
    static const char text[] =
        "[{\"Plan\": {\"Node Type\": \"SetOp\", \"Strategy\": \"Hashed\", \"Command\": "
        "\"Except All\", \"Plans\": [{\"Node Type\": \"Aggregate\", \"Strategy\": \"Sorted\", "
        "\"Partial Mode\": \"Partial\"}, {\"Node Type\": \"Index Scan\", \"Scan Direction\": "
        "\"Backward\", \"Relation Name\": \"t\", \"Alias\": \"b\", \"Index Name\": \"i\", "
        "\"Index Cond\": \"(x = 'secret')\"}, {\"Node Type\": \"Foreign Scan\", \"Operation\": "
        "\"Select\", \"Relation Name\": \"f\", \"Alias\": \"f\"}, {\"Node Type\": "
        "\"ModifyTable\", \"Operation\": \"Delete\", \"Relation Name\": \"t\"}, {\"Node Type\": "
        "\"Function Scan\", \"Function Name\": \"g\", \"Alias\": \"g\"}]}}]";
    rh_plan *plan = NULL;
    rh_buf shape = RH_BUF_INIT;

    (void)state;
    assert_int_equal(rh_plan_read_postgres("p", text, strlen(text), &plan, NULL), RH_OK);
    assert_int_equal(rh_plan_signature(plan, &shape, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&shape),
                        "HashedExceptAllSetOp(PartialSortedAggregate, BackwardIndexScan t b i, "
                        "ForeignScan f, Delete t, FunctionScan g)");
    rh_buf_done(&shape);
    rh_plan_free(plan);
}

static void triggers_and_modifying_ctes_are_read(void **state)
{
    rh_plan *plan = read_plan("pg15_modify.json");
    const rh_plan_node *body = find(plan, RH_PLAN_SUBPLAN_CTE);
    bool foreign_key = false;

    (void)state;
    assert_int_equal(body->kind, RH_PLAN_MODIFY);
    assert_string_equal(body->operation, "Delete");
    for (size_t i = 0; i < rh_plan_trigger_count(plan); i++)
        foreign_key =
            foreign_key || rh_str_eq(rh_plan_trigger_at(plan, i)->constraint, "ch_p_fkey");
    assert_true(foreign_key);
    rh_plan_free(plan);
}

static void workers_spills_settings_and_jit_are_read(void **state)
{
    rh_plan *plan = read_plan("pg15_parallel.json");
    bool spilled = false;
    bool gathered = false;

    (void)state;
    for (size_t i = 0; i < rh_plan_count(plan); i++) {
        const rh_plan_node *node = rh_plan_at(plan, i);

        spilled = spilled || (node->kind == RH_PLAN_SORT &&
                              rh_str_eq(node->sort_space_type, "Disk") && node->sort_space_kb > 0);
        gathered = gathered || (node->kind == RH_PLAN_GATHER_MERGE && node->workers_planned > 0);
    }
    assert_true(spilled);
    assert_true(gathered);
    assert_true(rh_plan_setting_count(plan) > 0);
    rh_plan_free(plan);

    plan = read_plan("pg15_jit_grouping.json");
    assert_true(rh_plan_jit_of(plan)->functions > 0);
    assert_true(rh_plan_jit_of(plan)->total_ms > 0);
    assert_string_equal(rh_plan_root(plan)->group_keys.items[0], "listing.category");
    rh_plan_free(plan);
}

static void refuse(const char *text)
{
    rh_plan *plan = NULL;
    rh_error err = RH_ERROR_INIT;

    assert_int_equal(rh_plan_read_postgres("p", text, strlen(text), &plan, &err), RH_EFORMAT);
    assert_null(plan);
    assert_true(rh_str_starts_with(err.text, "p"));
}

static void what_is_no_plan_is_refused(void **state)
{
    rh_buf deep = RH_BUF_INIT;

    (void)state;
    refuse("");
    refuse("[]");
    refuse("[{\"Plan\": 1}]");
    refuse("[{\"Plan\": {\"Node\": 1}}]");
    refuse("[{\"Plan\": {\"Node Type\": \"Result\", \"Plans\": [7]}}]");
    for (int i = 0; i < 600; i++)
        assert_int_equal(rh_buf_append_str(&deep, "{\"Node Type\": \"Result\", \"Plans\": [", NULL),
                         RH_OK);
    for (int i = 0; i < 600; i++)
        assert_int_equal(rh_buf_append_str(&deep, "]}", NULL), RH_OK);
    refuse(rh_buf_cstr(&deep));
    rh_buf_done(&deep);
}

static void an_unknown_node_is_kept_as_it_is(void **state)
{
    static const char text[] = "{\"Plan\": {\"Node Type\": \"Quantum Scan\", \"Total Cost\": 7}}";
    rh_plan *plan = NULL;

    (void)state;
    assert_int_equal(rh_plan_read_postgres("p", text, strlen(text), &plan, NULL), RH_OK);
    assert_int_equal(rh_plan_root(plan)->kind, RH_PLAN_OTHER);
    assert_string_equal(rh_plan_root(plan)->raw, "Quantum Scan");
    assert_false(rh_plan_executed(plan));
    assert_false(rh_plan_known(rh_plan_root(plan)->actual_rows));
    rh_plan_free(plan);
}

/* The document is parsed before: jansson itself does not survive every failed allocation. */
static rh_status read_once(void *ctx, rh_error *err)
{
    rh_plan *plan = NULL;
    uint64_t hash = 0;
    rh_status status = rh_plan_from_json("p", ctx, &plan, err);

    if (status == RH_OK)
        status = rh_plan_shape_hash(plan, &hash, err);
    rh_plan_free(plan);
    return status;
}

static void reading_survives_each_failed_allocation(void **state)
{
    rh_buf text = RH_BUF_INIT;
    json_t *document = NULL;

    (void)state;
    read_file("pg15_modify.json", &text);
    assert_int_equal(rh_doc_parse_json("p", rh_buf_cstr(&text), text.len, &document, NULL), RH_OK);
    assert_true(fail_nth(read_once, document) >= 4);
    json_decref(document);
    rh_buf_done(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_version_tells_its_subqueries),
        cmocka_unit_test(exclusive_blocks_add_up_to_the_whole),
        cmocka_unit_test(a_cte_is_charged_to_its_body_not_to_its_readers),
        cmocka_unit_test(fractional_rows_are_kept),
        cmocka_unit_test(a_shape_tells_what_makes_another_plan),
        cmocka_unit_test(versions_with_the_same_plan_have_the_same_shape),
        cmocka_unit_test(triggers_and_modifying_ctes_are_read),
        cmocka_unit_test(workers_spills_settings_and_jit_are_read),
        cmocka_unit_test(what_is_no_plan_is_refused),
        cmocka_unit_test(an_unknown_node_is_kept_as_it_is),
        cmocka_unit_test(reading_survives_each_failed_allocation),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
