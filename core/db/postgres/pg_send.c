#include "pg_send.h"

#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "pg_statement.h"

static const char mark[] = RH_PG_OURS;

static bool is_marked(const char *sql)
{
    return rh_str_starts_with(sql, mark) || rh_str_starts_with(sql, RH_OWN_FILE_COMMENT);
}

/* NULL: no memory. Positions in errors of the server count from the mark's first character. */
static char *marked(rh_pg *pg, const char *sql)
{
    bool already = is_marked(sql);

    pg->mark_len = already ? 0 : (int)sizeof mark - 1;
    return rh_mem_printf("%s%s", already ? "" : mark, sql);
}

rh_status rh_pg_send(rh_pg *pg, const char *sql, rh_error *err)
{
    char *text = marked(pg, sql);
    int sent;

    if (text == NULL)
        return rh_error_oom(err);
    sent = PQsendQuery(pg->conn, text);
    rh_mem_free(text);
    return sent != 0 ? RH_OK : rh_pg_fail(pg, NULL, err);
}

bool rh_pg_send_anyway(rh_pg *pg, const char *sql)
{
    char text[512];
    bool fits = !is_marked(sql) && strlen(sql) < sizeof text - sizeof mark;

    if (fits)
        (void)snprintf(text, sizeof text, "%s%s", mark, sql);
    pg->mark_len = fits ? (int)sizeof mark - 1 : 0;
    return PQsendQuery(pg->conn, fits ? text : sql) != 0;
}

rh_status rh_pg_send_question(rh_pg *pg, const rh_pg_question *question, rh_error *err)
{
    char *text = marked(pg, question->sql);
    int sent;

    if (text == NULL)
        return rh_error_oom(err);
    sent = PQsendQueryParams(pg->conn, text, (int)question->count, NULL, question->params, NULL,
                             NULL, question->format);
    rh_mem_free(text);
    return sent != 0 ? RH_OK : rh_pg_fail(pg, NULL, err);
}

rh_status rh_pg_prepare(rh_pg *pg, const char *name, const char *sql, rh_error *err)
{
    char *text = marked(pg, sql);
    PGresult *result;
    rh_status status = RH_OK;

    if (text == NULL)
        return rh_error_oom(err);
    result = PQprepare(pg->conn, name, text, 0, NULL);
    rh_mem_free(text);
    if (PQresultStatus(result) != PGRES_COMMAND_OK)
        status = rh_pg_fail(pg, result, err);
    PQclear(result);
    return status;
}
