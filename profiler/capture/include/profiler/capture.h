/*
 * Capture: what logs, traces and scripts tell becomes a workload: statements with their sessions,
 * transactions, parameters and costs. Nothing is dropped silently: what cannot be read or executed
 * again is counted by reason, with the file and line of the first.
 */
#ifndef PROFILER_CAPTURE_H
#define PROFILER_CAPTURE_H

#include <jansson.h>

#include "core/engine.h"
#include "core/query_stats.h"
#include "core/workload_file.h"
#include "profiler/log_read.h"

/** Where the statements ran, which logs do not tell: replay refuses to run there. */
typedef struct rh_capture_origin {
    rh_engine_kind engine;
    const char *system_id; /* PostgreSQL's; NULL for SQLite */
    const char *database;  /* name; SQLite: absolute path */
    const char *server_version;
} rh_capture_origin;

/** Zero-initialised but for tool_version: take everything. Texts are borrowed until the end. */
typedef struct rh_capture_options {
    const char *tool_version;        /* not NULL */
    bool replace;                    /* the workload file may exist */
    rh_log_options log;              /* how to read */
    const rh_capture_origin *origin; /* of every input but pg_stat_statements; NULL: not known */

    /* Filters; lists are NULL-terminated, NULL takes all. Globs. */
    const char *const *databases;
    const char *const *users;
    const char *const *applications;
    int64_t since_us;        /* start at or after; 0: no limit */
    int64_t until_us;        /* start before; 0: no limit */
    int64_t min_duration_us; /* 0: no limit; statements of unknown duration stay out otherwise */
    const char *const *fingerprints; /* 16 hex digits each */
    double sample;                   /* share of the sessions, up to 1; 0: all */
    size_t max_sessions;             /* open at a time, 0: 20,000; the one idle longest gives way */
} rh_capture_options;

typedef struct rh_capture rh_capture;

/** Start a workload file at path. It appears when rh_capture_end() succeeds. */
rh_status rh_capture_new(const char *path, const rh_capture_options *options, rh_capture **out,
                         rh_error *err) RH_MUST_CHECK;

/** Without rh_capture_end() before: nothing is left behind. NULL is a no-op. */
void rh_capture_free(rh_capture *capture);

/**
 * Read one input; takes reader, also on failure. name stands in errors and in the workload.
 * Sessions go on from one input to the next, as a rotated log does: give logs in order of time.
 * RH_EFORMAT (see rh_log_read), RH_EUSAGE (statements of the other engine), and I/O.
 */
rh_status rh_capture_input(rh_capture *capture, const char *name, rh_reader *reader,
                           rh_error *err) RH_MUST_CHECK;

/** Take what pg_stat_statements of a server holds: shapes with calls and costs, without values. */
rh_status rh_capture_query_stats(rh_capture *capture, const char *conninfo,
                                 rh_error *err) RH_MUST_CHECK;

/**
 * Close all sessions, complete the file, put it in its place. *out_report: an object (docs/
 * capture.md), the caller's.
 */
rh_status rh_capture_end(rh_capture *capture, json_t **out_report, rh_error *err) RH_MUST_CHECK;

#endif
