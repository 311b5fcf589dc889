#include "ledger/script.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "core/base58.h"
#include "core/bech32.h"
#include "core/hash.h"

enum { HASH160 = 20, KEY_ADDRESS_TEXT = 36 };

static size_t base58check(rh_sha256d *sha, uint8_t version, const uint8_t hash[HASH160], char *out)
{
    uint8_t data[1 + HASH160 + 4];
    char text[RH_BASE58_MAX_TEXT];
    size_t len;

    data[0] = version;
    memcpy(data + 1, hash, HASH160);
    rh_sha256d_of(sha, data, 1 + HASH160, data + 1 + HASH160);
    len = rh_base58_encode(data, sizeof data, text);
    memcpy(out, text, len);
    out[len] = '\0';
    return len;
}

static size_t segwit(const rh_network *network, const rh_script *script, char *out)
{
    rh_bech32 parts = {.modified = script->witness_version != 0};
    size_t len;

    (void)snprintf(parts.hrp, sizeof parts.hrp, "%s", network->prefix);
    parts.values[0] = script->witness_version;
    parts.count = 1 + rh_bech32_from_bytes(script->program, script->program_len, parts.values + 1);
    len = rh_bech32_encode(&parts, out);
    out[len] = '\0';
    return len;
}

/* RIPEMD-160 of SHA-256. False where libcrypto was built without it. */
static bool hash160(const uint8_t *data, size_t len, uint8_t out[HASH160])
{
    uint8_t once[32];
    unsigned bytes = 0;

    rh_hash_sha256(data, len, once);
    return EVP_Digest(once, sizeof once, out, &bytes, EVP_ripemd160(), NULL) == 1 &&
           bytes == HASH160;
}

static void insert_sorted(char (*keys)[KEY_ADDRESS_TEXT], size_t count, const char *text)
{
    size_t at = count;

    while (at > 0 && strcmp(keys[at - 1], text) > 0) {
        memcpy(keys[at], keys[at - 1], KEY_ADDRESS_TEXT);
        at--;
    }
    memcpy(keys[at], text, strlen(text) + 1);
}

static size_t multisig(rh_sha256d *sha, const rh_network *network, const rh_script *script,
                       char *out)
{
    char keys[RH_SCRIPT_MAX_KEYS][KEY_ADDRESS_TEXT];
    uint8_t hash[HASH160];
    size_t len;

    for (size_t i = 0; i < script->key_count; i++) {
        char text[KEY_ADDRESS_TEXT];

        if (!hash160(script->keys[i].data, script->keys[i].len, hash))
            return 0;
        (void)base58check(sha, network->key_version, hash, text);
        insert_sorted(keys, i, text);
    }
    len = (size_t)snprintf(out, 4, "%u", (unsigned)script->keys_needed);
    for (size_t i = 0; i < script->key_count; i++) {
        size_t key = strlen(keys[i]);

        out[len++] = '_';
        memcpy(out + len, keys[i], key);
        len += key;
    }
    return len + (size_t)snprintf(out + len, 4, "_%u", (unsigned)script->key_count);
}

size_t rh_script_address(rh_sha256d *sha, const rh_network *network, const rh_script *script,
                         char out[RH_SCRIPT_ADDRESS_TEXT])
{
    out[0] = '\0';
    switch (script->kind) {
    case RH_SCRIPT_KEY_HASH:
        return base58check(sha, network->key_version, script->program, out);
    case RH_SCRIPT_HASH:
        return base58check(sha, network->script_version, script->program, out);
    case RH_SCRIPT_WITNESS_KEY_HASH:
    case RH_SCRIPT_WITNESS_HASH:
    case RH_SCRIPT_TAPROOT:
    case RH_SCRIPT_WITNESS_OTHER:
        return segwit(network, script, out);
    case RH_SCRIPT_MULTISIG:
        return multisig(sha, network, script, out);
    case RH_SCRIPT_OTHER:
    case RH_SCRIPT_KEY:
    case RH_SCRIPT_RETURN:
        break;
    }
    return 0;
}
