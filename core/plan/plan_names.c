/*
 * Names and classes of node kinds.
 */
#include "core/plan.h"

static const char *const names[] = {
    [RH_PLAN_OTHER] = "other",
    [RH_PLAN_STATEMENT] = "statement",
    [RH_PLAN_SEQ_SCAN] = "seq-scan",
    [RH_PLAN_INDEX_SCAN] = "index-scan",
    [RH_PLAN_INDEX_ONLY_SCAN] = "index-only-scan",
    [RH_PLAN_AUTO_INDEX_SCAN] = "auto-index-scan",
    [RH_PLAN_ROWID_SCAN] = "rowid-scan",
    [RH_PLAN_BITMAP_HEAP_SCAN] = "bitmap-heap-scan",
    [RH_PLAN_BITMAP_INDEX_SCAN] = "bitmap-index-scan",
    [RH_PLAN_BITMAP_AND] = "bitmap-and",
    [RH_PLAN_BITMAP_OR] = "bitmap-or",
    [RH_PLAN_SAMPLE_SCAN] = "sample-scan",
    [RH_PLAN_SUBQUERY_SCAN] = "subquery-scan",
    [RH_PLAN_FUNCTION_SCAN] = "function-scan",
    [RH_PLAN_VALUES_SCAN] = "values-scan",
    [RH_PLAN_CTE_SCAN] = "cte-scan",
    [RH_PLAN_WORK_TABLE_SCAN] = "work-table-scan",
    [RH_PLAN_NAMED_STORE_SCAN] = "named-store-scan",
    [RH_PLAN_FOREIGN_SCAN] = "foreign-scan",
    [RH_PLAN_CUSTOM_SCAN] = "custom-scan",
    [RH_PLAN_NESTED_LOOP] = "nested-loop",
    [RH_PLAN_MERGE_JOIN] = "merge-join",
    [RH_PLAN_HASH_JOIN] = "hash-join",
    [RH_PLAN_HASH] = "hash",
    [RH_PLAN_BLOOM_FILTER] = "bloom-filter",
    [RH_PLAN_MATERIALIZE] = "materialize",
    [RH_PLAN_COROUTINE] = "coroutine",
    [RH_PLAN_MEMOIZE] = "memoize",
    [RH_PLAN_SORT] = "sort",
    [RH_PLAN_INCREMENTAL_SORT] = "incremental-sort",
    [RH_PLAN_TEMP_BTREE] = "temp-btree",
    [RH_PLAN_UNIQUE] = "unique",
    [RH_PLAN_GROUP] = "group",
    [RH_PLAN_AGGREGATE] = "aggregate",
    [RH_PLAN_WINDOW] = "window",
    [RH_PLAN_LIMIT] = "limit",
    [RH_PLAN_LOCK_ROWS] = "lock-rows",
    [RH_PLAN_SET_OP] = "set-op",
    [RH_PLAN_APPEND] = "append",
    [RH_PLAN_MERGE_APPEND] = "merge-append",
    [RH_PLAN_RECURSIVE_UNION] = "recursive-union",
    [RH_PLAN_RESULT] = "result",
    [RH_PLAN_PROJECT_SET] = "project-set",
    [RH_PLAN_MODIFY] = "modify",
    [RH_PLAN_GATHER] = "gather",
    [RH_PLAN_GATHER_MERGE] = "gather-merge",
    [RH_PLAN_SUBQUERY] = "subquery",
};

const char *rh_plan_kind_name(rh_plan_kind kind)
{
    return (size_t)kind < sizeof names / sizeof names[0] ? names[kind] : "other";
}

bool rh_plan_is_scan(rh_plan_kind kind)
{
    return kind >= RH_PLAN_SEQ_SCAN && kind <= RH_PLAN_CUSTOM_SCAN;
}

bool rh_plan_is_join(rh_plan_kind kind)
{
    return kind == RH_PLAN_NESTED_LOOP || kind == RH_PLAN_MERGE_JOIN || kind == RH_PLAN_HASH_JOIN;
}
