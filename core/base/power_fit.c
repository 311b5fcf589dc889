#include "core/power_fit.h"

#include <math.h>

typedef struct sums {
    size_t count;
    double x, y, xx, xy, yy;
} sums;

static bool usable(const rh_power_point *p)
{
    return p->x > 0 && p->y > 0;
}

static void add(sums *s, const rh_power_point *p)
{
    double x = log(p->x), y = log(p->y);

    s->count++;
    s->x += x;
    s->y += y;
    s->xx += x * x;
    s->xy += x * y;
    s->yy += y * y;
}

/* Exponents between neighbours. */
static void spread(const rh_power_point *points, size_t count, rh_power_fit *out)
{
    const rh_power_point *before = NULL;

    out->low = out->high = out->exponent;
    for (size_t i = 0; i < count; i++) {
        const rh_power_point *p = &points[i];

        if (!usable(p))
            continue;
        if (before != NULL && p->x > before->x) {
            double slope = log(p->y / before->y) / log(p->x / before->x);

            out->low = fmin(out->low, slope);
            out->high = fmax(out->high, slope);
        }
        before = p;
        out->last_x = p->x;
        out->last_y = p->y;
    }
}

void rh_power_fit_points(const rh_power_point *points, size_t count, rh_power_fit *out)
{
    sums s = {0};
    double n, wide, rest;

    *out = (rh_power_fit){.known = false};
    for (size_t i = 0; i < count; i++) {
        if (usable(&points[i]))
            add(&s, &points[i]);
    }
    n = (double)s.count;
    wide = s.count < 3 ? 0 : s.xx - s.x * s.x / n;
    if (wide <= 1e-9)
        return;
    out->known = true;
    out->points = s.count;
    out->exponent = (s.xy - s.x * s.y / n) / wide;
    rest = s.yy - s.y * s.y / n - out->exponent * (s.xy - s.x * s.y / n);
    out->error = sqrt(fmax(rest, 0) / (n - 2) / wide);
    spread(points, count, out);
}

double rh_power_at(const rh_power_fit *fit, double exponent, double x)
{
    return fit->known ? fit->last_y * pow(x / fit->last_x, exponent) : 0;
}
