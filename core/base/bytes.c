/*
 * Integers in byte strings.
 */
#include "core/bytes.h"

static void put_le(uint8_t *at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> (8 * i));
}

static uint64_t get_le(const uint8_t *at, size_t bytes)
{
    uint64_t value = 0;

    for (size_t i = 0; i < bytes; i++)
        value |= (uint64_t)at[i] << (8 * i);
    return value;
}

void rh_put_u16(uint8_t *at, uint16_t value)
{
    put_le(at, value, 2);
}

void rh_put_u32(uint8_t *at, uint32_t value)
{
    put_le(at, value, 4);
}

void rh_put_u64(uint8_t *at, uint64_t value)
{
    put_le(at, value, 8);
}

uint16_t rh_get_u16(const uint8_t *at)
{
    return (uint16_t)get_le(at, 2);
}

uint32_t rh_get_u32(const uint8_t *at)
{
    return (uint32_t)get_le(at, 4);
}

uint64_t rh_get_u64(const uint8_t *at)
{
    return get_le(at, 8);
}

size_t rh_varint_len(uint64_t value)
{
    size_t len = 1;

    if (value >> 56 != 0)
        return RH_VARINT_MAX_BYTES;
    while (value >>= 7)
        len++;
    return len;
}

size_t rh_varint_put(uint8_t *at, uint64_t value)
{
    size_t len = rh_varint_len(value);
    size_t last = len - 1;

    if (len == RH_VARINT_MAX_BYTES) { /* the ninth byte holds eight bits */
        at[last] = (uint8_t)value;
        value >>= 8;
        for (size_t i = last; i-- > 0; value >>= 7)
            at[i] = (uint8_t)(0x80u | (value & 0x7Fu));
        return len;
    }
    at[last] = (uint8_t)(value & 0x7Fu);
    value >>= 7;
    for (size_t i = last; i-- > 0; value >>= 7)
        at[i] = (uint8_t)(0x80u | (value & 0x7Fu));
    return len;
}

size_t rh_varint_get(const uint8_t *at, size_t avail, uint64_t *out)
{
    uint64_t value = 0;

    for (size_t i = 0; i < avail && i < RH_VARINT_MAX_BYTES; i++) {
        if (i == RH_VARINT_MAX_BYTES - 1) {
            *out = value << 8 | at[i];
            return RH_VARINT_MAX_BYTES;
        }
        value = value << 7 | (at[i] & 0x7Fu);
        if ((at[i] & 0x80u) == 0) {
            *out = value;
            return i + 1;
        }
    }
    return 0;
}

uint64_t rh_zigzag(int64_t value)
{
    uint64_t bits = (uint64_t)value;

    return bits << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

int64_t rh_unzigzag(uint64_t value)
{
    uint64_t half = value >> 1;

    return (value & 1) == 0 ? (int64_t)half : -(int64_t)half - 1;
}

void rh_hex_encode(const uint8_t *data, size_t len, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < len; i++) {
        out[2 * i] = digits[data[i] >> 4];
        out[2 * i + 1] = digits[data[i] & 15u];
    }
    out[2 * len] = '\0';
}

/* 16 more than the value of a hexadecimal digit; 0 is none. */
static const uint8_t hex_values[256] = {
    ['0'] = 16, ['1'] = 17, ['2'] = 18, ['3'] = 19, ['4'] = 20, ['5'] = 21, ['6'] = 22, ['7'] = 23,
    ['8'] = 24, ['9'] = 25, ['a'] = 26, ['b'] = 27, ['c'] = 28, ['d'] = 29, ['e'] = 30, ['f'] = 31,
    ['A'] = 26, ['B'] = 27, ['C'] = 28, ['D'] = 29, ['E'] = 30, ['F'] = 31,
};

int rh_hex_decode(const char *text, size_t len, uint8_t *out)
{
    /* The text may end too early, so nothing is read behind what is no digit. */
    for (size_t i = 0; i < len; i++) {
        unsigned high = hex_values[(uint8_t)text[2 * i]];
        unsigned low = high == 0 ? 0 : hex_values[(uint8_t)text[2 * i + 1]];

        if (low == 0)
            return -1;
        out[i] = (uint8_t)(high << 4 | (low & 15u));
    }
    return 0;
}
