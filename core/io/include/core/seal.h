/*
 * Sealing: keys of one pack wrapped for several readers, and authenticated encryption of frames.
 * libsodium throughout (sealed boxes: X25519 + XSalsa20-Poly1305; frames: ChaCha20-Poly1305-IETF).
 */
#ifndef CORE_SEAL_H
#define CORE_SEAL_H

#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

enum {
    RH_SEAL_PUBLIC_BYTES = 32,
    RH_SEAL_SECRET_BYTES = 32,
    RH_SEAL_WRAPPED_BYTES = 80, /* a wrapped 32-byte key: ephemeral key + tag + key */
    RH_SEAL_KEY_BYTES = 32,
    RH_SEAL_TAG_BYTES = 16,
    RH_SEAL_MAX_READERS = 16,
};

typedef struct rh_seal_pair {
    uint8_t public_key[RH_SEAL_PUBLIC_BYTES];
    uint8_t secret_key[RH_SEAL_SECRET_BYTES];
} rh_seal_pair;

void rh_seal_pair_new(rh_seal_pair *out);

/** Wrap a 32-byte key so that only the holder of the secret key reads it. */
rh_status rh_seal_wrap(const uint8_t public_key[RH_SEAL_PUBLIC_BYTES],
                       const uint8_t key[RH_SEAL_KEY_BYTES], uint8_t out[RH_SEAL_WRAPPED_BYTES],
                       rh_error *err) RH_MUST_CHECK;

/** RH_EKEY when it was not wrapped for this pair, or was changed. */
rh_status rh_seal_unwrap(const rh_seal_pair *pair, const uint8_t wrapped[RH_SEAL_WRAPPED_BYTES],
                         uint8_t out[RH_SEAL_KEY_BYTES], rh_error *err) RH_MUST_CHECK;

/**
 * Encrypt one frame. number is the frame's position in its pack (never used twice under one key);
 * ad is authenticated but not stored. out needs len + RH_SEAL_TAG_BYTES.
 */
void rh_seal_frame(const uint8_t key[RH_SEAL_KEY_BYTES], uint64_t number, const void *ad,
                   size_t ad_len, const void *frame, size_t len, uint8_t *out);

/** Decrypt; len includes the tag. RH_EFORMAT when the bytes or ad were changed. */
rh_status rh_unseal_frame(const uint8_t key[RH_SEAL_KEY_BYTES], uint64_t number, const void *ad,
                          size_t ad_len, const void *sealed, size_t len, uint8_t *out,
                          rh_error *err) RH_MUST_CHECK;

/** Overwrite in a way that the compiler keeps. */
void rh_wipe(void *data, size_t len);

#endif
