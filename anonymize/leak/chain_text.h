/*
 * Identifiers of block chains in text: check sums verified, so that a hit is no accident.
 */
#ifndef LEAK_CHAIN_TEXT_H
#define LEAK_CHAIN_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LEAK_MAX_PROGRAM = 40, LEAK_MAX_BASE58 = 112, LEAK_MAX_BASE58_BYTES = 84 };

/** All of len hex digits, an even number of them, at least one pair. */
bool rh_leak_is_hex(const uint8_t *text, size_t len);

/** Bytes of base58 text, leading zeros kept. Returns their number, 0 when it is none or too long
 * for out (LEAK_MAX_BASE58_BYTES). */
size_t rh_leak_base58(const uint8_t *text, size_t len, uint8_t *out);

/** As rh_leak_base58, with the check sum proved and cut off. */
size_t rh_leak_base58check(const uint8_t *text, size_t len, uint8_t *out);

/** Witness program or other payload of bech32 (BIP 173) or bech32m (BIP 350) text. version: the
 * first value of the data part (for segwit: the witness version). Returns the payload's bytes, 0
 * when it is none. */
size_t rh_leak_bech32(const uint8_t *text, size_t len, uint8_t *version, uint8_t *out);

/** The 20 or 32 bytes that an address of any of these kinds stands for; 0 when it is none. */
size_t rh_leak_chain_program(const uint8_t *text, size_t len, uint8_t *out);

typedef enum leak_chain {
    LEAK_CHAIN_NONE,
    LEAK_CHAIN_BASE58CHECK,
    LEAK_CHAIN_BECH32,
    LEAK_CHAIN_EVM,
    LEAK_CHAIN_SOLANA, /* 32 bytes of base58: no check sum */
    LEAK_CHAIN_TXID,   /* 64 hex digits */
    LEAK_CHAIN_SECRET, /* WIF or extended private key */
} leak_chain;

leak_chain rh_leak_chain_of(const uint8_t *text, size_t len);

#endif
