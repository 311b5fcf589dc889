/*
 * rehearse restore: a staging database from a snapshot; --rollback undoes the last swap.
 */
#include <rehearse/restore.h>

#include "command.h"
#include "core/engine.h"
#include "core/num.h"
#include "output.h"
#include "repo_access.h"
#include "target_options.h"

static const cli_option options[] = {
    CLI_OPTION_REPO,
    CLI_OPTION_KEY,
    {"rollback", CLI_FLAG, NULL, "put the database that the last swap replaced back", NULL},
    CLI_OPTIONS_TARGET,
    {NULL, CLI_FLAG, NULL, NULL, NULL},
};

static void print_summary(const cli_context *context, const char *target, const json_t *summary)
{
    char rows[32];
    char bytes[16];
    char elapsed[32];

    if (cli_print_json(context, summary))
        return;
    cli_print(context, "restored %s to %s\n",
              json_string_value(json_object_get(summary, "snapshot")), target);
    cli_print(context, "  %lld tables, %s rows, %s of rows, every row hash proved; took %s\n",
              (long long)cli_json_number(summary, "tables"),
              rh_num_format_count(cli_json_number(summary, "rows"), rows),
              rh_num_format_bytes((uint64_t)cli_json_number(summary, "bytes"), bytes),
              cli_format_duration(cli_json_number(summary, "elapsed_us"), elapsed));
    cli_print_swap(context, json_object_get(summary, "swap"));
}

static rh_status run_restore(cli_context *context, const cli_args *args,
                             const rh_target_options *target, rh_error *err)
{
    rh_buf described = RH_BUF_INIT;
    rh_repo *repo = NULL;
    json_t *summary = NULL;
    char *id = NULL;
    rh_status status = cli_repo_open_snapshot(context, args, &repo, &id, err);

    if (status == RH_OK)
        status =
            rh_restore_run(repo, id, args->operands[1], target, &context->problems, &summary, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK)
        status = rh_engine_describe(args->operands[1], &described, err);
    if (status == RH_OK)
        print_summary(context, rh_buf_cstr(&described), summary);
    rh_buf_done(&described);
    json_decref(summary);
    rh_string_free(id);
    rh_repo_close(repo);
    return status;
}

static rh_status run_rollback(cli_context *context, const cli_args *args,
                              const rh_target_options *target, rh_error *err)
{
    json_t *answer = NULL;
    char window[32];
    rh_status status;

    if (args->operand_count != 1) {
        rh_error_set(err, RH_EUSAGE, "--rollback takes the target only");
        rh_error_hint(err, "usage: rehearse restore --rollback TARGET");
        return RH_EUSAGE;
    }
    status = rh_target_rollback(args->operands[0], target, &answer, err);
    cli_ticker_stop_now(context);
    if (status == RH_OK && !cli_print_json(context, answer))
        cli_print(context, "rolled back; users waited %s\n",
                  cli_format_duration(cli_json_number(answer, "window_us"), window));
    json_decref(answer);
    return status;
}

static rh_status run(cli_context *context, const cli_args *args, rh_error *err)
{
    cli_hooks hooks = CLI_HOOKS_INIT;
    rh_target_options target = RH_TARGET_OPTIONS_INIT;
    rh_status status = cli_target_options(context, args, &hooks, &target, err);

    if (status == RH_OK && cli_flag(args, "rollback")) {
        status = run_rollback(context, args, &target, err);
    } else if (status == RH_OK && args->operand_count != 2) {
        status = rh_error_set(err, RH_EUSAGE, "missing arguments");
        rh_error_hint(err, "usage: rehearse restore SNAPSHOT TARGET --repo DIR");
    } else if (status == RH_OK) {
        status = run_restore(context, args, &target, err);
    }
    cli_hooks_done(&hooks);
    return status;
}

const cli_command cli_restore = {
    "restore",
    "build a staging database from a snapshot",
    "SNAPSHOT TARGET --repo DIR [OPTIONS]\n"
    "       rehearse restore --rollback TARGET",
    "Builds a database aside, proves every row, and moves it into place. SNAPSHOT is\n"
    "an id, a unique part of one, latest, or latest~N. What stands under TARGET's\n"
    "name is replaced only with --swap and only when it is marked as staging.\n",
    options,
    1,
    2,
    run,
};
