/*
 * The one place where statements of ours go to a server: each gets the mark in front, so that logs
 * and pg_stat_statements tell it from a workload's, whatever log_line_prefix says. Statements of a
 * workload go past this (pg_replay_send.c, pg_call.c) and reach the server as they are.
 */
#ifndef PG_SEND_H
#define PG_SEND_H

#include "pg_connection.h"

/** PQsendQuery() of the marked text, which may be several statements. RH_ENOMEM, RH_ECONNECT. */
rh_status rh_pg_send(rh_pg *pg, const char *sql, rh_error *err) RH_MUST_CHECK;

/** The same on the way out, without any memory: a text of more than 480 bytes goes unmarked. */
bool rh_pg_send_anyway(rh_pg *pg, const char *sql);

/** One statement with text parameters; format of the result: 0 text, 1 binary. */
typedef struct rh_pg_question {
    const char *sql;
    size_t count;
    const char *const *params; /* NULL: none */
    int format;
} rh_pg_question;

rh_status rh_pg_send_question(rh_pg *pg, const rh_pg_question *question,
                              rh_error *err) RH_MUST_CHECK;

/** Prepare a statement that is only planned, not run for its workload's sake. */
rh_status rh_pg_prepare(rh_pg *pg, const char *name, const char *sql, rh_error *err) RH_MUST_CHECK;

#endif
