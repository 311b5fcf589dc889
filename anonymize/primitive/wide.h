/*
 * 128-bit arithmetic and big-endian words. The type is the compiler's, under one name.
 */
#ifndef RH_WIDE_H
#define RH_WIDE_H

#include <stdint.h>
#include <string.h>

__extension__ typedef unsigned __int128 rh_wide;

/*
 * gcc 12 knows eight shifts for a byte swap, but not two of them side by side: it makes 60
 * instructions of a block. So the swap is named where there is a name for it.
 */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define SWAP64(x) __builtin_bswap64(x)
#define SWAP32(x) __builtin_bswap32(x)
#elif defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define SWAP64(x) (x)
#define SWAP32(x) (x)
#else
#error "the byte order of this machine is not known"
#endif

static inline uint64_t load_be64(const uint8_t *at)
{
    uint64_t value;

    memcpy(&value, at, sizeof value);
    return SWAP64(value);
}

static inline void store_be64(uint8_t *at, uint64_t value)
{
    value = SWAP64(value);
    memcpy(at, &value, sizeof value);
}

static inline uint32_t load_be32(const uint8_t *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof value);
    return SWAP32(value);
}

static inline void store_be32(uint8_t *at, uint32_t value)
{
    value = SWAP32(value);
    memcpy(at, &value, sizeof value);
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
static inline unsigned bits_of_64(uint64_t value)
{
    return value == 0 ? 0 : 64U - (unsigned)__builtin_clzll(value);
}

static inline unsigned wide_bits(rh_wide value)
{
    uint64_t high = (uint64_t)(value >> 64);

    return high != 0 ? 64 + bits_of_64(high) : bits_of_64((uint64_t)value);
}

/*
 * Remainders by a divisor that many values share, without division: Moeller and Granlund, "Improved
 * Division by Invariant Integers" (2011), algorithm 4.
 */
typedef struct rh_divisor {
    uint64_t shifted; /* the divisor with its top bit at the top */
    uint64_t inverse; /* floor((2^128 - 1) / shifted) - 2^64 */
    unsigned shift;
} rh_divisor;

/* divisor is not 0. */
static inline rh_divisor divisor_of(uint64_t divisor)
{
    unsigned shift = 64 - bits_of_64(divisor);
    uint64_t shifted = divisor << shift;

    return (rh_divisor){shifted, (uint64_t)(~(rh_wide)0 / shifted), shift};
}

/* high * 2^64 + low modulo the shifted divisor; high is below it. */
static inline uint64_t remainder_step(const rh_divisor *d, uint64_t high, uint64_t low)
{
    rh_wide q = (rh_wide)d->inverse * high + ((rh_wide)high << 64 | low);
    uint64_t rest = low - ((uint64_t)(q >> 64) + 1) * d->shifted;

    rest += d->shifted & (0 - (uint64_t)(rest > (uint64_t)q)); /* a jump would be a coin's toss */
    return rest >= d->shifted ? rest - d->shifted : rest;
}

static inline uint64_t remainder_64(const rh_divisor *d, uint64_t value)
{
    uint64_t high = d->shift == 0 ? 0 : value >> (64 - d->shift);

    return remainder_step(d, high, value << d->shift) >> d->shift;
}

static inline uint64_t remainder_128(const rh_divisor *d, uint64_t high, uint64_t low)
{
    uint64_t top = d->shift == 0 ? 0 : high >> (64 - d->shift);
    uint64_t middle = d->shift == 0 ? high : high << d->shift | low >> (64 - d->shift);

    return remainder_step(d, remainder_step(d, top, middle), low << d->shift) >> d->shift;
}

/* The same for high below 2^32. Of a divisor of more than 2^33 the first step would change nothing:
 * what it is given is below the shifted divisor. */
static inline uint64_t remainder_96(const rh_divisor *d, uint64_t high, uint64_t low)
{
    if (d->shift == 0 || d->shift > 31)
        return remainder_128(d, high, low);
    return remainder_step(d, high << d->shift | low >> (64 - d->shift), low << d->shift) >>
           d->shift;
}

/* floor(random * bound / 2^64): a number below bound; the bias is at most bound / 2^64. */
static inline uint64_t scale64(uint64_t random, uint64_t bound)
{
    return (uint64_t)((rh_wide)random * bound >> 64);
}

#endif
