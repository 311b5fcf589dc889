/*
 * Addresses of block chains: read, permute the identifier inside, write with a valid checksum.
 *
 * The identifier of 20 or 32 bytes goes through one permutation of the domain whatever its form, so
 * the same key hash as P2PKH, as P2WPKH, as EVM or packed address has the same image.
 */
#ifndef ANONYMIZE_CHAIN_ADDRESS_H
#define ANONYMIZE_CHAIN_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "anonymize/mask_key.h"
#include "core/bech32.h"

/** Forms, as bits of a set. */
enum {
    RH_CHAIN_BASE58CHECK = 1, /* version byte and 20 bytes: P2PKH, P2SH, Tron ... */
    RH_CHAIN_SEGWIT = 2,      /* bc, tb, bcrt: version 0 of 20 or 32 bytes, 1 to 16 of 32 */
    RH_CHAIN_BECH32 = 4,      /* any other prefix, 20 or 32 bytes (Cosmos and its like) */
    RH_CHAIN_EVM = 8,         /* 40 hex digits, 0x or not; mixed case must satisfy EIP-55 */
    RH_CHAIN_SOLANA = 16,     /* base58 of 32 bytes; has no checksum: ask for it by name only */
    RH_CHAIN_HASH = 32,       /* 64 hex digits, 0x or not: transaction and block ids */
    RH_CHAIN_CHECKED = 15,    /* all that carry a checksum or are unmistakable */
};

enum { RH_CHAIN_MAX_TEXT = 90 };

/** What an address consists of. */
typedef struct rh_chain_parts {
    unsigned form; /* one of the bits above */
    uint8_t id[32];
    size_t id_bytes;  /* 20 or 32 */
    uint8_t version;  /* base58check: version byte; segwit: witness version */
    bool hex_prefix;  /* EVM, hash: written with 0x (or 0X) */
    char hex_case;    /* EVM, hash: 'l'ower, 'u'pper, 'm'ixed (EIP-55) */
    rh_bech32 bech32; /* prefix, case and checksum kind */
} rh_chain_parts;

typedef struct rh_chain rh_chain;

/** The permutations of a domain. RH_ENOMEM. Free with rh_chain_free. Not for two threads at once.
 */
rh_status rh_chain_new(const rh_mask_key *master, const char *domain, rh_chain **out,
                       rh_error *err) RH_MUST_CHECK;
void rh_chain_free(rh_chain *chain);

/** Read text as one of the forms in the set. False, out undefined: it is none of them, or its
 * checksum is wrong. */
bool rh_chain_parse(rh_chain *chain, unsigned forms, const char *text, size_t len,
                    rh_chain_parts *out) RH_MUST_CHECK;

/** Write it; the checksum is computed. Returns the length, without a NUL. */
size_t rh_chain_format(rh_chain *chain, const rh_chain_parts *parts, char out[RH_CHAIN_MAX_TEXT]);

/** Permute an identifier of 20 or 32 bytes in place (others: false, untouched). */
bool rh_chain_map_id(rh_chain *chain, uint8_t *id, size_t bytes) RH_MUST_CHECK;

/**
 * Parse, permute, format. False, nothing written, when text is none of the forms. Form, version,
 * prefix, case and the 0x stay; the text may get a character longer or shorter (base58 only).
 */
bool rh_chain_map(rh_chain *chain, unsigned forms, const char *text, size_t len,
                  char out[RH_CHAIN_MAX_TEXT], size_t *out_len) RH_MUST_CHECK;

/**
 * True for a text that is a private key and must be destroyed, not mapped: WIF, xprv and its like
 * (yprv, zprv, tprv ...), both with a valid checksum.
 */
bool rh_chain_is_secret(rh_chain *chain, const char *text, size_t len);

#endif
