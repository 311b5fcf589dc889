/*
 * Will a node keep up? Calls per block times cost per call at production size, against a budget.
 */
#ifndef LEDGER_LEDGER_CHECK_H
#define LEDGER_LEDGER_CHECK_H

#include "ledger/block_replay.h"

typedef struct rh_ledger_check_options {
    const char *target;
    const rh_calls *calls;
    rh_block_replay *replay;  /* has run over the blocks */
    const json_t *production; /* rows of sqlite_stat1, see rh_call_options; NULL on PostgreSQL */
} rh_ledger_check_options;

/**
 * *out (new reference): {"calls": [{"name", "statements_per_block", "seconds_per_block", "model",
 * "factor", "plans": {"none", "production", "after"}}], "seconds_per_block", "interval_s",
 * "allowed_s", "cost_per_block", "allowed_cost", "cost_unit", "findings": [...]}. The block's
 * budget is judged by cost: VM steps, on PostgreSQL statements and rows that plans processed.
 * *out_bad: a finding is an error. A cost is a model ("model": true) where it was scaled from fewer
 * rows than production has.
 */
rh_status rh_ledger_check(const rh_ledger_check_options *options, json_t **out, bool *out_bad,
                          rh_error *err) RH_MUST_CHECK;

#endif
