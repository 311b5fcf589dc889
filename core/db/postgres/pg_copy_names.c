#include "pg_copy_names.h"

#include <string.h>

#include "core/sql_name.h"

enum {
    NAME_BYTES = 64,                 /* NAMEDATALEN; a longer name is none of a table */
    TEXT_BYTES = 2 * NAME_BYTES + 3, /* each letter a doubled quote, between quotes */
};

/* The name as the catalog has it; false: no name, or too long. */
static bool decode(const rh_sql_token *token, const char *sql, char out[TEXT_BYTES])
{
    if (!rh_sql_token_is_name(RH_SQL_POSTGRES, token, sql) || token->len >= TEXT_BYTES)
        return false;
    rh_sql_name_decode(RH_SQL_POSTGRES, token, sql, out);
    return strlen(out) < NAME_BYTES;
}

rh_status rh_pg_name_copies(const char *sql, rh_pg_has_copy has_copy, const void *ctx, rh_buf *out,
                            rh_error *err)
{
    /* what is before, schema, dot, table */
    rh_sql_token last[4] = {{.kind = RH_SQL_TOKEN_END},
                            {.kind = RH_SQL_TOKEN_END},
                            {.kind = RH_SQL_TOKEN_END},
                            {.kind = RH_SQL_TOKEN_END}};
    char schema[TEXT_BYTES], table[TEXT_BYTES];
    rh_sql_scan scan;
    rh_status status = RH_OK;
    size_t copied = 0;

    rh_sql_scan_init(&scan, RH_SQL_POSTGRES, sql, strlen(sql));
    do {
        memmove(last, last + 1, 3 * sizeof last[0]);
        last[3] = rh_sql_scan_next_code(&scan);
        if (rh_sql_token_is(&last[0], sql, ".") || !rh_sql_token_is(&last[2], sql, ".") ||
            !decode(&last[1], sql, schema) || !decode(&last[3], sql, table) ||
            !has_copy(ctx, schema, table))
            continue;
        status = rh_buf_append(out, sql + copied, last[1].offset - copied, err);
        if (status == RH_OK)
            status = rh_buf_append_str(out, "pg_temp", err);
        copied = last[1].offset + last[1].len;
    } while (status == RH_OK && last[3].kind != RH_SQL_TOKEN_END);
    return status == RH_OK ? rh_buf_append_str(out, sql + copied, err) : status;
}
