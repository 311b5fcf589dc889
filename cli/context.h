/*
 * What every command gets: how to print, the interrupt flag, the progress counters.
 */
#ifndef CLI_CONTEXT_H
#define CLI_CONTEXT_H

#include <jansson.h>

#include "core/cancel.h"
#include "core/problems.h"
#include "core/progress.h"

typedef struct cli_context {
    bool json;
    bool quiet;
    size_t jobs;             /* 0 = let the command choose */
    const rh_cancel *cancel; /* set by SIGINT, SIGTERM and SIGHUP */
    rh_progress *progress;
    rh_problems problems;      /* findings and notes; main prints them */
    struct cli_ticker *ticker; /* a command that writes rows to stdout may stop it early */
} cli_context;

/** Stop drawing now, before the command prints its answer. */
void cli_ticker_stop_now(cli_context *context);

#endif
