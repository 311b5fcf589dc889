#include "feistel.h"

#include <stdio.h>
#include <string.h>

rh_status rh_feistel_init(rh_feistel *feistel, const rh_mask_key *master, const char *domain,
                          const char *purpose, unsigned half_bits, rh_error *err)
{
    rh_status status = RH_OK;
    rh_mask_key key;

    memset(feistel, 0, sizeof *feistel);
    feistel->mask = half_bits == 128 ? ~(rh_wide)0 : ((rh_wide)1 << half_bits) - 1;
    rh_mask_key_derive(master, domain, purpose, &key);
    for (unsigned i = 0; i < FEISTEL_ROUNDS && status == RH_OK; i++) {
        char name[48];

        (void)snprintf(name, sizeof name, "feistel/%u/%u", half_bits, i);
        status = rh_cipher_new_for(&key, "", name, &feistel->round[i], err);
    }
    rh_mask_key_wipe(&key);
    if (status != RH_OK)
        rh_feistel_done(feistel);
    return status;
}

void rh_feistel_done(rh_feistel *feistel)
{
    for (unsigned i = 0; i < FEISTEL_ROUNDS; i++)
        rh_cipher_free(feistel->round[i]);
    memset(feistel, 0, sizeof *feistel);
}

void rh_feistel_run(rh_feistel *feistel, feistel_lane *lanes, size_t count, bool inverse)
{
    uint8_t blocks[FEISTEL_LANES * RH_CIPHER_BLOCK];

    for (unsigned step = 0; step < FEISTEL_ROUNDS; step++) {
        unsigned round = inverse ? FEISTEL_ROUNDS - 1 - step : step;
        unsigned side = round & 1;

        for (size_t i = 0; i < count; i++)
            store_wide(blocks + RH_CIPHER_BLOCK * i, lanes[i].half[1 - side]);
        rh_cipher_encrypt(feistel->round[round], blocks, blocks, count);
        for (size_t i = 0; i < count; i++)
            lanes[i].half[side] ^= load_wide(blocks + RH_CIPHER_BLOCK * i) & feistel->mask;
    }
}
