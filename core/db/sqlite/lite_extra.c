/*
 * Extra columns of an SQLite source: each expression is compiled against its table, no row read.
 */
#include "core/sql_name.h"
#include "lite_conn.h"
#include "lite_source.h"

/* In a WHERE no aggregate and no window may stand. A name in double quotes that is no column would
 * be taken for a text: not here. */
rh_status rh_lite_check_extra(void *ctx, const rh_table *table, const rh_extra_column *extra,
                              rh_error *err)
{
    rh_lite_source *source = ctx;
    const json_t *ipk = json_object_get(table->extra, "ipk");
    rh_buf sql = RH_BUF_INIT;
    sqlite3_stmt *stmt = NULL;
    rh_status status = RH_OK;

    if (json_is_integer(ipk) && json_integer_value(ipk) == (json_int_t)extra->column)
        return rh_error_set(err, RH_ECONFIG, "the column is the rowid, which is not computed");
    status = rh_buf_append_str(&sql, "SELECT 1 FROM main.", err);
    if (status == RH_OK)
        status = rh_sql_name_quote(table->name, &sql, err);
    if (status == RH_OK)
        status = rh_buf_printf(&sql, err, " NOT INDEXED WHERE (%s) IS NULL", extra->sql);
    if (status == RH_OK) {
        rh_lite_allow_queries(source->main, true);
        sqlite3_db_config(source->main, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
        status = rh_lite_prepare(source->main, rh_buf_cstr(&sql), &stmt, err);
        sqlite3_finalize(stmt);
        sqlite3_db_config(source->main, SQLITE_DBCONFIG_DQS_DML, 1, NULL);
        rh_lite_allow_queries(source->main, false);
    }
    rh_buf_done(&sql);
    return status;
}

rh_status rh_lite_set_extras(void *ctx, const rh_table *table, const rh_extra_column *extras,
                             size_t count, rh_error *err)
{
    rh_lite_source *source = ctx;

    return rh_catalog_set_extras(source->catalog, table->index, extras, count, err);
}
