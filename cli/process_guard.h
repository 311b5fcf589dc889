/*
 * What the process does about signals and core files. Only the program may: the library never does.
 */
#ifndef CLI_PROCESS_GUARD_H
#define CLI_PROCESS_GUARD_H

#include "core/cancel.h"

/** No core files (they would hold raw rows), SIGPIPE ignored, SIGINT/SIGTERM/SIGHUP set the flag;
 * a second one ends the process at once. */
void process_guard_start(void);

const rh_cancel *process_guard_cancel(void);

#endif
