#include "fid_plan.h"

#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "core/hash.h"
#include "core/mem.h"
#include "fid_score.h"

enum { MAX_DEPTH = 200, MAX_NODES = 100000 };

typedef struct plan_reader {
    rh_fid_plan *plan;
    size_t cap;
    rh_buf shape;
} plan_reader;

void rh_fid_plan_free(rh_fid_plan *plan)
{
    if (plan == NULL)
        return;
    for (size_t i = 0; i < plan->node_count; i++)
        rh_mem_free(plan->nodes[i]);
    rh_mem_free(plan->nodes);
    rh_mem_free(plan->rows);
    rh_mem_free(plan->shape);
    rh_mem_free(plan);
}

static const char *text(const json_t *node, const char *key)
{
    return json_string_value(json_object_get(node, key));
}

/* ---- PostgreSQL ---- */

static rh_status append_word(rh_buf *out, const char *before, const char *word, rh_error *err)
{
    if (word == NULL)
        return RH_OK;
    return rh_buf_printf(out, err, "%s%s", before, word);
}

static rh_status append_type(rh_buf *out, const json_t *node, rh_error *err)
{
    static const char *const manners[] = {"Strategy",     "Command",   "Operation",
                                          "Partial Mode", "Join Type", "Scan Direction"};
    /* What says nothing beside the node's type. */
    static const char *const defaults[] = {"Plain", "Simple", "Inner", "Forward", "NoMovement"};
    const char *type = text(node, "Node Type");
    rh_status status = rh_buf_printf(
        out, err, "%s%s", json_is_true(json_object_get(node, "Parallel Aware")) ? "Parallel " : "",
        type == NULL ? "?" : type);

    for (size_t i = 0; status == RH_OK && i < sizeof manners / sizeof manners[0]; i++) {
        const char *manner = text(node, manners[i]);
        bool usual = manner == NULL;

        for (size_t k = 0; !usual && k < sizeof defaults / sizeof defaults[0]; k++)
            usual = strcmp(manner, defaults[k]) == 0;
        if (!usual)
            status = append_word(out, ":", manner, err);
    }
    return status;
}

static rh_status append_label(rh_buf *out, const json_t *node, rh_error *err)
{
    const char *relation = text(node, "Relation Name");
    const char *alias = text(node, "Alias");
    rh_status status = append_word(out, "", text(node, "Subplan Name"), err);

    if (status == RH_OK && text(node, "Subplan Name") != NULL)
        status = rh_buf_append_str(out, " = ", err);
    if (status == RH_OK)
        status = append_type(out, node, err);
    if (status == RH_OK)
        status = append_word(out, " ", text(node, "Index Name"), err);
    if (status == RH_OK)
        status = append_word(out, " on ", relation, err);
    if (status == RH_OK && relation != NULL && alias != NULL && strcmp(alias, relation) != 0)
        status = append_word(out, " ", alias, err);
    if (status == RH_OK)
        status = append_word(out, " on ", text(node, "CTE Name"), err);
    if (status == RH_OK)
        status = append_word(out, " on ", text(node, "Function Name"), err);
    return status;
}

/* node: its name is taken over. */
static rh_status add_node(plan_reader *reader, char *name, double rows, rh_error *err)
{
    rh_fid_plan *plan = reader->plan;

    if (name == NULL)
        return rh_error_oom(err);
    if (plan->node_count == reader->cap) {
        size_t cap = reader->cap == 0 ? 16 : reader->cap * 2;
        double *more_rows = rh_mem_rearray(plan->rows, cap, sizeof *more_rows);
        char **more_nodes;

        if (more_rows != NULL)
            plan->rows = more_rows;
        more_nodes =
            more_rows == NULL ? NULL : rh_mem_rearray(plan->nodes, cap, sizeof *more_nodes);
        if (more_nodes == NULL) {
            rh_mem_free(name);
            return rh_error_oom(err);
        }
        plan->nodes = more_nodes;
        reader->cap = cap;
    }
    plan->rows[plan->node_count] = rows;
    plan->nodes[plan->node_count++] = name;
    return RH_OK;
}

static rh_status read_node(plan_reader *reader, const json_t *node, size_t depth, rh_error *err);

static rh_status read_children(plan_reader *reader, const json_t *children, size_t depth,
                               rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(children); i++) {
        status = rh_buf_append_str(&reader->shape, i == 0 ? " (" : ", ", err);
        if (status == RH_OK)
            status = read_node(reader, json_array_get(children, i), depth + 1, err);
    }
    if (status == RH_OK && json_array_size(children) > 0)
        status = rh_buf_append_byte(&reader->shape, ')', err);
    return status;
}

/* NOLINTNEXTLINE(misc-no-recursion): plans are trees; MAX_DEPTH ends it. */
static rh_status read_node(plan_reader *reader, const json_t *node, size_t depth, rh_error *err)
{
    size_t start = reader->shape.len;
    rh_status status;

    if (!json_is_object(node))
        return rh_error_set(err, RH_EFORMAT, "a plan node is not an object");
    if (depth > MAX_DEPTH || reader->plan->node_count >= MAX_NODES)
        return rh_error_set(err, RH_ELIMIT, "the plan is larger than %d levels or %d nodes",
                            MAX_DEPTH, MAX_NODES);
    status = append_label(&reader->shape, node, err);
    if (status == RH_OK)
        status = add_node(reader, rh_mem_strdup(rh_buf_cstr(&reader->shape) + start),
                          json_number_value(json_object_get(node, "Plan Rows")), err);
    if (status == RH_OK)
        status = read_children(reader, json_object_get(node, "Plans"), depth, err);
    return status;
}

static rh_status read_postgres(plan_reader *reader, const json_t *explain, rh_error *err)
{
    const json_t *top = json_object_get(json_array_get(explain, 0), "Plan");

    if (top == NULL)
        return rh_error_set(err, RH_EFORMAT, "the answer of EXPLAIN holds no plan");
    reader->plan->cost = json_number_value(json_object_get(top, "Total Cost"));
    return read_node(reader, top, 0, err);
}

/* ---- SQLite ---- */

/* Depth by the chain of parents, which stand before their children. */
static size_t lite_depth(const json_t *steps, size_t position)
{
    json_int_t parent =
        json_integer_value(json_object_get(json_array_get(steps, position), "parent"));
    size_t depth = 0;

    for (size_t i = position; i-- > 0 && parent != 0;) {
        const json_t *step = json_array_get(steps, i);

        if (json_integer_value(json_object_get(step, "id")) == parent) {
            depth++;
            parent = json_integer_value(json_object_get(step, "parent"));
        }
    }
    return depth;
}

static rh_status read_lite(plan_reader *reader, const json_t *explain, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(explain); i++) {
        const char *detail = text(json_array_get(explain, i), "detail");

        if (detail == NULL)
            return rh_error_set(err, RH_EFORMAT, "a step of the plan has no text");
        if (i > 0)
            status = rh_buf_append_str(&reader->shape, "; ", err);
        for (size_t depth = lite_depth(explain, i); status == RH_OK && depth > 0; depth--)
            status = rh_buf_append_byte(&reader->shape, '>', err);
        if (status == RH_OK)
            status = rh_buf_append_str(&reader->shape, detail, err);
    }
    return status;
}

/* ---- both ---- */

static void put_hash(rh_fid_plan *plan)
{
    uint8_t hash[RH_STORED_HASH_BYTES];
    char hex[2 * RH_STORED_HASH_BYTES + 1];

    rh_hash_stored(plan->shape, strlen(plan->shape), hash);
    rh_hex_encode(hash, sizeof hash, hex);
    (void)snprintf(plan->hash, sizeof plan->hash, "%.16s", hex);
}

rh_status rh_fid_plan_read(rh_engine_kind kind, const json_t *explain, rh_fid_plan **out,
                           rh_error *err)
{
    plan_reader reader = {.shape = RH_BUF_INIT};
    rh_status status;

    reader.plan = rh_mem_zalloc(sizeof *reader.plan);
    if (reader.plan == NULL)
        return rh_error_oom(err);
    reader.plan->cost = -1;
    if (!json_is_array(explain))
        status = rh_error_set(err, RH_EFORMAT, "the answer of EXPLAIN is not a list");
    else if (kind == RH_ENGINE_POSTGRESQL)
        status = read_postgres(&reader, explain, err);
    else
        status = read_lite(&reader, explain, err);
    if (status == RH_OK) {
        reader.plan->shape = rh_mem_strdup(rh_buf_cstr(&reader.shape));
        if (reader.plan->shape == NULL)
            status = rh_error_oom(err);
    }
    if (status == RH_OK) {
        put_hash(reader.plan);
        *out = reader.plan;
        reader.plan = NULL;
    }
    rh_buf_done(&reader.shape);
    rh_fid_plan_free(reader.plan);
    return status;
}

rh_fid_plan_difference rh_fid_plan_compare(const rh_fid_plan *a, const rh_fid_plan *b)
{
    rh_fid_plan_difference difference = {
        .same_shape = strcmp(a->shape, b->shape) == 0, .row_qerror = 1, .cost_ratio = 1};
    size_t count = a->node_count < b->node_count ? a->node_count : b->node_count;

    if (!difference.same_shape && count > 1)
        count = 1;
    for (size_t i = 0; i < count; i++) {
        double qerror = rh_fid_qerror(a->rows[i], b->rows[i], 1);

        if (i > 0 && qerror <= difference.row_qerror)
            continue;
        difference.row_qerror = qerror;
        difference.node = a->nodes[i];
        difference.rows_a = a->rows[i];
        difference.rows_b = b->rows[i];
    }
    if (a->cost >= 0 && b->cost >= 0)
        difference.cost_ratio = rh_fid_qerror(a->cost, b->cost, 0.01);
    return difference;
}
