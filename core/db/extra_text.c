/*
 * The text of an expression that is to stand inside of our own SELECT (rh_source_extras): it must
 * not end it, nor swallow what follows. Whether it means something is the database's business.
 */
#include "extra_text.h"

#include <string.h>

enum { MAX_DEPTH = 200 };

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           (unsigned char)c >= 0x80;
}

/* Behind the closing quote, or NULL. E'...' of PostgreSQL knows backslashes. */
static const char *skip_quoted(const char *start, const char *at)
{
    const char quote = *at;
    bool backslashes = quote == '\'' && at > start && (at[-1] == 'E' || at[-1] == 'e') &&
                       (at - 1 == start || !is_name_char(at[-2]));

    for (at++; *at != '\0'; at++) {
        if (backslashes && *at == '\\' && at[1] != '\0')
            at++;
        else if (*at == quote && at[1] == quote)
            at++;
        else if (*at == quote)
            return at + 1;
    }
    return NULL;
}

/* The closing bracket of an opening one, or 0. */
static char closing(char c)
{
    return c == '(' ? ')' : c == '[' ? ']' : '\0';
}

static rh_status refuse(rh_error *err, const char *what)
{
    return rh_error_set(err, RH_ECONFIG, "an expression must be whole in itself: %s", what);
}

rh_status rh_extra_check_text(const char *sql, rh_error *err)
{
    char open[MAX_DEPTH];
    size_t depth = 0;
    const char *at = sql + strspn(sql, " \t\r\n");

    if (*at == '\0')
        return refuse(err, "it is empty");
    while (*at != '\0') {
        if (*at == '\'' || *at == '"' || *at == '`') {
            at = skip_quoted(sql, at);
            if (at == NULL)
                return refuse(err, "a quote is not closed");
            continue;
        }
        if (*at == ';')
            return refuse(err, "it has a semicolon");
        if ((at[0] == '-' && at[1] == '-') || (at[0] == '/' && at[1] == '*'))
            return refuse(err, "it has a comment");
        if (*at == '$' || *at == '?')
            return refuse(err, "it has a '$' or '?' outside of quotes");
        if (closing(*at) != '\0') {
            if (depth == MAX_DEPTH)
                return refuse(err, "brackets are too deep");
            open[depth++] = closing(*at);
        } else if (*at == ')' || *at == ']') {
            if (depth == 0 || open[--depth] != *at)
                return refuse(err, "a bracket closes that was not opened");
        }
        at++;
    }
    return depth == 0 ? RH_OK : refuse(err, "a bracket is not closed");
}
