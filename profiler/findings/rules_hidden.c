/*
 * PostgreSQL: full scans that no node of the plan made. The statements of triggers and functions
 * have plans of their own, which EXPLAIN does not show, but what they scan is counted by table.
 */
#include "core/str.h"
#include "finding_run.h"

typedef struct scanned {
    double scans;
    double rows;
} scanned;

/* What the plan itself scanned of the table. Means per loop are rounded up to 17: half a row a loop
 * for rows and for removed ones each. */
static scanned by_plan(const rh_finding_run *run, const char *schema, const char *table)
{
    scanned sum = {0, 0};

    for (size_t i = 0; i < rh_plan_count(run->plan); i++) {
        const rh_plan_node *node = rh_plan_at(run->plan, i);

        if (node->kind != RH_PLAN_SEQ_SCAN || !rh_str_eq(node->relation, table) ||
            !rh_str_eq(node->schema, schema) || !rh_plan_known(node->actual_loops))
            continue;
        sum.scans += node->actual_loops;
        sum.rows += (rh_node_rows_in(node) + 1) * node->actual_loops;
    }
    return sum;
}

/* A key's check reads its table whole: foreign-key-without-index has told it. */
static bool is_told(const rh_finding_run *run, const char *table)
{
    for (size_t i = 0; i < run->count; i++)
        if (run->items[i].kind == RH_FINDING_FOREIGN_KEY_WITHOUT_INDEX &&
            rh_str_eq(run->items[i].index.table, table))
            return true;
    return false;
}

/* The trigger that did it, where there is but one; NULL else. */
static const char *only_trigger(const rh_finding_run *run)
{
    const char *name = NULL;

    for (size_t i = 0; i < rh_plan_trigger_count(run->plan); i++) {
        const rh_plan_trigger *trigger = rh_plan_trigger_at(run->plan, i);

        if (trigger->constraint != NULL)
            continue;
        if (name != NULL)
            return NULL;
        name = trigger->name;
    }
    return name;
}

static void judge(rh_finding_run *run, const char *schema, const char *table, scanned all)
{
    const rh_finding_kind kind = RH_FINDING_NESTED_LOOP_RESCAN;
    double limit = rh_finding_limit_of(run, kind, 0);
    scanned own = by_plan(run, schema, table);
    double scans = all.scans - own.scans;
    double rows = all.rows - own.rows;
    const char *trigger = only_trigger(run);
    rh_finding *found;

    if (scans < 2 || rows < limit || is_told(run, table))
        return; /* read once is what whoever wrote it asked for */
    found = rh_finding_add(run, kind, rh_plan_root(run->plan), rows, limit, "rows");
    if (found == NULL)
        return;
    found->what = rh_finding_text(
        run, "%s rows are read by %s full scans of %s that stand in no line of the plan: by %s",
        rh_finding_number(run, rows), rh_finding_number(run, scans), table,
        trigger != NULL ? rh_finding_text(run, "trigger %s or what it calls", trigger)
                        : "triggers or functions");
    found->advice = "profile the statements of the function by themselves (auto_explain with "
                    "auto_explain.log_nested_statements logs their plans): what they ask by needs "
                    "an index, or one statement for all rows";
}

void rh_rules_hidden(rh_finding_run *run)
{
    for (size_t i = 0; i < json_array_size(run->input->reads); i++) {
        const json_t *read = json_array_get(run->input->reads, i);
        const char *table = json_string_value(json_object_get(read, "table"));
        scanned all = {json_number_value(json_object_get(read, "full_scans")),
                       json_number_value(json_object_get(read, "rows"))};

        if (table != NULL)
            judge(run, json_string_value(json_object_get(read, "schema")), table, all);
    }
}
