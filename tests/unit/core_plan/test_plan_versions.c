/*
 * The plans that real servers of 12 to 18 made of the same statements.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/plan_postgres.h"
#include "core/str.h"

enum { OLDEST = 12, NEWEST = 18, STATEMENTS = 37 };

static json_t *read_version(int version)
{
    char *path = rh_mem_printf("%s/tests/data/explain_versions/nodes_pg%d.json",
                               getenv("RH_SOURCE_DIR"), version);
    json_t *plans;

    assert_non_null(path);
    plans = json_load_file(path, 0, NULL);
    if (plans == NULL)
        fail_msg("%s", path);
    rh_mem_free(path);
    return plans;
}

static rh_plan *plan_of(const json_t *plans, const char *name)
{
    rh_plan *plan = NULL;
    rh_error err = RH_ERROR_INIT;

    if (rh_plan_from_json(name, json_object_get(plans, name), &plan, &err) != RH_OK)
        fail_msg("%s", err.text);
    return plan;
}

static void check_nodes(const rh_plan *plan, const char *name, bool *seen)
{
    for (size_t i = 0; i < rh_plan_count(plan); i++) {
        const rh_plan_node *node = rh_plan_at(plan, i);

        seen[node->kind] = true;
        if (node->kind == RH_PLAN_OTHER)
            fail_msg("%s: '%s' is not known", name, node->raw);
        if ((node->subplan == RH_PLAN_SUBPLAN_SUB || node->subplan == RH_PLAN_SUBPLAN_INIT) &&
            node->host == RH_PLAN_NO_NODE)
            fail_msg("%s: nobody evaluates '%s'", name, node->subplan_name);
    }
}

static void every_node_of_every_version_is_known(void **state)
{
    static const rh_plan_kind everywhere[] = {
        RH_PLAN_SEQ_SCAN,
        RH_PLAN_INDEX_SCAN,
        RH_PLAN_INDEX_ONLY_SCAN,
        RH_PLAN_BITMAP_HEAP_SCAN,
        RH_PLAN_BITMAP_OR,
        RH_PLAN_BITMAP_INDEX_SCAN,
        RH_PLAN_ROWID_SCAN,
        RH_PLAN_SAMPLE_SCAN,
        RH_PLAN_SUBQUERY_SCAN,
        RH_PLAN_FUNCTION_SCAN,
        RH_PLAN_VALUES_SCAN,
        RH_PLAN_CTE_SCAN,
        RH_PLAN_WORK_TABLE_SCAN,
        RH_PLAN_NESTED_LOOP,
        RH_PLAN_MERGE_JOIN,
        RH_PLAN_HASH_JOIN,
        RH_PLAN_HASH,
        RH_PLAN_MATERIALIZE,
        RH_PLAN_SORT,
        RH_PLAN_UNIQUE,
        RH_PLAN_GROUP,
        RH_PLAN_AGGREGATE,
        RH_PLAN_WINDOW,
        RH_PLAN_LIMIT,
        RH_PLAN_LOCK_ROWS,
        RH_PLAN_SET_OP,
        RH_PLAN_APPEND,
        RH_PLAN_RECURSIVE_UNION,
        RH_PLAN_RESULT,
        RH_PLAN_PROJECT_SET,
        RH_PLAN_MODIFY,
        RH_PLAN_GATHER,
        RH_PLAN_GATHER_MERGE,
    };

    (void)state;
    for (int version = OLDEST; version <= NEWEST; version++) {
        json_t *plans = read_version(version);
        bool seen[RH_PLAN_SUBQUERY + 1] = {false};
        const char *name;
        json_t *ignored;

        assert_int_equal(json_object_size(plans), STATEMENTS + (version >= 15));
        json_object_foreach(plans, name, ignored)
        {
            rh_plan *plan = plan_of(plans, name);

            assert_true(rh_plan_executed(plan));
            check_nodes(plan, name, seen);
            rh_plan_free(plan);
        }
        for (size_t i = 0; i < sizeof everywhere / sizeof everywhere[0]; i++)
            if (!seen[everywhere[i]])
                fail_msg("%d has no %s", version, rh_plan_kind_name(everywhere[i]));
        assert_int_equal(seen[RH_PLAN_INCREMENTAL_SORT], version >= 13);
        assert_int_equal(seen[RH_PLAN_MEMOIZE], version >= 14);
        json_decref(plans);
    }
}

static void nodes_that_no_statement_here_has_are_known(void **state)
{
    static const struct {
        const char *type;
        rh_plan_kind kind;
    } types[] = {
        {"BitmapAnd", RH_PLAN_BITMAP_AND},
        {"Merge Append", RH_PLAN_MERGE_APPEND},
        {"Foreign Scan", RH_PLAN_FOREIGN_SCAN},
        {"Custom Scan", RH_PLAN_CUSTOM_SCAN},
        {"Named Tuplestore Scan", RH_PLAN_NAMED_STORE_SCAN},
    };

    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        json_t *json = json_pack("[{s:{s:s, s:s}}]", "Plan", "Node Type", types[i].type,
                                 "Custom Plan Provider", "Chunks");
        rh_plan *plan = NULL;

        assert_int_equal(rh_plan_from_json("p", json, &plan, NULL), RH_OK);
        assert_int_equal(rh_plan_root(plan)->kind, types[i].kind);
        assert_string_equal(rh_plan_root(plan)->provider, "Chunks");
        rh_plan_free(plan);
        json_decref(json);
    }
}

static void triggers_are_told_by_every_version(void **state)
{
    (void)state;
    for (int version = OLDEST; version <= NEWEST; version++) {
        json_t *plans = read_version(version);
        rh_plan *own = plan_of(plans, "triggers");
        rh_plan *key = plan_of(plans, "cascade");
        rh_plan *body = plan_of(plans, "modifying_cte");
        size_t deletes = 0;

        assert_int_equal(rh_plan_trigger_count(own), 1);
        assert_string_equal(rh_plan_trigger_at(own, 0)->name, "u_noted");
        assert_null(rh_plan_trigger_at(own, 0)->constraint);
        assert_true(rh_plan_trigger_at(own, 0)->calls == 4);
        assert_int_equal(rh_plan_trigger_count(key), 1);
        assert_string_equal(rh_plan_trigger_at(key, 0)->constraint, "u_t_id_fkey");
        assert_true(rh_plan_trigger_at(key, 0)->calls == 2);
        for (size_t i = 0; i < rh_plan_count(body); i++)
            deletes += rh_plan_at(body, i)->subplan == RH_PLAN_SUBPLAN_CTE &&
                       rh_str_eq(rh_plan_at(body, i)->operation, "Delete");
        assert_int_equal(deletes, 1);
        rh_plan_free(own);
        rh_plan_free(key);
        rh_plan_free(body);
        json_decref(plans);
    }
}

static void blocks_add_up_in_every_version(void **state)
{
    static const char *const names[] = {"cte_scans", "gather"};

    (void)state;
    for (int version = OLDEST; version <= NEWEST; version++) {
        json_t *plans = read_version(version);

        for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
            rh_plan *plan = plan_of(plans, names[i]);
            const rh_plan_node *root = rh_plan_root(plan);

            assert_true(root->shared_hit + root->shared_read > 0);
            assert_true(rh_plan_inclusive(plan, root).blocks ==
                        root->shared_hit + root->shared_read);
            rh_plan_free(plan);
        }
        json_decref(plans);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_node_of_every_version_is_known),
        cmocka_unit_test(nodes_that_no_statement_here_has_are_known),
        cmocka_unit_test(triggers_are_told_by_every_version),
        cmocka_unit_test(blocks_add_up_in_every_version),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
