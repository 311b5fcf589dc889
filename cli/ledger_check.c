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
    cli_ledger_print_findings(context, json_object_get(report, "findings"));
    cli_print(context,
              "%s: %.3g s per block at production size%s, %.3g s allowed of %.3g s; %s %s\n",
              bad ? "BAD" : "good", json_number_value(json_object_get(report, "seconds_per_block")),
              json_is_true(json_object_get(report, "model")) ? " (model)" : "",
              json_number_value(json_object_get(report, "allowed_s")),
              json_number_value(json_object_get(report, "interval_s")),
              json_string_value(json_object_get(json_object_get(report, "measured"), "engine")),
              json_string_value(json_object_get(json_object_get(report, "measured"), "version")));
}

rh_status cli_ledger_check(cli_context *context, const cli_args *args, rh_error *err)
{
    rh_block_replay_options options = {
        .keep_going = cli_flag(args, "keep-going"),
        .sample = (uint64_t)cli_number(args, "sample", DEFAULT_SAMPLE),
        .step_budget = cli_number(args, "step-budget", DEFAULT_STEP_BUDGET),
        .cut_scans = true};
    rh_ledger_check_options check = {.target = args->operands[2]};
    cli_ledger_run run = {0};
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
