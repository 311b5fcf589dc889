/*
 * Defang: staging must not act as production. Subscriptions, credentials of foreign servers and
 * scheduled jobs that came along are disabled, each with a note.
 */
#include <string.h>

#include "core/sql_name.h"
#include "core/str.h"
#include "pg_sql.h"
#include "pg_statement.h"
#include "pg_target.h"

static rh_status run(rh_pg *pg, rh_buf *sql, rh_status status, rh_error *err)
{
    if (status == RH_OK)
        status = rh_pg_exec(pg, rh_buf_cstr(sql), err);
    rh_buf_clear(sql);
    return status;
}

/* No slot, not enabled, and a connection that leads nowhere: the real one holds a password. */
static rh_status disable_subscription(rh_pg *pg, const char *name, rh_error *err)
{
    static const char *const changes[] = {
        " DISABLE", " SET (slot_name = NONE)",
        " CONNECTION 'host=disabled-by-rehearse.invalid dbname=disabled user=disabled "
        "password=disabled'"};
    rh_buf sql = RH_BUF_INIT;
    rh_status status = RH_OK;

    for (size_t i = 0; i < sizeof changes / sizeof changes[0] && status == RH_OK; i++) {
        status = rh_buf_append_str(&sql, "ALTER SUBSCRIPTION ", err);
        if (status == RH_OK)
            status = rh_sql_name_quote(name, &sql, err);
        if (status == RH_OK)
            status = rh_buf_append_str(&sql, changes[i], err);
        status = run(pg, &sql, status, err);
    }
    rh_buf_done(&sql);
    return status;
}

static rh_status defang_subscriptions(rh_pg *pg, rh_problems *notes, rh_error *err)
{
    PGresult *result = NULL;
    rh_status status =
        rh_pg_query(pg,
                    "SELECT subname FROM pg_catalog.pg_subscription WHERE subdbid = (SELECT oid "
                    "FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())",
                    0, NULL, &result, err);

    for (int i = 0; status == RH_OK && i < PQntuples(result); i++) {
        const char *name = PQgetvalue(result, i, 0);

        status = disable_subscription(pg, name, err);
        if (status == RH_OK)
            status =
                rh_problems_add(notes, false, NULL, err,
                                "subscription '%s' was disabled and cut from its publisher", name);
    }
    PQclear(result);
    return status;
}

static rh_status drop_option(rh_pg *pg, const PGresult *result, int row, rh_error *err)
{
    bool mapping = strcmp(PQgetvalue(result, row, 0), "mapping") == 0;
    const char *user = PQgetvalue(result, row, 2);
    rh_buf sql = RH_BUF_INIT;
    rh_status status =
        rh_buf_append_str(&sql, mapping ? "ALTER USER MAPPING FOR " : "ALTER SERVER ", err);

    if (status == RH_OK && mapping) {
        status = rh_str_eq(user, "public") ? rh_buf_append_str(&sql, "PUBLIC", err)
                                           : rh_sql_name_quote(user, &sql, err);
        if (status == RH_OK)
            status = rh_buf_append_str(&sql, " SERVER ", err);
    }
    if (status == RH_OK)
        status = rh_sql_name_quote(PQgetvalue(result, row, 1), &sql, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, " OPTIONS (DROP ", err);
    if (status == RH_OK)
        status = rh_sql_name_quote(PQgetvalue(result, row, 3), &sql, err);
    if (status == RH_OK)
        status = rh_buf_append_byte(&sql, ')', err);
    status = run(pg, &sql, status, err);
    rh_buf_done(&sql);
    return status;
}

static rh_status defang_options(rh_pg *pg, rh_problems *notes, rh_error *err)
{
    PGresult *result = NULL;
    rh_status status = rh_pg_query(pg, rh_pg_sql_defang_options, 0, NULL, &result, err);

    for (int i = 0; status == RH_OK && i < PQntuples(result); i++) {
        status = drop_option(pg, result, i, err);
        if (status == RH_OK)
            status = rh_problems_add(notes, false, "give it staging's own, if it needs one", err,
                                     "option '%s' of foreign server '%s' was removed",
                                     PQgetvalue(result, i, 3), PQgetvalue(result, i, 1));
    }
    PQclear(result);
    return status;
}

static rh_status defang_jobs(rh_pg *pg, rh_problems *notes, rh_error *err)
{
    PGresult *result = NULL;
    rh_buf sql = RH_BUF_INIT;
    rh_status status = rh_pg_query(pg, rh_pg_sql_defang_jobs, 0, NULL, &result, err);

    for (int i = 0; status == RH_OK && i < PQntuples(result); i++) {
        const char *column = PQgetvalue(result, i, 2);

        status = rh_buf_append_str(&sql, "UPDATE ", err);
        if (status == RH_OK)
            status = rh_sql_name_quote_qualified(PQgetvalue(result, i, 0), PQgetvalue(result, i, 1),
                                                 &sql, err);
        if (status == RH_OK)
            status = rh_buf_printf(&sql, err, " SET %s = false WHERE %s", column, column);
        status = run(pg, &sql, status, err);
        if (status == RH_OK)
            status = rh_problems_add(notes, false, NULL, err,
                                     "scheduled jobs in table '%s.%s' were deactivated",
                                     PQgetvalue(result, i, 0), PQgetvalue(result, i, 1));
    }
    PQclear(result);
    rh_buf_done(&sql);
    return status;
}

/* Production's own triggers and event triggers have no business with what we change. */
static rh_status connect_quietly(const rh_pg_target *target, rh_pg **out, rh_error *err)
{
    rh_pg *pg = NULL;
    rh_status status = rh_pg_target_connect(target, &pg, err);

    if (status == RH_OK && target->superuser)
        status = rh_pg_exec(pg, "SET session_replication_role = replica", err);
    if (status == RH_OK)
        *out = pg;
    else
        rh_pg_close(pg);
    return status;
}

rh_status rh_pg_defang_credentials(rh_pg_target *target, rh_problems *notes, rh_error *err)
{
    rh_pg *pg = NULL;
    rh_status status = connect_quietly(target, &pg, err);

    if (status == RH_OK)
        status = defang_options(pg, notes, err);
    if (status != RH_OK)
        rh_error_where(err, "removing foreign credentials");
    rh_pg_close(pg);
    return status;
}

rh_status rh_pg_defang(rh_pg_target *target, rh_problems *notes, rh_error *err)
{
    rh_pg *pg = NULL;
    rh_status status = connect_quietly(target, &pg, err);

    if (status == RH_OK)
        status = defang_subscriptions(pg, notes, err);
    if (status == RH_OK)
        status = defang_jobs(pg, notes, err);
    if (status != RH_OK)
        rh_error_where(err, "disabling what acts on production");
    rh_pg_close(pg);
    return status;
}
