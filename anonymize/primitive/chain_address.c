#include "anonymize/chain_address.h"

#include <string.h>

#include "anonymize/keccak.h"
#include "anonymize/wide_perm.h"
#include "core/base58.h"
#include "core/bytes.h"
#include "core/mem.h"
#include "core/sha256d.h"

enum { CHECKSUM = 4, HASH160 = 20, HASH256 = 32 };

struct rh_chain {
    rh_wide_perm *by_20;
    rh_wide_perm *by_32;
    rh_sha256d *sha; /* may be NULL */
};

rh_status rh_chain_new(const rh_mask_key *master, const char *domain, rh_chain **out, rh_error *err)
{
    rh_status status = RH_OK;
    rh_chain *chain = rh_mem_zalloc(sizeof *chain);

    if (chain == NULL)
        return rh_error_oom(err);
    chain->sha = rh_sha256d_new();
    status = rh_wide_perm_new(master, domain, HASH160, &chain->by_20, err);
    if (status == RH_OK)
        status = rh_wide_perm_new(master, domain, HASH256, &chain->by_32, err);
    if (status != RH_OK) {
        rh_chain_free(chain);
        return status;
    }
    *out = chain;
    return RH_OK;
}

void rh_chain_free(rh_chain *chain)
{
    if (chain == NULL)
        return;
    rh_wide_perm_free(chain->by_20);
    rh_wide_perm_free(chain->by_32);
    rh_sha256d_free(chain->sha);
    rh_mem_free(chain);
}

/* ---- base58 ---- */

/* Base58 with a checksum; *len is without it. */
static bool decode_checked(rh_chain *chain, const char *text, size_t text_len,
                           uint8_t out[RH_BASE58_MAX_BYTES], size_t *len)
{
    uint8_t sum[CHECKSUM];

    if (!rh_base58_decode(text, text_len, out, len) || *len <= CHECKSUM)
        return false;
    *len -= CHECKSUM;
    rh_sha256d_of(chain->sha, out, *len, sum);
    return memcmp(sum, out + *len, CHECKSUM) == 0;
}

static bool parse_base58check(rh_chain *chain, const char *text, size_t len, rh_chain_parts *out)
{
    uint8_t data[RH_BASE58_MAX_BYTES];
    size_t bytes;

    if (len < 25 || len > 36 || !decode_checked(chain, text, len, data, &bytes) ||
        bytes != 1 + HASH160)
        return false;
    out->form = RH_CHAIN_BASE58CHECK;
    out->version = data[0];
    out->id_bytes = HASH160;
    memcpy(out->id, data + 1, HASH160);
    return true;
}

static size_t format_base58check(rh_chain *chain, const rh_chain_parts *parts, char *out)
{
    uint8_t data[1 + HASH160 + CHECKSUM];
    char text[RH_BASE58_MAX_TEXT];

    data[0] = parts->version;
    memcpy(data + 1, parts->id, HASH160);
    rh_sha256d_of(chain->sha, data, 1 + HASH160, data + 1 + HASH160);

    size_t len = rh_base58_encode(data, sizeof data, text);

    memcpy(out, text, len);
    return len;
}

static bool parse_solana(const char *text, size_t len, rh_chain_parts *out)
{
    uint8_t data[RH_BASE58_MAX_BYTES];
    size_t bytes;

    if (len < 32 || len > 44 || !rh_base58_decode(text, len, data, &bytes) || bytes != HASH256)
        return false;
    out->form = RH_CHAIN_SOLANA;
    out->id_bytes = HASH256;
    memcpy(out->id, data, HASH256);
    return true;
}

/* ---- bech32 ---- */

static bool is_segwit_prefix(const char *hrp)
{
    return strcmp(hrp, "bc") == 0 || strcmp(hrp, "tb") == 0 || strcmp(hrp, "bcrt") == 0;
}

static bool parse_bech32(unsigned forms, const char *text, size_t len, rh_chain_parts *out)
{
    uint8_t id[RH_BECH32_MAX_VALUES];
    rh_bech32 *b = &out->bech32;

    if (!rh_bech32_decode(text, len, b))
        return false;

    bool segwit = is_segwit_prefix(b->hrp);
    size_t skip = segwit ? 1 : 0;

    if (b->count <= skip || (forms & (segwit ? RH_CHAIN_SEGWIT : RH_CHAIN_BECH32)) == 0 ||
        !rh_bech32_to_bytes(b->values + skip, b->count - skip, id, &out->id_bytes))
        return false;
    out->form = segwit ? RH_CHAIN_SEGWIT : RH_CHAIN_BECH32;
    out->version = segwit ? b->values[0] : 0;
    if (out->id_bytes != HASH256 && out->id_bytes != HASH160)
        return false;
    /* Version 0 has the old checksum, 1 to 16 the new one (BIP 350). */
    if (segwit && (out->version > 16 || b->modified != (out->version > 0)))
        return false;
    memcpy(out->id, id, out->id_bytes);
    return true;
}

static size_t format_bech32(const rh_chain_parts *parts, char *out)
{
    rh_bech32 b = parts->bech32;
    size_t skip = parts->form == RH_CHAIN_SEGWIT ? 1 : 0;

    b.values[0] = parts->version;
    b.count = skip + rh_bech32_from_bytes(parts->id, parts->id_bytes, b.values + skip);
    return rh_bech32_encode(&b, out);
}

/* ---- hexadecimal ---- */

/* EIP-55: a letter is a capital where the nibble of the Keccak-256 of the lower text is above 7. */
static void apply_eip55(char digits[2 * HASH160])
{
    uint8_t hash[32];

    rh_keccak_256(digits, 2 * HASH160, hash);
    for (size_t i = 0; i < 2 * HASH160; i++) {
        unsigned nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 15U;

        if (digits[i] >= 'a' && nibble > 7)
            digits[i] = (char)(digits[i] - 0x20);
    }
}

static bool parse_hex(unsigned forms, const char *text, size_t len, rh_chain_parts *out)
{
    char digits[2 * HASH256 + 1];
    bool lower = false;
    bool upper = false;

    out->hex_prefix = len > 2 && text[0] == '0' && text[1] == 'x';
    text += out->hex_prefix ? 2 : 0;
    len -= out->hex_prefix ? 2 : 0;
    if (!(len == 2 * HASH160 && (forms & RH_CHAIN_EVM) != 0) &&
        !(len == 2 * HASH256 && (forms & RH_CHAIN_HASH) != 0))
        return false;
    out->id_bytes = len / 2;
    if (rh_hex_decode(text, len / 2, out->id) != 0)
        return false;
    for (size_t i = 0; i < len; i++) {
        lower |= text[i] >= 'a';
        upper |= text[i] >= 'A' && text[i] <= 'F';
    }
    out->form = len == 2 * HASH160 ? RH_CHAIN_EVM : RH_CHAIN_HASH;
    out->hex_case = upper ? 'u' : 'l';
    if (out->form == RH_CHAIN_EVM && upper) {
        rh_hex_encode(out->id, HASH160, digits);
        apply_eip55(digits);
        if (memcmp(digits, text, len) == 0)
            out->hex_case = 'm';
    }
    return !(lower && upper) || out->hex_case == 'm';
}

static size_t format_hex(const rh_chain_parts *parts, char *out)
{
    char digits[2 * HASH256 + 1];
    size_t len = 2 * parts->id_bytes;
    size_t skip = parts->hex_prefix ? 2 : 0;

    rh_hex_encode(parts->id, parts->id_bytes, digits);
    if (parts->hex_case == 'm')
        apply_eip55(digits);
    for (size_t i = 0; parts->hex_case == 'u' && i < len; i++)
        digits[i] = (char)(digits[i] >= 'a' ? digits[i] - 0x20 : digits[i]);
    memcpy(out, "0x", skip);
    memcpy(out + skip, digits, len);
    return skip + len;
}

/* ---- all forms ---- */

bool rh_chain_parse(rh_chain *chain, unsigned forms, const char *text, size_t len,
                    rh_chain_parts *out)
{
    memset(out, 0, sizeof *out);
    return ((forms & (RH_CHAIN_EVM | RH_CHAIN_HASH)) != 0 && parse_hex(forms, text, len, out)) ||
           ((forms & (RH_CHAIN_SEGWIT | RH_CHAIN_BECH32)) != 0 &&
            parse_bech32(forms, text, len, out)) ||
           ((forms & RH_CHAIN_BASE58CHECK) != 0 && parse_base58check(chain, text, len, out)) ||
           ((forms & RH_CHAIN_SOLANA) != 0 && parse_solana(text, len, out));
}

size_t rh_chain_format(rh_chain *chain, const rh_chain_parts *parts, char out[RH_CHAIN_MAX_TEXT])
{
    char text[RH_BASE58_MAX_TEXT];
    size_t len;

    switch (parts->form) {
    case RH_CHAIN_BASE58CHECK:
        return format_base58check(chain, parts, out);
    case RH_CHAIN_SOLANA:
        len = rh_base58_encode(parts->id, HASH256, text);
        memcpy(out, text, len);
        return len;
    case RH_CHAIN_SEGWIT:
    case RH_CHAIN_BECH32:
        return format_bech32(parts, out);
    default:
        return format_hex(parts, out);
    }
}

bool rh_chain_map_id(rh_chain *chain, uint8_t *id, size_t bytes)
{
    if (bytes != HASH160 && bytes != HASH256)
        return false;
    rh_wide_perm_map(bytes == HASH160 ? chain->by_20 : chain->by_32, id, bytes, 1);
    return true;
}

bool rh_chain_map(rh_chain *chain, unsigned forms, const char *text, size_t len,
                  char out[RH_CHAIN_MAX_TEXT], size_t *out_len)
{
    rh_chain_parts parts;

    if (!rh_chain_parse(chain, forms, text, len, &parts) ||
        !rh_chain_map_id(chain, parts.id, parts.id_bytes))
        return false;
    *out_len = rh_chain_format(chain, &parts, out);
    return true;
}

bool rh_chain_is_secret(rh_chain *chain, const char *text, size_t len)
{
    static const uint8_t private_versions[][4] = {
        {0x04, 0x88, 0xad, 0xe4}, {0x04, 0x9d, 0x78, 0x78}, {0x04, 0xb2, 0x43, 0x0c},
        {0x04, 0x35, 0x83, 0x94}, {0x04, 0x4a, 0x4e, 0x28}, {0x04, 0x5f, 0x18, 0xbc},
        {0x02, 0x95, 0xb0, 0x05}, {0x02, 0xaa, 0x7a, 0x99},
    };
    uint8_t data[RH_BASE58_MAX_BYTES];
    size_t bytes;

    if (len < 50 || len > 113 || !decode_checked(chain, text, len, data, &bytes))
        return false;
    if (bytes == 33 || (bytes == 34 && data[33] == 1))
        return data[0] >= 0x80; /* WIF: a version above 127, 32 bytes, 1 if compressed */
    if (bytes != 78)
        return false;
    for (size_t i = 0; i < sizeof private_versions / sizeof private_versions[0]; i++) {
        if (memcmp(data, private_versions[i], 4) == 0)
            return true;
    }
    return false;
}
