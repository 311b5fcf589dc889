/*
 * Other statistics for the length of a transaction; see engine.h. pg_trial.c has the states.
 */
#ifndef PG_TRIAL_H
#define PG_TRIAL_H

#include "core/engine.h"

rh_status rh_pg_trial_open(const char *name, const rh_cancel *cancel, void **out, rh_error *err);
rh_status rh_pg_trial_open_stored(const char *target, const rh_trial_stored *stored,
                                  const rh_cancel *cancel, void **out, int64_t *out_refused,
                                  rh_error *err);
rh_status rh_pg_trial_analyze(void *handle, rh_error *err);
rh_status rh_pg_trial_explain(void *handle, const char *sql, json_t **out, rh_error *err);
rh_status rh_pg_trial_end(void *handle, rh_error *err);
void rh_pg_trial_close(void *handle);

#endif
