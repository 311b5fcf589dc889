#include "sha256d.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

#include "core/hash.h"

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

static bool digest(EVP_MD_CTX *context, const uint8_t *data, size_t len, uint8_t out[32])
{
    return EVP_DigestInit_ex2(context, NULL, NULL) == 1 &&
           EVP_DigestUpdate(context, data, len) == 1 && EVP_DigestFinal_ex(context, out, NULL) == 1;
}

void rh_sha256d_of(rh_sha256d *sha, const uint8_t *data, size_t len, uint8_t out[4])
{
    uint8_t once[32];
    uint8_t twice[32];

    if (sha == NULL || !digest(sha, data, len, once) || !digest(sha, once, 32, twice)) {
        rh_hash_sha256(data, len, once);
        rh_hash_sha256(once, 32, twice);
    }
    memcpy(out, twice, 4);
}
