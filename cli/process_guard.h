/*
 * What the process does about signals, core files and closed standard descriptors. Only the program
 * may: the library never does.
 */
#ifndef CLI_PROCESS_GUARD_H
#define CLI_PROCESS_GUARD_H

#include <stdbool.h>

#include "core/cancel.h"

/** No core files (they would hold raw rows), SIGPIPE ignored, SIGINT/SIGTERM/SIGHUP set the flag;
 * a second one ends the process at once. Before any file is opened. False: standard descriptors are
 * closed and /dev/null cannot stand in for them. */
bool process_guard_start(void);

const rh_cancel *process_guard_cancel(void);

#endif
