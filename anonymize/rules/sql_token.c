#include "anonymize/sql_token.h"

#include <string.h>

static bool is_word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$' || (unsigned char)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_blanks(const char *at)
{
    for (;;) {
        while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r' || *at == '\f')
            at++;
        if (at[0] == '-' && at[1] == '-') {
            while (*at != '\0' && *at != '\n')
                at++;
        } else if (at[0] == '/' && at[1] == '*') {
            const char *end = strstr(at + 2, "*/");

            if (end == NULL)
                return at + strlen(at);
            at = end + 2;
        } else {
            return at;
        }
    }
}

/* Behind the closing quote; doubled ones are part of the text. */
static const char *skip_quoted(const char *at, char close, bool backslashes)
{
    for (at++; *at != '\0'; at++) {
        if (backslashes && *at == '\\' && at[1] != '\0')
            at++;
        else if (*at == close && at[1] == close)
            at++;
        else if (*at == close)
            return at + 1;
    }
    return at;
}

static const char *skip_sign(const char *at)
{
    static const char signs[] = "<>=!~@#%^&|*+-/";

    if (at[0] == ':' && at[1] == ':')
        return at + 2;
    if (strchr(signs, *at) == NULL)
        return at + 1;
    /* A minus behind an operator belongs to the number that follows. */
    for (at++; *at != '\0' && strchr(signs, *at) != NULL && *at != '-' && *at != '+'; at++) {
    }
    return at;
}

sql_token sql_next(const char **cursor)
{
    const char *at = skip_blanks(*cursor);
    sql_token token = {SQL_SIGN, at, 0};
    const char *end = at;

    if (*at == '\0') {
        token.kind = SQL_END;
    } else if (*at == '\'') {
        token.kind = SQL_TEXT;
        end = skip_quoted(at, '\'', false);
    } else if ((*at == 'E' || *at == 'e') && at[1] == '\'') {
        token.kind = SQL_TEXT;
        end = skip_quoted(at + 1, '\'', true);
    } else if (*at == '"' || *at == '`' || *at == '[') {
        /* [x] is a name in SQLite; in PostgreSQL brackets follow ARRAY or a cast. */
        token.kind = *at == '[' ? SQL_SIGN : SQL_NAME;
        end = *at == '[' ? at + 1 : skip_quoted(at, *at, false);
    } else if (is_digit(*at) || (*at == '.' && is_digit(at[1]))) {
        token.kind = SQL_NUMBER;
        while (is_word_char(*end) || *end == '.')
            end++;
    } else if (is_word_char(*at)) {
        token.kind = SQL_WORD;
        while (is_word_char(*end))
            end++;
    } else {
        end = skip_sign(at);
    }
    token.len = (size_t)(end - at);
    *cursor = end;
    return token;
}

static char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool equal_without_case(const sql_token *token, const char *text)
{
    if (strlen(text) != token->len)
        return false;
    for (size_t i = 0; i < token->len; i++) {
        if (lower(token->at[i]) != lower(text[i]))
            return false;
    }
    return true;
}

bool sql_is(const sql_token *token, const char *text)
{
    return (token->kind == SQL_WORD || token->kind == SQL_SIGN) && equal_without_case(token, text);
}

/* The text between quotes, doubled quotes as one, against value. */
static bool unquoted_equals(const char *at, size_t len, const char *value)
{
    char quote = at[0];

    if (len < 2)
        return false;
    for (size_t i = 1; i + 1 < len; i++) {
        if (*value == '\0' || at[i] != *value)
            return false;
        if (at[i] == quote && i + 2 < len)
            i++;
        value++;
    }
    return *value == '\0';
}

bool sql_names(const sql_token *token, const char *name)
{
    if (token->kind == SQL_NAME)
        return unquoted_equals(token->at, token->len, name);
    return token->kind == SQL_WORD && equal_without_case(token, name);
}

bool sql_equals(const sql_token *token, const char *value)
{
    if (token->kind == SQL_TEXT)
        return token->at[0] == '\'' && unquoted_equals(token->at, token->len, value);
    return token->kind == SQL_NUMBER && strlen(value) == token->len &&
           memcmp(token->at, value, token->len) == 0;
}

bool sql_mentions(const char *expression, const char *name)
{
    for (;;) {
        sql_token token = sql_next(&expression);

        if (token.kind == SQL_END)
            return false;
        if (sql_names(&token, name))
            return true;
    }
}
