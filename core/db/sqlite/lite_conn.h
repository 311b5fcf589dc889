/*
 * SQLite connections as this program wants them, and their errors as ours. Functions that take a
 * connection leave no statement open.
 */
#ifndef LITE_CONN_H
#define LITE_CONN_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/buf.h"

typedef enum rh_lite_role {
    RH_LITE_SOURCE,        /* read-only, never checkpoints; one thread at a time */
    RH_LITE_SOURCE_SHARED, /* the same behind SQLite's own mutex */
    RH_LITE_BUILD,         /* our own fresh file: its schema table may be written */
    RH_LITE_CLAIM,         /* an existing staging file that is about to be replaced */
} rh_lite_role;

/** The path inside a database name: without "sqlite:". Borrowed from name. */
const char *rh_lite_path(const char *name);

/**
 * Open an existing file (absolute path). Nothing is read yet. Extensions cannot be loaded; except
 * in files that we build, no function that the schema names is ever run. busy_us: how long one lock
 * is waited for.
 */
rh_status rh_lite_open(const char *path, rh_lite_role role, int64_t busy_us, sqlite3 **out,
                       rh_error *err) RH_MUST_CHECK;
void rh_lite_close(sqlite3 *db); /* NULL is a no-op */

/** Let a source connection compile any query (for EXPLAIN), or only our own again. */
void rh_lite_allow_queries(sqlite3 *db, bool allow);

/** Record what SQLite said. rc is an extended result code; db may be NULL. Returns our code. */
rh_status rh_lite_fail(sqlite3 *db, int rc, rh_error *err);

/** Run SQL without results (several statements allowed). */
rh_status rh_lite_exec(sqlite3 *db, const char *sql, rh_error *err) RH_MUST_CHECK;

/** Compile exactly one statement. Free with sqlite3_finalize. */
rh_status rh_lite_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out,
                          rh_error *err) RH_MUST_CHECK;

/** RH_OK: a row; RH_DONE: no more. */
rh_status rh_lite_step(sqlite3_stmt *stmt, rh_error *err) RH_MUST_CHECK;

/** First column of the first row. RH_ENOTFOUND without a recorded error when there is no row. */
rh_status rh_lite_get_int(sqlite3 *db, const char *sql, int64_t *out, rh_error *err) RH_MUST_CHECK;
rh_status rh_lite_get_text(sqlite3 *db, const char *sql, rh_buf *out, rh_error *err) RH_MUST_CHECK;

/** PRAGMA main.<pragma>("name"), as a statement: a table may hide its function form. */
rh_status rh_lite_open_pragma(sqlite3 *db, const char *pragma, const char *name, sqlite3_stmt **out,
                              rh_error *err) RH_MUST_CHECK;

#endif
