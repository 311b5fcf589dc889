/*
 * Between the files of this folder.
 */
#ifndef RH_LEDGER_CHECK_INTERNAL_H
#define RH_LEDGER_CHECK_INTERNAL_H

#include "ledger/ledger_check.h"

/** Plan lines of a statement: [text, ...] under each statistics. */
typedef struct check_plans {
    json_t *none;
    json_t *production;
    json_t *after;
} check_plans;

/** Sessions on empty copies of the schema; all NULL on PostgreSQL. */
typedef struct check_sessions {
    rh_call_session *none;
    rh_call_session *production;
    rh_call_session *after;
} check_sessions;

rh_status rh_check_sessions_open(const rh_ledger_check_options *options, check_sessions *out,
                                 rh_error *err) RH_MUST_CHECK;
void rh_check_sessions_close(check_sessions *sessions);
rh_status rh_check_plans_read(const check_sessions *sessions, const char *sql, check_plans *out,
                              rh_error *err) RH_MUST_CHECK;
void rh_check_plans_done(check_plans *plans);

/** True for a row of sqlite_stat1 that makes SQLite distrust its index: more than 100 rows, all
 * numbers equal. *out_rows: its first number, 0 when there is none. */
bool rh_check_low_quality(const json_t *row, int64_t *out_rows);

/** Rows of a table as the statistics say; 0 when they do not. */
int64_t rh_check_production_rows(const json_t *statistics, const char *table);

/** Does a line of the plan use the index? */
bool rh_check_uses(const json_t *lines, const char *index);

#endif
