#include "pg_quote.h"

#include <string.h>

static rh_status append_doubling(rh_buf *out, const char *text, char quote, char also,
                                 rh_error *err)
{
    rh_status status = RH_OK;

    for (const char *p = text; *p != '\0' && status == RH_OK; p++) {
        if (*p == quote || (also != '\0' && *p == also))
            status = rh_buf_append_byte(out, (uint8_t)*p, err);
        if (status == RH_OK)
            status = rh_buf_append_byte(out, (uint8_t)*p, err);
    }
    return status;
}

rh_status rh_pg_quote_ident(rh_buf *out, const char *name, rh_error *err)
{
    rh_status status = rh_buf_append_byte(out, '"', err);

    if (status == RH_OK)
        status = append_doubling(out, name, '"', '\0', err);
    if (status == RH_OK)
        status = rh_buf_append_byte(out, '"', err);
    return status;
}

rh_status rh_pg_quote_name(rh_buf *out, const char *schema, const char *name, rh_error *err)
{
    rh_status status = rh_pg_quote_ident(out, schema, err);

    if (status == RH_OK)
        status = rh_buf_append_byte(out, '.', err);
    if (status == RH_OK)
        status = rh_pg_quote_ident(out, name, err);
    return status;
}

rh_status rh_pg_quote_literal(rh_buf *out, const char *text, rh_error *err)
{
    bool escape = strchr(text, '\\') != NULL;
    rh_status status = rh_buf_append_str(out, escape ? "E'" : "'", err);

    if (status == RH_OK)
        status = append_doubling(out, text, '\'', escape ? '\\' : '\0', err);
    if (status == RH_OK)
        status = rh_buf_append_byte(out, '\'', err);
    return status;
}

rh_status rh_pg_quote_columns(rh_buf *out, const rh_table *table, bool brackets, rh_error *err)
{
    rh_status status = RH_OK;
    bool first = true;

    for (size_t i = 0; i < table->column_count && status == RH_OK; i++) {
        if (table->columns[i].generated)
            continue;
        status = rh_buf_append_str(out, !first ? ", " : brackets ? "(" : "", err);
        if (status == RH_OK)
            status = rh_pg_quote_ident(out, table->columns[i].name, err);
        first = false;
    }
    if (status == RH_OK && !first && brackets)
        status = rh_buf_append_byte(out, ')', err);
    return status;
}
