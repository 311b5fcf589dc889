/*
 * Addresses by vectors (VAES and AVX2): the same images as ip_map.c makes by words.
 */
#ifndef RH_IP_WIDE_H
#define RH_IP_WIDE_H

#include <stddef.h>
#include <stdint.h>

#include "anonymize/cipher.h"

/* All of these: false when this processor cannot, or the cipher may not; nothing is changed then.
 */

/* Flip the last sixteen bits of each address. */
bool rh_ip_wide_v4(const rh_cipher *cipher, const uint8_t pad[RH_CIPHER_BLOCK], uint32_t *addresses,
                   size_t count);

bool rh_ip_wide_v6(const rh_cipher *cipher, uint8_t *addresses, size_t count);

#endif
