/*
 * AES-NI (Intel's white paper 323641), on two blocks at once where there is VAES: eight registers
 * at a time keep the unit busy, as an instruction takes about four cycles but one may start in
 * each.
 */
#include "cipher_native.h"

#if defined(__x86_64__) && (defined(__GNUC__) || defined(__clang__))

#include <cpuid.h>
#include <immintrin.h>

#define WITH_AES  __attribute__((target("aes,sse2")))
#define WITH_VAES __attribute__((target("vaes,avx2")))

enum { WIDTH = 8, BLOCK = 16 };

/* Without it gcc keeps the eight blocks in memory. */
#define IN_REGISTERS _Pragma("GCC unroll 8")

unsigned rh_aes_native_width(void)
{
    unsigned a = 0, b = 0, c = 0, d = 0;

    if (!__builtin_cpu_supports("aes"))
        return 0;
    /* The compiler's own question knows VAES only in newer versions; AVX2 tells of the system. */
    if (__builtin_cpu_supports("avx2") && __get_cpuid_count(7, 0, &a, &b, &c, &d) != 0 &&
        (c & bit_VAES) != 0)
        return 2;
    return 1;
}

WITH_AES static inline __m128i load(const uint8_t *at)
{
    return _mm_loadu_si128((const __m128i *)(const void *)at);
}

WITH_AES static inline void store(uint8_t *at, __m128i value)
{
    _mm_storeu_si128((__m128i *)(void *)at, value);
}

WITH_VAES static inline __m256i load_twice(const uint8_t *at)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)at));
}

WITH_AES static void encrypt_eight(const rh_aes_schedule *schedule, const uint8_t *in, uint8_t *out)
{
    const uint8_t *keys = schedule->round_keys;
    __m128i key = load(keys);
    __m128i s[WIDTH];

    IN_REGISTERS
    for (size_t i = 0; i < WIDTH; i++)
        s[i] = _mm_xor_si128(load(in + BLOCK * i), key);
    for (unsigned round = 1; round < schedule->rounds; round++) {
        key = load(keys + BLOCK * round);
        IN_REGISTERS
        for (size_t i = 0; i < WIDTH; i++)
            s[i] = _mm_aesenc_si128(s[i], key);
    }
    key = load(keys + BLOCK * (size_t)schedule->rounds);
    IN_REGISTERS
    for (size_t i = 0; i < WIDTH; i++)
        store(out + BLOCK * i, _mm_aesenclast_si128(s[i], key));
}

WITH_AES static void encrypt_one(const rh_aes_schedule *schedule, const uint8_t *in, uint8_t *out)
{
    const uint8_t *keys = schedule->round_keys;
    __m128i s = _mm_xor_si128(load(in), load(keys));

    for (unsigned round = 1; round < schedule->rounds; round++)
        s = _mm_aesenc_si128(s, load(keys + BLOCK * round));
    store(out, _mm_aesenclast_si128(s, load(keys + BLOCK * (size_t)schedule->rounds)));
}

WITH_VAES static void encrypt_sixteen(const rh_aes_schedule *schedule, const uint8_t *in,
                                      uint8_t *out)
{
    const uint8_t *keys = schedule->round_keys;
    __m256i key = load_twice(keys);
    __m256i s[WIDTH];

    IN_REGISTERS
    for (size_t i = 0; i < WIDTH; i++)
        s[i] = _mm256_xor_si256(
            _mm256_loadu_si256((const __m256i *)(const void *)(in + 2 * BLOCK * i)), key);
    for (unsigned round = 1; round < schedule->rounds; round++) {
        key = load_twice(keys + BLOCK * round);
        IN_REGISTERS
        for (size_t i = 0; i < WIDTH; i++)
            s[i] = _mm256_aesenc_epi128(s[i], key);
    }
    key = load_twice(keys + BLOCK * (size_t)schedule->rounds);
    IN_REGISTERS
    for (size_t i = 0; i < WIDTH; i++)
        _mm256_storeu_si256((__m256i *)(void *)(out + 2 * BLOCK * i),
                            _mm256_aesenclast_epi128(s[i], key));
}

void rh_aes_native_encrypt(const rh_aes_schedule *schedule, unsigned width, const uint8_t *in,
                           uint8_t *out, size_t blocks)
{
    for (; width > 1 && blocks >= 2 * WIDTH; blocks -= 2 * WIDTH) {
        encrypt_sixteen(schedule, in, out);
        in += 2 * WIDTH * BLOCK;
        out += 2 * WIDTH * BLOCK;
    }
    for (; blocks >= WIDTH; blocks -= WIDTH, in += WIDTH * BLOCK, out += WIDTH * BLOCK)
        encrypt_eight(schedule, in, out);
    for (; blocks > 0; blocks--, in += BLOCK, out += BLOCK)
        encrypt_one(schedule, in, out);
}

#else

unsigned rh_aes_native_width(void)
{
    return 0;
}

/* Not called here; portable all the same, should it be. */
void rh_aes_native_encrypt(const rh_aes_schedule *schedule, unsigned width, const uint8_t *in,
                           uint8_t *out, size_t blocks)
{
    (void)width;
    for (size_t i = 0; i < blocks; i++)
        rh_aes_schedule_encrypt(schedule, in + 16 * i, out + 16 * i);
}

#endif
