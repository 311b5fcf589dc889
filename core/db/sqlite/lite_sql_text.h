/*
 * A look into CREATE texts, for what SQLite does not tell otherwise: the expressions of generated
 * columns, CHECKs, and which names an expression uses.
 */
#ifndef LITE_SQL_TEXT_H
#define LITE_SQL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/error.h>

/**
 * The expression inside AS (...) of column number `column` (from 0, as table_xinfo counts),
 * borrowed from sql. RH_EFORMAT when there is none.
 */
rh_status rh_lite_generated_expression(const char *sql, size_t column, const char **out,
                                       size_t *out_len, rh_error *err) RH_MUST_CHECK;

/** A word, a quoted text with its quotes, or one sign; borrowed from the text. */
typedef struct rh_lite_token {
    const char *start; /* NULL at the end */
    size_t len;
} rh_lite_token;

/** The token at `at`, behind white space and comments; go on at start + len. */
rh_lite_token rh_lite_next_token(const char *at);

/** Is it this keyword (in any case, without quotes)? */
bool rh_lite_token_is(const rh_lite_token *token, const char *word);

/** Does it mean the thing of this name, in any of SQLite's quotes or none? */
bool rh_lite_token_names(const rh_lite_token *token, const char *name);

/** Behind the '(' of a CREATE TABLE or CREATE INDEX; NULL when there is none. */
const char *rh_lite_body(const char *sql);

/** Behind the ')' that goes with rh_lite_body; NULL when there is none. */
const char *rh_lite_behind_body(const char *sql);

typedef struct rh_lite_check {
    rh_lite_token name; /* with its quotes; start NULL when it has none */
    const char *text;   /* between the parentheses */
    size_t len;
} rh_lite_check;

/** The next CHECK from *at on, which starts as rh_lite_body. False when there are no more. */
bool rh_lite_next_check(const char **at, rh_lite_check *out);

#endif
