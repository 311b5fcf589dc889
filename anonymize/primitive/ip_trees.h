/*
 * How the bits of an IPv6 address are asked for: each half is cut into trees of six levels, and one
 * AES call gives all flips of a tree. The images depend on these numbers.
 */
#ifndef RH_IP_TREES_H
#define RH_IP_TREES_H

enum {
    IP_TREE_BITS = 6,
    IP_TREES = 11, /* of 64 bits: ten of six, one of four */
};

/* What an input is for; the number of prefix bits is added. */
enum { IP_TAG_FIRST = 0x100, IP_TAG_STATE = 0x200, IP_TAG_SECOND = 0x300 };

#endif
