/*
 * Parameters of an execution as JSON and back (docs/workload.md).
 */
#ifndef WORKLOAD_PARAMS_H
#define WORKLOAD_PARAMS_H

#include "core/arena.h"
#include "core/buf.h"
#include "core/workload.h"

/** Append the JSON array. RH_ENOMEM, RH_ELIMIT. */
rh_status rh_workload_params_write(const rh_parameter *parameters, size_t count, rh_buf *out,
                                   rh_error *err) RH_MUST_CHECK;

/** Read one; everything lives in the arena. RH_EFORMAT without a word of the text. */
rh_status rh_workload_params_read(const char *text, size_t len, rh_arena *arena, rh_parameter **out,
                                  size_t *out_count, rh_error *err) RH_MUST_CHECK;

#endif
