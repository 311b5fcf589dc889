/*
 * Addresses of networks: Crypto-PAn's published trace, prefixes, networks, MAC.
 */
#include "mask_test.h"

#include "anonymize/cipher.h"
#include "anonymize/ip_map.h"
#include "core/mem.h"

/* The sample of the authors' implementation: its key, its trace, its result. */
static const uint8_t sample_key[32] = {21,  34, 23,  141, 51, 164, 207, 128, 19,  10,  91,
                                       22,  73, 144, 125, 16, 216, 152, 143, 131, 121, 121,
                                       101, 39, 98,  87,  76, 45,  42,  132, 34,  2};

static const uint8_t sample_trace[][8] = {
    {128, 11, 68, 132, 135, 242, 180, 132},   {129, 118, 74, 4, 134, 136, 186, 123},
    {130, 132, 252, 244, 133, 68, 164, 234},  {141, 223, 7, 43, 141, 167, 8, 160},
    {141, 233, 145, 108, 141, 129, 237, 235}, {152, 163, 225, 39, 151, 140, 114, 167},
    {156, 29, 3, 236, 147, 225, 12, 42},      {165, 247, 96, 84, 162, 9, 99, 234},
    {166, 107, 77, 190, 160, 132, 178, 185},  {192, 102, 249, 13, 252, 138, 62, 131},
    {192, 215, 32, 125, 252, 43, 47, 189},    {192, 233, 80, 103, 252, 25, 108, 8},
    {192, 41, 57, 43, 252, 222, 221, 184},    {193, 150, 244, 223, 253, 169, 52, 216},
    {195, 205, 63, 100, 255, 186, 223, 5},    {198, 200, 171, 101, 249, 199, 68, 213},
    {198, 26, 132, 101, 249, 36, 123, 202},   {198, 36, 213, 5, 249, 7, 21, 132},
    {198, 51, 77, 238, 249, 18, 186, 254},    {199, 217, 79, 101, 248, 38, 184, 213},
};

enum { SAMPLES = sizeof sample_trace / sizeof sample_trace[0] };

static rh_ip_map *open_map(const rh_mask_key *key)
{
    rh_ip_map *map = NULL;

    assert_int_equal(rh_ip_map_new(key, "ip", &map, NULL), RH_OK);
    return map;
}

static uint32_t address_of(const uint8_t *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static void ipv4_gives_the_sample_of_crypto_pan(void **state)
{
    uint32_t addresses[SAMPLES];
    rh_ip_map *map = NULL;

    (void)state;
    assert_int_equal(rh_ip_map_new_with_key(sample_key, &map, NULL), RH_OK);
    for (size_t i = 0; i < SAMPLES; i++)
        addresses[i] = address_of(sample_trace[i]);
    rh_ip_map_v4(map, addresses, SAMPLES);
    for (size_t i = 0; i < SAMPLES; i++)
        assert_int_equal(addresses[i], address_of(sample_trace[i] + 4));
    rh_ip_map_free(map);
    rh_ip_map_free(NULL);
}

static unsigned common_prefix(const uint8_t *a, const uint8_t *b, unsigned bits)
{
    for (unsigned i = 0; i < bits; i++) {
        if (((a[i / 8] ^ b[i / 8]) >> (7 - i % 8) & 1) != 0)
            return i;
    }
    return bits;
}

static void put_address(uint32_t address, uint8_t *at)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(address >> (24 - 8 * i));
}

static void ipv4_keeps_every_common_prefix(void **state)
{
    rh_ip_map *map = open_map(key_a());
    uint64_t seed = 31;

    (void)state;
    for (int i = 0; i < 20000; i++) {
        unsigned shared = (unsigned)(i % 33);
        uint32_t pair[2] = {(uint32_t)next_number(&seed), 0};
        uint8_t raw[2][4], out[2][4];

        pair[1] = pair[0] ^ (shared == 32 ? 0 : UINT32_C(0x80000000) >> shared);
        if (shared < 31)
            pair[1] ^= (uint32_t)next_number(&seed) >> (shared + 1);
        for (int j = 0; j < 2; j++)
            put_address(pair[j], raw[j]);
        assert_int_equal(common_prefix(raw[0], raw[1], 32), shared);
        rh_ip_map_v4(map, pair, 2);
        for (int j = 0; j < 2; j++)
            put_address(pair[j], out[j]);
        assert_int_equal(common_prefix(out[0], out[1], 32), shared);
    }
    rh_ip_map_free(map);
}

static void ipv6_keeps_every_common_prefix(void **state)
{
    rh_ip_map *map = open_map(key_a());
    uint64_t seed = 37;

    (void)state;
    for (unsigned i = 0; i < 12900; i++) {
        unsigned shared = i % 129;
        uint8_t raw[2][16], out[2][16];

        fill_random(&seed, raw, sizeof raw);
        for (unsigned bit = 0; bit <= shared && bit < 128; bit++) {
            uint8_t mask = (uint8_t)(0x80 >> bit % 8);
            uint8_t want = (raw[0][bit / 8] ^ (bit == shared ? mask : 0)) & mask;

            raw[1][bit / 8] = (uint8_t)((raw[1][bit / 8] & ~mask) | want);
        }
        assert_int_equal(common_prefix(raw[0], raw[1], 128), shared);
        memcpy(out, raw, sizeof out);
        rh_ip_map_v6(map, out[0], 2);
        assert_int_equal(common_prefix(out[0], out[1], 128), shared);
        assert_memory_not_equal(out[0], raw[0], 16);
    }
    rh_ip_map_free(map);
}

static void addresses_do_not_depend_on_their_batch(void **state)
{
    enum { COUNT = 101 };
    rh_ip_map *map = open_map(key_a());
    uint32_t raw[COUNT], v4[COUNT];
    uint8_t raw6[16 * COUNT], v6[16 * COUNT];
    uint64_t seed = 41;

    (void)state;
    fill_random(&seed, raw, sizeof raw);
    fill_random(&seed, raw6, sizeof raw6);
    memcpy(v4, raw, sizeof v4);
    memcpy(v6, raw6, sizeof v6);
    rh_ip_map_v4(map, v4, COUNT);
    rh_ip_map_v6(map, v6, COUNT);
    for (size_t i = 0; i < COUNT; i++) {
        rh_ip_map_v4(map, raw + i, 1);
        rh_ip_map_v6(map, raw6 + 16 * i, 1);
    }
    assert_memory_equal(v4, raw, sizeof v4);
    assert_memory_equal(v6, raw6, sizeof v6);
    rh_ip_map_free(map);
}

/* With the processor's vectors, where it has them, and without: the same images. */
static void ipv6_does_not_depend_on_the_processor(void **state)
{
    enum { COUNT = 3000 };
    rh_ip_map *wide = open_map(key_a());
    rh_ip_map *narrow = open_map(key_a());
    uint8_t raw[16 * COUNT], other[16 * COUNT];
    uint64_t seed = 43;

    (void)state;
    rh_ip_map_force_narrow(narrow);
    fill_random(&seed, raw, sizeof raw);
    memset(raw, 0, 16);
    memset(raw + 16, 0xff, 16);
    memset(raw + 32, 0, 8);
    memset(raw + 56, 0xff, 8);
    memcpy(other, raw, sizeof other);
    rh_ip_map_v6(wide, raw, COUNT);
    rh_ip_map_v6(narrow, other, COUNT);
    assert_memory_equal(raw, other, sizeof raw);
    rh_ip_map_free(wide);
    rh_ip_map_free(narrow);
}

static void ipv4_does_not_depend_on_the_processor(void **state)
{
    enum { COUNT = 3000 };
    rh_ip_map *wide = open_map(key_a());
    rh_ip_map *narrow = open_map(key_a());
    uint32_t raw[COUNT], other[COUNT];
    uint64_t seed = 47;

    (void)state;
    rh_ip_map_force_narrow(narrow);
    fill_random(&seed, raw, sizeof raw);
    raw[0] = 0;
    raw[1] = UINT32_MAX;
    raw[2] = 0xffff;
    raw[3] = 0xffff0000;
    memcpy(other, raw, sizeof other);
    rh_ip_map_v4(wide, raw, COUNT);
    rh_ip_map_v4(narrow, other, COUNT);
    assert_memory_equal(raw, other, sizeof raw);
    rh_ip_map_free(wide);
    rh_ip_map_free(narrow);
}

/* Flips must be balanced and differ between keys. */
static void another_key_flips_other_bits(void **state)
{
    enum { COUNT = 4000 };
    rh_ip_map *a = open_map(key_a()), *b = open_map(key_b());
    uint64_t seed = 43;
    size_t v4 = 0, v6 = 0, raw6 = 0;

    (void)state;
    for (int i = 0; i < COUNT; i++) {
        uint32_t x = (uint32_t)next_number(&seed), y = x;
        uint8_t raw[16], p[16], q[16];

        rh_ip_map_v4(a, &x, 1);
        rh_ip_map_v4(b, &y, 1);
        v4 += bits_apart(&x, &y, 4);
        fill_random(&seed, raw, 16);
        memcpy(p, raw, 16);
        memcpy(q, raw, 16);
        rh_ip_map_v6(a, p, 1);
        rh_ip_map_v6(b, q, 1);
        v6 += bits_apart(p, q, 16);
        raw6 += bits_apart(p, raw, 16);
    }
    assert_in_range(v4, 14 * COUNT, 18 * COUNT); /* the first bits are the same few for all */
    assert_in_range(v6, 61 * COUNT, 67 * COUNT);
    assert_in_range(raw6, 61 * COUNT, 67 * COUNT);
    rh_ip_map_free(a);
    rh_ip_map_free(b);
}

static void networks_contain_the_images_of_their_addresses(void **state)
{
    rh_ip_map *map = open_map(key_a());
    uint64_t seed = 47;

    (void)state;
    for (unsigned i = 0; i < 2000; i++) {
        size_t bytes = i % 2 == 0 ? 4 : 16;
        unsigned prefix = (unsigned)(next_number(&seed) % (8 * bytes + 1));
        uint8_t address[16], network[16], again[16];

        fill_random(&seed, address, 16);
        memcpy(network, address, 16);
        rh_ip_map_network(map, network, bytes, prefix);
        memcpy(again, address, 16);
        if (prefix < 8 * bytes)
            again[bytes - 1] ^= 1; /* a host bit does not matter */
        rh_ip_map_network(map, again, bytes, prefix);
        assert_memory_equal(network, again, bytes);
        if (bytes == 4) {
            uint32_t value = address_of(address);

            rh_ip_map_v4(map, &value, 1);
            put_address(value, address);
        } else {
            rh_ip_map_v6(map, address, 1);
        }
        assert_int_equal(common_prefix(address, network, prefix), prefix);
        for (unsigned bit = prefix; bit < 8 * bytes; bit++)
            assert_int_equal(network[bit / 8] >> (7 - bit % 8) & 1, 0);
    }
    rh_ip_map_free(map);
}

static void mac_vendors_stay_together(void **state)
{
    enum { COUNT = 4096 };
    static uint8_t macs[COUNT][6];
    rh_mac_perm *perm;

    (void)state;
    assert_int_equal(rh_mac_perm_new(key_a(), "mac", &perm, NULL), RH_OK);
    for (unsigned i = 0; i < COUNT; i++) { /* two vendors */
        const uint8_t mac[6] = {0x3c, 0x22, i % 2 ? 0xfb : 0xfc, 0, (uint8_t)(i >> 8), (uint8_t)i};

        memcpy(macs[i], mac, 6);
    }
    rh_mac_perm_map(perm, macs[0], COUNT);
    for (unsigned i = 0; i < COUNT; i++) {
        assert_memory_equal(macs[i], macs[i % 2], 3);
        assert_int_equal(macs[i][0] & 3, 0);
        for (unsigned j = i % 64; j < i; j += 64)
            assert_memory_not_equal(macs[i], macs[j], 6);
    }
    assert_memory_not_equal(macs[0], macs[1], 3);
    rh_mac_perm_free(perm);
    rh_mac_perm_free(NULL);
}

static void special_macs_stay(void **state)
{
    uint8_t macs[3][6] = {{0}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, {1, 0, 0x5e, 0, 0, 1}};
    uint8_t raw[3][6];
    rh_mac_perm *perm;

    (void)state;
    memcpy(raw, macs, sizeof raw);
    assert_int_equal(rh_mac_perm_new(key_a(), "mac", &perm, NULL), RH_OK);
    rh_mac_perm_map(perm, macs[0], 3);
    assert_memory_equal(macs, raw, 12);
    assert_memory_not_equal(macs[2], raw[2], 6);
    assert_int_equal(macs[2][0] & 3, 1); /* still multicast */
    rh_mac_perm_free(perm);
}

static rh_status make_maps(void *ctx, rh_error *err)
{
    rh_ip_map *ip = NULL;
    rh_mac_perm *mac = NULL;
    rh_status status = rh_ip_map_new(key_a(), "ip", &ip, err);

    (void)ctx;
    if (status == RH_OK)
        status = rh_mac_perm_new(key_a(), "mac", &mac, err);
    assert_int_equal(status == RH_OK, mac != NULL);
    rh_mac_perm_free(mac);
    rh_ip_map_free(ip);
    return status;
}

static void maps_survive_every_failed_allocation(void **state)
{
    (void)state;
    assert_int_equal(fail_nth(make_maps, NULL), 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ipv4_gives_the_sample_of_crypto_pan),
        cmocka_unit_test(ipv4_keeps_every_common_prefix),
        cmocka_unit_test(ipv6_keeps_every_common_prefix),
        cmocka_unit_test(addresses_do_not_depend_on_their_batch),
        cmocka_unit_test(ipv4_does_not_depend_on_the_processor),
        cmocka_unit_test(ipv6_does_not_depend_on_the_processor),
        cmocka_unit_test(another_key_flips_other_bits),
        cmocka_unit_test(networks_contain_the_images_of_their_addresses),
        cmocka_unit_test(mac_vendors_stay_together),
        cmocka_unit_test(special_macs_stay),
        cmocka_unit_test(maps_survive_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
