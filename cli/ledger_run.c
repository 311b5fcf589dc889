#include "ledger_run.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/engine_dialect.h"
#include "core/num.h"
#include "ledger_against.h"
#include "output.h"

/* The calls of --calls; where it has none, or is not given, the statements of the trace. */
static rh_status choose_calls(const cli_args *args, rh_sql_dialect dialect, cli_ledger_run *run,
                              rh_error *err)
{
    bool traced = rh_ledger_reader_traced(run->reader);
    rh_status status = RH_OK;

    if (cli_given(args, "calls")) {
        status = rh_calls_read(cli_text(args, "calls"), dialect, &run->calls, err);
        if (status == RH_OK && run->calls->count == 0 && !traced)
            status = rh_error_set(err, RH_ECONFIG, "%s: there are no 'calls'", run->calls->file);
    } else if (traced) {
        status = rh_calls_new(dialect, &run->calls, err);
    } else {
        rh_error_set(err, RH_EUSAGE, "--calls is missing");
        rh_error_hint(err, "only workloads of --from-trace have statements of their own");
        return RH_EUSAGE;
    }
    if (status == RH_OK && run->calls->count == 0)
        status = rh_calls_add_trace(run->calls, args->operands[1], err);
    if (status == RH_OK && run->calls->traced && cli_given(args, "against"))
        status = rh_error_set(err, RH_EUSAGE, "--against goes with --calls");
    return status;
}

rh_status cli_ledger_open(cli_context *context, const cli_args *args,
                          rh_block_replay_options *options, cli_ledger_run *run, rh_error *err)
{
    rh_engine_kind kind = RH_ENGINE_SQLITE;
    rh_sql_dialect dialect;
    rh_status status;

    status = rh_engine_of(args->operands[2], &kind, err);
    dialect = rh_engine_dialect(kind);
    if (status == RH_OK)
        status = rh_ledger_reader_open(args->operands[1], &run->reader, err);
    if (status == RH_OK)
        status = rh_ledger_reader_count(run->reader, &run->blocks, err);
    if (status == RH_OK)
        status = choose_calls(args, dialect, run, err);
    if (status == RH_OK && cli_given(args, "against"))
        status = rh_calls_read(cli_text(args, "against"), dialect, &run->against_calls, err);
    if (status == RH_OK && run->against_calls != NULL && run->against_calls->count == 0)
        status =
            rh_error_set(err, RH_ECONFIG, "%s: there are no 'calls'", run->against_calls->file);
    if (status == RH_OK && run->against_calls != NULL &&
        (run->calls->writes || run->against_calls->writes))
        status = rh_error_set(err, RH_EUSAGE, "--against compares calls that only read");
    if (status == RH_OK && run->against_calls != NULL)
        status = cli_against_open(context, run, err);
    options->target = args->operands[2];
    options->calls = run->calls;
    options->cancel = context->cancel;
    if (status == RH_OK)
        status = rh_block_replay_open(options, &run->replay, err);
    options->calls = run->against_calls;
    if (status == RH_OK && run->against_calls != NULL)
        status = rh_block_replay_open(options, &run->against, err);
    options->calls = run->calls;
    return status;
}

void cli_ledger_close(cli_ledger_run *run)
{
    rh_block_replay_close(run->replay);
    rh_block_replay_close(run->against);
    rh_ledger_reader_close(run->reader);
    rh_calls_free(run->calls);
    rh_calls_free(run->against_calls);
    cli_against_close(run);
}

rh_status cli_ledger_statistics(const cli_args *args, json_t **out, rh_error *err)
{
    const char *from = cli_text(args, "statistics");
    const rh_call_options options = RH_CALL_OPTIONS_INIT;
    rh_call_session *session = NULL;
    rh_engine_kind kind = RH_ENGINE_SQLITE;
    rh_status status = rh_engine_of(args->operands[2], &kind, err);

    if (status == RH_OK && from != NULL && kind != RH_ENGINE_SQLITE)
        return rh_error_set(err, RH_EUSAGE, "--statistics is for SQLite");
    if (status != RH_OK || kind != RH_ENGINE_SQLITE)
        return status;
    status = rh_call_open(from != NULL ? from : args->operands[2], &options, &session, err);
    if (status == RH_OK)
        status = rh_call_statistics(session, out, err);
    rh_call_close(session);
    return status;
}

/* ---- running ---- */

/* A call that never ran says nothing, good or bad. */
static rh_status note_idle(cli_context *context, const cli_ledger_run *run, rh_error *err)
{
    size_t count = rh_block_replay_call_count(run->replay), idle = 0;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < count; i++) {
        const rh_block_replay_call *c = rh_block_replay_call_at(run->replay, i);

        if (c->units > 0)
            continue;
        idle++;
        if (c->call->active_from > 0)
            status =
                rh_problems_add(&context->problems, false,
                                "'ledger import --first-height' tells the height of raw blocks",
                                err, "call '%s' never ran: it is active from height %lld on",
                                c->call->name, (long long)c->call->active_from);
        else
            status = rh_problems_add(&context->problems, false, NULL, err,
                                     "call '%s' never ran: the blocks have no %s", c->call->name,
                                     rh_calls_per_name(c->call->per));
    }
    if (status == RH_OK && run->must_run && idle == count && run->blocks > 0) {
        rh_error_set(err, RH_EUSAGE, "no call ran in any block: there is nothing to judge");
        return RH_EUSAGE;
    }
    return status;
}

rh_status cli_ledger_blocks(cli_context *context, cli_ledger_run *run, rh_error *err)
{
    rh_status status = RH_OK;

    rh_progress_stage(context->progress, "blocks", 0, 0, run->blocks);
    while (status == RH_OK) {
        rh_ledger_block *block = NULL;

        status = rh_ledger_reader_next(run->reader, &block, err);
        if (status != RH_OK)
            break;
        status = rh_block_replay_block(run->replay, block, err);
        if (status == RH_OK && run->against != NULL) {
            status = rh_block_replay_block(run->against, block, err);
            if (status == RH_OK)
                status = cli_against_block(run, block, err);
        }
        rh_progress_add(context->progress, 0, 0, 1);
        rh_ledger_block_free(block);
    }
    return status == RH_DONE ? note_idle(context, run, err) : status;
}

rh_status cli_ledger_report(const cli_ledger_run *run, json_t **out, rh_error *err)
{
    json_t *report = NULL, *findings = json_array();
    rh_status status = findings == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = rh_block_replay_report(run->replay, &report, err);
    if (status == RH_OK && run->against != NULL)
        status = cli_against_report(run, report, err);
    if (status == RH_OK && run->difference != NULL &&
        json_array_append(findings, run->difference) != 0)
        status = rh_error_oom(err);
    if (status == RH_OK && json_object_set(report, "findings", findings) != 0)
        status = rh_error_oom(err);
    json_decref(findings);
    if (status != RH_OK) {
        json_decref(report);
        return status;
    }
    *out = report;
    return RH_OK;
}

static const char *count_text(const json_t *call, const char *key, char out[32])
{
    return json_is_integer(json_object_get(call, key))
               ? rh_num_format_count(cli_json_number(call, key), out)
               : "-";
}

void cli_ledger_print_calls(const cli_context *context, const json_t *report)
{
    static const char *const headings[] = {
        "call", "per", ">statements", ">rows", ">VM steps", ">scanned", ">sorts", ">time", NULL};
    const json_t *calls = json_object_get(report, "calls");
    cli_table *table = cli_table_new(headings);
    bool good = table != NULL;

    for (size_t i = 0; good && i < json_array_size(calls); i++) {
        const json_t *c = json_array_get(calls, i);
        bool sampled = json_is_true(json_object_get(c, "sampled"));
        char n[5][32], time[32], note[128];
        const char *cells[] = {json_string_value(json_object_get(c, "name")),
                               json_string_value(json_object_get(c, "per")),
                               count_text(c, "statements", n[0]),
                               count_text(c, "rows", n[1]),
                               count_text(c, "vm_steps", n[2]),
                               count_text(c, "full_scan_steps", n[3]),
                               count_text(c, "sorts", n[4]),
                               cli_format_duration(cli_json_number(c, "predicted_us"), time)};

        good = good && cli_table_row(table, cells);
        if (json_object_get(c, "sql") != NULL)
            good = good && cli_table_note(table, "", cli_json_text(c, "sql", ""));
        if (sampled) {
            (void)snprintf(note, sizeof note, "%s of %s units ran; statements and time are of all",
                           rh_num_format_count(cli_json_number(c, "measured"), n[0]),
                           rh_num_format_count(cli_json_number(c, "units"), n[1]));
            good = good && cli_table_note(table, "sampled: ", note);
        }
        if (cli_json_number(c, "errors") > 0)
            good = good &&
                   cli_table_note(table,
                                  "failed: ", json_string_value(json_object_get(c, "first_error")));
    }
    if (table != NULL)
        cli_table_print(context, table);
    cli_table_free(table);
}

/* Counts with their commas, small fractions to three digits. */
static const char *figure_text(double figure, char out[32])
{
    if (figure >= 1000 && figure < 9e18)
        return rh_num_format_count((int64_t)(figure + 0.5), out);
    (void)snprintf(out, 32, "%.3g", figure);
    return out;
}

/* Up to the usual interval of a chain in seconds, as budgets are written. */
static const char *seconds_text(const json_t *report, const char *key, char out[32])
{
    double seconds = json_number_value(json_object_get(report, key));

    if (seconds < 1 || seconds >= 1000)
        return cli_format_duration((int64_t)(1e6 * seconds), out);
    (void)snprintf(out, 32, "%.3g s", seconds);
    return out;
}

/* "482,704,768 VM steps per block (limit 120,000,000), a model" */
static void figures_text(const json_t *finding, char *out, size_t size)
{
    bool cliff = strcmp(cli_json_text(finding, "finding", ""), "plan-cliff") == 0;
    char value[32], limit[32];

    (void)figure_text(json_number_value(json_object_get(finding, "value")), value);
    (void)figure_text(json_number_value(json_object_get(finding, "threshold")), limit);
    (void)snprintf(out, size, cliff ? "with %s %s, not with %s%s" : "%s %s (limit %s)%s", value,
                   cli_json_text(finding, "unit", ""), limit,
                   json_is_true(json_object_get(finding, "model")) ? ", a model" : "");
}

static void print_findings(const cli_context *context, const json_t *findings)
{
    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *f = json_array_get(findings, i);
        const char *plan = cli_json_text(f, "plan_node", "");
        char figures[192], first[64], text[512];

        figures_text(f, figures, sizeof figures);
        (void)snprintf(first, sizeof first, "%s: ", cli_json_text(f, "severity", ""));
        (void)snprintf(text, sizeof text, "%s: call '%s': %s", cli_json_text(f, "finding", ""),
                       cli_json_text(f, "query", ""), figures);
        cli_print_wrapped(context, 0, first, text);
        if (plan[0] != '\0')
            cli_print_wrapped(context, 4, "", plan);
        cli_print_wrapped(context, 4, "", cli_json_text(f, "advice", ""));
    }
}

void cli_ledger_print_verdict(const cli_context *context, const json_t *report,
                              const json_t *library, bool bad)
{
    const json_t *pace = json_object_get(report, "pace_per_second");
    double stated = json_number_value(json_object_get(pace, "stated"));
    double measured = json_number_value(json_object_get(pace, "measured"));
    double allowed = json_number_value(json_object_get(report, "allowed_cost"));
    const char *used = cli_json_text(pace, "used", "measured");
    bool by_pace =
        fabs(stated * json_number_value(json_object_get(report, "allowed_s")) - allowed) < 1;
    char n[3][32], share[32], interval[32], seconds[32];

    print_findings(context, json_object_get(report, "findings"));
    cli_print(context, "%s: %s %s at production size%s\n", bad ? "BAD" : "good",
              rh_num_format_count(
                  (int64_t)json_number_value(json_object_get(report, "cost_per_block")), n[0]),
              cli_json_text(report, "cost_unit", ""),
              json_is_true(json_object_get(report, "model")) ? " (model)" : "");
    if (by_pace)
        cli_print(context, "    allowed: %s (%s of %s, stated pace: %s a second)\n",
                  rh_num_format_count((int64_t)allowed, n[0]),
                  seconds_text(report, "allowed_s", share),
                  seconds_text(report, "interval_s", interval),
                  rh_num_format_count((int64_t)stated, n[1]));
    else
        cli_print(context, "    allowed: %s, as the call file says\n",
                  rh_num_format_count((int64_t)allowed, n[0]));
    (void)seconds_text(report, "seconds_per_block", seconds);
    if (strcmp(used, "stated") == 0)
        cli_print(context, "    that is %s per block at the stated pace\n", seconds);
    else if (measured > 0)
        cli_print(context, "    here: %s per block (measured pace: %s a second%s)\n", seconds,
                  rh_num_format_count((int64_t)measured, n[2]),
                  strcmp(used, "both") == 0 ? ", and the stated one" : "");
    else
        cli_print(context, "    here: %s per block\n", seconds);
    cli_print(context, "    with %s %s\n", cli_json_text(library, "engine", ""),
              cli_json_text(library, "version", ""));
}
