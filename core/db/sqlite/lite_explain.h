/*
 * EXPLAIN QUERY PLAN as JSON.
 */
#ifndef LITE_EXPLAIN_H
#define LITE_EXPLAIN_H

#include <jansson.h>
#include <sqlite3.h>

#include <rehearse/error.h>

/** The plan of one statement, which is compiled and not run: [{"id", "parent", "detail"}], new
 * reference. RH_EDB, RH_EUSAGE (not exactly one statement). */
rh_status rh_lite_explain(sqlite3 *db, const char *sql, json_t **out, rh_error *err) RH_MUST_CHECK;

#endif
