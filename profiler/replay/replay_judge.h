/*
 * What is done with one captured text: run as it is, run and take back, or leave out, and why.
 */
#ifndef REPLAY_JUDGE_H
#define REPLAY_JUDGE_H

#include "core/arena.h"
#include "profiler/replay.h"

typedef struct rp_plan {
    const char *const *statements;
    size_t count;
    const char *skip; /* why it is left out, a fixed text; NULL: it runs */
    bool wrap;        /* outside of a transaction it needs one of its own that is rolled back */
    bool begins;      /* opens a transaction that stays open */
    bool ends;        /* ends the transaction of the session */
    bool writes;      /* may change something that others see, when it is captured for real */
    bool light; /* one plain SELECT without locks: may be sent before the one before is answered */
    bool end_behind; /* transaction control in one text with others: end whatever is open */
} rp_plan;

/**
 * Cut the text into statements and judge each. Never trusts what a workload file says about it.
 * Everything lives in the arena. RH_ENOMEM.
 */
rh_status rp_judge(rh_sql_dialect dialect, rh_replay_writes writes, const char *sql,
                   rh_arena *arena, rp_plan *out, rh_error *err) RH_MUST_CHECK;

#endif
