/*
 * The statement is planned under the search_path of the role and database: our own sessions have an
 * empty one, under which no application's SQL finds its tables. A savepoint takes that back.
 */
#include "pg_explain.h"

#include <string.h>

#include "core/doc.h"
#include "core/mem.h"

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
