#include "ledger/script.h"

#include <stdbool.h>

enum {
    OP_0 = 0x00,
    OP_1 = 0x51,
    OP_16 = 0x60,
    OP_RETURN = 0x6a,
    OP_DUP = 0x76,
    OP_EQUAL = 0x87,
    OP_EQUALVERIFY = 0x88,
    OP_HASH160 = 0xa9,
    OP_CHECKSIG = 0xac,
    OP_CHECKMULTISIG = 0xae,
    HASH160 = 20,
    HASH256 = 32,
    COMPRESSED = 33,
    UNCOMPRESSED = 65,
};

static void set(rh_script *out, rh_script_kind kind, const uint8_t *program, size_t len)
{
    out->kind = kind;
    out->program = program;
    out->program_len = len;
}

/* The push of a public key at s; 0 when there is none. */
static size_t key_push(const uint8_t *s, size_t left)
{
    if (left > COMPRESSED && s[0] == COMPRESSED && (s[1] == 2 || s[1] == 3))
        return COMPRESSED;
    if (left > UNCOMPRESSED && s[0] == UNCOMPRESSED && s[1] == 4)
        return UNCOMPRESSED;
    return 0;
}

/* m, keys, n, OP_CHECKMULTISIG. Counterparty hides data in keys: only lengths are looked at. */
static bool read_multisig(const uint8_t *s, size_t len, rh_script *out)
{
    size_t at = 1;
    uint8_t count = 0;

    if (len < 3 + 1 + COMPRESSED || s[0] < OP_1 || s[0] > OP_16 || s[len - 1] != OP_CHECKMULTISIG)
        return false;
    while (at < len - 2 && count < RH_SCRIPT_MAX_KEYS) {
        size_t key = s[at];

        if ((key != COMPRESSED && key != UNCOMPRESSED) || len - 2 - at < 1 + key)
            return false;
        out->keys[count].data = s + at + 1;
        out->keys[count++].len = key;
        at += 1 + key;
    }
    if (at != len - 2 || s[at] != OP_1 + count - 1 || s[0] - OP_1 + 1 > count)
        return false;
    out->kind = RH_SCRIPT_MULTISIG;
    out->keys_needed = (uint8_t)(s[0] - OP_1 + 1);
    out->key_count = count;
    return true;
}

/* A version and one push of 2 to 40 bytes (BIP 141). */
static bool read_witness(const uint8_t *s, size_t len, rh_script *out)
{
    if (len < 4 || len > 42 || (s[0] != OP_0 && (s[0] < OP_1 || s[0] > OP_16)) || s[1] != len - 2)
        return false;
    out->witness_version = s[0] == OP_0 ? 0 : (uint8_t)(s[0] - OP_1 + 1);
    if (out->witness_version == 0 && len - 2 == HASH160)
        set(out, RH_SCRIPT_WITNESS_KEY_HASH, s + 2, HASH160);
    else if (out->witness_version == 0 && len - 2 == HASH256)
        set(out, RH_SCRIPT_WITNESS_HASH, s + 2, HASH256);
    else if (out->witness_version == 1 && len - 2 == HASH256)
        set(out, RH_SCRIPT_TAPROOT, s + 2, HASH256);
    else if (out->witness_version != 0)
        set(out, RH_SCRIPT_WITNESS_OTHER, s + 2, len - 2);
    else
        return false;
    return true;
}

void rh_script_read(const uint8_t *s, size_t len, rh_script *out)
{
    size_t key;

    *out = (rh_script){.kind = RH_SCRIPT_OTHER};
    if (len == 25 && s[0] == OP_DUP && s[1] == OP_HASH160 && s[2] == HASH160 &&
        s[23] == OP_EQUALVERIFY && s[24] == OP_CHECKSIG)
        set(out, RH_SCRIPT_KEY_HASH, s + 3, HASH160);
    else if (len == 23 && s[0] == OP_HASH160 && s[1] == HASH160 && s[22] == OP_EQUAL)
        set(out, RH_SCRIPT_HASH, s + 2, HASH160);
    else if (len > 0 && s[0] == OP_RETURN)
        set(out, RH_SCRIPT_RETURN, s + 1, len - 1);
    else if ((key = key_push(s, len)) != 0 && len == key + 2 && s[len - 1] == OP_CHECKSIG)
        set(out, RH_SCRIPT_KEY, s + 1, key);
    else if (!read_witness(s, len, out))
        (void)read_multisig(s, len, out);
}

const char *rh_script_kind_name(rh_script_kind kind)
{
    static const char *const names[] = {
        [RH_SCRIPT_OTHER] = "other",
        [RH_SCRIPT_KEY] = "p2pk",
        [RH_SCRIPT_KEY_HASH] = "p2pkh",
        [RH_SCRIPT_HASH] = "p2sh",
        [RH_SCRIPT_WITNESS_KEY_HASH] = "p2wpkh",
        [RH_SCRIPT_WITNESS_HASH] = "p2wsh",
        [RH_SCRIPT_TAPROOT] = "p2tr",
        [RH_SCRIPT_WITNESS_OTHER] = "witness",
        [RH_SCRIPT_MULTISIG] = "multisig",
        [RH_SCRIPT_RETURN] = "op_return",
    };

    return names[kind];
}
