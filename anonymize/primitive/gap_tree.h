/*
 * Keyed random gaps with prefix sums in O(log n): what all monotone maps of numbers stand on.
 *
 * Position 0, 1, 2, ... each owns a gap of `rate` units on average. Sums at powers of two are keyed
 * knots within a quarter of the mean; between them a keyed binary tree splits each sum, the left
 * half getting 3/8 to 5/8. An even tree has knots within a quarter of the mean as well, but all off
 * it by nearly the same factor, and large halves of 15/32 to 17/32: its density hardly jumps.
 * Nothing is stored, nothing depends on the data.
 */
#ifndef RH_GAP_TREE_H
#define RH_GAP_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "anonymize/cipher.h"

enum {
    GAP_RATE_BITS = 16,     /* rate is a fixed point number with so many bits behind the point */
    GAP_RATE_MAX_BITS = 52, /* rate is below 2^52 */
    GAP_EVEN_BITS = 6, /* halves of 2^6 positions and more get nearly the same in an even tree */
};

typedef struct gap_tree {
    rh_cipher *cipher; /* of this tree alone */
    uint64_t rate;
    bool even; /* set by rh_gap_tree_even */
} gap_tree;

typedef struct gap_spot {
    uint64_t before; /* sum of the gaps of all smaller positions */
    uint64_t own;    /* the gap of the position */
    uint64_t random; /* 64 more bits for it */
} gap_spot;

/* Make a tree with cipher and rate even. `scale` is the cipher of the factor: trees that meet at
 * one origin share it. */
void rh_gap_tree_even(gap_tree *tree, rh_cipher *scale);

/* False when the sums do not fit 63 bits (or position is 2^62 or more). */
bool rh_gap_tree_at(const gap_tree *tree, uint64_t position, gap_spot *out);

#endif
