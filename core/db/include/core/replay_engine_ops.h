/*
 * What an engine implements of replay_engine.h.
 */
#ifndef CORE_REPLAY_ENGINE_OPS_H
#define CORE_REPLAY_ENGINE_OPS_H

#include "core/replay_engine.h"

typedef struct rh_replay_ops {
    rh_status (*look)(const char *name, const rh_cancel *cancel, rh_replay_target *out,
                      rh_error *err);
    rh_status (*open)(const char *name, const rh_replay_engine_options *options,
                      rh_replay_engine *out, rh_error *err);
} rh_replay_ops;

extern const rh_replay_ops rh_replay_postgresql; /* core/db/postgres/pg_replay.c */
extern const rh_replay_ops rh_replay_sqlite;     /* core/db/sqlite/lite_replay.c */

#endif
