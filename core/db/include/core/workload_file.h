/*
 * Workloads on disk: an SQLite file that people may look into with the sqlite3 shell
 * (docs/workload.md has the tables). A writer makes a new file aside and moves it into place whole;
 * a reader distrusts every byte of what it opens.
 */
#ifndef CORE_WORKLOAD_FILE_H
#define CORE_WORKLOAD_FILE_H

#include <jansson.h>

#include "core/engine.h"
#include "core/workload.h"

enum {
    RH_WORKLOAD_FORMAT = 1,
    RH_WORKLOAD_APPLICATION_ID = 0x52485731, /* "RHW1" */
};

/** A captured session. Texts may be NULL, times 0 when not known. */
typedef struct rh_workload_session {
    uint64_t id; /* from 1, chosen by the writer's caller */
    const char *user;
    const char *database;
    const char *application;
    const char *client;
    int64_t start_us;
    int64_t end_us;
} rh_workload_session;

/** A file (or server) that was read. system_id and database tell replay where not to run. */
typedef struct rh_workload_source {
    uint64_t id; /* from 1, chosen by the writer's caller */
    const char *path;
    const char *format;         /* "stderr", "csvlog", "trace" ... */
    const char *system_id;      /* PostgreSQL's system identifier; NULL when not known */
    const char *database;       /* name; for SQLite the absolute path; NULL when not known */
    const char *server_version; /* NULL when not known */
    uint64_t lines;
    uint64_t bytes;
} rh_workload_source;

/** Something that could not be read or will not be replayed, counted. */
typedef struct rh_workload_skipped {
    const char *reason;
    uint64_t source; /* 0: none */
    uint64_t line;   /* the first one */
    uint64_t count;
} rh_workload_skipped;

/** A plan that auto_explain logged. */
typedef struct rh_workload_plan {
    uint64_t execution;
    const char *format; /* "json" or "text" */
    const char *plan;
} rh_workload_plan;

/** A ledger's unit: a block, a transaction of the chain, a call. */
typedef struct rh_workload_unit {
    uint64_t id; /* from 1, chosen by the writer's caller */
    const char *kind;
    uint64_t parent; /* 0: none */
    int64_t height;  /* -1: none */
    const char *name;
    int64_t time_us;
} rh_workload_unit;

/* ---- writing ---- */

typedef struct rh_workload_writer rh_workload_writer;

typedef struct rh_workload_writer_options {
    rh_engine_kind engine;    /* whose statements these are */
    const char *tool_version; /* "0.1.0"; not NULL */
    const json_t *settings;   /* capture settings, an object; NULL: {}; borrowed during create */
    bool replace;             /* an older workload may be replaced, at commit; else RH_EEXISTS */
} rh_workload_writer_options;

/**
 * May a workload be written to path? Its folder is there and the name is free; with replace it may
 * also be an older workload's, nothing else's. RH_EEXISTS, RH_EUSAGE, RH_EIO. Creates nothing.
 */
rh_status rh_workload_writer_check(const char *path, bool replace, rh_error *err) RH_MUST_CHECK;

/**
 * Start a file beside path (mode 0600), under a name of its own; path is untouched until commit.
 * RH_EEXISTS, RH_EIO. One thread.
 */
rh_status rh_workload_writer_create(const char *path, const rh_workload_writer_options *options,
                                    rh_workload_writer **out, rh_error *err) RH_MUST_CHECK;

/**
 * Add an execution; *out_execution (may be NULL) receives its number. statement is used when the
 * text is new; with NULL the text stands for itself. Ignored: execution, text, source_file.
 * Sessions and sources need not be there yet. After an error the writer can only be freed.
 */
rh_status rh_workload_writer_add(rh_workload_writer *writer, const rh_workload_item *item,
                                 uint64_t *out_execution, rh_error *err) RH_MUST_CHECK;

/** Add a session or a source, or replace the one of that id. */
rh_status rh_workload_writer_session(rh_workload_writer *writer, const rh_workload_session *session,
                                     rh_error *err) RH_MUST_CHECK;
rh_status rh_workload_writer_source(rh_workload_writer *writer, const rh_workload_source *source,
                                    rh_error *err) RH_MUST_CHECK;

/** Count what was skipped: adds to the entry of the same reason and source; the line of the first
 * call stays. */
rh_status rh_workload_writer_skipped(rh_workload_writer *writer, const rh_workload_skipped *skipped,
                                     rh_error *err) RH_MUST_CHECK;
rh_status rh_workload_writer_plan(rh_workload_writer *writer, const rh_workload_plan *plan,
                                  rh_error *err) RH_MUST_CHECK;
rh_status rh_workload_writer_unit(rh_workload_writer *writer, const rh_workload_unit *unit,
                                  rh_error *err) RH_MUST_CHECK;

/** Durable and under its name, or not at all. Then only rh_workload_writer_free. */
rh_status rh_workload_writer_commit(rh_workload_writer *writer, rh_error *err) RH_MUST_CHECK;

/** Without a commit before: removes what was written. NULL is a no-op. */
void rh_workload_writer_free(rh_workload_writer *writer);

/* ---- reading ---- */

typedef struct rh_workload_file rh_workload_file;
typedef struct rh_workload_cursor rh_workload_cursor;

/** Figures of the whole file. */
typedef struct rh_workload_summary {
    rh_engine_kind engine;
    const char *tool_version;
    const json_t *settings; /* an object */
    uint64_t executions;
    uint64_t unreplayable; /* of them */
    uint64_t statements;
    uint64_t texts;
    uint64_t sessions;
    uint64_t skipped; /* sum of the counts */
    int64_t first_us; /* start of the first and of the last; 0 when not known */
    int64_t last_us;
    bool time_ordered; /* executions stand in order of time */
} rh_workload_summary;

/**
 * Open for reading; the file is never written. RH_ENOTFOUND, RH_EFORMAT (no workload, damaged, or a
 * newer format). One thread at a time, with all its cursors.
 */
rh_status rh_workload_file_open(const char *path, rh_workload_file **out,
                                rh_error *err) RH_MUST_CHECK;
void rh_workload_file_close(rh_workload_file *file); /* NULL is a no-op; cursors first */

/** Borrowed, lives until close. */
const rh_workload_summary *rh_workload_file_summary(const rh_workload_file *file);

typedef enum rh_workload_order {
    RH_WORKLOAD_ORDER_STORED,  /* as written */
    RH_WORKLOAD_ORDER_TIME,    /* by start; equal ones as written */
    RH_WORKLOAD_ORDER_SESSION, /* session after session, each by start */
} rh_workload_order;

/** Zero-initialised: everything as stored. */
typedef struct rh_workload_filter {
    rh_workload_order order;
    uint64_t session; /* 0: all */
    bool by_fingerprint;
    uint64_t fingerprint;
    int64_t from_us;  /* start at or after; 0: no limit */
    int64_t until_us; /* start before; 0: no limit */
    bool replayable;  /* leave out what has a reason not to be */
} rh_workload_filter;

/** Executions, for the workload seam. Items and what they point to live until the next one. */
rh_status rh_workload_cursor_open(rh_workload_file *file, const rh_workload_filter *filter,
                                  rh_workload_cursor **out, rh_error *err) RH_MUST_CHECK;
void rh_workload_cursor_close(rh_workload_cursor *cursor); /* NULL is a no-op */
rh_workload rh_workload_from_cursor(rh_workload_cursor *cursor);

/** Visit every entry of a table by id; what visit gets is borrowed for the call. A status other
 * than RH_OK ends the visit and is returned, RH_DONE as RH_OK. */
rh_status rh_workload_file_statements(rh_workload_file *file,
                                      rh_status (*visit)(void *ctx, const rh_workload_statement *,
                                                         rh_error *),
                                      void *ctx, rh_error *err) RH_MUST_CHECK;
rh_status rh_workload_file_sessions(rh_workload_file *file,
                                    rh_status (*visit)(void *ctx, const rh_workload_session *,
                                                       rh_error *),
                                    void *ctx, rh_error *err) RH_MUST_CHECK;
rh_status rh_workload_file_sources(rh_workload_file *file,
                                   rh_status (*visit)(void *ctx, const rh_workload_source *,
                                                      rh_error *),
                                   void *ctx, rh_error *err) RH_MUST_CHECK;
rh_status rh_workload_file_skipped(rh_workload_file *file,
                                   rh_status (*visit)(void *ctx, const rh_workload_skipped *,
                                                      rh_error *),
                                   void *ctx, rh_error *err) RH_MUST_CHECK;
rh_status rh_workload_file_plans(rh_workload_file *file,
                                 rh_status (*visit)(void *ctx, const rh_workload_plan *,
                                                    rh_error *),
                                 void *ctx, rh_error *err) RH_MUST_CHECK;
rh_status rh_workload_file_units(rh_workload_file *file,
                                 rh_status (*visit)(void *ctx, const rh_workload_unit *,
                                                    rh_error *),
                                 void *ctx, rh_error *err) RH_MUST_CHECK;

#endif
