/*
 * A run that was written before, read one execution after the other.
 */
#ifndef REPLAY_RUN_FILE_H
#define REPLAY_RUN_FILE_H

#include "replay_outcomes.h"

typedef struct rp_run_file rp_run_file;

/** path is borrowed. RH_ENOTFOUND, RH_EFORMAT: no run of this format. */
rh_status rp_run_file_open(const char *path, rp_run_file **out, rh_error *err) RH_MUST_CHECK;

/** RH_OK, in the order of execution; RH_DONE at the end of a complete file; RH_EFORMAT. */
rh_status rp_run_file_next(rp_run_file *file, rp_outcome *out, rh_error *err) RH_MUST_CHECK;

void rp_run_file_close(rp_run_file *file); /* NULL is a no-op */

#endif
