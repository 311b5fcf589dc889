/*
 * Draws progress while a command works: a bar on a terminal, plain lines else. stderr only.
 */
#ifndef CLI_TICKER_H
#define CLI_TICKER_H

#include "core/progress.h"

typedef enum cli_progress_mode {
    CLI_PROGRESS_AUTO,   /* a bar on a terminal, else a line every ten seconds */
    CLI_PROGRESS_ALWAYS, /* and a line at each stage */
    CLI_PROGRESS_NEVER,
} cli_progress_mode;

typedef struct cli_ticker cli_ticker;

/** Start drawing in a thread of its own; NULL (nothing is drawn) when not wanted or not possible.
 */
cli_ticker *cli_ticker_start(const rh_progress *progress, cli_progress_mode mode);

/** Stop and clear the line. NULL is a no-op. */
void cli_ticker_stop(cli_ticker *ticker);

#endif
