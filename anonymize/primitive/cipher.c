/*
 * AES by the processor, else through one EVP context per key, else in plain C: the same bytes.
 * Measured: libcrypto (OpenSSL 3.0) takes 12 to 40 ns per call up to 8 blocks, 790 M blocks/s from
 * 16 blocks on, EVP_Cipher() is no faster; the instructions themselves take 15 ns for a block.
 */
#include "anonymize/cipher.h"

#include <limits.h>
#include <openssl/evp.h>
#include <string.h>

#include "cipher_native.h"
#include "cipher_portable.h"
#include "core/mem.h"
#include "wide.h"

enum {
    CHUNK_BLOCKS = 1 << 16, /* per libcrypto call, which counts bytes in an int */
    KNOWN_LENGTHS = 65,     /* of rh_cipher_mac, whose first block says the length only */
};

struct rh_cipher {
    unsigned native;     /* blocks per instruction; not 0: evp is not needed */
    EVP_CIPHER_CTX *evp; /* NULL: libcrypto would not, the schedule does all */
    rh_aes_schedule schedule;
    uint8_t starts[KNOWN_LENGTHS][RH_CIPHER_BLOCK]; /* state behind the first block, by length */
};

/* A context for the key, or NULL. */
static EVP_CIPHER_CTX *open_evp(const uint8_t *key, size_t key_bytes)
{
    const EVP_CIPHER *kind = key_bytes == 16   ? EVP_aes_128_ecb()
                             : key_bytes == 24 ? EVP_aes_192_ecb()
                                               : EVP_aes_256_ecb();
    EVP_CIPHER_CTX *evp = EVP_CIPHER_CTX_new();

    if (evp == NULL)
        return NULL;
    if (EVP_EncryptInit_ex2(evp, kind, key, NULL, NULL) != 1 ||
        EVP_CIPHER_CTX_set_padding(evp, 0) != 1) {
        EVP_CIPHER_CTX_free(evp);
        return NULL;
    }
    return evp;
}

/* The first block of rh_cipher_mac: eight zeros, eight bytes of length. */
static void put_length(uint64_t len, uint8_t block[RH_CIPHER_BLOCK])
{
    memset(block, 0, RH_CIPHER_BLOCK);
    store_be64(block + 8, len);
}

rh_status rh_cipher_new(const uint8_t *key, size_t key_bytes, rh_cipher **out, rh_error *err)
{
    if (key_bytes != 16 && key_bytes != 24 && key_bytes != 32)
        return rh_error_set(err, RH_EKEY, "an AES key has 16, 24 or 32 bytes, not %zu", key_bytes);

    rh_cipher *cipher = rh_mem_zalloc(sizeof *cipher);

    if (cipher == NULL)
        return rh_error_oom(err);
    rh_aes_schedule_init(&cipher->schedule, key, key_bytes);
    cipher->native = rh_aes_native_width();
    if (cipher->native == 0)
        cipher->evp = open_evp(key, key_bytes);
    for (size_t i = 0; i < KNOWN_LENGTHS; i++)
        put_length(i, cipher->starts[i]);
    rh_cipher_encrypt(cipher, cipher->starts[0], cipher->starts[0], KNOWN_LENGTHS);
    *out = cipher;
    return RH_OK;
}

rh_status rh_cipher_new_for(const rh_mask_key *master, const char *domain, const char *purpose,
                            rh_cipher **out, rh_error *err)
{
    rh_mask_key key;

    rh_mask_key_derive(master, domain, purpose, &key);

    rh_status status = rh_cipher_new(key.bytes, 16, out, err);

    rh_mask_key_wipe(&key);
    return status;
}

void rh_cipher_free(rh_cipher *cipher)
{
    if (cipher == NULL)
        return;
    EVP_CIPHER_CTX_free(cipher->evp);
    rh_mem_wipe_free(cipher, sizeof *cipher);
}

void rh_cipher_force_portable(rh_cipher *cipher)
{
    EVP_CIPHER_CTX_free(cipher->evp);
    cipher->evp = NULL;
    cipher->native = 0;
}

void rh_cipher_force_libcrypto(rh_cipher *cipher, const uint8_t *key)
{
    rh_cipher_force_portable(cipher);
    cipher->evp = open_evp(key, 4 * ((size_t)cipher->schedule.rounds - 6));
}

const rh_aes_schedule *rh_cipher_wide_schedule(const rh_cipher *cipher)
{
    return cipher->native > 1 ? &cipher->schedule : NULL;
}

void rh_cipher_encrypt(rh_cipher *cipher, const uint8_t *in, uint8_t *out, size_t blocks)
{
    if (cipher->native > 0) {
        rh_aes_native_encrypt(&cipher->schedule, cipher->native, in, out, blocks);
        return;
    }
    while (blocks > 0) {
        size_t part = blocks < CHUNK_BLOCKS ? blocks : CHUNK_BLOCKS;
        int length = (int)(part * RH_CIPHER_BLOCK);
        int done = 0;

        if (cipher->evp == NULL || EVP_EncryptUpdate(cipher->evp, out, &done, in, length) != 1 ||
            done != length) {
            for (size_t i = 0; i < part; i++)
                rh_aes_schedule_encrypt(&cipher->schedule, in + 16 * i, out + 16 * i);
        }
        in += part * RH_CIPHER_BLOCK;
        out += part * RH_CIPHER_BLOCK;
        blocks -= part;
    }
}

void rh_cipher_mac(rh_cipher *cipher, const void *data, size_t len, uint8_t out[RH_CIPHER_BLOCK])
{
    const uint8_t *at = data;
    uint8_t state[RH_CIPHER_BLOCK];

    if (len < KNOWN_LENGTHS) {
        memcpy(state, cipher->starts[len], sizeof state);
    } else {
        put_length(len, state);
        rh_cipher_encrypt(cipher, state, state, 1);
    }
    for (; len >= RH_CIPHER_BLOCK; at += RH_CIPHER_BLOCK, len -= RH_CIPHER_BLOCK) {
        store_wide(state, load_wide(state) ^ load_wide(at));
        rh_cipher_encrypt(cipher, state, state, 1);
    }
    while (len > 0) {
        size_t part = len < RH_CIPHER_BLOCK ? len : RH_CIPHER_BLOCK;

        for (size_t i = 0; i < part; i++)
            state[i] ^= at[i];
        rh_cipher_encrypt(cipher, state, state, 1);
        at += part;
        len -= part;
    }
    memcpy(out, state, RH_CIPHER_BLOCK);
}
