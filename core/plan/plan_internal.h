/*
 * How a plan is put together: nodes depth first, strings in an arena, then finished once.
 */
#ifndef PLAN_INTERNAL_H
#define PLAN_INTERNAL_H

#include "core/arena.h"
#include "core/plan.h"

enum {
    RH_PLAN_MAX_NODES = 20000,
    RH_PLAN_MAX_DEPTH = 500,
};

struct rh_plan {
    rh_plan_engine engine;
    rh_arena *arena;
    rh_plan_node *nodes;
    size_t *last_child; /* while building */
    size_t count;
    size_t cap;
    bool executed;
    double planning_ms;
    double execution_ms;
    rh_plan_jit jit;
    rh_plan_trigger *triggers; /* in the arena, as all below */
    size_t trigger_count;
    rh_plan_setting *settings;
    size_t setting_count;
    bool has_steps;
    rh_plan_steps steps;
    rh_plan_work *exclusive; /* one per node, made by finish */
};

/** An empty plan, every figure unknown; NULL when memory is out. */
rh_plan *rh_plan_build_new(rh_plan_engine engine) RH_MUST_CHECK;

/**
 * One more node under parent (RH_PLAN_NO_NODE for the first). Parents before children, a subtree
 * whole before the next. *out is its index; rh_plan_build_node() gives the storage until the next
 * add. RH_EFORMAT past the limits of nodes or depth, RH_ENOMEM.
 */
rh_status rh_plan_build_add(rh_plan *plan, size_t parent, size_t *out, rh_error *err) RH_MUST_CHECK;
rh_plan_node *rh_plan_build_node(rh_plan *plan, size_t index);

/** Compute subtree ends and exclusive figures. */
rh_status rh_plan_build_finish(rh_plan *plan, rh_error *err) RH_MUST_CHECK;

/** plan_exclusive.c: fill plan->exclusive. */
rh_status rh_plan_build_exclusive(rh_plan *plan, rh_error *err) RH_MUST_CHECK;

/** plan_links.c: find the hosts of PostgreSQL's subqueries and which of them are hashed. */
void rh_plan_build_links(rh_plan *plan);

/** True when `text` mentions the InitPlan or SubPlan `subquery`; *out_hashed when it is hashed. */
bool rh_plan_text_mentions(const char *text, const rh_plan_node *subquery, bool *out_hashed);

#endif
