/*
 * A captured trace cut into blocks by a marker statement.
 */
#ifndef LEDGER_IMPORT_TRACE_H
#define LEDGER_IMPORT_TRACE_H

#include "core/cancel.h"
#include "core/progress.h"
#include "ledger/ledger_file.h"

enum { RH_IMPORT_TRACE_MAX_STATEMENTS = 1000000 }; /* of one block */

typedef struct rh_import_trace_options {
    /** A statement that begins with these tokens is a marker (letters' case, white space, comments
     * and quotes of names do not matter); with '*' in it: whose whole text the pattern matches. Not
     * NULL. */
    const char *marker;
    bool ends;             /* the marker is a block's last statement, not among its first */
    int64_t first_height;  /* count from here; -1: as the markers tell, else from 0 */
    rh_progress *progress; /* may be NULL */
    const rh_cancel *cancel;
} rh_import_trace_options;

typedef struct rh_import_trace_report {
    uint64_t before;         /* statements before the first block */
    uint64_t after;          /* behind the last one's marker, where it ends blocks */
    uint64_t other_sessions; /* of sessions without a marker */
    uint64_t unreplayable;   /* taken: they are counted, but cannot be run */
    uint64_t least;          /* statements of the smallest and of the largest block */
    uint64_t most;
    bool heights_told; /* the markers told ascending heights */
} rh_import_trace_report;

/**
 * Cut a workload file (core/workload_file.h, as capture writes it) into blocks, which keep their
 * statements, in their order, with their values. A block begins with the transaction that its
 * marker is in, if that holds no other marker, else with the marker. Heights are the markers'
 * parameters block_index or height, else their first whole number. What the file could not read
 * stays counted in the new one. RH_ENOTFOUND: no marker; RH_ELIMIT: a block of too many statements.
 */
rh_status rh_import_trace(const char *path, const rh_import_trace_options *options,
                          rh_ledger_writer *writer, rh_import_trace_report *out,
                          rh_error *err) RH_MUST_CHECK;

#endif
