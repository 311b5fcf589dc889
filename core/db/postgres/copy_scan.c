/*
 * Sixteen bytes at a time where the processor always can (SSE2 belongs to x86-64), eight elsewhere.
 * A call of memchr for each of a row's fields costs more than this for the whole row.
 */
#include "copy_scan.h"

#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

enum { STEP = 16 };

#define EACH_BYTE UINT64_C(0x0101010101010101)
#define TOP_BITS  UINT64_C(0x8080808080808080)

/* ---- tabs ---- */

#if defined(__SSE2__)

/* A bit for each tab in the next STEP bytes. */
static inline unsigned tabs_in(const uint8_t *at)
{
    __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);

    return (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\t')));
}

#else

static inline unsigned tabs_in(const uint8_t *at)
{
    unsigned bits = 0;

    for (unsigned i = 0; i < STEP; i++)
        bits |= (unsigned)(at[i] == '\t') << i;
    return bits;
}

#endif

/* Without a jump per bit: the number of trailing zeros. bits is not 0. */
static inline unsigned lowest(unsigned bits)
{
    return (unsigned)__builtin_ctz(bits);
}

size_t rh_copy_find_tabs(const uint8_t *data, size_t len, const uint8_t **out, size_t max)
{
    const uint8_t *at = data;
    size_t found = 0;

    for (; len >= STEP; at += STEP, len -= STEP) {
        for (unsigned bits = tabs_in(at); bits != 0; bits &= bits - 1) {
            if (found == max)
                return max;
            out[found++] = at + lowest(bits);
        }
    }
    for (; len > 0; at++, len--) {
        if (*at != '\t')
            continue;
        if (found == max)
            return max;
        out[found++] = at;
    }
    return found;
}

/* ---- escapes ---- */

/* Top bits of a byte below 14 (all control characters with a letter are) and of a backslash; what
 * borrows may do to other bytes does not matter, as only all or nothing is asked. */
static inline uint64_t odd_in(uint64_t word)
{
    uint64_t other = word ^ EACH_BYTE * '\\';

    return (((word - EACH_BYTE * 14) & ~word) | ((other - EACH_BYTE) & ~other)) & TOP_BITS;
}

static inline uint64_t load_8(const uint8_t *at)
{
    uint64_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

static inline uint64_t load_4(const uint8_t *at)
{
    uint32_t word;

    memcpy(&word, at, sizeof word);
    return word;
}

bool rh_copy_may_escape(const uint8_t *data, size_t len)
{
    uint64_t odd = 0;
    size_t at = 0;

    if (len >= 8) {
        for (; at + 8 < len; at += 8)
            odd |= odd_in(load_8(data + at));
        return (odd | odd_in(load_8(data + len - 8))) != 0; /* the last ones perhaps twice */
    }
    if (len >= 4)
        return odd_in(load_4(data) << 32 | load_4(data + len - 4)) != 0;
    for (; at < len; at++)
        odd |= (uint64_t)(data[at] < 14 || data[at] == '\\');
    return odd != 0;
}
