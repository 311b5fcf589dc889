/*
 * Output scripts: which kind, and the address that people know it by.
 */
#ifndef LEDGER_SCRIPT_H
#define LEDGER_SCRIPT_H

#include <stddef.h>
#include <stdint.h>

#include "core/sha256d.h"
#include "ledger/network.h"

typedef enum rh_script_kind {
    RH_SCRIPT_OTHER,
    RH_SCRIPT_KEY,              /* P2PK: a bare public key; has no address */
    RH_SCRIPT_KEY_HASH,         /* P2PKH */
    RH_SCRIPT_HASH,             /* P2SH */
    RH_SCRIPT_WITNESS_KEY_HASH, /* P2WPKH */
    RH_SCRIPT_WITNESS_HASH,     /* P2WSH */
    RH_SCRIPT_TAPROOT,          /* P2TR */
    RH_SCRIPT_WITNESS_OTHER,    /* a version or length of the future */
    RH_SCRIPT_MULTISIG,         /* bare: m of n keys in the open */
    RH_SCRIPT_RETURN,           /* OP_RETURN: data, spends nothing */
} rh_script_kind;

enum {
    RH_SCRIPT_MAX_KEYS = 16,
    RH_ADDRESS_TEXT = 91,                                 /* of one key or hash, with a NUL */
    RH_SCRIPT_ADDRESS_TEXT = 8 + RH_SCRIPT_MAX_KEYS * 36, /* of any script, with a NUL */
};

/** A script taken apart; pointers go into it. */
typedef struct rh_script {
    rh_script_kind kind;
    const uint8_t *program; /* hash, key or witness program */
    size_t program_len;
    uint8_t witness_version;
    uint8_t keys_needed; /* multisig: m */
    uint8_t key_count;   /* n */
    struct {
        const uint8_t *data;
        size_t len; /* 33 or 65 */
    } keys[RH_SCRIPT_MAX_KEYS];
} rh_script;

/** Never fails: what is not known is RH_SCRIPT_OTHER. */
void rh_script_read(const uint8_t *script, size_t len, rh_script *out);

/** "p2pkh", "p2wpkh", "multisig", "op_return" ... */
const char *rh_script_kind_name(rh_script_kind kind);

/**
 * The address into out, NUL-terminated. Of bare multisig it is "m_address_..._n" with the P2PKH
 * addresses of its keys in byte order, as Counterparty writes them. Returns the length; 0 (and "")
 * for scripts that have no address. sha may be NULL.
 */
size_t rh_script_address(rh_sha256d *sha, const rh_network *network, const rh_script *script,
                         char out[RH_SCRIPT_ADDRESS_TEXT]);

#endif
