#include "anonymize/keccak.h"

#include <string.h>

enum { LANES = 25, RATE = 136 };

static uint64_t rotate(uint64_t x, unsigned by)
{
    return x << by | x >> (64 - by);
}

static void permute(uint64_t a[LANES])
{
    static const uint8_t turn[24] = {1,  3,  6,  10, 15, 21, 28, 36, 45, 55, 2,  14,
                                     27, 41, 56, 8,  25, 43, 62, 18, 39, 61, 20, 44};
    static const uint8_t place[24] = {10, 7,  11, 17, 18, 3, 5,  16, 8,  21, 24, 4,
                                      15, 23, 19, 13, 12, 2, 20, 14, 22, 9,  6,  1};
    static const uint64_t constant[24] = {
        0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000,
        0x000000000000808b, 0x0000000080000001, 0x8000000080008081, 0x8000000000008009,
        0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
        0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003,
        0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
        0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};
    uint64_t c[7]; /* five columns or lanes of a row, the first two again behind them */

    for (int round = 0; round < 24; round++) {
        for (int x = 0; x < 5; x++)
            c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];

        const uint64_t d[5] = {c[4] ^ rotate(c[1], 1), c[0] ^ rotate(c[2], 1),
                               c[1] ^ rotate(c[3], 1), c[2] ^ rotate(c[4], 1),
                               c[3] ^ rotate(c[0], 1)};

        for (int y = 0; y < LANES; y += 5) {
            for (int x = 0; x < 5; x++)
                a[x + y] ^= d[x];
        }

        uint64_t moved = a[1];

        for (int i = 0; i < 24; i++) {
            uint64_t next = a[place[i]];

            a[place[i]] = rotate(moved, turn[i]);
            moved = next;
        }
        for (int y = 0; y < LANES; y += 5) {
            memcpy(c, a + y, 5 * sizeof c[0]);
            c[5] = c[0];
            c[6] = c[1];
            for (int x = 0; x < 5; x++)
                a[y + x] = c[x] ^ (~c[x + 1] & c[x + 2]);
        }
        a[0] ^= constant[round];
    }
}

static void absorb(uint64_t state[LANES], const uint8_t block[RATE])
{
    for (int i = 0; i < RATE / 8; i++) {
        uint64_t lane = 0;

        for (int j = 7; j >= 0; j--)
            lane = lane << 8 | block[8 * i + j];
        state[i] ^= lane;
    }
    permute(state);
}

void rh_keccak_256(const void *data, size_t len, uint8_t out[32])
{
    const uint8_t *at = data;
    uint64_t state[LANES] = {0};
    uint8_t last[RATE] = {0};

    for (; len >= RATE; at += RATE, len -= RATE)
        absorb(state, at);
    if (len > 0)
        memcpy(last, at, len);
    last[len] ^= 0x01;
    last[RATE - 1] ^= 0x80;
    absorb(state, last);
    for (int i = 0; i < 32; i++)
        out[i] = (uint8_t)(state[i / 8] >> (8 * (i % 8)));
}
