/*
 * The options of commands that build a target: restore and mirror.
 */
#ifndef CLI_HOOKS_H
#define CLI_HOOKS_H

#include "args.h"
#include "context.h"
#include "core/engine.h"

/** SQL files read into memory; the target options point into them. */
typedef struct cli_hooks {
    rh_buf after_schema;
    rh_buf after_load;
} cli_hooks;

#define CLI_HOOKS_INIT                                                                             \
    {                                                                                              \
        RH_BUF_INIT, RH_BUF_INIT                                                                   \
    }

/** Fill target from --swap, --statistics, --sql-after-... and so on. Call cli_hooks_done after use,
 * whatever is returned. */
rh_status cli_target_options(cli_context *context, const cli_args *args, cli_hooks *hooks,
                             rh_target_options *target, rh_error *err) RH_MUST_CHECK;
void cli_hooks_done(cli_hooks *hooks);

#endif
