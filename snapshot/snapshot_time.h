/*
 * When a snapshot was taken, from its name. Names sort in the order in which snapshots were made,
 * even when a clock went back (docs/format.md §7), so nothing else is asked for the time.
 */
#ifndef SNAPSHOT_SNAPSHOT_TIME_H
#define SNAPSHOT_SNAPSHOT_TIME_H

#include <stdint.h>

#include "core/clock.h"

/** "20261120T091718Z-..." as "2026-11-20T09:17:18Z". RH_EFORMAT when id is no snapshot id. */
rh_status rh_snapshot_time_text(const char *id, char out[RH_CLOCK_TEXT_BYTES],
                                rh_error *err) RH_MUST_CHECK;

/** The same in microseconds since 1970. */
rh_status rh_snapshot_time_us(const char *id, int64_t *out, rh_error *err) RH_MUST_CHECK;

#endif
