/*
 * Secret monotone map of time: every day is stretched by a keyed rate of its own, and everything is
 * shifted by a keyed number of weeks. And the shift of one subject's time line.
 */
#ifndef ANONYMIZE_TIME_MAP_H
#define ANONYMIZE_TIME_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "anonymize/cipher.h"

typedef struct rh_time_map rh_time_map;

typedef struct rh_time_map_options {
    int64_t anchor_us;    /* moves by the shift only; the epoch is the caller's own */
    uint32_t stretch_ppm; /* how much longer a day gets on average; 1 to 1,000,000 */
    uint32_t shift_weeks; /* the shift is at most so many weeks either way; 0: none */
} rh_time_map_options;

enum {
    RH_TIME_US = 1,           /* units of rh_time_map_map: microseconds, */
    RH_TIME_MS = 1000,        /* milliseconds */
    RH_TIME_SECONDS = 1000000 /* and seconds; days are RH_TIME_DAY_US */
};
#define RH_TIME_DAY_US INT64_C(86400000000)

/** A strictly increasing map of a domain. RH_ENOMEM, RH_EUSAGE. Not for two threads at a time. */
rh_status rh_time_map_new(const rh_mask_key *master, const char *domain,
                          const rh_time_map_options *options, rh_time_map **out,
                          rh_error *err) RH_MUST_CHECK;
void rh_time_map_free(rh_time_map *map);

/**
 * The image of a point in time, counted in units of unit_us since the caller's epoch. Strictly
 * increasing in every unit up to a day, and the image of midnight as a date is the date of its
 * image as a timestamp. INT64_MIN and INT64_MAX (the infinities) are kept. False, nothing written,
 * when the image does not fit.
 */
bool rh_time_map_map(const rh_time_map *map, int64_t value, int64_t unit_us,
                     int64_t *out) RH_MUST_CHECK;

/**
 * The shift of one subject (any bytes, e.g. a masked or raw id): a multiple of step between -limit
 * and limit, never zero unless limit is below step; equal subjects, equal shift. cipher is of the
 * domain, for this purpose alone. step must be positive, limit not negative.
 */
int64_t rh_subject_shift(rh_cipher *cipher, const void *subject, size_t len, int64_t limit,
                         int64_t step);

#endif
