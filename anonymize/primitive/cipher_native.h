/*
 * AES by the processor's own instructions, where it has them. A call into libcrypto costs as much
 * as a hundred rounds; the masks' Feistel networks wait for every single one of them.
 */
#ifndef RH_CIPHER_NATIVE_H
#define RH_CIPHER_NATIVE_H

#include "anonymize/cipher.h"
#include "cipher_portable.h"

/* Blocks per instruction of this processor, as far as this build can use it: 0 (none), 1 or 2. */
unsigned rh_aes_native_width(void);

/* Blocks from in to out, which may be equal. width: what rh_aes_native_width() said, not 0. */
void rh_aes_native_encrypt(const rh_aes_schedule *schedule, unsigned width, const uint8_t *in,
                           uint8_t *out, size_t blocks);

/* For who has rounds of its own: the keys of a cipher that takes two blocks per instruction, else
 * NULL. */
const rh_aes_schedule *rh_cipher_wide_schedule(const rh_cipher *cipher);

#endif
