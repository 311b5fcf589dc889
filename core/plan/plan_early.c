/*
 * Which nodes are ended before their last row by design. Their estimates are of all rows, so a
 * healthy plan shows ratios up to 50,000 there.
 */
#include <string.h>

#include "core/plan.h"
#include "core/str.h"

/* Takes all rows of its input before it gives the first one. */
static bool blocks(const rh_plan_node *node, const rh_plan_node *input)
{
    switch (node->kind) {
    case RH_PLAN_SORT:
    case RH_PLAN_HASH:
    case RH_PLAN_BITMAP_AND:
    case RH_PLAN_BITMAP_OR:
    case RH_PLAN_BITMAP_HEAP_SCAN:
    case RH_PLAN_MODIFY:
        return true;
    case RH_PLAN_AGGREGATE:
        return !rh_str_eq(node->strategy, "Sorted");
    case RH_PLAN_SET_OP:
        return rh_str_eq(node->strategy, "Hashed");
    default:
        return rh_plan_is_join(node->kind) && input->kind == RH_PLAN_HASH;
    }
}

static bool stops(const rh_plan_node *node, const rh_plan_node *input)
{
    bool inner = input->relationship == RH_PLAN_REL_INNER;
    bool first_match = rh_str_eq(node->join_type, "Semi") || rh_str_eq(node->join_type, "Anti") ||
                       node->inner_unique;

    switch (node->kind) {
    case RH_PLAN_LIMIT:
    case RH_PLAN_MERGE_JOIN: /* ends when either side does */
        return true;
    case RH_PLAN_NESTED_LOOP:
        return inner && first_match;
    default:
        return false;
    }
}

/* EXISTS, IN and = ANY look for one row; PostgreSQL's plan does not name them, a root that was to
 * give many rows and gave one at most is one of them. */
static bool ends_at_first_row(const rh_plan_node *root)
{
    if (root->subplan == RH_PLAN_SUBPLAN_CTE || root->hashed)
        return false;
    if (root->subplan == RH_PLAN_SUBPLAN_SUB && root->kind == RH_PLAN_MATERIALIZE)
        return true; /* IN or ANY over kept rows: read as far as the first match */
    return root->plan_rows > 1 && root->actual_rows <= 1;
}

bool rh_plan_stopped_early(const rh_plan *plan, const rh_plan_node *node)
{
    const rh_plan_node *at = node;
    const rh_plan_node *above = rh_plan_parent(plan, at);

    while (above != NULL && at->subplan == RH_PLAN_SUBPLAN_NONE) {
        if (stops(above, at))
            return true;
        if (blocks(above, at))
            return false;
        at = above;
        above = rh_plan_parent(plan, at);
    }
    return at->subplan != RH_PLAN_SUBPLAN_NONE && ends_at_first_row(at);
}
