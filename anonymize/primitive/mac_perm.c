/*
 * MAC addresses: two FF1 permutations of radix 2, the one of the device part bound to the vendor.
 */
#include <stdbool.h>

#include "anonymize/ip_map.h"
#include "core/mem.h"
#include "ff1_core.h"

enum { VENDOR_BITS = 22, DEVICE_BITS = 24 };

struct rh_mac_perm {
    rh_cipher *cipher;
    rh_cipher *device_cipher;
    ff1_shape vendor;
    ff1_shape device; /* before it is bound to a vendor */
};

static void make_shape(rh_cipher *cipher, uint32_t bits, ff1_shape *shape)
{
    const ff1_params params = {
        .radix = 2,
        .length = bits,
        .size = {(rh_wide)1 << bits / 2, (rh_wide)1 << bits / 2},
    };

    rh_ff1_core_shape(cipher, &params, shape);
}

rh_status rh_mac_perm_new(const rh_mask_key *master, const char *domain, rh_mac_perm **out,
                          rh_error *err)
{
    rh_mac_perm *perm = rh_mem_zalloc(sizeof *perm);

    if (perm == NULL)
        return rh_error_oom(err);

    rh_status status = rh_cipher_new_for(master, domain, "mac/vendor", &perm->cipher, err);

    if (status == RH_OK)
        status = rh_cipher_new_for(master, domain, "mac/device", &perm->device_cipher, err);
    if (status != RH_OK) {
        rh_mac_perm_free(perm);
        return status;
    }
    make_shape(perm->cipher, VENDOR_BITS, &perm->vendor);
    make_shape(perm->device_cipher, DEVICE_BITS, &perm->device);
    *out = perm;
    return RH_OK;
}

void rh_mac_perm_free(rh_mac_perm *perm)
{
    if (perm == NULL)
        return;
    rh_cipher_free(perm->cipher);
    rh_cipher_free(perm->device_cipher);
    rh_mem_wipe_free(perm, sizeof *perm);
}

static uint64_t permute(rh_cipher *cipher, const ff1_shape *shape, unsigned bits, uint64_t value)
{
    ff1_lane lane = {{value >> bits / 2, value & ((1U << bits / 2) - 1)}, shape};

    rh_ff1_core_run(cipher, &lane, 1, false);
    return (uint64_t)lane.half[0] << bits / 2 | (uint64_t)lane.half[1];
}

static uint64_t map_once(rh_mac_perm *perm, uint64_t mac)
{
    uint64_t vendor = mac >> 42 << 16 | (mac >> 24 & 0xffff); /* without the two bits of the first
                                                                byte that say multicast, local */
    uint64_t bits = mac >> 40 & 3;
    ff1_shape device = perm->device;
    uint64_t image = permute(perm->cipher, &perm->vendor, VENDOR_BITS, vendor);

    rh_ff1_core_bind(perm->device_cipher, &device, vendor << 2 | bits);
    return (image >> 16) << 42 | bits << 40 | (image & 0xffff) << 24 |
           permute(perm->device_cipher, &device, DEVICE_BITS, mac & 0xffffff);
}

static bool is_fixed(uint64_t mac)
{
    return mac == 0 || mac == UINT64_C(0xffffffffffff);
}

void rh_mac_perm_map(rh_mac_perm *perm, uint8_t *addresses, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t *at = addresses + RH_MAC_BYTES * i;
        uint64_t mac = 0;

        for (int j = 0; j < RH_MAC_BYTES; j++)
            mac = mac << 8 | at[j];
        if (is_fixed(mac))
            continue;
        do { /* what falls on a fixed one goes on: a cycle walk */
            mac = map_once(perm, mac);
        } while (is_fixed(mac));
        for (int j = RH_MAC_BYTES; j > 0; j--, mac >>= 8)
            at[j - 1] = (uint8_t)mac;
    }
}
