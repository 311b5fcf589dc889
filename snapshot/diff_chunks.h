/*
 * How many chunks two versions of a table share, by where they are stored.
 */
#ifndef SNAPSHOT_DIFF_CHUNKS_H
#define SNAPSHOT_DIFF_CHUNKS_H

#include <stdint.h>

#include "manifest.h"

/**
 * Number of chunk references that both tables have (each counted as often as both have it). Reads
 * the lists, never rows; memory grows with the number of runs. RH_EFORMAT names a damaged list.
 */
rh_status rh_diff_shared_chunks(rh_repo *repo, const rh_manifest *manifest_a,
                                const rh_stored_table *a, const rh_manifest *manifest_b,
                                const rh_stored_table *b, uint64_t *out,
                                rh_error *err) RH_MUST_CHECK;

#endif
