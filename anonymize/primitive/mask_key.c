/*
 * Sub-keys by keyed BLAKE2b, which is a PRF by its design (RFC 7693 §2.5). The two names are hashed
 * first, so the message has one fixed layout and no two pairs of names can run into each other.
 */
#include "anonymize/mask_key.h"

#include <openssl/crypto.h>
#include <string.h>

#include "core/hash.h"

enum { LABEL_BYTES = 16 };

/* Part of every sub-key: a new schedule gets a new number. */
static const char label[LABEL_BYTES + 1] = "rehearse mask 01";

void rh_mask_key_derive(const rh_mask_key *master, const char *domain, const char *purpose,
                        rh_mask_key *out)
{
    uint8_t message[LABEL_BYTES + 2 * RH_ID_BYTES];
    rh_id id;

    memcpy(message, label, LABEL_BYTES);
    rh_hash_blake2b(domain, strlen(domain), message + LABEL_BYTES);
    rh_hash_blake2b(purpose, strlen(purpose), message + LABEL_BYTES + RH_ID_BYTES);
    rh_hash_id(master->bytes, message, sizeof message, &id);
    memcpy(out->bytes, id.bytes, RH_MASK_KEY_BYTES);
    OPENSSL_cleanse(&id, sizeof id);
}

void rh_mask_key_wipe(rh_mask_key *key)
{
    if (key != NULL)
        OPENSSL_cleanse(key, sizeof *key);
}
