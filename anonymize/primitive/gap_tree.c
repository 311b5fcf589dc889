#include "gap_tree.h"

#include "wide.h"

enum {
    MAX_LEVELS = 62,
    LEVELS_PER_BLOCK = 3, /* seven nodes of 18 bits are 126 */
    NODE_BITS = 18,
    MAX_BLOCKS = 3 + (MAX_LEVELS + LEVELS_PER_BLOCK - 1) / LEVELS_PER_BLOCK,
};

/* What a PRF input is for. */
enum { FOR_KNOT = 1, FOR_NODES = 2, FOR_LEAF = 3, FOR_SCALE = 4 };

static void put_input(uint8_t *block, uint8_t what, unsigned octave, unsigned depth,
                      uint64_t prefix)
{
    store_be64(block, (uint64_t)what << 56 | (uint64_t)octave << 48 | (uint64_t)depth << 40);
    store_be64(block + 8, prefix);
}

void rh_gap_tree_even(gap_tree *tree, rh_cipher *scale)
{
    uint8_t random[RH_CIPHER_BLOCK];

    put_input(random, FOR_SCALE, 0, 0, 0);
    rh_cipher_encrypt(scale, random, random, 1);
    /* 13/16 to 19/16 here, and 15/16 to 17/16 for each knot. */
    tree->rate =
        (uint64_t)((rh_wide)tree->rate * (106496 + scale64(load_be64(random), 49152)) >> 17);
    tree->rate += tree->rate == 0;
    tree->even = true;
}

/* Sum of the gaps of the first 2^exponent positions: the mean times 0.75 to 1.25. */
static rh_wide knot(const gap_tree *tree, unsigned exponent, const uint8_t *random)
{
    uint32_t bits = load_be32(random) >> 16;
    uint32_t factor = tree->even ? 122880 + (bits >> 2) : 98304 + bits; /* of 2^17 */

    return (((rh_wide)tree->rate << exponent) >> GAP_RATE_BITS) * factor >> 17;
}

static uint32_t node_bits(rh_wide random, unsigned node)
{
    return (uint32_t)(random >> (NODE_BITS * (node - 1))) & ((1U << NODE_BITS) - 1);
}

/* The part of sum that goes to the left half; rounded up or down by chance, so that even a sum of
 * one goes either way. */
static uint64_t left_part(uint64_t sum, uint32_t bits, bool even)
{
    uint32_t share = even ? 122880 + (bits >> 4) : 98304 + (bits >> 2); /* of 2^18 */
    uint32_t dither = bits * 0x9e3779b1U >> (32 - NODE_BITS);

    return (uint64_t)(((rh_wide)sum * share + dither) >> NODE_BITS);
}

bool rh_gap_tree_at(const gap_tree *tree, uint64_t position, gap_spot *out)
{
    uint8_t blocks[MAX_BLOCKS * RH_CIPHER_BLOCK];
    unsigned levels = position == 0 ? 0 : wide_bits(position) - 1;
    size_t count = 3;

    if (levels >= MAX_LEVELS)
        return false;
    put_input(blocks, FOR_KNOT, levels, 0, 0);
    put_input(blocks + 16, FOR_KNOT, levels + 1, 0, 0);
    put_input(blocks + 32, FOR_LEAF, 0, 0, position);
    for (unsigned depth = 0; depth < levels; depth += LEVELS_PER_BLOCK) {
        put_input(blocks + 16 * count, FOR_NODES, levels, depth, position >> (levels - depth));
        count++;
    }
    rh_cipher_encrypt(tree->cipher, blocks, blocks, count);

    rh_wide before = position == 0 ? 0 : knot(tree, levels, blocks);
    rh_wide after = position == 0 ? knot(tree, 0, blocks) : knot(tree, levels + 1, blocks + 16);

    if (after >> 63 != 0)
        return false;

    uint64_t start = (uint64_t)before;
    uint64_t sum = (uint64_t)(after - before);

    for (unsigned depth = 0; depth < levels; depth += LEVELS_PER_BLOCK) {
        rh_wide random = load_wide(blocks + 16 * (3 + depth / LEVELS_PER_BLOCK));
        unsigned node = 1;

        for (unsigned i = depth; i < levels && i < depth + LEVELS_PER_BLOCK; i++) {
            uint64_t right = (position >> (levels - 1 - i)) & 1;
            uint64_t left = left_part(sum, node_bits(random, node),
                                      tree->even && levels - 1 - i >= GAP_EVEN_BITS);

            start += right ? left : 0;
            sum = right ? sum - left : left;
            node = 2 * node + (unsigned)right;
        }
    }
    out->before = start;
    out->own = sum;
    out->random = load_be64(blocks + 32);
    return true;
}
