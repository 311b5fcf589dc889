/*
 * The operands of `rehearse capture`: files, folders, standard input, servers.
 */
#ifndef CLI_CAPTURE_INPUTS_H
#define CLI_CAPTURE_INPUTS_H

#include "context.h"
#include "profiler/capture.h"

/** Feed one operand: "-", a connection string or URI, a folder (its files by name), a file. */
rh_status cli_capture_operand(cli_context *context, rh_capture *capture, const char *operand,
                              rh_error *err) RH_MUST_CHECK;

/** "2024-05-01", "2024-05-01 10:00", "2024-05-01T10:00:00.5Z": UTC; RH_EUSAGE names the option. */
rh_status cli_capture_time(const char *text, const char *option, int64_t *out_us,
                           rh_error *err) RH_MUST_CHECK;

#endif
