/*
 * Replay on PostgreSQL: what the engine, its links and the watch on locks share.
 */
#ifndef PG_REPLAY_H
#define PG_REPLAY_H

#include "core/replay_engine.h"
#include "pg_connection.h"

enum { RH_PG_REPLAY_MAX_SLOTS = 256 };

/** What an answer in the pipeline belongs to. */
typedef enum rh_pg_slot {
    RH_PG_SLOT_OURS,    /* BEGIN, ROLLBACK, DISCARD: only failures matter */
    RH_PG_SLOT_PREPARE, /* of the call's text */
    RH_PG_SLOT_QUERY,   /* rows are counted */
    RH_PG_SLOT_SYNC,
    RH_PG_SLOT_LAST_QUERY_SYNC, /* behind the statements: their time ends here */
} rh_pg_slot;

typedef struct rh_pg_link {
    PGconn *conn; /* NULL: closed */
    int pid;
    bool opened; /* before: from then on nobody else is kept waiting for it */
    bool busy;
    bool flushing;   /* output is left: wait for writable too */
    bool single_row; /* asked for, for the slot that is read now */
    rh_pg_slot slots[RH_PG_REPLAY_MAX_SLOTS];
    size_t slot_count;
    size_t slot;
    uint64_t preparing; /* the call's number, until the server has prepared it */
    uint64_t *prepared; /* numbers that are, a hash set (0: free) */
    size_t prepared_count;
    rh_replay_done done;
} rh_pg_link;

/** The watch on locks: a connection of its own that is asked now and then. */
typedef struct rh_pg_locks {
    PGconn *conn; /* NULL: none to be had */
    bool asking;
    int64_t asked_us;
    int64_t answered_us;
} rh_pg_locks;

/* ---- pg_replay_link.c ---- */

/** Queue a call and send what the socket takes. A failure ends up in done, as lost. */
void rh_pg_link_start(rh_pg_link *link, const rh_replay_call *call);

/** Read and write what can be without waiting. True when the call is done. */
bool rh_pg_link_advance(rh_pg_link *link, rh_row_hasher *hasher);

/** Close; forgets what was prepared. */
void rh_pg_link_close(rh_pg_link *link);

/* ---- pg_replay_locks.c ---- */

/** Ask when it is time, and add to each link that waits what passed since the last look. */
void rh_pg_locks_watch(rh_pg_locks *locks, rh_pg_link *links, size_t count, int64_t now_us);

#endif
