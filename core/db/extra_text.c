/*
 * The text of an expression that is to stand inside of our own SELECT (rh_source_extras): it must
 * not end it, nor swallow what follows. Whether it means something is the database's business.
 */
#include "extra_text.h"

#include <string.h>

enum { MAX_DEPTH = 200 };

typedef struct brackets {
    char open[MAX_DEPTH]; /* what closes each */
    size_t depth;
} brackets;

static rh_status refuse(rh_error *err, const char *what)
{
    return rh_error_set(err, RH_ECONFIG, "an expression must be whole in itself: %s", what);
}

/* One of ( ) [ ]. */
static rh_status follow_bracket(brackets *b, char c, rh_error *err)
{
    if (c == '(' || c == '[') {
        if (b->depth == MAX_DEPTH)
            return refuse(err, "brackets are too deep");
        b->open[b->depth++] = c == '(' ? ')' : ']';
    } else if (b->depth == 0 || b->open[--b->depth] != c) {
        return refuse(err, "a bracket closes that was not opened");
    }
    return RH_OK;
}

/* A '$' or '?' outside of quotes would be a parameter or open a quote of its own. */
static bool has_sign(const char *text, size_t len)
{
    return memchr(text, '$', len) != NULL || memchr(text, '?', len) != NULL;
}

static rh_status check_token(const rh_sql_token *token, const char *text, brackets *b,
                             rh_error *err)
{
    switch (token->kind) {
    case RH_SQL_TOKEN_COMMENT:
        return refuse(err, "it has a comment");
    case RH_SQL_TOKEN_SEMICOLON:
        return refuse(err, "it has a semicolon");
    case RH_SQL_TOKEN_META:
        return refuse(err, "it has a backslash outside of quotes");
    case RH_SQL_TOKEN_PARAMETER:
        return refuse(err, "it has a parameter");
    case RH_SQL_TOKEN_STRING:
    case RH_SQL_TOKEN_IDENT:
    case RH_SQL_TOKEN_BYTES:
        if (!token->closed)
            return refuse(err, "a quote is not closed");
        return *text == '$' ? refuse(err, "it has a '$' outside of quotes") : RH_OK;
    case RH_SQL_TOKEN_OPEN:
    case RH_SQL_TOKEN_CLOSE:
    case RH_SQL_TOKEN_BRACKET:
        return follow_bracket(b, *text, err);
    default:
        if (*text == ']') /* SQLite: closes no name */
            return follow_bracket(b, *text, err);
        return has_sign(text, token->len) ? refuse(err, "it has a '$' or '?' outside of quotes")
                                          : RH_OK;
    }
}

rh_status rh_extra_check_text(rh_sql_dialect dialect, const char *sql, rh_error *err)
{
    brackets b = {.depth = 0};
    rh_status status = RH_OK;
    rh_sql_scan scan;

    rh_sql_scan_init(&scan, dialect, sql, strlen(sql));
    for (size_t tokens = 0; status == RH_OK; tokens++) {
        rh_sql_token token = rh_sql_scan_next(&scan);

        if (token.kind == RH_SQL_TOKEN_END) {
            if (tokens == 0)
                return refuse(err, "it is empty");
            return b.depth == 0 ? RH_OK : refuse(err, "a bracket is not closed");
        }
        status = check_token(&token, sql + token.offset, &b, err);
    }
    return status;
}
