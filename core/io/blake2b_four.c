/*
 * BLAKE2b (RFC 7693) with a 64-bit word of four messages in each register: within one message the
 * additions wait for each other, across messages they do not. A message that ends makes room for
 * the next one, so that messages of different lengths keep all four lanes busy.
 */
#include "blake2b_four.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

#include <immintrin.h>
#include <string.h>

#include "core/seal.h"

#define WITH_AVX2 __attribute__((target("avx2")))

/* So that sigma's places are constants. */
#define UNROLLED _Pragma("GCC unroll 12")

enum { LANES = 4, BLOCK = 128, WORDS = 16, STATE = 8, ROUNDS = 12 };

static const uint64_t iv[STATE] = {UINT64_C(0x6a09e667f3bcc908), UINT64_C(0xbb67ae8584caa73b),
                                   UINT64_C(0x3c6ef372fe94f82b), UINT64_C(0xa54ff53a5f1d36f1),
                                   UINT64_C(0x510e527fade682d1), UINT64_C(0x9b05688c2b3e6c1f),
                                   UINT64_C(0x1f83d9abfb41bd6b), UINT64_C(0x5be0cd19137e2179)};

/* The last two rounds begin again. */
static const uint8_t sigma[ROUNDS][WORDS] = {
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0},
    {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3}};

/* One message on its way. */
typedef struct lane {
    const uint8_t *at;
    size_t left;
    size_t input;        /* which one; SIZE_MAX: the lane is idle */
    bool keyed;          /* the key's block is done */
    uint64_t counted;    /* bytes, the block at hand included */
    uint8_t tail[BLOCK]; /* the last block, filled up with zeros */
} lane;

typedef struct four {
    uint64_t state[STATE][LANES];
    lane lanes[LANES];
    const uint8_t *key_block;
} four;

bool rh_blake2b_four_here(void)
{
    return __builtin_cpu_supports("avx2");
}

/* ---- the compression function ---- */

WITH_AVX2 static inline __m256i load(const void *at)
{
    return _mm256_loadu_si256((const __m256i *)at);
}

/* Words 4i to 4i + 3 of four blocks: as rows one way, as columns the other. */
WITH_AVX2 static inline void transpose(const uint8_t *const blocks[LANES], size_t i, __m256i *out)
{
    __m256i a = load(blocks[0] + 32 * i), b = load(blocks[1] + 32 * i);
    __m256i c = load(blocks[2] + 32 * i), d = load(blocks[3] + 32 * i);
    __m256i ab_even = _mm256_unpacklo_epi64(a, b), ab_odd = _mm256_unpackhi_epi64(a, b);
    __m256i cd_even = _mm256_unpacklo_epi64(c, d), cd_odd = _mm256_unpackhi_epi64(c, d);

    out[0] = _mm256_permute2x128_si256(ab_even, cd_even, 0x20);
    out[1] = _mm256_permute2x128_si256(ab_odd, cd_odd, 0x20);
    out[2] = _mm256_permute2x128_si256(ab_even, cd_even, 0x31);
    out[3] = _mm256_permute2x128_si256(ab_odd, cd_odd, 0x31);
}

WITH_AVX2 static inline __m256i rotate_63(__m256i x)
{
    return _mm256_xor_si256(_mm256_srli_epi64(x, 63), _mm256_add_epi64(x, x));
}

WITH_AVX2 static inline void mix(__m256i *v, int a, int b, int c, int d, __m256i x, __m256i y)
{
    const __m256i by_24 = _mm256_setr_epi8(3, 4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10, 3,
                                           4, 5, 6, 7, 0, 1, 2, 11, 12, 13, 14, 15, 8, 9, 10);
    const __m256i by_16 = _mm256_setr_epi8(2, 3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9, 2,
                                           3, 4, 5, 6, 7, 0, 1, 10, 11, 12, 13, 14, 15, 8, 9);

    v[a] = _mm256_add_epi64(_mm256_add_epi64(v[a], x), v[b]);
    v[d] = _mm256_shuffle_epi32(_mm256_xor_si256(v[d], v[a]), 0xB1); /* by 32 */
    v[c] = _mm256_add_epi64(v[c], v[d]);
    v[b] = _mm256_shuffle_epi8(_mm256_xor_si256(v[b], v[c]), by_24);
    v[a] = _mm256_add_epi64(_mm256_add_epi64(v[a], y), v[b]);
    v[d] = _mm256_shuffle_epi8(_mm256_xor_si256(v[d], v[a]), by_16);
    v[c] = _mm256_add_epi64(v[c], v[d]);
    v[b] = rotate_63(_mm256_xor_si256(v[b], v[c]));
}

/* counted and last: bytes so far, and all ones in a lane's last block. */
WITH_AVX2 static void compress(uint64_t state[STATE][LANES], const uint8_t *const blocks[LANES],
                               const uint64_t counted[LANES], const uint64_t last[LANES])
{
    __m256i v[WORDS];
    __m256i m[WORDS];

    for (size_t i = 0; i < WORDS / 4; i++)
        transpose(blocks, i, m + 4 * i);
    for (size_t i = 0; i < STATE; i++) {
        v[i] = load(state[i]);
        v[STATE + i] = _mm256_set1_epi64x((long long)iv[i]);
    }
    v[12] = _mm256_xor_si256(v[12], load(counted));
    v[14] = _mm256_xor_si256(v[14], load(last));
    UNROLLED
    for (size_t round = 0; round < ROUNDS; round++) {
        const uint8_t *s = sigma[round];

        mix(v, 0, 4, 8, 12, m[s[0]], m[s[1]]);
        mix(v, 1, 5, 9, 13, m[s[2]], m[s[3]]);
        mix(v, 2, 6, 10, 14, m[s[4]], m[s[5]]);
        mix(v, 3, 7, 11, 15, m[s[6]], m[s[7]]);
        mix(v, 0, 5, 10, 15, m[s[8]], m[s[9]]);
        mix(v, 1, 6, 11, 12, m[s[10]], m[s[11]]);
        mix(v, 2, 7, 8, 13, m[s[12]], m[s[13]]);
        mix(v, 3, 4, 9, 14, m[s[14]], m[s[15]]);
    }
    for (size_t i = 0; i < STATE; i++) {
        __m256i sum = _mm256_xor_si256(load(state[i]), _mm256_xor_si256(v[i], v[STATE + i]));

        _mm256_storeu_si256((__m256i *)(void *)state[i], sum);
    }
}

/* ---- messages ---- */

static void begin(four *all, size_t number, const rh_hash_input *inputs, size_t input)
{
    lane *l = &all->lanes[number];

    for (size_t i = 0; i < STATE; i++)
        all->state[i][number] = iv[i];
    all->state[0][number] ^= UINT64_C(0x01010000) ^ RH_ID_KEY_BYTES << 8 ^ RH_ID_BYTES;
    l->at = inputs[input].data;
    l->left = inputs[input].len;
    l->input = input;
    l->keyed = false;
    l->counted = 0;
}

/* The lane's next block, and whether it is its last. The last one is never empty but where the
 * message is: then the key's block is the last. */
static const uint8_t *next_block(const four *all, lane *l, uint64_t *last)
{
    const uint8_t *block = l->at;
    size_t len = l->left < BLOCK ? l->left : BLOCK;

    *last = 0;
    if (l->input == SIZE_MAX)
        return all->key_block;
    if (!l->keyed) {
        l->keyed = true;
        l->counted = BLOCK;
        *last = l->left == 0 ? UINT64_MAX : 0;
        return all->key_block;
    }
    if (len < BLOCK) {
        memset(l->tail, 0, sizeof l->tail);
        memcpy(l->tail, l->at, len);
        block = l->tail;
    }
    l->at += len;
    l->left -= len;
    l->counted += len;
    *last = l->left == 0 ? UINT64_MAX : 0;
    return block;
}

/* Words are written as x86 has them, which is BLAKE2b's own order. */
static void finish(const four *all, size_t number, rh_id *out)
{
    for (size_t i = 0; i < RH_ID_BYTES / sizeof(uint64_t); i++)
        memcpy(out->bytes + i * sizeof(uint64_t), &all->state[i][number], sizeof(uint64_t));
}

void rh_blake2b_four(const uint8_t key[RH_ID_KEY_BYTES], const rh_hash_input *inputs, size_t count,
                     rh_id *out)
{
    uint8_t key_block[BLOCK] = {0};
    four all = {.key_block = key_block};
    size_t started = 0;
    size_t done = 0;

    memcpy(key_block, key, RH_ID_KEY_BYTES);
    for (size_t i = 0; i < LANES; i++) {
        all.lanes[i].input = SIZE_MAX;
        if (started < count)
            begin(&all, i, inputs, started++);
    }
    while (done < count) {
        const uint8_t *blocks[LANES];
        uint64_t counted[LANES];
        uint64_t last[LANES];

        for (size_t i = 0; i < LANES; i++) {
            blocks[i] = next_block(&all, &all.lanes[i], &last[i]);
            counted[i] = all.lanes[i].counted;
        }
        compress(all.state, blocks, counted, last);
        for (size_t i = 0; i < LANES; i++) {
            if (last[i] == 0)
                continue;
            finish(&all, i, &out[all.lanes[i].input]);
            done++;
            all.lanes[i].input = SIZE_MAX;
            if (started < count)
                begin(&all, i, inputs, started++);
        }
    }
    rh_wipe(key_block, sizeof key_block);
    rh_wipe(&all, sizeof all); /* ends of rows, states under the key */
}

#else

bool rh_blake2b_four_here(void)
{
    return false;
}

void rh_blake2b_four(const uint8_t key[RH_ID_KEY_BYTES], const rh_hash_input *inputs, size_t count,
                     rh_id *out)
{
    for (size_t i = 0; i < count; i++)
        rh_hash_id(key, inputs[i].data, inputs[i].len, &out[i]);
}

#endif
