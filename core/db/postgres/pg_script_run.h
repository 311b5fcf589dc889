/*
 * Running a script's statements on a session that follows the script's settings.
 */
#ifndef PG_SCRIPT_RUN_H
#define PG_SCRIPT_RUN_H

#include "pg_connection.h"
#include "pg_script.h"

typedef struct rh_pg_runner {
    rh_pg *pg;                  /* borrowed */
    const rh_pg_script *script; /* borrowed */
    size_t applied;             /* settings in force */
} rh_pg_runner;

/** Bring the session's settings to those before item, then run sql (NULL: the item's own). Errors
 * name the item. */
rh_status rh_pg_runner_item(rh_pg_runner *runner, const rh_pg_item *item, const char *sql,
                            rh_error *err) RH_MUST_CHECK;

#endif
