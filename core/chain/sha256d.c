#include "core/sha256d.h"

#include <openssl/evp.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

rh_sha256d *rh_sha256d_new(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    if (context != NULL && EVP_DigestInit_ex2(context, EVP_sha256(), NULL) != 1) {
        EVP_MD_CTX_free(context);
        context = NULL;
    }
    return context;
}

void rh_sha256d_free(rh_sha256d *sha)
{
    EVP_MD_CTX_free(sha);
}

static bool digest(EVP_MD_CTX *context, const rh_sha256d_part *parts, size_t count, uint8_t out[32])
{
    bool good = EVP_DigestInit_ex2(context, NULL, NULL) == 1;

    for (size_t i = 0; good && i < count; i++)
        good = EVP_DigestUpdate(context, parts[i].data, parts[i].len) == 1;
    return good && EVP_DigestFinal_ex(context, out, NULL) == 1;
}

/* Without the context: libsodium needs no memory. */
static void digest_slowly(const rh_sha256d_part *parts, size_t count, uint8_t out[32])
{
    crypto_hash_sha256_state state;

    (void)crypto_hash_sha256_init(&state);
    for (size_t i = 0; i < count; i++)
        (void)crypto_hash_sha256_update(&state, parts[i].data, parts[i].len);
    (void)crypto_hash_sha256_final(&state, out);
}

void rh_sha256d_parts(rh_sha256d *sha, const rh_sha256d_part *parts, size_t count, uint8_t out[32])
{
    uint8_t once[32];
    const rh_sha256d_part again = {once, sizeof once};

    if (sha != NULL && digest(sha, parts, count, once) && digest(sha, &again, 1, out))
        return;
    digest_slowly(parts, count, once);
    digest_slowly(&again, 1, out);
}

void rh_sha256d_of(rh_sha256d *sha, const uint8_t *data, size_t len, uint8_t out[4])
{
    const rh_sha256d_part all = {data, len};
    uint8_t twice[32];

    rh_sha256d_parts(sha, &all, 1, twice);
    memcpy(out, twice, 4);
}
