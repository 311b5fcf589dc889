/*
 * What the parts of the reader of workload files share.
 */
#ifndef WORKLOAD_READER_H
#define WORKLOAD_READER_H

#include <sqlite3.h>

#include "core/workload_file.h"

struct rh_workload_file {
    char *path; /* absolute */
    sqlite3 *db;
    json_t *settings;
    char *tool_version;
    rh_workload_summary summary;
    bool totals;    /* some executions stand for many */
    int64_t budget; /* VM steps that reading may still take; then the file is taken as endless */
    int64_t steps;  /* what one pass over all of it may take */
};

/** Allow one more pass over the file. */
void rh_workload_budget(rh_workload_file *file);

/** Make err an RH_EFORMAT about this file, unless it is of another kind (memory, I/O). */
rh_status rh_workload_damaged(const rh_workload_file *file, rh_status status,
                              const rh_error *detail, rh_error *err);

/** As sqlite3_step: RH_OK a row, RH_DONE no more, or the file is damaged. */
rh_status rh_workload_step(const rh_workload_file *file, sqlite3_stmt *stmt, rh_error *err);

/* Values of a row, distrusted: another storage class, an embedded NUL or a negative number is
 * RH_EFORMAT. NULL is 0, -1 (count) or a NULL pointer. */
rh_status rh_workload_column_number(sqlite3_stmt *stmt, int at, uint64_t *out, rh_error *err);
rh_status rh_workload_column_time(sqlite3_stmt *stmt, int at, int64_t *out, rh_error *err);
rh_status rh_workload_column_count(sqlite3_stmt *stmt, int at, int64_t *out, rh_error *err);
rh_status rh_workload_column_text(sqlite3_stmt *stmt, int at, const char **out, rh_error *err);
/** As text, but NULL is refused. */
rh_status rh_workload_column_some(sqlite3_stmt *stmt, int at, const char **out, rh_error *err);

/** Five columns from `at` on: id, fingerprint, by, command, normalized. */
rh_status rh_workload_column_statement(sqlite3_stmt *stmt, int at, rh_workload_statement *out,
                                       rh_error *err);

#endif
