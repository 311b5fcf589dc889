/*
 * 128-bit arithmetic and big-endian words. The type is the compiler's, under one name.
 */
#ifndef RH_WIDE_H
#define RH_WIDE_H

#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 rh_wide;

static inline uint64_t load_be64(const uint8_t *at)
{
    return (uint64_t)at[0] << 56 | (uint64_t)at[1] << 48 | (uint64_t)at[2] << 40 |
           (uint64_t)at[3] << 32 | (uint64_t)at[4] << 24 | (uint64_t)at[5] << 16 |
           (uint64_t)at[6] << 8 | (uint64_t)at[7];
}

static inline void store_be64(uint8_t *at, uint64_t value)
{
    for (int i = 0; i < 8; i++)
        at[i] = (uint8_t)(value >> (56 - 8 * i));
}

static inline uint32_t load_be32(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static inline void store_be32(uint8_t *at, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(value >> (24 - 8 * i));
}

static inline rh_wide load_wide(const uint8_t *at)
{
    return (rh_wide)load_be64(at) << 64 | load_be64(at + 8);
}

static inline void store_wide(uint8_t *at, rh_wide value)
{
    store_be64(at, (uint64_t)(value >> 64));
    store_be64(at + 8, (uint64_t)value);
}

/* Number of bits of value; 0 for 0. */
static inline unsigned wide_bits(rh_wide value)
{
    unsigned bits = 0;

    while (value != 0) {
        value >>= 1;
        bits++;
    }
    return bits;
}

/* floor(random * bound / 2^64): a number below bound; the bias is at most bound / 2^64. */
static inline uint64_t scale64(uint64_t random, uint64_t bound)
{
    return (uint64_t)((rh_wide)random * bound >> 64);
}

#endif
