/*
 * rehearse ledger growth.
 */
#include "ledger/ledger_growth.h"

#include <stdio.h>
#include <string.h>

#include "core/engine_dialect.h"
#include "core/num.h"
#include "ledger.h"
#include "ledger_run.h"
#include "output.h"

enum { DEFAULT_SAMPLE = 10, DEFAULT_STEP_BUDGET = 20000000, DEFAULT_MAX_ROWS = 131072 };

/* The block with most inputs and outputs, the caller's to free. */
static rh_status read_largest(cli_context *context, const char *path, rh_ledger_block **out,
                              rh_error *err)
{
    rh_ledger_reader *reader = NULL;
    rh_ledger_block *largest = NULL;
    rh_status status = rh_ledger_reader_open(path, &reader, err);

    while (status == RH_OK) {
        rh_ledger_block *block = NULL;

        status = rh_cancel_check(context->cancel, err);
        if (status == RH_OK)
            status = rh_ledger_reader_next(reader, &block, err);
        if (status == RH_OK &&
            (largest == NULL || block->input_count + block->output_count >
                                    largest->input_count + largest->output_count)) {
            rh_ledger_block_free(largest);
            largest = block;
            block = NULL;
        }
        rh_ledger_block_free(block);
    }
    rh_ledger_reader_close(reader);
    if (status == RH_DONE && largest == NULL)
        status = rh_error_set(err, RH_EUSAGE, "the workload has no blocks");
    if (status != RH_DONE) {
        rh_ledger_block_free(largest);
        return status;
    }
    *out = largest;
    return RH_OK;
}

/* "1.00 (0.99 to 1.00)": the fit, and the least and greatest slope between neighbours. */
static const char *exponent_text(const json_t *fit, char out[64])
{
    if (!json_is_real(json_object_get(fit, "exponent")))
        return "-";
    (void)snprintf(out, 64, "%.2f (%.2f to %.2f)",
                   json_real_value(json_object_get(fit, "exponent")),
                   json_real_value(json_object_get(fit, "low")),
                   json_real_value(json_object_get(fit, "high")));
    return out;
}

static void print_calls(const cli_context *context, const json_t *report)
{
    const char *headings[] = {"call", "statements ~ block^", "cost ~ rows^", ">rows", NULL, NULL};
    const json_t *calls = json_object_get(report, "calls");
    char unit[32];
    cli_table *table;
    bool good;

    (void)snprintf(unit, sizeof unit, ">%s", json_string_value(json_object_get(report, "unit")));
    headings[4] = unit;
    table = cli_table_new(headings);
    good = table != NULL;
    for (size_t i = 0; good && i < json_array_size(calls); i++) {
        const json_t *c = json_array_get(calls, i);
        const json_t *points = json_object_get(json_object_get(c, "cost"), "points");
        const json_t *last = json_array_get(points, json_array_size(points) - 1);
        char text[2][64], count[2][32], note[96];
        const char *cells[] = {
            json_string_value(json_object_get(c, "name")),
            exponent_text(json_object_get(c, "statements"), text[0]),
            exponent_text(json_object_get(c, "cost"), text[1]),
            last == NULL ? "-" : rh_num_format_count(cli_json_number(last, "rows"), count[0]),
            last == NULL ? "-"
                         : rh_num_format_count(
                               (int64_t)json_real_value(json_object_get(last, "cost")), count[1])};

        good = cli_table_row(table, cells);
        if (json_is_integer(json_object_get(c, "stopped_at"))) {
            (void)snprintf(note, sizeof note, "%lld rows: the step budget was used up",
                           (long long)cli_json_number(c, "stopped_at"));
            good = good && cli_table_note(table, "stopped at ", note);
        }
    }
    if (table != NULL)
        cli_table_print(context, table);
    cli_table_free(table);
}

/* Short, for columns: three digits are more than a forecast knows. */
static const char *time_text(const json_t *size, const char *key, char out[32])
{
    double s = json_real_value(json_object_get(size, key));

    if (s < 1)
        (void)snprintf(out, 32, "%.0f ms", 1e3 * s);
    else if (s < 100)
        (void)snprintf(out, 32, "%.1f s", s);
    else if (s < 6000)
        (void)snprintf(out, 32, "%.1f min", s / 60);
    else
        (void)snprintf(out, 32, "%.1f h", s / 3600);
    return out;
}

static void print_sizes(const cli_context *context, const json_t *report)
{
    static const char *const headings[] = {
        "size", ">rows", ">in + out", ">statements", ">a block", ">least", ">most", "", NULL};
    const json_t *sizes = json_object_get(report, "sizes");
    cli_table *table = cli_table_new(headings);

    for (size_t i = 0; table != NULL && i < json_array_size(sizes); i++) {
        const json_t *s = json_array_get(sizes, i);
        char rows[32], units[32], statements[32], time[3][32];
        const char *cells[] = {
            json_string_value(json_object_get(s, "size")),
            rh_num_format_count(cli_json_number(s, "rows"), rows),
            rh_num_format_count(cli_json_number(s, "units"), units),
            rh_num_format_count(
                (int64_t)(json_real_value(json_object_get(s, "statements_per_block")) + 0.5),
                statements),
            time_text(s, "seconds_per_block", time[0]),
            time_text(s, "low", time[1]),
            time_text(s, "high", time[2]),
            json_is_true(json_object_get(s, "model")) ? "model" : ""};

        if (!cli_table_row(table, cells))
            break;
    }
    if (table != NULL)
        cli_table_print(context, table);
    cli_table_free(table);
}

static void print_report(const cli_context *context, const json_t *report, bool bad)
{
    print_calls(context, report);
    cli_print(context, "\nrows are those of '%s'; cost of one unit, measured on copies\n\n",
              json_string_value(json_object_get(report, "largest")));
    print_sizes(context, report);
    cli_ledger_print_verdict(context, report, report, bad);
}

static rh_status read_calls(const cli_args *args, rh_calls **out, rh_error *err)
{
    rh_engine_kind kind = RH_ENGINE_SQLITE;
    rh_status status = rh_engine_of(args->operands[2], &kind, err);

    if (status == RH_OK && cli_text(args, "calls") == NULL)
        status = rh_error_set(err, RH_EUSAGE, "--calls is missing");
    if (status == RH_OK)
        status = rh_calls_read(cli_text(args, "calls"), rh_engine_dialect(kind), out, err);
    if (status == RH_OK && (*out)->count == 0)
        status = rh_error_set(err, RH_ECONFIG, "%s: there are no 'calls'", (*out)->file);
    return status;
}

rh_status cli_ledger_growth(cli_context *context, const cli_args *args, rh_error *err)
{
    rh_ledger_growth_options options = {
        .target = args->operands[2],
        .foreign = cli_text(args, "statistics") != NULL,
        .max_rows = cli_number(args, "max-rows", DEFAULT_MAX_ROWS),
        .step_budget = cli_number(args, "step-budget", DEFAULT_STEP_BUDGET),
        .sample = (uint64_t)cli_number(args, "sample", DEFAULT_SAMPLE),
        .mainnet_rows = cli_number(args, "mainnet-rows", 0),
        .testnet_rows = cli_number(args, "testnet-rows", 0),
        .testnet_units = cli_number(args, "testnet-units", 0),
        .progress = context->progress,
        .cancel = context->cancel};
    rh_ledger_block *block = NULL;
    rh_calls *calls = NULL;
    json_t *production = NULL, *report = NULL;
    bool bad = false;
    rh_status status = read_calls(args, &calls, err);

    if (status == RH_OK)
        status = cli_ledger_statistics(args, &production, err);
    if (status == RH_OK)
        status = read_largest(context, args->operands[1], &block, err);
    options.calls = calls;
    options.block = block;
    options.statistics = production;
    if (status == RH_OK)
        status = rh_ledger_growth(&options, &report, &bad, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK && !cli_print_json(context, report))
        print_report(context, report, bad);
    if (status == RH_OK && bad)
        status = RH_EMISMATCH;
    json_decref(report);
    json_decref(production);
    rh_ledger_block_free(block);
    rh_calls_free(calls);
    return status;
}
