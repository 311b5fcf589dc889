/*
 * Queries from .sql files: statements, their names, and a second text for the target where masked
 * literals differ.
 */
#ifndef FID_QUERIES_H
#define FID_QUERIES_H

#include <stddef.h>

#include "core/arena.h"
#include "core/cancel.h"

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
    rh_fid_query *items; /* in the order of the arguments, files of a folder by name */
    size_t count;
    size_t cap;
} rh_fid_queries;

/**
 * Read files and folders (its *.sql, not deeper). Beside the file of query x, "x.target.sql" holds
 * x's text for the target; such files are no queries themselves. RH_EUSAGE (no statement, two
 * statements in a target's file, two queries of one name), RH_ENOTFOUND, RH_EIO, RH_ELIMIT.
 */
rh_status rh_fid_queries_read(const char *const *paths, rh_fid_queries **out,
                              rh_error *err) RH_MUST_CHECK;
void rh_fid_queries_free(rh_fid_queries *queries);

/** One statement of a text. */
typedef struct rh_fid_statement {
    const char *sql; /* without the semicolon, comments before it cut off */
    size_t len;
    size_t line;
    const char *name; /* of a "-- name: x" line since the last statement, or NULL */
    size_t name_len;
} rh_fid_statement;

/**
 * The next statement of *text, which moves behind it; *line counts along. False at the end. Knows
 * quotes, E'', dollar quotes, brackets of SQLite, and both kinds of comments.
 */
bool rh_fid_split_next(const char **text, size_t *line, rh_fid_statement *out);

#endif
