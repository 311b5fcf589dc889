/*
 * Databases behind one face: a source that is only read, a target that is built aside and then
 * moved into place. PostgreSQL and SQLite each fill the function tables of engine_ops.h.
 *
 * Source, in this order:                      Target, in this order:
 *   open -> preflight -> begin                  open -> check -> begin (schema before rows)
 *   -> catalog, facts, sections                 -> loaders: load rows (parallel)
 *   -> sessions (one per thread): rows          -> finish (indexes, constraints, sequences, stats)
 *   -> end -> close                             -> commit (move into place) -> free
 *
 * Threads: a source or target handle belongs to one thread at a time; sessions and loaders are
 * opened and used by the threads that own them, in parallel.
 */
#ifndef CORE_ENGINE_H
#define CORE_ENGINE_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/buf.h"
#include "core/cancel.h"
#include "core/catalog.h"
#include "core/problems.h"
#include "core/progress.h"
#include "core/rate.h"
#include "core/row_fields.h"
#include "core/rows.h"

typedef struct rh_source rh_source;
typedef struct rh_session rh_session;
typedef struct rh_target rh_target;
typedef struct rh_loader rh_loader;
typedef struct rh_trial rh_trial;

/* ---- names of databases ---- */

typedef enum rh_engine_kind {
    RH_ENGINE_POSTGRESQL = 1,
    RH_ENGINE_SQLITE = 2,
} rh_engine_kind;

/**
 * Which engine does a name mean: libpq URI or key=value string, "sqlite:PATH", or the path of an
 * existing file. RH_EUSAGE with a hint otherwise; the error never repeats the name when it may hold
 * a password.
 */
rh_status rh_engine_of(const char *name, rh_engine_kind *out, rh_error *err) RH_MUST_CHECK;

/** As rh_engine_of, but what looks like a plain path is SQLite even when no file is there yet. */
rh_status rh_engine_of_new_file(const char *name, rh_engine_kind *out, rh_error *err) RH_MUST_CHECK;

/** The name fit for output: password struck out ("***"), defaults left out. Appended to out. */
rh_status rh_engine_describe(const char *name, rh_buf *out, rh_error *err) RH_MUST_CHECK;

/** "postgresql" / "sqlite" and back (RH_EFORMAT for other text). */
const char *rh_engine_name(rh_engine_kind kind);
rh_status rh_engine_from_name(const char *text, rh_engine_kind *out, rh_error *err) RH_MUST_CHECK;
rh_rows_format rh_engine_rows_format(rh_engine_kind kind);

/** Names of the sections that a source of this engine has, NULL-terminated, in restore order. */
const char *const *rh_engine_sections(rh_engine_kind kind);

/* ---- source ---- */

typedef struct rh_source_options {
    const char *const *include; /* globs, NULL-terminated; NULL = everything */
    const char *const *exclude; /* globs, NULL-terminated; NULL = nothing */
    size_t jobs;                /* sessions that will be opened, >= 1; default 1 */
    int64_t lock_timeout_us;    /* one attempt at a lock; default 2 s; never 0 */
    int64_t lock_wait_us;       /* all attempts together, with backoff; default 60 s */
    int64_t range_timeout_us;   /* statement timeout for one range; 0 = none (default 30 min) */
    size_t max_row_bytes;       /* a longer encoded row is refused, RH_ELIMIT; default 512 MiB */
    rh_rate *rate;              /* bytes per second over all sessions; NULL = no limit */
    const rh_cancel *cancel;    /* may be NULL */
    bool no_comments; /* schema text without COMMENTs: masked copies, where people write */
    /* 0: all rows of a range. Else a reader may stop a range after so many, and the server is asked
     * for no more; it may also give more (SQLite does, until the sink ends it). */
    size_t first_rows;
} rh_source_options;

#define RH_SOURCE_OPTIONS_INIT                                                                     \
    {                                                                                              \
        NULL, NULL, 1, 2000000, 60000000, 1800000000, (size_t)512 << 20, NULL, NULL, false, 0      \
    }

/**
 * Connect (PostgreSQL) or open read-only (SQLite). Nothing is read or locked yet. options are
 * copied, what they point to is borrowed until close. RH_ECONNECT, RH_ENOTFOUND, RH_EUSAGE.
 */
rh_status rh_source_open(const char *name, const rh_source_options *options, rh_source **out,
                         rh_error *err) RH_MUST_CHECK;

/**
 * Everything that would make the copy fail or mislead: each missing privilege by name, features
 * that cannot be copied, connections that reach different servers, a rollback-journal file whose
 * writers will wait. Returns RH_OK even with fatal problems in the list: the caller prints them.
 */
rh_status rh_source_preflight(rh_source *source, rh_problems *problems,
                              rh_error *err) RH_MUST_CHECK;

/** Take the snapshot and lock what will be read (ACCESS SHARE; lock_timeout with retries:
 * RH_EBUSY). From here to rh_source_end the source holds its snapshot. */
rh_status rh_source_begin(rh_source *source, rh_error *err) RH_MUST_CHECK;

/** Tables under the snapshot; borrowed, lives until close. */
rh_status rh_source_catalog(rh_source *source, const rh_catalog **out, rh_error *err) RH_MUST_CHECK;

/**
 * The "source" object of the manifest (design §4): engine, versions, system id, LSN or WAL
 * position, time zone, encoding, locale, planner settings, roles and extensions needed, sequences,
 * SQLite pragmas. Never a connection string. New reference.
 */
rh_status rh_source_facts(rh_source *source, json_t **out, rh_error *err) RH_MUST_CHECK;

/** One section (see rh_engine_sections) appended to out, read under the snapshot. RH_ENOTFOUND. */
rh_status rh_source_section(rh_source *source, const char *section, rh_buf *out,
                            rh_error *err) RH_MUST_CHECK;

/**
 * Let rows of a table carry what these expressions give (rh_table.extras), for a row filter. Each
 * is compiled here against the table, without reading a row: RH_ECONFIG or RH_EDB for one that is
 * none, that gives more or fewer values than one per row, or that names what is not there; the
 * error says where it is written and names the column. They run in the snapshot, which is
 * read-only. Under the snapshot, before the first session reads.
 */
rh_status rh_source_extras(rh_source *source, const rh_table *table, const rh_extra_column *extras,
                           size_t count, rh_error *err) RH_MUST_CHECK;

/** Release the snapshot; idempotent. Sessions must be closed before. */
void rh_source_end(rh_source *source);
void rh_source_close(rh_source *source);

/** Microseconds that the snapshot was held so far (or in total after end). */
int64_t rh_source_held_us(const rh_source *source);
rh_engine_kind rh_source_kind(const rh_source *source);

/**
 * One more reader on the same snapshot, for the calling thread; proved to see the same instance.
 * RH_SKIPPED without an error: no further reader is to be had (SQLite has at most `jobs`, and only
 * one where a writer never left a gap to start several on one snapshot); go on with fewer.
 */
rh_status rh_session_open(rh_source *source, rh_session **out, rh_error *err) RH_MUST_CHECK;
void rh_session_close(rh_session *session);

/**
 * All rows of one range, in physical order, handed to sink in batches. A row is whole or the call
 * fails: every row that the server sent was counted, and the count is compared with the server's
 * own. Errors of sink end the range. After any error the session is good for nothing but
 * rh_session_close: PostgreSQL's transaction is aborted, as the rest of the rows is called off.
 * Codes: RH_EDB, RH_ECONNECT, RH_ELIMIT, RH_ECANCELED.
 */
rh_status rh_session_rows(rh_session *session, const rh_table *table, const rh_range *range,
                          const rh_row_sink *sink, rh_error *err) RH_MUST_CHECK;

/** Who looks at single rows: fields has table->column_count entries, borrowed for the call. */
typedef struct rh_row_look {
    rh_status (*row)(void *ctx, const rh_field *fields, rh_error *err);
    void *ctx;
} rh_row_look;

/**
 * About `rows` rows from all over a table (all rows of a smaller one), for the price of as many
 * seeks: the same rows in every copy that has the same rowids. A table without rowids is read
 * whole. Generated columns are RH_FIELD_UNREAD, texts UTF-8. SQLite only: RH_EUNSUPPORTED.
 */
rh_status rh_session_spread(rh_session *session, const rh_table *table, size_t rows,
                            const rh_row_look *look, rh_error *err) RH_MUST_CHECK;

/** EXPLAIN without executing: PostgreSQL's FORMAT JSON document, or SQLite's EXPLAIN QUERY PLAN as
 * an array of {"id","parent","detail"}. New reference. */
rh_status rh_session_explain(rh_session *session, const char *sql, json_t **out,
                             rh_error *err) RH_MUST_CHECK;

/* ---- target ---- */

typedef enum rh_statistics_mode {
    RH_STATISTICS_SOURCE,  /* production's planner statistics where allowed, else ANALYZE (noted) */
    RH_STATISTICS_ANALYZE, /* fresh ones */
    RH_STATISTICS_NONE,
} rh_statistics_mode;

typedef struct rh_target_options {
    size_t jobs;         /* loaders and index builders; default 1 */
    bool swap;           /* replace an existing marked database; keep the old one */
    bool allow_unmarked; /* replace one that this program did not make */
    bool no_owner;       /* objects belong to the restoring role */
    bool no_privileges;  /* leave GRANTs out */
    rh_statistics_mode statistics;
    const char *sql_after_schema; /* SQL text run before rows, or NULL */
    const char *sql_after_load;   /* SQL text run after rows and constraints, or NULL */
    const char *snapshot_id;      /* for the mark; not NULL at begin */
    rh_progress *progress;        /* stages of finish; may be NULL */
    const rh_cancel *cancel;      /* may be NULL */
} rh_target_options;

#define RH_TARGET_OPTIONS_INIT                                                                     \
    {                                                                                              \
        1, false, false, false, false, RH_STATISTICS_SOURCE, NULL, NULL, NULL, NULL, NULL          \
    }

/** What a restore is made of. */
typedef struct rh_restore_input {
    const json_t *facts;       /* the manifest's "source" */
    const rh_catalog *catalog; /* from the manifest */
    /** Append a section to out; RH_ENOTFOUND when the snapshot has none of that name. */
    rh_status (*section)(void *ctx, const char *name, rh_buf *out, rh_error *err);
    void *section_ctx;
} rh_restore_input;

/**
 * Look at the target, change nothing. RH_ECONNECT, RH_EUSAGE; options as for rh_source_open. The
 * names of `name` may not exist yet (database or file); its server or directory must.
 */
rh_status rh_target_open(const char *name, const rh_target_options *options, rh_target **out,
                         rh_error *err) RH_MUST_CHECK;

/**
 * Everything that would make the restore fail: the target exists (without swap), is not marked as
 * staging, is the snapshot's own source (same system id and database), missing roles, extensions,
 * CREATEDB, server older than the source, too little disk space. Returns RH_OK; caller prints.
 */
rh_status rh_target_check(rh_target *target, const rh_restore_input *input, rh_problems *problems,
                          rh_error *err) RH_MUST_CHECK;

/** Create the new database or file aside and its tables without indexes. input must outlive it. */
rh_status rh_target_begin(rh_target *target, const rh_restore_input *input,
                          rh_error *err) RH_MUST_CHECK;

/** How many loaders may work at once (1 for SQLite). Valid after begin. */
size_t rh_target_max_loaders(const rh_target *target);

rh_status rh_loader_open(rh_target *target, rh_loader **out, rh_error *err) RH_MUST_CHECK;
void rh_loader_close(rh_loader *loader);

/**
 * Load rows into one table. whole: this call brings all rows of the table, nobody else loads it
 * (allows COPY FREEZE). *out_rows: rows that the database says it stored.
 */
rh_status rh_loader_load(rh_loader *loader, const rh_table *table, bool whole,
                         const rh_row_reader *rows, int64_t *out_rows, rh_error *err) RH_MUST_CHECK;

/** After all loaders are closed: indexes, constraints, triggers, sequences, statistics, hooks,
 * disabling of subscriptions, foreign credentials and scheduled jobs; notes go to problems. */
rh_status rh_target_finish(rh_target *target, rh_problems *notes, rh_error *err) RH_MUST_CHECK;

/**
 * Mark as staging and move into place. *out (new reference): {"swapped": bool, "old": name or
 * null, "window_us": n}. On failure what was there before is still there.
 */
rh_status rh_target_commit(rh_target *target, json_t **out, rh_error *err) RH_MUST_CHECK;

/** Without a commit before: drops what was built aside. NULL is a no-op. */
void rh_target_free(rh_target *target);

/** `restore --rollback`: put the database that the last swap replaced back. *out as for commit. */
rh_status rh_target_rollback(const char *name, const rh_target_options *options, json_t **out,
                             rh_error *err) RH_MUST_CHECK;

/* ---- trial ---- */

/**
 * A copy under fresh statistics, to see how much plans move by themselves. PostgreSQL only
 * (RH_EUNSUPPORTED). RH_EUSAGE where the database does not carry the staging mark, RH_EPRIVILEGE
 * without a superuser's rights: ANALYZE writes row counts that no rollback takes back, so the trial
 * has to put them back itself. cancel may be NULL. One thread.
 */
rh_status rh_trial_open(const char *name, const rh_cancel *cancel, rh_trial **out,
                        rh_error *err) RH_MUST_CHECK;

/** What a snapshot remembers of its source's planner; all borrowed. */
typedef struct rh_trial_stored {
    const char *schema;     /* SQLite: section "schema" */
    const json_t *stat1;    /* SQLite: rows of sqlite_stat1, [[table, index or null, stat], ...] */
    const char *statistics; /* PostgreSQL: section "statistics" */
} rh_trial_stored;

/**
 * Plans of a snapshot's source without that source: for rh_trial_explain, _end and _close only.
 *
 * SQLite: the schema without rows, in memory, under the stored statistics; target is not opened.
 *
 * PostgreSQL: inside target, which should be a copy of full size, in a transaction that is rolled
 * back: columns' statistics and row counts become the stored ones, and indexes that the snapshot
 * does not know are hidden from the planner. What cannot be had is the target's: sizes in pages,
 * extended statistics, settings, and columns that a masked section leaves out. RH_EUSAGE without
 * the staging mark, RH_EPRIVILEGE without a superuser's rights, RH_EBUSY: a catalog row stays
 * locked. Until the end nobody else can ANALYZE or alter these tables.
 *
 * *out_refused: stored statistics that have no place in target (PostgreSQL).
 */
rh_status rh_trial_open_stored(const char *target, const rh_trial_stored *stored,
                               const rh_cancel *cancel, rh_trial **out, int64_t *out_refused,
                               rh_error *err) RH_MUST_CHECK;

/** Forget the last try and ANALYZE all tables with a new sample, in a transaction that stays open.
 */
rh_status rh_trial_analyze(rh_trial *trial, rh_error *err) RH_MUST_CHECK;

/** As rh_session_explain, under the statistics of the last rh_trial_analyze. */
rh_status rh_trial_explain(rh_trial *trial, const char *sql, json_t **out,
                           rh_error *err) RH_MUST_CHECK;

/** Roll back and put the row counts back; idempotent. After an error only close is allowed. */
rh_status rh_trial_end(rh_trial *trial, rh_error *err) RH_MUST_CHECK;

/** As rh_trial_end where that was not called, without telling. NULL is a no-op. */
void rh_trial_close(rh_trial *trial);

/* ---- without a database ---- */

/** Rows as readable text lines (COPY text; for SQLite tab-separated SQL literals, rowid first). */
rh_status rh_rows_render(rh_engine_kind kind, const rh_table *table, const rh_batch *batch,
                         rh_buf *out, rh_error *err) RH_MUST_CHECK;

#endif
