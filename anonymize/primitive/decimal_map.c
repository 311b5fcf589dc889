/*
 * Every power of ten has a keyed density (how far apart the images of neighbours are), 2 to 8 and
 * within a factor of two of each other; between two powers the density goes in a straight line
 * from one to the other, so that it jumps nowhere: a planner draws straight lines through the
 * buckets of a histogram. 10^e maps to the sum of what lies below it, a knot of 2 to 8 times
 * itself.
 *
 * A number is walked digit by digit. The interval between two knots is divided among the leading
 * digits, each part among the next digits, and so on, at boundaries that the density gives and the
 * key moves; a digit 0 behind the point starts where its parent does, so trailing zeros change
 * nothing. Every part keeps room for one image per number in it; shares are of what is over.
 */
#include "anonymize/decimal_map.h"

#include <string.h>

#include "anonymize/cipher.h"
#include "core/mem.h"
#include "wide.h"

enum {
    BLOCK = RH_CIPHER_BLOCK,
    LIMBS = 5,         /* 320 bits: 8 * 10^79 times 2^16 needs 282 */
    CHUNK_DIGITS = 18, /* digits of the prefix that fit one word */
    KNOT_DIGITS = 6,   /* precision of a knot's factor */
    JITTER_BITS = 13,  /* of each of nine boundaries; 11 bits are left to round by */
    ROUGH = 40,        /* how far a boundary moves either way, in 64 parts of 65536 of the whole: */
    SMOOTH = 2,        /* even ones are 6553 apart or more, so two fifths or a fiftieth of that */
    SLOPED_DIGITS = 3, /* behind them the density is the same all over a part, to 0.1 % */
    ONE = 1 << 24,     /* a density of one */
    LEAST_POWER = -90, /* of ten, with a density; 8 below any number's for the sum to be there */
    DENSITIES = 172,   /* of the powers up to 81 */
};

enum { FOR_DENSITY = 1, FOR_DIGIT = 2, FOR_CHAIN = 3 };

/* A number without sign, leading zeros and point. */
typedef struct number {
    uint8_t digits[RH_DECIMAL_MAX_DIGITS];
    int count;
    int exponent; /* of the first digit */
    int scale;
    bool negative;
} number;

/* ---- natural numbers of a fixed number of limbs, least significant first ---- */

typedef struct natural {
    uint64_t limb[LIMBS];
    int used; /* limbs worked on, the same for all numbers of one walk */
} natural;

static void multiply_add(natural *x, uint64_t factor, uint64_t more)
{
    rh_wide carry = more;

    for (int i = 0; i < x->used; i++) {
        carry += (rh_wide)x->limb[i] * factor;
        x->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

static void add(natural *x, const natural *y)
{
    rh_wide carry = 0;

    for (int i = 0; i < x->used; i++) {
        carry += (rh_wide)x->limb[i] + y->limb[i];
        x->limb[i] = (uint64_t)carry;
        carry >>= 64;
    }
}

static void subtract(natural *x, const natural *y)
{
    uint64_t borrow = 0;

    for (int i = 0; i < x->used; i++) {
        rh_wide difference = (rh_wide)x->limb[i] - y->limb[i] - borrow;

        x->limb[i] = (uint64_t)difference;
        borrow = (uint64_t)(difference >> 64) & 1;
    }
}

static void shift_right_16(natural *x)
{
    for (int i = 0; i < x->used; i++) {
        uint64_t above = i + 1 < x->used ? x->limb[i + 1] : 0;

        x->limb[i] = x->limb[i] >> 16 | above << 48;
    }
}

enum { POWERS = 81 };

struct rh_decimal_map {
    rh_cipher *cipher;
    uint32_t spread;             /* SMOOTH or ROUGH */
    natural power[POWERS];       /* of ten */
    uint32_t density[DENSITIES]; /* at 10^(i + LEAST_POWER), of ONE */
    uint32_t knot[DENSITIES];    /* its image divided by itself, of ONE */
};

static void put_input(uint8_t *block, uint64_t what, int position, uint64_t prefix)
{
    store_be64(block, what << 56 | (uint64_t)(uint8_t)position);
    store_be64(block + 8, prefix);
}

/* Density and knot of the powers of ten. The sum of a straight density from 10^e to 10^(e + 1) is
 * 9 * 10^e times the mean of both, so that knots are k(e + 1) = k(e) / 10 + 0.9 * that mean. */
static void make_densities(rh_decimal_map *map)
{
    uint8_t block[BLOCK];
    uint32_t base;

    put_input(block, FOR_DENSITY, 0, DENSITIES);
    rh_cipher_encrypt(map->cipher, block, block, 1);
    base = 2 * ONE + (uint32_t)scale64(load_be64(block), 2 * ONE);
    for (int i = 0; i < DENSITIES; i++) {
        put_input(block, FOR_DENSITY, 0, (uint64_t)i);
        rh_cipher_encrypt(map->cipher, block, block, 1);
        map->density[i] = base + (uint32_t)scale64(load_be64(block), base);
        map->knot[i] = i == 0 ? map->density[0]
                              : (uint32_t)((2 * (uint64_t)map->knot[i - 1] +
                                            9 * ((uint64_t)map->density[i - 1] + map->density[i])) /
                                           20);
    }
}

/* value * 10^power */
static natural natural_of(const rh_decimal_map *map, int used, uint64_t value, int power)
{
    natural x = map->power[power];

    x.used = used;
    multiply_add(&x, value, 0);
    return x;
}

/* The decimal digits of x, at least `least` of them. Returns their number. */
static size_t to_digits(natural *x, size_t least, char out[RH_DECIMAL_OUT_BYTES])
{
    const uint64_t ten_18 = UINT64_C(1000000000000000000);
    char reversed[RH_DECIMAL_OUT_BYTES + CHUNK_DIGITS];
    size_t count = 0;
    int used = x->used;

    for (;;) {
        rh_wide rest = 0;

        while (used > 0 && x->limb[used - 1] == 0)
            used--;
        if (used == 0)
            break;
        for (int i = used; i > 0; i--) {
            rest = rest << 64 | x->limb[i - 1];
            x->limb[i - 1] = (uint64_t)(rest / ten_18);
            rest %= ten_18;
        }

        uint64_t group = (uint64_t)rest;

        for (int i = 0; i < CHUNK_DIGITS; i++, group /= 10)
            reversed[count++] = (char)('0' + group % 10);
    }
    while (count > 0 && reversed[count - 1] == '0')
        count--;
    while (count < least)
        reversed[count++] = '0';
    for (size_t i = 0; i < count; i++)
        out[i] = reversed[count - 1 - i];
    return count;
}

/* ---- the walk ---- */

/* Block i is for digit i. */
static void make_random(rh_cipher *cipher, const number *n, uint8_t *blocks)
{
    uint8_t chain[BLOCK] = {0};
    uint64_t prefix = 0;

    for (int i = 0; i < n->count; i++) {
        uint8_t *block = blocks + BLOCK * (size_t)i;

        /* CBC-MAC of the digits in front, 18 at a time; the last block's tag ends a message. */
        if (i > 0 && i % CHUNK_DIGITS == 0) {
            put_input(block, FOR_CHAIN, n->exponent, prefix);
            for (int j = 0; j < BLOCK; j++)
                chain[j] ^= block[j];
            rh_cipher_encrypt(cipher, chain, chain, 1);
            prefix = 0;
        }
        put_input(block, FOR_DIGIT, n->exponent - i, prefix);
        block[6] = (uint8_t)i;
        for (int j = 0; j < BLOCK; j++)
            block[j] ^= chain[j];
        prefix = prefix * 10 + n->digits[i];
    }
    rh_cipher_encrypt(cipher, blocks, blocks, (size_t)n->count);
}

/* The image of 10^exponent in units of 10^unit: six digits, but none behind the point that the
 * number itself would not have. */
static natural knot(const rh_decimal_map *map, int used, int exponent, int unit)
{
    int precision = exponent < 0 ? 0 : exponent < KNOT_DIGITS ? exponent : KNOT_DIGITS;
    uint64_t factor = map->knot[exponent - LEAST_POWER];

    for (int i = 0; i < precision; i++)
        factor *= 10;
    return natural_of(map, used, (factor + ONE / 2) / ONE, exponent - precision - unit);
}

/* What is over in a part, unevenly spread: densities at its ends, less the one that all have. */
typedef struct slope {
    int64_t left, right;
} slope;

/* The share of the first `at` of `children`, of 65536, moved by random bits. */
static uint64_t share_of(slope s, int64_t at, int64_t children, uint32_t spread, rh_wide bits)
{
    int64_t sum = s.left + s.right;
    int64_t least = s.left < s.right ? s.left : s.right;
    int64_t q = 65536 * at / children;
    int64_t moved;

    if (s.left != s.right)
        q = 65536 * at * (2 * s.left * children + (s.right - s.left) * at) /
            (sum * children * children);
    if (at == 0 || at == children)
        return (uint64_t)q;
    moved = (int64_t)(bits >> (JITTER_BITS * (at - 1))) & ((1 << JITTER_BITS) - 1);
    moved = (moved - (1 << (JITTER_BITS - 1))) * spread / 64;
    /* Where the density is least, children are narrower than even ones by 2 * least / sum. */
    return (uint64_t)(q + (s.left == s.right ? moved : moved * 2 * least / sum));
}

static slope slope_of_child(slope s, int64_t at, int64_t children)
{
    int64_t step = (s.right - s.left) / children;

    return (slope){s.left + step * at, s.left + step * (at + 1)};
}

/* Where child `at` starts: at * width, and its share of what is over. */
static natural boundary(const natural *over, uint64_t at, const natural *width, uint64_t share,
                        rh_wide bits)
{
    natural part = *over;
    natural start = *width;

    multiply_add(&start, at, 0);
    multiply_add(&part, share, (uint64_t)(bits >> 117) << 5);
    shift_right_16(&part);
    add(&start, &part);
    return start;
}

static natural walk(const rh_decimal_map *map, const number *n, const uint8_t *blocks)
{
    int digits = (n->exponent > 0 ? n->exponent : 0) + n->scale + 2;
    /* 10^19 fits a limb: 16 bits and the factor of 8 need two more digits' room each */
    int used = (digits + 6) / 19 + 1;
    int unit = n->exponent < 0 ? n->exponent : 0;
    natural start = knot(map, used, n->exponent, unit);
    natural length = knot(map, used, n->exponent + 1, unit);
    const uint32_t *density = map->density + (n->exponent - LEAST_POWER);
    slope over_slope = {(int64_t)density[0] - ONE, (int64_t)density[1] - ONE};

    subtract(&length, &start);
    for (int i = 0; i < n->count; i++) {
        int position = n->exponent - i;
        int power = position > 0 ? position : 0;
        uint64_t children = i == 0 ? 9 : 10;
        uint64_t child = (uint64_t)n->digits[i] - (i == 0 ? 1 : 0);
        rh_wide bits = load_wide(blocks + BLOCK * (size_t)i);

        if (i == SLOPED_DIGITS)
            over_slope.right = over_slope.left;
        if (i > 0 && position < 0) { /* behind the point units get finer */
            multiply_add(&start, 10, 0);
            multiply_add(&length, 10, 0);
        }

        natural width = map->power[power];
        natural least = width;
        natural over = length;

        width.used = used;
        least.used = used;
        multiply_add(&least, children, 0);

        subtract(&over, &least);

        int64_t at = (int64_t)child;
        int64_t of = (int64_t)children;
        natural from =
            boundary(&over, child, &width, share_of(over_slope, at, of, map->spread, bits), bits);

        length = boundary(&over, child + 1, &width,
                          share_of(over_slope, at + 1, of, map->spread, bits), bits);
        subtract(&length, &from);
        add(&start, &from);
        over_slope = slope_of_child(over_slope, at, of);
    }
    return start;
}

/* ---- text ---- */

static bool parse(const char *text, size_t len, number *n)
{
    size_t at = 0;
    bool point = false;
    bool any = false;

    memset(n, 0, sizeof *n);
    if (len > 0 && text[0] == '-') {
        n->negative = true;
        at = 1;
    }
    for (; at < len; at++) {
        if (text[at] == '.' && !point) {
            point = true;
            continue;
        }
        if (text[at] < '0' || text[at] > '9')
            return false;
        any = true;
        n->scale += point;
        if (n->scale > RH_DECIMAL_MAX_DIGITS)
            return false;
        if (n->count == 0 && text[at] == '0')
            continue;
        if (n->count == RH_DECIMAL_MAX_DIGITS)
            return false;
        n->digits[n->count++] = (uint8_t)(text[at] - '0');
    }
    n->exponent = n->count - 1 - n->scale;
    return any;
}

static bool is_special(const char *text, size_t len)
{
    return (len == 3 && memcmp(text, "NaN", 3) == 0) ||
           (len == 8 && memcmp(text, "Infinity", 8) == 0) ||
           (len == 9 && memcmp(text, "-Infinity", 9) == 0);
}

rh_status rh_decimal_map_new(const rh_mask_key *master, const char *domain, rh_decimal_map **out,
                             rh_error *err)
{
    rh_decimal_map *map = rh_mem_zalloc(sizeof *map);

    if (map == NULL)
        return rh_error_oom(err);

    rh_status status = rh_cipher_new_for(master, domain, "decimal", &map->cipher, err);

    if (status != RH_OK) {
        rh_mem_free(map);
        return status;
    }
    map->spread = SMOOTH;
    make_densities(map);
    map->power[0] = (natural){{1}, LIMBS};
    for (int i = 1; i < POWERS; i++) {
        map->power[i] = map->power[i - 1];
        multiply_add(&map->power[i], 10, 0);
    }
    *out = map;
    return RH_OK;
}

void rh_decimal_map_roughen(rh_decimal_map *map)
{
    map->spread = ROUGH;
}

void rh_decimal_map_free(rh_decimal_map *map)
{
    if (map == NULL)
        return;
    rh_cipher_free(map->cipher);
    rh_mem_free(map);
}

bool rh_decimal_map_map(const rh_decimal_map *map, const char *text, size_t len,
                        char out[RH_DECIMAL_OUT_BYTES], size_t *out_len)
{
    uint8_t blocks[RH_DECIMAL_MAX_DIGITS * BLOCK];
    char digits[RH_DECIMAL_OUT_BYTES];
    bool special = is_special(text, len);
    number n;

    if (!special && !parse(text, len, &n))
        return false;
    if (special || n.count == 0) { /* zeros: no more of them than of digits allowed */
        if (len > RH_DECIMAL_OUT_BYTES)
            return false;
        memcpy(out, text, len);
        *out_len = len;
        return true;
    }
    make_random(map->cipher, &n, blocks);

    natural image = walk(map, &n, blocks);
    size_t scale = (size_t)n.scale;
    size_t count = to_digits(&image, scale + 1, digits);
    size_t used = 0;

    if (n.negative)
        out[used++] = '-';
    memcpy(out + used, digits, count - scale);
    used += count - scale;
    if (scale > 0) {
        out[used++] = '.';
        memcpy(out + used, digits + count - scale, scale);
        used += scale;
    }
    *out_len = used;
    return true;
}
