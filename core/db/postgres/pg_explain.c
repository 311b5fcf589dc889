/*
 * The statement is planned under the search_path of the role and database: our own sessions have an
 * empty one, under which no application's SQL finds its tables. A savepoint takes that back.
 */
#include "pg_explain.h"

#include <string.h>

#include "core/doc.h"
#include "core/mem.h"
#include "pg_profile.h"
#include "pg_send.h"
#include "pg_statement.h"

rh_status rh_pg_explain_parse(const char *answer, json_t **out, rh_error *err)
{
    const char *text = answer == NULL ? "" : answer;

    return rh_doc_parse_json("EXPLAIN", text, strlen(text), out, err);
}

rh_status rh_pg_explain(rh_pg *pg, const char *sql, json_t **out, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    char *answer = NULL;
    rh_status status = rh_pg_exec(pg, "SAVEPOINT rehearse_explain", err);

    if (status != RH_OK)
        return status;
    status = rh_pg_exec(pg, "RESET search_path", err);
    if (status == RH_OK)
        status = rh_buf_printf(&text, err, "EXPLAIN (FORMAT JSON) %s", sql);
    if (status == RH_OK)
        status = rh_pg_query_text(pg, rh_buf_cstr(&text), 0, NULL, &answer, err);
    rh_pg_exec_quietly(pg, "ROLLBACK TO SAVEPOINT rehearse_explain");
    rh_pg_exec_quietly(pg, "RELEASE SAVEPOINT rehearse_explain");
    if (status == RH_OK)
        status = rh_pg_explain_parse(answer, out, err);
    rh_buf_done(&text);
    rh_mem_free(answer);
    return status;
}

/* Before 16 there is no EXPLAIN (GENERIC_PLAN); NULLs as values would let the planner drop tables.
 */
static rh_status explain_prepared(rh_pg *pg, const char *sql, bool verbose, bool *out_prepared,
                                  char **out, rh_error *err)
{
    size_t parameters = rh_pg_count_parameters(sql);
    rh_buf text = RH_BUF_INIT;
    rh_status status = rh_pg_prepare(pg, "rehearse_plan", sql, err);

    *out_prepared = status == RH_OK;
    if (status == RH_OK)
        status = rh_buf_printf(&text, err, "EXPLAIN (%sFORMAT JSON) EXECUTE rehearse_plan",
                               verbose ? "VERBOSE, " : "");
    for (size_t i = 0; status == RH_OK && i < parameters; i++)
        status = rh_buf_append_str(&text, i == 0 ? "(NULL" : ", NULL", err);
    if (status == RH_OK && parameters > 0)
        status = rh_buf_append_byte(&text, ')', err);
    if (status == RH_OK)
        status = rh_pg_query_text(pg, rh_buf_cstr(&text), 0, NULL, out, err);
    rh_buf_done(&text);
    return status;
}

rh_status rh_pg_explain_generic(rh_pg *pg, const char *sql, bool verbose, json_t **out,
                                rh_error *err)
{
    char *answer = NULL;
    bool prepared = false;
    rh_status status = rh_pg_exec(
        pg, "SAVEPOINT rehearse_explain; SET LOCAL plan_cache_mode = force_generic_plan", err);

    if (status != RH_OK)
        return status;
    status = explain_prepared(pg, sql, verbose, &prepared, &answer, err);
    rh_pg_exec_quietly(pg, "ROLLBACK TO SAVEPOINT rehearse_explain");
    rh_pg_exec_quietly(pg, "RELEASE SAVEPOINT rehearse_explain");
    if (prepared) /* outlives a rollback */
        rh_pg_exec_quietly(pg, "DEALLOCATE rehearse_plan");
    if (status == RH_OK)
        status = rh_pg_explain_parse(answer, out, err);
    rh_mem_free(answer);
    return status;
}
