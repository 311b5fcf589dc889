/*
 * rehearse mirror: production to staging in one stream, nothing at rest in between.
 */
#include <rehearse/mirror.h>

#include "command.h"
#include "core/engine.h"
#include "core/num.h"
#include "hooks.h"
#include "masking.h"
#include "output.h"

static const cli_option options[] = {
    CLI_OPTION_RULES,
    CLI_OPTION_MASK_KEY,
    CLI_OPTION_SEEN,
    CLI_OPTION_RAW,
    {"include", CLI_TEXTS, "GLOB", "copy rows of these tables only (schema.table or table)", NULL},
    {"exclude", CLI_TEXTS, "GLOB", "leave the rows of these tables out", NULL},
    {"max-rate", CLI_BYTES, "BYTES", "read no more than this per second", NULL},
    {"max-hold", CLI_DURATION, "TIME", "let the source's snapshot go after this time", NULL},
    {"lock-timeout", CLI_DURATION, "TIME", "one attempt at a table lock (default 2s)", NULL},
    {"lock-wait", CLI_DURATION, "TIME", "all attempts together (default 60s)", NULL},
    {"max-row", CLI_BYTES, "BYTES", "refuse a longer row (default 512MiB)", NULL},
    {"swap", CLI_FLAG, NULL, "replace an existing staging database; the old one is kept", NULL},
    {"allow-unmarked", CLI_FLAG, NULL, "swap out a database that rehearse did not make", NULL},
    {"no-owner", CLI_FLAG, NULL, "objects belong to the restoring role", NULL},
    {"no-privileges", CLI_FLAG, NULL, "leave GRANTs out", NULL},
    {"statistics", CLI_CHOICE, "WHICH",
     "planner statistics: source (default; as in production), analyze (fresh) or none",
     "source|analyze|none"},
    {"sql-after-schema", CLI_TEXT, "FILE", "SQL to run when the empty tables exist", NULL},
    {"sql-after-load", CLI_TEXT, "FILE", "SQL to run when rows and indexes are there", NULL},
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

static int64_t number(const json_t *json, const char *key)
{
    return (int64_t)json_integer_value(json_object_get(json, key));
}

static void print_summary(const cli_context *context, const char *target, const json_t *summary)
{
    const json_t *swap = json_object_get(summary, "swap");
    const char *old = json_string_value(json_object_get(swap, "old"));
    char rows[32];
    char bytes[16];
    char elapsed[32];
    char held[32];

    if (cli_print_json(context, summary))
        return;
    cli_print(context, "mirrored to %s\n", target);
    cli_print(context, "  %lld tables, %s rows, %s of rows; took %s, source held for %s\n",
              (long long)number(summary, "tables"),
              rh_num_format_count(number(summary, "rows"), rows),
              rh_num_format_bytes((uint64_t)number(summary, "bytes"), bytes),
              cli_format_duration(number(summary, "elapsed_us"), elapsed),
              cli_format_duration(number(summary, "held_us"), held));
    if (old != NULL)
        cli_print(context, "  the old one is kept as %s (restore --rollback)\n", old);
}

static void set_source(cli_context *context, const cli_args *args, rh_snapshot_options *snapshot)
{
    snapshot->include = cli_texts(args, "include");
    snapshot->exclude = cli_texts(args, "exclude");
    snapshot->jobs = context->jobs;
    snapshot->max_rate_bytes = (uint64_t)cli_number(args, "max-rate", 0);
    snapshot->max_hold_us = cli_number(args, "max-hold", 0);
    snapshot->lock_timeout_us = cli_number(args, "lock-timeout", snapshot->lock_timeout_us);
    snapshot->lock_wait_us = cli_number(args, "lock-wait", snapshot->lock_wait_us);
    snapshot->max_row_bytes = (size_t)cli_number(args, "max-row", (int64_t)snapshot->max_row_bytes);
    snapshot->problems = &context->problems;
    snapshot->cancel = context->cancel;
    snapshot->progress = context->progress;
}

static rh_status run(cli_context *context, const cli_args *args, rh_error *err)
{
    rh_snapshot_options snapshot = RH_SNAPSHOT_OPTIONS_INIT;
    rh_target_options target = RH_TARGET_OPTIONS_INIT;
    rh_buf described = RH_BUF_INIT;
    cli_hooks hooks = CLI_HOOKS_INIT;
    rh_anonymizer *anonymizer = NULL;
    json_t *summary = NULL;
    rh_status status = cli_masking_open(context, args, &anonymizer, err);

    set_source(context, args, &snapshot);
    if (anonymizer != NULL)
        snapshot.filter = rh_anonymizer_filter(anonymizer);
    if (status == RH_OK)
        status = cli_target_options(context, args, &hooks, &target, err);
    if (status == RH_OK)
        status =
            rh_mirror_run(args->operands[0], args->operands[1], &snapshot, &target, &summary, err);
    if (status == RH_OK && anonymizer != NULL)
        status = rh_anonymizer_write_seen(anonymizer, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK)
        status = rh_engine_describe(args->operands[1], &described, err);
    if (status == RH_OK)
        print_summary(context, rh_buf_cstr(&described), summary);
    rh_buf_done(&described);
    cli_hooks_done(&hooks);
    json_decref(summary);
    rh_anonymizer_free(anonymizer);
    return status;
}

const cli_command cli_mirror = {
    "mirror",
    "copy a database to staging without a repository",
    "SOURCE TARGET (--rules FILE | --raw) [OPTIONS]",
    "Copies SOURCE into a database that is built aside and moved into TARGET's\n"
    "place, in one stream: nothing is written but the target.\n",
    options,
    2,
    2,
    run,
};
