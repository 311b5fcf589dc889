/*
 * PostgreSQL's subqueries and the expressions that evaluate them: "(SubPlan 2)", "(hashed SubPlan
 * 2)", "(SubPlan 2).col1", "$3" of "InitPlan 1 (returns $3)", "(InitPlan 1).col1" from 17 on. The
 * numbers or, from 19 on, names (expr_1) are opaque.
 */
#include <ctype.h>
#include <string.h>

#include "core/str.h"
#include "plan_internal.h"

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* `word` in text with no name character around it; NULL = nowhere. */
static const char *find_word(const char *text, const char *word, size_t len)
{
    for (const char *at = strstr(text, word); at != NULL; at = strstr(at + 1, word)) {
        bool begins = at == text || !is_name_char(at[-1]);

        if (begins && !is_name_char(at[len]))
            return at;
    }
    return NULL;
}

static bool mentions_id(const char *text, const char *id, bool *out_hashed)
{
    static const char hashed[] = "hashed ";
    const char *at = find_word(text, id, strlen(id));

    if (at == NULL)
        return false;
    *out_hashed = (size_t)(at - text) >= sizeof hashed - 1 &&
                  memcmp(at - (sizeof hashed - 1), hashed, sizeof hashed - 1) == 0;
    return true;
}

/* One of the "$n" behind "returns". */
static bool mentions_parameter(const char *text, const char *name)
{
    const char *returns = strstr(name, "(returns ");
    char word[24];

    if (returns == NULL)
        return false;
    for (const char *at = strchr(returns, '$'); at != NULL; at = strchr(at + 1, '$')) {
        size_t len = 1 + strspn(at + 1, "0123456789");

        if (len < 2 || len >= sizeof word)
            continue;
        memcpy(word, at, len);
        word[len] = '\0';
        if (find_word(text, word, len) != NULL)
            return true;
    }
    return false;
}

bool rh_plan_text_mentions(const char *text, const rh_plan_node *subquery, bool *out_hashed)
{
    if (text == NULL || subquery->subplan_id == NULL || subquery->subplan_id[0] == '\0')
        return false;
    if (mentions_id(text, subquery->subplan_id, out_hashed))
        return true;
    if (subquery->subplan_name != NULL && mentions_parameter(text, subquery->subplan_name)) {
        *out_hashed = false;
        return true;
    }
    return false;
}

/* Sets *out_position when it is an item of the output list. */
static bool node_mentions(const rh_plan_node *node, const rh_plan_node *subquery, bool *out_hashed,
                          size_t *out_position)
{
    const char *const texts[] = {
        node->filter,   node->join_filter,     node->join_cond,       node->index_cond,
        node->order_by, node->one_time_filter, node->recheck_cond,    node->cache_key,
        node->tid_cond, node->function_call,   node->conflict_filter,
    };
    const rh_plan_texts *const lists[] = {&node->sort_keys, &node->group_keys};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (rh_plan_text_mentions(texts[i], subquery, out_hashed)) {
            *out_position = RH_PLAN_NO_NODE;
            return true;
        }
    }
    for (size_t i = 0; i < node->output.count; i++) {
        if (rh_plan_text_mentions(node->output.items[i], subquery, out_hashed)) {
            *out_position = i;
            return true;
        }
    }
    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++)
        for (size_t i = 0; i < lists[l]->count; i++)
            if (rh_plan_text_mentions(lists[l]->items[i], subquery, out_hashed)) {
                *out_position = RH_PLAN_NO_NODE;
                return true;
            }
    return false;
}

/* A SubPlan hangs under the node that evaluates it; an InitPlan under the top of its query level,
 * and may be read anywhere below, and by its siblings. */
static void find_host(rh_plan *plan, rh_plan_node *subquery)
{
    const rh_plan_node *owner = &plan->nodes[subquery->parent];
    size_t end = subquery->subplan == RH_PLAN_SUBPLAN_INIT ? owner->end : owner->index + 1;

    for (size_t i = owner->index; i < end; i++) {
        bool hashed = false;
        size_t position = RH_PLAN_NO_NODE;

        if (i >= subquery->index && i < subquery->end)
            continue;
        if (node_mentions(&plan->nodes[i], subquery, &hashed, &position)) {
            subquery->host = i;
            subquery->host_output = position;
            subquery->hashed = hashed;
            return;
        }
    }
    if (subquery->subplan == RH_PLAN_SUBPLAN_SUB)
        subquery->host = owner->index;
}

/* Without parameters from outside a SubPlan that is not hashed gets a Materialize on top, so that
 * it can be run again; one that has parameters never does. */
static rh_plan_tristate is_correlated(const rh_plan_node *subquery)
{
    if (subquery->subplan != RH_PLAN_SUBPLAN_SUB || subquery->hashed)
        return RH_PLAN_NO;
    switch (subquery->kind) {
    case RH_PLAN_MATERIALIZE:
        return RH_PLAN_NO;
    case RH_PLAN_FUNCTION_SCAN: /* these keep their rows by themselves */
    case RH_PLAN_CTE_SCAN:
    case RH_PLAN_WORK_TABLE_SCAN:
    case RH_PLAN_NAMED_STORE_SCAN:
    case RH_PLAN_SORT:
        return RH_PLAN_MAYBE;
    default:
        return RH_PLAN_YES;
    }
}

void rh_plan_build_links(rh_plan *plan)
{
    for (size_t i = 1; i < plan->count; i++) {
        rh_plan_node *node = &plan->nodes[i];

        if (node->subplan == RH_PLAN_SUBPLAN_NONE)
            continue;
        if (node->subplan != RH_PLAN_SUBPLAN_CTE)
            find_host(plan, node);
        node->correlated = node->subplan == RH_PLAN_SUBPLAN_INIT ? RH_PLAN_NO : is_correlated(node);
    }
}
