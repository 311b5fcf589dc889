#include "pg_copy_names.h"

#include <string.h>

#include "pg_lexer.h"

enum { NAME_BYTES = 64 }; /* NAMEDATALEN; a longer name is none of a table */

/* The name as the catalog has it; false: no name, or too long. */
static bool decode(const rh_pg_token *token, char out[NAME_BYTES])
{
    bool quoted = token->kind == RH_PG_TOKEN_IDENT && token->text[0] == '"';
    size_t len = 0;

    if (!quoted && token->kind != RH_PG_TOKEN_WORD)
        return false;
    for (size_t i = quoted; i < token->len - quoted; i++) {
        char c = token->text[i];

        if (len + 1 == NAME_BYTES)
            return false;
        if (quoted && c == '"')
            i++;
        out[len++] = (char)(!quoted && c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    }
    out[len] = '\0';
    return true;
}

static bool is_dot(const rh_pg_token *token)
{
    return token->kind == RH_PG_TOKEN_OTHER && token->len == 1 && token->text[0] == '.';
}

rh_status rh_pg_name_copies(const char *sql, rh_pg_has_copy has_copy, const void *ctx, rh_buf *out,
                            rh_error *err)
{
    /* what is before, schema, dot, table */
    rh_pg_token last[4] = {{RH_PG_TOKEN_END, sql, 0},
                           {RH_PG_TOKEN_END, sql, 0},
                           {RH_PG_TOKEN_END, sql, 0},
                           {RH_PG_TOKEN_END, sql, 0}};
    char schema[NAME_BYTES], table[NAME_BYTES];
    rh_pg_lexer lexer;
    rh_status status = RH_OK;
    const char *copied = sql;

    rh_pg_lexer_init(&lexer, sql, strlen(sql));
    do {
        memmove(last, last + 1, 3 * sizeof last[0]);
        last[3] = rh_pg_lexer_next_code(&lexer);
        if (is_dot(&last[0]) || !is_dot(&last[2]) || !decode(&last[1], schema) ||
            !decode(&last[3], table) || !has_copy(ctx, schema, table))
            continue;
        status = rh_buf_append(out, copied, (size_t)(last[1].text - copied), err);
        if (status == RH_OK)
            status = rh_buf_append_str(out, "pg_temp", err);
        copied = last[1].text + last[1].len;
    } while (status == RH_OK && last[3].kind != RH_PG_TOKEN_END);
    return status == RH_OK ? rh_buf_append_str(out, copied, err) : status;
}
