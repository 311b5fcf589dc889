/*
 * Literals of SQL text: what they say, and how a value is written as one.
 */
#ifndef CORE_SQL_LITERAL_H
#define CORE_SQL_LITERAL_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/error.h>

#include "core/buf.h"
#include "core/sql_scan.h"

/**
 * What a literal says: quotes taken off, escapes resolved, dollar quotes opened; numbers and words
 * as they are; X'..' decoded to bytes. Appends to out. RH_SKIPPED when the form is not supported
 * (U&'..', B'..'): nothing is appended.
 */
rh_status rh_sql_literal_decode(rh_sql_dialect dialect, const char *literal, size_t len,
                                rh_buf *out, rh_error *err) RH_MUST_CHECK;

/** Does a number, or a text in plain quotes, say just this? Needs no memory; false for E'..' and
 * whatever else has to be decoded. */
bool rh_sql_literal_says(const rh_sql_token *token, const char *text, const char *value);

/** Append value as a string literal of the dialect ('..' with quotes doubled; PostgreSQL: E'..'
 * when it has a backslash). */
rh_status rh_sql_literal_quote(rh_sql_dialect dialect, const char *value, size_t len, rh_buf *out,
                               rh_error *err) RH_MUST_CHECK;

#endif
