/*
 * The row threads of a snapshot run: session -> [filter] -> store, range by range.
 */
#ifndef SNAPSHOT_TAKE_ROWS_H
#define SNAPSHOT_TAKE_ROWS_H

#include <stdatomic.h>

#include "core/engine.h"
#include "core/pool.h"
#include "core/progress.h"
#include "core/row_filter.h"
#include "schedule.h"
#include "store.h"
#include "take_manifest.h"

/** What row threads share; all borrowed. */
typedef struct rh_take_rows {
    rh_source *source;
    const rh_catalog *catalog;
    const rh_row_filter *filter; /* or NULL */
    rh_progress *progress;       /* or NULL */
    rh_store *store;
    rh_schedule *schedule;
    rh_take_table *tables;         /* filled here */
    const atomic_bool *over_limit; /* the snapshot is being given up */
    atomic_size_t *copied;         /* schedule items that ended well */
    bool staged;                   /* each row thread has another one store what it reads */
} rh_take_rows;

/**
 * One row thread: a session of its own, items of the schedule until there are none. Returns early
 * when the pool stops. Where the engine has no further reader to give, RH_OK without having done
 * anything.
 */
rh_status rh_take_rows_run(const rh_take_rows *task, rh_pool *pool, rh_error *err) RH_MUST_CHECK;

#endif
