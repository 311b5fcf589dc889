/*
 * A replay's state, shared by the files of this folder.
 */
#ifndef RH_BLOCK_REPLAY_INTERNAL_H
#define RH_BLOCK_REPLAY_INTERNAL_H

#include "core/buf.h"
#include "ledger/block_replay.h"

enum { REPLAYED_PACES = 128 };

/** What one execution took. */
typedef struct replayed_pace {
    double us;
    double steps; /* > 0 */
} replayed_pace;

typedef struct replayed_call {
    rh_block_replay_call figures;
    rh_call_statement **statements; /* one per step */
    int (*take_columns)[RH_CALLS_MAX_TAKEN];
    bool one_scan; /* its plan is a scan and nothing that grows faster */
    json_t *cache; /* key -> [digest low, high] as integers; NULL: none */
    rh_block_replay_digest *digests;
    size_t digest_count, digest_cap;
    char *text;              /* of a trace: what statements[0] is prepared from; else NULL */
    size_t block_statements; /* of a trace: how many of the block's are this call */
    /* of the block: */
    uint64_t block_units, block_measured;
    rh_call_counters block_counters;
    bool block_full;                     /* budget used up */
    replayed_pace paces[REPLAYED_PACES]; /* of its first executions */
    size_t pace_count;
} replayed_call;

typedef struct replayed_block {
    rh_block_replay_block_figures figures;
    double cost;     /* VM steps; where they are not counted, statements and rows read */
    uint64_t number; /* in the workload */
} replayed_block;

typedef struct replayed_blocks {
    replayed_block *heap; /* up to RH_BLOCK_REPLAY_LISTED of those seen */
    size_t count, cap;
    uint64_t seen;
    double least_statements, most_statements;
    double most_cost;
    int64_t costliest; /* height */
} replayed_blocks;

struct rh_block_replay {
    rh_block_replay_options options;
    rh_call_session *session;
    replayed_call *calls;
    size_t count;
    rh_parameter *values; /* of one execution */
    size_t value_cap;
    rh_arena *taken; /* texts of taken values, reset per unit */
    rh_block_replay_block_figures block;
    double block_cost; /* of the last block */
    replayed_blocks blocks;
    bool savepoints;
    struct rh_block_replay_trace *trace; /* NULL: calls come from a file */
    uint64_t passed_over; /* statements of a trace that neither read nor write rows */
};

/** One execution's result on its way to a digest, and to what the next step takes. */
typedef struct replay_row {
    rh_block_replay *replay;
    const rh_calls_call *call;
    const rh_calls_step *step;
    const int *take_columns;
    rh_parameter *taken;
    rh_block_replay_digest *digest;
    uint64_t rows;
} replay_row;

/** Row callback of rh_call_run; ctx is a replay_row. */
rh_status rh_block_replay_take_row(void *ctx, const rh_parameter *values, size_t count,
                                   rh_error *err);

/** Run all steps of a call for one unit, or for the units of a batch. */
rh_status rh_block_replay_execute(rh_block_replay *replay, size_t call, const rh_calls_unit *units,
                                  size_t unit_count, rh_block_replay_digest *digest,
                                  rh_error *err) RH_MUST_CHECK;

/** Note a block for the report. */
rh_status rh_block_replay_list(replayed_blocks *blocks, const rh_block_replay_block_figures *block,
                               double cost, rh_error *err) RH_MUST_CHECK;

/** The statements of a trace: which call each of the block's is, before the calls begin; then all
 * of them in their order. */
rh_status rh_block_replay_trace_begin(rh_block_replay *replay, const rh_ledger_block *block,
                                      rh_error *err) RH_MUST_CHECK;
rh_status rh_block_replay_trace_run(rh_block_replay *replay, const rh_ledger_block *block,
                                    rh_error *err) RH_MUST_CHECK;
void rh_block_replay_trace_free(rh_block_replay *replay);

/** Is the next unit of a call measured? */
bool rh_block_replay_due(const rh_block_replay *replay, const replayed_call *state,
                         uint64_t number);

/** No further unit of the call is measured in this block once its budget is used up. */
void rh_block_replay_spend(const rh_block_replay *replay, replayed_call *state);

/** Note how fast a unit's execution was. */
void rh_block_replay_note_pace(replayed_call *state, const rh_call_counters *before);

/** Run a prepared statement and note its cost; RH_SKIPPED when the step budget ended it. */
rh_status rh_block_replay_step(rh_block_replay *replay, replayed_call *state,
                               rh_call_statement *statement, rh_call_run *run,
                               rh_error *err) RH_MUST_CHECK;

/** Fill and ask a cache. */
rh_status rh_block_replay_cache_load(rh_block_replay *replay, replayed_call *call,
                                     rh_error *err) RH_MUST_CHECK;
void rh_block_replay_cache_look(replayed_call *call, const rh_calls_unit *unit,
                                rh_block_replay_digest *digest);

/** Hash of a row. */
void rh_block_replay_hash_row(const rh_parameter *values, size_t count,
                              rh_block_replay_digest *out);

#endif
