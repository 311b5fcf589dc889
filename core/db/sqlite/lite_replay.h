/*
 * Replay on SQLite: what the engine and its links share.
 */
#ifndef LITE_REPLAY_H
#define LITE_REPLAY_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>

#include "core/replay_engine.h"

typedef enum rh_lite_link_state {
    RH_LITE_LINK_IDLE,
    RH_LITE_LINK_RUNNING,
    RH_LITE_LINK_DONE, /* not told by wait yet */
} rh_lite_link_state;

struct rh_lite_replay;

/** A connection and its thread. The thread owns db, hasher and done while the state is RUNNING. */
typedef struct rh_lite_link {
    struct rh_lite_replay *replay;
    pthread_t thread;
    bool started; /* the thread exists */
    pthread_cond_t wake;
    rh_lite_link_state state;   /* under the engine's mutex */
    const rh_replay_call *call; /* borrowed while RUNNING */

    sqlite3 *db; /* NULL: closed */
    rh_row_hasher *hasher;
    rh_replay_done done;
    int64_t ticks; /* of the call that runs, one each RH_LITE_TICK_STEPS */
    int64_t lock_us;
    int64_t lock_limit_us; /* of the statement that runs */
    atomic_bool canceled;
} rh_lite_link;

typedef struct rh_lite_replay {
    rh_replay_engine_options options;
    char *path;
    pthread_mutex_t mutex;
    pthread_cond_t done;
    bool closing;
    bool ready; /* mutex and cond exist */
    uint8_t secret[RH_ROW_SECRET_BYTES];
    rh_lite_link *links;
    size_t next;
} rh_lite_replay;

/* ---- lite_replay_link.c ---- */

/** Open the connection that is not to change the file, unless options say so. RH_ECONNECT. */
rh_status rh_lite_link_open(rh_lite_link *link, rh_error *err) RH_MUST_CHECK;

/** Run link->call, in the calling thread; fills link->done. */
void rh_lite_link_run(rh_lite_link *link);

/* ---- lite_replay_guard.c ---- */

/** sqlite3_set_authorizer: no other files, no PRAGMA that changes the file. */
int rh_lite_replay_authorize(void *ctx, int action, const char *a, const char *b,
                             const char *database, const char *trigger);

#endif
