/*
 * The tree: what is asked of a finished plan.
 */
#include "core/plan.h"

#include "core/mem.h"
#include "plan_internal.h"

void rh_plan_free(rh_plan *plan)
{
    if (plan == NULL)
        return;
    rh_mem_free(plan->nodes);
    rh_mem_free(plan->last_child);
    rh_mem_free(plan->exclusive);
    rh_arena_free(plan->arena);
    rh_mem_free(plan);
}

rh_plan_engine rh_plan_engine_of(const rh_plan *plan)
{
    return plan->engine;
}

size_t rh_plan_count(const rh_plan *plan)
{
    return plan->count;
}

const rh_plan_node *rh_plan_at(const rh_plan *plan, size_t index)
{
    return index < plan->count ? &plan->nodes[index] : NULL;
}

const rh_plan_node *rh_plan_root(const rh_plan *plan)
{
    return rh_plan_at(plan, 0);
}

const rh_plan_node *rh_plan_parent(const rh_plan *plan, const rh_plan_node *node)
{
    return rh_plan_at(plan, node->parent);
}

const rh_plan_node *rh_plan_first_child(const rh_plan *plan, const rh_plan_node *node)
{
    return rh_plan_at(plan, node->first_child);
}

const rh_plan_node *rh_plan_next_sibling(const rh_plan *plan, const rh_plan_node *node)
{
    return rh_plan_at(plan, node->next_sibling);
}

const rh_plan_node *rh_plan_input(const rh_plan *plan, const rh_plan_node *node, size_t k)
{
    for (const rh_plan_node *child = rh_plan_first_child(plan, node); child != NULL;
         child = rh_plan_next_sibling(plan, child)) {
        if (child->subplan == RH_PLAN_SUBPLAN_NONE && k-- == 0)
            return child;
    }
    return NULL;
}

bool rh_plan_inside(const rh_plan_node *top, const rh_plan_node *node)
{
    return node->index >= top->index && node->index < top->end;
}

const rh_plan_node *rh_plan_subquery_around(const rh_plan *plan, const rh_plan_node *node)
{
    const rh_plan_node *at = node;

    while (at != NULL && at->subplan == RH_PLAN_SUBPLAN_NONE)
        at = rh_plan_parent(plan, at);
    return at;
}

bool rh_plan_executed(const rh_plan *plan)
{
    return plan->executed;
}

double rh_plan_planning_ms(const rh_plan *plan)
{
    return plan->planning_ms;
}

double rh_plan_execution_ms(const rh_plan *plan)
{
    return plan->execution_ms;
}

const rh_plan_jit *rh_plan_jit_of(const rh_plan *plan)
{
    return &plan->jit;
}

size_t rh_plan_trigger_count(const rh_plan *plan)
{
    return plan->trigger_count;
}

const rh_plan_trigger *rh_plan_trigger_at(const rh_plan *plan, size_t index)
{
    return index < plan->trigger_count ? &plan->triggers[index] : NULL;
}

size_t rh_plan_setting_count(const rh_plan *plan)
{
    return plan->setting_count;
}

const rh_plan_setting *rh_plan_setting_at(const rh_plan *plan, size_t index)
{
    return index < plan->setting_count ? &plan->settings[index] : NULL;
}

const rh_plan_steps *rh_plan_steps_of(const rh_plan *plan)
{
    return plan->has_steps ? &plan->steps : NULL;
}

bool rh_plan_known(double value)
{
    return value >= 0;
}
