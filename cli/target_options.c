/*
 * See target_options.h.
 */
#include "target_options.h"

#include "core/fs.h"
#include "output.h"

enum { MAX_HOOK_BYTES = 16 * 1024 * 1024 };

static rh_status read_hook(const cli_args *args, const char *option, rh_buf *out, rh_error *err)
{
    const char *path = cli_text(args, option);
    rh_status status;

    if (path == NULL)
        return RH_OK;
    status = rh_fs_read(path, MAX_HOOK_BYTES, out, err);
    if (status != RH_OK)
        rh_error_where(err, "--%s", option);
    return status;
}

rh_status cli_target_options(cli_context *context, const cli_args *args, cli_hooks *hooks,
                             rh_target_options *target, rh_error *err)
{
    rh_status status = read_hook(args, "sql-after-schema", &hooks->after_schema, err);

    if (status == RH_OK)
        status = read_hook(args, "sql-after-load", &hooks->after_load, err);
    target->jobs = context->jobs;
    target->swap = cli_flag(args, "swap");
    target->allow_unmarked = cli_flag(args, "allow-unmarked");
    target->no_owner = cli_flag(args, "no-owner");
    target->no_privileges = cli_flag(args, "no-privileges");
    target->statistics = (rh_statistics_mode)cli_number(args, "statistics", RH_STATISTICS_SOURCE);
    if (cli_given(args, "sql-after-schema"))
        target->sql_after_schema = rh_buf_cstr(&hooks->after_schema);
    if (cli_given(args, "sql-after-load"))
        target->sql_after_load = rh_buf_cstr(&hooks->after_load);
    target->progress = context->progress;
    target->cancel = context->cancel;
    return status;
}

void cli_hooks_done(cli_hooks *hooks)
{
    rh_buf_done(&hooks->after_schema);
    rh_buf_done(&hooks->after_load);
}

void cli_print_swap(const cli_context *context, const json_t *swap)
{
    const char *old = json_string_value(json_object_get(swap, "old"));
    char window[32];

    if (!json_is_true(json_object_get(swap, "swapped")))
        return;
    cli_print(context, "  swapped in; users waited %s\n",
              cli_format_duration(cli_json_number(swap, "window_us"), window));
    if (old != NULL)
        cli_print(context, "  the old one is kept as %s (restore --rollback)\n", old);
}
