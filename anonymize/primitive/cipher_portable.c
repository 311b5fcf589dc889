#include "cipher_portable.h"

#include <string.h>

static uint8_t double_of(uint8_t x)
{
    return (uint8_t)(x << 1 ^ ((x >> 7) * 0x1b));
}

static uint8_t rotate_left(uint8_t x, unsigned by)
{
    return (uint8_t)(x << by | x >> (8 - by));
}

/* The S-box by walking the multiplicative group: p runs over powers of 3, q over their inverses. */
static void make_sbox(uint8_t sbox[256])
{
    uint8_t p = 1;
    uint8_t q = 1;

    do {
        p = (uint8_t)(p ^ double_of(p));
        q = (uint8_t)(q ^ q << 1);
        q = (uint8_t)(q ^ q << 2);
        q = (uint8_t)(q ^ q << 4);
        q = (uint8_t)(q ^ ((q >> 7) * 0x09));
        sbox[p] = (uint8_t)(q ^ rotate_left(q, 1) ^ rotate_left(q, 2) ^ rotate_left(q, 3) ^
                            rotate_left(q, 4) ^ 0x63);
    } while (p != 1);
    sbox[0] = 0x63;
}

void rh_aes_schedule_init(rh_aes_schedule *schedule, const uint8_t *key, size_t key_bytes)
{
    uint8_t *w = schedule->round_keys;
    uint8_t constant = 1;

    make_sbox(schedule->sbox);
    schedule->rounds = (unsigned)(key_bytes / 4 + 6);
    memcpy(w, key, key_bytes);
    for (size_t i = key_bytes; i < 16 * ((size_t)schedule->rounds + 1); i += 4) {
        uint8_t word[4];

        memcpy(word, w + i - 4, 4);
        if (i % key_bytes == 0) {
            uint8_t first = word[0];

            for (int j = 0; j < 3; j++)
                word[j] = schedule->sbox[word[j + 1]];
            word[3] = schedule->sbox[first];
            word[0] ^= constant;
            constant = double_of(constant);
        } else if (key_bytes == 32 && i % 32 == 16) {
            for (int j = 0; j < 4; j++)
                word[j] = schedule->sbox[word[j]];
        }
        for (size_t j = 0; j < 4; j++)
            w[i + j] = w[i + j - key_bytes] ^ word[j];
    }
}

static void mix_column(uint8_t c[4])
{
    uint8_t all = c[0] ^ c[1] ^ c[2] ^ c[3];
    uint8_t first = c[0];

    for (int i = 0; i < 4; i++) {
        uint8_t next = i == 3 ? first : c[i + 1];

        c[i] = (uint8_t)(c[i] ^ all ^ double_of(c[i] ^ next));
    }
}

void rh_aes_schedule_encrypt(const rh_aes_schedule *schedule, const uint8_t in[16], uint8_t out[16])
{
    uint8_t s[16];
    uint8_t t[16];

    for (int i = 0; i < 16; i++)
        s[i] = in[i] ^ schedule->round_keys[i];
    for (unsigned round = 1; round <= schedule->rounds; round++) {
        for (unsigned i = 0; i < 16; i++) /* SubBytes and ShiftRows: row i%4 turns by its number */
            t[i] = schedule->sbox[s[(i + 4 * (i % 4)) % 16]];
        if (round < schedule->rounds) {
            for (int c = 0; c < 16; c += 4)
                mix_column(t + c);
        }
        for (unsigned i = 0; i < 16; i++)
            s[i] = t[i] ^ schedule->round_keys[16 * round + i];
    }
    memcpy(out, s, 16);
}
