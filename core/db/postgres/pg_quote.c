#include "pg_quote.h"

#include "core/sql_name.h"

rh_status rh_pg_quote_columns(rh_buf *out, const rh_table *table, bool brackets, rh_error *err)
{
    rh_status status = RH_OK;
    bool first = true;

    for (size_t i = 0; i < table->column_count && status == RH_OK; i++) {
        if (table->columns[i].generated)
            continue;
        status = rh_buf_append_str(out, !first ? ", " : brackets ? "(" : "", err);
        if (status == RH_OK)
            status = rh_sql_name_quote(table->columns[i].name, out, err);
        first = false;
    }
    if (status == RH_OK && !first && brackets)
        status = rh_buf_append_byte(out, ')', err);
    return status;
}
