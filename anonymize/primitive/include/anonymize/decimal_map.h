/*
 * Secret monotone map of decimal numbers as text: any scale, up to 78 digits, no floating point.
 */
#ifndef ANONYMIZE_DECIMAL_MAP_H
#define ANONYMIZE_DECIMAL_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include <rehearse/error.h>

#include "anonymize/mask_key.h"

enum {
    RH_DECIMAL_MAX_DIGITS = 78, /* without leading zeros; of a number below 1, behind the point */
    RH_DECIMAL_OUT_BYTES = 96,  /* enough for every image */
};

typedef struct rh_decimal_map rh_decimal_map;

/** The map of a domain. RH_ENOMEM. Free with rh_decimal_map_free. Not for two threads at a time. */
rh_status rh_decimal_map_new(const rh_mask_key *master, const char *domain, rh_decimal_map **out,
                             rh_error *err) RH_MUST_CHECK;
void rh_decimal_map_free(rh_decimal_map *map);

/** Another map: boundaries between digits move by two fifths of a part instead of a fiftieth. Known
 * pairs tell less about what lies between them, but the planner, which draws a straight line
 * through each bucket of a histogram, estimates ranges otherwise than for the numbers themselves.
 */
void rh_decimal_map_roughen(rh_decimal_map *map);

/**
 * The image of a number of len bytes: strictly increasing in value, odd (the image of -x is that of
 * x with a minus), zero kept, as many digits behind the point as the input has; 1.5 and 1.50 have
 * equal images. An image is 2 to 8 times its number (an integer below 10^78/8 stays below 10^78),
 * so it may have one digit more in front. NaN and the infinities are copied.
 *
 * out gets RH_DECIMAL_OUT_BYTES at most, without a NUL; *out_len its length. False, nothing
 * written, when text is no plain decimal number ("1e5", "") or has more than 78 digits.
 */
bool rh_decimal_map_map(const rh_decimal_map *map, const char *text, size_t len,
                        char out[RH_DECIMAL_OUT_BYTES], size_t *out_len) RH_MUST_CHECK;

#endif
