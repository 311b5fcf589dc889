/*
 * Names of copied tables in statements: a table that is named with its schema becomes the temporary
 * one of its name.
 */
#ifndef PG_COPY_NAMES_H
#define PG_COPY_NAMES_H

#include <stdbool.h>

#include <rehearse/error.h>

#include "core/buf.h"

/** Whether the table has a copy. */
typedef bool (*rh_pg_has_copy)(const void *ctx, const char *schema, const char *name);

/** Append sql to out, with pg_temp for the schema of each table that has a copy. */
rh_status rh_pg_name_copies(const char *sql, rh_pg_has_copy has_copy, const void *ctx, rh_buf *out,
                            rh_error *err) RH_MUST_CHECK;

#endif
