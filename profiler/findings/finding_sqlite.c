#include "finding_sqlite.h"

#include "core/str.h"

const rh_plan_steps *rh_lite_steps(const rh_finding_run *run)
{
    static const rh_plan_steps none = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    const rh_plan_steps *steps = rh_plan_steps_of(run->plan);

    return steps == NULL ? &none : steps;
}

static bool fits(const rh_sql_relation *relation, const rh_plan_node *scan, const json_t *by_index)
{
    const char *shown = relation->alias != NULL ? relation->alias : relation->name;

    if (relation->name == NULL || shown == NULL || scan->alias == NULL ||
        !rh_str_ieq(shown, scan->alias))
        return false;
    return by_index == NULL ||
           rh_str_ieq(relation->name, json_string_value(json_object_get(by_index, "name")));
}

/* Index names are unique in a file. */
static const json_t *table_of_index(const rh_finding_run *run, const char *index)
{
    for (size_t i = 0; index != NULL && i < json_array_size(run->input->tables); i++)
        if (rh_table_index(json_array_get(run->input->tables, i), index) != NULL)
            return json_array_get(run->input->tables, i);
    return NULL;
}

/* Whether the node stands in a part of the plan that some subquery made. */
static bool is_below_subquery(const rh_plan *plan, const rh_plan_node *node)
{
    for (const rh_plan_node *at = rh_plan_parent(plan, node); at != NULL;
         at = rh_plan_parent(plan, at))
        if (at->kind == RH_PLAN_SUBQUERY || at->kind == RH_PLAN_MATERIALIZE ||
            at->kind == RH_PLAN_COROUTINE)
            return true;
    return false;
}

rh_lite_place rh_lite_resolve(const rh_finding_run *run, const rh_plan_node *scan)
{
    const rh_sql_levels *levels = run->input->levels;
    const json_t *by_index = table_of_index(run, scan->index_name);
    bool below = is_below_subquery(run->plan, scan);
    rh_lite_place out = {by_index, RH_SQL_NONE, RH_SQL_NONE};
    size_t matches = 0;
    bool same_table = true;

    for (size_t l = 0; levels != NULL && l < rh_sql_levels_count(levels); l++) {
        const rh_sql_level *level = rh_sql_levels_at(levels, l);

        for (size_t r = 0; r < level->relation_count; r++) {
            const rh_sql_relation *relation = &level->relations[r];
            const json_t *table;

            if (!fits(relation, scan, by_index) || (below && l == 0))
                continue;
            table = rh_table_facts(run, NULL, relation->name);
            same_table = same_table && (matches == 0 || table == out.table);
            out = (rh_lite_place){table, l, r};
            matches++;
        }
    }
    if (matches > 1)
        out = (rh_lite_place){same_table ? out.table : by_index, RH_SQL_NONE, RH_SQL_NONE};
    if (out.table == NULL)
        out.table = rh_table_facts(run, NULL, scan->relation);
    return out;
}

double rh_lite_rows(const rh_finding_run *run, const rh_plan_node *scan)
{
    rh_lite_place place = rh_lite_resolve(run, scan);

    return place.table == NULL ? -1 : rh_table_number(place.table, "rows");
}

const rh_plan_node *rh_lite_first_scan(const rh_finding_run *run, const rh_plan_node *scan)
{
    const rh_plan_node *parent = rh_plan_parent(run->plan, scan);
    const rh_plan_node *at = parent == NULL ? scan : rh_plan_first_child(run->plan, parent);

    while (at != NULL && (!rh_plan_is_scan(at->kind) || at->kind == RH_PLAN_VALUES_SCAN))
        at = rh_plan_next_sibling(run->plan, at);
    return at;
}
