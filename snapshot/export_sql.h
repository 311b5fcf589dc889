/*
 * SQL and shell text of an export, from the manifest's facts. Names come from a database and are
 * quoted; they never reach a shell unquoted.
 */
#ifndef SNAPSHOT_EXPORT_SQL_H
#define SNAPSHOT_EXPORT_SQL_H

#include <jansson.h>

#include "core/buf.h"
#include "core/catalog.h"

/** 'text' for the shell: quotes become '\''. */
rh_status rh_export_shell_text(rh_buf *out, const char *text, rh_error *err) RH_MUST_CHECK;

/** COPY "schema"."table" ("columns") FROM STDIN WITH (ENCODING '...'); the table is another one
 * where facts have a route (core/routes.h; NULL: none). */
rh_status rh_export_sql_copy(rh_buf *out, const rh_table *table, const json_t *facts,
                             const char *encoding, rh_error *err) RH_MUST_CHECK;

/** sequences.sql: one setval per entry of facts' "sequences". */
rh_status rh_export_sql_sequences(rh_buf *out, const json_t *facts, rh_error *err) RH_MUST_CHECK;

#endif
