/*
 * Crypto-PAn (Xu, Fan, Ammar, Moon 2001): bit i of an address is flipped by one bit of a PRF of the
 * i bits in front of it. The flips of the first 16 bits of IPv4 are tabulated (128 KiB), which
 * saves half of the AES calls; in IPv6 one call gives all flips of a tree of six levels.
 */
#include "anonymize/ip_map.h"

#include <string.h>

#include "anonymize/cipher.h"
#include "core/mem.h"
#include "ip_trees.h"
#include "ip_wide.h"
#include "wide.h"

enum {
    BLOCK = RH_CIPHER_BLOCK,
    TABLE_BITS = 16,
    V4_CALLS = 32 - TABLE_BITS,
    V4_LANES = 8,
    V6_LANES = 8, /* 96 and 88 blocks: no single one is left over */
};

/* Shifts and masks of a tree are constants then: half of the instructions. */
#define UNROLLED _Pragma("GCC unroll 11")

struct rh_ip_map {
    rh_cipher *v4;
    rh_cipher *v6;
    uint8_t pad[BLOCK];
    uint16_t flips[1 << TABLE_BITS]; /* of IPv4 by the first 16 bits */
    uint8_t by_byte[256][8];         /* of three bits by a random byte and the bits */
};

/* The input for bit `bits` of address: the bits in front of it, then the pad's. */
static void put_v4_input(const rh_ip_map *map, uint32_t address, unsigned bits, uint8_t *block)
{
    uint32_t pad = load_be32(map->pad);
    uint32_t mask = bits == 0 ? 0 : UINT32_MAX << (32 - bits);

    store_be32(block, (address & mask) | (pad & ~mask));
    memcpy(block + 4, map->pad + 4, BLOCK - 4);
}

/* All prefixes of length 0 to 15: the flip of bit i is or-ed into every address that starts so. */
static void fill_table(rh_ip_map *map)
{
    uint8_t blocks[64 * BLOCK];

    for (unsigned bits = 0; bits < TABLE_BITS; bits++) {
        uint32_t prefixes = 1U << bits;

        for (uint32_t first = 0; first < prefixes; first += 64) {
            uint32_t count = prefixes - first < 64 ? prefixes - first : 64;

            for (uint32_t i = 0; i < count; i++)
                put_v4_input(map, bits == 0 ? 0 : (first + i) << (32 - bits), bits,
                             blocks + BLOCK * i);
            rh_cipher_encrypt(map->v4, blocks, blocks, count);
            for (uint32_t i = 0; i < count; i++) {
                uint32_t span = 1U << (TABLE_BITS - bits);
                uint16_t flip = (uint16_t)((blocks[BLOCK * i] >> 7) << (TABLE_BITS - 1 - bits));

                for (uint32_t j = 0; j < span; j++)
                    map->flips[(first + i) * span + j] |= flip;
            }
        }
    }
}

/* What a byte says about three bits: bit 1 flips the first, bit 2 or 3 the second, by what the
 * first one was, bits 4 to 7 the third. */
static void fill_bytes(rh_ip_map *map)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        for (unsigned bits = 0; bits < 8; bits++)
            map->by_byte[byte][bits] =
                (uint8_t)((byte >> 1 & 1) << 2 | (byte >> (2 + (bits >> 2)) & 1) << 1 |
                          (byte >> (4 + (bits >> 1)) & 1));
    }
}

rh_status rh_ip_map_new_with_key(const uint8_t key[RH_CRYPTOPAN_KEY_BYTES], rh_ip_map **out,
                                 rh_error *err)
{
    rh_status status = RH_OK;
    rh_ip_map *map = rh_mem_zalloc(sizeof *map);
    rh_mask_key master;

    if (map == NULL)
        return rh_error_oom(err);
    memcpy(master.bytes, key, sizeof master.bytes);
    status = rh_cipher_new(key, 16, &map->v4, err);
    if (status == RH_OK)
        status = rh_cipher_new_for(&master, "", "ip/6", &map->v6, err);
    if (status != RH_OK)
        goto out;
    rh_cipher_encrypt(map->v4, key + 16, map->pad, 1);
    fill_table(map);
    fill_bytes(map);

    *out = map;
    map = NULL;
out:
    rh_mask_key_wipe(&master);
    rh_ip_map_free(map);
    return status;
}

rh_status rh_ip_map_new(const rh_mask_key *master, const char *domain, rh_ip_map **out,
                        rh_error *err)
{
    rh_mask_key key;

    rh_mask_key_derive(master, domain, "ip", &key);

    rh_status status = rh_ip_map_new_with_key(key.bytes, out, err);

    rh_mask_key_wipe(&key);
    return status;
}

void rh_ip_map_free(rh_ip_map *map)
{
    if (map == NULL)
        return;
    rh_cipher_free(map->v4);
    rh_cipher_free(map->v6);
    rh_mem_wipe_free(map, sizeof *map);
}

/* The last 16 bits of each address. */
static void flip_v4(const rh_ip_map *map, uint32_t *addresses, size_t count)
{
    uint8_t blocks[V4_LANES * V4_CALLS * BLOCK];
    uint32_t pad = load_be32(map->pad);

    for (size_t i = 0; i < V4_LANES * V4_CALLS; i++)
        memcpy(blocks + BLOCK * i, map->pad, BLOCK);
    for (size_t at = 0; at < count; at += V4_LANES) {
        size_t lanes = count - at < V4_LANES ? count - at : V4_LANES;
        uint8_t output[V4_LANES * V4_CALLS * BLOCK];

        for (size_t i = 0; i < lanes; i++) {
            for (unsigned bit = 0; bit < V4_CALLS; bit++) {
                uint32_t mask = UINT32_MAX << (V4_CALLS - bit);

                store_be32(blocks + BLOCK * (V4_CALLS * i + bit),
                           (addresses[at + i] & mask) | (pad & ~mask));
            }
        }
        rh_cipher_encrypt(map->v4, blocks, output, V4_CALLS * lanes);
        for (size_t i = 0; i < lanes; i++) {
            uint32_t flips = 0;

            for (unsigned bit = 0; bit < V4_CALLS; bit++)
                flips = flips << 1 | output[BLOCK * (V4_CALLS * i + bit)] >> 7;
            addresses[at + i] ^= flips;
        }
    }
}

void rh_ip_map_v4(rh_ip_map *map, uint32_t *addresses, size_t count)
{
    /* The last bits first: those in front of them decide what becomes of them, as they were. */
    if (!rh_ip_wide_v4(map->v4, map->pad, addresses, count))
        flip_v4(map, addresses, count);
    for (size_t i = 0; i < count; i++)
        addresses[i] ^= (uint32_t)map->flips[addresses[i] >> 16] << 16;
}

/* The inputs for the trees of one half of an address; state is 0 for the first half. */
static void put_trees(uint64_t half, rh_wide state, uint64_t tag, uint8_t *blocks)
{
    const uint64_t first = SWAP64((uint64_t)(state >> 64) ^ tag);
    const uint64_t second = SWAP64((uint64_t)state);
    const uint64_t bytes = SWAP64(half);

    UNROLLED
    for (unsigned i = 0; i < IP_TREES; i++) {
        unsigned bits = IP_TREE_BITS * i;
        const uint64_t prefix = bits == 0 ? 0 : bytes & SWAP64(UINT64_MAX << (64 - bits));
        const uint64_t block[2] = {first ^ SWAP64((uint64_t)bits), second ^ prefix};

        memcpy(blocks + BLOCK * i, block, sizeof block);
    }
}

/* The flips that the trees have for half: the first byte of a tree flips three bits, the one of the
 * eight behind it that these three choose flips three more. */
static uint64_t flips_of(const rh_ip_map *map, uint64_t half, const uint8_t *random)
{
    uint64_t flips = 0;

    UNROLLED
    for (unsigned i = 0; i < IP_TREES; i++, random += BLOCK) {
        unsigned at = IP_TREE_BITS * i;
        unsigned bits = (unsigned)(half << at >> (64 - IP_TREE_BITS));
        unsigned first = map->by_byte[random[0]][bits >> 3];
        uint64_t both = first << 3 | map->by_byte[random[1 + (bits >> 3)]][bits & 7];

        flips |= both << (64 - IP_TREE_BITS) >> at; /* the last tree has two levels too many */
    }
    return flips;
}

void rh_ip_map_force_narrow(rh_ip_map *map)
{
    rh_cipher_force_portable(map->v4);
    rh_cipher_force_portable(map->v6);
}

static void map_v6(rh_ip_map *map, uint8_t *addresses, size_t count)
{
    uint8_t first[V6_LANES * (IP_TREES + 1) * BLOCK];
    uint8_t second[V6_LANES * IP_TREES * BLOCK];

    for (; count > 0;) {
        size_t lanes = count < V6_LANES ? count : V6_LANES;

        for (size_t i = 0; i < lanes; i++) {
            uint64_t high = load_be64(addresses + BLOCK * i);
            uint8_t *blocks = first + BLOCK * (IP_TREES + 1) * i;

            put_trees(high, 0, IP_TAG_FIRST, blocks);
            store_wide(blocks + BLOCK * IP_TREES, (rh_wide)IP_TAG_STATE << 64 | high);
        }
        rh_cipher_encrypt(map->v6, first, first, (IP_TREES + 1) * lanes);
        for (size_t i = 0; i < lanes; i++)
            put_trees(load_be64(addresses + BLOCK * i + 8),
                      load_wide(first + BLOCK * ((IP_TREES + 1) * i + IP_TREES)), IP_TAG_SECOND,
                      second + BLOCK * IP_TREES * i);
        rh_cipher_encrypt(map->v6, second, second, IP_TREES * lanes);
        for (size_t i = 0; i < lanes; i++) {
            uint8_t *address = addresses + BLOCK * i;
            uint64_t high = load_be64(address);
            uint64_t low = load_be64(address + 8);

            store_be64(address, high ^ flips_of(map, high, first + BLOCK * (IP_TREES + 1) * i));
            store_be64(address + 8, low ^ flips_of(map, low, second + BLOCK * IP_TREES * i));
        }
        addresses += BLOCK * lanes;
        count -= lanes;
    }
}

void rh_ip_map_v6(rh_ip_map *map, uint8_t *addresses, size_t count)
{
    if (!rh_ip_wide_v6(map->v6, addresses, count))
        map_v6(map, addresses, count);
}

static void clear_host_bits(uint8_t *address, size_t bytes, unsigned prefix_bits)
{
    for (size_t i = 0; i < bytes; i++) {
        unsigned from = (unsigned)(8 * i);
        unsigned keep = prefix_bits <= from ? 0 : prefix_bits - from;

        if (keep < 8)
            address[i] &= (uint8_t)(0xff00 >> keep);
    }
}

void rh_ip_map_network(rh_ip_map *map, uint8_t *address, size_t bytes, unsigned prefix_bits)
{
    clear_host_bits(address, bytes, prefix_bits);
    if (bytes == 4) {
        uint32_t value = load_be32(address);

        rh_ip_map_v4(map, &value, 1);
        store_be32(address, value);
    } else {
        rh_ip_map_v6(map, address, 1);
    }
    clear_host_bits(address, bytes, prefix_bits);
}
