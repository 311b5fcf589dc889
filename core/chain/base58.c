/*
 * Ten digits of base58 fit a 64-bit word, so numbers are converted ten digits at a time.
 */
#include "core/base58.h"

#include <assert.h>
#include <string.h>

__extension__ typedef unsigned __int128 wide; /* the compiler's, under a name of ours */

enum {
    GROUP = 10, /* 58^10 < 2^59 */
    LIMBS = RH_BASE58_MAX_BYTES / 4,
};

static const char alphabet[59] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

static const uint64_t power_10 = UINT64_C(430804206899405824); /* 58^10 */

/* Value of a digit, 58 for anything else. */
static unsigned digit_of(char c)
{
    if (c >= '1' && c <= '9')
        return (unsigned)(c - '1');
    if (c >= 'A' && c <= 'Z' && c != 'I' && c != 'O')
        return (unsigned)(c - 'A') + 9 - (c > 'I') - (c > 'O');
    if (c >= 'a' && c <= 'z' && c != 'l')
        return (unsigned)(c - 'a') + 33 - (c > 'l');
    return 58;
}

/* number = number / 58^10; returns the remainder. Most significant limb first, *first is the first
 * that is not zero. */
static uint64_t divide(uint32_t *number, size_t count, size_t *first)
{
    wide rest = 0;

    for (size_t i = *first; i < count; i++) {
        rest = rest << 32 | number[i];
        number[i] = (uint32_t)(rest / power_10);
        rest %= power_10;
    }
    while (*first < count && number[*first] == 0)
        (*first)++;
    return (uint64_t)rest;
}

size_t rh_base58_encode(const uint8_t *data, size_t len, char out[RH_BASE58_MAX_TEXT])
{
    uint32_t number[LIMBS + 1] = {0};
    char reversed[RH_BASE58_MAX_TEXT + GROUP];
    size_t zeros = 0;
    size_t count = 0;
    size_t limbs = (len + 3) / 4;
    size_t first = 0;

    assert(len <= RH_BASE58_MAX_BYTES);
    while (zeros < len && data[zeros] == 0)
        zeros++;
    for (size_t i = 0; i < len; i++)
        number[limbs - 1 - i / 4] |= (uint32_t)data[len - 1 - i] << (8 * (i % 4));
    while (first < limbs && number[first] == 0)
        first++;
    while (first < limbs) {
        uint64_t group = divide(number, limbs, &first);

        for (int i = 0; i < GROUP; i++, group /= 58)
            reversed[count++] = alphabet[group % 58];
    }
    while (count > 0 && reversed[count - 1] == alphabet[0])
        count--;
    memset(out, alphabet[0], zeros);
    for (size_t i = 0; i < count; i++)
        out[zeros + i] = reversed[count - 1 - i];
    return zeros + count;
}

/* number = number * factor + more, least significant limb first. False when it grows too long. */
static bool multiply_add(uint32_t *number, size_t *used, uint64_t factor, uint64_t more)
{
    wide carry = more;

    for (size_t i = 0; i < *used; i++) {
        carry += (wide)number[i] * factor;
        number[i] = (uint32_t)carry;
        carry >>= 32;
    }
    for (; carry != 0; carry >>= 32) {
        if (*used == LIMBS)
            return false;
        number[(*used)++] = (uint32_t)carry;
    }
    return true;
}

bool rh_base58_decode(const char *text, size_t len, uint8_t out[RH_BASE58_MAX_BYTES],
                      size_t *out_len)
{
    uint32_t number[LIMBS];
    size_t used = 0;
    size_t zeros = 0;

    if (len > RH_BASE58_MAX_TEXT)
        return false;
    while (zeros < len && text[zeros] == alphabet[0])
        zeros++;
    for (size_t at = zeros; at < len;) {
        uint64_t group = 0;
        uint64_t factor = 1;

        for (int i = 0; i < GROUP && at < len; i++, at++) {
            unsigned digit = digit_of(text[at]);

            if (digit == 58)
                return false;
            group = group * 58 + digit;
            factor *= 58;
        }
        if (!multiply_add(number, &used, factor, group))
            return false;
    }

    size_t bytes = 4 * used;

    while (bytes > 0 && (number[(bytes - 1) / 4] >> (8 * ((bytes - 1) % 4)) & 0xff) == 0)
        bytes--;
    if (zeros + bytes > RH_BASE58_MAX_BYTES)
        return false;
    memset(out, 0, zeros);
    for (size_t i = 0; i < bytes; i++)
        out[zeros + bytes - 1 - i] = (uint8_t)(number[i / 4] >> (8 * (i % 4)));
    *out_len = zeros + bytes;
    return true;
}
