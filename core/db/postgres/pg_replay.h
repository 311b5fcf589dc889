/*
 * Replay on PostgreSQL: what the engine, its links and the watch on locks share.
 */
#ifndef PG_REPLAY_H
#define PG_REPLAY_H

#include "core/replay_engine.h"
#include "pg_connection.h"
#include "pg_errand.h"

enum {
    RH_PG_REPLAY_STATEMENTS = 250, /* of one call */
    RH_PG_REPLAY_MAX_SLOTS = RH_REPLAY_MAX_DEPTH * 9 + 32,
    RH_PG_REPLAY_MAX_SETTINGS = 3,
};

/** What an answer in the pipeline belongs to. */
typedef enum rh_pg_slot_kind {
    RH_PG_SLOT_OURS,    /* BEGIN, ROLLBACK, DISCARD: only failures matter */
    RH_PG_SLOT_PREPARE, /* number says which text */
    RH_PG_SLOT_QUERY,   /* rows are counted */
    RH_PG_SLOT_SYNC,
} rh_pg_slot_kind;

typedef struct rh_pg_slot {
    rh_pg_slot_kind kind;
    bool times;  /* behind the call's statements: their time ends here */
    bool ends;   /* the call is over: its answer can be told */
    bool behind; /* OURS: behind the call's statements */
    bool final;  /* QUERY: the last of the call's statements */
    size_t call;
    uint64_t number; /* PREPARE */
    uint32_t generation;
} rh_pg_slot;

/** What every link is set to, and set to again when its session changes. */
typedef struct rh_pg_settings {
    char texts[RH_PG_REPLAY_MAX_SETTINGS][80]; /* marked as ours */
    size_t count;
} rh_pg_settings;

typedef struct rh_pg_link {
    PGconn *conn; /* NULL: closed */
    const rh_pg_settings *settings;
    int pid;
    bool opened; /* before: from then on nobody else is kept waiting for it */
    struct {
        PGconn *conn; /* NULL: nothing is being connected */
        PostgresPollingStatusType wants;
        bool settling; /* connected: the answer to our settings is waited for */
        int64_t until_us;
        rh_status status; /* how the last attempt ended, until somebody asks; RH_SKIPPED: nothing */
        rh_error failed;
    } connecting;
    bool flushing;   /* output is left: wait for writable too */
    bool single_row; /* asked for, for the slot that is read now */

    const rh_replay_call *calls[RH_REPLAY_MAX_DEPTH];
    rh_replay_done *done; /* of each call; the engine's */
    size_t count;         /* calls; 0: idle */
    size_t from;          /* the group on its way begins there */
    size_t sent;          /* and ends before; what did not get that far has its answer already */
    bool more;            /* unless it waits for the next group */
    size_t group_limit;   /* calls of a group; less for a while behind a failure */
    size_t ready;         /* answers there are */
    size_t told;          /* answers that wait has handed out */
    size_t finished;      /* calls whose statements have their answers; ready may be one less */
    bool unsettled;       /* the session took our settings away */
    bool inside;          /* a transaction is open, as far as was told */
    bool grouped;         /* one sync for all */
    bool recover;         /* a group was cut off: take up again at `resume` */
    size_t resume;
    bool dying; /* the server has said that it ends the connection: no answer comes */
    bool canceled;
    rh_pg_errand *canceling; /* the request on its way to the server; NULL: none */

    rh_pg_slot slots[RH_PG_REPLAY_MAX_SLOTS];
    size_t slot_count;
    size_t slot;
    bool answered;      /* something of the slot was read */
    uint64_t *prepared; /* numbers that are, a hash set (0: free) */
    size_t prepared_count;
    uint32_t generation; /* of their names: how often all were forgotten */
} rh_pg_link;

/** The watch on locks: a connection of its own that is asked now and then. */
typedef struct rh_pg_locks {
    PGconn *conn; /* NULL: none to be had */
    bool asking;
    int64_t asked_us;
    int64_t answered_us;
} rh_pg_locks;

/** The answer that is waited for; NULL: none. */
static inline rh_replay_done *rh_pg_link_current(const rh_pg_link *link)
{
    return link->ready < link->count ? &link->done[link->ready] : NULL;
}

/* ---- pg_replay_send.c: what goes out, and what is prepared ---- */

/** Queue the calls from `from` on that one write holds; link->sent tells how many, link->more
 * whether the rest waits for their answers. False: the connection is of no more
 * use. A call that cannot be sent at all gets its answer here. */
bool rh_pg_link_send(rh_pg_link *link, size_t from);

/** End the transaction of ours that a failure left open, then queue what has not run. */
bool rh_pg_link_send_again(rh_pg_link *link);

void rh_pg_link_set_prepared(rh_pg_link *link, uint64_t number);
void rh_pg_link_forget_prepared(rh_pg_link *link);

/* ---- pg_replay_link.c ---- */

/** Queue calls and send what the socket takes. A failure ends up in done, as lost. */
void rh_pg_link_start(rh_pg_link *link, const rh_replay_call *const *calls, size_t count);

/** Read and write what can be without waiting. */
void rh_pg_link_advance(rh_pg_link *link, rh_row_hasher *hasher);

/** Hand out the next answer that is there. False: none. */
bool rh_pg_link_tell(rh_pg_link *link, rh_replay_done *out);

/** Close; forgets what was prepared. */
void rh_pg_link_close(rh_pg_link *link);

/* ---- pg_replay_open.c ---- */

/** Connect for the first time, waiting for it. RH_ECONNECT, RH_EUNSUPPORTED, RH_ECANCELED. */
rh_status rh_pg_link_open(rh_pg_link *link, const rh_pg_conninfo *info, const rh_cancel *cancel,
                          rh_error *err) RH_MUST_CHECK;

/**
 * Connect again without waiting: begin, or go on as far as the socket allows. RH_SKIPPED: not yet.
 * RH_ECONNECT, also when connect_timeout is over; the next call begins anew.
 */
rh_status rh_pg_link_reopen(rh_pg_link *link, const rh_pg_conninfo *info,
                            rh_error *err) RH_MUST_CHECK;

/** What poll() is to look for; 0: nothing. */
short rh_pg_link_connect_events(const rh_pg_link *link);

/* ---- pg_replay_locks.c ---- */

/** Ask when it is time, and add to each link that waits what passed since the last look. */
void rh_pg_locks_watch(rh_pg_locks *locks, rh_pg_link *links, size_t count, int64_t now_us);

#endif
