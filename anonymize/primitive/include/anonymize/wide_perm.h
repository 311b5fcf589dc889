/*
 * Keyed permutations of identifiers of 16, 20 or 32 bytes: hashes, addresses, keys.
 */
#ifndef ANONYMIZE_WIDE_PERM_H
#define ANONYMIZE_WIDE_PERM_H

#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "anonymize/mask_key.h"

typedef struct rh_wide_perm rh_wide_perm;

/**
 * The permutation of all strings of `width` bytes (even, 8 to 32) of a domain, a six-round Feistel
 * network. One domain has one permutation per width, whatever form the value had: the 20 bytes of a
 * P2PKH address, of a P2WPKH address and of a packed one have the same image.
 * RH_ENOMEM, RH_EUSAGE (width). Free with rh_wide_perm_free. Not for two threads at a time.
 */
rh_status rh_wide_perm_new(const rh_mask_key *master, const char *domain, size_t width,
                           rh_wide_perm **out, rh_error *err) RH_MUST_CHECK;
void rh_wide_perm_free(rh_wide_perm *perm);

size_t rh_wide_perm_width(const rh_wide_perm *perm);

/**
 * Replace count identifiers, the first at `first`, each `stride` bytes after the one before, by
 * their images (or back). A packed 21-byte address is first + 1 with stride 21.
 */
void rh_wide_perm_map(rh_wide_perm *perm, uint8_t *first, size_t stride, size_t count);
void rh_wide_perm_unmap(rh_wide_perm *perm, uint8_t *first, size_t stride, size_t count);

#endif
