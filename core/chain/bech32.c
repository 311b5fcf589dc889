#include "core/bech32.h"

#include <string.h>

enum { CHECKSUM = 6 };

static const char charset[33] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static uint32_t polymod_step(uint32_t sum)
{
    static const uint32_t generator[5] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                          0x2a1462b3};
    uint32_t top = sum >> 25;
    uint32_t next = (sum & 0x1ffffff) << 5;

    for (int i = 0; i < 5; i++)
        next ^= (0U - (top >> i & 1)) & generator[i];
    return next;
}

static uint32_t polymod_hrp(const char *hrp, size_t len)
{
    uint32_t sum = 1;

    for (size_t i = 0; i < len; i++)
        sum = polymod_step(sum) ^ (uint32_t)(uint8_t)hrp[i] >> 5;
    sum = polymod_step(sum);
    for (size_t i = 0; i < len; i++)
        sum = polymod_step(sum) ^ ((uint8_t)hrp[i] & 31U);
    return sum;
}

static uint32_t constant_of(bool modified)
{
    return modified ? 0x2bc830a3U : 1U;
}

/* The 5 bits of a character, 32 for none of the alphabet. */
static uint8_t value_of(char c)
{
    static const int8_t values[128] = {
        [0] = -1,   ['q'] = 0,  ['p'] = 1,  ['z'] = 2,  ['r'] = 3,  ['y'] = 4,  ['9'] = 5,
        ['x'] = 6,  ['8'] = 7,  ['g'] = 8,  ['f'] = 9,  ['2'] = 10, ['t'] = 11, ['v'] = 12,
        ['d'] = 13, ['w'] = 14, ['0'] = 15, ['s'] = 16, ['3'] = 17, ['j'] = 18, ['n'] = 19,
        ['5'] = 20, ['4'] = 21, ['k'] = 22, ['h'] = 23, ['c'] = 24, ['e'] = 25, ['6'] = 26,
        ['m'] = 27, ['u'] = 28, ['a'] = 29, ['7'] = 30, ['l'] = 31,
    };
    uint8_t at = (uint8_t)c;

    if (at >= 128 || (values[at] == 0 && c != 'q') || values[at] < 0)
        return 32;
    return (uint8_t)values[at];
}

bool rh_bech32_decode(const char *text, size_t len, rh_bech32 *out)
{
    bool lower = false;
    size_t separator = 0;
    char folded[RH_BECH32_MAX_TEXT];

    out->upper = false;
    if (len < CHECKSUM + 2 || len > RH_BECH32_MAX_TEXT)
        return false;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (c < 33 || c > 126)
            return false;
        lower |= c >= 'a' && c <= 'z';
        if (c >= 'A' && c <= 'Z') {
            out->upper = true;
            c = (char)(c | 0x20);
        }
        if (c == '1')
            separator = i;
        folded[i] = c;
    }
    if ((lower && out->upper) || separator == 0 || separator > RH_BECH32_MAX_HRP ||
        len - separator - 1 < CHECKSUM)
        return false;

    uint32_t sum = polymod_hrp(folded, separator);
    size_t data = len - separator - 1;

    for (size_t i = 0; i < data; i++) {
        uint8_t value = value_of(folded[separator + 1 + i]);

        if (value == 32)
            return false;
        sum = polymod_step(sum) ^ value;
        if (i < data - CHECKSUM)
            out->values[i] = value;
    }
    if (sum != constant_of(false) && sum != constant_of(true))
        return false;
    out->modified = sum == constant_of(true);
    out->count = data - CHECKSUM;
    memcpy(out->hrp, folded, separator);
    out->hrp[separator] = '\0';
    return true;
}

size_t rh_bech32_encode(const rh_bech32 *in, char out[RH_BECH32_MAX_TEXT])
{
    size_t hrp = strlen(in->hrp);
    size_t len = hrp + 1 + in->count + CHECKSUM;
    uint32_t sum = polymod_hrp(in->hrp, hrp);

    if (len > RH_BECH32_MAX_TEXT)
        return 0;
    memcpy(out, in->hrp, hrp);
    out[hrp] = '1';
    for (size_t i = 0; i < in->count; i++) {
        sum = polymod_step(sum) ^ in->values[i];
        out[hrp + 1 + i] = charset[in->values[i]];
    }
    for (int i = 0; i < CHECKSUM; i++)
        sum = polymod_step(sum);
    sum ^= constant_of(in->modified);
    for (size_t i = 0; i < CHECKSUM; i++)
        out[hrp + 1 + in->count + i] = charset[sum >> (5 * (CHECKSUM - 1 - i)) & 31];
    for (size_t i = 0; in->upper && i < len; i++)
        out[i] = (char)(out[i] >= 'a' && out[i] <= 'z' ? out[i] & ~0x20 : out[i]);
    return len;
}

bool rh_bech32_to_bytes(const uint8_t *values, size_t count, uint8_t *out, size_t *out_len)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t len = 0;

    for (size_t i = 0; i < count; i++) {
        bits = (bits << 5 | values[i]) & 0xfff;
        held += 5;
        if (held >= 8) {
            held -= 8;
            out[len++] = (uint8_t)(bits >> held);
        }
    }
    if (held >= 5 || (bits & ((1U << held) - 1)) != 0)
        return false;
    *out_len = len;
    return true;
}

size_t rh_bech32_from_bytes(const uint8_t *data, size_t len, uint8_t *out)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t count = 0;

    for (size_t i = 0; i < len; i++) {
        bits = (bits << 8 | data[i]) & 0xfff;
        held += 8;
        while (held >= 5) {
            held -= 5;
            out[count++] = bits >> held & 31;
        }
    }
    if (held > 0)
        out[count++] = bits << (5 - held) & 31;
    return count;
}
