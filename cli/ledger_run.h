/*
 * What the verbs of rehearse ledger share that run calls: opening workload, call file and database.
 */
#ifndef CLI_LEDGER_RUN_H
#define CLI_LEDGER_RUN_H

#include "args.h"
#include "context.h"
#include "ledger/block_replay.h"
#include "ledger/ledger_file.h"

/** A call and the one of --against that is compared with it. */
typedef struct cli_ledger_pair {
    size_t call;       /* number in calls */
    size_t against;    /* in against_calls */
    uint64_t compared; /* units */
} cli_ledger_pair;

typedef struct cli_ledger_run {
    rh_ledger_reader *reader;
    bool must_run;   /* without a call that ran there is no answer */
    uint64_t blocks; /* of the workload */
    rh_calls *calls;
    rh_calls *against_calls; /* NULL without --against */
    rh_block_replay *replay;
    rh_block_replay *against;
    cli_ledger_pair *pairs;
    size_t pair_count;
    json_t *difference; /* the first one found; NULL: none */
} cli_ledger_run;

/** operands: verb, workload, database. options: target and calls are filled in here. */
rh_status cli_ledger_open(cli_context *context, const cli_args *args,
                          rh_block_replay_options *options, cli_ledger_run *run,
                          rh_error *err) RH_MUST_CHECK;

/** SQLite: production's rows of sqlite_stat1, of --statistics, else of the database; PostgreSQL:
 * NULL, and --statistics is RH_EUSAGE. *out: new reference. */
rh_status cli_ledger_statistics(const cli_args *args, json_t **out, rh_error *err) RH_MUST_CHECK;

/** The end of what check and growth print: findings of report, and good or BAD with the block's
 * cost against its budget. library: has "engine" and "version". */
void cli_ledger_print_verdict(const cli_context *context, const json_t *report,
                              const json_t *library, bool bad);

/** All blocks through the calls; both variants side by side. */
rh_status cli_ledger_blocks(cli_context *context, cli_ledger_run *run, rh_error *err) RH_MUST_CHECK;
void cli_ledger_close(cli_ledger_run *run);

/** Report of the run, with what --against adds and the finding "result-changed" where they apply.
 */
rh_status cli_ledger_report(const cli_ledger_run *run, json_t **out, rh_error *err) RH_MUST_CHECK;
void cli_ledger_print_calls(const cli_context *context, const json_t *report);

#endif
