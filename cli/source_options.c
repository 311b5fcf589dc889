/*
 * See source_options.h.
 */
#include "source_options.h"

void cli_source_options(cli_context *context, const cli_args *args, rh_snapshot_options *snapshot)
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
