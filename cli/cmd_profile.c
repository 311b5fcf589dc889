/*
 * rehearse profile: one statement, its plan, its subqueries, what is wrong with it.
 */
#include <string.h>

#include "command.h"
#include "core/doc.h"
#include "core/engine_dialect.h"
#include "core/sql_fingerprint.h"
#include "core/str.h"
#include "output.h"
#include "profile_cases.h"
#include "profile_text.h"

static const cli_option options[] = {
    {"command", CLI_TEXT, "SQL", "the statement", NULL},
    {"file", CLI_TEXT, "FILE", "read the statement from a .sql file", NULL},
    {"query", CLI_TEXT, "NAME",
     "which statement: the one behind '-- name: NAME' in FILE, or a fingerprint of the workload",
     NULL},
    {"workload", CLI_TEXT, "FILE",
     "take statement and parameters (typical and worst) from this workload", NULL},
    {"param", CLI_TEXTS, "VALUE",
     "value of the next parameter, or :name=VALUE; NULL and 'text' as in SQL", NULL},
    {"generic", CLI_FLAG, NULL,
     "plan for unknown values; do not take some from statistics where none are given", NULL},
    {"show-values", CLI_FLAG, NULL, "print values that were taken from the database", NULL},
    {"no-execute", CLI_FLAG, NULL, "plan only; figures are the planner's estimates", NULL},
    {"timeout", CLI_DURATION, "TIME", "end a run after this time (default 30s; 0: never)", NULL},
    {"lock-timeout", CLI_DURATION, "TIME", "wait no longer for a lock (default 2s)", NULL},
    {"max-steps", CLI_COUNT, "N", "SQLite: end a run after this many steps", NULL},
    {"serial", CLI_FLAG, NULL, "PostgreSQL: without parallel workers and JIT", NULL},
    {"no-warm", CLI_FLAG, NULL, "PostgreSQL: measure the first run", NULL},
    {"no-proof", CLI_FLAG, NULL, "do not try the indexes that are advised", NULL},
    {"library-version", CLI_TEXT, "VERSION", "SQLite of production, when it differs", NULL},
    {"config", CLI_TEXT, "FILE", "thresholds (default: rehearse.yaml where there is one)", NULL},
    {"fail-on", CLI_CHOICE, "SEVERITY",
     "exit 1 from this severity on: note, warning (default), error or never",
     "note|warning|error|never"},
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

static const char DEFAULT_CONFIG[] = "rehearse.yaml";

/* ---- configuration ---- */

/* Other commands have keys of their own in the same file: only "findings" is read here. */
static rh_status read_config(const cli_args *args, rh_finding_config *out, rh_error *err)
{
    const char *path = cli_text(args, "config");
    rh_error local = RH_ERROR_INIT;
    rh_doc *doc = NULL;
    rh_status status = rh_doc_read(path != NULL ? path : DEFAULT_CONFIG, &doc, &local);

    if (status == RH_ENOTFOUND && path == NULL)
        return RH_OK;
    if (status != RH_OK) {
        *err = local;
        return status;
    }
    if (!json_is_object(rh_doc_root(doc)))
        status = rh_doc_error(doc, (rh_doc_pos){1, 1}, err, "a configuration is a list of keys");
    if (status == RH_OK)
        status =
            rh_finding_config_read(doc, json_object_get(rh_doc_root(doc), "findings"), out, err);
    rh_doc_free(doc);
    return status;
}

/* ---- running ---- */

static rh_status check_statement(const profile_input *input, rh_engine_kind engine,
                                 bool *out_writes, rh_error *err)
{
    rh_sql_command command = rh_sql_command_of(
        rh_engine_dialect(engine), input->text.text + input->text.offset, input->text.length);

    switch (command.kind) {
    case RH_SQL_COMMAND_READ:
        *out_writes = command.locks; /* FOR UPDATE is refused in a read-only transaction */
        break;
    case RH_SQL_COMMAND_WRITE:
        *out_writes = true;
        break;
    case RH_SQL_COMMAND_UNKNOWN:
        *out_writes = false; /* the database tells what is wrong with it */
        return RH_OK;
    default:
        rh_error_set(err, RH_EUSAGE, "'%s' is no statement that has a plan", command.verb);
        rh_error_hint(err, "SELECT, INSERT, UPDATE, DELETE, MERGE and WITH have one");
        return RH_EUSAGE;
    }
    if (rh_str_eq(command.verb, "explain"))
        return rh_error_set(err, RH_EUSAGE, "profile explains the statement by itself");
    return RH_OK;
}

static rh_status profile_it(cli_context *context, const cli_args *args, const profile_input *input,
                            bool writes, rh_profile_outcome *outcome, rh_error *err)
{
    rh_profile_options session_options = RH_PROFILE_OPTIONS_INIT;
    rh_finding_config config = rh_finding_config_default();
    rh_profile_session *session = NULL;
    const rh_profile_request request = {
        .text = &input->text,
        .cases = input->cases,
        .case_count = input->case_count,
        .config = &config,
        .execute = !cli_flag(args, "no-execute"),
        .warm = !cli_flag(args, "no-warm"),
        .prove = !cli_flag(args, "no-proof"),
        .guess = !cli_flag(args, "generic"),
        .show_values = cli_flag(args, "show-values"),
        .library_version = cli_text(args, "library-version"),
    };
    rh_status status = read_config(args, &config, err);

    session_options.timeout_us = cli_number(args, "timeout", session_options.timeout_us);
    session_options.lock_timeout_us =
        cli_number(args, "lock-timeout", session_options.lock_timeout_us);
    session_options.max_steps = cli_number(args, "max-steps", 0);
    session_options.serial = cli_flag(args, "serial");
    session_options.writes = writes;
    session_options.cancel = context->cancel;
    if (status == RH_OK && session_options.lock_timeout_us == 0)
        status = rh_error_set(err, RH_EUSAGE, "--lock-timeout is longer than nothing");
    if (status == RH_OK)
        status = rh_profile_open(args->operands[0], &session_options, &session, err);
    if (status == RH_OK)
        status = rh_profile_make(session, &request, outcome, err);
    rh_profile_close(session);
    return status;
}

static rh_status add_target(json_t *report, const char *target, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_status status = rh_engine_describe(target, &text, err);

    if (status == RH_OK &&
        json_object_set_new(report, "target", json_string(rh_buf_cstr(&text))) != 0)
        status = rh_error_oom(err);
    rh_buf_done(&text);
    return status;
}

/* Errors about the statement tell where. */
static void place_error(const cli_context *context, const profile_input *input, size_t offset,
                        rh_error *err)
{
    size_t line = 0;
    size_t column = 0;

    if (offset == RH_PROFILE_NO_OFFSET)
        return;
    rh_sql_position(input->text.text, input->text.len, offset, &line, &column);
    rh_error_where(err, "%s:%zu:%zu", input->text.file == NULL ? "statement" : input->text.file,
                   line, column);
    profile_text_caret(context, &input->text, offset);
}

static rh_status verdict(const cli_args *args, const rh_profile_outcome *outcome)
{
    static const rh_severity from[] = {RH_SEVERITY_NOTE, RH_SEVERITY_WARNING, RH_SEVERITY_ERROR};
    int64_t choice = cli_number(args, "fail-on", 1);

    if (outcome->stopped)
        return RH_ELIMIT; /* the report says so */
    if (choice < 3 && outcome->worst >= from[choice])
        return RH_EMISMATCH;
    return RH_OK;
}

static rh_status run(cli_context *context, const cli_args *args, rh_error *err)
{
    profile_input input;
    rh_profile_outcome outcome = {NULL, RH_SEVERITY_OFF, false, RH_PROFILE_NO_OFFSET};
    rh_engine_kind engine = RH_ENGINE_POSTGRESQL;
    bool writes = false;
    rh_status status = rh_engine_of(args->operands[0], &engine, err);

    if (status != RH_OK)
        return status;
    status = profile_input_read(args, engine, &input, err);
    if (status == RH_OK)
        status = check_statement(&input, engine, &writes, err);
    if (status == RH_OK)
        status = profile_it(context, args, &input, writes, &outcome, err);
    cli_ticker_stop_now(context);
    if (status != RH_OK)
        place_error(context, &input, outcome.error_offset, err);
    if (status == RH_OK)
        status = add_target(outcome.report, args->operands[0], err);
    if (status == RH_OK && !cli_print_json(context, outcome.report))
        status = profile_text_print(context, outcome.report, &input.text, err);
    if (status == RH_OK)
        status = verdict(args, &outcome);
    json_decref(outcome.report);
    profile_input_done(&input);
    return status;
}

const cli_command cli_profile = {
    "profile",
    "one statement: plan, subqueries in the text, findings, advice",
    "TARGET -c SQL\n"
    "       rehearse profile TARGET -f FILE [--query NAME]\n"
    "       rehearse profile TARGET --query FINGERPRINT --workload FILE",
    "Runs one statement, always rolled back, and prints its plan with what each node\n"
    "took, its subqueries with their place in the text, and findings with a threshold\n"
    "and proved advice (docs/findings.md). Counters decide, never time. Exit code 0:\n"
    "no finding from --fail-on upwards, 1: some, 2: could not say.\n",
    options,
    1,
    1,
    run,
};
