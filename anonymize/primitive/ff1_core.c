#include "ff1_core.h"

#include <string.h>

enum { BLOCK = RH_CIPHER_BLOCK, SMALL_BYTES = 7 };

/* The fixed block P of NIST SP 800-38G, algorithm 7, step 5. */
static void make_p(const ff1_params *params, uint8_t p[BLOCK])
{
    p[0] = 1;
    p[1] = 2;
    p[2] = 1;
    p[3] = (uint8_t)(params->radix >> 16);
    p[4] = (uint8_t)(params->radix >> 8);
    p[5] = (uint8_t)params->radix;
    p[6] = FF1_ROUNDS;
    p[7] = (uint8_t)(params->length / 2);
    store_be32(p + 8, params->length);
    store_be32(p + 12, (uint32_t)params->tweak_bytes);
}

/* state = AES(state ^ block): one step of the CBC-MAC that is FF1's PRF. */
static void absorb(rh_cipher *cipher, uint8_t state[BLOCK], const uint8_t *block)
{
    for (int i = 0; i < BLOCK; i++)
        state[i] ^= block[i];
    rh_cipher_encrypt(cipher, state, state, 1);
}

/*
 * Q is the tweak, zeros, the round and NUM(B). All but its last block is the same in every round,
 * and so are the bytes of the last block in front of the round: both go into base.
 */
void rh_ff1_core_shape(rh_cipher *cipher, const ff1_params *params, ff1_shape *shape)
{
    uint8_t state[BLOCK] = {0};
    uint8_t block[BLOCK];
    rh_wide largest = params->size[0] > params->size[1] ? params->size[0] : params->size[1];
    unsigned bits = wide_bits(largest - 1);
    size_t constant = params->tweak_bytes;

    shape->size[0] = params->size[0];
    shape->size[1] = params->size[1];
    shape->number_bytes = bits == 0 ? 1 : (bits + 7) / 8;
    shape->binary = (params->size[0] & (params->size[0] - 1)) == 0 &&
                    (params->size[1] & (params->size[1] - 1)) == 0;
    shape->small = shape->number_bytes <= SMALL_BYTES;
    if (shape->small) {
        shape->by[0] = divisor_of((uint64_t)params->size[0]);
        shape->by[1] = divisor_of((uint64_t)params->size[1]);
    }
    make_p(params, block);
    absorb(cipher, state, block);

    size_t at = 0;

    while (constant - at + shape->number_bytes + 1 > BLOCK) {
        size_t part = constant - at < BLOCK ? constant - at : BLOCK;

        memset(block, 0, BLOCK);
        memcpy(block, params->tweak + at, part);
        absorb(cipher, state, block);
        at += part;
    }
    memset(block, 0, BLOCK);
    if (constant > at)
        memcpy(block, params->tweak + at, constant - at);
    shape->base = load_wide(state) ^ load_wide(block);
}

void rh_ff1_core_bind(rh_cipher *cipher, ff1_shape *shape, rh_wide extra)
{
    uint8_t block[BLOCK];

    store_wide(block, shape->base ^ extra);
    rh_cipher_encrypt(cipher, block, block, 1);
    shape->base = load_wide(block);
}

/* The first 4 * ceil(b / 4) + 4 bytes of the PRF's output, modulo the size of the half. */
static inline rh_wide reduce(const uint8_t *block, const ff1_shape *shape, int side)
{
    rh_wide size = shape->size[side];

    if (shape->number_bytes <= 4) {
        uint64_t y = load_be64(block);

        return shape->binary ? y & (uint64_t)(size - 1) : y % (uint64_t)size;
    }

    rh_wide y = load_wide(block);

    if (shape->number_bytes <= 8)
        y >>= 32;
    return shape->binary ? y & (size - 1) : y % size;
}

/* The same for small shapes, whose halves are words: no arithmetic on 128 bits, no division. */
static inline uint64_t reduce_small(const uint8_t *block, const ff1_shape *shape, int side)
{
    uint64_t high = load_be64(block);

    if (shape->number_bytes <= 4) {
        if (shape->binary)
            return high & (uint64_t)(shape->size[side] - 1);
        return remainder_64(&shape->by[side], high);
    }

    uint64_t low = high << 32 | load_be64(block + 8) >> 32;

    if (shape->binary)
        return low & (uint64_t)(shape->size[side] - 1);
    return remainder_96(&shape->by[side], high >> 32, low);
}

static void run_small(rh_cipher *cipher, ff1_lane *lanes, size_t count, bool decrypt)
{
    uint8_t blocks[FF1_LANES * BLOCK];
    uint64_t half[2][FF1_LANES];

    for (size_t i = 0; i < count; i++) {
        half[0][i] = (uint64_t)lanes[i].half[0];
        half[1][i] = (uint64_t)lanes[i].half[1];
    }
    for (unsigned step = 0; step < FF1_ROUNDS; step++) {
        uint64_t round = decrypt ? FF1_ROUNDS - 1 - step : step;
        int side = (int)(round & 1);

        for (size_t i = 0; i < count; i++) {
            const ff1_shape *shape = lanes[i].shape;

            store_be64(blocks + BLOCK * i, (uint64_t)(shape->base >> 64));
            store_be64(blocks + BLOCK * i + 8, (uint64_t)shape->base ^ half[1 - side][i] ^
                                                   round << (8 * shape->number_bytes));
        }
        rh_cipher_encrypt(cipher, blocks, blocks, count);
        for (size_t i = 0; i < count; i++) {
            uint64_t size = (uint64_t)lanes[i].shape->size[side];
            uint64_t y = reduce_small(blocks + BLOCK * i, lanes[i].shape, side);
            uint64_t sum = half[side][i] + (decrypt ? size - y : y);

            half[side][i] = sum - (size & (0 - (uint64_t)(sum >= size)));
        }
    }
    for (size_t i = 0; i < count; i++) {
        lanes[i].half[0] = half[0][i];
        lanes[i].half[1] = half[1][i];
    }
}

static void run_group(rh_cipher *cipher, ff1_lane *lanes, size_t count, bool decrypt)
{
    uint8_t blocks[FF1_LANES * BLOCK];

    for (unsigned step = 0; step < FF1_ROUNDS; step++) {
        unsigned round = decrypt ? FF1_ROUNDS - 1 - step : step;
        int side = (int)(round & 1);

        /* Instead of swapping the halves, even rounds change the left one, odd ones the right. */
        for (size_t i = 0; i < count; i++) {
            const ff1_shape *shape = lanes[i].shape;

            store_wide(blocks + BLOCK * i, shape->base ^ lanes[i].half[1 - side] ^
                                               (rh_wide)round << (8 * shape->number_bytes));
        }
        rh_cipher_encrypt(cipher, blocks, blocks, count);
        for (size_t i = 0; i < count; i++) {
            rh_wide size = lanes[i].shape->size[side];
            rh_wide y = reduce(blocks + BLOCK * i, lanes[i].shape, side);
            rh_wide sum = lanes[i].half[side] + (decrypt ? size - y : y);

            lanes[i].half[side] = sum - (size & (0 - (rh_wide)(sum >= size)));
        }
    }
}

void rh_ff1_core_run(rh_cipher *cipher, ff1_lane *lanes, size_t count, bool decrypt)
{
    for (size_t at = 0; at < count; at += FF1_LANES) {
        size_t part = count - at < FF1_LANES ? count - at : FF1_LANES;

        bool small = true;

        for (size_t i = at; i < at + part; i++)
            small = small && lanes[i].shape->small;
        (small ? run_small : run_group)(cipher, lanes + at, part, decrypt);
    }
}
