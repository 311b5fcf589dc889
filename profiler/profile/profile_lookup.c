/*
 * What the planner knows of the tables, and the catalog that it makes for reading the text.
 */
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "profile_run.h"

enum { MAX_TABLES = 200 };

typedef struct table_list {
    rh_profile_table items[MAX_TABLES];
    size_t count;
} table_list;

static void add_table(table_list *list, const char *schema, const char *name)
{
    if (name == NULL || list->count == MAX_TABLES)
        return;
    for (size_t i = 0; i < list->count; i++)
        if (rh_str_eq(list->items[i].name, name) &&
            (schema == NULL || rh_str_eq(list->items[i].schema, schema)))
            return;
    list->items[list->count++] = (rh_profile_table){schema, name};
}

/* SQLite's plan shows aliases: the names stand in the text. PostgreSQL's plan has the names, but
 * not those of views and of tables that were planned away. */
static void collect(const rh_profile_run_state *run, const rh_sql_levels *levels, table_list *list)
{
    for (size_t i = 0; run->plan != NULL && i < rh_plan_count(run->plan); i++) {
        const rh_plan_node *node = rh_plan_at(run->plan, i);

        add_table(list, node->schema, node->relation);
    }
    for (size_t l = 0; l < rh_sql_levels_count(levels); l++) {
        const rh_sql_level *level = rh_sql_levels_at(levels, l);

        for (size_t r = 0; r < level->relation_count; r++)
            if (level->relations[r].level == RH_SQL_NONE && !level->relations[r].function)
                add_table(list, level->relations[r].schema, level->relations[r].name);
    }
}

static const json_t *find_table(const rh_profile_run_state *run, const char *schema,
                                const char *name)
{
    const json_t *tables = json_object_get(run->tables, "tables");

    for (size_t i = 0; name != NULL && i < json_array_size(tables); i++) {
        const json_t *table = json_array_get(tables, i);
        const char *own = json_string_value(json_object_get(table, "name"));
        const char *where = json_string_value(json_object_get(table, "schema"));
        bool same = run->engine == RH_ENGINE_SQLITE ? rh_str_ieq(own, name) : rh_str_eq(own, name);

        if (same && (schema == NULL || where == NULL || rh_str_ieq(schema, where)))
            return table;
    }
    return NULL;
}

static rh_sql_answer has_column(void *ctx, const char *schema, const char *relation,
                                const char *column)
{
    const rh_profile_run_state *run = ctx;
    const json_t *table = find_table(run, schema, relation);
    const json_t *columns = json_object_get(table, "columns");

    if (table == NULL)
        return RH_SQL_UNKNOWN;
    for (size_t i = 0; i < json_array_size(columns); i++) {
        const char *name = json_string_value(json_object_get(json_array_get(columns, i), "name"));

        if (run->engine == RH_ENGINE_SQLITE ? rh_str_ieq(name, column) : rh_str_eq(name, column))
            return RH_SQL_YES;
    }
    if (run->engine == RH_ENGINE_SQLITE && rh_str_ieq(column, "rowid"))
        return RH_SQL_YES;
    return RH_SQL_NO;
}

static const char *column_at(void *ctx, const char *schema, const char *relation, size_t k)
{
    const json_t *columns = json_object_get(find_table(ctx, schema, relation), "columns");

    return json_string_value(json_object_get(json_array_get(columns, k), "name"));
}

rh_sql_catalog rh_profile_catalog(rh_profile_run_state *run)
{
    return (rh_sql_catalog){has_column, column_at, run};
}

rh_status rh_profile_look_up(rh_profile_run_state *run, rh_error *err)
{
    const rh_sql_catalog catalog = rh_profile_catalog(run);
    rh_sql_levels *rough = NULL;
    table_list *list = rh_mem_zalloc(sizeof *list);
    rh_status status = list == NULL ? rh_error_oom(err) : RH_OK;

    rh_sql_levels_free(run->levels); /* of a look-up before there was a plan */
    run->levels = NULL;
    json_decref(run->tables);
    run->tables = NULL;
    if (status == RH_OK)
        status = rh_sql_levels_new(run->dialect, run->sql, run->sql_len, NULL, &rough, err);
    if (status == RH_OK) {
        collect(run, rough, list);
        status = rh_profile_tables(run->session, list->items, list->count, &run->tables, err);
    }
    if (status == RH_OK)
        status =
            rh_sql_levels_new(run->dialect, run->sql, run->sql_len, &catalog, &run->levels, err);
    rh_sql_levels_free(rough);
    rh_mem_free(list);
    return status;
}

/* ---- subqueries ---- */

static rh_status find_view(void *ctx, const char *schema, const char *name, char **out,
                           rh_error *err)
{
    const rh_profile_run_state *run = ctx;
    const rh_profile_table view = {schema, name};

    return rh_profile_view(run->session, &view, out, err);
}

/* The statement under other aliases, planned as it was. */
static rh_status explain_again(void *ctx, const char *sql, rh_plan **out, rh_error *err)
{
    const rh_profile_run_state *run = ctx;
    const rh_profile_statement statement = {.sql = sql,
                                            .parameters = run->reported->parameters,
                                            .parameter_count = run->reported->count};
    rh_profile_result result;
    rh_status status = rh_profile_run_statement(run, &statement, &result, err);

    if (status != RH_OK)
        return status;
    status = rh_profile_read_plan(run->engine, result.plan, out, err);
    rh_profile_result_done(&result);
    return status;
}

rh_status rh_profile_map(rh_profile_run_state *run, rh_error *err)
{
    const rh_subquery_options options = {find_view, explain_again, run};

    return rh_subquery_map_new(run->plan, run->levels, run->sql, run->sql_len, &options, &run->map,
                               err);
}
