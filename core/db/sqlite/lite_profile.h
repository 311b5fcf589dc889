/*
 * Profile sessions on SQLite; see core/profile_session.h. lite_profile_run.c has the states.
 */
#ifndef LITE_PROFILE_H
#define LITE_PROFILE_H

#include <sqlite3.h>

#include "core/profile_session.h"
#include "lite_conn.h"

enum { RH_LITE_PROFILE_OLDEST = 3031000 };

typedef struct rh_lite_profile {
    char *path;
    sqlite3 *db;
    rh_profile_options options;
    uint8_t secret[RH_ROW_SECRET_BYTES];
    rh_row_hasher *hasher;
} rh_lite_profile;

/** Compile exactly one statement and bind its parameters. out_offset: byte of the error, or
 * RH_PROFILE_NO_OFFSET; may be NULL. RH_EUSAGE: not one statement, or a parameter without value. */
rh_status rh_lite_profile_prepare(sqlite3 *db, const char *sql,
                                  const rh_profile_statement *statement, sqlite3_stmt **out,
                                  size_t *out_offset, rh_error *err) RH_MUST_CHECK;

/** True when a parameter of the statement has no value in the list. */
bool rh_lite_profile_lacks_values(sqlite3_stmt *stmt, const rh_profile_statement *statement);

/** EXPLAIN QUERY PLAN with the parameters bound: array of {"id", "parent", "detail"}. */
rh_status rh_lite_profile_explain(sqlite3 *db, const rh_profile_statement *statement, json_t **out,
                                  rh_error *err) RH_MUST_CHECK;

/** Run to the end or to a limit; counters into *out_steps (new reference). *out_stopped: see
 * rh_profile_result. out_hash may be NULL: rows are not hashed then. The caller begins and rolls
 * back. */
rh_status rh_lite_profile_execute(const rh_lite_profile *profile, sqlite3_stmt *stmt,
                                  json_t **out_steps, const char **out_stopped, rh_u128 *out_hash,
                                  rh_error *err) RH_MUST_CHECK;

/** rehearse_count() of a statement that counts; nothing for others. */
rh_status rh_lite_counters_begin(sqlite3 *db, const rh_profile_statement *statement,
                                 rh_error *err) RH_MUST_CHECK;
void rh_lite_counters_end(sqlite3 *db, const rh_profile_statement *statement);

/** Whether the library that is loaded has sqlite3_stmt_scanstatus(). */
bool rh_lite_has_scanstatus(void);

/** Put "visits", "loops" and "estimate" on the rows that the library counted; nothing where it
 * cannot count. */
rh_status rh_lite_add_scanstatus(sqlite3_stmt *stmt, json_t *rows, rh_error *err) RH_MUST_CHECK;

rh_status rh_lite_profile_open(const char *target, const rh_profile_options *options, void **out,
                               rh_error *err);
void rh_lite_profile_close(void *session);
rh_status rh_lite_profile_about(void *session, json_t **out, rh_error *err);
rh_status rh_lite_profile_run(void *session, const rh_profile_statement *statement,
                              rh_profile_result *out, rh_error *err);
rh_status rh_lite_profile_tables(void *session, const rh_profile_table *tables, size_t count,
                                 json_t **out, rh_error *err);
rh_status rh_lite_profile_try_index(void *session, const rh_profile_statement *statement,
                                    const rh_profile_index *index, json_t **out, rh_error *err);
rh_status rh_lite_profile_values(void *session, const rh_profile_table *table, const char *column,
                                 json_t **out, rh_error *err);
rh_status rh_lite_profile_view(void *session, const rh_profile_table *view, char **out,
                               rh_error *err);

#endif
