/*
 * One connection, opened with retry. What is sent over it: pg_statement.h.
 *
 * Error texts made here never hold a password.
 */
#ifndef PG_CONNECTION_H
#define PG_CONNECTION_H

#include <libpq-fe.h>
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

#endif
