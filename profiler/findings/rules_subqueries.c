/*
 * Subqueries that run again and again.
 */
#include <string.h>

#include "core/str.h"
#include "finding_run.h"

enum { HASH_ENTRY_OVERHEAD_BYTES = 24 };

static double setting(const rh_finding_run *run, const char *name, double otherwise)
{
    const char *text =
        json_string_value(json_object_get(json_object_get(run->input->about, "settings"), name));
    double value = 0;
    double scale = 0;

    for (; text != NULL && *text != '\0'; text++) {
        if (*text == '.')
            scale = 1;
        else if (*text < '0' || *text > '9')
            return otherwise;
        else {
            value = value * 10 + (*text - '0');
            scale *= 10;
        }
    }
    if (scale > 1)
        value /= scale;
    return value > 0 ? value : otherwise;
}

/* The scan in a subquery that costs most, and the index that it lacks. */
static const rh_plan_node *propose_inside(rh_finding_run *run, const rh_plan_node *root,
                                          rh_finding_index *out)
{
    const rh_plan_node *worst = NULL;

    for (size_t i = root->index; i < root->end; i++) {
        const rh_plan_node *node = rh_plan_at(run->plan, i);

        if (node->kind != RH_PLAN_SEQ_SCAN && node->kind != RH_PLAN_INDEX_SCAN)
            continue;
        if (worst == NULL || rh_tree_rows(run, node) > rh_tree_rows(run, worst))
            worst = node;
    }
    if (worst != NULL && worst->filter != NULL) {
        rh_conditions conditions = rh_conditions_of_text(run, worst->filter, worst->alias);
        const json_t *table = rh_table_facts(run, worst->schema, worst->relation);

        (void)rh_propose_index(run, table, &conditions, out);
    }
    return worst;
}

/* Rows of heavy subqueries in it, which are told by themselves. */
static double rows_told_inside(const rh_finding_run *run, const rh_plan_node *root, double limit)
{
    double told = 0;

    for (size_t i = root->index + 1; i < root->end; i++) {
        const rh_plan_node *node = rh_plan_at(run->plan, i);
        double rows = rh_tree_rows(run, node);

        if ((node->subplan != RH_PLAN_SUBPLAN_INIT && node->subplan != RH_PLAN_SUBPLAN_SUB) ||
            node->hashed || rows < limit || rh_node_loops(run, node, NULL) < 2)
            continue;
        told += rows;
        i = node->end - 1;
    }
    return told;
}

static void correlated(rh_finding_run *run, const rh_plan_node *root, double loops, double rows,
                       bool model)
{
    const rh_finding_kind kind = RH_FINDING_CORRELATED_SUBQUERY;
    double max_loops = rh_finding_limit_of(run, kind, 0);
    double max_rows = rh_finding_limit_of(run, kind, 1);
    bool heavy = loops >= 2 && rows - rows_told_inside(run, root, max_rows) >= max_rows;
    rh_finding *found;
    const rh_plan_node *scan;

    if (!heavy && loops < max_loops)
        return;
    found = rh_finding_add(run, kind, root, heavy ? rows : loops, heavy ? max_rows : max_loops,
                           heavy ? "rows" : "loops");
    if (found == NULL)
        return;
    found->model = model;
    found->subquery = root->index;
    if (!heavy)
        found->severity = rh_finding_milder(found->severity);
    found->what = rh_finding_text(run, "it runs once per outer row: %s times, %s rows in all",
                                  rh_finding_number(run, loops), rh_finding_number(run, rows));
    scan = propose_inside(run, root, &found->index);
    if (found->index.table != NULL)
        found->advice =
            rh_finding_text(run, "%s, or join to it once and group instead of asking per row",
                            rh_index_advice(run, &found->index));
    else if (scan != NULL && scan->kind == RH_PLAN_SEQ_SCAN)
        found->advice =
            rh_finding_text(run, "it reads all of %s each time: join to it once and group instead",
                            scan->relation == NULL ? "the table" : scan->relation);
    else
        found->advice = "each run is cheap, their number is not: join once and group, or ask for "
                        "fewer outer rows";
}

static void lost_hash(rh_finding_run *run, const rh_plan_node *root, double loops, double rows,
                      bool model)
{
    const rh_finding_kind kind = RH_FINDING_LOST_HASH_SUBPLAN;
    double max_loops = rh_finding_limit_of(run, kind, 0);
    double max_rows = rh_finding_limit_of(run, kind, 1);
    rh_finding *found;

    if (loops < max_loops || rows < max_rows)
        return;
    found = rh_finding_add(run, kind, root, loops, max_loops, "loops");
    if (found == NULL)
        return;
    found->model = model;
    found->subquery = root->index;
    found->what = rh_finding_text(run,
                                  "its result is too large for a hash table and is gone through "
                                  "again for each outer row: %s times, %s rows in all",
                                  rh_finding_number(run, loops), rh_finding_number(run, rows));
    found->advice = "NOT EXISTS instead of NOT IN becomes an anti join at any size; more work_mem "
                    "only moves the cliff";
}

/* The planner hashes while rows x (width + overhead) fits into work_mem x hash_mem_multiplier. */
static void near_the_cliff(rh_finding_run *run, const rh_plan_node *root)
{
    const rh_finding_kind kind = RH_FINDING_LOST_HASH_SUBPLAN;
    double headroom = rh_finding_limit_of(run, kind, 2);
    double memory = setting(run, "work_mem", 4096) * 1024 * setting(run, "hash_mem_multiplier", 1);
    double rows = root->plan_rows > root->actual_rows ? root->plan_rows : root->actual_rows;
    double width = (double)(((long)root->plan_width + 7) / 8 * 8) + HASH_ENTRY_OVERHEAD_BYTES;
    double factor = rows > 0 ? memory / (rows * width) : headroom;
    rh_finding *found;

    if (run->input->about == NULL || root->plan_width < 0 || factor >= headroom)
        return;
    found = rh_finding_add(run, kind, root, factor, headroom, "times as many rows");
    if (found == NULL)
        return;
    found->severity = rh_finding_milder(found->severity);
    found->model = true;
    found->subquery = root->index;
    found->what = rh_finding_text(
        run,
        "its hash table holds %s rows and is given up at %s: from then on it is gone through "
        "for each outer row",
        rh_finding_number(run, rows), rh_finding_number(run, memory / width));
    found->advice = "NOT EXISTS instead of NOT IN becomes an anti join at any size";
}

/* Compared with all or some of its rows by something else than equality: no hash table serves
 * that, the rows are kept and gone through. The operator stands before the word. */
static bool is_never_hashed(const rh_finding_run *run, const rh_plan_node *root)
{
    const rh_finding_origin origin = rh_finding_origin_of(run, root);
    const char *sql = run->input->sql;
    size_t at;

    if (origin.level == NULL || !origin.in_text || sql == NULL)
        return false;
    if (origin.level->kind == RH_SQL_LEVEL_ALL)
        return true;
    at = origin.level->construct_offset;
    if (origin.level->kind != RH_SQL_LEVEL_ANY || at >= run->input->sql_len ||
        strchr("aAsS", sql[at]) == NULL) /* ANY, SOME; not IN, NOT IN */
        return false;
    while (at > 0 && strchr(" \t\r\n", sql[at - 1]) != NULL)
        at--;
    return at < 2 || sql[at - 1] != '=' || strchr("<>!~", sql[at - 2]) != NULL;
}

static void compared_with_all(rh_finding_run *run, const rh_plan_node *root, double loops,
                              double rows, bool model)
{
    const rh_finding_kind kind = RH_FINDING_RESCANNED_SUBQUERY;
    double limit = rh_finding_limit_of(run, kind, 1);
    rh_finding *found;

    if (loops < 2 || rows < limit)
        return;
    found = rh_finding_add(run, kind, root, rows, limit, "rows");
    if (found == NULL)
        return;
    found->model = model;
    found->subquery = root->index;
    found->what = rh_finding_text(run,
                                  "each outer row is compared with its rows one by one: %s times, "
                                  "%s rows in all",
                                  rh_finding_number(run, loops), rh_finding_number(run, rows));
    found->advice = "compare with one value, its max() or min(); instead of <> ALL write NOT "
                    "EXISTS, which becomes an anti join";
}

static void rescanned(rh_finding_run *run, const rh_plan_node *root, double loops, bool model)
{
    const rh_finding_kind kind = RH_FINDING_RESCANNED_SUBQUERY;
    double rows = rh_tree_rows(run, root);
    double max_loops = rh_finding_limit_of(run, kind, 0);
    double max_rows = rh_finding_limit_of(run, kind, 1);
    bool heavy = loops >= 2 && rows >= max_rows;
    rh_finding *found;

    if (!heavy && (loops < max_loops || root->subplan != RH_PLAN_SUBPLAN_INIT))
        return;
    found = rh_finding_add(run, kind, root, heavy ? rows : loops, heavy ? max_rows : max_loops,
                           heavy ? "rows" : "loops");
    if (found == NULL)
        return;
    found->model = model;
    found->subquery = root->index;
    found->what = rh_finding_text(run, "it is computed again %s times, %s rows in all",
                                  rh_finding_number(run, loops), rh_finding_number(run, rows));
    found->advice = "compute it once: move it out of the part that is repeated, into a "
                    "MATERIALIZED CTE or a join";
}

/* An InitPlan that depends on a query further out runs again with each of its rows, and so does a
 * LATERAL subquery: that is the text's doing, and an index is the cure. */
static void run_again(rh_finding_run *run, const rh_plan_node *root, double loops, double rows,
                      bool model)
{
    const rh_finding_origin origin = rh_finding_origin_of(run, root);

    if (origin.level != NULL && origin.level->correlated == RH_SQL_YES)
        correlated(run, root, loops, rows, model);
    else
        rescanned(run, root, loops, model);
}

static void one_subplan(rh_finding_run *run, const rh_plan_node *root)
{
    bool model = false;
    double loops = rh_node_loops(run, root, &model);
    double rows = rh_tree_rows(run, root);

    if (root->never_executed || root->subplan == RH_PLAN_SUBPLAN_CTE)
        return;
    if (root->subplan == RH_PLAN_SUBPLAN_INIT)
        run_again(run, root, loops, rows, model);
    else if (root->hashed)
        near_the_cliff(run, root);
    else if (root->correlated == RH_PLAN_NO && is_never_hashed(run, root))
        compared_with_all(run, root, loops, rows, model);
    else if (root->correlated == RH_PLAN_NO)
        lost_hash(run, root, loops, rows, model);
    else
        correlated(run, root, loops, rows, model);
}

static void one_cte_scan(rh_finding_run *run, const rh_plan_node *node)
{
    const rh_finding_kind kind = RH_FINDING_RESCANNED_CTE;
    bool model = false;
    double loops = rh_node_loops(run, node, &model);
    double rows = loops * rh_node_rows_in(node);
    rh_finding *found;

    if (loops <= rh_finding_limit_of(run, kind, 0) || rows <= rh_finding_limit_of(run, kind, 1))
        return;
    found = rh_finding_add(run, kind, node, rows, rh_finding_limit_of(run, kind, 1), "rows");
    if (found == NULL)
        return;
    found->model = model;
    for (size_t i = 0; i < rh_plan_count(run->plan); i++) {
        const rh_plan_node *body = rh_plan_at(run->plan, i);

        if (body->subplan == RH_PLAN_SUBPLAN_CTE && rh_str_eq(body->cte_name, node->cte_name))
            found->subquery = i;
    }
    found->what =
        rh_finding_text(run, "the result of '%s' has no index and is read %s times, %s rows in all",
                        node->cte_name == NULL ? "?" : node->cte_name,
                        rh_finding_number(run, loops), rh_finding_number(run, rows));
    found->advice = "NOT MATERIALIZED lets conditions into it; or join to it by equality, so that "
                    "it can be hashed";
}

/* A derived table or LATERAL subquery on the inner side of a loop. */
static bool is_derived(const rh_plan_node *node)
{
    return node->kind == RH_PLAN_SUBQUERY_SCAN || node->kind == RH_PLAN_AGGREGATE ||
           node->kind == RH_PLAN_WINDOW || node->kind == RH_PLAN_SET_OP ||
           node->kind == RH_PLAN_UNIQUE || node->kind == RH_PLAN_LIMIT ||
           node->kind == RH_PLAN_SORT;
}

static void one_loop(rh_finding_run *run, const rh_plan_node *join)
{
    const rh_plan_node *inner = rh_plan_input(run->plan, join, 1);
    bool model = false;
    double loops;

    if (inner == NULL || !is_derived(inner))
        return;
    loops = rh_node_loops(run, inner, &model);
    run_again(run, inner, loops, rh_tree_rows(run, inner), model);
}

void rh_rules_subqueries(rh_finding_run *run)
{
    if (rh_plan_engine_of(run->plan) != RH_PLAN_POSTGRES)
        return;
    for (size_t i = 0; i < rh_plan_count(run->plan); i++) {
        const rh_plan_node *node = rh_plan_at(run->plan, i);

        if (node->subplan != RH_PLAN_SUBPLAN_NONE)
            one_subplan(run, node);
        if (node->kind == RH_PLAN_CTE_SCAN)
            one_cte_scan(run, node);
        if (node->kind == RH_PLAN_NESTED_LOOP)
            one_loop(run, node);
    }
}
