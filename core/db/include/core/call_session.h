/*
 * Statements that are prepared once and run often on one connection, with the counters of each run:
 * what a ledger's node does. PostgreSQL and SQLite implement it (engine_ops.h).
 *
 * A session holds one transaction from its first statement to rh_call_commit() or close, which
 * rolls back. It belongs to one thread at a time. Parameters are ?1, ?2 ... (SQLite) or $1, $2 ...
 */
#ifndef CORE_CALL_SESSION_H
#define CORE_CALL_SESSION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/cancel.h"
#include "core/engine.h"
#include "core/workload.h"

typedef struct rh_call_session rh_call_session;
typedef struct rh_call_statement rh_call_statement;

typedef struct rh_call_options {
    const char *const *setup; /* PRAGMA or SET statements, run before the transaction begins;
                                 NULL-terminated, may be NULL */
    bool writes;              /* statements may write */
    int64_t lock_timeout_us;  /* default 2 s; never 0 */
    /** SQLite: plan by these rows of sqlite_stat1 ([[table, index or null, stat], ...]; [] is none)
     * instead of the file's own; written into the transaction, which needs the file's write lock.
     * NULL: as they are. PostgreSQL: must be NULL. */
    const json_t *statistics;
    bool count_reads;        /* PostgreSQL: rows_read; runs each statement once more */
    const rh_cancel *cancel; /* may be NULL */
} rh_call_options;

#define RH_CALL_OPTIONS_INIT                                                                       \
    {                                                                                              \
        NULL, false, 2000000, NULL, false, NULL                                                    \
    }

/** Connect and begin. RH_ECONNECT, RH_ENOTFOUND, RH_EUSAGE; RH_EBUSY: a node holds the lock. */
rh_status rh_call_open(const char *target, const rh_call_options *options, rh_call_session **out,
                       rh_error *err) RH_MUST_CHECK;

/**
 * A session on an empty copy of the target's schema under the given statistics, for rh_call_explain
 * only. SQLite; RH_EUNSUPPORTED else.
 */
rh_status rh_call_open_empty(const char *target, const json_t *statistics, rh_call_session **out,
                             rh_error *err) RH_MUST_CHECK;

/**
 * A session on copies of the tables that the statements (NULL-terminated) use, empty at first, with
 * their indexes. The target's own tables are only read. SQLite: a scratch file that goes with the
 * session; planned by options->statistics at every size. PostgreSQL: temporary tables of the
 * session's transaction, which hide the originals, and temporary views over them; RH_EUNSUPPORTED
 * where one is read otherwise: by a function, through a view with rules, as a partition.
 */
rh_status rh_call_open_copies(const char *target, const rh_call_options *options,
                              const char *const *statements, rh_call_session **out,
                              rh_error *err) RH_MUST_CHECK;

/**
 * Undo what was run, then let the copy of the largest table hold its first `rows` rows and the
 * others as many in proportion. Copies never shrink; all rows are in when rows is that many.
 * RH_ECANCELED.
 */
rh_status rh_call_fill_copies(rh_call_session *session, int64_t rows, rh_error *err) RH_MUST_CHECK;

/** For engines: rows of a copy of a table of `total`, where the largest one's of `largest` has
 * `rows`; at least one. */
int64_t rh_call_copy_share(int64_t total, int64_t rows, int64_t largest);

/** [{"table", "rows" (of the original), "copied"}]; new reference. */
rh_status rh_call_copies(rh_call_session *session, json_t **out, rh_error *err) RH_MUST_CHECK;

/** Rolls back. Statements must be freed before. NULL is a no-op. */
void rh_call_close(rh_call_session *session);
rh_engine_kind rh_call_kind(const rh_call_session *session);

/** Version of library or server, e.g. "3.40.1". Borrowed. */
const char *rh_call_version(const rh_call_session *session);

/** Statements without result: savepoints. */
rh_status rh_call_exec(rh_call_session *session, const char *sql, rh_error *err) RH_MUST_CHECK;

/** Make what was written stay, and begin again. */
rh_status rh_call_commit(rh_call_session *session, rh_error *err) RH_MUST_CHECK;

/** Exactly one statement. RH_EDB names what is wrong; RH_EUSAGE. Free before the session. */
rh_status rh_call_prepare(rh_call_session *session, const char *sql, rh_call_statement **out,
                          rh_error *err) RH_MUST_CHECK;
void rh_call_statement_free(rh_call_statement *statement); /* NULL is a no-op */

/** Name of a result column, NULL behind the last one. Borrowed. */
const char *rh_call_column(const rh_call_statement *statement, size_t at);

/** Counters are sums; -1 where the engine does not count (PostgreSQL: all but executions, rows,
 * time and rows_read). */
typedef struct rh_call_counters {
    int64_t executions;
    int64_t rows; /* returned, or touched by what returns none */
    int64_t vm_steps;
    int64_t full_scan_steps;
    int64_t sorts;
    int64_t auto_index_rows;
    int64_t elapsed_us;
    int64_t rows_read; /* PostgreSQL, with count_reads: of all nodes of the plan, those that
                          conditions threw away included */
} rh_call_counters;

/** A result row; values are borrowed for the call. Anything but RH_OK ends the run; RH_DONE ends it
 * well. */
typedef rh_status (*rh_call_row)(void *ctx, const rh_parameter *values, size_t count,
                                 rh_error *err);

typedef struct rh_call_run {
    const rh_parameter *parameters; /* by position; SQLite: one that has a name (":a"), by it */
    size_t parameter_count;
    int64_t max_steps; /* SQLite: VM steps of this run, looked at every 1,000; 0: no limit */
    rh_call_row row;   /* may be NULL */
    void *ctx;
} rh_call_run;

/**
 * Run to the end and add to counters. RH_OK; RH_SKIPPED when max_steps ended it; RH_EDB and its
 * kin, after which the transaction of PostgreSQL must go back to a savepoint; RH_ECANCELED.
 */
rh_status rh_call_execute(rh_call_statement *statement, const rh_call_run *run,
                          rh_call_counters *counters, rh_error *err) RH_MUST_CHECK;

/** The plan without running: SQLite's [{"id", "parent", "detail"}], PostgreSQL's FORMAT JSON, which
 * without parameters is the plan for any values. New reference. */
rh_status rh_call_explain(rh_call_session *session, const char *sql, const rh_parameter *parameters,
                          size_t count, json_t **out, rh_error *err) RH_MUST_CHECK;

/** Append the plan as lines to an array of strings: SQLite's "detail", "Seq Scan on t" of
 * PostgreSQL's nodes from the top. */
rh_status rh_call_explain_lines(rh_call_session *session, const char *sql, json_t *lines,
                                rh_error *err) RH_MUST_CHECK;

/** SQLite: the rows of sqlite_stat1 as in rh_call_options; [] when there are none. RH_EUNSUPPORTED
 * else. New reference. */
rh_status rh_call_statistics(rh_call_session *session, json_t **out, rh_error *err) RH_MUST_CHECK;

#endif
