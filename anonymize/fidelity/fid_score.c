#include "fid_score.h"

#include <math.h>
#include <string.h>

/* Below these a difference says nothing: ANALYZE samples 30,000 rows, pages come in tens. */
static const double LEAST_SHARE = 0.01;
static const double LEAST_ROWS = 10;
static const double LEAST_PAGES = 10;
static const double ROW_HEADER_BYTES = 24;

double rh_fid_qerror(double a, double b, double least)
{
    a = fmax(a, least);
    b = fmax(b, least);
    return a > b ? a / b : b / a;
}

static void add(rh_fid_parts *parts, const char *name, double value)
{
    parts->items[parts->count++] = (rh_fid_part){name, fmin(1, fmax(0, value))};
}

/* Both the share that is NULL and the share that is not. */
static double null_part(double a, double b)
{
    return 1 / fmax(rh_fid_qerror(a, b, LEAST_SHARE), rh_fid_qerror(1 - a, 1 - b, LEAST_SHARE));
}

/* As the planner: a share where both are shares, else a number. */
static double distinct_part(double a, double rows_a, double b, double rows_b)
{
    if (a == 0 || b == 0)
        return a == b ? 1 : 0;
    if (a < 0 && b < 0)
        return 1 / rh_fid_qerror(-a, -b, 1e-9);
    a = a < 0 ? -a * fmax(rows_a, 1) : a;
    b = b < 0 ? -b * fmax(rows_b, 1) : b;
    return 1 / rh_fid_qerror(a, b, 1);
}

/* Rank by rank, as values are another matter: what is left when the differences are taken away, and
 * the ratio of the most frequent ones. */
static double frequency_part(const rh_fid_frequencies *a, const rh_fid_frequencies *b)
{
    size_t count = a->count > b->count ? a->count : b->count;
    double moved = 0;
    double top;

    for (size_t i = 0; i < count; i++)
        moved += fabs((i < a->count ? a->items[i] : 0) - (i < b->count ? b->items[i] : 0));
    top =
        rh_fid_qerror(a->count > 0 ? a->items[0] : 0, b->count > 0 ? b->items[0] : 0, LEAST_SHARE);
    return fmin(1 - moved, 1 / top);
}

/* A histogram that one side lacks costs as much as the share of rows that it speaks for. */
static double histogram_part(const rh_fid_column *a, const rh_fid_column *b)
{
    const rh_fid_column *with = a->has_histogram ? a : b;

    if (a->has_histogram == b->has_histogram)
        return 1;
    return with->null_frac + with->common.sum;
}

/* Beginnings per value of the sample, the length where they differ most. Half: only LIKE and ranges
 * of text see it. Samples that are small or of different sizes say nothing: -1. */
static double prefix_part(const rh_fid_prefixes *a, const rh_fid_prefixes *b)
{
    const double least_values = 20;
    const double least_share = 0.1;
    double values_a = (double)a->values;
    double values_b = (double)b->values;
    double worst = 1;

    if (fmin(values_a, values_b) < least_values || rh_fid_qerror(values_a, values_b, 1) > 1.25)
        return -1;
    for (size_t k = 0; k < RH_FID_PREFIX_CHARS; k++)
        worst = fmax(worst, rh_fid_qerror((double)a->distinct[k] / values_a,
                                          (double)b->distinct[k] / values_b, least_share));
    return (1 + 1 / worst) / 2;
}

rh_fid_parts rh_fid_column_parts(const rh_fid_column *a, double rows_a, const rh_fid_column *b,
                                 double rows_b)
{
    rh_fid_parts parts = {.count = 0};
    double prefixes = prefix_part(&a->prefixes, &b->prefixes);

    if (a->sampled || b->sampled) {
        if (prefixes >= 0)
            add(&parts, "prefix", prefixes);
        return parts;
    }
    add(&parts, "nulls", null_part(a->null_frac, b->null_frac));
    add(&parts, "distinct", distinct_part(a->n_distinct, rows_a, b->n_distinct, rows_b));
    add(&parts, "frequent", frequency_part(&a->common, &b->common));
    if (a->elements.count > 0 || b->elements.count > 0)
        add(&parts, "elements", frequency_part(&a->elements, &b->elements));
    if (a->has_correlation || b->has_correlation) /* the planner uses its square */
        add(&parts, "correlation",
            1 - fabs(a->correlation * a->correlation - b->correlation * b->correlation));
    add(&parts, "width",
        1 / rh_fid_qerror(a->width + ROW_HEADER_BYTES, b->width + ROW_HEADER_BYTES, 1));
    add(&parts, "histogram", histogram_part(a, b));
    if (prefixes >= 0)
        add(&parts, "prefix", prefixes);
    return parts;
}

static void add_groups(rh_fid_parts *parts, const rh_fid_relation *a, const rh_fid_relation *b)
{
    size_t count = a->group_count < b->group_count ? a->group_count : b->group_count;
    double worst = a->group_count == b->group_count ? 1 : 0;

    for (size_t i = 0; i < count; i++)
        worst = fmin(worst, 1 / rh_fid_qerror(a->groups[i], b->groups[i], 1));
    add(parts, "groups", worst);
    add(parts, "flags", strcmp(a->flags, b->flags) == 0 ? 1 : 0);
}

rh_fid_parts rh_fid_relation_parts(const rh_fid_relation *a, const rh_fid_relation *b)
{
    rh_fid_parts parts = {.count = 0};

    if ((a->rows < 0) != (b->rows < 0))
        add(&parts, "rows", 0);
    else if (a->rows >= 0)
        add(&parts, "rows", 1 / rh_fid_qerror(a->rows, b->rows, LEAST_ROWS));
    if (a->pages >= 0 && b->pages >= 0 && a->rows >= 0 && b->rows >= 0) {
        add(&parts, "pages", 1 / rh_fid_qerror(a->pages, b->pages, LEAST_PAGES));
        if (a->kind == RH_FID_TABLE)
            add(&parts, "visible", 1 - fabs(a->visible - b->visible));
    }
    if (a->rows >= 0 && b->rows >= 0 && (a->group_count > 0 || b->group_count > 0))
        add_groups(&parts, a, b);
    return parts;
}

const rh_fid_part *rh_fid_worst(const rh_fid_parts *parts)
{
    const rh_fid_part *worst = NULL;

    for (size_t i = 0; i < parts->count; i++) {
        if (worst == NULL || parts->items[i].value < worst->value)
            worst = &parts->items[i];
    }
    return worst;
}

double rh_fid_score(const rh_fid_parts *parts)
{
    const rh_fid_part *worst = rh_fid_worst(parts);

    return worst == NULL ? 100 : round(worst->value * 10000) / 100;
}
