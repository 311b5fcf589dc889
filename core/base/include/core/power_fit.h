/*
 * The exponent b of y = a * x^b by least squares over (log x, log y), with how far it can be
 * believed.
 */
#ifndef CORE_POWER_FIT_H
#define CORE_POWER_FIT_H

#include <stdbool.h>
#include <stddef.h>

typedef struct rh_power_point {
    double x; /* > 0; points with others are passed over */
    double y; /* > 0 */
} rh_power_point;

typedef struct rh_power_fit {
    bool known;       /* false: fewer than three points, or all at one x; the rest is 0 then */
    size_t points;    /* that were used */
    double exponent;  /* b */
    double low, high; /* least and greatest exponent between two neighbouring points */
    double error;     /* standard error of b: what the scatter around the line alone leaves open */
    double last_x;    /* the point with the greatest x ... */
    double last_y;    /* ... from which rh_power_at() goes on */
} rh_power_fit;

/** Points in rising order of x; neighbours of equal x count for b, not for low and high. */
void rh_power_fit_points(const rh_power_point *points, size_t count, rh_power_fit *out);

/** y at x, going on from the last point with the given exponent (one of the fit's). */
double rh_power_at(const rh_power_fit *fit, double exponent, double x);

#endif
