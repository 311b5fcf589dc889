/*
 * EXPLAIN as an application would get it, leaving the session as it was.
 */
#ifndef PG_EXPLAIN_H
#define PG_EXPLAIN_H

#include <jansson.h>

#include "pg_connection.h"

/** What the server answered to EXPLAIN (FORMAT JSON); NULL is no answer. RH_EFORMAT. New reference.
 */
rh_status rh_pg_explain_parse(const char *answer, json_t **out, rh_error *err) RH_MUST_CHECK;

/** FORMAT JSON, nothing is executed. Inside of a transaction only; a failure does not end it. */
rh_status rh_pg_explain(rh_pg *pg, const char *sql, json_t **out, rh_error *err) RH_MUST_CHECK;

/**
 * The plan whatever the values of $1, $2 ... are, FORMAT JSON, VERBOSE (with schemas) if asked for.
 * Under the session's own search_path. Inside of a transaction only; a failure does not end it.
 */
rh_status rh_pg_explain_generic(rh_pg *pg, const char *sql, bool verbose, json_t **out,
                                rh_error *err) RH_MUST_CHECK;

#endif
