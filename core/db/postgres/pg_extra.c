/*
 * Extra columns of a PostgreSQL source: each expression is planned against its table, no row read.
 */
#include "core/sql_name.h"
#include "pg_source.h"
#include "pg_statement.h"

/* Beside ctid an aggregate is an error, as is what gives several rows inside of a CASE. */
rh_status rh_pg_check_extra(void *handle, const rh_table *table, const rh_extra_column *extra,
                            rh_error *err)
{
    rh_pg_source *source = handle;
    rh_buf sql = RH_BUF_INIT;
    PGresult *result = NULL;
    rh_status status = rh_buf_append_str(&sql, "SELECT ctid, ", err);

    if (status == RH_OK)
        status = rh_pg_put_extra(table, extra, &sql, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, " FROM ONLY ", err);
    if (status == RH_OK)
        status = rh_sql_name_quote_qualified(table->schema, table->name, &sql, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, " WHERE false", err);
    if (status == RH_OK)
        status = rh_pg_query(source->main, rh_buf_cstr(&sql), 0, NULL, &result, err);
    PQclear(result);
    rh_buf_done(&sql);
    return status;
}

rh_status rh_pg_set_extras(void *handle, const rh_table *table, const rh_extra_column *extras,
                           size_t count, rh_error *err)
{
    rh_pg_source *source = handle;

    return rh_catalog_set_extras(source->catalog, table->index, extras, count, err);
}
