/*
 * Calls over blocks on one database, counted. Nothing stays there unless asked.
 */
#ifndef LEDGER_BLOCK_REPLAY_H
#define LEDGER_BLOCK_REPLAY_H

#include "core/call_session.h"
#include "ledger/calls.h"

typedef struct rh_block_replay rh_block_replay;

typedef struct rh_block_replay_options {
    const char *target;       /* borrowed until close, as all of these */
    rh_call_session *session; /* run here, and leave it open; NULL: one of its own on target */
    const rh_calls *calls;    /* of the target's dialect */
    bool commit;              /* each block's writes stay */
    bool keep_going;     /* a failed call is counted, its transaction undone, the rest goes on */
    uint64_t sample;     /* units of a call that are measured per block, evenly spread; 0: all */
    int64_t step_budget; /* with sample, SQLite: after so many VM steps of a call no further unit
                            is measured in the block; one that alone takes 100 times as many is cut;
                            0: none */
    int64_t cut_steps;   /* that many instead of 100 times the budget; 0: 100 times */
    bool cut_scans; /* SQLite, with sample: a call that does nothing but scan one table is cut at
                       the budget itself; its caller goes on in proportion to the rows */
    const json_t *statistics; /* see rh_call_options; NULL: the database's own */
    bool count_reads;         /* see rh_call_options */
    const rh_cancel *cancel;
} rh_block_replay_options;

/** Open the target and prepare every call's statements. RH_EDB names the call. */
rh_status rh_block_replay_open(const rh_block_replay_options *options, rh_block_replay **out,
                               rh_error *err) RH_MUST_CHECK;
void rh_block_replay_close(
    rh_block_replay *replay); /* rolls back what was not committed; NULL is a no-op */

/** Borrowed. */
rh_call_session *rh_block_replay_session(rh_block_replay *replay);

/** Run one block's calls. RH_EDB and its kin name block and call, unless keep_going. */
rh_status rh_block_replay_block(rh_block_replay *replay, const rh_ledger_block *block,
                                rh_error *err) RH_MUST_CHECK;

/** What one call of a variant has cost so far. */
typedef struct rh_block_replay_call {
    const rh_calls_call *call;
    rh_call_counters counters; /* of what was measured */
    uint64_t units;            /* that called it */
    uint64_t measured;         /* of them */
    uint64_t cut;              /* measured ones that the step budget ended */
    uint64_t scans_cut;        /* among them: ended by cut_scans */
    uint64_t errors;
    uint64_t unreplayable; /* statements of a trace whose values are not known: counted only */
    uint64_t least_units;  /* in one block */
    uint64_t most_units;   /* likewise */
    int64_t captured_us;   /* what a trace says that they took */
    double statements;     /* of all units, extrapolated where sampled */
    double predicted_us;   /* likewise */
    double predicted_steps;
    double predicted_reads; /* rows that plans processed; 0 without count_reads */
    double steady_us; /* as predicted_us, at the time per VM step of the middle half of the measured
                         units; where steps are not counted, predicted_us */
    int64_t most_steps; /* of one execution */
    int64_t most_rows;
    char first_error[RH_ERROR_TEXT_BYTES];
} rh_block_replay_call;

size_t rh_block_replay_call_count(const rh_block_replay *replay);
const rh_block_replay_call *rh_block_replay_call_at(const rh_block_replay *replay, size_t at);

/** Figures of the last block. */
typedef struct rh_block_replay_block_figures {
    int64_t height;
    uint64_t transactions, inputs, outputs;
    double statements;
    double predicted_us; /* measured where nothing was sampled */
    int64_t elapsed_us;  /* that it took here */
} rh_block_replay_block_figures;

const rh_block_replay_block_figures *rh_block_replay_last_block(const rh_block_replay *replay);

/** What the unit's result was, as a digest. */
typedef struct rh_block_replay_digest {
    uint64_t low, high;
    bool measured;
} rh_block_replay_digest;

/** Digests of a call over the last block's units; *out_count of them, borrowed until the next
 * block. Batches have one at their first unit. */
const rh_block_replay_digest *rh_block_replay_digests(const rh_block_replay *replay, size_t call,
                                                      size_t *out_count);

/** Blocks that a report lists at most: those that cost most, in the order of the workload. */
enum { RH_BLOCK_REPLAY_LISTED = 1000 };

/** {"calls": [...], "blocks": [...], "totals", "per_block"}; new reference. */
rh_status rh_block_replay_report(const rh_block_replay *replay, json_t **out,
                                 rh_error *err) RH_MUST_CHECK;

#endif
