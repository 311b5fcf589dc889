/*
 * Growth: statements per block against the block's size, cost of a call against the tables' size.
 * Measured on growing copies of the database's own tables; the database is only read.
 */
#ifndef LEDGER_LEDGER_GROWTH_H
#define LEDGER_LEDGER_GROWTH_H

#include "core/progress.h"
#include "ledger/block_replay.h"

typedef struct rh_ledger_growth_options {
    const char *target;
    const rh_calls *calls;
    const rh_ledger_block *block; /* whose units are run; the largest of the workload */
    const json_t *statistics;     /* SQLite: production's, see rh_call_options, [] for none; NULL:
                                     PostgreSQL */
    bool foreign;                 /* they are not the target's own: it is not measured itself */
    int64_t max_rows;             /* of the largest table's largest copy */
    int64_t step_budget;     /* VM steps of a call at one size; a run that needs more is cut and
                                the call is not measured at larger sizes */
    uint64_t sample;         /* units of a call per size */
    int64_t mainnet_rows;    /* of the largest table; 0: as the statistics say, else the target */
    int64_t testnet_rows;    /* 0: a hundredth of mainnet's */
    int64_t testnet_units;   /* inputs and outputs of its block; 0: a twentieth of the block's */
    rh_progress *progress;   /* may be NULL */
    const rh_cancel *cancel; /* may be NULL */
} rh_ledger_growth_options;

/**
 * *out (new reference): {"engine", "version", "tables", "largest", "unit" (of cost), "block":
 * {"units", "exponent" ...}, "calls": [{"name", "per", "statements": {...}, "cost": {"exponent",
 * "low", "high", "error", "points"}, "stopped_at"}], "sizes": [{"size", "rows", "units",
 * "statements_per_block", "seconds_per_block", "low", "high", "calls"}], "findings"};
 * docs/ledger.md describes them. *out_bad: a finding is an error. RH_EUSAGE: too few rows to tell,
 * no call that is active; RH_ELIMIT: the step budget ends a call at the smallest sizes.
 */
rh_status rh_ledger_growth(const rh_ledger_growth_options *options, json_t **out, bool *out_bad,
                           rh_error *err) RH_MUST_CHECK;

#endif
