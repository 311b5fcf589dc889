/*
 * Trying an index that is not there, with HypoPG: the planner is told of it for the length of a
 * transaction. Where the extension is not installed in the database but may be, it is for that
 * transaction only. EXPLAIN without ANALYZE knows such indexes, a run does not.
 */
#include <string.h>

#include "core/mem.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "pg_explain.h"
#include "pg_profile.h"
#include "pg_statement.h"

static rh_status answer_no(const char *why, json_t **out, rh_error *err)
{
    *out = json_pack("{s:n, s:s}", "how", "why", why);
    return *out == NULL ? rh_error_oom(err) : RH_OK;
}

/* Schema of HypoPG, installing it for this transaction if need be; NULL: not to be had. */
static rh_status find_hypopg(rh_pg_profile *profile, char **out, rh_error *err)
{
    static const char find[] = "SELECT n.nspname FROM pg_catalog.pg_extension e JOIN "
                               "pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE "
                               "e.extname = 'hypopg'";
    rh_error ignored = RH_ERROR_INIT;
    rh_status status = rh_pg_query_text(profile->pg, find, 0, NULL, out, err);

    if (status != RH_OK || *out != NULL)
        return status;
    status = rh_pg_exec(profile->pg, "SAVEPOINT rehearse_hypopg", err);
    if (status != RH_OK)
        return status;
    if (rh_pg_exec(profile->pg, "CREATE EXTENSION hypopg SCHEMA public", &ignored) == RH_OK)
        return rh_pg_query_text(profile->pg, find, 0, NULL, out, err);
    return rh_pg_exec(profile->pg, "ROLLBACK TO SAVEPOINT rehearse_hypopg", err);
}

static rh_status definition(const rh_profile_index *index, rh_buf *out, rh_error *err)
{
    rh_status status = rh_buf_append_str(out, "CREATE INDEX ON ", err);

    if (status == RH_OK && index->schema != NULL)
        status = rh_sql_name_quote_qualified(index->schema, index->table, out, err);
    else if (status == RH_OK)
        status = rh_sql_name_quote(index->table, out, err);
    for (size_t i = 0; status == RH_OK && i < index->column_count; i++)
        status = rh_buf_printf(out, err, "%s%s", i == 0 ? " (" : ", ", index->columns[i]);
    return status == RH_OK ? rh_buf_append_byte(out, ')', err) : status;
}

static rh_status create(rh_pg_profile *profile, const char *schema, const rh_profile_index *index,
                        char **out_name, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_buf call = RH_BUF_INIT;
    rh_status status = definition(index, &text, err);
    const char *params[] = {rh_buf_cstr(&text)};

    if (status == RH_OK)
        status = rh_buf_append_str(&call, "SELECT indexname FROM ", err);
    if (status == RH_OK)
        status = rh_sql_name_quote_qualified(schema, "hypopg_create_index", &call, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&call, "($1)", err);
    params[0] = rh_buf_cstr(&text);
    if (status == RH_OK)
        status = rh_pg_query_text(profile->pg, rh_buf_cstr(&call), 1, params, out_name, err);
    rh_buf_done(&text);
    rh_buf_done(&call);
    return status;
}

typedef struct trial {
    double cost;
    bool used;
} trial;

static rh_status explain(rh_pg_profile *profile, const rh_profile_statement *statement,
                         const rh_pg_values *values, const char *index_name, trial *out,
                         rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    char *answer = NULL;
    json_t *plan = NULL;
    rh_status status = rh_buf_printf(&text, err, "EXPLAIN (FORMAT JSON) %s", statement->sql);

    if (status == RH_OK)
        status = rh_pg_query_text(profile->pg, rh_buf_cstr(&text), values->count, values->texts,
                                  &answer, err);
    if (status == RH_OK)
        status = rh_pg_explain_parse(answer, &plan, err);
    if (status == RH_OK) {
        const json_t *top = json_object_get(json_array_get(plan, 0), "Plan");

        out->cost = json_number_value(json_object_get(top, "Total Cost"));
        out->used = index_name != NULL && strstr(answer, index_name) != NULL;
    }
    json_decref(plan);
    rh_mem_free(answer);
    rh_buf_done(&text);
    return status;
}

static rh_status try_it(rh_pg_profile *profile, const rh_profile_statement *statement,
                        const rh_pg_values *values, const rh_profile_index *index, json_t **out,
                        rh_error *err)
{
    char *schema = NULL;
    char *name = NULL;
    trial before = {0, false};
    trial after = {0, false};
    rh_status status = find_hypopg(profile, &schema, err);

    if (status == RH_OK && schema == NULL)
        return answer_no("HypoPG is not installed in the database", out, err);
    if (status == RH_OK)
        status = rh_pg_exec(profile->pg, "SAVEPOINT rehearse_trial", err);
    if (status == RH_OK)
        status = explain(profile, statement, values, NULL, &before, err);
    if (status == RH_OK)
        status = create(profile, schema, index, &name, err);
    if (status == RH_OK && name == NULL)
        status = rh_error_set(err, RH_EDB, "HypoPG made no index");
    if (status == RH_OK)
        status = explain(profile, statement, values, name, &after, err);
    if (status == RH_OK) {
        *out = json_pack("{s:s, s:b, s:s, s:f, s:f}", "how", "hypopg", "used", after.used, "unit",
                         "cost", "before", before.cost, "after", after.cost);
        status = *out == NULL ? rh_error_oom(err) : RH_OK;
    }
    rh_mem_free(schema);
    rh_mem_free(name);
    return status;
}

/* Hypothetical indexes live in the session, not in the transaction; the function that forgets them
 * may live in the transaction only. */
static void forget(rh_pg_profile *profile)
{
    rh_pg_exec_quietly(profile->pg, "ROLLBACK TO SAVEPOINT rehearse_trial");
    rh_pg_exec_quietly(
        profile->pg,
        "DO $do$ DECLARE s text; BEGIN SELECT n.nspname INTO s FROM pg_catalog.pg_extension e "
        "JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = 'hypopg'; "
        "IF s IS NOT NULL THEN EXECUTE pg_catalog.format('SELECT %I.hypopg_reset()', s); "
        "END IF; END $do$");
}

rh_status rh_pg_profile_try_index(void *session, const rh_profile_statement *statement,
                                  const rh_profile_index *index, json_t **out, rh_error *err)
{
    rh_pg_profile *profile = session;
    bool writes = profile->options.writes;
    rh_pg_values values = {NULL, 0, NULL};
    rh_status status;

    if (statement->parameter_count < rh_pg_count_parameters(statement->sql))
        return answer_no("the statement's parameters have no values", out, err);
    status = rh_pg_values_new(statement, &values, err);
    if (status != RH_OK)
        return status;
    profile->options.writes = true; /* CREATE EXTENSION */
    status = rh_pg_profile_begin(profile, err);
    profile->options.writes = writes;
    if (status == RH_OK) {
        status = try_it(profile, statement, &values, index, out, err);
        forget(profile);
        rh_pg_profile_end(profile);
    }
    rh_pg_values_done(&values);
    return status;
}
