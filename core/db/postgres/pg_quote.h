/*
 * Identifiers and literals as SQL text. Our sessions use UTF8 or the server's own encoding, which
 * never hide a quote inside a character, and standard_conforming_strings is on.
 */
#ifndef PG_QUOTE_H
#define PG_QUOTE_H

#include <rehearse/error.h>

#include "core/buf.h"
#include "core/catalog.h"

/** Append "name" with quotes doubled. */
rh_status rh_pg_quote_ident(rh_buf *out, const char *name, rh_error *err) RH_MUST_CHECK;

/** Append "schema"."name". */
rh_status rh_pg_quote_name(rh_buf *out, const char *schema, const char *name,
                           rh_error *err) RH_MUST_CHECK;

/** Append 'text'; E'...' where it holds a backslash. */
rh_status rh_pg_quote_literal(rh_buf *out, const char *text, rh_error *err) RH_MUST_CHECK;

/** Append ("a", "b") of the columns that are copied; nothing when there is none. */
rh_status rh_pg_quote_columns(rh_buf *out, const rh_table *table, bool brackets,
                              rh_error *err) RH_MUST_CHECK;

#endif
