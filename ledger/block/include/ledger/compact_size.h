/*
 * Bitcoin's counts of variable length, both kinds, and a cursor over bytes that are not trusted.
 */
#ifndef LEDGER_COMPACT_SIZE_H
#define LEDGER_COMPACT_SIZE_H

#include <stddef.h>
#include <stdint.h>

#include "core/bytes.h"

typedef struct rh_cursor {
    const uint8_t *data;
    size_t len;
    size_t at;
} rh_cursor;

/** What is wrong, as a constant text; NULL when nothing is. */
typedef const char *rh_fault;

static inline rh_fault rh_cursor_skip(rh_cursor *cursor, uint64_t bytes)
{
    if (bytes > cursor->len - cursor->at)
        return "the bytes end in the middle";
    cursor->at += (size_t)bytes;
    return NULL;
}

/** A number in 1, 3, 5 or 9 bytes; longer forms than needed are refused, as by Bitcoin. */
static inline rh_fault rh_cursor_compact(rh_cursor *cursor, uint64_t *out)
{
    const uint8_t *at = cursor->data + cursor->at;
    size_t left = cursor->len - cursor->at;
    size_t bytes;
    uint64_t value, least;

    if (left == 0)
        return "the bytes end in the middle";
    if (at[0] < 0xfd) {
        *out = at[0];
        cursor->at++;
        return NULL;
    }
    bytes = (size_t)1 << (at[0] - 0xfc);
    if (left < 1 + bytes)
        return "the bytes end in the middle";
    value = bytes == 2 ? rh_get_u16(at + 1) : bytes == 4 ? rh_get_u32(at + 1) : rh_get_u64(at + 1);
    least = bytes == 2 ? 0xfd : bytes == 4 ? 0x10000 : UINT64_C(0x100000000);
    if (value < least)
        return "a count is written longer than it needs to be";
    *out = value;
    cursor->at += 1 + bytes;
    return NULL;
}

/** The other count, of a node's own files: seven bits a byte, the highest first, one added for each
 * byte that follows, so that no number has two forms. */
static inline rh_fault rh_cursor_varint(rh_cursor *cursor, uint64_t *out)
{
    uint64_t value = 0;

    for (size_t at = cursor->at; at < cursor->len; at++) {
        uint8_t byte = cursor->data[at];

        if (value > UINT64_MAX >> 7)
            return "a number has more than 64 bits";
        value = value << 7 | (byte & 0x7f);
        if (byte < 0x80) {
            *out = value;
            cursor->at = at + 1;
            return NULL;
        }
        if (value == UINT64_MAX)
            return "a number has more than 64 bits";
        value++;
    }
    return "the bytes end in the middle";
}

#endif
