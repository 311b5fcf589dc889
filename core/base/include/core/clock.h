/*
 * Wall clock for names and reports, monotonic clock for durations. Microseconds throughout.
 */
#ifndef CORE_CLOCK_H
#define CORE_CLOCK_H

#include <stdint.h>

#include <rehearse/error.h>

enum { RH_CLOCK_TEXT_BYTES = 32 };

/** Microseconds since 1970-01-01 UTC. */
int64_t rh_clock_wall_us(void);

/** Microseconds of a clock that never goes back. */
int64_t rh_clock_mono_us(void);

/** "2026-11-20T09:17:18.123456Z". Returns out. */
const char *rh_clock_format(int64_t wall_us, char out[RH_CLOCK_TEXT_BYTES]);

/** "20261120T091718Z", fit for file names. Returns out. */
const char *rh_clock_format_compact(int64_t wall_us, char out[RH_CLOCK_TEXT_BYTES]);

/** Reads what rh_clock_format writes (fraction optional). RH_EFORMAT otherwise. */
rh_status rh_clock_parse(const char *text, int64_t *out_wall_us, rh_error *err) RH_MUST_CHECK;

/** Sleep; returns early (RH_ECANCELED) when *cancel becomes true. cancel may be NULL. */
struct rh_cancel;
rh_status rh_clock_sleep_us(int64_t duration_us, const struct rh_cancel *cancel,
                            rh_error *err) RH_MUST_CHECK;

#endif
