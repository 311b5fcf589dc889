#include "pg_database_settings.h"

#include <stdio.h>
#include <string.h>

#include "core/sql_literal.h"
#include "core/sql_name.h"
#include "pg_connection.h"
#include "pg_sql.h"
#include "pg_statement.h"

rh_status rh_pg_alter_database(rh_pg *pg, const char *name, const char *change, rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_status status = rh_buf_append_str(&sql, "ALTER DATABASE ", err);

    if (status == RH_OK)
        status = rh_sql_name_quote(name, &sql, err);
    if (status == RH_OK)
        status = rh_buf_printf(&sql, err, " %s", change);
    if (status == RH_OK)
        status = rh_pg_exec(pg, rh_buf_cstr(&sql), err);
    rh_buf_done(&sql);
    return status;
}

/* "my.setting" is two identifiers. */
static rh_status append_setting_name(rh_buf *sql, const char *name, rh_error *err)
{
    rh_status status = RH_OK;

    for (const char *part = name; status == RH_OK && *part != '\0';) {
        size_t len = strcspn(part, ".");
        char ident[RH_PG_NAME_BYTES];

        (void)snprintf(ident, sizeof ident, "%.*s", (int)len, part);
        status = rh_sql_name_quote(ident, sql, err);
        part += len;
        if (status == RH_OK && *part == '.') {
            status = rh_buf_append_byte(sql, '.', err);
            part++;
        }
    }
    return status;
}

/* List-valued settings cannot be written as one literal, so the value is made the session's own
 * and taken from there; settings that a session cannot have are written as a literal. */
static rh_status copy_setting(rh_pg *pg, const char *to, const PGresult *result, int row,
                              rh_error *err)
{
    const char *role = rh_pg_text(result, row, 1);
    const char *name = PQgetvalue(result, row, 2);
    const char *value = PQgetvalue(result, row, 3);
    const char *params[] = {name, value};
    rh_error refused = RH_ERROR_INIT;
    PGresult *done = NULL;
    rh_buf sql = RH_BUF_INIT;
    bool current = rh_pg_query(pg, "SELECT pg_catalog.set_config($1, $2, false)", 2, params, &done,
                               &refused) == RH_OK;
    rh_status status = rh_buf_append_str(&sql, "ALTER ", err);

    PQclear(done);
    if (status == RH_OK && role != NULL) {
        status = rh_buf_append_str(&sql, "ROLE ", err);
        if (status == RH_OK)
            status = rh_sql_name_quote(role, &sql, err);
        if (status == RH_OK)
            status = rh_buf_append_str(&sql, " IN ", err);
    }
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, "DATABASE ", err);
    if (status == RH_OK)
        status = rh_sql_name_quote(to, &sql, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, " SET ", err);
    if (status == RH_OK)
        status = append_setting_name(&sql, name, err);
    if (status == RH_OK && current)
        status = rh_buf_append_str(&sql, " FROM CURRENT", err);
    if (status == RH_OK && !current)
        status = rh_buf_append_str(&sql, " TO ", err);
    if (status == RH_OK && !current)
        status = rh_sql_literal_quote(RH_SQL_POSTGRES, value, strlen(value), &sql, err);
    if (status == RH_OK)
        status = rh_pg_exec(pg, rh_buf_cstr(&sql), err);
    rh_buf_done(&sql);
    return status;
}

static rh_status copy_grant(rh_pg *pg, const char *to, const PGresult *result, int row,
                            rh_error *err)
{
    const char *role = rh_pg_text(result, row, 1);
    rh_buf sql = RH_BUF_INIT;
    rh_status status =
        rh_buf_printf(&sql, err, "GRANT %s ON DATABASE ", PQgetvalue(result, row, 2));

    if (status == RH_OK)
        status = rh_sql_name_quote(to, &sql, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, " TO ", err);
    if (status == RH_OK)
        status = role == NULL ? rh_buf_append_str(&sql, "PUBLIC", err)
                              : rh_sql_name_quote(role, &sql, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, PQgetvalue(result, row, 3), err);
    if (status == RH_OK)
        status = rh_pg_exec(pg, rh_buf_cstr(&sql), err);
    rh_buf_done(&sql);
    return status;
}

static rh_status copy_one(rh_pg *pg, const char *to, const PGresult *result, int row, rh_error *err)
{
    const char *what = PQgetvalue(result, row, 0);
    rh_buf change = RH_BUF_INIT;
    rh_status status;

    if (strcmp(what, "setting") == 0)
        return copy_setting(pg, to, result, row, err);
    if (strcmp(what, "grant") == 0)
        return copy_grant(pg, to, result, row, err);
    if (strcmp(what, "limit") == 0) {
        status = rh_buf_printf(&change, err, "CONNECTION LIMIT %s", PQgetvalue(result, row, 3));
    } else {
        status = rh_buf_append_str(&change, "OWNER TO ", err);
        if (status == RH_OK)
            status = rh_sql_name_quote(PQgetvalue(result, row, 1), &change, err);
    }
    if (status == RH_OK)
        status = rh_pg_alter_database(pg, to, rh_buf_cstr(&change), err);
    rh_buf_done(&change);
    return status;
}

static bool has_grants(const PGresult *result)
{
    for (int i = 0; i < PQntuples(result); i++) {
        if (strcmp(PQgetvalue(result, i, 0), "grant") == 0)
            return true;
    }
    return false;
}

rh_status rh_pg_copy_database_settings(const rh_pg_target *target, const char *from, const char *to,
                                       json_t *not_copied, rh_error *err)
{
    const char *params[] = {from};
    rh_pg *pg = NULL;
    PGresult *result = NULL;
    rh_buf sql = RH_BUF_INIT;
    rh_status status =
        rh_pg_open(target->info, PQdb(target->admin->conn), target->options.cancel, &pg, err);

    if (status == RH_OK)
        status = rh_pg_query(pg, rh_pg_sql_database_settings, 1, params, &result, err);
    if (status == RH_OK && has_grants(result)) {
        status = rh_buf_append_str(&sql, "REVOKE ALL ON DATABASE ", err);
        if (status == RH_OK)
            status = rh_sql_name_quote(to, &sql, err);
        if (status == RH_OK)
            status = rh_buf_append_str(&sql, " FROM PUBLIC", err);
        if (status == RH_OK)
            status = rh_pg_exec(pg, rh_buf_cstr(&sql), err);
    }
    for (int i = 0; status == RH_OK && i < PQntuples(result); i++) {
        rh_error refused = RH_ERROR_INIT;

        status = copy_one(pg, to, result, i, &refused);
        if (status == RH_EPRIVILEGE || status == RH_EDB || status == RH_ENOTFOUND) {
            json_t *what =
                json_sprintf("%s %s", PQgetvalue(result, i, 0), PQgetvalue(result, i, 2));
            status = json_array_append_new(not_copied, what) == 0 ? RH_OK : rh_error_oom(err);
        } else if (status != RH_OK) {
            rh_error_set(err, status, "%s", refused.text);
        }
    }
    PQclear(result);
    rh_buf_done(&sql);
    rh_pg_close(pg);
    return status;
}
