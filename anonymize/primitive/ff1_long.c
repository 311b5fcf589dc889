/*
 * NIST SP 800-38G, algorithms 7 and 8, as written. Numbers are little-endian arrays of 32-bit
 * limbs; as many numerals as fit a limb are converted at once.
 */
#include "ff1_long.h"

#include <string.h>

#include "ff1_core.h"

enum { BLOCK = RH_CIPHER_BLOCK };

typedef struct layout {
    size_t number_bytes; /* b */
    size_t output_bytes; /* d */
    size_t q_bytes;
    size_t output_blocks;
    size_t limbs; /* of the larger of NUM(B) and y */
} layout;

/* Bits of radix^length - 1, exactly: a wrong ceiling would be a wrong cipher. */
static size_t number_bits(uint32_t radix, size_t length, uint32_t *limbs, size_t cap)
{
    if ((radix & (radix - 1)) == 0)
        return (wide_bits(radix) - 1) * length;

    /* No power of a radix that is not a power of two is one, so the bits of the power will do. */
    size_t used = 1;

    limbs[0] = 1;
    for (size_t i = 0; i < length; i++) {
        uint64_t carry = 0;

        for (size_t j = 0; j < used; j++) {
            carry += (uint64_t)limbs[j] * radix;
            limbs[j] = (uint32_t)carry;
            carry >>= 32;
        }
        if (carry != 0 && used < cap)
            limbs[used++] = (uint32_t)carry;
    }
    return 32 * (used - 1) + wide_bits(limbs[used - 1]);
}

static size_t limbs_bound(size_t length)
{
    return length / 4 + 16; /* 16 bits a numeral, half of them, and room for y */
}

static layout make_layout(const ff1_long *ff1, size_t length, uint32_t *limbs)
{
    size_t bits = number_bits(ff1->radix, length - length / 2, limbs, limbs_bound(length));
    layout l;

    l.number_bytes = (bits + 7) / 8;
    l.output_bytes = 4 * ((l.number_bytes + 3) / 4) + 4;
    l.q_bytes = (ff1->tweak_bytes + 1 + l.number_bytes + BLOCK - 1) / BLOCK * BLOCK;
    l.output_blocks = (l.output_bytes + BLOCK - 1) / BLOCK;
    l.limbs = l.output_bytes / 4;
    return l;
}

size_t rh_ff1_long_scratch(const ff1_long *ff1, size_t length)
{
    size_t number = 4 * limbs_bound(length);

    return number + (ff1->tweak_bytes + 1 + number + BLOCK) + (number + 2 * BLOCK) + 4 * BLOCK;
}

/* The most numerals whose value fits a limb, and radix to that power. */
static size_t group_of(uint32_t radix, uint64_t *power)
{
    size_t count = 0;

    *power = 1;
    while (*power * radix <= UINT32_MAX) {
        *power *= radix;
        count++;
    }
    return count;
}

/* limbs = the number that the numerals write. */
static void numerals_to_limbs(const uint16_t *numerals, size_t count, uint32_t radix,
                              uint32_t *limbs, size_t size)
{
    size_t used = 0;
    uint64_t power;
    size_t group = group_of(radix, &power);

    memset(limbs, 0, 4 * size);
    for (size_t at = 0; at < count;) {
        uint64_t value = 0;
        uint64_t factor = 1;

        for (size_t i = 0; i < group && at < count; i++, at++) {
            value = value * radix + numerals[at];
            factor *= radix;
        }
        for (size_t j = 0; j < used; j++) {
            value += (uint64_t)limbs[j] * factor;
            limbs[j] = (uint32_t)value;
            value >>= 32;
        }
        if (value != 0 && used < size)
            limbs[used++] = (uint32_t)value;
    }
}

/* numerals += (or -=) limbs modulo radix^count; limbs is used up. */
static void add_limbs(uint16_t *numerals, size_t count, uint32_t radix, uint32_t *limbs,
                      size_t size, bool subtract)
{
    uint64_t power;
    size_t group = group_of(radix, &power);
    uint32_t carry = 0;

    for (size_t at = count; at > 0;) {
        uint64_t rest = 0;

        for (size_t j = size; j > 0; j--) {
            uint64_t value = rest << 32 | limbs[j - 1];

            limbs[j - 1] = (uint32_t)(value / power);
            rest = value % power;
        }
        while (size > 0 && limbs[size - 1] == 0)
            size--;
        for (size_t i = 0; i < group && at > 0; i++, at--) {
            uint32_t digit = (uint32_t)(rest % radix) + carry;
            uint32_t old = numerals[at - 1];

            rest /= radix;
            carry = subtract ? old < digit : old + digit >= radix;
            numerals[at - 1] =
                (uint16_t)(subtract ? old - digit + carry * radix : old + digit - carry * radix);
        }
    }
}

/* One application of the round function: y as limbs. */
static void round_function(const ff1_long *ff1, const layout *l, const uint8_t p_state[BLOCK],
                           uint8_t *q, uint32_t *limbs)
{
    uint8_t *out = q + l->q_bytes; /* room for output_blocks behind Q */
    uint8_t state[BLOCK];

    memcpy(state, p_state, BLOCK);
    for (size_t at = 0; at < l->q_bytes; at += BLOCK) {
        for (size_t i = 0; i < BLOCK; i++)
            state[i] ^= q[at + i];
        rh_cipher_encrypt(ff1->cipher, state, state, 1);
    }
    memcpy(out, state, BLOCK);
    for (size_t j = 1; j < l->output_blocks; j++) {
        store_wide(out + BLOCK * j, load_wide(state) ^ j);
    }
    if (l->output_blocks > 1)
        rh_cipher_encrypt(ff1->cipher, out + BLOCK, out + BLOCK, l->output_blocks - 1);
    for (size_t j = 0; j < l->limbs; j++)
        limbs[l->limbs - 1 - j] = load_be32(out + 4 * j);
}

void rh_ff1_long_run(const ff1_long *ff1, uint16_t *numerals, size_t length, bool decrypt,
                     uint8_t *scratch)
{
    uint32_t *limbs = (uint32_t *)(void *)scratch; /* from the allocator, so aligned */
    uint8_t *q = scratch + 4 * limbs_bound(length);
    layout l = make_layout(ff1, length, limbs);
    size_t u = length / 2;
    uint8_t p[BLOCK] = {1,
                        2,
                        1,
                        (uint8_t)(ff1->radix >> 16),
                        (uint8_t)(ff1->radix >> 8),
                        (uint8_t)ff1->radix,
                        FF1_ROUNDS,
                        (uint8_t)u};

    store_be32(p + 8, (uint32_t)length);
    store_be32(p + 12, (uint32_t)ff1->tweak_bytes);
    rh_cipher_encrypt(ff1->cipher, p, p, 1);
    for (unsigned step = 0; step < FF1_ROUNDS; step++) {
        unsigned round = decrypt ? FF1_ROUNDS - 1 - step : step;
        bool right = (round & 1) != 0; /* the half that this round changes */
        uint16_t *changed = right ? numerals + u : numerals;
        const uint16_t *other = right ? numerals : numerals + u;
        size_t changed_count = right ? length - u : u;

        numerals_to_limbs(other, length - changed_count, ff1->radix, limbs, l.limbs);
        memset(q, 0, l.q_bytes);
        if (ff1->tweak_bytes > 0)
            memcpy(q, ff1->tweak, ff1->tweak_bytes);
        q[l.q_bytes - l.number_bytes - 1] = (uint8_t)round;
        for (size_t i = 0; i < l.number_bytes; i++)
            q[l.q_bytes - 1 - i] = (uint8_t)(limbs[i / 4] >> (8 * (i % 4)));
        round_function(ff1, &l, p, q, limbs);
        add_limbs(changed, changed_count, ff1->radix, limbs, l.limbs, decrypt);
    }
}
