/*
 * AES in plain C, encryption only: what the masks use when libcrypto refuses. Not fast, and not
 * constant in time, as table look-ups depend on the data.
 */
#ifndef RH_CIPHER_PORTABLE_H
#define RH_CIPHER_PORTABLE_H

#include <stddef.h>
#include <stdint.h>

enum { AES_SCHEDULE_BYTES = 15 * 16 };

typedef struct rh_aes_schedule {
    uint8_t round_keys[AES_SCHEDULE_BYTES];
    unsigned rounds; /* 10, 12 or 14 */
    uint8_t sbox[256];
} rh_aes_schedule;

/* key_bytes is 16, 24 or 32. */
void rh_aes_schedule_init(rh_aes_schedule *schedule, const uint8_t *key, size_t key_bytes);
void rh_aes_schedule_encrypt(const rh_aes_schedule *schedule, const uint8_t in[16],
                             uint8_t out[16]);

#endif
