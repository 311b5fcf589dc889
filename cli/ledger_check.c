/*
 * rehearse ledger check.
 */
#include "ledger/ledger_check.h"
#include "ledger.h"
#include "ledger_run.h"
#include "output.h"

enum { DEFAULT_SAMPLE = 10, DEFAULT_STEP_BUDGET = 10000000 };

/* Production's rows of sqlite_stat1: of the file named, else of the database itself. */
static rh_status read_statistics(const char *path, json_t **out, rh_error *err)
{
    const rh_call_options options = RH_CALL_OPTIONS_INIT;
    rh_call_session *session = NULL;
    rh_status status = rh_call_open(path, &options, &session, err);

    if (status == RH_OK)
        status = rh_call_statistics(session, out, err);
    rh_call_close(session);
    return status;
}

static void print_report(const cli_context *context, const json_t *report, bool bad)
{
    const json_t *findings = json_object_get(report, "findings");

    cli_ledger_print_calls(context, json_object_get(report, "measured"));
    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *f = json_array_get(findings, i);
        const char *query = json_string_value(json_object_get(f, "query"));
        const char *plan = json_string_value(json_object_get(f, "plan_node"));

        cli_print(context, "%s: %s: call '%s': %.6g %s (limit %.6g)%s\n    %s\n    %s\n",
                  json_string_value(json_object_get(f, "severity")),
                  json_string_value(json_object_get(f, "finding")), query == NULL ? "" : query,
                  json_number_value(json_object_get(f, "value")),
                  json_string_value(json_object_get(f, "unit")),
                  json_number_value(json_object_get(f, "threshold")),
                  json_is_true(json_object_get(f, "model")) ? ", a model" : "",
                  plan == NULL ? "" : plan, json_string_value(json_object_get(f, "advice")));
    }
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
        .sample = (uint64_t)cli_number(args, "sample", DEFAULT_SAMPLE),
        .step_budget = cli_number(args, "step-budget", DEFAULT_STEP_BUDGET)};
    const char *from = cli_text(args, "statistics");
    rh_ledger_check_options check = {.target = args->operands[2]};
    cli_ledger_run run = {0};
    rh_engine_kind kind = RH_ENGINE_SQLITE;
    json_t *production = NULL, *report = NULL;
    bool bad = false;
    rh_status status = rh_engine_of(args->operands[2], &kind, err);

    if (status == RH_OK && from != NULL && kind != RH_ENGINE_SQLITE)
        status = rh_error_set(err, RH_EUSAGE, "--statistics is for SQLite");
    if (status == RH_OK && kind == RH_ENGINE_SQLITE)
        status = read_statistics(from != NULL ? from : args->operands[2], &production, err);
    options.statistics = from != NULL ? production : NULL;
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
