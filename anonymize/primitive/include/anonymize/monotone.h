/*
 * Secret monotone map of integers: order is kept, distances grow by keyed random gaps.
 */
#ifndef ANONYMIZE_MONOTONE_H
#define ANONYMIZE_MONOTONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "anonymize/mask_key.h"

typedef struct rh_monotone rh_monotone;

typedef struct rh_monotone_options {
    int64_t origin;          /* kept; values on either side move away from it */
    uint32_t mean_gap_65536; /* free numbers added per value on average, times 65536; not 0 */
    int64_t low, high;       /* images must lie in here, e.g. what the column's type holds */
} rh_monotone_options;

#define RH_MONOTONE_OPTIONS_INIT                                                                   \
    {                                                                                              \
        0, 65536, INT64_MIN, INT64_MAX                                                             \
    }

/**
 * A strictly increasing map of a domain. RH_ENOMEM, RH_EUSAGE (options). Free with
 * rh_monotone_free. Not for two threads at a time.
 */
rh_status rh_monotone_new(const rh_mask_key *master, const char *domain,
                          const rh_monotone_options *options, rh_monotone **out,
                          rh_error *err) RH_MUST_CHECK;
void rh_monotone_free(rh_monotone *map);

/**
 * The image of value. False, nothing written, when it does not lie within low and high: a range can
 * only be mapped into one that is larger by the gaps. If the largest and the smallest value of a
 * column fit, all do.
 */
bool rh_monotone_map(const rh_monotone *map, int64_t value, int64_t *out) RH_MUST_CHECK;

#endif
