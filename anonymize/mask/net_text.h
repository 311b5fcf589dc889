/*
 * Addresses of networks as text, in the one spelling that PostgreSQL and inet_ntop write.
 */
#ifndef RH_NET_TEXT_H
#define RH_NET_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NET_TEXT_BYTES = 64 };

typedef struct net_address {
    uint8_t bytes[16];
    size_t size; /* 4 or 16 */
    int prefix;  /* bits; -1: none written */
    bool upper;  /* IPv6 in capitals */
} net_address;

/** Dotted IPv4 without zeros in front, in host byte order. */
bool net_text_v4(const char *text, size_t len, uint32_t *out);
size_t net_text_put_v4(uint32_t address, char out[NET_TEXT_BYTES]);

/** IPv4 or IPv6 with or without /bits; false for any other spelling than the one it would get. */
bool net_text_parse(const char *text, size_t len, net_address *out);
size_t net_text_put(const net_address *address, char out[NET_TEXT_BYTES]);

#endif
