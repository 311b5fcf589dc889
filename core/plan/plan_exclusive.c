/*
 * What each node costs by itself.
 *
 * Blocks of a node include those of its inputs and SubPlans, which hang below it: they are taken
 * off. The work of a CTE's body or an InitPlan is charged to whichever node asked first, while the
 * body hangs under the top of its query level. So it is not taken off there, but off its readers:
 * a CTE Scan has no blocks of its own, and a reader of an InitPlan cannot give more than it has.
 */
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "plan_internal.h"

enum { FIGURES = 4 };

typedef struct figures {
    double of[FIGURES]; /* blocks, blocks read, temp read, temp written */
} figures;

static double or_zero(double value)
{
    return rh_plan_known(value) ? value : 0;
}

static figures totals_of(const rh_plan_node *node)
{
    double read = or_zero(node->shared_read) + or_zero(node->local_read);

    return (figures){{or_zero(node->shared_hit) + or_zero(node->local_hit) + read, read,
                      or_zero(node->temp_read), or_zero(node->temp_written)}};
}

/* Move what `giver` can give of `wanted` out of it. */
static void take_off(figures *giver, figures *wanted)
{
    for (size_t i = 0; i < FIGURES; i++) {
        double part = giver->of[i] < wanted->of[i] ? giver->of[i] : wanted->of[i];

        giver->of[i] -= part;
        wanted->of[i] -= part;
    }
}

static bool is_zero(const figures *value)
{
    for (size_t i = 0; i < FIGURES; i++)
        if (value->of[i] > 0)
            return false;
    return true;
}

static bool reads(const rh_plan_node *node, const rh_plan_node *body)
{
    const char *const texts[] = {node->filter, node->join_filter, node->join_cond, node->index_cond,
                                 node->one_time_filter};
    bool hashed;

    if (body->subplan == RH_PLAN_SUBPLAN_CTE)
        return node->kind == RH_PLAN_CTE_SCAN && rh_str_eq(node->cte_name, body->cte_name);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (rh_plan_text_mentions(texts[i], body, &hashed))
            return true;
    for (size_t i = 0; i < node->output.count; i++)
        if (rh_plan_text_mentions(node->output.items[i], body, &hashed))
            return true;
    return false;
}

static void charge_readers(const rh_plan *plan, const rh_plan_node *body, figures *own)
{
    const rh_plan_node *owner = rh_plan_parent(plan, body);
    figures wanted = totals_of(body);

    for (size_t i = owner->index; i < owner->end && !is_zero(&wanted); i++) {
        if (i >= body->index && i < body->end)
            continue;
        if (reads(&plan->nodes[i], body))
            take_off(&own[i], &wanted);
    }
    if (!is_zero(&wanted)) /* nobody names it: it was charged to the top of its level */
        take_off(&own[owner->index], &wanted);
}

static bool is_elsewhere(const rh_plan_node *node)
{
    return node->subplan == RH_PLAN_SUBPLAN_CTE || node->subplan == RH_PLAN_SUBPLAN_INIT;
}

static double own_cost(const rh_plan *plan, const rh_plan_node *node)
{
    double cost = node->total_cost;
    const rh_plan_node *outer = rh_plan_input(plan, node, 0);

    if (!rh_plan_known(cost))
        return RH_PLAN_UNKNOWN;
    for (const rh_plan_node *child = rh_plan_first_child(plan, node); child != NULL;
         child = rh_plan_next_sibling(plan, child)) {
        double runs = 1;

        if (child->subplan == RH_PLAN_SUBPLAN_SUB)
            continue; /* its price per run is part of the expression's */
        if (node->kind == RH_PLAN_NESTED_LOOP && child->relationship == RH_PLAN_REL_INNER &&
            outer != NULL && outer->plan_rows > 1)
            runs = outer->plan_rows;
        cost -= or_zero(child->total_cost) * runs;
    }
    return cost < 0 ? 0 : cost;
}

static void put_work(const rh_plan *plan, const rh_plan_node *node, const figures *own,
                     rh_plan_work *out)
{
    double rows = or_zero(node->actual_rows) + or_zero(node->removed_by_filter) +
                  or_zero(node->removed_by_join_filter) + or_zero(node->removed_by_recheck) +
                  or_zero(node->removed_by_conflict);

    *out = (rh_plan_work){RH_PLAN_UNKNOWN, RH_PLAN_UNKNOWN, RH_PLAN_UNKNOWN,     RH_PLAN_UNKNOWN,
                          RH_PLAN_UNKNOWN, RH_PLAN_UNKNOWN, own_cost(plan, node)};
    if (!rh_plan_known(node->actual_loops))
        return;
    out->loops = node->actual_loops;
    out->rows = rows * node->actual_loops;
    if (!rh_plan_known(node->shared_hit))
        return;
    out->blocks = own->of[0];
    out->blocks_read = own->of[1];
    out->temp_read = own->of[2];
    out->temp_written = own->of[3];
}

rh_status rh_plan_build_exclusive(rh_plan *plan, rh_error *err)
{
    figures *own = rh_mem_array(plan->count, sizeof *own);
    rh_status status = RH_OK;

    plan->exclusive = rh_mem_array(plan->count, sizeof *plan->exclusive);
    if (own == NULL || plan->exclusive == NULL) {
        status = rh_error_oom(err);
        goto out;
    }
    for (size_t i = 0; i < plan->count; i++)
        own[i] = totals_of(&plan->nodes[i]);
    for (size_t i = 1; i < plan->count; i++) {
        const rh_plan_node *node = &plan->nodes[i];
        figures all = totals_of(node);

        if (!is_elsewhere(node))
            take_off(&own[node->parent], &all);
    }
    for (size_t i = 1; i < plan->count; i++)
        if (is_elsewhere(&plan->nodes[i]))
            charge_readers(plan, &plan->nodes[i], own);
    for (size_t i = 0; i < plan->count; i++)
        put_work(plan, &plan->nodes[i], &own[i], &plan->exclusive[i]);
out:
    rh_mem_free(own);
    return status;
}

rh_plan_work rh_plan_exclusive(const rh_plan *plan, const rh_plan_node *node)
{
    return plan->exclusive[node->index];
}

static void add_known(double *sum, double value)
{
    if (rh_plan_known(value))
        *sum = or_zero(*sum) + value;
}

rh_plan_work rh_plan_inclusive(const rh_plan *plan, const rh_plan_node *node)
{
    rh_plan_work sum = rh_plan_exclusive(plan, node);

    for (size_t i = node->index + 1; i < node->end; i++) {
        const rh_plan_work *one = &plan->exclusive[i];

        add_known(&sum.rows, one->rows);
        add_known(&sum.blocks, one->blocks);
        add_known(&sum.blocks_read, one->blocks_read);
        add_known(&sum.temp_read, one->temp_read);
        add_known(&sum.temp_written, one->temp_written);
    }
    sum.loops = node->actual_loops;
    sum.cost = node->total_cost;
    return sum;
}
