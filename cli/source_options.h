/*
 * The options of commands that read a source: snapshot and mirror.
 */
#ifndef CLI_SOURCE_OPTIONS_H
#define CLI_SOURCE_OPTIONS_H

#include <rehearse/snapshot.h>

#include "args.h"
#include "context.h"

/** Rows of an option table. */
#define CLI_OPTIONS_SOURCE                                                                         \
    {"include", CLI_TEXTS, "GLOB", "copy rows of these tables only (schema.table or table)",       \
     NULL},                                                                                        \
        {"exclude", CLI_TEXTS, "GLOB", "leave the rows of these tables out", NULL},                \
        {"max-rate", CLI_BYTES, "BYTES", "read no more than this per second", NULL},               \
        {"max-hold", CLI_DURATION, "TIME", "let the source's snapshot go after this time", NULL},  \
        {"lock-timeout", CLI_DURATION, "TIME", "one attempt at a table lock (default 2s)", NULL},  \
        {"lock-wait", CLI_DURATION, "TIME", "all attempts together (default 60s)", NULL},          \
    {                                                                                              \
        "max-row", CLI_BYTES, "BYTES", "refuse a longer row (default 512MiB)", NULL                \
    }

/** Fill snapshot from them and from the context; what args hold is borrowed. */
void cli_source_options(cli_context *context, const cli_args *args, rh_snapshot_options *snapshot);

#endif
