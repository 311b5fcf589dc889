/*
 * Keyed random gaps with prefix sums in O(log n): what all monotone maps of numbers stand on.
 *
 * Position 0, 1, 2, ... each owns a gap of `rate` units on average. Sums at powers of two are keyed
 * knots within a quarter of the mean; between them a keyed binary tree splits each sum, the left
 * half getting 3/8 to 5/8. Nothing is stored, nothing depends on the data.
 */
#ifndef RH_GAP_TREE_H
#define RH_GAP_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "anonymize/cipher.h"

enum {
    GAP_RATE_BITS = 16,    /* rate is a fixed point number with so many bits behind the point */
    GAP_RATE_MAX_BITS = 52 /* rate is below 2^52 */
};

typedef struct gap_tree {
    rh_cipher *cipher; /* of this tree alone */
    uint64_t rate;
} gap_tree;

typedef struct gap_spot {
    uint64_t before; /* sum of the gaps of all smaller positions */
    uint64_t own;    /* the gap of the position */
    uint64_t random; /* 64 more bits for it */
} gap_spot;

/* False when the sums do not fit 63 bits (or position is 2^62 or more). */
bool rh_gap_tree_at(const gap_tree *tree, uint64_t position, gap_spot *out);

#endif
