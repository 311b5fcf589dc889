/*
 * rehearse capture: logs, traces and scripts become a workload.
 */
#include <string.h>

#include "capture_inputs.h"
#include "capture_report.h"
#include "command.h"
#include "core/num.h"
#include "core/replay_engine.h"
#include "output.h"
#include "profiler/capture.h"

static const cli_option options[] = {
    {"out", CLI_TEXT, "FILE", "the workload to write (an SQLite file)", NULL},
    {"replace", CLI_FLAG, NULL, "FILE may exist: replace it once the new one is complete", NULL},
    {"format", CLI_CHOICE, "FORMAT",
     "what the inputs are (default: found out for each): auto, stderr, csvlog, jsonlog, syslog, "
     "cri, heroku, trace, script",
     "auto|stderr|csvlog|jsonlog|syslog|cri|heroku|trace|script"},
    {"prefix", CLI_TEXT, "TEXT", "the server's log_line_prefix (default: inferred)", NULL},
    {"source", CLI_TEXT, "DATABASE",
     "where the statements ran; it is asked who it is, so that replay never runs there", NULL},
    {"engine", CLI_CHOICE, "ENGINE", "of scripts: postgresql (default) or sqlite",
     "postgresql|sqlite"},
    {"database", CLI_TEXTS, "GLOB", "only statements in these databases", NULL},
    {"user", CLI_TEXTS, "GLOB", "only statements of these users", NULL},
    {"application", CLI_TEXTS, "GLOB", "only statements of these applications", NULL},
    {"since", CLI_TEXT, "TIME", "only what started then or later (UTC)", NULL},
    {"until", CLI_TEXT, "TIME", "only what started before (UTC)", NULL},
    {"min-duration", CLI_DURATION, "TIME", "only what took at least this long", NULL},
    {"fingerprint", CLI_TEXTS, "HEX", "only statements of these fingerprints", NULL},
    {"sample", CLI_TEXT, "PERCENT", "take this share of the sessions, each whole", NULL},
    {"max-line", CLI_BYTES, "BYTES", "skip longer lines and records (default 64MiB)", NULL},
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

/* "10", "0.5", "10%" */
static rh_status read_sample(const char *given, double *out, rh_error *err)
{
    size_t len = strlen(given);
    double percent = 0;

    if (len > 0 && given[len - 1] == '%')
        len--;
    if (!rh_num_scan_real(given, len, &percent) || percent <= 0 || percent > 100)
        return rh_error_set(err, RH_EUSAGE, "--sample is a share above 0 and up to 100 per cent");
    *out = percent / 100;
    return RH_OK;
}

static rh_status check_fingerprints(const char *const *list, rh_error *err)
{
    for (; list != NULL && *list != NULL; list++) {
        if (strlen(*list) != 16 || strspn(*list, "0123456789abcdefABCDEF") != 16)
            return rh_error_set(err, RH_EUSAGE,
                                "--fingerprint: '%.40s' is not 16 hexadecimal digits", *list);
    }
    return RH_OK;
}

static rh_status fill_options(cli_context *context, const cli_args *args, rh_capture_options *out,
                              rh_error *err)
{
    rh_status status = RH_OK;

    out->tool_version = RH_VERSION;
    out->replace = cli_flag(args, "replace");
    out->log.format = (rh_log_format)cli_number(args, "format", RH_LOG_FORMAT_AUTO);
    out->log.prefix = cli_text(args, "prefix");
    out->log.dialect = (rh_sql_dialect)cli_number(args, "engine", RH_SQL_POSTGRES);
    out->log.max_line_bytes = (size_t)cli_number(args, "max-line", 0);
    out->log.progress = context->progress;
    out->log.cancel = context->cancel;
    out->databases = cli_texts(args, "database");
    out->users = cli_texts(args, "user");
    out->applications = cli_texts(args, "application");
    out->fingerprints = cli_texts(args, "fingerprint");
    out->min_duration_us = cli_number(args, "min-duration", 0);
    if (cli_given(args, "since"))
        status = cli_capture_time(cli_text(args, "since"), "since", &out->since_us, err);
    if (status == RH_OK && cli_given(args, "until"))
        status = cli_capture_time(cli_text(args, "until"), "until", &out->until_us, err);
    if (status == RH_OK && cli_given(args, "sample"))
        status = read_sample(cli_text(args, "sample"), &out->sample, err);
    return status == RH_OK ? check_fingerprints(out->fingerprints, err) : status;
}

/* Asks the source, read-only; without its identity the option would promise what replay cannot do.
 */
static rh_status look_at_source(cli_context *context, const char *name, rh_replay_target *found,
                                rh_capture_origin *out, rh_error *err)
{
    rh_status status = rh_replay_look(name, context->cancel, found, err);

    if (status != RH_OK)
        return status;
    if (found->engine == RH_ENGINE_POSTGRESQL && found->system_id[0] == '\0') {
        rh_error_set(err, RH_EPRIVILEGE,
                     "the source does not tell this role its system identifier");
        rh_error_hint(err, "GRANT EXECUTE ON FUNCTION pg_control_system() TO the role");
        return RH_EPRIVILEGE;
    }
    *out = (rh_capture_origin){.engine = found->engine,
                               .system_id = found->system_id[0] == '\0' ? NULL : found->system_id,
                               .database = found->database,
                               .server_version = found->version};
    return RH_OK;
}

static rh_status run(cli_context *context, const cli_args *args, rh_error *err)
{
    rh_capture_options capture_options = {.tool_version = NULL};
    rh_replay_target found = {0};
    rh_capture_origin origin;
    const char *path = cli_text(args, "out");
    rh_capture *capture = NULL;
    json_t *report = NULL;
    rh_status status = RH_OK;

    if (path == NULL) {
        rh_error_set(err, RH_EUSAGE, "--out FILE is missing");
        rh_error_hint(err, "the workload is a file: --out workload.db");
        return RH_EUSAGE;
    }
    status = fill_options(context, args, &capture_options, err);
    if (status == RH_OK && cli_given(args, "source")) {
        status = look_at_source(context, cli_text(args, "source"), &found, &origin, err);
        capture_options.origin = &origin;
    }
    if (status == RH_OK)
        status = rh_capture_new(path, &capture_options, &capture, err);
    rh_progress_stage(context->progress, "reading", 0, 0, 0);
    for (size_t i = 0; status == RH_OK && i < args->operand_count; i++)
        status = cli_capture_operand(context, capture, args->operands[i], err);
    if (status == RH_OK)
        status = rh_capture_end(capture, &report, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK)
        status = cli_capture_report(context, report, err);
    json_decref(report);
    rh_capture_free(capture);
    return status;
}

const cli_command cli_capture = {
    "capture",
    "make a workload out of query logs, traces and scripts",
    "INPUT... --out FILE",
    "Reads PostgreSQL logs (stderr with any log_line_prefix, csvlog, jsonlog, syslog,\n"
    "RDS, Cloud SQL, CloudNativePG, Docker and Kubernetes files, Heroku), plans of\n"
    "auto_explain, folders of .sql files, traces of SQLite, and pg_stat_statements of\n"
    "a server that is given as a connection string. Formats and compression (gzip,\n"
    "bzip2, zstd) are found out. '-' is the standard input; a folder stands for its\n"
    "files by name. Give the parts of a rotated log in order of time.\n"
    "Statements get their sessions, transactions, parameters and costs back; what\n"
    "cannot be read or executed again is counted by reason, with file and line.\n",
    options,
    1,
    CLI_MAX_OPERANDS,
    run,
};
