/*
 * The options of commands that build a target: restore and mirror.
 */
#ifndef CLI_TARGET_OPTIONS_H
#define CLI_TARGET_OPTIONS_H

#include "args.h"
#include "context.h"
#include "core/engine.h"

/** Rows of an option table, for restore and mirror. */
#define CLI_OPTIONS_TARGET                                                                         \
    {"swap", CLI_FLAG, NULL, "replace an existing staging database; the old one is kept", NULL},   \
        {"allow-unmarked", CLI_FLAG, NULL, "swap out a database that rehearse did not make",       \
         NULL},                                                                                    \
        {"no-owner", CLI_FLAG, NULL, "objects belong to the restoring role", NULL},                \
        {"no-privileges", CLI_FLAG, NULL, "leave GRANTs out", NULL},                               \
        {"statistics", CLI_CHOICE, "WHICH",                                                        \
         "planner statistics: source (default; as in production), analyze (fresh) or none",        \
         "source|analyze|none"},                                                                   \
        {"sql-after-schema", CLI_TEXT, "FILE", "SQL to run when the empty tables exist", NULL},    \
    {                                                                                              \
        "sql-after-load", CLI_TEXT, "FILE", "SQL to run when rows and indexes are there", NULL     \
    }

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

/** What became of the target's name; swap is the "swap" of a summary (see rh_target_commit). */
void cli_print_swap(const cli_context *context, const json_t *swap);

#endif
