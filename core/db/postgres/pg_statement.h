/*
 * Statements and COPY over one connection: they can be interrupted, and a server that does not
 * answer is left after some seconds; results, failed ones as errors.
 *
 * Error texts made here never hold a password, and for errors about data (class 22, 23, raised
 * exceptions) never a value.
 */
#ifndef PG_STATEMENT_H
#define PG_STATEMENT_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "pg_connection.h"

/** One or more statements without parameters; results are dropped. Interruptible: the server is
 * asked to stop, and one that has not answered seconds later is cut off (rh_pg_cut_off). */
rh_status rh_pg_exec(rh_pg *pg, const char *sql, rh_error *err) RH_MUST_CHECK;

/** printf-like rh_pg_exec; quote with core/sql_name.h and core/sql_literal.h. */
rh_status rh_pg_execf(rh_pg *pg, rh_error *err, const char *format, ...) RH_MUST_CHECK
    RH_PRINTF(3, 4);

/** As rh_pg_exec for the way out: errors are of no use to anybody. Runs although somebody asked to
 * end, but waits no longer than seconds then (or, where nobody can ask, a minute). */
void rh_pg_exec_quietly(rh_pg *pg, const char *sql);

/** One statement with text parameters (NULL array for none); PQclear the result. */
rh_status rh_pg_query(rh_pg *pg, const char *sql, size_t count, const char *const *params,
                      PGresult **out, rh_error *err) RH_MUST_CHECK;

/** As rh_pg_query, the result in binary format. */
rh_status rh_pg_query_binary(rh_pg *pg, const char *sql, size_t count, const char *const *params,
                             PGresult **out, rh_error *err) RH_MUST_CHECK;

/** Value of the one row and column, fresh memory; NULL text for SQL NULL or no row. */
rh_status rh_pg_query_text(rh_pg *pg, const char *sql, size_t count, const char *const *params,
                           char **out, rh_error *err) RH_MUST_CHECK;

/** Start a COPY; expected is PGRES_COPY_IN or PGRES_COPY_OUT. */
rh_status rh_pg_copy_start(rh_pg *pg, const char *sql, ExecStatusType expected,
                           rh_error *err) RH_MUST_CHECK;

/** Rows of a COPY FROM, sent before this returns. RH_ECONNECT, whose reason is a result;
 * RH_ECANCELED: somebody asked to end, and the server took nothing for seconds. */
rh_status rh_pg_put_copy(rh_pg *pg, const char *data, int len, rh_error *err) RH_MUST_CHECK;

/** End of a COPY or of single rows: read what is left; the rows of the command tag (-1: none). */
rh_status rh_pg_drain(rh_pg *pg, int64_t *out_rows, rh_error *err) RH_MUST_CHECK;

/** Ask the server to stop the running statement; the result still has to be drained. Waits until
 * the server has the request, at most two seconds, and sets the time after which results are given
 * up. */
void rh_pg_cancel(rh_pg *pg);

/** Expect no answer any more: whatever is done with the connection fails without waiting. */
void rh_pg_cut_off(rh_pg *pg);

/** The next result of what was sent, NULL at the end, as PQgetResult() but interruptible:
 * RH_ECONNECT, RH_ECANCELED (the server did not even answer that). */
rh_status rh_pg_next_result(rh_pg *pg, PGresult **out, rh_error *err) RH_MUST_CHECK;

/** Wait until the socket is readable or 200 ms passed; RH_ECANCELED when asked to end. */
rh_status rh_pg_wait_readable(rh_pg *pg, rh_error *err) RH_MUST_CHECK;

/** Read and drop what is left of a COPY TO; its result still has to be drained. */
rh_status rh_pg_skip_copy(rh_pg *pg, rh_error *err) RH_MUST_CHECK;

/** Turn a failed result (NULL: the connection's own message) into an error. Returns its code. */
rh_status rh_pg_fail(const rh_pg *pg, const PGresult *result, rh_error *err);

/** Column value as integer, 0 for NULL. */
int64_t rh_pg_int64(const PGresult *result, int row, int column);

/** Column value as text, NULL for SQL NULL; borrowed. */
const char *rh_pg_text(const PGresult *result, int row, int column);
bool rh_pg_true(const PGresult *result, int row, int column);

#endif
