/*
 * What the server is, and what its planner knows about tables and columns.
 */
#include <string.h>

#include "core/doc.h"
#include "core/mem.h"
#include "pg_profile.h"
#include "pg_sql.h"
#include "pg_statement.h"

static const char SETTINGS[] =
    "SELECT pg_catalog.json_object_agg(name, setting) FROM pg_catalog.pg_settings WHERE name IN "
    "('work_mem', 'hash_mem_multiplier', 'effective_cache_size', 'random_page_cost', "
    "'seq_page_cost', 'jit', 'max_parallel_workers_per_gather', 'default_statistics_target', "
    "'plan_cache_mode')";

static rh_status add_note(const rh_pg_profile *profile, json_t *about, rh_error *err)
{
    json_t *notes = json_array();
    int version = profile->pg->version;

    if (json_object_set_new(about, "notes", notes) != 0)
        return rh_error_oom(err);
    if (version > RH_PG_PROFILE_NEWEST &&
        json_array_append_new(notes,
                              json_sprintf("server %d is newer than the plans this program knows "
                                           "(12 to 18); what it does not know is shown as it is",
                                           version / 10000)) != 0)
        return rh_error_oom(err);
    return RH_OK;
}

/* A query that gives one JSON text. */
static rh_status query_json(rh_pg *pg, const char *sql, size_t count, const char *const *params,
                            json_t **out, rh_error *err)
{
    char *text = NULL;
    rh_status status = rh_pg_query_text(pg, sql, count, params, &text, err);

    if (status == RH_OK && text == NULL)
        status = rh_error_set(err, RH_EDB, "the server gave no answer about its statistics");
    if (status == RH_OK)
        status = rh_doc_parse_json("statistics", text, strlen(text), out, err);
    rh_mem_free(text);
    return status;
}

rh_status rh_pg_profile_about(void *session, json_t **out, rh_error *err)
{
    const rh_pg_profile *profile = session;
    json_t *settings = NULL;
    json_t *about = NULL;
    rh_status status = query_json(profile->pg, SETTINGS, 0, NULL, &settings, err);

    if (status != RH_OK)
        return status;
    about = json_pack("{s:s, s:s?, s:i, s:o}", "engine", "postgresql", "version",
                      PQparameterStatus(profile->pg->conn, "server_version"), "version_number",
                      profile->pg->version, "settings", settings);
    if (about == NULL)
        return rh_error_oom(err);
    status = add_note(profile, about, err);
    if (status == RH_OK)
        *out = about;
    else
        json_decref(about);
    return status;
}

static rh_status names_json(const rh_profile_table *tables, size_t count, char **out, rh_error *err)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < count; i++) {
        if (json_array_append_new(list, json_pack("{s:s?, s:s}", "schema", tables[i].schema, "name",
                                                  tables[i].name)) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    rh_status status =
        list == NULL ? rh_error_oom(err) : rh_doc_json_text(list, JSON_COMPACT, out, err);

    json_decref(list);
    return status;
}

rh_status rh_pg_profile_tables(void *session, const rh_profile_table *tables, size_t count,
                               json_t **out, rh_error *err)
{
    rh_pg_profile *profile = session;
    char *names = NULL;
    rh_status status = names_json(tables, count, &names, err);
    const char *params[] = {names};

    if (status == RH_OK)
        status = rh_pg_profile_begin(profile, err);
    if (status == RH_OK) {
        status = query_json(profile->pg, rh_pg_sql_profile_tables, 1, params, out, err);
        rh_pg_profile_end(profile);
    }
    rh_mem_free(names);
    return status;
}

rh_status rh_pg_profile_values(void *session, const rh_profile_table *table, const char *column,
                               json_t **out, rh_error *err)
{
    rh_pg_profile *profile = session;
    const char *params[] = {table->schema, table->name, column};
    char *text = NULL;
    rh_status status = rh_pg_profile_begin(profile, err);

    if (status != RH_OK)
        return status;
    status = rh_pg_query_text(profile->pg, rh_pg_sql_profile_values, 3, params, &text, err);
    rh_pg_profile_end(profile);
    if (status == RH_OK && text == NULL)
        return RH_SKIPPED;
    if (status == RH_OK)
        status = rh_doc_parse_json("statistics", text, strlen(text), out, err);
    rh_mem_free(text);
    return status;
}

rh_status rh_pg_profile_view(void *session, const rh_profile_table *view, char **out, rh_error *err)
{
    static const char query[] =
        "SELECT pg_catalog.pg_get_viewdef(c.oid) FROM pg_catalog.pg_class c WHERE c.oid = "
        "pg_catalog.to_regclass(CASE WHEN $1::text IS NULL THEN pg_catalog.quote_ident($2) ELSE "
        "pg_catalog.quote_ident($1) || '.' || pg_catalog.quote_ident($2) END) AND c.relkind = 'v'";
    rh_pg_profile *profile = session;
    const char *params[] = {view->schema, view->name};
    rh_status status = rh_pg_profile_begin(profile, err);

    if (status != RH_OK)
        return status;
    *out = NULL;
    status = rh_pg_query_text(profile->pg, query, 2, params, out, err);
    rh_pg_profile_end(profile);
    return status;
}
