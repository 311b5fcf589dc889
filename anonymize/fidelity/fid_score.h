/*
 * How alike are two statistics? Per column and relation a few parts between 0 and 1; the score is
 * that of the worst part. docs/fidelity.md has the formulas.
 */
#ifndef FID_SCORE_H
#define FID_SCORE_H

#include "fid_statistics.h"

enum { RH_FID_MAX_PARTS = 8 };

typedef struct rh_fid_part {
    const char *name;
    double value; /* 0 to 1 */
} rh_fid_part;

typedef struct rh_fid_parts {
    rh_fid_part items[RH_FID_MAX_PARTS];
    size_t count;
} rh_fid_parts;

/** max(a/b, b/a) of two figures that count as at least `least`. */
double rh_fid_qerror(double a, double b, double least);

/** Statistics of a column; rows are those of its table (negative: not known). */
rh_fid_parts rh_fid_column_parts(const rh_fid_column *a, double rows_a, const rh_fid_column *b,
                                 double rows_b);

/** Rows, pages and groups; only what both sides know, but rows known to one side only are 0. */
rh_fid_parts rh_fid_relation_parts(const rh_fid_relation *a, const rh_fid_relation *b);

/** The smallest part, or NULL when there is none. */
const rh_fid_part *rh_fid_worst(const rh_fid_parts *parts);

/** 0 to 100 with two decimals; 100 without parts. */
double rh_fid_score(const rh_fid_parts *parts);

#endif
