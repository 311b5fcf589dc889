/*
 * The parts of a running replay and what they hand to each other.
 */
#ifndef REPLAY_INTERNAL_H
#define REPLAY_INTERNAL_H

#include "replay_judge.h"
#include "replay_map.h"
#include "replay_outcomes.h"

enum {
    RP_BUCKETS = 128,    /* of a histogram: four for each power of two microseconds */
    RP_PLACES = 5,       /* log lines told for one kind of error */
    RP_MAX_KINDS = 1000, /* kinds of errors that are told apart */
};

/* ---- figures (replay_account.c) ---- */

/** Of a fingerprint or a session, or of everything. */
typedef struct rp_figures {
    uint64_t key;     /* fingerprint, or number of the session */
    char *normalized; /* of a fingerprint; owned */
    uint64_t executions;
    uint64_t errors;
    uint64_t skipped;
    int64_t rows;
    int64_t total_us;
    int64_t max_us;
    int64_t lock_us;
    int64_t steps;       /* SQLite */
    int64_t captured_us; /* sum of what is known ... */
    uint64_t captured;   /* ... of so many */
    uint32_t histogram[RP_BUCKETS];
} rp_figures;

/** Errors of one SQL state at one fingerprint. */
typedef struct rp_error_kind {
    uint64_t fingerprint;
    char sqlstate[6];
    char message[RH_REPLAY_MESSAGE_BYTES];
    uint64_t count;
    uint64_t captured; /* of them, those that failed the same way when captured */
    rp_place places[RP_PLACES];
    size_t place_count;
} rp_error_kind;

typedef struct rp_skip_kind {
    const char *reason; /* fixed text, or interned */
    uint64_t count;
    rp_place first;
} rp_skip_kind;

/** Waiting, by whose fault. */
typedef struct rp_lag {
    int64_t tool_us;       /* could have started and did not */
    int64_t server_us;     /* the session's statement before was still running ... */
    int64_t lock_us;       /* ... or waiting for a lock */
    int64_t order_us;      /* for another session's commit */
    int64_t connection_us; /* for a connection */
    int64_t max_us;        /* latest start */
} rp_lag;

/* ---- units: transactions, for the order of commits (replay_order.c) ---- */

typedef struct rp_unit {
    uint64_t tx;
    int64_t commit_us; /* of the capture; valid when closed */
    size_t pending;    /* items read and not disposed of */
    bool closed;       /* no item will come */
    bool writes;
    bool in_heap;
} rp_unit;

/* ---- items ---- */

typedef struct rp_item {
    struct rp_item *next; /* of the session */
    rh_arena *arena;      /* holds the item itself */
    struct rp_session *session;
    rp_figures *figures;
    rp_unit *unit;
    bool begins_unit;
    uint64_t seq; /* order of reading */
    uint64_t loop;
    uint64_t execution;
    uint64_t tx;
    uint64_t text;
    int64_t time_us; /* on the axis of the capture, loops one behind the other; 0: not known */
    int64_t duration_us;
    char sqlstate[6];
    rp_place place;
    rp_plan plan;
    rh_parameter *parameters;
    size_t parameter_count;
    bool prepared;
    size_t bytes; /* of text and parameters */
    rh_replay_call call;
    bool behind;        /* sent before the one before it was answered */
    uint64_t types_key; /* of the text in run->types */
    int64_t ready_us;   /* its session came to it */
    int64_t ordered_us; /* order allowed it; 0: not yet */
    int64_t queued_us;  /* asked for a connection; 0: got one at once */
} rp_item;

typedef struct rp_session {
    uint64_t id;
    rp_figures figures;
    rp_item *first;
    rp_item *last;
    size_t link;    /* RP_NO_LINK: none */
    size_t running; /* of its first items, so many are on their way */
    bool granted;   /* a link was kept for its first item, which is ready */
    bool in_transaction;
    bool broken; /* its transaction was lost with the connection, or left out */
    uint64_t broken_tx;
    rp_unit *unit;        /* open one, while reading */
    int64_t last_us;      /* of the statement before: how long ... */
    int64_t last_lock_us; /* ... and how much of it was waiting for locks */
} rp_session;

enum { RP_NO_LINK = RH_REPLAY_MAX_LINKS + 1 };

typedef struct rp_link {
    bool open;
    bool dirty;       /* was another session's */
    int64_t retry_us; /* when it may be opened again */
    uint64_t used;    /* order of last use */
    rp_session *owner;
} rp_link;

struct rh_replay_run {
    rh_replay_options options;
    const rh_workload *workload;
    const rh_replay_engine *engine;

    rp_map sessions;
    rp_map fingerprints;
    rp_map errors;
    rp_map skips;
    rp_map files;
    rp_map types; /* texts with parameters: did the server find their types alone? */
    rp_figures total;
    rp_lag lag;
    rp_outcomes outcomes; /* with options.keep_outcomes */

    rp_heap ready;       /* sessions whose first item may be looked at, by order of reading */
    rp_heap blocked;     /* sessions whose first item waits for order */
    rp_heap queued;      /* sessions whose first item waits for a connection */
    rp_heap units;       /* closed and not done, by commit */
    rp_heap sent;        /* strict: numbers that were started before their turn */
    uint64_t next_seq;   /* of reading */
    uint64_t next_start; /* strict: the lowest that has not started */

    rp_link *links;
    size_t running; /* links */
    uint64_t uses;

    size_t pending; /* items read and not disposed of */
    uint64_t read;  /* items of this loop */
    uint64_t loop;
    bool read_all;
    int64_t first_us; /* capture: start of the first, of the last */
    int64_t last_us;
    int64_t shift_us; /* of this loop */
    int64_t start_us; /* engine's clock */
    int64_t end_us;
    int64_t origin_us;   /* engine's time of the capture's first; moved by no_idle */
    int64_t idle_us;     /* passed over */
    int64_t waited_us;   /* in the engine's wait: the rest is the tool's own */
    int64_t progress_us; /* when something ended last */
    uint64_t overtaken;
    uint64_t lost;
    uint64_t not_opened;                           /* attempts to connect again that failed ... */
    char not_opened_text[RH_REPLAY_MESSAGE_BYTES]; /* ... the last of them */
    uint64_t moved;                                /* sessions that changed their connection */
    uint64_t unreplayable;
    uint64_t guessed; /* executions whose parameters got types from us */
    bool interrupted;
};

/* replay_feed.c */
rh_status rp_feed(rh_replay_run *run, int64_t now_us, rh_error *err) RH_MUST_CHECK;
/** Should it be called again before waiting? */
bool rp_wants_more(const rh_replay_run *run);
void rp_item_free(rp_item *item);

/* replay_order.c */
rh_status rp_unit_read(rh_replay_run *run, rp_session *session, rp_item *item,
                       rh_error *err) RH_MUST_CHECK;
void rp_unit_dispose(rh_replay_run *run, rp_unit *unit);
bool rp_may_start(rh_replay_run *run, const rp_item *item);
void rp_note_start(rh_replay_run *run, const rp_item *item);

/* replay_types.c */
uint64_t rp_types_key(const rp_item *item);
/** What the call needs for its parameters' types; wants the rest of the call filled in. */
void rp_types_prepare(const rh_replay_run *run, const rp_item *item, rh_replay_call *call);
/** Remember what the answer says; *out_again: run it once more, with guessed types. RH_ENOMEM. */
rh_status rp_types_learn(rh_replay_run *run, const rp_item *item, const rh_replay_call *call,
                         const rh_replay_done *done, bool *out_again, rh_error *err) RH_MUST_CHECK;

/** Would the answer to the item tell nothing new about types? */
bool rp_types_settled(const rh_replay_run *run, const rp_item *item);

/* replay_lag.c */
/** When the item is due, on the engine's clock; 0: at once. */
int64_t rp_due_us(const rh_replay_run *run, const rp_item *item);
/** Whose fault is it that the item starts now and not when it was due? */
void rp_lag_account(rh_replay_run *run, const rp_item *item, int64_t now_us);
/** Of an item that was sent behind another: when its answer is here. */
void rp_lag_account_behind(rh_replay_run *run, rp_item *item, const rh_replay_done *done);

/* replay_send.c */
/** Send the session's first item on its link, and behind it what may be on its way together. */
void rp_send(rh_replay_run *run, rp_session *session, int64_t now_us);

/* replay_account.c */
rh_status rp_session_get(rh_replay_run *run, uint64_t id, rp_session **out,
                         rh_error *err) RH_MUST_CHECK;
rh_status rp_figures_get(rh_replay_run *run, const rh_workload_statement *statement,
                         rp_figures **out, rh_error *err) RH_MUST_CHECK;
/** A copy of a name that lives as long as the run. */
rh_status rp_intern(rh_replay_run *run, const char *name, const char **out,
                    rh_error *err) RH_MUST_CHECK;
rh_status rp_account_done(rh_replay_run *run, const rp_item *item, const rh_replay_done *done,
                          rh_error *err) RH_MUST_CHECK;
rh_status rp_account_skip(rh_replay_run *run, const rp_item *item, const char *reason,
                          rh_error *err) RH_MUST_CHECK;
/** Upper bound of the bucket that holds the given part of the executions. */
int64_t rp_percentile_us(const rp_figures *figures, unsigned per_mille);
int64_t rp_bucket_us(size_t bucket); /* upper bound */
void rp_account_free(rh_replay_run *run);

#endif
