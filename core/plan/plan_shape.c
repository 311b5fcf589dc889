/*
 * The shape of a plan as one readable line, and its hash.
 */
#include <string.h>

#include "core/str.h"
#include "plan_internal.h"

enum { MAX_SIGNATURE_BYTES = 4 << 20 };

/* What says nothing beside the node's type. */
static bool is_usual(const char *manner)
{
    static const char *const usual[] = {"Plain", "Simple", "Inner", "Forward", "NoMovement"};

    for (size_t i = 0; i < sizeof usual / sizeof usual[0]; i++)
        if (strcmp(manner, usual[i]) == 0)
            return true;
    return false;
}

static rh_status append_words(rh_buf *out, const char *words, rh_error *err)
{
    rh_status status = RH_OK;

    for (; status == RH_OK && *words != '\0'; words++)
        if (*words != ' ')
            status = rh_buf_append_byte(out, (uint8_t)*words, err);
    return status;
}

/* PostgreSQL's words without blanks, in front of the type what makes it another plan. */
static rh_status append_postgres(const rh_plan_node *node, rh_buf *out, rh_error *err)
{
    /* A foreign scan's operation is what its remote statement does, nearly always Select. */
    const char *operation = rh_str_eq(node->operation, "Select") ? NULL : node->operation;
    const char *const manners[] = {node->partial_mode, node->strategy, node->scan_direction,
                                   node->join_type, operation};
    rh_status status = node->parallel_aware ? rh_buf_append_str(out, "Parallel", err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < sizeof manners / sizeof manners[0]; i++)
        if (manners[i] != NULL && !is_usual(manners[i]))
            status = append_words(out, manners[i], err);
    if (status == RH_OK && (node->kind != RH_PLAN_MODIFY || node->operation == NULL))
        status = append_words(out, node->raw, err);
    return status;
}

/* "SCALAR SUBQUERY 2" without its number, which changes with what stands elsewhere. */
static rh_status append_sqlite(const rh_plan_node *node, rh_buf *out, rh_error *err)
{
    size_t len = strlen(node->raw);

    if (node->kind == RH_PLAN_SUBQUERY)
        while (len > 0 && (strchr("0123456789 ", node->raw[len - 1]) != NULL))
            len--;
    return rh_buf_append(out, node->raw, len, err);
}

static rh_status append_word(rh_buf *out, const char *word, rh_error *err)
{
    return word == NULL ? RH_OK : rh_buf_printf(out, err, " %s", word);
}

rh_status rh_plan_append_label(const rh_plan *plan, const rh_plan_node *node, rh_buf *out,
                               rh_error *err)
{
    static const char *const words[] = {
        [RH_PLAN_SUBPLAN_NONE] = "",
        [RH_PLAN_SUBPLAN_INIT] = "init:",
        [RH_PLAN_SUBPLAN_CTE] = "cte:",
        [RH_PLAN_SUBPLAN_SUB] = "sub:",
    };
    rh_status status = rh_buf_append_str(out, node->hashed ? "hashed:" : words[node->subplan], err);

    if (status != RH_OK)
        return status;
    if (plan->engine == RH_PLAN_SQLITE)
        return append_sqlite(node, out, err);
    status = append_postgres(node, out, err);
    if (status == RH_OK)
        status = append_word(out, node->relation, err);
    if (status == RH_OK)
        status = append_word(out, node->cte_name, err);
    if (status == RH_OK)
        status = append_word(out, node->function_name, err);
    if (status == RH_OK && !rh_str_eq(node->alias, node->relation) &&
        !rh_str_eq(node->alias, node->cte_name) && !rh_str_eq(node->alias, node->function_name))
        status = append_word(out, node->alias, err);
    return status == RH_OK ? append_word(out, node->index_name, err) : status;
}

static rh_status append_tree(const rh_plan *plan, const rh_plan_node *node, rh_buf *out,
                             rh_error *err);

static rh_status append_children(const rh_plan *plan, const rh_plan_node *node, rh_buf *out,
                                 rh_error *err)
{
    const rh_plan_node *child = rh_plan_first_child(plan, node);
    rh_status status = RH_OK;

    while (status == RH_OK && child != NULL) {
        status = append_tree(plan, child, out, err);
        child = rh_plan_next_sibling(plan, child);
        if (status == RH_OK && child != NULL)
            status = rh_buf_append_str(out, ", ", err);
    }
    return status;
}

/* The depth is limited by the reader, so recursion is too. */
static rh_status append_tree(const rh_plan *plan, const rh_plan_node *node, rh_buf *out,
                             rh_error *err)
{
    rh_status status = rh_plan_append_label(plan, node, out, err);

    if (status == RH_OK && out->len > MAX_SIGNATURE_BYTES)
        return rh_error_set(err, RH_ELIMIT, "the plan's shape is longer than 4 MiB");
    if (status != RH_OK || node->first_child == RH_PLAN_NO_NODE)
        return status;
    status = rh_buf_append_byte(out, '(', err);
    if (status == RH_OK)
        status = append_children(plan, node, out, err);
    return status == RH_OK ? rh_buf_append_byte(out, ')', err) : status;
}

rh_status rh_plan_signature(const rh_plan *plan, rh_buf *out, rh_error *err)
{
    const rh_plan_node *root = rh_plan_root(plan);

    if (root->kind == RH_PLAN_STATEMENT) /* ours, and says nothing */
        return append_children(plan, root, out, err);
    return append_tree(plan, root, out, err);
}

/* FNV-1a. */
static uint64_t hash_text(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *text != '\0'; text++)
        hash = (hash ^ (uint8_t)*text) * UINT64_C(1099511628211);
    return hash;
}

rh_status rh_plan_shape_hash(const rh_plan *plan, uint64_t *out, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_status status = rh_plan_signature(plan, &text, err);

    if (status == RH_OK)
        *out = hash_text(rh_buf_cstr(&text));
    rh_buf_done(&text);
    return status;
}
