/*
 * How many chunks two versions of a table share, by where they are stored.
 */
#ifndef SNAPSHOT_DIFF_CHUNKS_H
#define SNAPSHOT_DIFF_CHUNKS_H

#include <stdint.h>

#include "manifest.h"

/** One version of a table. */
typedef struct rh_diff_side {
    const rh_manifest *manifest;
    const rh_stored_table *table;
} rh_diff_side;

/**
 * Number of chunk references that both versions have (each counted as often as both have it).
 * Reads the lists, never rows; memory grows with the number of runs. RH_EFORMAT: a list is damaged.
 */
rh_status rh_diff_shared_chunks(rh_repo *repo, const rh_diff_side *a, const rh_diff_side *b,
                                uint64_t *out, rh_error *err) RH_MUST_CHECK;

#endif
