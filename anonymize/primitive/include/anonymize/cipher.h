/*
 * AES as the one pseudo-random function under all masks: an expanded key, blocks in, blocks out.
 *
 * Encrypting cannot fail as seen by callers: the processor or libcrypto does the work, and should
 * it refuse, a plain C implementation gives the same bytes. A mask must never fall back to an
 * unmasked value.
 */
#ifndef ANONYMIZE_CIPHER_H
#define ANONYMIZE_CIPHER_H

#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "anonymize/mask_key.h"

enum { RH_CIPHER_BLOCK = 16 };

typedef struct rh_cipher rh_cipher;

/**
 * Expand an AES key of 16, 24 or 32 bytes. Free with rh_cipher_free, which wipes it.
 * RH_ENOMEM, RH_EKEY (another length). A cipher must not be used by two threads at a time.
 */
rh_status rh_cipher_new(const uint8_t *key, size_t key_bytes, rh_cipher **out,
                        rh_error *err) RH_MUST_CHECK;

/** AES-128 under the sub-key of domain and purpose (its first 16 bytes). RH_ENOMEM. */
rh_status rh_cipher_new_for(const rh_mask_key *master, const char *domain, const char *purpose,
                            rh_cipher **out, rh_error *err) RH_MUST_CHECK;
void rh_cipher_free(rh_cipher *cipher);

/**
 * Encrypt blocks (16 bytes each, independent of each other) from in to out, which may be equal but
 * must not overlap otherwise. Eight blocks take hardly more time than one: give it many at once.
 */
void rh_cipher_encrypt(rh_cipher *cipher, const uint8_t *in, uint8_t *out, size_t blocks);

/**
 * A pseudo-random function of any bytes: CBC-MAC over a block with the length, then the data padded
 * with zeros. No message is a prefix of another, as the length comes first (Bellare, Kilian and
 * Rogaway 2000). For ciphers whose only use this is.
 */
void rh_cipher_mac(rh_cipher *cipher, const void *data, size_t len, uint8_t out[RH_CIPHER_BLOCK]);

/** Tests only: do without the processor and libcrypto from now on. */
void rh_cipher_force_portable(rh_cipher *cipher);
/** Tests only: do with libcrypto from now on; key as given to rh_cipher_new. */
void rh_cipher_force_libcrypto(rh_cipher *cipher, const uint8_t *key);

#endif
