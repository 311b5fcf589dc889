/*
 * Key files: small JSON files made by `rehearse keygen`, mode 0600 where they hold a secret.
 *
 *   secret (reader) file  {"rehearse_key": 1, "kind": "seal-secret", "public", "secret", "id_key"}
 *   writer file           {"rehearse_key": 1, "kind": "seal-writer", "public", "id_key"}
 *   mask file             {"rehearse_key": 1, "kind": "mask", "key"}
 *
 * Keys are hex. The writer file is what the machine that takes snapshots holds: it can deduplicate
 * against last night (id key) and write (public key), but not read.
 */
#ifndef CORE_KEY_FILE_H
#define CORE_KEY_FILE_H

#include <stdbool.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "core/hash.h"
#include "core/seal.h"

typedef enum rh_key_kind {
    RH_KEY_SEAL_SECRET,
    RH_KEY_SEAL_WRITER,
    RH_KEY_MASK,
} rh_key_kind;

typedef struct rh_key {
    rh_key_kind kind;
    rh_seal_pair pair;               /* secret half zero unless RH_KEY_SEAL_SECRET */
    uint8_t id_key[RH_ID_KEY_BYTES]; /* seal kinds */
    uint8_t mask_key[32];            /* RH_KEY_MASK */
} rh_key;

/** RH_ENOTFOUND, RH_EKEY (not a key file, damaged, or a secret readable by others: mode & 077). */
rh_status rh_key_read(const char *path, rh_key *out, rh_error *err) RH_MUST_CHECK;

/** Write a new file; RH_EEXISTS when path exists. Secrets get mode 0600, writer files 0644. */
rh_status rh_key_write(const char *path, const rh_key *key, rh_error *err) RH_MUST_CHECK;

/** Short public name of a key: the first 16 hex digits of a hash of its public or secret part. */
void rh_key_fingerprint(const rh_key *key, char out[17]);

#endif
