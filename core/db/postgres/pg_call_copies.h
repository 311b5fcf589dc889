/*
 * Growing copies of tables: temporary ones of the session's transaction, which hide the originals,
 * and the views over them.
 */
#ifndef PG_CALL_COPIES_H
#define PG_CALL_COPIES_H

#include "core/call_session.h"
#include "pg_connection.h"

typedef struct rh_pg_copies rh_pg_copies;

/** In a transaction that may write and sees one snapshot. RH_EUNSUPPORTED names a table that
 * is read otherwise than by its name or a plain view, a part of another, or two of one name. Leaves
 * the savepoint rehearse_copies. */
rh_status rh_pg_copies_open(rh_pg *pg, const char *const *statements, rh_pg_copies **out,
                            rh_error *err) RH_MUST_CHECK;
void rh_pg_copies_free(rh_pg_copies *copies); /* NULL is a no-op */

/** sql as it has to be run: tables that it names with a schema and that have copies become these.
 * copies NULL: unchanged. *out: allocated by rh_mem. */
rh_status rh_pg_copies_named(const rh_pg_copies *copies, const char *sql, char **out,
                             rh_error *err) RH_MUST_CHECK;

/** See rh_call_fill_copies(). The copies are analyzed. */
rh_status rh_pg_copies_fill(rh_pg_copies *copies, int64_t rows, rh_error *err) RH_MUST_CHECK;

/** See rh_call_copies(). */
rh_status rh_pg_copies_list(const rh_pg_copies *copies, json_t **out, rh_error *err) RH_MUST_CHECK;

#endif
