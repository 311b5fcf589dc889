/*
 * What came of each execution, for comparing runs: kept in the order of ending, given back in the
 * order of execution, with the same memory however many they are (a temporary file holds the rest).
 */
#ifndef REPLAY_OUTCOMES_H
#define REPLAY_OUTCOMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/hash.h"

/** Where a statement was captured. */
typedef struct rp_place {
    const char *file; /* interned; NULL: not known */
    uint64_t line;
    uint64_t execution;
} rp_place;

typedef struct rp_outcome {
    uint64_t loop;
    uint64_t execution;
    int64_t rows;
    rh_u128 hash;
    char sqlstate[6];
    rp_place place;
} rp_outcome;

enum { RP_OUTCOMES_HELD = 65536 }; /* in memory, 5 MB */

/** Zero-initialised is empty. */
typedef struct rp_outcomes {
    rp_outcome *held;
    size_t count;
    size_t cap;
    size_t limit;   /* held at most; 0: RP_OUTCOMES_HELD */
    bool spilled;   /* there is a file */
    int fd;         /* of it; it has no name any more */
    size_t batches; /* sorted, `limit` outcomes each, one behind the other in the file */
} rp_outcomes;

/** RH_ENOMEM, RH_EIO. */
rh_status rp_outcomes_add(rp_outcomes *outcomes, const rp_outcome *outcome,
                          rh_error *err) RH_MUST_CHECK;
void rp_outcomes_done(rp_outcomes *outcomes);

/** Negative, 0 or positive: the order of execution. */
int rp_outcome_order(const rp_outcome *a, const rp_outcome *b);

typedef struct rp_outcome_cursor rp_outcome_cursor;

/** All of them in order; nothing may be added meanwhile (what is held gets sorted). */
rh_status rp_outcome_cursor_open(rp_outcomes *outcomes, rp_outcome_cursor **out,
                                 rh_error *err) RH_MUST_CHECK;
/** RH_OK, RH_DONE, RH_EIO. */
rh_status rp_outcome_cursor_next(rp_outcome_cursor *cursor, rp_outcome *out,
                                 rh_error *err) RH_MUST_CHECK;
void rp_outcome_cursor_close(rp_outcome_cursor *cursor); /* NULL is a no-op */

#endif
