#include "lite_explain.h"

#include "core/buf.h"
#include "lite_conn.h"

static rh_status add_step(json_t *plan, sqlite3_stmt *stmt, rh_error *err)
{
    json_t *step = json_pack("{s:i, s:i, s:s}", "id", sqlite3_column_int(stmt, 0), "parent",
                             sqlite3_column_int(stmt, 1), "detail",
                             (const char *)sqlite3_column_text(stmt, 3));

    return json_array_append_new(plan, step) == 0 ? RH_OK : rh_error_oom(err);
}

rh_status rh_lite_explain(sqlite3 *db, const char *sql, json_t **out, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    rh_buf text = RH_BUF_INIT;
    json_t *plan = json_array();
    rh_status status = plan != NULL ? RH_OK : rh_error_oom(err);

    if (status == RH_OK)
        status = rh_buf_printf(&text, err, "EXPLAIN QUERY PLAN %s", sql);
    if (status == RH_OK)
        status = rh_lite_prepare(db, rh_buf_cstr(&text), &stmt, err);
    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK)
        status = add_step(plan, stmt, err);
    sqlite3_finalize(stmt);
    rh_buf_done(&text);
    if (status != RH_DONE) {
        json_decref(plan);
        return status;
    }
    *out = plan;
    return RH_OK;
}
