/*
 * Scans of PostgreSQL that read much and keep little, and why no index helps them.
 */
#include <string.h>

#include "core/str.h"
#include "finding_run.h"

static double or_zero(double value)
{
    return rh_plan_known(value) ? value : 0;
}

/* A subquery or join around the scan has been found already: that one is to be cured. */
static bool is_told(const rh_finding_run *run, const rh_plan_node *scan)
{
    for (size_t i = 0; i < run->count; i++) {
        const rh_finding *found = &run->items[i];
        const rh_plan_node *top = rh_plan_at(run->plan, found->node);

        if (top == NULL || !rh_plan_inside(top, scan))
            continue;
        if (found->kind == RH_FINDING_NESTED_LOOP_RESCAN) {
            const rh_plan_node *inner = rh_plan_input(run->plan, top, 1);

            if (inner != NULL && rh_plan_inside(inner, scan))
                return true;
        } else if (found->kind <= RH_FINDING_RESCANNED_SUBQUERY) {
            return true;
        }
    }
    return false;
}

/* ---- an index is there and cannot be used ---- */

/* varchar's cast to text is no obstacle. */
static bool is_harmless_cast(const json_t *column, const char *cast)
{
    const char *type = json_string_value(json_object_get(column, "type"));

    return type != NULL &&
           (rh_str_starts_with(type, cast) ||
            (rh_str_eq(cast, "text") && rh_str_starts_with(type, "character varying")) ||
            (rh_str_starts_with(cast, "character") && rh_str_eq(type, "text")));
}

static bool has_index(const json_t *table, const char *column)
{
    return rh_table_index_on(table, column) != NULL;
}

static rh_finding *defeated(rh_finding_run *run, rh_finding_kind kind, const rh_plan_node *scan,
                            const char *what, const char *advice)
{
    double rows =
        rh_node_rows_in(scan) * (rh_plan_known(scan->actual_loops) ? scan->actual_loops : 1);
    double limit = rh_finding_limit_of(run, kind, 0);
    rh_finding *found;

    if (rows < limit)
        return NULL;
    found = rh_finding_add(run, kind, scan, rows, limit, "rows");
    if (found != NULL) {
        found->what = what;
        found->advice = advice;
    }
    return found;
}

/* True when the cause was found. */
static bool find_obstacle(rh_finding_run *run, const rh_plan_node *scan, const json_t *table,
                          const rh_conditions *conditions)
{
    for (size_t i = 0; table != NULL && i < conditions->count; i++) {
        const rh_condition *one = &conditions->items[i];
        const json_t *column = rh_table_column(table, one->column);
        const char *name;

        if (one->op == RH_CONDITION_OTHER || column == NULL || !has_index(table, one->column))
            continue;
        name = rh_quoted_name(run, one->column);
        if (one->function != NULL)
            return defeated(run, RH_FINDING_EXPRESSION_DEFEATS_INDEX, scan,
                            rh_finding_text(run, "%s(%s) is compared, the index is on %s itself",
                                            one->function, name, name),
                            rh_finding_text(
                                run, "compare the plain column, or %s",
                                rh_index_statement(
                                    run, scan->schema, scan->relation,
                                    rh_finding_text(run, "%s(%s)", one->function, name)))) != NULL;
        if (one->arithmetic)
            return defeated(run, RH_FINDING_EXPRESSION_DEFEATS_INDEX, scan,
                            rh_finding_text(run,
                                            "%s is computed with before it is compared; the "
                                            "index is on %s itself",
                                            name, name),
                            "bring the computation to the other side, so that the column stands "
                            "alone, or store its result in an indexed column") != NULL;
        if (one->cast != NULL && !is_harmless_cast(column, one->cast))
            return defeated(run, RH_FINDING_TYPE_DEFEATS_INDEX, scan,
                            rh_finding_text(
                                run, "%s is %s and is compared as %s, which its index cannot", name,
                                json_string_value(json_object_get(column, "type")), one->cast),
                            rh_finding_text(run, "give the value the column's type: CAST(.. AS %s)",
                                            json_string_value(json_object_get(column, "type")))) !=
                   NULL;
    }
    return false;
}

/* ---- rules ---- */

static bool is_large(const rh_finding_run *run, const rh_plan_node *scan, const json_t *table)
{
    const rh_finding_kind kind = RH_FINDING_SELECTIVE_SEQ_SCAN;

    return rh_table_number(table, "pages") >= rh_finding_limit_of(run, kind, 1) ||
           rh_node_rows_in(scan) >= rh_finding_limit_of(run, kind, 2);
}

/* Workers share a parallel scan: each loop is one of them, and what it did a part. */
static double of_all_workers(const rh_plan_node *scan, double rows)
{
    return scan->parallel_aware && scan->actual_loops > 1 ? rows * scan->actual_loops : rows;
}

/* Only what a subquery answers is asked for: no index serves that, and the subquery is judged. */
static bool asks_subquery_only(const rh_plan_node *scan, const rh_conditions *conditions)
{
    return conditions->count == 0 && strstr(scan->filter, "SubPlan ") != NULL;
}

static void selective(rh_finding_run *run, const rh_plan_node *scan, const json_t *table,
                      const rh_conditions *conditions)
{
    const rh_finding_kind kind = RH_FINDING_SELECTIVE_SEQ_SCAN;
    double limit = rh_finding_limit_of(run, kind, 0);
    double in = rh_node_rows_in(scan);
    double kept = in > 0 ? scan->actual_rows / in * 100 : 100;
    rh_finding *found;

    if (!rh_plan_known(scan->removed_by_filter) || kept >= limit || conditions->has_or ||
        !is_large(run, scan, table) || is_told(run, scan) || asks_subquery_only(scan, conditions) ||
        in * scan->actual_loops < rh_tree_rows(run, rh_plan_root(run->plan)) / 10)
        return;
    found = rh_finding_add(run, kind, scan, kept, limit, "% kept");
    if (found == NULL)
        return;
    found->what = rh_finding_text(run, "all of %s is read, %s rows, to keep %s",
                                  scan->relation == NULL ? "the table" : scan->relation,
                                  rh_finding_number(run, of_all_workers(scan, in)),
                                  rh_finding_number(run, of_all_workers(scan, scan->actual_rows)));
    if (rh_propose_index(run, table, conditions, &found->index))
        found->advice = rh_index_advice(run, &found->index);
    else
        found->advice = "an index on what the condition tests, or a condition that an existing "
                        "index can serve";
}

static void seq_scan(rh_finding_run *run, const rh_plan_node *scan)
{
    const json_t *table = rh_table_facts(run, scan->schema, scan->relation);
    rh_conditions conditions;

    if (scan->never_executed || scan->filter == NULL)
        return;
    conditions = rh_conditions_of_text(run, scan->filter, scan->alias);
    if (find_obstacle(run, scan, table, &conditions) || rh_plan_stopped_early(run->plan, scan))
        return;
    selective(run, scan, table, &conditions);
}

/* ---- partitions ---- */

/* The same condition on two partitions: each prints its own alias. */
static bool same_filter(const rh_plan_node *a, const rh_plan_node *b)
{
    const char *x = a->filter;
    const char *y = b->filter;
    size_t x_len;
    size_t y_len;

    if (x == NULL || y == NULL || a->alias == NULL || b->alias == NULL)
        return false;
    x_len = strlen(a->alias);
    y_len = strlen(b->alias);
    while (*x != '\0' && *y != '\0') {
        if (strncmp(x, a->alias, x_len) == 0 && x[x_len] == '.' &&
            strncmp(y, b->alias, y_len) == 0 && y[y_len] == '.') {
            x += x_len;
            y += y_len;
        } else if (*x++ != *y++) {
            return false;
        }
    }
    return *x == *y;
}

/* What the partitions of one table do together. */
typedef struct partitions {
    const rh_plan_node *first;
    size_t count;
    double in;
    double kept;
    double pages;
} partitions;

static bool add_partition(const rh_finding_run *run, const rh_plan_node *scan, partitions *sum)
{
    double pages = rh_table_number(rh_table_facts(run, scan->schema, scan->relation), "pages");

    if (scan->kind != RH_PLAN_SEQ_SCAN || !rh_plan_known(scan->removed_by_filter) ||
        scan->actual_loops > 1 ||
        (sum->first != NULL &&
         (!same_filter(sum->first, scan) || rh_str_eq(sum->first->relation, scan->relation))))
        return false;
    if (sum->first == NULL)
        sum->first = scan;
    sum->count++;
    sum->in += rh_node_rows_in(scan);
    sum->kept += scan->actual_rows;
    sum->pages += pages > 0 ? pages : 0;
    return true;
}

/* Every partition is read whole: each may be small, together they are the table. */
static void all_partitions(rh_finding_run *run, const rh_plan_node *append)
{
    const rh_finding_kind kind = RH_FINDING_SELECTIVE_SEQ_SCAN;
    double limit = rh_finding_limit_of(run, kind, 0);
    partitions sum = {NULL, 0, 0, 0, 0};
    rh_conditions conditions;
    rh_finding *found;

    for (const rh_plan_node *child = rh_plan_first_child(run->plan, append); child != NULL;
         child = rh_plan_next_sibling(run->plan, child))
        if (!add_partition(run, child, &sum))
            return;
    if (sum.count < 2 || sum.in <= 0 || sum.kept / sum.in * 100 >= limit || is_told(run, append) ||
        rh_plan_stopped_early(run->plan, sum.first) ||
        (sum.pages < rh_finding_limit_of(run, kind, 1) &&
         sum.in < rh_finding_limit_of(run, kind, 2)))
        return;
    conditions = rh_conditions_of_text(run, sum.first->filter, sum.first->alias);
    found = conditions.has_or
                ? NULL
                : rh_finding_add(run, kind, append, sum.kept / sum.in * 100, limit, "% kept");
    if (found == NULL)
        return;
    found->what =
        rh_finding_text(run, "all %zu partitions are read whole, %s rows, to keep %s", sum.count,
                        rh_finding_number(run, sum.in), rh_finding_number(run, sum.kept));
    found->advice = conditions.count == 0
                        ? "a condition on the partition key leaves partitions out"
                        : rh_finding_text(run,
                                          "a condition on the partition key leaves partitions "
                                          "out; else an index on %s of the partitioned table",
                                          rh_quoted_name(run, conditions.items[0].column));
}

/* A partition is told with the others. */
static bool is_told_together(const rh_finding_run *run, const rh_plan_node *scan)
{
    const rh_plan_node *parent = rh_plan_parent(run->plan, scan);

    return parent != NULL && rh_finding_has(run, RH_FINDING_SELECTIVE_SEQ_SCAN, parent);
}

/* ---- indexes ---- */

/* Of a bitmap scan the indexes stand below it. */
static const char *index_of(const rh_finding_run *run, const rh_plan_node *scan)
{
    const rh_plan_node *below = rh_plan_input(run->plan, scan, 0);

    if (scan->index_name != NULL || below == NULL)
        return scan->index_name;
    return below->index_name;
}

static void filtered(rh_finding_run *run, const rh_plan_node *scan)
{
    const rh_finding_kind kind = RH_FINDING_FILTERED_INDEX_SCAN;
    double removed = or_zero(scan->removed_by_filter) * or_zero(scan->actual_loops);
    double in = rh_node_rows_in(scan) * or_zero(scan->actual_loops);
    double part = in > 0 ? removed / in * 100 : 0;
    const char *index = index_of(run, scan);
    rh_conditions conditions;
    rh_finding *found;

    if (part < rh_finding_limit_of(run, kind, 0) || removed < rh_finding_limit_of(run, kind, 1) ||
        in < rh_tree_rows(run, rh_plan_root(run->plan)) * rh_finding_limit_of(run, kind, 2) / 100 ||
        is_told(run, scan))
        return;
    found = rh_finding_add(run, kind, scan, part, rh_finding_limit_of(run, kind, 0), "% removed");
    if (found == NULL)
        return;
    found->what = rh_finding_text(run, "the index %s finds %s rows, the filter throws %s away",
                                  index == NULL ? "" : index, rh_finding_number(run, in),
                                  rh_finding_number(run, removed));
    conditions = rh_conditions_of_text(
        run,
        rh_finding_text(run, "%s%s%s", scan->filter == NULL ? "" : scan->filter,
                        scan->index_cond != NULL || scan->recheck_cond != NULL ? " AND " : "",
                        scan->index_cond != NULL     ? scan->index_cond
                        : scan->recheck_cond != NULL ? scan->recheck_cond
                                                     : ""),
        scan->alias);
    if (rh_propose_index(run, rh_table_facts(run, scan->schema, scan->relation), &conditions,
                         &found->index))
        found->advice = rh_index_advice(run, &found->index);
    else
        found->advice = "an index that covers the filter as well, or a partial index WHERE the "
                        "filter holds";
}

void rh_rules_scans(rh_finding_run *run)
{
    for (size_t i = 0; i < rh_plan_count(run->plan); i++) {
        const rh_plan_node *node = rh_plan_at(run->plan, i);

        if (node->kind == RH_PLAN_APPEND)
            all_partitions(run, node);
        if (node->kind == RH_PLAN_SEQ_SCAN && !is_told_together(run, node))
            seq_scan(run, node);
        if (node->kind == RH_PLAN_INDEX_SCAN || node->kind == RH_PLAN_INDEX_ONLY_SCAN ||
            node->kind == RH_PLAN_BITMAP_HEAP_SCAN)
            filtered(run, node);
    }
}
