/*
 * Hashes by purpose. The digests cannot fail as seen by callers: where libcrypto could (it
 * allocates inside), libsodium's slower code takes over.
 */
#include "core/hash.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#include "blake2b_four.h"
#include "core/bytes.h"
#include "core/clock.h"
#include "core/mem.h"

enum {
    STATE_ALIGNMENT = 64,    /* what crypto_generichash_state asks for */
    DERIVE_BLOCK_BYTES = 64, /* BLAKE2b-512 */
    CONTEXT_BYTES = 16,
    TRIAL_BYTES = 16 * 1024, /* a chunk */
    TRIALS = 4,
    FOUR_FROM = 3, /* messages: idle lanes cost as much as busy ones */
};

/*
 * libcrypto's BLAKE2b, set once by rh_crypto_start where it is the faster one. Which of the two is
 * depends on the processor: on 16 KiB of one machine 1.3 GB/s against libsodium's 0.7, on another
 * 0.57 against 0.77. NULL: libsodium does all.
 */
static EVP_MAC *blake2b_mac;
static bool blake2b_chosen;
static bool blake2b_four; /* several at a time: our own code, checked against libsodium's */

struct rh_hasher {
    rh_hash_kind kind;
    bool keyed;
    uint8_t key[RH_ID_KEY_BYTES];
    crypto_generichash_state *blake; /* inside block */
    EVP_MD_CTX *sha;
    void *block;
};

/* The keyed hash by libcrypto: BLAKE2b has one definition, both libraries give the same value. */
static bool hash_id_libcrypto(EVP_MAC *with, const uint8_t key[RH_ID_KEY_BYTES], const void *data,
                              size_t len, rh_id *out)
{
    size_t size = RH_ID_BYTES;
    const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_size_t(OSSL_MAC_PARAM_SIZE, &size),
                                     OSSL_PARAM_construct_end()};
    EVP_MAC_CTX *mac = EVP_MAC_CTX_new(with);
    bool good = mac != NULL && EVP_MAC_init(mac, key, RH_ID_KEY_BYTES, parameters) == 1 &&
                EVP_MAC_update(mac, data, len) == 1 &&
                EVP_MAC_final(mac, out->bytes, &size, RH_ID_BYTES) == 1 && size == RH_ID_BYTES;

    EVP_MAC_CTX_free(mac);
    return good;
}

static int64_t time_once(EVP_MAC *with, const uint8_t *data, rh_id *id)
{
    const uint8_t key[RH_ID_KEY_BYTES] = {0};
    int64_t started = rh_clock_mono_us();

    if (with == NULL)
        (void)crypto_generichash(id->bytes, RH_ID_BYTES, data, TRIAL_BYTES, key, RH_ID_KEY_BYTES);
    else if (!hash_id_libcrypto(with, key, data, TRIAL_BYTES, id))
        return INT64_MAX;
    return rh_clock_mono_us() - started;
}

/* A third of a millisecond that pays off with the first hundred chunks. */
static void choose_blake2b(void)
{
    static const uint8_t data[TRIAL_BYTES];
    EVP_MAC *libcrypto = EVP_MAC_fetch(NULL, "BLAKE2BMAC", NULL);
    int64_t best[2] = {INT64_MAX, INT64_MAX};
    rh_id ids[2] = {{{0}}, {{1}}};

    for (int i = 0; libcrypto != NULL && i < TRIALS; i++) {
        int64_t sodium_us = time_once(NULL, data, &ids[0]);
        int64_t libcrypto_us = time_once(libcrypto, data, &ids[1]);

        best[0] = sodium_us < best[0] ? sodium_us : best[0];
        best[1] = libcrypto_us < best[1] ? libcrypto_us : best[1];
    }
    if (best[1] < best[0] && memcmp(&ids[0], &ids[1], sizeof ids[0]) == 0)
        blake2b_mac = libcrypto;
    else
        EVP_MAC_free(libcrypto);
}

/* Lengths on both sides of a block's end. */
static bool four_agrees(void)
{
    static const uint8_t key[RH_ID_KEY_BYTES] = {1, 2, 3};
    static const uint8_t data[300] = {4, 5, 6};
    static const size_t lengths[] = {0, 1, 127, 128, 129, 256, 300};
    rh_hash_input inputs[sizeof lengths / sizeof lengths[0]];
    rh_id ids[sizeof lengths / sizeof lengths[0]];
    rh_id id;
    bool same = true;

    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        inputs[i] = (rh_hash_input){data, lengths[i]};
    rh_blake2b_four(key, inputs, sizeof lengths / sizeof lengths[0], ids);
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        (void)crypto_generichash(id.bytes, RH_ID_BYTES, data, lengths[i], key, RH_ID_KEY_BYTES);
        same = same && memcmp(&id, &ids[i], sizeof id) == 0;
    }
    return same;
}

rh_status rh_crypto_start(rh_error *err)
{
    if (sodium_init() < 0)
        return rh_error_set(err, RH_EUNSUPPORTED, "libsodium cannot be started");
    if (!blake2b_chosen)
        choose_blake2b();
    if (!blake2b_chosen)
        blake2b_four = rh_blake2b_four_here() && four_agrees();
    blake2b_chosen = true;
    return RH_OK;
}

void rh_hash_id(const uint8_t key[RH_ID_KEY_BYTES], const void *data, size_t len, rh_id *out)
{
    if (blake2b_mac != NULL && hash_id_libcrypto(blake2b_mac, key, data, len, out))
        return;
    (void)crypto_generichash(out->bytes, RH_ID_BYTES, data, len, key, RH_ID_KEY_BYTES);
}

void rh_hash_ids(const uint8_t key[RH_ID_KEY_BYTES], const rh_hash_input *inputs, size_t count,
                 rh_id *out)
{
    if (blake2b_four && count >= FOUR_FROM) {
        rh_blake2b_four(key, inputs, count, out);
        return;
    }
    for (size_t i = 0; i < count; i++)
        rh_hash_id(key, inputs[i].data, inputs[i].len, &out[i]);
}

void rh_hash_stored(const void *data, size_t len, uint8_t out[RH_STORED_HASH_BYTES])
{
    (void)crypto_generichash(out, RH_STORED_HASH_BYTES, data, len, NULL, 0);
}

void rh_hash_blake2b(const void *data, size_t len, uint8_t out[RH_ID_BYTES])
{
    (void)crypto_generichash(out, RH_ID_BYTES, data, len, NULL, 0);
}

void rh_hash_sha256(const void *data, size_t len, uint8_t out[32])
{
    if (EVP_Digest(data, len, out, NULL, EVP_sha256(), NULL) != 1)
        (void)crypto_hash_sha256(out, data, len);
}

/*
 * Counter mode, part of the repository format: block i, of 64 bytes, is
 * BLAKE2b-512(key = key, data = context || i as 32 bits little-endian); the last block is cut.
 */
void rh_hash_derive(const uint8_t key[RH_ID_KEY_BYTES], const char *context, void *out, size_t len)
{
    uint8_t input[CONTEXT_BYTES + 4];
    uint8_t block[DERIVE_BLOCK_BYTES];
    uint8_t *at = out;
    size_t context_len = strnlen(context, CONTEXT_BYTES);

    memcpy(input, context, context_len);
    for (uint32_t i = 0; len > 0; i++) {
        size_t part = len < sizeof block ? len : sizeof block;

        rh_put_u32(input + context_len, i);
        (void)crypto_generichash(block, sizeof block, input, context_len + 4, key, RH_ID_KEY_BYTES);
        memcpy(at, block, part);
        at += part;
        len -= part;
    }
    sodium_memzero(block, sizeof block);
}

/* ---- texts ---- */

void rh_u128_add(rh_u128 *sum, rh_u128 value)
{
    sum->low += value.low;
    sum->high += value.high + (sum->low < value.low ? 1 : 0);
}

void rh_u128_hex(rh_u128 value, char out[33])
{
    uint8_t bytes[16];

    for (size_t i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)(value.high >> (56 - 8 * i));
        bytes[8 + i] = (uint8_t)(value.low >> (56 - 8 * i));
    }
    rh_hex_encode(bytes, sizeof bytes, out);
}

rh_status rh_u128_parse(const char *hex, rh_u128 *out, rh_error *err)
{
    uint8_t bytes[16];
    rh_u128 value = {0, 0};

    if (strlen(hex) != 32 || rh_hex_decode(hex, sizeof bytes, bytes) != 0)
        return rh_error_set(err, RH_EFORMAT, "'%.40s' is not a sum of 32 hex digits", hex);
    for (size_t i = 0; i < 8; i++) {
        value.high = value.high << 8 | bytes[i];
        value.low = value.low << 8 | bytes[8 + i];
    }
    *out = value;
    return RH_OK;
}

void rh_id_hex(const rh_id *id, char out[RH_ID_HEX_BYTES])
{
    rh_hex_encode(id->bytes, RH_ID_BYTES, out);
}

rh_status rh_id_parse(const char *hex, rh_id *out, rh_error *err)
{
    rh_id id;

    if (strlen(hex) != 2 * RH_ID_BYTES || rh_hex_decode(hex, RH_ID_BYTES, id.bytes) != 0)
        return rh_error_set(err, RH_EFORMAT, "'%.70s' is not an id of 64 hex digits", hex);
    *out = id;
    return RH_OK;
}

/* ---- incremental ---- */

static bool start_blake(rh_hasher *hasher)
{
    size_t size = crypto_generichash_statebytes();

    hasher->block = rh_mem_alloc(size + STATE_ALIGNMENT);
    if (hasher->block == NULL)
        return false;

    uintptr_t address = (uintptr_t)hasher->block;
    size_t shift = (STATE_ALIGNMENT - address % STATE_ALIGNMENT) % STATE_ALIGNMENT;

    hasher->blake = (crypto_generichash_state *)((uint8_t *)hasher->block + shift);
    return crypto_generichash_init(hasher->blake, hasher->keyed ? hasher->key : NULL,
                                   hasher->keyed ? RH_ID_KEY_BYTES : 0, RH_ID_BYTES) == 0;
}

rh_hasher *rh_hasher_new(rh_hash_kind kind, const uint8_t *key_or_null)
{
    bool good = false;
    rh_hasher *hasher = rh_mem_zalloc(sizeof *hasher);

    if (hasher == NULL)
        return NULL;
    hasher->kind = kind;
    hasher->keyed = key_or_null != NULL;
    if (hasher->keyed)
        memcpy(hasher->key, key_or_null, RH_ID_KEY_BYTES);
    if (kind == RH_HASH_SHA256) {
        hasher->sha = EVP_MD_CTX_new();
        good = hasher->sha != NULL && EVP_DigestInit_ex(hasher->sha, EVP_sha256(), NULL) == 1;
    } else {
        good = start_blake(hasher);
    }
    if (!good) {
        rh_hasher_free(hasher);
        return NULL;
    }
    return hasher;
}

void rh_hasher_add(rh_hasher *hasher, const void *data, size_t len)
{
    if (hasher->sha != NULL)
        (void)EVP_DigestUpdate(hasher->sha, data, len); /* SHA-256 has no failing path here */
    else
        (void)crypto_generichash_update(hasher->blake, data, len);
}

void rh_hasher_end(rh_hasher *hasher, uint8_t out[RH_HASH_MAX_BYTES])
{
    memset(out, 0, RH_HASH_MAX_BYTES);
    if (hasher->sha != NULL)
        (void)EVP_DigestFinal_ex(hasher->sha, out, NULL);
    else
        (void)crypto_generichash_final(hasher->blake, out, RH_ID_BYTES);
}

void rh_hasher_free(rh_hasher *hasher)
{
    if (hasher == NULL)
        return;
    EVP_MD_CTX_free(hasher->sha);
    if (hasher->block != NULL)
        rh_mem_wipe_free(hasher->block, crypto_generichash_statebytes() + STATE_ALIGNMENT);
    rh_mem_wipe_free(hasher, sizeof *hasher);
}

void rh_random(void *out, size_t len)
{
    randombytes_buf(out, len);
}
