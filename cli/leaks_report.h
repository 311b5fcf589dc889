/*
 * What a leak scan found, for people.
 */
#ifndef CLI_LEAKS_REPORT_H
#define CLI_LEAKS_REPORT_H

#include "context.h"

/** report: of rh_leak_report. list_notes: each note on a line of its own, else only their number.
 */
void cli_print_leaks(const cli_context *context, const json_t *report, bool list_notes);

#endif
