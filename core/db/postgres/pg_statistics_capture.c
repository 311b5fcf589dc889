/*
 * Planner statistics as JSON lines: one query per kind, however many tables there are. The server
 * builds each line; rows are taken one by one, so nothing is held twice.
 */
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "pg_send.h"
#include "pg_source.h"
#include "pg_sql.h"
#include "pg_statement.h"

static rh_status take_row(const rh_pg *pg, const PGresult *result, rh_buf *out, rh_error *err)
{
    ExecStatusType kind = PQresultStatus(result);
    rh_status status = RH_OK;

    if (kind == PGRES_TUPLES_OK)
        return RH_OK;
    if (kind != PGRES_SINGLE_TUPLE)
        return rh_pg_fail(pg, result, err);
    status = rh_buf_append_str(out, PQgetvalue(result, 0, 0), err);
    if (status == RH_OK)
        status = rh_buf_append_byte(out, '\n', err);
    if (status == RH_OK)
        status = rh_cancel_check(pg->cancel, err);
    return status;
}

static rh_status append_rows(rh_pg *pg, rh_buf *out, rh_error *err)
{
    rh_status status = RH_OK;
    rh_error ignored = RH_ERROR_INIT;
    PGresult *result = NULL;

    pg->give_up_us = 0;
    for (;;) {
        rh_status read = rh_pg_next_result(pg, &result, status == RH_OK ? err : &ignored);

        if (read != RH_OK || result == NULL)
            return status == RH_OK ? read : status;
        if (status == RH_OK) {
            status = take_row(pg, result, out, err);
            if (status != RH_OK)
                rh_pg_cancel(pg);
        }
        PQclear(result);
    }
}

rh_status rh_pg_append_lines(rh_pg *pg, const char *sql, const char *param, rh_buf *out,
                             rh_error *err)
{
    const char *params[] = {param};
    const rh_pg_question question = {sql, param == NULL ? 0 : 1, params, 0};
    rh_status status = rh_pg_send_question(pg, &question, err);

    if (status != RH_OK)
        return status;
    if (!PQsetSingleRowMode(pg->conn))
        return rh_pg_fail(pg, NULL, err);
    return append_rows(pg, out, err);
}

rh_status rh_pg_statistics_capture(rh_pg_source *source, rh_buf *out, rh_error *err)
{
    rh_pg *pg = source->main;
    char *direct = NULL;
    rh_status status = rh_pg_query_text(
        pg, "SELECT pg_catalog.has_table_privilege('pg_catalog.pg_statistic', 'SELECT')", 0, NULL,
        &direct, err);

    if (status == RH_OK)
        status = rh_pg_append_lines(pg, rh_pg_sql_statistics_relations, NULL, out, err);
    if (status == RH_OK)
        status = rh_pg_append_lines(
            pg, rh_str_eq(direct, "t") ? rh_pg_sql_statistics_columns : rh_pg_sql_statistics_view,
            NULL, out, err);
    if (status == RH_OK)
        status = rh_pg_append_lines(pg, rh_pg_sql_statistics_extended, NULL, out, err);
    if (status != RH_OK)
        rh_error_where(err, "planner statistics");
    rh_mem_free(direct);
    return status;
}
