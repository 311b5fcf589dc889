/*
 * A mapping as text, one line per subquery: "<text of the span> -> <what its node is>".
 */
#ifndef DESCRIBE_H
#define DESCRIBE_H

#include "core/buf.h"
#include "profiler/subquery.h"

static inline rh_status describe_node(const rh_plan *plan, const rh_subquery *subquery, rh_buf *out)
{
    const rh_plan_node *node =
        subquery->node == RH_PLAN_NO_NODE ? NULL : rh_plan_at(plan, subquery->node);
    rh_status status = rh_buf_printf(out, NULL, " -> %s", rh_subquery_fate_name(subquery->fate));

    for (size_t i = 0; i < subquery->alternative_count && status == RH_OK; i++)
        status = rh_buf_printf(out, NULL, "%s%zu", i == 0 ? " " : "|", subquery->alternatives[i]);
    if (status != RH_OK || node == NULL)
        return status;
    if (node->subplan != RH_PLAN_SUBPLAN_NONE && subquery->copy_count > 0)
        return rh_buf_printf(out, NULL, " %s +%zu", node->subplan_id, subquery->copy_count);
    if (node->subplan != RH_PLAN_SUBPLAN_NONE)
        return rh_buf_printf(out, NULL, " %s", node->subplan_id);
    return rh_buf_printf(out, NULL, " %s%s%s%s%s", rh_plan_kind_name(node->kind),
                         node->join_type == NULL ? "" : " ",
                         node->join_type == NULL ? "" : node->join_type,
                         node->alias == NULL ? "" : " ", node->alias == NULL ? "" : node->alias);
}

static inline rh_status describe_map(const rh_plan *plan, const rh_subquery_map *map, rh_buf *out)
{
    rh_status status = RH_OK;

    if (rh_subquery_problem(map) != NULL)
        status = rh_buf_append_str(out, rh_subquery_problem(map), NULL);
    for (size_t i = 1; i < rh_subquery_count(map) && status == RH_OK; i++) {
        const rh_subquery *subquery = rh_subquery_at(map, i);

        if (subquery->view != NULL)
            status = rh_buf_printf(out, NULL, "%s: ", subquery->view);
        if (status == RH_OK)
            status = rh_buf_append(out, subquery->text + subquery->level->offset,
                                   subquery->level->length, NULL);
        if (status == RH_OK)
            status = describe_node(plan, subquery, out);
        if (status == RH_OK && rh_plan_known(subquery->loops))
            status = rh_buf_printf(out, NULL, " x%g", subquery->loops);
        if (status == RH_OK)
            status = rh_buf_append_byte(out, '\n', NULL);
    }
    return status;
}

#endif
