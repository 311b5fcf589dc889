/*
 * Sealing with libsodium. The nonce of a frame is its number: that is safe because every pack has a
 * random key of its own and a number is used once in it.
 */
#include "core/seal.h"

#include <sodium.h>
#include <string.h>

#include "core/bytes.h"

_Static_assert(RH_SEAL_WRAPPED_BYTES == crypto_box_SEALBYTES + RH_SEAL_KEY_BYTES, "wrapped size");
_Static_assert(RH_SEAL_TAG_BYTES == crypto_aead_chacha20poly1305_IETF_ABYTES, "tag size");
_Static_assert(RH_SEAL_KEY_BYTES == crypto_aead_chacha20poly1305_IETF_KEYBYTES, "key size");
_Static_assert(RH_SEAL_PUBLIC_BYTES == crypto_box_PUBLICKEYBYTES, "public key size");
_Static_assert(RH_SEAL_SECRET_BYTES == crypto_box_SECRETKEYBYTES, "secret key size");

enum { NONCE_BYTES = crypto_aead_chacha20poly1305_IETF_NPUBBYTES };

void rh_seal_pair_new(rh_seal_pair *out)
{
    (void)crypto_box_keypair(out->public_key, out->secret_key);
}

rh_status rh_seal_wrap(const uint8_t public_key[RH_SEAL_PUBLIC_BYTES],
                       const uint8_t key[RH_SEAL_KEY_BYTES], uint8_t out[RH_SEAL_WRAPPED_BYTES],
                       rh_error *err)
{
    uint8_t wrapped[RH_SEAL_WRAPPED_BYTES];

    if (crypto_box_seal(wrapped, key, RH_SEAL_KEY_BYTES, public_key) != 0)
        return rh_error_set(err, RH_EKEY, "the public key is not usable");
    memcpy(out, wrapped, sizeof wrapped);
    return RH_OK;
}

rh_status rh_seal_unwrap(const rh_seal_pair *pair, const uint8_t wrapped[RH_SEAL_WRAPPED_BYTES],
                         uint8_t out[RH_SEAL_KEY_BYTES], rh_error *err)
{
    uint8_t key[RH_SEAL_KEY_BYTES];

    if (crypto_box_seal_open(key, wrapped, RH_SEAL_WRAPPED_BYTES, pair->public_key,
                             pair->secret_key) != 0)
        return rh_error_set(err, RH_EKEY, "the key does not open this seal");
    memcpy(out, key, sizeof key);
    sodium_memzero(key, sizeof key);
    return RH_OK;
}

static void nonce_of(uint64_t number, uint8_t nonce[NONCE_BYTES])
{
    memset(nonce, 0, NONCE_BYTES);
    rh_put_u64(nonce, number);
}

/* NOLINTNEXTLINE(readability-function-size): key, number and two byte strings in, one out */
void rh_seal_frame(const uint8_t key[RH_SEAL_KEY_BYTES], uint64_t number, const void *ad,
                   size_t ad_len, const void *frame, size_t len, uint8_t *out)
{
    uint8_t nonce[NONCE_BYTES];

    nonce_of(number, nonce);
    (void)crypto_aead_chacha20poly1305_ietf_encrypt(out, NULL, frame, len, ad, ad_len, NULL, nonce,
                                                    key);
}

/* NOLINTNEXTLINE(readability-function-size): as above, and the error */
rh_status rh_unseal_frame(const uint8_t key[RH_SEAL_KEY_BYTES], uint64_t number, const void *ad,
                          size_t ad_len, const void *sealed, size_t len, uint8_t *out,
                          rh_error *err)
{
    uint8_t nonce[NONCE_BYTES];

    nonce_of(number, nonce);

    if (len < RH_SEAL_TAG_BYTES || crypto_aead_chacha20poly1305_ietf_decrypt(
                                       out, NULL, NULL, sealed, len, ad, ad_len, nonce, key) != 0)
        return rh_error_set(err, RH_EFORMAT, "sealed bytes were changed, or the key is wrong");
    return RH_OK;
}

void rh_wipe(void *data, size_t len)
{
    sodium_memzero(data, len);
}
