/*
 * rehearse replay: run a workload on a staging database.
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "core/engine_dialect.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"
#include "output.h"
#include "profiler/replay.h"

enum {
    DEFAULT_LINKS = 64,
    DEFAULT_TOP = 10,
    DEFAULT_DEPTH = 64, /* without pauses */
    MAX_SPEED = 1000000,
    TEXT_COLUMNS = 31, /* beside figures of a long run, in 80 columns */
};

static const cli_option options[] = {
    {"connections", CLI_COUNT, "N",
     "at most so many connections (default: one per session, up to 64)", NULL},
    {"pipeline", CLI_COUNT, "N",
     "plain SELECTs of a session that are sent together (default 1; 64 with --speed max)", NULL},
    {"order", CLI_CHOICE, "WHICH",
     "between sessions: commit (default; after what had committed before), strict (start as "
     "captured) or none",
     "commit|strict|none"},
    {"speed", CLI_TEXT, "FACTOR", "1 as captured (default), 2 twice as fast, max without pauses",
     NULL},
    {"no-idle", CLI_FLAG, NULL, "pass over times in which nothing ran", NULL},
    {"loop", CLI_COUNT, "N", "run the workload so many times (default 1)", NULL},
    {"limit", CLI_COUNT, "N", "only the first executions of each loop", NULL},
    {"session", CLI_COUNT, "N", "only this session of the capture", NULL},
    {"fingerprint", CLI_TEXT, "HEX", "only executions of this fingerprint", NULL},
    {"writes", CLI_CHOICE, "WHAT", "rollback (default; all runs, nothing stays), commit, or skip",
     "rollback|commit|skip"},
    {"statement-timeout", CLI_DURATION, "TIME", "stop a statement after this time (default 60s)",
     NULL},
    {"max-steps", CLI_COUNT, "N", "SQLite: stop a statement after so many VM steps", NULL},
    {"busy-timeout", CLI_DURATION, "TIME", "SQLite: longest wait for a lock (default 5s)", NULL},
    {"out", CLI_TEXT, "FILE", "write rows, row hashes and states of all executions", NULL},
    {"compare", CLI_TEXT, "FILE", "compare with such a file; a difference is exit code 1", NULL},
    {"top", CLI_COUNT, "N", "statements in the table (default 10)", NULL},
    {"i-know-this-is-not-production", CLI_FLAG, NULL,
     "run although the target is unmarked, marked as production, or the capture's source", NULL},
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

/* ---- options ---- */

/* "2", "0.25", "max": thousandths, 0 for max. */
static rh_status read_speed(const cli_args *args, int64_t *out, rh_error *err)
{
    const char *given = cli_text(args, "speed");
    size_t digits;
    int64_t whole = 0;
    int64_t milli = 0;
    const char *dot;

    if (given == NULL)
        return RH_OK;
    if (strcmp(given, "max") == 0) {
        *out = 0;
        return RH_OK;
    }
    digits = strspn(given, "0123456789");
    dot = given + digits;
    if (digits > 0 && rh_num_scan_int64(given, digits, &whole) && whole <= MAX_SPEED &&
        (*dot == '\0' || *dot == '.')) {
        int64_t scale = 100;
        const char *at = *dot == '.' ? dot + 1 : dot;

        for (; *at >= '0' && *at <= '9'; at++, scale /= 10)
            milli += (*at - '0') * scale;
        if (*at == '\0' && whole * 1000 + milli > 0) {
            *out = whole * 1000 + milli;
            return RH_OK;
        }
    }
    return rh_error_set(err, RH_EUSAGE, "--speed is a factor above 0, or max, not '%s'", given);
}

static rh_status read_filter(const cli_args *args, rh_workload_filter *out, rh_error *err)
{
    const char *hex = cli_text(args, "fingerprint");

    out->order = RH_WORKLOAD_ORDER_TIME;
    out->session = (uint64_t)cli_number(args, "session", 0);
    if (hex == NULL)
        return RH_OK;
    out->by_fingerprint = true;
    if (strlen(hex) != 16 || strspn(hex, "0123456789abcdef") != 16)
        return rh_error_set(err, RH_EUSAGE, "--fingerprint has 16 hexadecimal digits");
    for (const char *at = hex; *at != '\0'; at++)
        out->fingerprint =
            out->fingerprint << 4 | (uint64_t)(*at <= '9' ? *at - '0' : *at - 'a' + 10);
    return RH_OK;
}

/* Where a client waits for each answer, so do we; where only the speed counts, we need not. */
static rh_status read_depth(const cli_args *args, rh_replay_options *out, rh_error *err)
{
    bool one = out->dialect == RH_SQL_SQLITE || out->order == RH_REPLAY_ORDER_STRICT ||
               out->writes == RH_REPLAY_WRITES_COMMIT;
    int64_t depth = cli_number(args, "pipeline", one || out->speed_milli != 0 ? 1 : DEFAULT_DEPTH);

    if (depth < 1 || depth > RH_REPLAY_MAX_DEPTH)
        return rh_error_set(err, RH_EUSAGE, "--pipeline is 1 to %d", (int)RH_REPLAY_MAX_DEPTH);
    if (depth > 1 && one)
        return rh_error_set(err, RH_EUSAGE,
                            "--pipeline is for PostgreSQL, and neither for --order strict nor for "
                            "--writes commit");
    out->depth = (size_t)depth;
    return RH_OK;
}

static rh_status fill_options(cli_context *context, const cli_args *args,
                              const rh_workload_summary *summary, rh_replay_options *out,
                              rh_error *err)
{
    int64_t sessions = summary->sessions > 0 && summary->sessions < DEFAULT_LINKS
                           ? (int64_t)summary->sessions
                           : DEFAULT_LINKS;
    int64_t links = cli_number(args, "connections", cli_given(args, "session") ? 1 : sessions);
    rh_status status = read_speed(args, &out->speed_milli, err);

    if (status != RH_OK)
        return status;
    if (links < 1 || links > RH_REPLAY_MAX_LINKS)
        return rh_error_set(err, RH_EUSAGE, "--connections is 1 to %d", (int)RH_REPLAY_MAX_LINKS);
    if (cli_number(args, "loop", 1) < 1)
        return rh_error_set(err, RH_EUSAGE, "--loop is 1 or more");
    out->dialect = rh_engine_dialect(summary->engine);
    out->order = (rh_replay_order)cli_number(args, "order", RH_REPLAY_ORDER_COMMIT);
    out->writes = (rh_replay_writes)cli_number(args, "writes", RH_REPLAY_WRITES_ROLLBACK);
    out->links = (size_t)links;
    out->no_idle = cli_flag(args, "no-idle");
    out->loops = (uint64_t)cli_number(args, "loop", 1);
    out->limit = (uint64_t)cli_number(args, "limit", 0);
    out->keep_outcomes = cli_given(args, "out") || cli_given(args, "compare");
    out->cancel = context->cancel;
    out->progress = context->progress;
    return read_depth(args, out, err);
}

static rh_replay_engine_options engine_options(const cli_context *context, const cli_args *args,
                                               const rh_replay_options *replay)
{
    return (rh_replay_engine_options){
        .links = replay->links,
        .depth = replay->depth,
        .read_only = replay->writes == RH_REPLAY_WRITES_SKIP,
        .keep_writes = replay->writes == RH_REPLAY_WRITES_COMMIT,
        .statement_time_us = cli_number(args, "statement-timeout", 60000000),
        .statement_steps = cli_number(args, "max-steps", 0),
        .busy_us = cli_number(args, "busy-timeout", 5000000),
        .cancel = context->cancel,
    };
}

/* ---- output ---- */

static const char *text(const json_t *json, const char *key)
{
    const char *value = json_string_value(json_object_get(json, key));

    return value == NULL ? "" : value;
}

/* As cli_format_duration, but most statements take less than a millisecond. */
static const char *format_us(int64_t us, char out[32])
{
    if (us >= 1000000)
        return cli_format_duration(us, out);
    if (us >= 1000)
        (void)snprintf(out, 32, "%.1f ms", (double)us / 1000);
    else
        (void)snprintf(out, 32, "%d us", (int)us);
    return out;
}

static void print_summary(const cli_context *context, const json_t *report)
{
    const json_t *summary = json_object_get(report, "summary");
    const json_t *latency = json_object_get(summary, "latency_us");
    char count[32];
    char elapsed[32];
    char p50[32];
    char p99[32];

    cli_print(context, "%s executions in %s, %.0f/s; %lld errors, %lld left out\n",
              rh_num_format_count(cli_json_number(summary, "executions"), count),
              format_us(cli_json_number(summary, "elapsed_us"), elapsed),
              json_real_value(json_object_get(summary, "per_second")),
              (long long)cli_json_number(summary, "errors"),
              (long long)cli_json_number(summary, "skipped"));
    cli_print(context, "%lld sessions on %lld connections; latency p50 %s, p99 %s\n",
              (long long)cli_json_number(summary, "sessions"),
              (long long)cli_json_number(summary, "connections"),
              format_us(cli_json_number(latency, "p50"), p50),
              format_us(cli_json_number(latency, "p99"), p99));
    if (cli_json_number(summary, "connections_lost") > 0)
        cli_print(context, "%lld connections were lost and opened again\n",
                  (long long)cli_json_number(summary, "connections_lost"));
    if (cli_json_number(summary, "attempts_failed") > 0)
        cli_print(context, "%lld attempts to connect again failed, the last: %s\n",
                  (long long)cli_json_number(summary, "attempts_failed"),
                  text(summary, "attempts_failed_last"));
    if (cli_json_number(summary, "types_guessed") > 0)
        cli_print(context, "%lld executions had the types of their parameters guessed\n",
                  (long long)cli_json_number(summary, "types_guessed"));
    if (cli_json_number(summary, "overtaken") > 0)
        cli_print(context, "%lld executions went before their turn, for nothing else moved\n",
                  (long long)cli_json_number(summary, "overtaken"));
}

static void print_lag(const cli_context *context, const json_t *report)
{
    static const char *const keys[] = {"tool_us", "server_us", "locks_us", "order_us",
                                       "connections_us"};
    static const char *const names[] = {"tool", "server", "locks", "order", "connections"};
    const json_t *lag = json_object_get(report, "lag");
    char time[32];

    bool first = true;

    cli_print(context, "behind at most %s", format_us(cli_json_number(lag, "max_us"), time));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (cli_json_number(lag, keys[i]) == 0)
            continue;
        cli_print(context, "%s %s %s", first ? "; waited for" : ",", names[i],
                  format_us(cli_json_number(lag, keys[i]), time));
        first = false;
    }
    cli_print(context, "\n");
}

/* In one line of the table; what was cut says so. */
static void fit_text(char out[TEXT_COLUMNS + 1], const char *sql)
{
    if (!rh_str_copy(out, TEXT_COLUMNS + 1, sql)) {
        (void)rh_str_copy(out, TEXT_COLUMNS + 1 - 3, sql);
        memcpy(out + strlen(out), "...", 4);
    }
    for (char *at = out; *at != '\0'; at++) {
        if (*at == '\n' || *at == '\r' || *at == '\t')
            *at = ' ';
    }
}

static rh_status print_statements(const cli_context *context, const json_t *report, size_t top,
                                  rh_error *err)
{
    static const char *const headings[] = {">runs", ">errors",   ">total", ">p50",
                                           ">p99",  "statement", NULL};
    const json_t *list = json_object_get(report, "statements");
    cli_table *table = cli_table_new(headings);
    bool fits = table != NULL;

    for (size_t i = 0; fits && i < json_array_size(list) && i < top; i++) {
        const json_t *entry = json_array_get(list, i);
        const json_t *latency = json_object_get(entry, "latency_us");
        char runs[32];
        char errors[32];
        char times[3][32];
        char sql[TEXT_COLUMNS + 1];

        fit_text(sql, text(entry, "normalized"));
        fits = cli_table_row(
            table,
            (const char *const[]){rh_num_format_count(cli_json_number(entry, "executions"), runs),
                                  rh_num_format_count(cli_json_number(entry, "errors"), errors),
                                  format_us(cli_json_number(latency, "total"), times[0]),
                                  format_us(cli_json_number(latency, "p50"), times[1]),
                                  format_us(cli_json_number(latency, "p99"), times[2]), sql});
    }
    if (fits && json_array_size(list) > 0) {
        cli_print(context, "\n");
        cli_table_print(context, table);
    }
    cli_table_free(table);
    return fits ? RH_OK : rh_error_oom(err);
}

static void print_troubles(const cli_context *context, const json_t *report)
{
    const json_t *errors = json_object_get(report, "errors");
    const json_t *skipped = json_object_get(report, "skipped");

    for (size_t i = 0; i < json_array_size(errors); i++) {
        const json_t *entry = json_array_get(errors, i);
        const json_t *place = json_array_get(json_object_get(entry, "places"), 0);

        cli_print(context, "%s%lld x %s %s", i == 0 ? "\nerrors\n  " : "  ",
                  (long long)cli_json_number(entry, "count"), text(entry, "sqlstate"),
                  text(entry, "message"));
        if (text(place, "file")[0] != '\0')
            cli_print(context, " (%s:%lld)", text(place, "file"),
                      (long long)cli_json_number(place, "line"));
        cli_print(context, "\n");
    }
    for (size_t i = 0; i < json_array_size(skipped); i++) {
        const json_t *entry = json_array_get(skipped, i);

        cli_print(context, "%s%lld x %s\n", i == 0 ? "\nleft out\n  " : "  ",
                  (long long)cli_json_number(entry, "count"), text(entry, "reason"));
    }
}

/* "3 rows", or the SQL state of an error. */
static const char *format_answer(const json_t *answer, char out[48])
{
    const char *state = text(answer, "sqlstate");

    if (state[0] != '\0')
        (void)snprintf(out, 48, "error %s", state);
    else
        (void)snprintf(out, 48, "%lld rows", (long long)cli_json_number(answer, "rows"));
    return out;
}

static void print_comparison(const cli_context *context, const json_t *comparison)
{
    const json_t *list = json_object_get(comparison, "differences");

    if (comparison == NULL)
        return;
    cli_print(context, "\n%lld results compared: %lld differ, %lld are missing, %lld are new\n",
              (long long)cli_json_number(comparison, "compared"),
              (long long)cli_json_number(comparison, "different"),
              (long long)cli_json_number(comparison, "missing"),
              (long long)cli_json_number(comparison, "new"));
    for (size_t i = 0; i < json_array_size(list) && i < DEFAULT_TOP; i++) {
        const json_t *entry = json_array_get(list, i);
        const json_t *place = json_object_get(entry, "place");
        char before[48];
        char after[48];

        cli_print(context, "DIFF  execution %lld (%s:%lld): %s, before %s%s\n",
                  (long long)cli_json_number(entry, "execution"), text(place, "file"),
                  (long long)cli_json_number(place, "line"),
                  format_answer(json_object_get(entry, "after"), after),
                  format_answer(json_object_get(entry, "before"), before),
                  json_is_true(json_object_get(entry, "values_differ")) ? ", other values" : "");
    }
}

/* ---- the command ---- */

/* What must be alike in two runs that are compared: no names of hosts, no times. */
static json_t *head_json(const rh_workload_summary *summary, const rh_replay_options *used,
                         const rh_replay_target *target)
{
    return json_pack("{s:s, s:s, s:s, s:I, s:i, s:I, s:I}", "tool", RH_VERSION, "engine",
                     rh_engine_name(target->engine), "version", target->version, "executions",
                     (json_int_t)summary->executions, "writes", (int)used->writes, "loops",
                     (json_int_t)used->loops, "limit", (json_int_t)used->limit);
}

static rh_status finish(cli_context *context, const cli_args *args, rh_replay_run *run,
                        const json_t *head, bool *out_same, rh_error *err)
{
    json_t *report = NULL;
    json_t *comparison = NULL;
    rh_status status = rh_replay_run_report(run, &report, err);

    if (status == RH_OK && cli_given(args, "compare"))
        status = rh_replay_run_compare(run, cli_text(args, "compare"), &comparison, out_same, err);
    if (status == RH_OK && cli_given(args, "out"))
        status = rh_replay_run_write(run, head, cli_text(args, "out"), err);
    if (status == RH_OK && comparison != NULL &&
        json_object_set(report, "comparison", comparison) != 0)
        status = rh_error_oom(err);
    cli_ticker_stop_now(context);
    if (status == RH_OK && !cli_print_json(context, report)) {
        print_summary(context, report);
        print_lag(context, report);
        status =
            print_statements(context, report, (size_t)cli_number(args, "top", DEFAULT_TOP), err);
        print_troubles(context, report);
        print_comparison(context, comparison);
    }
    json_decref(comparison);
    json_decref(report);
    return status;
}

static rh_status replay(cli_context *context, const cli_args *args, rh_workload_file *file,
                        const rh_replay_target *target, bool *out_same, rh_error *err)
{
    const rh_workload_summary *summary = rh_workload_file_summary(file);
    rh_replay_options replay_options = RH_REPLAY_OPTIONS_INIT;
    rh_replay_engine_options connect;
    rh_replay_engine engine = {NULL, NULL};
    rh_workload_filter filter = {0};
    rh_workload_cursor *cursor = NULL;
    rh_replay_run *run = NULL;
    json_t *head = NULL;
    rh_workload workload;
    rh_status status = fill_options(context, args, summary, &replay_options, err);

    connect = engine_options(context, args, &replay_options);
    if (status == RH_OK)
        status = read_filter(args, &filter, err);
    if (status == RH_OK)
        status = rh_workload_cursor_open(file, &filter, &cursor, err);
    if (status == RH_OK)
        status = rh_replay_open(args->operands[1], &connect, &engine, err);
    if (status == RH_OK) {
        workload = rh_workload_from_cursor(cursor);
        rh_progress_stage(context->progress, "executions", 0, 0,
                          summary->executions * replay_options.loops);
        status = rh_replay_run_all(&workload, &engine, &replay_options, &run, err);
    }
    if (engine.ops != NULL)
        engine.ops->close(engine.ctx);
    if (status == RH_OK) {
        head = head_json(summary, &replay_options, target);
        status = head != NULL ? finish(context, args, run, head, out_same, err) : rh_error_oom(err);
    }
    json_decref(head);
    rh_replay_run_free(run);
    rh_workload_cursor_close(cursor);
    return status;
}

static rh_status run(cli_context *context, const cli_args *args, rh_error *err)
{
    rh_replay_target target = {0};
    rh_workload_file *file = NULL;
    bool same = true;
    rh_status status = rh_workload_file_open(args->operands[0], &file, err);

    if (status == RH_OK && cli_given(args, "compare"))
        status = rh_replay_run_look(cli_text(args, "compare"), err);
    if (status == RH_OK)
        status = rh_replay_look(args->operands[1], context->cancel, &target, err);
    if (status == RH_OK)
        status = rh_replay_permit(file, &target, cli_flag(args, "i-know-this-is-not-production"),
                                  &context->problems, err);
    if (status == RH_OK)
        status = replay(context, args, file, &target, &same, err);
    rh_workload_file_close(file);
    /* Without an error's text: the report has said it. */
    return status == RH_OK && !same ? RH_EMISMATCH : status;
}

const cli_command cli_replay = {
    "replay",
    "run a captured workload on a staging database",
    "WORKLOAD TARGET [--speed FACTOR|max] [--order commit|strict|none]",
    "Runs the executions of a workload with their sessions, order and pace. Nothing\n"
    "stays: what writes is rolled back, unless --writes says otherwise. Only on a\n"
    "database that 'rehearse restore' marked as staging. Results are counted and\n"
    "hashed, not kept; --out and --compare tell whether two runs gave the same\n"
    "answers: exit code 1 when they did not. A statement that fails is a result.\n",
    options,
    2,
    2,
    run,
};
