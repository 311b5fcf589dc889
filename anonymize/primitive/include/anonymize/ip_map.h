/*
 * Prefix-preserving maps of IP addresses, and MAC addresses by their two parts.
 *
 * Two addresses that share their first n bits have images that share exactly their first n bits.
 */
#ifndef ANONYMIZE_IP_MAP_H
#define ANONYMIZE_IP_MAP_H

#include <stddef.h>
#include <stdint.h>

#include <rehearse/error.h>

#include "anonymize/mask_key.h"

enum {
    RH_CRYPTOPAN_KEY_BYTES = 32, /* AES-128 key, then the block that is encrypted to the pad */
    RH_IPV6_BYTES = 16,
    RH_MAC_BYTES = 6,
};

typedef struct rh_ip_map rh_ip_map;

/** The map of a domain. RH_ENOMEM. Free with rh_ip_map_free. Not for two threads at a time. */
rh_status rh_ip_map_new(const rh_mask_key *master, const char *domain, rh_ip_map **out,
                        rh_error *err) RH_MUST_CHECK;

/** The map under a given Crypto-PAn key (IPv4 as other implementations have it). RH_ENOMEM. */
rh_status rh_ip_map_new_with_key(const uint8_t key[RH_CRYPTOPAN_KEY_BYTES], rh_ip_map **out,
                                 rh_error *err) RH_MUST_CHECK;
void rh_ip_map_free(rh_ip_map *map);

/** Replace count IPv4 addresses (host byte order) by their images: Crypto-PAn, bit for bit. */
void rh_ip_map_v4(rh_ip_map *map, uint32_t *addresses, size_t count);

/** Replace count IPv6 addresses of 16 bytes each. Our own layout, six bits per AES call. */
void rh_ip_map_v6(rh_ip_map *map, uint8_t *addresses, size_t count);

/** Tests only: without the processor's vectors. */
void rh_ip_map_force_narrow(rh_ip_map *map);

/**
 * A network: the image of an address of `bytes` bytes (4 or 16) whose bits behind prefix_bits are
 * cleared, before and after. For values of type cidr; an inet value with host bits is an address.
 * The image depends on the network alone, and contains the images of its addresses.
 */
void rh_ip_map_network(rh_ip_map *map, uint8_t *address, size_t bytes, unsigned prefix_bits);

typedef struct rh_mac_perm rh_mac_perm;

/** The permutation of MAC addresses of a domain. RH_ENOMEM. Not for two threads at a time. */
rh_status rh_mac_perm_new(const rh_mask_key *master, const char *domain, rh_mac_perm **out,
                          rh_error *err) RH_MUST_CHECK;
void rh_mac_perm_free(rh_mac_perm *perm);

/**
 * Replace count MAC addresses of 6 bytes each: 22 bits of the vendor part and the 24 bits of the
 * device part, each by FF1, the latter under the former. Equal vendors stay equal; the multicast
 * and the local bit stay; all zeros and all ones stay.
 */
void rh_mac_perm_map(rh_mac_perm *perm, uint8_t *addresses, size_t count);

#endif
