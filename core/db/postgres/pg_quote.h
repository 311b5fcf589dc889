/*
 * Names of a table as SQL text.
 */
#ifndef PG_QUOTE_H
#define PG_QUOTE_H

#include <rehearse/error.h>

#include "core/buf.h"
#include "core/catalog.h"

/** Append ("a", "b") of the columns that are copied; nothing when there is none. */
rh_status rh_pg_quote_columns(rh_buf *out, const rh_table *table, bool brackets,
                              rh_error *err) RH_MUST_CHECK;

#endif
