/*
 * Which statement is profiled, and with which parameters: from the command line, a file, or the
 * executions that a workload has of it.
 */
#ifndef CLI_PROFILE_CASES_H
#define CLI_PROFILE_CASES_H

#include "args.h"
#include "context.h"
#include "core/arena.h"
#include "core/buf.h"
#include "profiler/profile.h"

enum { PROFILE_MAX_CASES = 3 };

typedef struct profile_input {
    rh_arena *arena; /* owns what the others point to, but the file's text */
    rh_buf file;
    rh_profile_text text;
    rh_profile_case cases[PROFILE_MAX_CASES];
    size_t case_count;
} profile_input;

/** Fill from --command, --file, --query, --workload, --param. Call profile_input_done in any case.
 */
rh_status profile_input_read(const cli_args *args, rh_engine_kind engine, profile_input *out,
                             rh_error *err) RH_MUST_CHECK;
void profile_input_done(profile_input *input);

#endif
