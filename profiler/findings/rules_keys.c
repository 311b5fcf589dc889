/*
 * Foreign keys whose referencing side has no index: each deleted or changed row of the referenced
 * table is looked for by reading all of the other one. No plan shows that scan.
 */
#include "core/str.h"
#include "finding_run.h"

static void tell(rh_finding_run *run, const rh_plan_node *node, const json_t *key, double calls)
{
    const rh_finding_kind kind = RH_FINDING_FOREIGN_KEY_WITHOUT_INDEX;
    const char *table = json_string_value(json_object_get(key, "table"));
    const json_t *columns = json_object_get(key, "columns");
    double rows = rh_table_number(key, "rows");
    const char **names;
    rh_finding *found;

    if (json_is_true(json_object_get(key, "indexed")) || rows < rh_finding_limit_of(run, kind, 0) ||
        table == NULL || json_array_size(columns) == 0)
        return;
    names = rh_arena_array(run->arena, json_array_size(columns), sizeof *names);
    found = names == NULL ? NULL
                          : rh_finding_add(run, kind, node, rows, rh_finding_limit_of(run, kind, 0),
                                           "rows per check");
    if (found == NULL)
        return;
    for (size_t i = 0; i < json_array_size(columns); i++)
        names[i] = rh_quoted_name(run, json_string_value(json_array_get(columns, i)));
    found->index = (rh_finding_index){json_string_value(json_object_get(key, "schema")), table,
                                      names, json_array_size(columns)};
    found->what =
        calls > 0 ? rh_finding_text(run, "the key was checked %s times, each by reading all of %s",
                                    rh_finding_number(run, calls), table)
                  : rh_finding_text(run, "each row checks the key by reading all of %s", table);
    found->advice = rh_index_advice(run, &found->index);
}

static void by_trigger(rh_finding_run *run, const rh_plan_trigger *trigger)
{
    for (size_t i = 0; i < json_array_size(run->input->tables); i++) {
        const json_t *keys =
            json_object_get(json_array_get(run->input->tables, i), "referenced_by");

        for (size_t k = 0; k < json_array_size(keys); k++) {
            const json_t *key = json_array_get(keys, k);

            if (rh_str_eq(json_string_value(json_object_get(key, "name")), trigger->constraint))
                tell(run, rh_plan_root(run->plan), key, trigger->calls);
        }
    }
}

/* A plan that was not run names no triggers: DELETE will call them. */
static void by_delete(rh_finding_run *run, const rh_plan_node *node, const json_t *table)
{
    const json_t *keys = json_object_get(table, "referenced_by");

    for (size_t k = 0; k < json_array_size(keys); k++)
        tell(run, node, json_array_get(keys, k), 0);
}

static void sqlite_delete(rh_finding_run *run)
{
    const rh_sql_level *top = rh_finding_level(run, 0);
    rh_sql_scan scan;
    rh_sql_token first;

    if (top == NULL || !top->writes)
        return;
    rh_sql_scan_init(&scan, RH_SQL_SQLITE, run->input->sql, run->input->sql_len);
    first = rh_sql_scan_next_code(&scan);
    if (!rh_sql_token_is(&first, run->input->sql, "delete"))
        return;
    for (size_t i = 0; i < top->relation_count; i++)
        if (top->relations[i].target)
            by_delete(run, rh_plan_root(run->plan),
                      rh_table_facts(run, NULL, top->relations[i].name));
}

void rh_rules_keys(rh_finding_run *run)
{
    if (rh_plan_engine_of(run->plan) == RH_PLAN_SQLITE) {
        sqlite_delete(run);
        return;
    }
    for (size_t i = 0; i < rh_plan_trigger_count(run->plan); i++) {
        const rh_plan_trigger *trigger = rh_plan_trigger_at(run->plan, i);

        if (trigger->constraint != NULL && trigger->calls >= 1)
            by_trigger(run, trigger);
    }
    for (size_t i = 0; !rh_plan_executed(run->plan) && i < rh_plan_count(run->plan); i++) {
        const rh_plan_node *node = rh_plan_at(run->plan, i);

        if (node->kind == RH_PLAN_MODIFY && rh_str_eq(node->operation, "Delete"))
            by_delete(run, node, rh_table_facts(run, node->schema, node->relation));
    }
}
