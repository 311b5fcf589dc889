#include "ledger/network.h"

#include <string.h>

static const rh_network networks[] = {
    {"mainnet", {0xf9, 0xbe, 0xb4, 0xd9}, 0, 5, "bc"},
    {"testnet3", {0x0b, 0x11, 0x09, 0x07}, 111, 196, "tb"},
    {"testnet4", {0x1c, 0x16, 0x3f, 0x28}, 111, 196, "tb"},
    {"signet", {0x0a, 0x03, 0xcf, 0x40}, 111, 196, "tb"},
    {"regtest", {0xfa, 0xbf, 0xb5, 0xda}, 111, 196, "bcrt"},
};

enum { NETWORKS = sizeof networks / sizeof networks[0] };

rh_status rh_network_by_name(const char *name, const rh_network **out, rh_error *err)
{
    for (size_t i = 0; i < NETWORKS; i++) {
        if (strcmp(networks[i].name, name) == 0) {
            *out = &networks[i];
            return RH_OK;
        }
    }
    rh_error_set(err, RH_EUSAGE, "there is no network '%.40s'", name);
    rh_error_hint(err, "one of: mainnet, testnet3, testnet4, signet, regtest");
    return RH_EUSAGE;
}

const rh_network *rh_network_by_magic(const uint8_t magic[4])
{
    for (size_t i = 0; i < NETWORKS; i++) {
        if (memcmp(networks[i].magic, magic, 4) == 0)
            return &networks[i];
    }
    return NULL;
}
