/*
 * Bitcoin's networks: their magic, and what their addresses begin with.
 */
#ifndef LEDGER_NETWORK_H
#define LEDGER_NETWORK_H

#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

typedef struct rh_network {
    const char *name;       /* "mainnet", "testnet3", "testnet4", "signet", "regtest" */
    uint8_t magic[4];       /* in front of each block of a file, as stored */
    uint8_t key_version;    /* base58check of a public key's hash */
    uint8_t script_version; /* base58check of a script's hash */
    const char *prefix;     /* of segwit addresses */
} rh_network;

/** RH_EUSAGE names the known ones. */
rh_status rh_network_by_name(const char *name, const rh_network **out, rh_error *err) RH_MUST_CHECK;

/** NULL for the magic of no known network. */
const rh_network *rh_network_by_magic(const uint8_t magic[4]);

#endif
