/*
 * SQL expressions of the schema as tokens: enough to find names and to recognise simple forms.
 */
#ifndef RH_SQL_TOKEN_H
#define RH_SQL_TOKEN_H

#include <stdbool.h>
#include <stddef.h>

typedef enum sql_kind {
    SQL_END,
    SQL_WORD, /* identifier or keyword */
    SQL_NAME, /* identifier in quotes */
    SQL_TEXT, /* 'string', E'string', $tag$ is not read */
    SQL_NUMBER,
    SQL_SIGN, /* one punctuation character, or an operator of several */
} sql_kind;

typedef struct sql_token {
    sql_kind kind;
    const char *at; /* in the text, with quotes */
    size_t len;
} sql_token;

/** The next token behind *cursor, which moves on; comments are skipped. */
sql_token sql_next(const char **cursor);

/** True when the token is this keyword (no case), or this sign. */
bool sql_is(const sql_token *token, const char *text);

/** True when the token can only mean this identifier (words: without case). */
bool sql_names(const sql_token *token, const char *name);

/** True when a string or number token has this value. */
bool sql_equals(const sql_token *token, const char *value);

/** True when the identifier occurs in the expression. */
bool sql_mentions(const char *expression, const char *name);

#endif
