/*
 * Executing somebody else's statements: many connections driven by one thread, results counted and
 * hashed but not kept. PostgreSQL works through non-blocking pipelines, several calls of a link on
 * their way at once; SQLite through one thread per connection, one call each. Tests bring an engine
 * of their own.
 *
 *   look (refuse?) -> open -> link 0..n-1: (open_link -> start -> wait ... )* -> close
 *
 * One thread at a time.
 */
#ifndef CORE_REPLAY_ENGINE_H
#define CORE_REPLAY_ENGINE_H

#include "core/cancel.h"
#include "core/engine.h"
#include "core/hash.h"
#include "core/workload.h"

enum {
    RH_REPLAY_MAX_LINKS = 1024,
    RH_REPLAY_MAX_DEPTH = 64, /* calls of a link that are sent together */
    RH_REPLAY_MESSAGE_BYTES = 200,
};

/** What a database is, for the decision whether it may be replayed on. */
typedef struct rh_replay_target {
    rh_engine_kind engine;
    bool staging;        /* carries the mark that restore sets */
    bool production;     /* PostgreSQL: the database has the setting rehearse.production (ALTER
                            DATABASE ... SET); SQLite: a file <path>.rehearse-production exists */
    char system_id[24];  /* PostgreSQL; "" when the role may not ask */
    char database[1024]; /* name; SQLite: absolute path */
    char version[32];
} rh_replay_target;

/** RH_ECONNECT, RH_ENOTFOUND, RH_EUSAGE. Changes nothing. cancel may be NULL. */
rh_status rh_replay_look(const char *name, const rh_cancel *cancel, rh_replay_target *out,
                         rh_error *err) RH_MUST_CHECK;

/** Statements to run one after another as one answer. Everything is borrowed until it is done. */
typedef struct rh_replay_call {
    const char *const *statements;
    size_t statement_count;         /* >= 1; with parameters exactly 1 */
    const rh_parameter *parameters; /* bound, never put into the text */
    size_t parameter_count;
    uint64_t prepare; /* not 0: keep it prepared under this number, equal for equal texts only */
    bool wrap;        /* BEGIN before, ROLLBACK behind */
    bool end;         /* ROLLBACK behind, whatever happened before */
    bool reset;       /* another session's connection: forget its state first */
    bool guess_types; /* PostgreSQL: give parameters the type that their value looks like */
    bool guard;       /* a savepoint before, so that `undo` of the next call can come back to it */
    bool undo;        /* go back to that savepoint first */
} rh_replay_call;

typedef struct rh_replay_done {
    size_t link;
    /** RH_OK; RH_EDB refused by the server; RH_ECONNECT lost, the link is closed; RH_ELIMIT time or
     * steps are up; RH_ECANCELED; RH_EBUSY locked for too long (SQLite). */
    rh_status status;
    char sqlstate[6];                      /* SQLite: "" */
    char message[RH_REPLAY_MESSAGE_BYTES]; /* without values */
    int64_t rows;                          /* returned, or touched where nothing is returned */
    rh_u128 hash;     /* sum of the hashes of the returned rows: their order does not matter */
    int64_t start_us; /* on the engine's clock */
    int64_t end_us;   /* of the statements, without the ROLLBACK behind */
    int64_t lock_us;  /* of that, waiting for locks (sampled) */
    int64_t steps;    /* VM steps of SQLite; -1 elsewhere */
    bool in_transaction;
    bool lost;      /* the answer stands, but the link was lost behind it and is closed */
    bool unstarted; /* stood behind one that lost the connection or was canceled: it has not run, or
                       nothing of it is left */
} rh_replay_done;

typedef struct rh_replay_engine_ops {
    /** Monotonic clock of everything here. */
    int64_t (*now_us)(void *ctx);
    /**
     * Connect, or connect again. RH_ECONNECT. RH_SKIPPED: not yet, ask again after the next wait;
     * nobody else is kept waiting.
     */
    rh_status (*open_link)(void *ctx, size_t link, rh_error *err);
    /**
     * Begin calls, one behind the other, on an open link that is not busy; each answer is reported
     * by wait, in this order, as is a failure here. More than one, up to options.depth: all are
     * single statements without end, guard or undo, only the first may reset, all wrap or none, and
     * none of them leaves or enters a transaction. A failure of one does not touch the others.
     */
    void (*start)(void *ctx, size_t link, const rh_replay_call *const *calls, size_t count);
    /**
     * Wait until something is done, or until_us has come (INT64_MAX: only done). At most max
     * entries. Also returns early, with nothing, when interrupted.
     */
    rh_status (*wait)(void *ctx, int64_t until_us, rh_replay_done *out, size_t max,
                      size_t *out_count, rh_error *err);
    /** Ask the server to stop what the link runs; it is still reported by wait. */
    void (*cancel)(void *ctx, size_t link);
    void (*close)(void *ctx);
} rh_replay_engine_ops;

typedef struct rh_replay_engine {
    const rh_replay_engine_ops *ops;
    void *ctx;
} rh_replay_engine;

typedef struct rh_replay_engine_options {
    size_t links;              /* 1 .. RH_REPLAY_MAX_LINKS */
    size_t depth;              /* calls that start may be given, 0 and 1: one; SQLite: one */
    bool read_only;            /* writing is refused by the database */
    bool keep_writes;          /* SQLite: the file will be written */
    int64_t statement_time_us; /* longest time of one statement; 0: no limit */
    int64_t statement_steps;   /* SQLite: VM steps of one statement; 0: no limit */
    int64_t busy_us;           /* SQLite: longest wait for a lock */
    const rh_cancel *cancel;   /* may be NULL */
} rh_replay_engine_options;

/** No link is open yet. Free with engine.ops->close(engine.ctx), also after a failed open_link. */
rh_status rh_replay_open(const char *name, const rh_replay_engine_options *options,
                         rh_replay_engine *out, rh_error *err) RH_MUST_CHECK;

/** Secret of the row hashes: the same everywhere, so that two runs can be compared. */
const uint8_t *rh_replay_row_secret(uint8_t out[RH_ROW_SECRET_BYTES]);

#endif
