#include "plan_postgres_fields.h"

#include <stddef.h>
#include <string.h>

#include "core/str.h"

typedef struct field {
    const char *key;
    size_t offset;
} field;

#define AT(member) offsetof(rh_plan_node, member)

static const field texts[] = {
    {"Schema", AT(schema)},
    {"Relation Name", AT(relation)},
    {"Alias", AT(alias)},
    {"Index Name", AT(index_name)},
    {"Function Name", AT(function_name)},
    {"Table Function Name", AT(function_name)},
    {"CTE Name", AT(cte_name)},
    {"Custom Plan Provider", AT(provider)},
    {"Scan Direction", AT(scan_direction)},
    {"Operation", AT(operation)},
    {"Command", AT(operation)}, /* SetOp: Intersect, Except All .. */
    {"Join Type", AT(join_type)},
    {"Strategy", AT(strategy)},
    {"Partial Mode", AT(partial_mode)},
    {"Index Cond", AT(index_cond)},
    {"Recheck Cond", AT(recheck_cond)},
    {"Filter", AT(filter)},
    {"Join Filter", AT(join_filter)},
    {"Hash Cond", AT(join_cond)},
    {"Merge Cond", AT(join_cond)},
    {"Order By", AT(order_by)},
    {"Cache Key", AT(cache_key)},
    {"Conflict Filter", AT(conflict_filter)},
    {"One-Time Filter", AT(one_time_filter)},
    {"TID Cond", AT(tid_cond)},
    {"Function Call", AT(function_call)},
    {"Subplan Name", AT(subplan_name)},
    {"Sort Method", AT(sort_method)},
    {"Sort Space Type", AT(sort_space_type)},
};

static const field numbers[] = {
    {"Startup Cost", AT(startup_cost)},
    {"Total Cost", AT(total_cost)},
    {"Plan Rows", AT(plan_rows)},
    {"Plan Width", AT(plan_width)},
    {"Actual Rows", AT(actual_rows)},
    {"Actual Loops", AT(actual_loops)},
    {"Actual Startup Time", AT(startup_ms)},
    {"Actual Total Time", AT(total_ms)},
    {"Rows Removed by Filter", AT(removed_by_filter)},
    {"Rows Removed by Join Filter", AT(removed_by_join_filter)},
    {"Rows Removed by Index Recheck", AT(removed_by_recheck)},
    {"Rows Removed by Conflict Filter", AT(removed_by_conflict)},
    {"Heap Fetches", AT(heap_fetches)},
    {"Index Searches", AT(index_searches)},
    {"Shared Hit Blocks", AT(shared_hit)},
    {"Shared Read Blocks", AT(shared_read)},
    {"Shared Dirtied Blocks", AT(shared_dirtied)},
    {"Shared Written Blocks", AT(shared_written)},
    {"Local Hit Blocks", AT(local_hit)},
    {"Local Read Blocks", AT(local_read)},
    {"Temp Read Blocks", AT(temp_read)},
    {"Temp Written Blocks", AT(temp_written)},
    {"Sort Space Used", AT(sort_space_kb)},
    {"Hash Buckets", AT(hash_buckets)},
    {"Hash Batches", AT(hash_batches)},
    {"HashAgg Batches", AT(hash_batches)},
    {"Original Hash Batches", AT(hash_batches_planned)},
    {"Planned Partitions", AT(hash_batches_planned)},
    {"Peak Memory Usage", AT(memory_kb)},
    {"Disk Usage", AT(disk_kb)},
    {"Exact Heap Blocks", AT(exact_blocks)},
    {"Lossy Heap Blocks", AT(lossy_blocks)},
    {"Cache Hits", AT(cache_hits)},
    {"Cache Misses", AT(cache_misses)},
    {"Cache Evictions", AT(cache_evictions)},
    {"Cache Overflows", AT(cache_overflows)},
    {"Workers Planned", AT(workers_planned)},
    {"Workers Launched", AT(workers_launched)},
    {"Subplans Removed", AT(subplans_removed)},
    {"Tuples Inserted", AT(tuples_inserted)},
    {"Tuples Updated", AT(tuples_updated)},
    {"Tuples Deleted", AT(tuples_deleted)},
};

static const field lists[] = {
    {"Output", AT(output)},
    {"Sort Key", AT(sort_keys)},
    {"Presorted Key", AT(presorted_keys)},
    {"Group Key", AT(group_keys)},
};

static const field flags[] = {
    {"Parallel Aware", AT(parallel_aware)},
    {"Inner Unique", AT(inner_unique)},
    {"Disabled", AT(disabled)},
};

/* What workers add; the node itself holds the leader's or nothing. */
static const field worker_sums[] = {
    {"Cache Hits", AT(cache_hits)},
    {"Cache Misses", AT(cache_misses)},
    {"Cache Evictions", AT(cache_evictions)},
    {"Cache Overflows", AT(cache_overflows)},
    {"Disk Usage", AT(disk_kb)},
    {"Exact Heap Blocks", AT(exact_blocks)},
    {"Lossy Heap Blocks", AT(lossy_blocks)},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void *member(rh_plan_node *node, size_t offset)
{
    return (char *)node + offset;
}

bool rh_plan_copy_text(rh_plan *plan, const json_t *json, const char *key, const char **out)
{
    const char *text = json_string_value(json_object_get(json, key));

    if (text == NULL)
        return true;
    *out = rh_arena_strdup(plan->arena, text);
    return *out != NULL;
}

double rh_plan_number(const json_t *json, const char *key)
{
    const json_t *value = json_object_get(json, key);
    double number = json_is_number(value) ? json_number_value(value) : RH_PLAN_UNKNOWN;

    return number >= 0 ? number : RH_PLAN_UNKNOWN;
}

/* Strings of an array, or of arrays in it; the count of what there is. */
static size_t flatten(const json_t *array, const char **items, size_t at)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        const json_t *value = json_array_get(array, i);

        for (size_t k = 0; json_is_array(value) && k < json_array_size(value); k++)
            if (json_is_string(json_array_get(value, k))) {
                if (items != NULL)
                    items[at] = json_string_value(json_array_get(value, k));
                at++;
            }
        if (!json_is_string(value))
            continue;
        if (items != NULL)
            items[at] = json_string_value(value);
        at++;
    }
    return at;
}

static bool keep_list(rh_plan *plan, const char **items, size_t count, rh_plan_texts *out)
{
    for (size_t i = 0; i < count; i++) {
        items[i] = rh_arena_strdup(plan->arena, items[i]);
        if (items[i] == NULL)
            return false;
    }
    *out = (rh_plan_texts){items, count};
    return true;
}

static bool copy_list(rh_plan *plan, const json_t *array, rh_plan_texts *out)
{
    size_t count = flatten(array, NULL, 0);
    const char **items;

    if (count == 0)
        return true;
    items = rh_arena_array(plan->arena, count, sizeof *items);
    if (items == NULL)
        return false;
    (void)flatten(array, items, 0);
    return keep_list(plan, items, count, out);
}

/* "Grouping Sets": [{"Group Keys": [[..], ..]} or {"Hash Keys": ..}, ..]. */
static bool copy_grouping_sets(rh_plan *plan, const json_t *sets, rh_plan_texts *out)
{
    size_t count = 0;
    const char **items;

    for (size_t i = 0; i < json_array_size(sets); i++) {
        count = flatten(json_object_get(json_array_get(sets, i), "Group Keys"), NULL, count);
        count = flatten(json_object_get(json_array_get(sets, i), "Hash Keys"), NULL, count);
    }
    if (count == 0)
        return true;
    items = rh_arena_array(plan->arena, count, sizeof *items);
    if (items == NULL)
        return false;
    count = 0;
    for (size_t i = 0; i < json_array_size(sets); i++) {
        count = flatten(json_object_get(json_array_get(sets, i), "Group Keys"), items, count);
        count = flatten(json_object_get(json_array_get(sets, i), "Hash Keys"), items, count);
    }
    return keep_list(plan, items, count, out);
}

static void add_number(double *sum, double value)
{
    if (rh_plan_known(value))
        *sum = (rh_plan_known(*sum) ? *sum : 0) + value;
}

/* Sorts of workers: the method and the sum of what went to disk. */
static bool add_workers(rh_plan *plan, rh_plan_node *node, const json_t *workers)
{
    for (size_t i = 0; i < json_array_size(workers); i++) {
        const json_t *worker = json_array_get(workers, i);

        for (size_t k = 0; k < COUNT(worker_sums); k++)
            add_number(member(node, worker_sums[k].offset),
                       rh_plan_number(worker, worker_sums[k].key));
        add_number(&node->sort_space_kb, rh_plan_number(worker, "Sort Space Used"));
        if (rh_str_eq(json_string_value(json_object_get(worker, "Sort Space Type")), "Disk") &&
            (!rh_plan_copy_text(plan, worker, "Sort Space Type", &node->sort_space_type) ||
             !rh_plan_copy_text(plan, worker, "Sort Method", &node->sort_method)))
            return false;
    }
    return true;
}

/* Incremental sort: {"Group Count", "Sort Methods Used": [..], "Sort Space Disk": {"Peak ..": kB}}.
 */
static bool add_sort_groups(rh_plan *plan, rh_plan_node *node, const json_t *groups)
{
    const json_t *disk = json_object_get(groups, "Sort Space Disk");
    const json_t *memory = json_object_get(groups, "Sort Space Memory");
    double kb = rh_plan_number(disk != NULL ? disk : memory, "Peak Sort Space Used");
    const char *method =
        json_string_value(json_array_get(json_object_get(groups, "Sort Methods Used"), 0));

    add_number(&node->sort_groups, rh_plan_number(groups, "Group Count"));
    if (disk != NULL || node->sort_space_type == NULL)
        node->sort_space_type = disk != NULL ? "Disk" : memory != NULL ? "Memory" : NULL;
    if (kb > node->sort_space_kb)
        node->sort_space_kb = kb;
    if (method != NULL && node->sort_method == NULL) {
        node->sort_method = rh_arena_strdup(plan->arena, method);
        return node->sort_method != NULL;
    }
    return true;
}

static bool fill_lists(rh_plan *plan, rh_plan_node *node, const json_t *json)
{
    for (size_t i = 0; i < COUNT(lists); i++)
        if (!copy_list(plan, json_object_get(json, lists[i].key), member(node, lists[i].offset)))
            return false;
    if (node->group_keys.count == 0)
        return copy_grouping_sets(plan, json_object_get(json, "Grouping Sets"), &node->group_keys);
    return true;
}

rh_status rh_plan_fill_node(rh_plan *plan, rh_plan_node *node, const json_t *json, rh_error *err)
{
    for (size_t i = 0; i < COUNT(texts); i++)
        if (!rh_plan_copy_text(plan, json, texts[i].key, member(node, texts[i].offset)))
            return rh_error_oom(err);
    for (size_t i = 0; i < COUNT(numbers); i++) {
        double value = rh_plan_number(json, numbers[i].key);

        if (rh_plan_known(value))
            *(double *)member(node, numbers[i].offset) = value;
    }
    for (size_t i = 0; i < COUNT(flags); i++)
        *(bool *)member(node, flags[i].offset) = json_is_true(json_object_get(json, flags[i].key));
    if (!fill_lists(plan, node, json) ||
        !add_workers(plan, node, json_object_get(json, "Workers")) ||
        !add_sort_groups(plan, node, json_object_get(json, "Full-sort Groups")) ||
        !add_sort_groups(plan, node, json_object_get(json, "Pre-sorted Groups")))
        return rh_error_oom(err);
    node->never_executed = rh_plan_known(node->actual_loops) && node->actual_loops < 1;
    return RH_OK;
}
