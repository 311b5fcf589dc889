/*
 * What `rehearse capture` found, see capture_report.h.
 */
#include "capture_report.h"

#include <stdio.h>
#include <string.h>

#include "core/num.h"
#include "output.h"

enum { SHOWN_INPUTS = 20, SHOWN_REASONS = 12, COUNTED_BYTES = 64, COLUMNS = 80 };

static const char *text(const json_t *json, const char *key)
{
    const char *value = json_string_value(json_object_get(json, key));

    return value == NULL ? "" : value;
}

/* "1 execution", "2,345 executions" */
static const char *counted(int64_t count, const char *noun, char out[COUNTED_BYTES])
{
    char number[32];

    (void)snprintf(out, COUNTED_BYTES, "%s %s%s", rh_num_format_count(count, number), noun,
                   count == 1 ? "" : "s");
    return out;
}

static void print_inputs(const cli_context *context, const json_t *inputs)
{
    char bytes[16];
    char count[COUNTED_BYTES];

    for (size_t i = 0; i < json_array_size(inputs) && i < SHOWN_INPUTS; i++) {
        const json_t *input = json_array_get(inputs, i);
        const char *prefix = text(input, "prefix");
        const json_t *later = NULL;
        size_t j = 0;
        int64_t size = cli_json_number(input, "bytes");

        if (json_object_get(input, "bytes") == NULL) /* of a server */
            cli_print(context, "  %s: %s\n", text(input, "path"),
                      counted(cli_json_number(input, "executions"), "execution", count));
        else if (size == 0)
            cli_print(context, "  %s: empty\n", text(input, "path"));
        else
            cli_print(context, "  %s: %s, %s %s\n", text(input, "path"),
                      counted(cli_json_number(input, "executions"), "execution", count),
                      rh_num_format_bytes((uint64_t)size, bytes), text(input, "format"));
        if (prefix[0] != '\0')
            cli_print(context, "      log_line_prefix '%s'%s\n", prefix,
                      json_is_true(json_object_get(input, "prefix_inferred")) ? " (inferred)" : "");
        json_array_foreach(json_object_get(input, "later_prefixes"), j, later)
            cli_print(context, "      and '%s' (found in mid-log)\n", json_string_value(later));
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
        char line[512];
        int len = snprintf(line, sizeof line, "%s x %s,",
                           rh_num_format_count(cli_json_number(row, "count"), count),
                           text(row, "reason"));
        int where = snprintf(NULL, 0, "first at %s:%lld", text(row, "path"),
                             (long long)cli_json_number(row, "line"));

        cli_print(context, "  %s%sfirst at %s:%lld\n", line,
                  len + where + 3 < COLUMNS ? " " : "\n      ", text(row, "path"),
                  (long long)cli_json_number(row, "line"));
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
            cli_print(context, "left out, sent by rehearse or pg_dump: %s\n",
                      rh_num_format_count(json_integer_value(value), count));
        else
            cli_print(context, "left out by filter '%s': %s\n", name,
                      rh_num_format_count(json_integer_value(value), count));
    }
}

static bool any_filtered(const json_t *filtered)
{
    const char *name;
    json_t *value;

    json_object_foreach((json_t *)(uintptr_t)filtered, name, value)
    {
        if (json_integer_value(value) > 0)
            return true;
    }
    return false;
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
    if (status != RH_OK || cli_json_number(report, "executions") > 0)
        return status;
    if (any_filtered(json_object_get(report, "filtered")))
        return rh_problems_add(&context->problems, false, NULL, err,
                               "no statement is left: see what was left out");
    return rh_problems_add(&context->problems, false,
                           "log_min_duration_statement or log_statement, and lc_messages = 'C'",
                           err, "no statement was found: the server has to be told to log them");
}

rh_status cli_capture_report(cli_context *context, const json_t *report, rh_error *err)
{
    char executions[COUNTED_BYTES];
    char statements[COUNTED_BYTES];
    char sessions[COUNTED_BYTES];

    if (!cli_print_json(context, report)) {
        cli_print(context, "captured %s of %s in %s into %s\n",
                  counted(cli_json_number(report, "executions"), "execution", executions),
                  counted(cli_json_number(report, "statements"), "statement", statements),
                  counted(cli_json_number(report, "sessions"), "session", sessions),
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
