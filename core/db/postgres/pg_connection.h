/*
 * One connection: opened with retry, statements that can be interrupted, results as errors.
 *
 * Error texts made here never hold a password, and for errors about data (class 22, 23, raised
 * exceptions) never a value.
 */
#ifndef PG_CONNECTION_H
#define PG_CONNECTION_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/cancel.h"
#include "core/own_statements.h"
#include "pg_conninfo.h"

/* In front of all statements of ours (pg_send.h), and inside texts of several. */
#define RH_PG_OURS RH_OWN_COMMENT

typedef struct rh_pg {
    PGconn *conn;
    const rh_cancel *cancel; /* borrowed, may be NULL */
    int64_t give_up_us;      /* asked to end: longest wait for the server's answer; 0: not asked */
    int version;             /* e.g. 150018 */
    int mark_len;            /* characters of the mark in front of what was sent last */
    int error_position;      /* of the last statement that failed: character from 1; 0 = none */
    char error_hint[RH_ERROR_HINT_BYTES]; /* the server's, of errors about the SQL (class 42) */
} rh_pg;

/**
 * Connect to info's database, or to `dbname` when it is not NULL. Tries again for some seconds
 * while the server starts or has no free slot. A host that says nothing is left as soon as somebody
 * asks to end. Sets encoding (UTF8 unless the server has none:
 * SQL_ASCII), search_path '', timeouts 0, application_name. RH_ECONNECT, RH_ENOTFOUND (no such
 * database), RH_ECANCELED.
 */
rh_status rh_pg_open(const rh_pg_conninfo *info, const char *dbname, const rh_cancel *cancel,
                     rh_pg **out, rh_error *err) RH_MUST_CHECK;
/** Begin to connect without waiting, for PQconnectPoll(); nothing is set yet. NULL: no memory. */
PGconn *rh_pg_connect_start(const rh_pg_conninfo *info);
/** As PQconnectdb(): waits, and nothing ends that early. For pg_errand.c. */
PGconn *rh_pg_connect_waiting(const rh_pg_conninfo *info);
void rh_pg_close(rh_pg *pg); /* NULL is a no-op */

/** Write into info which host, address and port the connection has, so that the next one gets the
 * same instance of several. */
rh_status rh_pg_pin(const rh_pg *pg, rh_pg_conninfo *info, rh_error *err) RH_MUST_CHECK;

/** One or more statements without parameters; results are dropped. Interruptible: the server is
 * asked to stop, and one that has not answered seconds later is cut off (rh_pg_cut_off). */
rh_status rh_pg_exec(rh_pg *pg, const char *sql, rh_error *err) RH_MUST_CHECK;

/** printf-like rh_pg_exec; quote with rh_pg_quote_*. */
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
