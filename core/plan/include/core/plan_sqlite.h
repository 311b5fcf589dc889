/*
 * Reads EXPLAIN QUERY PLAN of SQLite (vocabulary of 3.31 to 3.50) with the statement's counters
 * and, where the library has them, the counters of sqlite3_stmt_scanstatus.
 */
#ifndef CORE_PLAN_SQLITE_H
#define CORE_PLAN_SQLITE_H

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/plan.h"

/** One row of EXPLAIN QUERY PLAN. */
typedef struct rh_plan_eqp_row {
    int64_t id;
    int64_t parent; /* 0 = the statement */
    const char *detail;
    double visits; /* scanstatus: rows visited over all loops; RH_PLAN_UNKNOWN without */
    double loops;
    double estimate; /* scanstatus: rows expected per loop */
} rh_plan_eqp_row;

/**
 * rows: borrowed, in the order SQLite gave them. steps: NULL when the statement was not executed.
 * A line that is not understood becomes RH_PLAN_OTHER. Returns RH_OK, RH_EFORMAT (a parent that is
 * not there, more than 20,000 rows, nested deeper than 500) or RH_ENOMEM.
 */
rh_status rh_plan_from_eqp(const rh_plan_eqp_row *rows, size_t count, const rh_plan_steps *steps,
                           rh_plan **out, rh_error *err) RH_MUST_CHECK;

/**
 * The same from the engine's document: [{"id", "parent", "detail"}], with "visits", "loops" and
 * "estimate" where scanstatus told them. Borrowed for the call. RH_EFORMAT too when it is no list
 * or a line has no text; name is put in front of the error.
 */
rh_status rh_plan_from_eqp_json(const char *name, const json_t *rows, const rh_plan_steps *steps,
                                rh_plan **out, rh_error *err) RH_MUST_CHECK;

/** The same from text, one line a row: "id parent detail" with tabs or blanks; for tests and
 * fuzzing.
 */
rh_status rh_plan_read_eqp(const char *name, const char *text, size_t len, rh_plan **out,
                           rh_error *err) RH_MUST_CHECK;

#endif
