/*
 * rehearse mirror: production to staging in one stream, nothing at rest in between.
 */
#include <rehearse/mirror.h>

#include "command.h"
#include "core/engine.h"
#include "core/num.h"
#include "masking.h"
#include "output.h"
#include "source_options.h"
#include "target_options.h"

static const cli_option options[] = {
    CLI_OPTION_RULES,
    CLI_OPTION_MASK_KEY,
    CLI_OPTION_SEEN,
    CLI_OPTION_RAW,
    CLI_OPTIONS_SOURCE,
    CLI_OPTIONS_TARGET,
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

static void print_summary(const cli_context *context, const char *target, const json_t *summary)
{
    char rows[32];
    char bytes[16];
    char elapsed[32];
    char held[32];

    if (cli_print_json(context, summary))
        return;
    cli_print(context, "mirrored to %s\n", target);
    cli_print(context, "  %lld tables, %s rows, %s of rows; took %s, source held for %s\n",
              (long long)cli_json_number(summary, "tables"),
              rh_num_format_count(cli_json_number(summary, "rows"), rows),
              rh_num_format_bytes((uint64_t)cli_json_number(summary, "bytes"), bytes),
              cli_format_duration(cli_json_number(summary, "elapsed_us"), elapsed),
              cli_format_duration(cli_json_number(summary, "held_us"), held));
    cli_print_swap(context, json_object_get(summary, "swap"));
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

    cli_source_options(context, args, &snapshot);
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
