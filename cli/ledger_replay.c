/*
 * rehearse ledger replay.
 */
#include "core/num.h"
#include "ledger.h"
#include "ledger_run.h"
#include "output.h"

enum { DEFAULT_STEP_BUDGET = 100000000 };

/* Calls are compared with those of their name. */
static void print_same(const cli_context *context, const json_t *report)
{
    const json_t *calls = json_object_get(report, "calls");
    const json_t *others = json_object_get(json_object_get(report, "against"), "calls");
    size_t compared = 0;

    for (size_t i = 0; i < json_array_size(calls); i++) {
        for (size_t j = 0; j < json_array_size(others); j++)
            compared += json_equal(json_object_get(json_array_get(calls, i), "name"),
                                   json_object_get(json_array_get(others, j), "name")) != 0;
    }
    if (compared == 0)
        cli_print(context, "results: not compared, no call has the same name in both files\n");
    else
        cli_print(context, "results: both gave the same in every unit that ran, %zu call%s\n",
                  compared, compared == 1 ? "" : "s");
}

static void print_report(const cli_context *context, const json_t *report)
{
    const json_t *totals = json_object_get(report, "totals");
    const json_t *finding = json_array_get(json_object_get(report, "findings"), 0);
    const char *txid = json_string_value(json_object_get(finding, "txid"));
    char blocks[32], statements[32], time[32];

    cli_ledger_print_calls(context, report);
    if (json_object_get(report, "against") != NULL) {
        cli_print(context, "\nagainst:\n");
        cli_ledger_print_calls(context, json_object_get(report, "against"));
    }
    cli_print(context, "%s block%s, %s statements, %s; %s %s\n",
              rh_num_format_count(cli_json_number(totals, "blocks"), blocks),
              cli_json_number(totals, "blocks") == 1 ? "" : "s",
              rh_num_format_count(cli_json_number(totals, "statements"), statements),
              cli_format_duration(cli_json_number(totals, "predicted_us"), time),
              json_string_value(json_object_get(report, "engine")),
              json_string_value(json_object_get(report, "version")));
    if (finding != NULL)
        cli_print(context, "result-changed: call '%s' first differs in block %lld%s%s\n",
                  json_string_value(json_object_get(finding, "query")),
                  (long long)cli_json_number(finding, "block"),
                  txid == NULL ? "" : ", transaction ", txid == NULL ? "" : txid);
    else if (json_object_get(report, "against") != NULL)
        print_same(context, report);
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
