/*
 * Rows that a plan processed: what EXPLAIN ANALYZE counted in every node, those that conditions
 * threw away included. An index look-up counts what it finds, a scan what it passes, a nested loop
 * what it compares. The same from run to run on the same data.
 */
#include "pg_call_reads.h"

#include "core/buf.h"
#include "core/mem.h"
#include "pg_explain.h"
#include "pg_statement.h"

static double number(const json_t *node, const char *key)
{
    return json_number_value(json_object_get(node, key));
}

/* A node and all under it; members that are no nodes count nothing. */
static double rows_of(const json_t *json)
{
    double rows = 0;
    const char *key;
    json_t *value;
    size_t i;

    if (json_is_array(json)) {
        json_array_foreach(json, i, value) rows += rows_of(value);
        return rows;
    }
    if (!json_is_object(json))
        return 0;
    rows = number(json, "Actual Loops") *
           (number(json, "Actual Rows") + number(json, "Rows Removed by Filter") +
            number(json, "Rows Removed by Join Filter") +
            number(json, "Rows Removed by Index Recheck"));
    json_object_foreach((json_t *)(uintptr_t)json, key, value)
    {
        if (json_is_array(value) || json_is_object(value))
            rows += rows_of(value);
    }
    return rows;
}

rh_status rh_pg_count_reads(rh_pg *pg, const char *sql, size_t count, const char *const *values,
                            int64_t *out, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    json_t *plan = NULL;
    char *answer = NULL;
    rh_error detail = RH_ERROR_INIT;
    rh_status status = rh_pg_exec(pg, "SAVEPOINT rehearse_reads", err);

    *out = 0;
    if (status == RH_OK)
        status = rh_buf_printf(&text, err, "EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) %s", sql);
    if (status == RH_OK)
        status = rh_pg_query_text(pg, rh_buf_cstr(&text), count, values, &answer, &detail);
    if (status == RH_EDB) /* it has no plan, or will fail the same way when it is run */
        status = RH_OK;
    else if (detail.code != RH_OK && err != NULL && err->code == RH_OK)
        *err = detail;
    if (status == RH_OK)
        status = rh_pg_exec(
            pg, "ROLLBACK TO SAVEPOINT rehearse_reads; RELEASE SAVEPOINT rehearse_reads", err);
    if (status == RH_OK && answer != NULL)
        status = rh_pg_explain_parse(answer, &plan, err);
    if (status == RH_OK)
        *out = (int64_t)rows_of(plan);
    json_decref(plan);
    rh_mem_free(answer);
    rh_buf_done(&text);
    return status;
}
