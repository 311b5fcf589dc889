/*
 * Names in SQL text: what a token names, and how a name is written so that it means itself.
 */
#ifndef CORE_SQL_NAME_H
#define CORE_SQL_NAME_H

#include <rehearse/error.h>

#include "core/buf.h"
#include "core/sql_scan.h"

/** Append "name" with quotes doubled: both dialects read it so, keywords and odd letters too. */
rh_status rh_sql_name_quote(const char *name, rh_buf *out, rh_error *err) RH_MUST_CHECK;

/** Append "schema"."name". */
rh_status rh_sql_name_quote_qualified(const char *schema, const char *name, rh_buf *out,
                                      rh_error *err) RH_MUST_CHECK;

/**
 * The name that a word (PostgreSQL folds it to lower case) or something in quotes means,
 * terminated. out has room for token->len + 1 bytes; text is what the token was scanned from. The
 * escapes of PostgreSQL's U&"x" are not resolved: rh_sql_token_is_name refuses those.
 */
void rh_sql_name_decode(rh_sql_dialect dialect, const rh_sql_token *token, const char *text,
                        char *out);

/** Can the token be a name? Words, also keywords; quoted names; SQLite also takes 'x'. */
bool rh_sql_token_is_name(rh_sql_dialect dialect, const rh_sql_token *token, const char *text);

/** Is the token a name, and does it mean the thing of this name? */
bool rh_sql_token_names(rh_sql_dialect dialect, const rh_sql_token *token, const char *text,
                        const char *name);

/** Does the name stand anywhere in a terminated expression, where 'x' is a text in SQLite, too? */
bool rh_sql_mentions(rh_sql_dialect dialect, const char *text, const char *name);

/** Do two decoded names mean the same? SQLite ignores the case of ASCII letters. NULL: no name. */
bool rh_sql_name_eq(rh_sql_dialect dialect, const char *a, const char *b);

#endif
