/*
 * The key schedule of masking: one master key, one sub-key per domain and purpose.
 *
 * A domain is what the rules call so ("address"); a purpose is the primitive that uses the key
 * ("ff1/10"). Same master, domain and purpose: same sub-key, on every machine.
 */
#ifndef ANONYMIZE_MASK_KEY_H
#define ANONYMIZE_MASK_KEY_H

#include <stdint.h>

enum { RH_MASK_KEY_BYTES = 32 };

typedef struct rh_mask_key {
    uint8_t bytes[RH_MASK_KEY_BYTES];
} rh_mask_key;

/**
 * The sub-key of a domain for a purpose (both NUL-terminated, any length, "" allowed):
 * keyed BLAKE2b-256 of "rehearse mask 01", BLAKE2b-256(domain) and BLAKE2b-256(purpose).
 * Never fails. out may be master.
 */
void rh_mask_key_derive(const rh_mask_key *master, const char *domain, const char *purpose,
                        rh_mask_key *out);

/** Overwrite a key in a way that the compiler keeps. NULL is a no-op. */
void rh_mask_key_wipe(rh_mask_key *key);

#endif
