/*
 * pg_stat_statements, whatever its version: total_time became total_exec_time and total_plan_time
 * in 1.8 (PostgreSQL 13), toplevel came with 1.9 (14).
 */
#include <string.h>

#include "core/buf.h"
#include "core/query_stats.h"
#include "pg_connection.h"
#include "pg_identity.h"
#include "pg_sql.h"
#include "pg_statement.h"

enum { FETCH_ROWS = 1000 };

typedef struct where {
    char schema[160];
    char version[32];
    bool planned;
    bool toplevel;
} where;

static bool copy_name(char *out, size_t size, const char *text)
{
    size_t n = text == NULL ? size : strlen(text);

    if (n >= size)
        return false;
    memcpy(out, text, n + 1);
    return true;
}

static rh_status find_view(rh_pg *pg, where *out, rh_error *err)
{
    PGresult *result = NULL;
    rh_status status = rh_pg_query(pg, rh_pg_sql_query_stats_where, 0, NULL, &result, err);

    if (status != RH_OK)
        return status;
    if (PQntuples(result) == 0) {
        rh_error_set(err, RH_ENOTFOUND, "pg_stat_statements is not installed in this database");
        rh_error_hint(err, "CREATE EXTENSION pg_stat_statements, with shared_preload_libraries");
        status = RH_ENOTFOUND;
    } else if (!copy_name(out->schema, sizeof out->schema, rh_pg_text(result, 0, 0)) ||
               !copy_name(out->version, sizeof out->version, rh_pg_text(result, 0, 1))) {
        status = rh_error_set(err, RH_EUNSUPPORTED, "pg_stat_statements has an unusual name");
    } else {
        out->planned = rh_pg_true(result, 0, 2);
        out->toplevel = rh_pg_true(result, 0, 3);
    }
    PQclear(result);
    return status;
}

static rh_status declare(rh_pg *pg, const where *w, rh_error *err)
{
    return rh_pg_execf(pg, err,
                       RH_PG_OURS
                       "BEGIN READ ONLY; " RH_PG_OURS "DECLARE rehearse_stats NO SCROLL CURSOR FOR "
                       "SELECT s.query, r.rolname, d.datname, s.calls, "
                       "((%s) * 1000)::pg_catalog.int8, s.rows "
                       "FROM %s.pg_stat_statements s "
                       "LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.userid "
                       "LEFT JOIN pg_catalog.pg_database d ON d.oid = s.dbid "
                       "WHERE s.query IS NOT NULL AND s.query NOT LIKE '" RH_PG_OURS "%%' "
                       "AND s.query NOT LIKE '" RH_OWN_FILE_COMMENT "%%' AND %s "
                       "ORDER BY s.dbid, s.userid, s.queryid",
                       w->planned ? "s.total_exec_time + s.total_plan_time" : "s.total_time",
                       w->schema, w->toplevel ? "s.toplevel" : "true");
}

static rh_status give_rows(const PGresult *result,
                           rh_status (*visit)(void *, const rh_query_stat *, rh_error *), void *ctx,
                           uint64_t *hidden, rh_error *err)
{
    rh_status status = RH_OK;

    for (int row = 0; status == RH_OK && row < PQntuples(result); row++) {
        rh_query_stat stat = {.text = rh_pg_text(result, row, 0),
                              .user = rh_pg_text(result, row, 1),
                              .database = rh_pg_text(result, row, 2),
                              .calls = rh_pg_int64(result, row, 3),
                              .total_us = rh_pg_int64(result, row, 4),
                              .rows = rh_pg_int64(result, row, 5)};

        if (strcmp(stat.text, "<insufficient privilege>") == 0)
            ++*hidden;
        else
            status = visit(ctx, &stat, err);
    }
    return status;
}

static rh_status fetch_all(rh_pg *pg, rh_status (*visit)(void *, const rh_query_stat *, rh_error *),
                           void *ctx, rh_error *err)
{
    uint64_t hidden = 0;
    uint64_t all = 0;
    rh_status status = RH_OK;

    while (status == RH_OK) {
        PGresult *result = NULL;
        int rows = 0;

        status =
            rh_pg_query(pg, RH_PG_OURS "FETCH 1000 FROM rehearse_stats", 0, NULL, &result, err);
        if (status != RH_OK)
            break;
        rows = PQntuples(result);
        all += (uint64_t)rows;
        status = give_rows(result, visit, ctx, &hidden, err);
        PQclear(result);
        if (rows < FETCH_ROWS)
            break;
    }
    if (status == RH_OK && hidden > 0 && hidden == all) {
        rh_error_set(err, RH_EPRIVILEGE, "pg_stat_statements hides all texts from this role");
        rh_error_hint(err, "GRANT pg_read_all_stats to it");
        status = RH_EPRIVILEGE;
    }
    return status;
}

static rh_status tell_server(rh_pg *pg, const where *w,
                             rh_status (*server)(void *, const rh_query_stats_server *, rh_error *),
                             void *ctx, rh_error *err)
{
    rh_pg_identity identity;
    rh_query_stats_server about = {.database = PQdb(pg->conn),
                                   .server_version = PQparameterStatus(pg->conn, "server_version"),
                                   .extension_version = w->version};
    rh_status status = rh_pg_identity_get(pg, &identity, err);

    if (status != RH_OK)
        return status;
    about.system_id = identity.system_id[0] == '\0' ? NULL : identity.system_id;
    return server(ctx, &about, err);
}

rh_status rh_query_stats_read(const char *conninfo, const rh_cancel *cancel,
                              rh_status (*server)(void *ctx, const rh_query_stats_server *server,
                                                  rh_error *err),
                              rh_status (*visit)(void *ctx, const rh_query_stat *stat,
                                                 rh_error *err),
                              void *ctx, rh_error *err)
{
    rh_pg_conninfo *info = NULL;
    rh_pg *pg = NULL;
    where w = {.schema = ""};
    rh_status status = rh_pg_conninfo_parse(conninfo, &info, err);

    if (status == RH_OK)
        status = rh_pg_open(info, NULL, cancel, &pg, err);
    if (status == RH_OK)
        status = find_view(pg, &w, err);
    if (status == RH_OK && server != NULL)
        status = tell_server(pg, &w, server, ctx, err);
    if (status == RH_OK)
        status = declare(pg, &w, err);
    if (status == RH_OK)
        status = fetch_all(pg, visit, ctx, err);
    if (pg != NULL)
        rh_pg_exec_quietly(pg, RH_PG_OURS "ROLLBACK");
    rh_pg_close(pg);
    rh_pg_conninfo_free(info);
    return status;
}
