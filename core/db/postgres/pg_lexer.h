/*
 * SQL text cut into statements and tokens, by PostgreSQL's own rules for quotes, dollar quotes,
 * nested comments, parentheses and BEGIN ATOMIC bodies. Borrows the text.
 */
#ifndef PG_LEXER_H
#define PG_LEXER_H

#include <stdbool.h>
#include <stddef.h>

typedef enum rh_pg_token_kind {
    RH_PG_TOKEN_WORD,    /* keyword or unquoted name */
    RH_PG_TOKEN_IDENT,   /* "quoted name", quotes included */
    RH_PG_TOKEN_STRING,  /* any kind of string constant */
    RH_PG_TOKEN_OTHER,   /* one character or number */
    RH_PG_TOKEN_COMMENT, /* -- to the end of the line, or a whole block comment */
    RH_PG_TOKEN_META,    /* a psql command (backslash): to the end of the line */
    RH_PG_TOKEN_END,
} rh_pg_token_kind;

typedef struct rh_pg_token {
    rh_pg_token_kind kind;
    const char *text; /* not terminated */
    size_t len;
} rh_pg_token;

typedef struct rh_pg_lexer {
    const char *at;
    const char *end;
    bool standard_strings; /* backslash is plain in '...' */
} rh_pg_lexer;

void rh_pg_lexer_init(rh_pg_lexer *lexer, const char *text, size_t len);

/** The next token, comments included, white space skipped. A quote that never ends takes the rest
 * of the text. */
rh_pg_token rh_pg_lexer_next(rh_pg_lexer *lexer);

/** As rh_pg_lexer_next, comments skipped. */
rh_pg_token rh_pg_lexer_next_code(rh_pg_lexer *lexer);

/** ASCII case-insensitive comparison of an unquoted word; word in capitals or not. */
bool rh_pg_token_is(const rh_pg_token *token, const char *word);

typedef struct rh_pg_statement {
    const char *text; /* from the first token to before the semicolon */
    size_t len;
    bool meta; /* a psql command, not SQL */
} rh_pg_statement;

/** Comments at the start of a statement, each once, in order. ctx as given. */
typedef void (*rh_pg_comment_function)(void *ctx, const rh_pg_token *comment);

/** The next statement; false at the end of the text. on_comment may be NULL. */
bool rh_pg_statement_next(rh_pg_lexer *lexer, rh_pg_comment_function on_comment, void *ctx,
                          rh_pg_statement *out);

#endif
