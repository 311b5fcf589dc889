/*
 * What `rehearse capture` found, for people.
 */
#ifndef CLI_CAPTURE_REPORT_H
#define CLI_CAPTURE_REPORT_H

#include "context.h"

/** Print the report of rh_capture_end(); notes about what deserves a look go to the problems. */
rh_status cli_capture_report(cli_context *context, const json_t *report,
                             rh_error *err) RH_MUST_CHECK;

#endif
