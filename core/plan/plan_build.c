/*
 * Putting a plan together: see plan_internal.h.
 */
#include "core/mem.h"
#include "plan_internal.h"

enum { FIRST_NODES = 32 };

static const rh_plan_jit no_jit = {RH_PLAN_UNKNOWN, RH_PLAN_UNKNOWN, false, false};

rh_plan *rh_plan_build_new(rh_plan_engine engine)
{
    rh_plan *plan = rh_mem_zalloc(sizeof *plan);

    if (plan == NULL)
        return NULL;
    plan->engine = engine;
    plan->planning_ms = RH_PLAN_UNKNOWN;
    plan->execution_ms = RH_PLAN_UNKNOWN;
    plan->jit = no_jit;
    plan->arena = rh_arena_new(0);
    if (plan->arena == NULL) {
        rh_plan_free(plan);
        return NULL;
    }
    return plan;
}

/* Every figure of a node that the engine may leave out. */
static void forget_figures(rh_plan_node *node)
{
    double *const figures[] = {
        &node->startup_cost,
        &node->total_cost,
        &node->plan_rows,
        &node->plan_width,
        &node->actual_rows,
        &node->actual_loops,
        &node->removed_by_filter,
        &node->removed_by_join_filter,
        &node->removed_by_recheck,
        &node->removed_by_conflict,
        &node->heap_fetches,
        &node->startup_ms,
        &node->total_ms,
        &node->index_searches,
        &node->shared_hit,
        &node->shared_read,
        &node->shared_dirtied,
        &node->shared_written,
        &node->local_hit,
        &node->local_read,
        &node->temp_read,
        &node->temp_written,
        &node->sort_space_kb,
        &node->sort_groups,
        &node->hash_buckets,
        &node->hash_batches,
        &node->hash_batches_planned,
        &node->memory_kb,
        &node->disk_kb,
        &node->exact_blocks,
        &node->lossy_blocks,
        &node->cache_hits,
        &node->cache_misses,
        &node->cache_evictions,
        &node->cache_overflows,
        &node->workers_planned,
        &node->workers_launched,
        &node->subplans_removed,
        &node->tuples_inserted,
        &node->tuples_updated,
        &node->tuples_deleted,
    };

    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++)
        *figures[i] = RH_PLAN_UNKNOWN;
}

static rh_status make_room(rh_plan *plan, rh_error *err)
{
    size_t cap = plan->cap == 0 ? FIRST_NODES : plan->cap * 2;
    rh_plan_node *nodes;
    size_t *last;

    if (plan->count < plan->cap)
        return RH_OK;
    if (plan->count >= RH_PLAN_MAX_NODES)
        return rh_error_set(err, RH_EFORMAT, "plan of more than %d nodes", RH_PLAN_MAX_NODES);
    nodes = rh_mem_rearray(plan->nodes, cap, sizeof *nodes);
    if (nodes == NULL)
        return rh_error_oom(err);
    plan->nodes = nodes;
    last = rh_mem_rearray(plan->last_child, cap, sizeof *last);
    if (last == NULL)
        return rh_error_oom(err);
    plan->last_child = last;
    plan->cap = cap;
    return RH_OK;
}

static void hang(rh_plan *plan, size_t parent, size_t index)
{
    size_t *last = &plan->last_child[parent];

    if (*last == RH_PLAN_NO_NODE)
        plan->nodes[parent].first_child = index;
    else
        plan->nodes[*last].next_sibling = index;
    *last = index;
}

rh_status rh_plan_build_add(rh_plan *plan, size_t parent, size_t *out, rh_error *err)
{
    size_t depth = parent == RH_PLAN_NO_NODE ? 0 : plan->nodes[parent].depth + 1;
    size_t index = plan->count;
    rh_plan_node *node;
    rh_status status;

    if (depth >= RH_PLAN_MAX_DEPTH)
        return rh_error_set(err, RH_EFORMAT, "plan nested deeper than %d", RH_PLAN_MAX_DEPTH);
    status = make_room(plan, err);
    if (status != RH_OK)
        return status;
    node = &plan->nodes[index];
    *node = (rh_plan_node){
        .kind = RH_PLAN_OTHER,
        .raw = "",
        .index = index,
        .parent = parent,
        .first_child = RH_PLAN_NO_NODE,
        .next_sibling = RH_PLAN_NO_NODE,
        .end = index + 1,
        .depth = depth,
        .relationship = parent == RH_PLAN_NO_NODE ? RH_PLAN_REL_ROOT : RH_PLAN_REL_CHILD,
        .correlated = RH_PLAN_MAYBE,
        .host = RH_PLAN_NO_NODE,
        .host_output = RH_PLAN_NO_NODE,
    };
    forget_figures(node);
    plan->last_child[index] = RH_PLAN_NO_NODE;
    plan->count++;
    if (parent != RH_PLAN_NO_NODE)
        hang(plan, parent, index);
    *out = index;
    return RH_OK;
}

rh_plan_node *rh_plan_build_node(rh_plan *plan, size_t index)
{
    return &plan->nodes[index];
}

rh_status rh_plan_build_finish(rh_plan *plan, rh_error *err)
{
    for (size_t i = plan->count; i-- > 1;) {
        rh_plan_node *node = &plan->nodes[i];
        rh_plan_node *parent = &plan->nodes[node->parent];

        if (parent->end < node->end)
            parent->end = node->end;
    }
    rh_mem_free(plan->last_child);
    plan->last_child = NULL;
    if (plan->engine == RH_PLAN_POSTGRES)
        rh_plan_build_links(plan);
    return rh_plan_build_exclusive(plan, err);
}
