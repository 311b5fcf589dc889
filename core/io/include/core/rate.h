/*
 * Token bucket: keeps a stream below a number of bytes per second by sleeping. Shared by threads.
 */
#ifndef CORE_RATE_H
#define CORE_RATE_H

#include <stdint.h>

#include <rehearse/error.h>

#include "core/cancel.h"

typedef struct rh_rate rh_rate;

/** bytes_per_second 0 = no limit. The bucket holds a quarter of a second. */
rh_rate *rh_rate_new(uint64_t bytes_per_second) RH_MUST_CHECK;
void rh_rate_free(rh_rate *rate);

/** Take bytes, sleeping as long as needed. rate NULL: no limit. RH_ECANCELED only. */
rh_status rh_rate_take(rh_rate *rate, uint64_t bytes, const rh_cancel *cancel,
                       rh_error *err) RH_MUST_CHECK;

/** Change the limit while running (soft limits slow a snapshot down). */
void rh_rate_set(rh_rate *rate, uint64_t bytes_per_second);

#endif
