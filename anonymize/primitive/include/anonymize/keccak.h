/*
 * Keccak-256 as Ethereum uses it: the padding of the submission, not that of SHA3-256.
 */
#ifndef ANONYMIZE_KECCAK_H
#define ANONYMIZE_KECCAK_H

#include <stddef.h>
#include <stdint.h>

void rh_keccak_256(const void *data, size_t len, uint8_t out[32]);

#endif
