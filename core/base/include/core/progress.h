/*
 * Progress counters: workers add, somebody (the CLI's ticker thread) looks and draws.
 * No output happens here.
 */
#ifndef CORE_PROGRESS_H
#define CORE_PROGRESS_H

#include <stdatomic.h>
#include <stdint.h>

#include <rehearse/error.h>

enum { RH_PROGRESS_STAGE_BYTES = 64 };

typedef struct rh_progress rh_progress;

/** One look at the counters. Totals are 0 while unknown. */
typedef struct rh_progress_view {
    char stage[RH_PROGRESS_STAGE_BYTES]; /* e.g. "rows", "indexes" */
    uint64_t done_bytes, total_bytes;
    uint64_t done_rows, total_rows;
    uint64_t done_items, total_items; /* tables, indexes, packs ... of this stage */
    int64_t stage_elapsed_us;
    int64_t elapsed_us;
} rh_progress_view;

rh_progress *rh_progress_new(void) RH_MUST_CHECK;
void rh_progress_free(rh_progress *progress);

/* All of the following accept NULL and may be called by any thread. */

/** Start a stage: counters go to 0, totals as given (0 = unknown). */
void rh_progress_stage(rh_progress *progress, const char *stage, uint64_t total_bytes,
                       uint64_t total_rows, uint64_t total_items);
void rh_progress_add(rh_progress *progress, uint64_t bytes, uint64_t rows, uint64_t items);
void rh_progress_look(const rh_progress *progress, rh_progress_view *out);

#endif
