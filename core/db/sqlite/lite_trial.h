/*
 * Plans under the statistics that a snapshot holds; see core/engine.h.
 */
#ifndef LITE_TRIAL_H
#define LITE_TRIAL_H

#include "core/engine.h"

rh_status rh_lite_trial_open_stored(const char *target, const rh_trial_stored *stored,
                                    const rh_cancel *cancel, void **out, int64_t *out_refused,
                                    rh_error *err);
rh_status rh_lite_trial_explain(void *handle, const char *sql, json_t **out, rh_error *err);
rh_status rh_lite_trial_end(void *handle, rh_error *err);
void rh_lite_trial_close(void *handle);

#endif
