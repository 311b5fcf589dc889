/*
 * Joins of PostgreSQL that read the same rows over and over, products, and pages that are counted
 * off.
 */
#include <ctype.h>
#include <string.h>

#include "core/str.h"
#include "finding_run.h"

static double or_zero(double value)
{
    return rh_plan_known(value) ? value : 0;
}

/* ---- what an inner side takes from the outer one ---- */

/* "alias." in a condition, as a word of its own. */
static bool mentions(const char *text, const char *alias)
{
    size_t len = strlen(alias);

    if (text == NULL)
        return false;
    for (const char *at = strstr(text, alias); at != NULL; at = strstr(at + 1, alias)) {
        bool begins = at == text || (!isalnum((unsigned char)at[-1]) && at[-1] != '_');
        const char *behind = at + len + (at[len] == '"');

        if (begins && *behind == '.')
            return true;
    }
    return false;
}

static bool node_mentions(const rh_plan_node *node, const char *alias)
{
    const char *const texts[] = {node->index_cond,  node->filter,       node->recheck_cond,
                                 node->join_filter, node->join_cond,    node->cache_key,
                                 node->tid_cond,    node->function_call};

    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (mentions(texts[i], alias))
            return true;
    for (size_t i = 0; i < node->output.count; i++)
        if (mentions(node->output.items[i], alias))
            return true;
    return false;
}

static bool depends_on(const rh_finding_run *run, const rh_plan_node *inner,
                       const rh_plan_node *outer)
{
    for (size_t o = outer->index; o < outer->end; o++) {
        const char *alias = rh_plan_at(run->plan, o)->alias;

        for (size_t i = inner->index; alias != NULL && i < inner->end; i++)
            if (node_mentions(rh_plan_at(run->plan, i), alias))
                return true;
    }
    return false;
}

/* ---- rules ---- */

static bool cartesian(rh_finding_run *run, const rh_plan_node *join, const rh_plan_node *outer,
                      const rh_plan_node *inner)
{
    const rh_finding_kind kind = RH_FINDING_CARTESIAN_PRODUCT;
    bool executed = rh_plan_known(join->actual_loops);
    double a = executed ? outer->actual_rows : outer->plan_rows;
    double b = executed ? inner->actual_rows : inner->plan_rows;
    double rows = executed ? join->actual_rows : join->plan_rows;
    double share = rh_finding_limit_of(run, kind, 1) / 100;
    rh_finding *found;

    if (join->join_filter != NULL || !rh_str_eq(join->join_type, "Inner") || a < 2 || b < 2 ||
        rows < rh_finding_limit_of(run, kind, 0) || rows < share * a * b ||
        depends_on(run, inner, outer))
        return false;
    found = rh_finding_add(run, kind, join, rows, rh_finding_limit_of(run, kind, 0), "rows");
    if (found == NULL)
        return true;
    found->what =
        rh_finding_text(run, "every row of one side meets every row of the other: %s x %s",
                        rh_finding_number(run, a), rh_finding_number(run, b));
    found->advice = "a join condition is missing; where the product is meant, say CROSS JOIN and "
                    "keep both sides small";
    return true;
}

/* The scan that is repeated: not behind a Memoize, not in a subquery of its own. */
static const rh_plan_node *repeated_scan(const rh_finding_run *run, const rh_plan_node *inner)
{
    const rh_plan_node *worst = NULL;

    for (size_t i = inner->index; i < inner->end; i++) {
        const rh_plan_node *node = rh_plan_at(run->plan, i);
        double removed = or_zero(node->removed_by_filter);

        if (node->subplan != RH_PLAN_SUBPLAN_NONE) {
            i = node->end - 1;
            continue;
        }
        if (node->kind != RH_PLAN_SEQ_SCAN && node->kind != RH_PLAN_FOREIGN_SCAN &&
            !(rh_plan_is_scan(node->kind) && removed >= 10 * (or_zero(node->actual_rows) + 1)))
            continue;
        if (rh_plan_known(node->actual_loops) && node->actual_loops < 2 &&
            inner->kind != RH_PLAN_MATERIALIZE)
            continue;
        if (worst == NULL || rh_node_rows_in(node) > rh_node_rows_in(worst))
            worst = node;
    }
    return worst;
}

static void advise_join(rh_finding_run *run, rh_finding *found, const rh_plan_node *join,
                        const rh_plan_node *scan)
{
    const json_t *table = rh_table_facts(run, scan->schema, scan->relation);
    rh_conditions conditions = rh_conditions_of_text(
        run,
        scan->filter != NULL && strchr(scan->filter, '.') != NULL ? scan->filter
                                                                  : join->join_filter,
        scan->alias);
    rh_conditions of_join = rh_conditions_of_text(run, join->join_filter, scan->alias);

    if (!rh_propose_index(run, table, &of_join, &found->index))
        (void)rh_propose_index(run, table, &conditions, &found->index);
    found->advice = found->index.table != NULL
                        ? rh_index_advice(run, &found->index)
                        : "join by equality of plain columns of the same type, so that it can be "
                          "hashed or looked up by an index";
}

static void rescan(rh_finding_run *run, const rh_plan_node *join, const rh_plan_node *inner)
{
    const rh_finding_kind kind = RH_FINDING_NESTED_LOOP_RESCAN;
    double limit = rh_finding_limit_of(run, kind, 0);
    double share = rh_finding_limit_of(run, kind, 1) / 100;
    bool model = false;
    double loops = rh_node_loops(run, inner, &model);
    double rows = rh_tree_rows(run, inner);
    const rh_plan_node *outer = rh_plan_input(run->plan, join, 0);
    double all = rows + rh_tree_rows(run, outer);
    const rh_plan_node *scan;
    rh_finding *found;

    if (inner->kind == RH_PLAN_MEMOIZE || loops < 2 || rows < limit || rows < share * all ||
        rh_finding_has(run, RH_FINDING_RESCANNED_SUBQUERY, inner) ||
        rh_finding_has(run, RH_FINDING_CORRELATED_SUBQUERY, inner) ||
        (inner->kind == RH_PLAN_MATERIALIZE && join->join_filter == NULL))
        return;
    scan = repeated_scan(run, inner);
    if (scan == NULL)
        return;
    found = rh_finding_add(run, kind, join, rows, limit, "rows");
    if (found == NULL)
        return;
    found->model = model;
    found->what = rh_finding_text(run, "%s is gone through %s times, %s rows in all",
                                  scan->relation == NULL ? "the inner side" : scan->relation,
                                  rh_finding_number(run, loops), rh_finding_number(run, rows));
    advise_join(run, found, join, scan);
}

static void one_join(rh_finding_run *run, const rh_plan_node *join)
{
    const rh_plan_node *outer = rh_plan_input(run->plan, join, 0);
    const rh_plan_node *inner = rh_plan_input(run->plan, join, 1);

    if (outer == NULL || inner == NULL || inner->never_executed)
        return;
    if (!cartesian(run, join, outer, inner))
        rescan(run, join, inner);
}

static void one_limit(rh_finding_run *run, const rh_plan_node *limit)
{
    const rh_finding_kind kind = RH_FINDING_OFFSET_PAGINATION;
    const rh_plan_node *input = rh_plan_input(run->plan, limit, 0);
    double skipped;
    rh_finding *found;

    if (input == NULL || !rh_plan_known(limit->actual_rows) || limit->never_executed)
        return;
    skipped = (or_zero(input->actual_rows) - limit->actual_rows) * limit->actual_loops;
    if (skipped < rh_finding_limit_of(run, kind, 0))
        return;
    found = rh_finding_add(run, kind, limit, skipped, rh_finding_limit_of(run, kind, 0), "rows");
    if (found == NULL)
        return;
    found->what = rh_finding_text(
        run, "%s rows are made and thrown away before the %s that it gives",
        rh_finding_number(run, skipped), rh_finding_number(run, limit->actual_rows));
    found->advice = "page by key: WHERE (sort columns) > (last row seen) ORDER BY .. LIMIT n costs "
                    "the same on each page";
}

void rh_rules_joins(rh_finding_run *run)
{
    for (size_t i = 0; i < rh_plan_count(run->plan); i++) {
        const rh_plan_node *node = rh_plan_at(run->plan, i);

        if (node->kind == RH_PLAN_NESTED_LOOP)
            one_join(run, node);
        if (node->kind == RH_PLAN_LIMIT)
            one_limit(run, node);
    }
}
