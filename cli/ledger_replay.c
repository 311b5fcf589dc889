/*
 * rehearse ledger replay.
 */
#include "core/num.h"
#include "ledger.h"
#include "ledger_against.h"
#include "output.h"

enum { DEFAULT_STEP_BUDGET = 100000000 };

static void print_report(const cli_context *context, const json_t *report)
{
    const json_t *totals = json_object_get(report, "totals");
    const json_t *per_block = json_object_get(report, "per_block");
    int64_t blocks = cli_json_number(totals, "blocks");
    char n[4][32], time[32];

    cli_ledger_print_calls(context, report);
    if (json_object_get(report, "against") != NULL) {
        cli_print(context, "\nagainst:\n");
        cli_ledger_print_calls(context, json_object_get(report, "against"));
    }
    cli_print(context, "%s block%s, %s statement%s, %s; %s %s\n", rh_num_format_count(blocks, n[0]),
              blocks == 1 ? "" : "s",
              rh_num_format_count(cli_json_number(totals, "statements"), n[1]),
              cli_json_number(totals, "statements") == 1 ? "" : "s",
              cli_format_duration(cli_json_number(totals, "predicted_us"), time),
              json_string_value(json_object_get(report, "engine")),
              json_string_value(json_object_get(report, "version")));
    if (blocks > 1)
        cli_print(
            context, "%s to %s statements per block, %s in the mean; block %lld cost most\n",
            rh_num_format_count(cli_json_number(per_block, "least_statements"), n[0]),
            rh_num_format_count(cli_json_number(per_block, "most_statements"), n[1]),
            rh_num_format_count(
                (int64_t)(json_real_value(json_object_get(per_block, "mean_statements")) + 0.5),
                n[2]),
            (long long)cli_json_number(per_block, "costliest_height"));
    if (json_object_get(report, "against") != NULL)
        cli_against_print(context, report);
}

rh_status cli_ledger_replay(cli_context *context, const cli_args *args, rh_error *err)
{
    rh_block_replay_options options = {.commit = cli_flag(args, "commit"),
                                       .keep_going = cli_flag(args, "keep-going"),
                                       .sample = (uint64_t)cli_number(args, "sample", 0)};
    cli_ledger_run run = {0};
    json_t *report = NULL;
    rh_status status;

    if (options.sample > 0)
        options.step_budget = cli_number(args, "step-budget", DEFAULT_STEP_BUDGET);
    status = cli_ledger_open(context, args, &options, &run, err);
    if (status == RH_OK)
        status = cli_ledger_blocks(context, &run, err);
    if (status == RH_OK)
        status = cli_ledger_report(&run, &report, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK && !cli_print_json(context, report))
        print_report(context, report);
    if (status == RH_OK && run.difference != NULL)
        status = RH_EMISMATCH;
    json_decref(report);
    cli_ledger_close(&run);
    return status;
}
