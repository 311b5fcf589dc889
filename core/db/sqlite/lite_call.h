/*
 * Call sessions on SQLite; see core/call_session.h.
 */
#ifndef LITE_CALL_H
#define LITE_CALL_H

#include "core/call_session.h"
#include "lite_conn.h"

rh_status rh_lite_call_open(const char *target, const rh_call_options *options, void **out,
                            rh_error *err);
void rh_lite_call_close(void *session);
const char *rh_lite_call_version(const void *session);
rh_status rh_lite_call_exec(void *session, const char *sql, rh_error *err);
rh_status rh_lite_call_commit(void *session, rh_error *err);
rh_status rh_lite_call_prepare(void *session, const char *sql, void **out, rh_error *err);
void rh_lite_call_statement_free(void *statement);
const char *rh_lite_call_column(const void *statement, size_t at);
rh_status rh_lite_call_execute(void *statement, const rh_call_run *run, rh_call_counters *counters,
                               rh_error *err);
rh_status rh_lite_call_explain(void *session, const char *sql, const rh_parameter *parameters,
                               size_t count, json_t **out, rh_error *err);
rh_status rh_lite_call_open_empty(const char *target, const json_t *statistics, void **out,
                                  rh_error *err);
rh_status rh_lite_call_open_copies(const char *target, const rh_call_options *options,
                                   const char *const *statements, void **out, rh_error *err);
rh_status rh_lite_call_fill_copies(void *session, int64_t rows, rh_error *err);
rh_status rh_lite_call_copies(void *session, json_t **out, rh_error *err);
rh_status rh_lite_call_statistics(void *session, json_t **out, rh_error *err);

/** Rows of sqlite_stat1 as JSON, and back into a database that may be written. Both leave nothing
 * open. lite_call_statistics.c */
rh_status rh_lite_read_statistics(sqlite3 *db, json_t **out, rh_error *err) RH_MUST_CHECK;
rh_status rh_lite_put_statistics(sqlite3 *db, const json_t *rows, rh_error *err) RH_MUST_CHECK;

#endif
