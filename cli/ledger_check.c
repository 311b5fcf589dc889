/*
 * rehearse ledger check.
 */
#include "ledger/ledger_check.h"
#include "ledger.h"
#include "ledger_run.h"
#include "output.h"

enum { DEFAULT_SAMPLE = 10, DEFAULT_STEP_BUDGET = 5000000 };

static void print_report(const cli_context *context, const json_t *report, bool bad)
{
    cli_ledger_print_calls(context, json_object_get(report, "measured"));
    cli_ledger_print_verdict(context, report, json_object_get(report, "measured"), bad);
}

rh_status cli_ledger_check(cli_context *context, const cli_args *args, rh_error *err)
{
    rh_block_replay_options options = {
        .keep_going = cli_flag(args, "keep-going"),
        .sample = (uint64_t)cli_number(args, "sample", DEFAULT_SAMPLE),
        .step_budget = cli_number(args, "step-budget", DEFAULT_STEP_BUDGET),
        .count_reads = true,
        .cut_scans = true};
    rh_ledger_check_options check = {.target = args->operands[2]};
    cli_ledger_run run = {.must_run = true};
    json_t *production = NULL, *report = NULL;
    bool bad = false;
    rh_status status = cli_ledger_statistics(args, &production, err);

    options.statistics = cli_text(args, "statistics") != NULL ? production : NULL;
    if (status == RH_OK)
        status = cli_ledger_open(context, args, &options, &run, err);
    if (status == RH_OK)
        status = cli_ledger_blocks(context, &run, err);
    check.calls = run.calls;
    check.replay = run.replay;
    check.production = production;
    if (status == RH_OK)
        status = rh_ledger_check(&check, &report, &bad, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK && !cli_print_json(context, report))
        print_report(context, report, bad);
    if (status == RH_OK && (bad || run.difference != NULL))
        status = RH_EMISMATCH;
    json_decref(report);
    cli_ledger_close(&run);
    json_decref(production);
    return status;
}
