/*
 * When a snapshot was taken: from its manifest, or at least from its name.
 */
#ifndef SNAPSHOT_SNAPSHOT_TIME_H
#define SNAPSHOT_SNAPSHOT_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "core/clock.h"
#include "manifest.h"

/** The name's time ("20261120T091718Z-...") as "2026-11-20T09:17:18Z"; false when it has none. */
bool rh_snapshot_id_time(const char *id, char out[RH_CLOCK_TEXT_BYTES]);

/** Microseconds since 1970: the manifest's "time", else the name's. RH_EFORMAT when neither. */
rh_status rh_snapshot_time_us(const rh_manifest *manifest, int64_t *out,
                              rh_error *err) RH_MUST_CHECK;

#endif
