/*
 * EXPLAIN (FORMAT JSON) into a plan. The document is walked with a stack of our own, so that a
 * hostile one cannot exhaust the machine's.
 */
#include "core/plan_postgres.h"

#include <string.h>

#include "core/doc.h"
#include "core/mem.h"
#include "core/str.h"
#include "plan_internal.h"
#include "plan_postgres_fields.h"

typedef struct kind_name {
    const char *name;
    rh_plan_kind kind;
} kind_name;

static const kind_name kinds[] = {
    {"Aggregate", RH_PLAN_AGGREGATE},
    {"Append", RH_PLAN_APPEND},
    {"Bitmap Heap Scan", RH_PLAN_BITMAP_HEAP_SCAN},
    {"Bitmap Index Scan", RH_PLAN_BITMAP_INDEX_SCAN},
    {"BitmapAnd", RH_PLAN_BITMAP_AND},
    {"BitmapOr", RH_PLAN_BITMAP_OR},
    {"CTE Scan", RH_PLAN_CTE_SCAN},
    {"Custom Scan", RH_PLAN_CUSTOM_SCAN},
    {"Foreign Scan", RH_PLAN_FOREIGN_SCAN},
    {"Function Scan", RH_PLAN_FUNCTION_SCAN},
    {"Gather", RH_PLAN_GATHER},
    {"Gather Merge", RH_PLAN_GATHER_MERGE},
    {"Group", RH_PLAN_GROUP},
    {"Hash", RH_PLAN_HASH},
    {"Hash Join", RH_PLAN_HASH_JOIN},
    {"Incremental Sort", RH_PLAN_INCREMENTAL_SORT},
    {"Index Only Scan", RH_PLAN_INDEX_ONLY_SCAN},
    {"Index Scan", RH_PLAN_INDEX_SCAN},
    {"Limit", RH_PLAN_LIMIT},
    {"LockRows", RH_PLAN_LOCK_ROWS},
    {"Materialize", RH_PLAN_MATERIALIZE},
    {"Memoize", RH_PLAN_MEMOIZE},
    {"Merge Append", RH_PLAN_MERGE_APPEND},
    {"Merge Join", RH_PLAN_MERGE_JOIN},
    {"ModifyTable", RH_PLAN_MODIFY},
    {"Named Tuplestore Scan", RH_PLAN_NAMED_STORE_SCAN},
    {"Nested Loop", RH_PLAN_NESTED_LOOP},
    {"ProjectSet", RH_PLAN_PROJECT_SET},
    {"Recursive Union", RH_PLAN_RECURSIVE_UNION},
    {"Result", RH_PLAN_RESULT},
    {"Sample Scan", RH_PLAN_SAMPLE_SCAN},
    {"Seq Scan", RH_PLAN_SEQ_SCAN},
    {"SetOp", RH_PLAN_SET_OP},
    {"Sort", RH_PLAN_SORT},
    {"Subquery Scan", RH_PLAN_SUBQUERY_SCAN},
    {"Table Function Scan", RH_PLAN_FUNCTION_SCAN},
    {"Tid Range Scan", RH_PLAN_ROWID_SCAN},
    {"Tid Scan", RH_PLAN_ROWID_SCAN},
    {"Unique", RH_PLAN_UNIQUE},
    {"Values Scan", RH_PLAN_VALUES_SCAN},
    {"WindowAgg", RH_PLAN_WINDOW},
    {"WorkTable Scan", RH_PLAN_WORK_TABLE_SCAN},
};

static const struct {
    const char *name;
    rh_plan_relationship relationship;
} relationships[] = {
    {"Outer", RH_PLAN_REL_OUTER},        {"Inner", RH_PLAN_REL_INNER},
    {"Member", RH_PLAN_REL_MEMBER},      {"Subquery", RH_PLAN_REL_SUBQUERY},
    {"InitPlan", RH_PLAN_REL_INIT_PLAN}, {"SubPlan", RH_PLAN_REL_SUB_PLAN},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static rh_plan_kind kind_of(const char *name)
{
    for (size_t i = 0; i < COUNT(kinds); i++)
        if (strcmp(kinds[i].name, name) == 0)
            return kinds[i].kind;
    return RH_PLAN_OTHER;
}

static rh_plan_relationship relationship_of(const json_t *json)
{
    const char *name = json_string_value(json_object_get(json, "Parent Relationship"));

    for (size_t i = 0; name != NULL && i < COUNT(relationships); i++)
        if (strcmp(relationships[i].name, name) == 0)
            return relationships[i].relationship;
    return RH_PLAN_REL_CHILD;
}

/* "InitPlan 3 (returns $2)" -> "InitPlan 3"; "CTE x" names the body's CTE. */
static bool name_subplan(rh_plan *plan, rh_plan_node *node)
{
    const char *name = node->subplan_name;
    const char *end;

    if (node->relationship == RH_PLAN_REL_SUB_PLAN)
        node->subplan = RH_PLAN_SUBPLAN_SUB;
    else if (node->relationship == RH_PLAN_REL_INIT_PLAN)
        node->subplan = RH_PLAN_SUBPLAN_INIT;
    else
        return true;
    if (name == NULL) {
        node->subplan_name = "";
        node->subplan_id = "";
        return true;
    }
    end = strstr(name, " (returns ");
    node->subplan_id =
        rh_arena_strndup(plan->arena, name, end != NULL ? (size_t)(end - name) : strlen(name));
    if (node->subplan_id == NULL)
        return false;
    if (rh_str_starts_with(name, "CTE ")) {
        node->subplan = RH_PLAN_SUBPLAN_CTE;
        node->cte_name = node->subplan_id + strlen("CTE ");
    }
    return true;
}

static rh_status add_node(rh_plan *plan, const json_t *json, size_t parent, size_t *out,
                          rh_error *err)
{
    const char *type = json_string_value(json_object_get(json, "Node Type"));
    rh_plan_node *node;
    rh_status status;

    if (type == NULL)
        return rh_error_set(err, RH_EFORMAT, "a plan node without 'Node Type'");
    status = rh_plan_build_add(plan, parent, out, err);
    if (status != RH_OK)
        return status;
    node = rh_plan_build_node(plan, *out);
    node->kind = kind_of(type);
    node->raw = rh_arena_strdup(plan->arena, type);
    if (node->raw == NULL)
        return rh_error_oom(err);
    if (parent != RH_PLAN_NO_NODE)
        node->relationship = relationship_of(json);
    status = rh_plan_fill_node(plan, node, json, err);
    if (status == RH_OK && !name_subplan(plan, node))
        status = rh_error_oom(err);
    if (rh_plan_known(node->actual_loops))
        plan->executed = true;
    return status;
}

typedef struct walk_level {
    const json_t *children;
    size_t next;
    size_t node;
} walk_level;

static rh_status walk(rh_plan *plan, const json_t *top, walk_level *levels, rh_error *err)
{
    size_t depth = 1;
    rh_status status = add_node(plan, top, RH_PLAN_NO_NODE, &levels[0].node, err);

    levels[0].children = json_object_get(top, "Plans");
    levels[0].next = 0;
    while (status == RH_OK && depth > 0) {
        walk_level *level = &levels[depth - 1];
        const json_t *child = json_array_get(level->children, level->next++);
        size_t index;

        if (child == NULL) {
            depth--;
            continue;
        }
        status = add_node(plan, child, level->node, &index, err);
        if (status == RH_OK) /* add_node() has refused what is deeper */
            levels[depth++] = (walk_level){json_object_get(child, "Plans"), 0, index};
    }
    return status;
}

static rh_status read_tree(rh_plan *plan, const json_t *top, rh_error *err)
{
    walk_level *levels = rh_mem_array(RH_PLAN_MAX_DEPTH + 1, sizeof *levels);
    rh_status status = levels == NULL ? rh_error_oom(err) : walk(plan, top, levels, err);

    rh_mem_free(levels);
    return status;
}

static rh_status read_triggers(rh_plan *plan, const json_t *list, rh_error *err)
{
    size_t count = json_array_size(list);

    if (count == 0)
        return RH_OK;
    plan->triggers = rh_arena_array(plan->arena, count, sizeof *plan->triggers);
    if (plan->triggers == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < count; i++) {
        const json_t *json = json_array_get(list, i);
        rh_plan_trigger *trigger = &plan->triggers[i];

        trigger->calls = rh_plan_number(json, "Calls");
        trigger->ms = rh_plan_number(json, "Time");
        if (!rh_plan_copy_text(plan, json, "Trigger Name", &trigger->name) ||
            !rh_plan_copy_text(plan, json, "Constraint Name", &trigger->constraint) ||
            !rh_plan_copy_text(plan, json, "Relation", &trigger->relation))
            return rh_error_oom(err);
    }
    plan->trigger_count = count;
    return RH_OK;
}

static rh_status read_settings(rh_plan *plan, json_t *settings, rh_error *err)
{
    size_t count = json_object_size(settings);
    const char *key;
    json_t *value;

    if (count == 0)
        return RH_OK;
    plan->settings = rh_arena_array(plan->arena, count, sizeof *plan->settings);
    if (plan->settings == NULL)
        return rh_error_oom(err);
    json_object_foreach(settings, key, value)
    {
        rh_plan_setting *setting = &plan->settings[plan->setting_count];

        if (!json_is_string(value))
            continue;
        setting->name = rh_arena_strdup(plan->arena, key);
        setting->value = rh_arena_strdup(plan->arena, json_string_value(value));
        if (setting->name == NULL || setting->value == NULL)
            return rh_error_oom(err);
        plan->setting_count++;
    }
    return RH_OK;
}

static void read_jit(rh_plan *plan, const json_t *jit)
{
    const json_t *options = json_object_get(jit, "Options");

    plan->jit.functions = rh_plan_number(jit, "Functions");
    plan->jit.total_ms = rh_plan_number(json_object_get(jit, "Timing"), "Total");
    plan->jit.inlining = json_is_true(json_object_get(options, "Inlining"));
    plan->jit.optimization = json_is_true(json_object_get(options, "Optimization"));
}

static rh_status read_document(rh_plan *plan, const json_t *object, rh_error *err)
{
    const json_t *top = json_object_get(object, "Plan");
    rh_status status;

    if (!json_is_object(top))
        return rh_error_set(err, RH_EFORMAT, "no 'Plan' in it");
    status = read_tree(plan, top, err);
    if (status == RH_OK)
        status = read_triggers(plan, json_object_get(object, "Triggers"), err);
    if (status == RH_OK)
        status = read_settings(plan, json_object_get(object, "Settings"), err);
    if (status != RH_OK)
        return status;
    read_jit(plan, json_object_get(object, "JIT"));
    plan->planning_ms = rh_plan_number(object, "Planning Time");
    plan->execution_ms = rh_plan_number(object, "Execution Time");
    return rh_plan_build_finish(plan, err);
}

rh_status rh_plan_from_json(const char *name, const json_t *document, rh_plan **out, rh_error *err)
{
    const json_t *object = json_is_array(document) ? json_array_get(document, 0) : document;
    rh_plan *plan = rh_plan_build_new(RH_PLAN_POSTGRES);
    rh_status status = plan == NULL ? rh_error_oom(err) : read_document(plan, object, err);

    if (status == RH_OK) {
        *out = plan;
        plan = NULL;
    } else {
        rh_error_where(err, "%s", name);
    }
    rh_plan_free(plan);
    return status;
}

rh_status rh_plan_read_postgres(const char *name, const char *text, size_t len, rh_plan **out,
                                rh_error *err)
{
    json_t *document = NULL;
    rh_status status = rh_doc_parse_json(name, text, len, &document, err);

    if (status == RH_OK)
        status = rh_plan_from_json(name, document, out, err);
    json_decref(document);
    return status;
}
