/*
 * Queries from .sql files: statements, their names, and a second text for the target where masked
 * literals differ.
 */
#ifndef FID_QUERIES_H
#define FID_QUERIES_H

#include <stddef.h>

#include "core/arena.h"
#include "core/cancel.h"
#include "core/engine.h"
#include "core/sql_scan.h"

enum { RH_FID_MAX_QUERIES = 10000 };

typedef struct rh_fid_query {
    const char *name; /* from "-- name: x", else that of the file; "#2" behind later statements */
    const char *file;
    size_t line; /* where the statement begins, from 1 */
    const char *source_sql;
    const char *target_sql; /* the same pointer where there is no text of its own */
} rh_fid_query;

typedef struct rh_fid_queries {
    rh_arena *arena;
    rh_sql_dialect dialect;
    rh_fid_query *items; /* in the order of the arguments, files of a folder by name */
    size_t count;
    size_t cap;
} rh_fid_queries;

/**
 * Read files and folders (its *.sql, not deeper). Beside the file of query x, "x.target.sql" holds
 * x's text for the target; such files are no queries themselves. RH_EUSAGE (no statement, two
 * statements in a target's file, two queries of one name), RH_ENOTFOUND, RH_EIO, RH_ELIMIT.
 */
rh_status rh_fid_queries_read(const char *const *paths, rh_sql_dialect dialect,
                              rh_fid_queries **out, rh_error *err) RH_MUST_CHECK;

/** Add a query; its texts live as long as the arena. RH_EUSAGE (two of one name), RH_ELIMIT. */
rh_status rh_fid_queries_add(rh_fid_queries *queries, const rh_fid_query *query,
                             rh_error *err) RH_MUST_CHECK;

/**
 * Add the statements of a workload (fid_workload.c): each shape that reads or writes rows is a
 * query, named by its fingerprint, with the values of its slowest execution in the text.
 * *out_passed: how many shapes have none that could be run again.
 */
rh_status rh_fid_queries_of_workload(rh_fid_queries *queries, const char *path,
                                     rh_engine_kind engine, size_t *out_passed,
                                     rh_error *err) RH_MUST_CHECK;

void rh_fid_queries_free(rh_fid_queries *queries);

#endif
