/*
 * Where the planner is wrong about rows, and statistics that make it so.
 */
#include "core/str.h"
#include "finding_run.h"

enum { PAGE_BYTES = 8192 };

#define GROWN_FACTOR 1.1

static double at_least_one(double value)
{
    return value > 1 ? value : 1;
}

static double factor_of(const rh_plan_node *node)
{
    double a = at_least_one(node->plan_rows);
    double b = at_least_one(node->actual_rows);

    return a > b ? a / b : b / a;
}

/* Nodes that only hand on what they get carry the error of what is below. */
static bool estimates_rows(const rh_plan_node *node)
{
    switch (node->kind) {
    case RH_PLAN_BITMAP_INDEX_SCAN:
    case RH_PLAN_CTE_SCAN:
    case RH_PLAN_WORK_TABLE_SCAN:
    case RH_PLAN_SUBQUERY_SCAN:
        return false;
    case RH_PLAN_AGGREGATE:
        return node->group_keys.count > 0;
    case RH_PLAN_UNIQUE:
    case RH_PLAN_PROJECT_SET:
        return true;
    default:
        return rh_plan_is_scan(node->kind) || rh_plan_is_join(node->kind);
    }
}

static bool is_wrong(const rh_finding_run *run, const rh_plan_node *node)
{
    const rh_finding_kind kind = RH_FINDING_ROW_MISESTIMATE;
    double most = node->plan_rows > node->actual_rows ? node->plan_rows : node->actual_rows;

    return rh_plan_known(node->actual_rows) && !node->never_executed &&
           factor_of(node) >= rh_finding_limit_of(run, kind, 0) &&
           most >= rh_finding_limit_of(run, kind, 1);
}

/* An error below explains this one. A bitmap scan has the error of its indexes and tells of it. */
static bool starts_below(const rh_finding_run *run, const rh_plan_node *node)
{
    if (node->kind == RH_PLAN_BITMAP_HEAP_SCAN)
        return false;
    for (size_t i = node->index + 1; i < node->end; i++) {
        const rh_plan_node *below = rh_plan_at(run->plan, i);

        if (below->subplan == RH_PLAN_SUBPLAN_SUB || below->subplan == RH_PLAN_SUBPLAN_INIT) {
            i = below->end - 1;
            continue;
        }
        if (is_wrong(run, below))
            return true;
    }
    return false;
}

/* Too few rows expected is dangerous wherever it is; too many only where a join was chosen by it: a
 * sort or a sum above just finds less to do. */
static bool matters(const rh_finding_run *run, const rh_plan_node *node)
{
    if (node->plan_rows <= node->actual_rows)
        return true;
    while (node != NULL) {
        const rh_plan_node *parent = rh_plan_parent(run->plan, node);

        if (parent != NULL && rh_plan_is_join(parent->kind))
            return true;
        node = parent;
    }
    return false;
}

static void misestimate(rh_finding_run *run, const rh_plan_node *node)
{
    const rh_finding_kind kind = RH_FINDING_ROW_MISESTIMATE;
    rh_finding *found;

    if (rh_finding_has(run, RH_FINDING_EXPRESSION_DEFEATS_INDEX, node) ||
        rh_finding_has(run, RH_FINDING_TYPE_DEFEATS_INDEX, node))
        return; /* the same cause, told already */
    if (!estimates_rows(node) || !is_wrong(run, node) || starts_below(run, node) ||
        rh_plan_stopped_early(run->plan, node) || !matters(run, node))
        return;
    found = rh_finding_add(run, kind, node, factor_of(node), rh_finding_limit_of(run, kind, 0),
                           "times");
    if (found == NULL)
        return;
    found->what = rh_finding_text(run, "%s rows expected, %s came; plans above are built on it",
                                  rh_finding_number(run, node->plan_rows),
                                  rh_finding_number(run, node->actual_rows));
    if (rh_plan_is_join(node->kind))
        found->advice = "the two sides depend on each other in a way that statistics do not show; "
                        "compare the plan with one over a materialized subquery";
    else if (node->kind == RH_PLAN_FUNCTION_SCAN)
        found->advice = "tell the planner: ALTER FUNCTION .. ROWS n, or a support function";
    else
        found->advice = "ANALYZE; CREATE STATISTICS (dependencies, mcv) on columns that go "
                        "together; or statistics on the expression";
}

/* ---- statistics ---- */

static const rh_plan_node *scan_of(const rh_finding_run *run, const char *table)
{
    for (size_t i = 0; i < rh_plan_count(run->plan); i++) {
        const rh_plan_node *node = rh_plan_at(run->plan, i);

        if (node->relation != NULL && rh_str_eq(node->relation, table))
            return node;
    }
    return NULL;
}

static void tell_stale(rh_finding_run *run, const json_t *table, double value, const char *what)
{
    const char *name = json_string_value(json_object_get(table, "name"));
    rh_finding *found =
        rh_finding_add(run, RH_FINDING_STALE_STATISTICS, scan_of(run, name), value,
                       rh_finding_limit_of(run, RH_FINDING_STALE_STATISTICS, 0), "% changed");

    if (found == NULL)
        return;
    found->what = what;
    found->advice = rh_finding_text(run, "ANALYZE %s", rh_quoted_name(run, name));
}

/* Rows that were loaded and analyzed at once are counted as changed only afterwards. Nothing was
 * ever rewritten, and the table is as large as ANALYZE found it. */
static bool only_loaded(const json_t *table)
{
    return rh_table_number(table, "rewritten") == 0 &&
           rh_table_number(table, "bytes") <=
               rh_table_number(table, "pages") * PAGE_BYTES * GROWN_FACTOR;
}

static void stale_postgres(rh_finding_run *run, const json_t *table)
{
    double limit = rh_finding_limit_of(run, RH_FINDING_STALE_STATISTICS, 0);
    double floor = rh_finding_limit_of(run, RH_FINDING_STALE_STATISTICS, 1);
    const char *name = json_string_value(json_object_get(table, "name"));
    const char *kind = json_string_value(json_object_get(table, "kind"));
    double modified = rh_table_number(table, "modified");
    double rows = rh_table_number(table, "rows");
    double bytes = rh_table_number(table, "bytes");

    if (!rh_str_eq(kind, "r") && !rh_str_eq(kind, "m"))
        return;
    if (!json_is_true(json_object_get(table, "statistics"))) {
        if (modified >= floor || rows >= floor || (rows < 0 && bytes >= 1 << 17))
            tell_stale(run, table, 100,
                       rh_finding_text(run, "%s was never analyzed: the planner guesses", name));
        return;
    }
    if (modified >= floor && rows >= 0 && !only_loaded(table) &&
        modified * 100 >= limit * at_least_one(rows))
        tell_stale(run, table, modified * 100 / at_least_one(rows),
                   rh_finding_text(run,
                                   "%s rows of %s changed since its statistics were taken, at "
                                   "%s rows",
                                   rh_finding_number(run, modified), name,
                                   rh_finding_number(run, rows)));
}

/* SQLite's planner believes sqlite_stat1 whatever the table's size; rowids tell the truth, more or
 * less, so only a factor counts. */
static void stale_sqlite(rh_finding_run *run, const json_t *table)
{
    double floor = rh_finding_limit_of(run, RH_FINDING_STALE_STATISTICS, 1);
    const char *name = json_string_value(json_object_get(table, "name"));
    double rows = rh_table_number(table, "rows");
    double known = rh_table_number(table, "statistics_rows");

    if (known < 0 || rows < floor || rows < at_least_one(known) * 10)
        return;
    tell_stale(run, table, (rows - known) * 100 / at_least_one(known),
               rh_finding_text(run, "sqlite_stat1 knows %s rows of %s, rowids go up to %s",
                               rh_finding_number(run, known), name, rh_finding_number(run, rows)));
}

void rh_rules_estimates(rh_finding_run *run)
{
    bool lite = rh_plan_engine_of(run->plan) == RH_PLAN_SQLITE;

    for (size_t i = 0; !lite && i < rh_plan_count(run->plan); i++)
        misestimate(run, rh_plan_at(run->plan, i));
    for (size_t i = 0; i < json_array_size(run->input->tables); i++) {
        const json_t *table = json_array_get(run->input->tables, i);

        if (lite)
            stale_sqlite(run, table);
        else
            stale_postgres(run, table);
    }
}
