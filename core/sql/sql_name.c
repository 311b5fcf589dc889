#include "core/sql_name.h"

#include <string.h>

#include "core/str.h"
#include "sql_chars.h"

rh_status rh_sql_name_quote(const char *name, rh_buf *out, rh_error *err)
{
    rh_status status = rh_buf_append_byte(out, '"', err);

    for (; status == RH_OK && *name != '\0'; name++) {
        if (*name == '"')
            status = rh_buf_append_byte(out, '"', err);
        if (status == RH_OK)
            status = rh_buf_append_byte(out, (uint8_t)*name, err);
    }
    return status == RH_OK ? rh_buf_append_byte(out, '"', err) : status;
}

rh_status rh_sql_name_quote_qualified(const char *schema, const char *name, rh_buf *out,
                                      rh_error *err)
{
    rh_status status = rh_sql_name_quote(schema, out, err);

    if (status == RH_OK)
        status = rh_buf_append_byte(out, '.', err);
    return status == RH_OK ? rh_sql_name_quote(name, out, err) : status;
}

/* The letters of the name that a token means, one after the other. */
typedef struct letters {
    const char *at;
    const char *end;
    char doubled; /* the quote that stands for itself when doubled, or 0 */
    bool folds;
} letters;

static letters letters_of(rh_sql_dialect dialect, const rh_sql_token *token, const char *text)
{
    const char *at = text + token->offset;
    letters l = {at, at + token->len, '\0', false};

    if (token->kind == RH_SQL_TOKEN_WORD) {
        l.folds = dialect == RH_SQL_POSTGRES;
    } else {
        l.doubled = *at == '[' ? '\0' : *at;
        l.at++;
        l.end -= token->closed && token->len > 1;
    }
    return l;
}

static bool next_letter(letters *l, char *out)
{
    if (l->at >= l->end)
        return false;
    if (l->doubled != '\0' && *l->at == l->doubled && l->at + 1 < l->end)
        l->at++;
    *out = l->folds && *l->at >= 'A' && *l->at <= 'Z' ? (char)(*l->at | 0x20) : *l->at;
    l->at++;
    return true;
}

void rh_sql_name_decode(rh_sql_dialect dialect, const rh_sql_token *token, const char *text,
                        char *out)
{
    letters l = letters_of(dialect, token, text);

    while (next_letter(&l, out))
        out++;
    *out = '\0';
}

bool rh_sql_token_is_name(rh_sql_dialect dialect, const rh_sql_token *token, const char *text)
{
    if (token->kind == RH_SQL_TOKEN_WORD)
        return true;
    if (token->kind != RH_SQL_TOKEN_IDENT &&
        (token->kind != RH_SQL_TOKEN_STRING || dialect != RH_SQL_SQLITE))
        return false;
    return token->closed && !rh_sql_is(text[token->offset], RH_SQL_CHAR_NAME_START); /* U&"x" */
}

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

bool rh_sql_token_names(rh_sql_dialect dialect, const rh_sql_token *token, const char *text,
                        const char *name)
{
    letters l;
    char c;

    if (!rh_sql_token_is_name(dialect, token, text))
        return false;
    l = letters_of(dialect, token, text);
    for (; next_letter(&l, &c); name++) {
        if (dialect == RH_SQL_SQLITE ? upper(c) != upper(*name) : c != *name)
            return false;
    }
    return *name == '\0';
}

bool rh_sql_mentions(rh_sql_dialect dialect, const char *text, const char *name)
{
    rh_sql_scan scan = rh_sql_scan_of(dialect, text);

    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);

        if (token.kind == RH_SQL_TOKEN_END)
            return false;
        if (token.kind != RH_SQL_TOKEN_STRING && rh_sql_token_names(dialect, &token, text, name))
            return true;
    }
}

bool rh_sql_name_eq(rh_sql_dialect dialect, const char *a, const char *b)
{
    if (a == NULL || b == NULL)
        return false;
    return dialect == RH_SQL_POSTGRES ? strcmp(a, b) == 0 : rh_str_ieq(a, b);
}
