/*
 * Preflight: everything that would stop or spoil the copy, all of it at once, before it starts.
 */
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "pg_source.h"
#include "pg_sql.h"
#include "pg_statement.h"
#include "pg_tool.h"

enum { OLDEST_SERVER = 120000 };

static rh_status add_privilege(const PGresult *result, int row, rh_problems *problems,
                               const char *role, rh_error *err)
{
    const char *what = PQgetvalue(result, row, 0);
    const char *schema = PQgetvalue(result, row, 1);
    const char *name = PQgetvalue(result, row, 2);
    const char *lacking = PQgetvalue(result, row, 3);

    if (strcmp(what, "schema") == 0)
        return rh_problems_add(problems, true, "grant it, or let pg_read_all_data read everything",
                               err, "role '%s' lacks %s on schema '%s'", role, lacking, schema);
    if (strcmp(what, "rows") == 0)
        return rh_problems_add(
            problems, true, "ALTER ROLE ... BYPASSRLS, or read as the table's owner", err,
            "row security hides rows of table '%s.%s' from role '%s'", schema, name, role);
    if (strcmp(what, "large object") == 0)
        return rh_problems_add(problems, true, "GRANT SELECT ON LARGE OBJECT, or read as its owner",
                               err, "role '%s' lacks %s on large object %s", role, lacking, name);
    if (strcmp(what, "function") == 0)
        return rh_problems_add(problems, true, NULL, err, "role '%s' lacks %s on function '%s'",
                               role, lacking, name);
    return rh_problems_add(problems, true,
                           "grant it for the whole table: pg_dump locks tables also for their "
                           "definition",
                           err, "role '%s' lacks %s on %s '%s.%s'", role, lacking, what, schema,
                           name);
}

static rh_status check_privileges(rh_pg_source *source, rh_problems *problems, rh_error *err)
{
    PGresult *result = NULL;
    char *role = NULL;
    rh_status status = rh_pg_query(source->main, rh_pg_sql_privileges, 0, NULL, &result, err);

    if (status == RH_OK)
        status = rh_pg_query_text(source->main, "SELECT current_user", 0, NULL, &role, err);
    for (int i = 0; status == RH_OK && i < PQntuples(result); i++)
        status = add_privilege(result, i, problems, role == NULL ? "" : role, err);
    PQclear(result);
    rh_mem_free(role);
    return status;
}

static rh_status add_notes(rh_pg_source *source, rh_problems *problems, rh_error *err)
{
    PGresult *result = NULL;
    rh_status status = rh_pg_query(source->main, rh_pg_sql_source_notes, 0, NULL, &result, err);

    if (status != RH_OK)
        return status;
    if (rh_pg_int64(result, 0, 0) > 0)
        status = rh_problems_add(problems, false, NULL, err,
                                 "%s foreign tables come along as definitions, without rows",
                                 PQgetvalue(result, 0, 0));
    if (status == RH_OK && source->in_recovery) {
        status = rh_problems_add(
            problems, false,
            "hot_standby_feedback = on keeps the snapshot alive but bloats the primary; "
            "without it max_standby_streaming_delay ends the copy",
            err, "the source is a standby");
        if (status == RH_OK && rh_pg_int64(result, 0, 1) > 0)
            status = rh_problems_add(
                problems, false, "copy from the primary if staging needs them", err,
                "%s unlogged tables and sequences cannot be read on a standby: left out",
                PQgetvalue(result, 0, 1));
    }
    if (status == RH_OK && !rh_pg_true(result, 0, 2))
        status = rh_problems_add(problems, false, NULL, err,
                                 "the role is not a superuser: subscriptions are left out, "
                                 "statistics come from pg_stats");
    PQclear(result);
    return status;
}

/* The final proof that two connections see one instance: the second imports a snapshot of the
 * first. */
static rh_status check_second_connection(rh_pg_source *source, rh_problems *problems, rh_error *err)
{
    rh_error failure = RH_ERROR_INIT;
    rh_pg *second = NULL;
    char *id = NULL;
    rh_status status =
        rh_pg_exec(source->main, "BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", err);

    if (status == RH_OK)
        status = rh_pg_query_text(source->main, "SELECT pg_catalog.pg_export_snapshot()", 0, NULL,
                                  &id, &failure);
    if (status == RH_OK && id != NULL) {
        (void)rh_str_copy(source->snapshot, sizeof source->snapshot, id);
        status = rh_pg_source_connect(source, &second, &failure);
    }
    rh_pg_close(second);
    rh_mem_free(id);
    source->snapshot[0] = '\0';
    rh_pg_exec_quietly(source->main, "ROLLBACK");
    if (status == RH_ECANCELED || status == RH_ENOMEM)
        return rh_error_set(err, status, "%s", failure.text);
    if (failure.code != RH_OK)
        return rh_problems_add(problems, true, failure.hint[0] == '\0' ? NULL : failure.hint, err,
                               "a second connection cannot share a snapshot: %s", failure.text);
    return status;
}

rh_status rh_pg_source_preflight(void *handle, rh_problems *problems, rh_error *err)
{
    rh_pg_source *source = handle;
    rh_error failure = RH_ERROR_INIT;
    int version = source->main->version;
    rh_status status;

    if (version < OLDEST_SERVER)
        return rh_problems_add(problems, true, "versions 12 and newer are supported", err,
                               "the server's version %d.%d is too old", version / 10000,
                               version % 10000);
    status = rh_pg_dump_find(source, &failure);
    if (status == RH_ENOTFOUND)
        status = rh_problems_add(problems, true, failure.hint, err, "%s", failure.text);
    else if (status != RH_OK)
        return rh_error_set(err, status, "%s", failure.text);
    if (status == RH_OK)
        status = check_privileges(source, problems, err);
    if (status == RH_OK)
        status = check_second_connection(source, problems, err);
    if (status == RH_OK)
        status = add_notes(source, problems, err);
    return status;
}
