/*
 * Bounds of partitions whose key is masked: they are values of the key, and go through its masks.
 */
#ifndef ANONYMIZE_SCHEMA_BOUND_H
#define ANONYMIZE_SCHEMA_BOUND_H

#include "filter.h"
#include "schema_image.h"

/**
 * All of them, free with schema_images_done; the proof has said which masks allow it.
 * RH_EUNSUPPORTED for a bound in a form that is not understood, RH_EFORMAT for one that its mask
 * has no image for; both name the partition.
 */
rh_status masked_bounds_find(const rh_anonymizer *anonymizer, schema_images *out,
                             rh_error *err) RH_MUST_CHECK;
/**
 * SQL as pg_dump writes it: copied to out, the bounds of ATTACH PARTITION replaced. complete: the
 * text must attach every partition that has an image; RH_EUNSUPPORTED names one that it does not.
 */
rh_status masked_bounds_apply(const schema_images *bounds, const rh_buf *in, bool complete,
                              rh_buf *out, rh_error *err) RH_MUST_CHECK;

#endif
