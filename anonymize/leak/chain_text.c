/*
 * base58check, bech32 and bech32m readers of the leak scan's own.
 */
#include "chain_text.h"

#include <string.h>

#include "core/hash.h"

bool rh_leak_is_hex(const uint8_t *text, size_t len)
{
    if (len == 0 || len % 2 != 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        uint8_t low = (uint8_t)(text[i] | 32);

        if (!((text[i] >= '0' && text[i] <= '9') || (low >= 'a' && low <= 'f')))
            return false;
    }
    return true;
}

/* ---- base58 ---- */

static int base58_digit(uint8_t byte)
{
    static const char alphabet[] = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    const char *at = byte == 0 ? NULL : strchr(alphabet, byte);

    return at == NULL ? -1 : (int)(at - alphabet);
}

size_t rh_leak_base58(const uint8_t *text, size_t len, uint8_t *out)
{
    uint32_t limbs[LEAK_MAX_BASE58_BYTES / 4 + 1] = {0};
    size_t used = 0;
    size_t zeros = 0;
    size_t bytes;

    if (len == 0 || len > LEAK_MAX_BASE58)
        return 0;
    while (zeros < len && text[zeros] == '1')
        zeros++;
    for (size_t i = zeros; i < len; i++) {
        int digit = base58_digit(text[i]);
        uint64_t carry = (uint64_t)(digit < 0 ? 0 : digit);

        if (digit < 0)
            return 0;
        for (size_t j = 0; j < used; j++) {
            carry += (uint64_t)limbs[j] * 58;
            limbs[j] = (uint32_t)carry;
            carry >>= 32;
        }
        if (carry > 0)
            limbs[used++] = (uint32_t)carry;
    }
    bytes = used * 4;
    while (bytes > 0 && (limbs[(bytes - 1) / 4] >> ((bytes - 1) % 4 * 8) & 255) == 0)
        bytes--;
    if (zeros + bytes > LEAK_MAX_BASE58_BYTES)
        return 0;
    memset(out, 0, zeros);
    for (size_t i = 0; i < bytes; i++)
        out[zeros + i] = (uint8_t)(limbs[(bytes - 1 - i) / 4] >> ((bytes - 1 - i) % 4 * 8));
    return zeros + bytes;
}

size_t rh_leak_base58check(const uint8_t *text, size_t len, uint8_t *out)
{
    uint8_t bytes[LEAK_MAX_BASE58_BYTES];
    uint8_t once[32];
    uint8_t twice[32];
    size_t count = rh_leak_base58(text, len, bytes);

    if (count < 5)
        return 0;
    rh_hash_sha256(bytes, count - 4, once);
    rh_hash_sha256(once, sizeof once, twice);
    if (memcmp(twice, bytes + count - 4, 4) != 0)
        return 0;
    memcpy(out, bytes, count - 4);
    return count - 4;
}

/* ---- bech32 ---- */

static const char bech32_alphabet[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static uint32_t bech32_step(uint32_t sum)
{
    uint32_t high = sum >> 25;

    return (sum & 0x1ffffff) << 5 ^ ((high & 1) ? 0x3b6a57b2u : 0) ^
           ((high & 2) ? 0x26508e6du : 0) ^ ((high & 4) ? 0x1ea119fau : 0) ^
           ((high & 8) ? 0x3d4233ddu : 0) ^ ((high & 16) ? 0x2a1462b3u : 0);
}

/* Upper case and lower case are fine, mixed is not: 0 for that. */
static uint8_t bech32_char(const uint8_t *text, size_t at, bool upper)
{
    uint8_t byte = text[at];

    if (byte >= 'A' && byte <= 'Z')
        return upper ? (uint8_t)(byte | 32) : 0;
    return byte >= 'a' && byte <= 'z' && upper ? 0 : byte;
}

static bool has_upper(const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] >= 'A' && text[i] <= 'Z')
            return true;
    }
    return false;
}

/* Five-bit values of the data part with the check sum; returns their number, 0 when it is wrong. */
static size_t bech32_values(const uint8_t *text, size_t len, uint8_t values[90])
{
    bool upper = has_upper(text, len);
    uint32_t sum = 1;
    size_t split = len;

    while (split > 0 && text[split - 1] != '1')
        split--;
    if (split < 2 || len - split < 6)
        return 0;
    for (size_t i = 0; i < split - 1; i++) {
        uint8_t byte = bech32_char(text, i, upper);

        if (byte < 33 || byte > 126)
            return 0;
        sum = bech32_step(sum) ^ (uint32_t)(byte >> 5);
    }
    sum = bech32_step(sum);
    for (size_t i = 0; i < split - 1; i++)
        sum = bech32_step(sum) ^ (uint32_t)(bech32_char(text, i, upper) & 31);
    for (size_t i = split; i < len; i++) {
        uint8_t byte = bech32_char(text, i, upper);
        const char *at = byte == 0 ? NULL : strchr(bech32_alphabet, byte);

        if (at == NULL)
            return 0;
        values[i - split] = (uint8_t)(at - bech32_alphabet);
        sum = bech32_step(sum) ^ values[i - split];
    }
    return sum == 1 || sum == 0x2bc830a3u ? len - split : 0;
}

static size_t regroup(const uint8_t *values, size_t count, uint8_t *out)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t bytes = 0;

    for (size_t i = 0; i < count; i++) {
        bits = bits << 5 | values[i];
        held += 5;
        if (held >= 8) {
            held -= 8;
            if (bytes == LEAK_MAX_PROGRAM)
                return 0;
            out[bytes++] = (uint8_t)(bits >> held);
        }
        bits &= 0xfff;
    }
    return held < 5 && (bits & ((1u << held) - 1)) == 0 ? bytes : 0;
}

size_t rh_leak_bech32(const uint8_t *text, size_t len, uint8_t *version, uint8_t *out)
{
    uint8_t values[90];
    size_t count = len < 8 || len > 90 ? 0 : bech32_values(text, len, values);
    bool segwit = len > 3 && ((text[0] | 32) == 'b' || (text[0] | 32) == 't') &&
                  (text[2] == '1' || text[4] == '1');
    size_t bytes;

    if (count <= 7)
        return 0;
    *version = values[0];
    if (segwit && values[0] <= 16) {
        bytes = regroup(values + 1, count - 7, out);
        if (bytes >= 2)
            return bytes;
    }
    return regroup(values, count - 6, out);
}

/* ---- what an identifier is ---- */

size_t rh_leak_chain_program(const uint8_t *text, size_t len, uint8_t *out)
{
    uint8_t payload[LEAK_MAX_BASE58_BYTES];
    uint8_t version;
    size_t bytes;

    if (len < 25 || len > 90)
        return 0;
    if (len <= 36) {
        bytes = rh_leak_base58check(text, len, payload);
        if (bytes == 21) {
            memcpy(out, payload + 1, 20);
            return 20;
        }
    }
    bytes = rh_leak_bech32(text, len, &version, out);
    return bytes == 20 || bytes == 32 ? bytes : 0;
}

static bool is_secret(const uint8_t *payload, size_t bytes)
{
    static const uint8_t extended[][4] = {
        {0x04, 0x88, 0xad, 0xe4}, /* xprv */ {0x04, 0x35, 0x83, 0x94}, /* tprv */
        {0x04, 0x9d, 0x78, 0x78}, /* yprv */ {0x04, 0xb2, 0x43, 0x0c}, /* zprv */
        {0x04, 0x4a, 0x4e, 0x28}, /* uprv */ {0x04, 0x5f, 0x18, 0xbc}, /* vprv */
    };

    if (bytes == 33 || (bytes == 34 && payload[33] == 1))
        return payload[0] == 0x80 || payload[0] == 0xef || payload[0] == 0xb0 || payload[0] == 0x9e;
    for (size_t i = 0; bytes == 78 && i < sizeof extended / sizeof extended[0]; i++) {
        if (memcmp(payload, extended[i], 4) == 0)
            return true;
    }
    return false;
}

leak_chain rh_leak_chain_of(const uint8_t *text, size_t len)
{
    uint8_t payload[LEAK_MAX_BASE58_BYTES];
    uint8_t version;
    size_t bytes;

    if (len == 42 && text[0] == '0' && (text[1] | 32) == 'x')
        return rh_leak_is_hex(text + 2, 40) ? LEAK_CHAIN_EVM : LEAK_CHAIN_NONE;
    if (len == 64 && rh_leak_is_hex(text, len))
        return LEAK_CHAIN_TXID;
    if (len < 25 || len > LEAK_MAX_BASE58)
        return LEAK_CHAIN_NONE;
    if (len <= 36 || (len >= 50 && len <= 52) || len == 111) {
        bytes = rh_leak_base58check(text, len, payload);
        if (bytes == 21)
            return LEAK_CHAIN_BASE58CHECK;
        if (is_secret(payload, bytes))
            return LEAK_CHAIN_SECRET;
    }
    if (len <= 90 && rh_leak_bech32(text, len, &version, payload) >= 2)
        return LEAK_CHAIN_BECH32;
    if (len >= 43 && len <= 44 && rh_leak_base58(text, len, payload) == 32)
        return LEAK_CHAIN_SOLANA;
    return LEAK_CHAIN_NONE;
}
