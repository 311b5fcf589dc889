/*
 * SQLite: what the lines of the plan and the counters of the statement tell.
 */
#include <string.h>

#include "core/str.h"
#include "finding_sqlite.h"

enum { STEPS_PER_ROW = 100 };

/* ---- correlated subqueries ---- */

/* The largest table that is read whole inside, not counting what hangs in subqueries of its own. */
static const rh_plan_node *full_scan_inside(rh_finding_run *run, const rh_plan_node *root,
                                            double *out_rows)
{
    const rh_plan_node *worst = NULL;

    *out_rows = -1;
    for (size_t i = root->index + 1; i < root->end; i++) {
        const rh_plan_node *node = rh_plan_at(run->plan, i);
        double rows;

        if (!node->full_scan)
            continue;
        rows = rh_lite_rows(run, node);
        if (worst == NULL || rows > *out_rows) {
            worst = node;
            *out_rows = rows;
        }
    }
    return worst;
}

static void propose_for(rh_finding_run *run, const rh_plan_node *scan, rh_finding_index *out)
{
    rh_lite_place place = rh_lite_resolve(run, scan);
    rh_conditions conditions;

    if (place.level == RH_SQL_NONE)
        return;
    conditions = rh_conditions_of_level(run, place.level, place.relation);
    (void)rh_propose_index(run, place.table, &conditions, out);
}

static bool around_is_told(const rh_finding_run *run, const rh_plan_node *node)
{
    for (size_t i = 0; i < run->count; i++) {
        const rh_plan_node *top = rh_plan_at(run->plan, run->items[i].node);

        if (top != NULL && run->items[i].kind == RH_FINDING_CORRELATED_SUBQUERY && top != node &&
            rh_plan_inside(top, node))
            return true;
    }
    return false;
}

/* Each run is cheap, by an index; their number was counted. */
static void many_runs(rh_finding_run *run, const rh_plan_node *root, double runs)
{
    const rh_finding_kind kind = RH_FINDING_CORRELATED_SUBQUERY;
    double limit = rh_finding_limit_of(run, kind, 0);
    rh_finding *found;

    if (!rh_plan_known(runs) || runs < limit)
        return;
    found = rh_finding_add(run, kind, root, runs, limit, "loops");
    if (found == NULL)
        return;
    found->severity = rh_finding_milder(found->severity);
    found->subquery = root->index;
    found->what =
        rh_finding_text(run, "it runs once per outer row: %s times", rh_finding_number(run, runs));
    found->advice = "each run is cheap, their number is not: join once and group, or ask for fewer "
                    "outer rows";
}

static void correlated(rh_finding_run *run, const rh_plan_node *root)
{
    const rh_finding_kind kind = RH_FINDING_CORRELATED_SUBQUERY;
    double limit = rh_finding_limit_of(run, kind, 1);
    double min_rows = rh_finding_limit_of(run, kind, 0);
    double steps = (double)rh_lite_steps(run)->vm_steps;
    double rows = -1;
    const rh_plan_node *scan = full_scan_inside(run, root, &rows);
    const rh_finding_origin origin = rh_finding_origin_of(run, root);
    bool heavy = steps >= limit;
    rh_finding *found;

    if (around_is_told(run, root))
        return;
    if (scan == NULL || (!heavy && rows < min_rows)) {
        many_runs(run, root, origin.runs);
        return;
    }
    found = heavy ? rh_finding_add(run, kind, root, steps, limit, "steps")
                  : rh_finding_add(run, kind, root, rows, min_rows, "rows per run");
    if (found == NULL)
        return;
    if (!heavy)
        found->severity = rh_finding_milder(found->severity);
    found->subquery = root->index;
    found->what = rh_finding_text(
        run, "it runs once per outer row%s and reads all of %s each time, %s rows",
        rh_plan_known(origin.runs)
            ? rh_finding_text(run, ", %s times,", rh_finding_number(run, origin.runs))
            : "",
        scan->alias == NULL ? "a table" : scan->alias,
        rows >= 0 ? rh_finding_number(run, rows) : "an unknown number of");
    propose_for(run, scan, &found->index);
    found->advice = found->index.table != NULL
                        ? rh_finding_text(run, "%s, or join to it once and group",
                                          rh_index_advice(run, &found->index))
                        : "join to it once and group instead of asking per row";
}

/* ---- automatic indexes and temporary b-trees ---- */

/* Rows that one automatic index took: the counter is that of all of them together. */
static double rows_indexed(const rh_finding_run *run, const rh_plan_node *scan)
{
    double built = (double)rh_lite_steps(run)->auto_index_rows;
    double rows = rh_lite_rows(run, scan);
    size_t count = 0;

    for (size_t i = 1; i < rh_plan_count(run->plan); i++)
        count += rh_plan_at(run->plan, i)->kind == RH_PLAN_AUTO_INDEX_SCAN;
    if (built < 0 || (count > 1 && rows >= 0 && rows < built))
        return rows;
    return built;
}

static void automatic(rh_finding_run *run, const rh_plan_node *scan)
{
    const rh_finding_kind kind = RH_FINDING_AUTOMATIC_INDEX;
    double limit = rh_finding_limit_of(run, kind, 0);
    double rows = rows_indexed(run, scan);
    rh_finding *found;

    if (rows < limit)
        return;
    found = rh_finding_add(run, kind, scan, rows, limit, "rows");
    if (found == NULL)
        return;
    found->what = rh_finding_text(run,
                                  "an index is built for each run and thrown away, %s entries; "
                                  "SQLite stops doing so when the table has grown",
                                  rh_finding_number(run, rows));
    propose_for(run, scan, &found->index);
    found->advice = found->index.table != NULL ? rh_index_advice(run, &found->index)
                                               : "create this index for good";
}

/* How many rows pass is not told: as many as come out, and where the first table is read whole, up
 * to all of its rows. */
static void temp_btree(rh_finding_run *run, const rh_plan_node *node)
{
    const rh_finding_kind kind = RH_FINDING_TEMP_BTREE;
    double limit = rh_finding_limit_of(run, kind, 0);
    const rh_plan_node *scan = rh_lite_first_scan(run, node);
    double table = scan != NULL && scan->full_scan ? rh_lite_rows(run, scan) : -1;
    double given = (double)rh_lite_steps(run)->rows;
    double rows = table > given ? table : given;
    rh_finding *found;

    if (rows < limit)
        return;
    found = rh_finding_add(run, kind, node, rows, limit, "rows");
    if (found == NULL)
        return;
    found->what =
        rh_finding_text(run, "%s goes through a temporary b-tree, up to %s rows",
                        node->purpose == NULL ? "it" : node->purpose, rh_finding_number(run, rows));
    found->advice = "an index whose order is this one lets rows out as they come; with LIMIT it "
                    "also ends early";
}

/* The line that makes what the scan reads. */
static size_t made_at(const rh_finding_run *run, const rh_plan_node *scan)
{
    for (size_t i = 1; i < scan->index; i++) {
        const rh_plan_node *made = rh_plan_at(run->plan, i);

        if ((made->kind == RH_PLAN_MATERIALIZE || made->kind == RH_PLAN_COROUTINE) &&
            made->parent == scan->parent && rh_str_eq(made->alias, scan->alias))
            return i;
    }
    return RH_PLAN_NO_NODE;
}

/* A subquery's result without an index, read whole for each row of what stands before it. */
static void reread(rh_finding_run *run, const rh_plan_node *scan)
{
    const rh_finding_kind kind = RH_FINDING_RESCANNED_SUBQUERY;
    const rh_plan_node *first = rh_lite_first_scan(run, scan);
    double limit = rh_finding_limit_of(run, kind, 1);
    double steps = (double)rh_lite_steps(run)->full_scan_steps;
    rh_finding *found;

    if (first == NULL || first == scan || steps < limit)
        return;
    found = rh_finding_add(run, kind, scan, steps, limit, "steps");
    if (found == NULL)
        return;
    found->subquery = made_at(run, scan);
    found->what =
        rh_finding_text(run, "its rows have no index and are read again for each row of %s",
                        first->alias == NULL ? "the outer table" : first->alias);
    found->advice = "join to it by equality of plain columns, or keep its result in an indexed "
                    "temporary table";
}

/* ---- (a, b) NOT IN (SELECT ..) ---- */

/* Whether ')' with a comma in its brackets stands before `at`: a row value. */
static bool is_row_before(const char *sql, size_t at)
{
    size_t depth = 0;
    bool comma = false;

    while (at > 0 && strchr(" \t\r\n", sql[at - 1]) != NULL)
        at--;
    if (at == 0 || sql[at - 1] != ')')
        return false;
    while (at-- > 0) {
        depth += sql[at] == ')';
        comma = comma || (depth == 1 && sql[at] == ',');
        if (sql[at] == '(' && --depth == 0)
            return comma;
    }
    return false;
}

/* One value is looked up in the list; of several at once, what is not found is compared with every
 * row, because of NULLs that could be in it. The plan is the same, only the steps tell. */
static void row_not_in(rh_finding_run *run, const rh_plan_node *root)
{
    const rh_finding_kind kind = RH_FINDING_LOST_HASH_SUBPLAN;
    const rh_finding_origin origin = rh_finding_origin_of(run, root);
    double limit = rh_finding_limit_of(run, kind, 1) * STEPS_PER_ROW;
    double steps = (double)rh_lite_steps(run)->vm_steps;
    rh_finding *found;

    if (origin.level == NULL || !origin.in_text || run->input->sql == NULL ||
        origin.level->kind != RH_SQL_LEVEL_ANY || !origin.level->negated || steps < limit ||
        !is_row_before(run->input->sql, origin.level->construct_offset))
        return;
    found = rh_finding_add(run, kind, root, steps, limit, "steps");
    if (found == NULL)
        return;
    found->subquery = root->index;
    found->what = "NOT IN of several columns compares each outer row with every row of the list, "
                  "though the plan looks like a look-up";
    found->advice = "NOT EXISTS with an index on the columns, or NOT IN of one column";
}

/* ---- triggers ---- */

/* Rows are read whole, and no line of the plan reads any: the programs of triggers do, which have
 * no line. */
static void triggers(rh_finding_run *run)
{
    const rh_finding_kind kind = RH_FINDING_NESTED_LOOP_RESCAN;
    const rh_sql_level *top = rh_finding_level(run, 0);
    double limit = rh_finding_limit_of(run, kind, 0);
    double steps = (double)rh_lite_steps(run)->full_scan_steps;
    rh_finding *found;

    if (top == NULL || !top->writes || steps < limit)
        return;
    for (size_t i = 1; i < rh_plan_count(run->plan); i++) {
        const rh_plan_node *node = rh_plan_at(run->plan, i);

        if (node->full_scan || node->kind == RH_PLAN_SUBQUERY_SCAN)
            return; /* these could be its own */
    }
    found = rh_finding_add(run, kind, rh_plan_root(run->plan), steps, limit, "rows");
    if (found == NULL)
        return;
    found->what = rh_finding_text(run,
                                  "%s rows are read by full scans that stand in no line of the "
                                  "plan: by triggers or foreign keys, once per row written",
                                  rh_finding_number(run, steps));
    found->advice = "profile the statements of the triggers by themselves: what they ask by needs "
                    "an index";
}

void rh_rules_sqlite(rh_finding_run *run)
{
    triggers(run);
    for (size_t i = 1; i < rh_plan_count(run->plan); i++) {
        const rh_plan_node *node = rh_plan_at(run->plan, i);

        if (node->kind == RH_PLAN_SUBQUERY && node->correlated == RH_PLAN_YES)
            correlated(run, node);
        else if (node->kind == RH_PLAN_SUBQUERY)
            row_not_in(run, node);
        else if (node->kind == RH_PLAN_AUTO_INDEX_SCAN)
            automatic(run, node);
        else if (node->kind == RH_PLAN_TEMP_BTREE)
            temp_btree(run, node);
        else if (node->kind == RH_PLAN_SUBQUERY_SCAN)
            reread(run, node);
    }
}
