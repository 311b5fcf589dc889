/*
 * Values per second of the kinds of masks, one value per call and many as a row filter has them.
 */
#ifndef RH_BENCH_MASK_KINDS_H
#define RH_BENCH_MASK_KINDS_H

#include <stdbool.h>

#include "anonymize/mask_key.h"

/** Print a line per kind; false when one cannot be compiled or applied. */
bool bench_mask_kinds(const rh_mask_key *key, double seconds, const char *part);

#endif
