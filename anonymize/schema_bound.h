/*
 * Bounds of partitions whose key is masked: they are values of the key, and go through its masks.
 */
#ifndef ANONYMIZE_SCHEMA_BOUND_H
#define ANONYMIZE_SCHEMA_BOUND_H

#include "filter.h"

/** The bound of one partition. */
typedef struct masked_bound {
    const rh_structure_table *partition;
    rh_buf image; /* "FOR VALUES ..." */
} masked_bound;

typedef struct masked_bounds {
    masked_bound *items;
    size_t count;
} masked_bounds;

/**
 * All of them; the proof has said which masks allow it. RH_EUNSUPPORTED for a bound in a form that
 * is not understood, RH_EFORMAT for one that its mask has no image for; both name the partition.
 */
rh_status masked_bounds_find(const rh_anonymizer *anonymizer, masked_bounds *out,
                             rh_error *err) RH_MUST_CHECK;
void masked_bounds_done(masked_bounds *bounds);

/** NULL when the partition's bound stays. */
const masked_bound *masked_bounds_of(const masked_bounds *bounds, const char *schema,
                                     const char *table);

/**
 * SQL as pg_dump writes it: copied to out, the bounds of ATTACH PARTITION replaced. complete: the
 * text must attach every partition that has an image; RH_EUNSUPPORTED names one that it does not.
 */
rh_status masked_bounds_apply(const masked_bounds *bounds, const rh_buf *in, bool complete,
                              rh_buf *out, rh_error *err) RH_MUST_CHECK;

#endif
