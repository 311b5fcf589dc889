/*
 * Calls of libpq that take as long as a host says nothing, in a thread of their own: they can be
 * left. PQconnectdb() looks names up and tries several hosts and addresses, each for
 * connect_timeout; PQcancel() has no time limit at all. Neither can be interrupted.
 *
 *   start -> (wait)* -> leave, whether it has ended or not: what is left goes on and cleans up
 *
 * An errand belongs to one thread.
 */
#ifndef PG_ERRAND_H
#define PG_ERRAND_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

#include "pg_conninfo.h"

typedef struct rh_pg_errand rh_pg_errand;

/** PQconnectdb() with the info's words; dbname, when not NULL, in place of the info's. Both are
 * copied. NULL: no memory. */
rh_pg_errand *rh_pg_errand_connect(const rh_pg_conninfo *info, const char *dbname) RH_MUST_CHECK;

/** PQcancel() for the connection, which may be closed meanwhile. NULL: no memory, or closed. */
rh_pg_errand *rh_pg_errand_cancel(PGconn *conn) RH_MUST_CHECK;

/** Wait for at most timeout_us (0: only look). True: it has ended. */
bool rh_pg_errand_wait_us(rh_pg_errand *errand, int64_t timeout_us);

/** The connection of one that has ended, for the caller to PQfinish(); NULL: no memory. Once. */
PGconn *rh_pg_errand_take(rh_pg_errand *errand);

/** NULL is a no-op. */
void rh_pg_errand_leave(rh_pg_errand *errand);

#endif
