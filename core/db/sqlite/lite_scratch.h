/*
 * Scratch databases: files without a name, which SQLite removes from their folder before the first
 * byte is written, so that nothing stays behind whatever ends the process.
 */
#ifndef LITE_SCRATCH_H
#define LITE_SCRATCH_H

#include "lite_conn.h"

typedef struct rh_lite_scratch {
    sqlite3 *db;
    bool rows; /* for the owner: false: schema and statistics only */
} rh_lite_scratch;

/** Make an empty one under TMPDIR; rh_lite_scratch_done() also after a failure. */
rh_status rh_lite_scratch_open(rh_lite_scratch *scratch, rh_error *err) RH_MUST_CHECK;
void rh_lite_scratch_done(rh_lite_scratch *scratch);

/**
 * Make from's tables, indexes and views, without rows, triggers and statistics. Tables that a
 * virtual one keeps its own rows in come with it. Virtual tables of a module that is not there are
 * left out: what uses them cannot be compiled on the original either.
 */
rh_status rh_lite_scratch_schema(sqlite3 *from, sqlite3 *to, rh_error *err) RH_MUST_CHECK;

#endif
