#include "lite_sql_text.h"

#include <stdbool.h>
#include <string.h>

#include "core/str.h"

typedef rh_lite_token token;

static bool is_word(unsigned char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           c == '$' || c >= 0x80;
}

/* Behind white space and comments. */
static const char *skip_blank(const char *at)
{
    for (;;) {
        at += strspn(at, " \t\r\n\f");
        if (at[0] == '-' && at[1] == '-') {
            at += strcspn(at, "\n");
        } else if (at[0] == '/' && at[1] == '*') {
            const char *end = strstr(at + 2, "*/");

            at = end != NULL ? end + 2 : at + strlen(at);
        } else {
            return at;
        }
    }
}

/* Behind a quoted text whose quote is doubled inside ([...] has no such escape). */
static const char *skip_quoted(const char *at)
{
    char quote = *at == '[' ? ']' : *at;

    for (at++; *at != '\0'; at++) {
        if (*at != quote)
            continue;
        if (quote == ']' || at[1] != quote)
            return at + 1;
        at++;
    }
    return at;
}

rh_lite_token rh_lite_next_token(const char *at)
{
    token result = {NULL, 0};
    const char *end;

    at = skip_blank(at);
    if (*at == '\0')
        return result;
    end = at + 1;
    if (strchr("'\"`[", *at) != NULL) {
        end = skip_quoted(at);
    } else if (is_word((unsigned char)*at)) {
        while (is_word((unsigned char)*end))
            end++;
    }
    result.start = at;
    result.len = (size_t)(end - at);
    return result;
}

/* SQLite's names ignore the case of ASCII letters only. */
static char to_upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static bool is_char(const token *t, char c)
{
    return t->len == 1 && t->start[0] == c;
}

bool rh_lite_token_is(const rh_lite_token *t, const char *word)
{
    size_t i = 0;

    while (i < t->len && word[i] != '\0' && to_upper(t->start[i]) == to_upper(word[i]))
        i++;
    return t->start != NULL && i == t->len && word[i] == '\0';
}

bool rh_lite_token_names(const rh_lite_token *t, const char *name)
{
    bool quoted = t->start != NULL && t->len >= 2 && strchr("'\"`[", t->start[0]) != NULL;
    size_t end = t->len - (quoted ? 1 : 0);
    size_t i = quoted ? 1 : 0;

    if (t->start == NULL)
        return false;
    for (; i < end && *name != '\0'; i++, name++) {
        if (to_upper(t->start[i]) != to_upper(*name))
            return false;
        /* a doubled quote means one */
        if (quoted && t->start[0] != '[' && t->start[i] == t->start[0])
            i++;
    }
    return i == end && *name == '\0';
}

/* From behind a '(' to its ')'; NULL when there is none. */
static const char *find_close(const char *at)
{
    int depth = 1;

    for (token t = rh_lite_next_token(at); t.start != NULL;
         t = rh_lite_next_token(t.start + t.len)) {
        if (is_char(&t, '('))
            depth++;
        else if (is_char(&t, ')') && --depth == 0)
            return t.start;
    }
    return NULL;
}

/* The start of definition number n in the list that begins at at; NULL when there are fewer. */
static const char *find_definition(const char *at, size_t n)
{
    while (n > 0) {
        token t = rh_lite_next_token(at);

        if (t.start == NULL || is_char(&t, ')'))
            return NULL;
        at = t.start + t.len;
        if (is_char(&t, ',')) {
            n--;
        } else if (is_char(&t, '(')) {
            at = find_close(at);
            if (at == NULL)
                return NULL;
            at++;
        }
    }
    return at;
}

/* The '(' behind AS in one column definition; NULL when it has none. */
static const char *find_expression(const char *definition)
{
    token t = rh_lite_next_token(definition); /* the column's name, which may be anything */

    if (t.start == NULL)
        return NULL;
    for (t = rh_lite_next_token(t.start + t.len); t.start != NULL;
         t = rh_lite_next_token(t.start + t.len)) {
        if (is_char(&t, ',') || is_char(&t, ')'))
            return NULL;
        if (rh_lite_token_is(&t, "AS")) {
            t = rh_lite_next_token(t.start + t.len);
            return t.start != NULL && is_char(&t, '(') ? t.start : NULL;
        }
        if (is_char(&t, '(')) {
            t.start = find_close(t.start + 1);
            if (t.start == NULL)
                return NULL;
        }
    }
    return NULL;
}

rh_status rh_lite_generated_expression(const char *sql, size_t column, const char **out,
                                       size_t *out_len, rh_error *err)
{
    const char *at = NULL;
    const char *end = NULL;

    for (token t = rh_lite_next_token(sql); t.start != NULL;
         t = rh_lite_next_token(t.start + t.len)) {
        if (is_char(&t, '(')) {
            at = find_definition(t.start + 1, column);
            break;
        }
    }
    if (at != NULL)
        at = find_expression(at);
    if (at != NULL)
        end = find_close(at + 1);
    if (end == NULL)
        return rh_error_set(err, RH_EFORMAT, "column %zu has no generation expression", column + 1);
    *out = at + 1;
    *out_len = (size_t)(end - at - 1);
    return RH_OK;
}

const char *rh_lite_body(const char *sql)
{
    for (token t = rh_lite_next_token(sql); t.start != NULL;
         t = rh_lite_next_token(t.start + t.len)) {
        if (is_char(&t, '('))
            return t.start + 1;
    }
    return NULL;
}

const char *rh_lite_behind_body(const char *sql)
{
    const char *body = rh_lite_body(sql);
    const char *close = body == NULL ? NULL : find_close(body);

    return close == NULL ? NULL : close + 1;
}

bool rh_lite_next_check(const char **at, rh_lite_check *out)
{
    token before = {NULL, 0};
    token name = {NULL, 0}; /* behind CONSTRAINT */
    token t = rh_lite_next_token(*at);

    while (t.start != NULL && !is_char(&t, ')')) {
        const char *next = t.start + t.len;

        if (is_char(&t, '(')) {
            const char *close = find_close(next);

            if (close == NULL)
                return false;
            if (rh_lite_token_is(&before, "CHECK")) {
                *out = (rh_lite_check){name, next, (size_t)(close - next)};
                *at = close + 1;
                return true;
            }
            next = close + 1;
        }
        if (rh_lite_token_is(&before, "CONSTRAINT"))
            name = t;
        else if (!rh_lite_token_is(&t, "CHECK"))
            name = (token){NULL, 0};
        before = t;
        t = rh_lite_next_token(next);
    }
    return false;
}
