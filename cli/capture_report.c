/*
 * What `rehearse capture` found, see capture_report.h.
 */
#include "capture_report.h"

#include <stdio.h>
#include <string.h>

#include "core/num.h"
#include "output.h"

enum { SHOWN_INPUTS = 20, SHOWN_REASONS = 12 };

static const char *text(const json_t *json, const char *key)
{
    const char *value = json_string_value(json_object_get(json, key));

    return value == NULL ? "" : value;
}

static void print_inputs(const cli_context *context, const json_t *inputs)
{
    char bytes[16];
    char count[32];

    for (size_t i = 0; i < json_array_size(inputs) && i < SHOWN_INPUTS; i++) {
        const json_t *input = json_array_get(inputs, i);
        const char *prefix = text(input, "prefix");

        cli_print(context, "  %s: %s executions, %s %s", text(input, "path"),
                  rh_num_format_count(cli_json_number(input, "executions"), count),
                  rh_num_format_bytes((uint64_t)cli_json_number(input, "bytes"), bytes),
                  text(input, "format"));
        if (prefix[0] != '\0')
            cli_print(context, ", log_line_prefix '%s'%s", prefix,
                      json_is_true(json_object_get(input, "prefix_inferred")) ? " (inferred)" : "");
        cli_print(context, "\n");
    }
    if (json_array_size(inputs) > SHOWN_INPUTS)
        cli_print(context, "  and %zu more inputs (--json lists all)\n",
                  json_array_size(inputs) - SHOWN_INPUTS);
}

static void print_skipped(const cli_context *context, const json_t *skipped)
{
    char count[32];

    if (json_array_size(skipped) > 0)
        cli_print(context, "not read, or not fit to be executed again:\n");
    for (size_t i = 0; i < json_array_size(skipped) && i < SHOWN_REASONS; i++) {
        const json_t *row = json_array_get(skipped, i);

        cli_print(context, "  %s x %s, first at %s:%lld\n",
                  rh_num_format_count(cli_json_number(row, "count"), count), text(row, "reason"),
                  text(row, "path"), (long long)cli_json_number(row, "line"));
    }
    if (json_array_size(skipped) > SHOWN_REASONS)
        cli_print(context, "  and %zu more reasons (--json lists all)\n",
                  json_array_size(skipped) - SHOWN_REASONS);
}

static void print_filtered(const cli_context *context, const json_t *filtered)
{
    const char *name;
    json_t *value;
    char count[32];

    json_object_foreach((json_t *)(uintptr_t)filtered, name, value)
    {
        if (json_integer_value(value) <= 0)
            continue;
        if (strcmp(name, "own") == 0)
            cli_print(context, "left out, sent by rehearse itself: %s\n",
                      rh_num_format_count(json_integer_value(value), count));
        else
            cli_print(context, "left out by filter '%s': %s\n", name,
                      rh_num_format_count(json_integer_value(value), count));
    }
}

static rh_status note(cli_context *context, const json_t *report, rh_error *err)
{
    const json_t *inputs = json_object_get(report, "inputs");
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(inputs); i++) {
        const json_t *input = json_array_get(inputs, i);

        if (json_is_true(json_object_get(input, "damaged")))
            status = rh_problems_add(&context->problems, false, NULL, err,
                                     "'%s' ends in damaged or cut compressed data; what stood "
                                     "before it was taken",
                                     text(input, "path"));
        if (status == RH_OK && cli_json_number(input, "unknown_time_zone") > 0)
            status = rh_problems_add(
                &context->problems, false, "log_timezone = 'UTC' makes times unmistakable", err,
                "'%s' has times of a zone that is not known; taken as UTC", text(input, "path"));
    }
    if (status == RH_OK && cli_json_number(report, "executions") == 0)
        status =
            rh_problems_add(&context->problems, false,
                            "log_min_duration_statement or log_statement, and lc_messages = 'C'",
                            err, "no statement was found: the server has to be told to log them");
    return status;
}

rh_status cli_capture_report(cli_context *context, const json_t *report, rh_error *err)
{
    char executions[32];
    char statements[32];
    char sessions[32];

    if (!cli_print_json(context, report)) {
        cli_print(context, "captured %s executions of %s statements in %s sessions into %s\n",
                  rh_num_format_count(cli_json_number(report, "executions"), executions),
                  rh_num_format_count(cli_json_number(report, "statements"), statements),
                  rh_num_format_count(cli_json_number(report, "sessions"), sessions),
                  text(report, "workload"));
        print_inputs(context, json_object_get(report, "inputs"));
        if (cli_json_number(report, "plans") > 0)
            cli_print(context, "plans of auto_explain: %lld\n",
                      (long long)cli_json_number(report, "plans"));
        print_filtered(context, json_object_get(report, "filtered"));
        print_skipped(context, json_object_get(report, "skipped"));
    }
    return note(context, report, err);
}
