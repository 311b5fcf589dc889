/*
 * Replay: the executions of a workload on a target, with its sessions, order and pace, and what
 * came of it. The engine is core's seam (core/replay_engine.h); the CLI plugs them together.
 */
#ifndef PROFILER_REPLAY_H
#define PROFILER_REPLAY_H

#include <jansson.h>

#include "core/problems.h"
#include "core/progress.h"
#include "core/replay_engine.h"
#include "core/sql_scan.h"
#include "core/workload_file.h"

typedef enum rh_replay_order {
    RH_REPLAY_ORDER_COMMIT, /* a transaction waits for those that had committed before it began */
    RH_REPLAY_ORDER_STRICT, /* statements start in the order of the capture */
    RH_REPLAY_ORDER_NONE,   /* only within a session */
} rh_replay_order;

typedef enum rh_replay_writes {
    RH_REPLAY_WRITES_ROLLBACK, /* everything runs, nothing stays */
    RH_REPLAY_WRITES_COMMIT,
    RH_REPLAY_WRITES_SKIP,
} rh_replay_writes;

typedef struct rh_replay_options {
    rh_sql_dialect dialect;
    rh_replay_order order;
    rh_replay_writes writes;
    size_t links; /* of the engine */
    size_t depth; /* of the engine: plain reads of a session that are sent together; 1 with strict
                     order and with writes that stay, where it would change what is seen */
    int64_t speed_milli; /* 1000: as captured, 2000: twice as fast; 0: as fast as order allows */
    bool no_idle;        /* pass over times in which nothing ran */
    uint64_t loops;      /* >= 1 */
    uint64_t limit;      /* executions of one loop; 0: all */
    int64_t stall_us;   /* order is given up for the first in line when nothing ended for so long */
    size_t window;      /* executions read ahead */
    bool keep_outcomes; /* of every execution, for rh_replay_run_write and _compare */
    const rh_cancel *cancel; /* may be NULL */
    rh_progress *progress;   /* may be NULL */
} rh_replay_options;

#define RH_REPLAY_OPTIONS_INIT                                                                     \
    {                                                                                              \
        RH_SQL_POSTGRES, RH_REPLAY_ORDER_COMMIT, RH_REPLAY_WRITES_ROLLBACK, 1, 1, 1000, false, 1,  \
            0, 5000000, 65536, false, NULL, NULL                                                   \
    }

typedef struct rh_replay_run rh_replay_run;

/**
 * Run it. workload: in order of time; rewound for further loops. A statement that fails, a lost
 * connection or a refused statement is a result. RH_ECONNECT: no connection could be opened any
 * more; RH_ECANCELED; errors of the workload. Links are closed by the engine's close.
 */
rh_status rh_replay_run_all(const rh_workload *workload, const rh_replay_engine *engine,
                            const rh_replay_options *options, rh_replay_run **out,
                            rh_error *err) RH_MUST_CHECK;
void rh_replay_run_free(rh_replay_run *run);

/** The figures (docs/replay.md): new reference. */
rh_status rh_replay_run_report(const rh_replay_run *run, json_t **out, rh_error *err) RH_MUST_CHECK;

/** Write the run for a later comparison, mode 0600: `head` (an object, borrowed) and one entry per
 * execution, sorted. Wants options.keep_outcomes, as does comparing. Both take the same memory for
 * any number of executions: above 65,536, a file in TMPDIR or /var/tmp that has no name holds them.
 */
rh_status rh_replay_run_write(rh_replay_run *run, const json_t *head, const char *path,
                              rh_error *err) RH_MUST_CHECK;

/** Is there a run to compare with at path? To be asked before hours of replay. RH_EFORMAT,
 * RH_ENOTFOUND. */
rh_status rh_replay_run_look(const char *path, rh_error *err) RH_MUST_CHECK;

/**
 * Compare with a run that was written before: rows, row hashes and SQL states per execution.
 * *out (new reference): {"same", "compared", "different", "missing", "new", "differences"}.
 * RH_EFORMAT, RH_ENOTFOUND.
 */
rh_status rh_replay_run_compare(rh_replay_run *run, const char *path, json_t **out, bool *out_same,
                                rh_error *err) RH_MUST_CHECK;

/**
 * May this workload run on this target? RH_EUSAGE with the reason when the target is marked as
 * production, is not marked as staging, or is what the capture was taken from; with `sure` these
 * become notes. Another engine is always RH_EUSAGE.
 */
rh_status rh_replay_permit(rh_workload_file *file, const rh_replay_target *target, bool sure,
                           rh_problems *notes, rh_error *err) RH_MUST_CHECK;

#endif
