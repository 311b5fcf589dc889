/*
 * Figures of nodes: measured where the plan was executed, expected where not.
 */
#include "core/str.h"
#include "finding_run.h"

static double or_zero(double value)
{
    return rh_plan_known(value) ? value : 0;
}

/* How often the planner expects a node to run: the product of the outer rows of the loops, and of
 * the rows of the hosts of subqueries, around it. */
static double expected_loops(const rh_plan *plan, const rh_plan_node *node)
{
    double loops = 1;

    for (const rh_plan_node *at = node; at != NULL; at = rh_plan_parent(plan, at)) {
        const rh_plan_node *above = rh_plan_parent(plan, at);
        const rh_plan_node *outer;

        if (at->subplan == RH_PLAN_SUBPLAN_SUB && !at->hashed && at->host != RH_PLAN_NO_NODE) {
            const rh_plan_node *host = rh_plan_at(plan, at->host);
            const rh_plan_node *input = rh_plan_input(plan, host, 0);
            double rows = input != NULL ? input->plan_rows : host->plan_rows;

            loops *= rows > 1 ? rows : 1;
        }
        if (at->subplan == RH_PLAN_SUBPLAN_INIT || at->subplan == RH_PLAN_SUBPLAN_CTE)
            break;
        if (above == NULL || above->kind != RH_PLAN_NESTED_LOOP ||
            at->relationship != RH_PLAN_REL_INNER)
            continue;
        outer = rh_plan_input(plan, above, 0);
        loops *= outer != NULL && outer->plan_rows > 1 ? outer->plan_rows : 1;
    }
    return loops;
}

double rh_node_loops(const rh_finding_run *run, const rh_plan_node *node, bool *out_model)
{
    if (rh_plan_known(node->actual_loops))
        return node->actual_loops;
    if (out_model != NULL)
        *out_model = true;
    if (rh_plan_executed(run->plan) || rh_plan_engine_of(run->plan) == RH_PLAN_SQLITE)
        return RH_PLAN_UNKNOWN;
    return expected_loops(run->plan, node);
}

double rh_node_rows_in(const rh_plan_node *node)
{
    if (!rh_plan_known(node->actual_rows))
        return or_zero(node->plan_rows);
    return node->actual_rows + or_zero(node->removed_by_filter) +
           or_zero(node->removed_by_join_filter) + or_zero(node->removed_by_recheck);
}

double rh_tree_rows(const rh_finding_run *run, const rh_plan_node *node)
{
    double rows = rh_plan_inclusive(run->plan, node).rows;

    if (rh_plan_known(rows))
        return rows;
    rows = 0;
    for (size_t i = node->index; i < node->end; i++) {
        const rh_plan_node *one = rh_plan_at(run->plan, i);

        rows += or_zero(one->plan_rows) * or_zero(rh_node_loops(run, one, NULL));
    }
    return rows;
}

const char *rh_node_title(rh_finding_run *run, const rh_plan_node *node)
{
    if (rh_plan_engine_of(run->plan) == RH_PLAN_SQLITE)
        return node->raw;
    if (node->relation != NULL && !rh_str_eq(node->relation, node->alias) && node->alias != NULL)
        return rh_finding_text(run, "%s on %s %s", node->raw, node->relation, node->alias);
    if (node->relation != NULL)
        return rh_finding_text(run, "%s on %s", node->raw, node->relation);
    if (node->index_name != NULL)
        return rh_finding_text(run, "%s on %s", node->raw, node->index_name);
    if (node->cte_name != NULL)
        return rh_finding_text(run, "%s on %s", node->raw, node->cte_name);
    return node->raw;
}

rh_finding_origin rh_finding_origin_of(const rh_finding_run *run, const rh_plan_node *node)
{
    rh_finding_origin origin = {NULL, RH_PLAN_UNKNOWN, false};

    if (run->input->origin == NULL ||
        !run->input->origin(run->input->origin_ctx, node->index, &origin))
        return (rh_finding_origin){NULL, RH_PLAN_UNKNOWN, false};
    return origin;
}
