#include "plan_lines.h"

#include "core/buf.h"

enum { MAX_DEPTH = 100 };

static const char *text_of(const json_t *node, const char *key)
{
    return json_string_value(json_object_get(node, key));
}

/* " using i", where the node has such a member. */
static rh_status append(rh_buf *line, const json_t *node, const char *before, const char *key,
                        rh_error *err)
{
    const char *text = text_of(node, key);

    return text == NULL ? RH_OK : rh_buf_printf(line, err, "%s%s", before, text);
}

static rh_status add_node(const json_t *node, json_t *lines, rh_error *err)
{
    const char *operation = text_of(node, "Operation"); /* of a ModifyTable: "Insert" */
    rh_buf line = RH_BUF_INIT;
    rh_status status =
        rh_buf_append_str(&line, operation != NULL ? operation : text_of(node, "Node Type"), err);

    if (status == RH_OK)
        status = append(&line, node, " using ", "Index Name", err);
    if (status == RH_OK)
        status = append(&line, node, " on ", "Relation Name", err);
    if (status == RH_OK)
        status = append(&line, node, " ", "Index Cond", err);
    if (status == RH_OK && json_array_append_new(lines, json_string(rh_buf_cstr(&line))) != 0)
        status = rh_error_oom(err);
    rh_buf_done(&line);
    return status;
}

static rh_status add_nodes(const json_t *node, size_t depth, json_t *lines, rh_error *err)
{
    const json_t *children = json_object_get(node, "Plans");
    rh_status status = RH_OK;

    if (text_of(node, "Node Type") == NULL)
        return RH_OK;
    if (depth > MAX_DEPTH)
        return rh_error_set(err, RH_ELIMIT, "a plan is more than %d nodes deep", (int)MAX_DEPTH);
    status = add_node(node, lines, err);
    for (size_t i = 0; status == RH_OK && i < json_array_size(children); i++)
        status = add_nodes(json_array_get(children, i), depth + 1, lines, err);
    return status;
}

rh_status rh_plan_lines_add(const json_t *plan, json_t *lines, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(plan); i++) {
        const json_t *row = json_array_get(plan, i);
        json_t *detail = json_object_get(row, "detail");

        if (detail == NULL)
            status = add_nodes(json_object_get(row, "Plan"), 0, lines, err);
        else if (json_array_append(lines, detail) != 0)
            status = rh_error_oom(err);
    }
    return status;
}
