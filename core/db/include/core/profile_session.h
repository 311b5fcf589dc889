/*
 * One statement on one database, run so that nothing stays: its plan, its counters, and what the
 * planner knows about the tables in it. PostgreSQL and SQLite implement it (engine_ops.h).
 *
 * A session belongs to one thread at a time. Between two calls no transaction is open and no lock
 * is held, whatever the calls returned.
 */
#ifndef CORE_PROFILE_SESSION_H
#define CORE_PROFILE_SESSION_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/cancel.h"
#include "core/engine.h"
#include "core/hash.h"
#include "core/workload.h"

typedef struct rh_profile_session rh_profile_session;

#define RH_PROFILE_NO_OFFSET ((size_t)-1)

typedef struct rh_profile_options {
    int64_t timeout_us;      /* of one run; 0 = none; default 30 s */
    int64_t lock_timeout_us; /* default 2 s; never 0 */
    int64_t max_steps;       /* SQLite: VM steps of one run; 0 = no limit (default) */
    bool serial; /* PostgreSQL: no parallel workers and no JIT (default: as configured) */
    bool writes; /* statements may write; they are rolled back all the same */
    const rh_cancel *cancel; /* may be NULL */
} rh_profile_options;

#define RH_PROFILE_OPTIONS_INIT                                                                    \
    {                                                                                              \
        30000000, 2000000, 0, false, false, NULL                                                   \
    }

/**
 * Connect, or open a file. RH_EUNSUPPORTED: a server or library that is too old (PostgreSQL 12,
 * SQLite 3.31). RH_ECONNECT, RH_ENOTFOUND, RH_EUSAGE.
 */
rh_status rh_profile_open(const char *target, const rh_profile_options *options,
                          rh_profile_session **out, rh_error *err) RH_MUST_CHECK;
void rh_profile_close(rh_profile_session *session); /* NULL is a no-op */
rh_engine_kind rh_profile_kind(const rh_profile_session *session);

/**
 * {"engine", "version", "version_number", "settings": {planner settings}, "notes": [text]}, SQLite
 * also "compile_options" and "scanstatus". A note tells of a version newer than this program knows.
 * New reference.
 */
rh_status rh_profile_about(rh_profile_session *session, json_t **out, rh_error *err) RH_MUST_CHECK;

typedef struct rh_profile_statement {
    const char *sql; /* exactly one statement */
    const rh_parameter *parameters;
    size_t parameter_count;
    bool execute; /* false: planned only */
    bool warm;    /* one run more before it, which is not counted; not for what writes */
    bool timing;  /* PostgreSQL: clock each node (JIT's share is told only then) */
    /* SQLite: the statement may call rehearse_count(k, value), which adds one to counts[k] and
     * gives the value, and rehearse_count(-k - 1, value), which does so and gives 1. */
    int64_t *counts; /* NULL = none */
    size_t count_count;
} rh_profile_statement;

typedef struct rh_profile_result {
    /* New reference. PostgreSQL: EXPLAIN's document. SQLite: {"rows": [{"id", "parent", "detail",
     * and with scanstatus "visits", "loops", "estimate"}], "steps": {..} or null}. */
    json_t *plan;
    /* New reference. PostgreSQL, executed: [{"schema", "table", "full_scans", "rows"}] of all full
     * scans of the transaction, those of triggers and functions too, which no plan shows; parallel
     * workers' are not in it. NULL: not known. */
    json_t *reads;
    int64_t elapsed_us; /* of the measured run, by our clock; -1 = not executed */
    bool executed;
    bool generic;        /* parameters had no values: planned for unknown ones, not executed */
    const char *stopped; /* "timeout" or "steps": not run to its end; static text */
    size_t error_offset; /* after RH_EDB and its kin: byte of the statement, or NO_OFFSET */
    rh_u128 rows_hash;   /* SQLite, executed: of the rows in their order */
} rh_profile_result;

/**
 * Plan, and run if asked; always rolled back. When the time or step budget ends the run, `stopped`
 * says so and the plan is there without (PostgreSQL) or with (SQLite) counters so far.
 *
 * Returns RH_OK, or the database's refusal with error_offset: RH_EDB, RH_ENOTFOUND, RH_EPRIVILEGE;
 * RH_EBUSY (lock_timeout), RH_ECANCELED, RH_ECONNECT, RH_EUSAGE (not one statement, missing
 * parameters). *out is always initialised; plan and reads are NULL after a failure.
 */
rh_status rh_profile_run(rh_profile_session *session, const rh_profile_statement *statement,
                         rh_profile_result *out, rh_error *err) RH_MUST_CHECK;

/** Let go of what a result holds. */
void rh_profile_result_done(rh_profile_result *result);

typedef struct rh_profile_table {
    const char *schema; /* NULL: SQLite's main, PostgreSQL's search path */
    const char *name;
} rh_profile_table;

/**
 * What the planner knows: {"tables": [{"schema", "name", "rows", "pages", "bytes", "analyzed":
 * seconds ago or null, "statistics": bool, "modified": rows since, "columns": [{"name", "type",
 * "distinct", "null_fraction"}], "indexes": [{"name", "unique", "columns": [name or null],
 * "partial", "definition", "stat"}], "references": [{"name", "columns", "schema", "table"}],
 * "referenced_by": [{"name", "schema", "table", "columns", "rows", "indexed"}]}]}. Tables that do
 * not exist are left out; rows is null where it is not known. New reference.
 */
rh_status rh_profile_tables(rh_profile_session *session, const rh_profile_table *tables,
                            size_t count, json_t **out, rh_error *err) RH_MUST_CHECK;

/** An index to try. */
typedef struct rh_profile_index {
    const char *schema; /* NULL as above */
    const char *table;
    const char *const *columns; /* SQL of each column or expression, quoted where needed */
    size_t column_count;
} rh_profile_index;

/**
 * Would the planner use the index, and what would it save? PostgreSQL: HypoPG, in a transaction
 * that is rolled back. SQLite: a real index on a scratch copy (of the file up to 256 MiB, else of
 * schema and statistics).
 *
 * *out (new reference): {"how": "hypopg" | "copy" | "statistics", "used": bool, "unit": "cost" |
 * "steps", "before": N, "after": N}, or {"how": null, "why": text} where it cannot be tried.
 */
rh_status rh_profile_try_index(rh_profile_session *session, const rh_profile_statement *statement,
                               const rh_profile_index *index, json_t **out,
                               rh_error *err) RH_MUST_CHECK;

/**
 * Values of a column that the statistics know, as text for a parameter: {"common": [{"value",
 * "fraction"}], "rare": value that is not common or null, "absent": value that the column hardly
 * has or null}. PostgreSQL: from pg_stats, values are text. SQLite: from 10,000 rows spread over
 * the table, values are integers, reals or text. Holds row values: for binding, not for output
 * unless asked. RH_SKIPPED: nothing is known. New reference.
 */
rh_status rh_profile_values(rh_profile_session *session, const rh_profile_table *table,
                            const char *column, json_t **out, rh_error *err) RH_MUST_CHECK;

/**
 * The query of a view as SQL, *out allocated by rh_mem; NULL when it is no view or not visible.
 */
rh_status rh_profile_view(rh_profile_session *session, const rh_profile_table *view, char **out,
                          rh_error *err) RH_MUST_CHECK;

#endif
