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

/**
 * The same for the form that rh_workload_params_write() gives, without a tree of values, which is
 * most of what reading a workload costs otherwise. *out_taken: false for any other form, however
 * right: rh_workload_params_read() reads it. workload_params_quick.c
 */
rh_status rh_workload_params_quick(const char *text, size_t len, rh_arena *arena,
                                   rh_parameter **out, size_t *out_count, bool *out_taken,
                                   rh_error *err) RH_MUST_CHECK;

/** Bytes at the text's beginning that stand for themselves in a JSON string. */
size_t rh_workload_plain_run(const char *text, size_t len);

#endif
