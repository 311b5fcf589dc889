/*
 * What ip_map.c does for an IPv6 address, with all trees of a half in six registers: their inputs
 * are one AND and two XORs each, and the two bytes that count of each output are collected by byte
 * shuffles. Bits are cut in sixes and put together again the way base64 is coded with vectors
 * (W. Mula and D. Lemire, "Faster Base64 Encoding and Decoding using AVX2 Instructions", 2018).
 * The sixteen calls for an IPv4 address are eight registers, one AND and one XOR each.
 *
 * Measured: IPv6 2.0 to 2.2 times the addresses per second of ip_map.c alone, 2.4 times one by one;
 * IPv4 2.1 to 2.9 times, one by one 2.5 to 4.5 times.
 */
#include "ip_wide.h"

#include "cipher_native.h"
#include "ip_trees.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

#include <immintrin.h>

#include "wide.h"

#define WITH_VAES __attribute__((target("vaes,avx2")))
/* A call would put all registers into memory. */
#define INLINED WITH_VAES __attribute__((always_inline)) static inline

enum {
    BLOCK = 16,
    REGISTERS = (IP_TREES + 1) / 2, /* of a half; a register has two trees */
    ROUNDS = 10,                    /* of AES-128 */
};

#define UNROLLED _Pragma("GCC unroll 12")

/* Block i of a table: what the tree behind 6 * i bits is asked. */
#define PREFIX(i)                                                                                  \
    {                                                                                              \
        0, (i) == 0 ? 0 : SWAP64(UINT64_MAX << (64 - IP_TREE_BITS * (i)) % 64)                     \
    }
#define KIND(tag, i)                                                                               \
    {                                                                                              \
        SWAP64((uint64_t)(tag) ^ (IP_TREE_BITS * (i))), 0                                          \
    }
#define KINDS(tag)                                                                                 \
    KIND(tag, 0), KIND(tag, 1), KIND(tag, 2), KIND(tag, 3), KIND(tag, 4), KIND(tag, 5),            \
        KIND(tag, 6), KIND(tag, 7), KIND(tag, 8), KIND(tag, 9), KIND(tag, 10)

static const uint64_t prefixes[IP_TREES + 1][2] = {
    PREFIX(0), PREFIX(1), PREFIX(2), PREFIX(3), PREFIX(4),  PREFIX(5),
    PREFIX(6), PREFIX(7), PREFIX(8), PREFIX(9), PREFIX(10), {0, UINT64_MAX}};
static const uint64_t first_kinds[IP_TREES + 1][2] = {KINDS(IP_TAG_FIRST), KIND(IP_TAG_STATE, 0)};
static const uint64_t second_kinds[IP_TREES + 1][2] = {KINDS(IP_TAG_SECOND), {0, 0}}; /* unused */

/*
 * Both bytes of all trees are collected in one register: those of even trees in its lower half, of
 * odd ones in the upper; the first byte of the n-th of them at n, the second one at SECOND + n. The
 * table clears all other places when it is or-ed to the places that bytes come from.
 */
enum { SECOND = 8 };

#define AT(n, place) ((n) == (place) % SECOND ? 0 : 0x80)
#define TAKE(n)                                                                                    \
    {                                                                                              \
        AT(n, 0), AT(n, 1), AT(n, 2), AT(n, 3), AT(n, 4), AT(n, 5), AT(n, 6), AT(n, 7), AT(n, 8),  \
            AT(n, 9), AT(n, 10), AT(n, 11), AT(n, 12), AT(n, 13), AT(n, 14), AT(n, 15)             \
    }

static const uint8_t takes[IP_TREES + 1][BLOCK] = {TAKE(0), TAKE(0), TAKE(1), TAKE(1),
                                                   TAKE(2), TAKE(2), TAKE(3), TAKE(3),
                                                   TAKE(4), TAKE(4), TAKE(5), TAKE(5)};

/* Sixes in the order of the trees to that order, twice each. */
static const int8_t spread[2 * BLOCK] = {0, 2, 4, 6, 8, 10, -1, -1, 0, 2, 4, 6, 8, 10, -1, -1,
                                         1, 3, 5, 7, 9, 11, -1, -1, 1, 3, 5, 7, 9, 11, -1, -1};

#define EIGHT(byte) byte, byte, byte, byte, byte, byte, byte, byte

static const uint8_t three_bits_first[2 * BLOCK] = {EIGHT(7), EIGHT(0), EIGHT(7), EIGHT(0)};
static const uint8_t three_bits_second[2 * BLOCK] = {EIGHT(0), EIGHT(7), EIGHT(0), EIGHT(7)};
static const uint8_t one_second[2 * BLOCK] = {EIGHT(0), EIGHT(1), EIGHT(0), EIGHT(1)};

/* By three bits: which bit of a random byte flips the second level, and the third. */
static const uint8_t second_level[2 * BLOCK] = {4, 4, 4, 4, 8, 8, 8, 8, EIGHT(0),
                                                4, 4, 4, 4, 8, 8, 8, 8, EIGHT(0)};
static const uint8_t third_level[2 * BLOCK] = {16, 16, 32, 32, 64, 64, 128, 128, EIGHT(0),
                                               16, 16, 32, 32, 64, 64, 128, 128, EIGHT(0)};

INLINED __m256i load(const void *at)
{
    return _mm256_loadu_si256((const __m256i *)at);
}

INLINED __m256i load_twice(const void *at)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)at));
}

/* ---- the calls of AES ---- */

/* The inputs for one half of an address; base is what they have in common. */
INLINED void put_inputs(__m256i *s, const uint8_t *half, const uint64_t kinds[][2], __m256i base)
{
    __m128i bytes = _mm_loadl_epi64((const __m128i *)(const void *)half);
    __m256i both = _mm256_broadcastsi128_si256(_mm_slli_si128(bytes, 8));

    UNROLLED
    for (int i = 0; i < REGISTERS; i++) {
        __m256i prefix = _mm256_and_si256(both, load(prefixes[2 * i]));

        s[i] = _mm256_xor_si256(_mm256_xor_si256(prefix, load(kinds[2 * i])), base);
    }
}

/* All rounds behind the first key, which the inputs have in them. */
INLINED void encrypt(const rh_aes_schedule *schedule, __m256i *s, int count)
{
    const uint8_t *keys = schedule->round_keys;
    __m256i key;

    UNROLLED
    for (unsigned round = 1; round < ROUNDS; round++) {
        key = load_twice(keys + BLOCK * round);
        UNROLLED
        for (int i = 0; i < count; i++)
            s[i] = _mm256_aesenc_epi128(s[i], key);
    }
    key = load_twice(keys + BLOCK * (size_t)ROUNDS);
    UNROLLED
    for (int i = 0; i < count; i++)
        s[i] = _mm256_aesenclast_epi128(s[i], key);
}

/* ---- the flips ---- */

/* Eight bytes as sixes of bits, one per byte; what is missing behind the end is zero. */
INLINED __m128i cut(const uint8_t *half)
{
    const __m128i places = _mm_setr_epi8(1, 0, 2, 1, 4, 3, 5, 4, 7, 6, 8, 7, 10, 9, 11, 10);
    __m128i in = _mm_loadl_epi64((const __m128i *)(const void *)half);

    in = _mm_shuffle_epi8(in, places);
    return _mm_or_si128(
        _mm_mulhi_epu16(_mm_and_si128(in, _mm_set1_epi32(0x0fc0fc00)), _mm_set1_epi32(0x04000040)),
        _mm_mullo_epi16(_mm_and_si128(in, _mm_set1_epi32(0x003f03f0)), _mm_set1_epi32(0x01000010)));
}

/* The way back: the first eight bytes count. */
INLINED __m128i join(__m128i sixes)
{
    const __m128i places = _mm_setr_epi8(2, 1, 0, 6, 5, 4, 10, 9, -1, -1, -1, -1, -1, -1, -1, -1);
    __m128i twelves = _mm_maddubs_epi16(sixes, _mm_set1_epi32(0x01400140));

    return _mm_shuffle_epi8(_mm_madd_epi16(twelves, _mm_set1_epi32(0x00011000)), places);
}

/* by_byte of ip_map.c: the flips of three levels, by a random byte and the three bits. */
INLINED __m256i three_flips(__m256i random, __m256i bits)
{
    const __m256i zero = _mm256_setzero_si256();
    __m256i no_second = _mm256_cmpeq_epi8(
        _mm256_and_si256(random, _mm256_shuffle_epi8(load(second_level), bits)), zero);
    __m256i no_third = _mm256_cmpeq_epi8(
        _mm256_and_si256(random, _mm256_shuffle_epi8(load(third_level), bits)), zero);

    return _mm256_or_si256(_mm256_and_si256(_mm256_add_epi8(random, random), _mm256_set1_epi8(4)),
                           _mm256_or_si256(_mm256_andnot_si256(no_second, _mm256_set1_epi8(2)),
                                           _mm256_andnot_si256(no_third, _mm256_set1_epi8(1))));
}

/* Write half's image, given what its trees came to. */
INLINED void flip(uint8_t *half, const __m256i *s)
{
    const __m256i at_second = load(three_bits_second);
    __m256i sixes = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(cut(half)), load(spread));
    __m256i upper = _mm256_srli_epi16(sixes, 3);
    __m256i bits = _mm256_or_si256(_mm256_and_si256(upper, load(three_bits_first)),
                                   _mm256_and_si256(sixes, at_second));
    __m256i from = _mm256_add_epi8(_mm256_and_si256(upper, at_second), load(one_second));
    __m256i random = _mm256_setzero_si256();
    __m256i flips;
    __m128i image;

    UNROLLED
    for (int i = 0; i < REGISTERS; i++) {
        __m256i take = _mm256_or_si256(from, load(takes[2 * i]));

        random = _mm256_or_si256(random, _mm256_shuffle_epi8(s[i], take));
    }
    flips = three_flips(random, bits);
    flips = _mm256_or_si256(_mm256_slli_epi16(flips, 3), _mm256_srli_si256(flips, SECOND));
    image =
        join(_mm_unpacklo_epi8(_mm256_castsi256_si128(flips), _mm256_extracti128_si256(flips, 1)));
    image = _mm_xor_si128(image, _mm_loadl_epi64((const __m128i *)(const void *)half));
    _mm_storel_epi64((__m128i *)(void *)half, image);
}

/* ---- addresses ---- */

INLINED void map_one(const rh_aes_schedule *schedule, uint8_t *address)
{
    const __m256i key = load_twice(schedule->round_keys);
    __m256i s[REGISTERS];
    __m256i t[REGISTERS];
    __m256i state;

    put_inputs(s, address, first_kinds, key);
    encrypt(schedule, s, REGISTERS);
    state = _mm256_permute2x128_si256(s[REGISTERS - 1], s[REGISTERS - 1], 0x11);
    put_inputs(t, address + 8, second_kinds, _mm256_xor_si256(state, key));
    flip(address, s);
    encrypt(schedule, t, REGISTERS);
    flip(address + 8, t);
}

WITH_VAES static void map_all(const rh_aes_schedule *schedule, uint8_t *addresses, size_t count)
{
    for (; count > 0; count--, addresses += BLOCK)
        map_one(schedule, addresses);
}

bool rh_ip_wide_v6(const rh_cipher *cipher, uint8_t *addresses, size_t count)
{
    const rh_aes_schedule *schedule = rh_cipher_wide_schedule(cipher);

    if (schedule == NULL || schedule->rounds != ROUNDS)
        return false;
    map_all(schedule, addresses, count);
    return true;
}

/* ---- IPv4 ---- */

/* Of the last V4_CALLS bits: register i has the call for bit i of them in its upper half, the one
 * for bit i + V4_REGISTERS in its lower half. */
enum { V4_CALLS = 16, V4_REGISTERS = V4_CALLS / 2 };

/* What the call for a bit is given of the address: all bits in front of it. */
#define FRONT(bit)                                                                                 \
    {                                                                                              \
        SWAP32(UINT32_MAX << (V4_CALLS - (bit))), 0, 0, 0                                          \
    }
#define FRONTS(i) FRONT((i) + V4_REGISTERS), FRONT(i)

static const uint32_t fronts[V4_CALLS][4] = {FRONTS(0), FRONTS(1), FRONTS(2), FRONTS(3),
                                             FRONTS(4), FRONTS(5), FRONTS(6), FRONTS(7)};

/* The top bits of all outputs, in the order of the address. */
INLINED uint16_t top_bits(const __m256i s[V4_REGISTERS])
{
    /* Their first bytes come together in the first eight of each half, the last bit's in front. */
    __m256i a = _mm256_unpacklo_epi8(s[7], s[6]);
    __m256i b = _mm256_unpacklo_epi8(s[5], s[4]);
    __m256i c = _mm256_unpacklo_epi8(s[3], s[2]);
    __m256i d = _mm256_unpacklo_epi8(s[1], s[0]);
    __m256i both = _mm256_unpacklo_epi32(_mm256_unpacklo_epi16(a, b), _mm256_unpacklo_epi16(c, d));
    uint32_t bits = (uint32_t)_mm256_movemask_epi8(both);

    return (uint16_t)((bits >> 8 & 0xff00) | (bits & 0xff));
}

WITH_VAES static void flip_v4(const rh_aes_schedule *schedule, const uint8_t *pad,
                              uint32_t *addresses, size_t count)
{
    const __m256i start = _mm256_xor_si256(load_twice(pad), load_twice(schedule->round_keys));
    __m256i base[V4_REGISTERS]; /* the pad's bits behind those of the address, and the first key */

    UNROLLED
    for (int i = 0; i < V4_REGISTERS; i++)
        base[i] = _mm256_xor_si256(start, _mm256_and_si256(load(fronts[2 * i]), load_twice(pad)));
    for (; count > 0; count--, addresses++) {
        const __m256i address = _mm256_set1_epi32((int)SWAP32(*addresses));
        __m256i s[V4_REGISTERS];

        UNROLLED
        for (int i = 0; i < V4_REGISTERS; i++)
            s[i] = _mm256_xor_si256(base[i], _mm256_and_si256(address, load(fronts[2 * i])));
        encrypt(schedule, s, V4_REGISTERS);
        *addresses ^= top_bits(s);
    }
}

bool rh_ip_wide_v4(const rh_cipher *cipher, const uint8_t pad[BLOCK], uint32_t *addresses,
                   size_t count)
{
    const rh_aes_schedule *schedule = rh_cipher_wide_schedule(cipher);

    if (schedule == NULL || schedule->rounds != ROUNDS)
        return false;
    flip_v4(schedule, pad, addresses, count);
    return true;
}

#else

bool rh_ip_wide_v4(const rh_cipher *cipher, const uint8_t *pad, uint32_t *addresses, size_t count)
{
    (void)cipher;
    (void)pad;
    (void)addresses;
    (void)count;
    return false;
}

bool rh_ip_wide_v6(const rh_cipher *cipher, uint8_t *addresses, size_t count)
{
    (void)cipher;
    (void)addresses;
    (void)count;
    return false;
}

#endif
