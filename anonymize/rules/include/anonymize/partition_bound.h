/*
 * What becomes of a partition's bound when the key of its table is masked: its literals are values
 * of the key, and go through the masks of the key's columns.
 */
#ifndef ANONYMIZE_PARTITION_BOUND_H
#define ANONYMIZE_PARTITION_BOUND_H

#include "anonymize/rules.h"
#include "core/arena.h"
#include "core/buf.h"

/** Sees every literal and its image; an error of it ends the call. */
typedef struct rh_bound_witness {
    rh_status (*see)(const void *ctx, const rh_decision *decision, const rh_field *value,
                     const rh_field *image, rh_error *err);
    const void *ctx;
} rh_bound_witness;

/**
 * Append the image of a partition's bound to out. rules: compiled, and proved to fit. witness may
 * be NULL; scratch gets values, so it should wipe. RH_SKIPPED: the bound stays (no partition, the
 * default one, no masked key, HASH). RH_EUNSUPPORTED for a form that is not understood, RH_EFORMAT
 * for a literal that its mask has no image for; both name the partition.
 */
rh_status rh_partition_bound_image(const rh_bound_rules *rules, const rh_structure *structure,
                                   const rh_structure_table *partition,
                                   const rh_bound_witness *witness, rh_arena *scratch, rh_buf *out,
                                   rh_error *err) RH_MUST_CHECK;

#endif
