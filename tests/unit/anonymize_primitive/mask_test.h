/*
 * Shared by the tests of the primitives: two keys, a fixed source of numbers, counting of
 * coincidences.
 */
#ifndef RH_TESTS_MASK_TEST_H
#define RH_TESTS_MASK_TEST_H

#include <stdint.h>
#include <string.h>

#include "fail_nth.h"

#include "anonymize/mask_key.h"
#include "core/bytes.h"

static inline const rh_mask_key *key_a(void)
{
    static const rh_mask_key key = {{1, 2, 3, 4, 5}};

    return &key;
}

static inline const rh_mask_key *key_b(void)
{
    static const rh_mask_key key = {{1, 2, 3, 4, 6}}; /* one bit pattern away */

    return &key;
}

/* SplitMix64: the same numbers in every run. */
static inline uint64_t next_number(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15);

    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static inline void fill_random(uint64_t *state, void *out, size_t len)
{
    uint8_t *at = out;

    for (size_t i = 0; i < len; i++)
        at[i] = (uint8_t)next_number(state);
}

/* Number of bits that differ. */
static inline size_t bits_apart(const void *a, const void *b, size_t len)
{
    const uint8_t *x = a;
    const uint8_t *y = b;
    size_t count = 0;

    for (size_t i = 0; i < len; i++) {
        for (unsigned bits = x[i] ^ y[i]; bits != 0; bits >>= 1)
            count += bits & 1;
    }
    return count;
}

static inline void from_hex(const char *hex, uint8_t *out)
{
    assert_int_equal(rh_hex_decode(hex, strlen(hex) / 2, out), 0);
}

#endif
