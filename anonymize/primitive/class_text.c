/*
 * Symbols (characters of a class) are read as the digits of a number of mixed radices. Up to 160
 * bits of them make a part, which FF1's rounds permute as two halves. A text of several parts is
 * gone through forwards and backwards, each part under a tweak made of its changed neighbour: every
 * step can be undone, and each part depends on all.
 */
#include "anonymize/class_text.h"

#include <string.h>

#include "anonymize/ff1.h"
#include "class_short.h"
#include "core/mem.h"
#include "ff1_core.h"
#include "utf8_class.h"

enum {
    PART_BITS = 160,
    PART_SYMBOLS = 64, /* 160 bits of digits are 40 symbols, as a digit is taken for 4 bits */
    MAX_PARTS = 256,
    CACHE = 64,
};

typedef struct part {
    char *at[PART_SYMBOLS];
    utf8_char symbol[PART_SYMBOLS];
    size_t count;
    size_t left; /* symbols of the left half */
    rh_wide size[2];
    uint32_t radix; /* 0: mixed */
} part;

typedef struct cached_shape {
    uint32_t radix;
    uint32_t count; /* 0: empty */
    ff1_shape shape;
} cached_shape;

struct rh_class_text {
    rh_cipher *cipher;
    bool digits_only;
    bool general; /* tests: short texts as well */
    cached_shape cache[CACHE];
};

rh_status rh_class_text_new(const rh_mask_key *master, const char *domain, bool digits_only,
                            rh_class_text **out, rh_error *err)
{
    rh_class_text *map = rh_mem_zalloc(sizeof *map);

    if (map == NULL)
        return rh_error_oom(err);

    rh_status status = rh_cipher_new_for(master, domain, "class", &map->cipher, err);

    if (status != RH_OK) {
        rh_mem_free(map);
        return status;
    }
    map->digits_only = digits_only;
    *out = map;
    return RH_OK;
}

void rh_class_text_free(rh_class_text *map)
{
    if (map == NULL)
        return;
    rh_cipher_free(map->cipher);
    rh_mem_wipe_free(map, sizeof *map);
}

/* The next symbol at or behind *at; false at the end. */
static bool next_symbol(const rh_class_text *map, char *text, size_t len, size_t *at,
                        utf8_char *symbol)
{
    while (*at < len) {
        rh_utf8_classify(text + *at, len - *at, symbol);
        *at += symbol->bytes;
        if (symbol->count > 0 && (!map->digits_only || symbol->first == '0'))
            return true;
    }
    return false;
}

static rh_wide product(const part *p, size_t from, size_t to)
{
    rh_wide result = 1;

    for (size_t i = from; i < to; i++)
        result *= p->symbol[i].count;
    return result;
}

/* Half of the symbols on the left, as in FF1, unless that makes a half too large. */
static void split(part *p)
{
    unsigned bits[2] = {0, 0};

    p->left = p->count / 2;
    p->radix = p->count > 0 ? p->symbol[0].count : 0;
    for (size_t i = 0; i < p->count; i++) {
        bits[i >= p->left] += wide_bits(p->symbol[i].count - 1);
        if (p->symbol[i].count != p->radix)
            p->radix = 0;
    }
    while (bits[0] > FF1_HALF_MAX_BITS || bits[1] > FF1_HALF_MAX_BITS) {
        unsigned from = bits[0] > bits[1] ? 0 : 1;
        unsigned moved = wide_bits(p->symbol[from == 0 ? p->left - 1 : p->left].count - 1);

        bits[from] -= moved;
        bits[1 - from] += moved;
        p->left = from == 0 ? p->left - 1 : p->left + 1;
    }
    p->size[0] = product(p, 0, p->left);
    p->size[1] = product(p, p->left, p->count);
}

/* Symbols from *at on while they have at most `bits` bits together. */
static void read_part(const rh_class_text *map, char *text, size_t len, size_t *at, unsigned bits,
                      part *p)
{
    unsigned used = 0;

    p->count = 0;
    while (p->count < PART_SYMBOLS) {
        size_t next = *at;

        if (!next_symbol(map, text, len, &next, &p->symbol[p->count]))
            break;
        used += wide_bits(p->symbol[p->count].count - 1);
        if (used > bits && p->count > 0)
            break;
        p->at[p->count] = text + next - p->symbol[p->count].bytes;
        p->count++;
        *at = next;
    }
    split(p);
}

static void rank(const part *p, rh_wide half[2])
{
    half[0] = 0;
    half[1] = 0;
    for (size_t i = 0; i < p->count; i++) {
        const utf8_char *c = &p->symbol[i];

        half[i >= p->left] = half[i >= p->left] * c->count + (c->code - c->first);
    }
}

/* Division by a constant is a multiplication, and nearly all classes have 10 or 26 members. */
static inline uint32_t split_digit(uint64_t value, uint32_t count, uint64_t *quotient)
{
    *quotient = count == 10 ? value / 10 : count == 26 ? value / 26 : value / count;
    return (uint32_t)(value - *quotient * count);
}

static void unrank(part *p, const rh_wide half[2])
{
    rh_wide rest[2] = {half[0], half[1]};

    for (size_t i = p->count; i > 0; i--) {
        utf8_char *c = &p->symbol[i - 1];
        unsigned side = i - 1 >= p->left;
        uint64_t quotient;
        uint32_t digit;

        if (rest[side] >> 64 != 0) {
            digit = (uint32_t)(rest[side] % c->count);
            rest[side] /= c->count;
        } else {
            digit = split_digit((uint64_t)rest[side], c->count, &quotient);
            rest[side] = quotient;
        }
        c->code = c->first + digit;
        rh_utf8_put(c->code, c->bytes, p->at[i - 1]);
    }
}

/* Mixed radices are no NIST format: the sizes of the halves tell their shapes apart. */
static void make_shape(rh_class_text *map, const ff1_params *params, ff1_shape *shape)
{
    rh_ff1_core_shape(map->cipher, params, shape);
    if (params->radix == 0) {
        rh_ff1_core_bind(map->cipher, shape, params->size[0]);
        rh_ff1_core_bind(map->cipher, shape, params->size[1]);
    }
}

static void shape_of(rh_class_text *map, const ff1_params *params, ff1_shape *out)
{
    uint64_t hash = ((uint64_t)params->size[0] * 7 + (uint64_t)params->size[1] + params->length) *
                    UINT64_C(0x9E3779B97F4A7C15);
    cached_shape *slot = &map->cache[(hash >> 32) % CACHE];

    if (slot->count != params->length || slot->radix != params->radix ||
        slot->shape.size[0] != params->size[0] || slot->shape.size[1] != params->size[1]) {
        make_shape(map, params, &slot->shape);
        slot->count = params->length;
        slot->radix = params->radix;
    }
    *out = slot->shape;
}

static void shape_of_part(rh_class_text *map, const part *p, ff1_shape *out)
{
    const ff1_params params = {
        .radix = p->radix,
        .length = (uint32_t)p->count,
        .size = {p->size[0], p->size[1]},
    };

    shape_of(map, &params, out);
}

/* ---- texts of several parts ---- */

typedef struct long_text {
    rh_class_text *map;
    char *text;
    size_t end[MAX_PARTS + 1]; /* part i is text[end[i]] to text[end[i + 1]] */
    size_t parts;
} long_text;

static void load_part(const long_text *t, size_t index, part *p)
{
    size_t at = t->end[index];

    read_part(t->map, t->text, t->end[index + 1], &at, UINT32_MAX, p);
}

/* Permute part `index` under a tweak made of part `neighbour` as it is now. */
static void run_part(const long_text *t, size_t index, size_t neighbour, bool inverse)
{
    ff1_lane lane;
    ff1_shape shape;
    part p;

    if (neighbour != index) {
        load_part(t, neighbour, &p);
        rank(&p, lane.half);
    } else {
        lane.half[0] = 0;
        lane.half[1] = 0;
    }

    rh_wide left = lane.half[0] << 8 | (neighbour < index ? 1 : neighbour > index ? 2 : 3);
    rh_wide right = lane.half[1];

    load_part(t, index, &p);
    shape_of_part(t->map, &p, &shape);
    rh_ff1_core_bind(t->map->cipher, &shape, left);
    rh_ff1_core_bind(t->map->cipher, &shape, right);
    rank(&p, lane.half);
    lane.shape = &shape;
    rh_ff1_core_run(t->map->cipher, &lane, 1, inverse);
    unrank(&p, lane.half);
}

static void run_long(const long_text *t, bool inverse)
{
    size_t last = t->parts - 1;

    if (!inverse) {
        for (size_t i = 0; i < t->parts; i++)
            run_part(t, i, i == 0 ? 0 : i - 1, false);
        for (size_t i = last; i > 0; i--)
            run_part(t, i - 1, i, false);
        return;
    }
    for (size_t i = 0; i < last; i++)
        run_part(t, i, i + 1, true);
    for (size_t i = t->parts; i > 0; i--)
        run_part(t, i - 1, i == 1 ? 0 : i - 2, true);
}

static unsigned part_bits(const part *p)
{
    unsigned bits = 0;

    for (size_t i = 0; i < p->count; i++)
        bits += wide_bits(p->symbol[i].count - 1);
    return bits;
}

/* Cut a text of `total` bits into parts of equal size but for one symbol (15 bits at most). */
static bool cut(rh_class_text *map, const rh_class_item *item, unsigned total, long_text *t)
{
    unsigned parts = (total + PART_BITS - 16) / (PART_BITS - 15);
    unsigned done = 0;
    size_t at = 0;
    part p;

    if (parts > MAX_PARTS)
        return false;
    t->map = map;
    t->text = item->text;
    t->parts = parts;
    t->end[0] = 0;
    for (unsigned i = 0; i < parts; i++) {
        unsigned until = (unsigned)((uint64_t)total * (i + 1) / parts);

        read_part(map, item->text, item->len, &at, until - done, &p);
        done += part_bits(&p);
        t->end[i + 1] = at;
    }
    return true;
}

/* ---- all texts ---- */

static unsigned bits_of(const rh_class_text *map, const rh_class_item *item)
{
    unsigned total = 0;
    size_t at = 0;
    utf8_char symbol;

    while (total <= PART_BITS * MAX_PARTS && next_symbol(map, item->text, item->len, &at, &symbol))
        total += wide_bits(symbol.count - 1);
    return total;
}

static bool run_single(rh_class_text *map, rh_class_item *item, bool inverse)
{
    unsigned total = bits_of(map, item);
    long_text t = {.parts = 0};

    if (!cut(map, item, total, &t))
        return false;
    run_long(&t, inverse);
    return true;
}

/* Texts of one part, in lock step. */
typedef struct group {
    size_t used;
    bool is_short[FF1_LANES];
    short_text shorts[FF1_LANES];
    part parts[FF1_LANES];
    ff1_lane lanes[FF1_LANES];
    ff1_shape shapes[FF1_LANES];
} group;

static bool is_large(rh_wide left, rh_wide right)
{
    return left * (right >> 32 ? (rh_wide)1 << 32 : right) >= RH_FF1_MIN_DOMAIN;
}

/* Put a short text into the next lane; false: it has to go the general way. */
static bool add_short(rh_class_text *map, rh_class_item *item, group *g)
{
    short_text *s = &g->shorts[g->used];

    if (map->general || !rh_class_short_read(item->text, item->len, map->digits_only, s))
        return false;

    const ff1_params params = {
        .radix = s->radix,
        .length = (uint32_t)s->count,
        .size = {s->size[0], s->size[1]},
    };

    item->mapped = is_large(s->size[0], s->size[1]);
    if (!item->mapped)
        return true;
    shape_of(map, &params, &g->shapes[g->used]);
    g->lanes[g->used].half[0] = s->half[0];
    g->lanes[g->used].half[1] = s->half[1];
    g->is_short[g->used++] = true;
    return true;
}

static void add_any(rh_class_text *map, rh_class_item *item, group *g, bool inverse)
{
    part *p = &g->parts[g->used];
    utf8_char more;
    size_t at = 0;

    read_part(map, item->text, item->len, &at, PART_BITS, p);

    bool is_long = next_symbol(map, item->text, item->len, &at, &more);
    bool large = is_long || is_large(p->size[0], p->size[1]);

    item->mapped = large && (!is_long || run_single(map, item, inverse));
    if (!large || is_long)
        return;
    shape_of_part(map, p, &g->shapes[g->used]);
    rank(p, g->lanes[g->used].half);
    g->is_short[g->used++] = false;
}

static void run_lanes(rh_class_text *map, group *g, bool inverse)
{
    for (size_t i = 0; i < g->used; i++)
        g->lanes[i].shape = &g->shapes[i];
    rh_ff1_core_run(map->cipher, g->lanes, g->used, inverse);
    for (size_t i = 0; i < g->used; i++) {
        if (!g->is_short[i]) {
            unrank(&g->parts[i], g->lanes[i].half);
            continue;
        }
        g->shorts[i].half[0] = (uint64_t)g->lanes[i].half[0];
        g->shorts[i].half[1] = (uint64_t)g->lanes[i].half[1];
        rh_class_short_write(&g->shorts[i]);
    }
}

static size_t run(rh_class_text *map, rh_class_item *items, size_t count, bool inverse)
{
    group g;
    size_t left_alone = 0;

    for (size_t next = 0; next < count;) {
        g.used = 0;
        for (; next < count && g.used < FF1_LANES; next++) {
            if (!add_short(map, &items[next], &g))
                add_any(map, &items[next], &g, inverse);
            left_alone += !items[next].mapped;
        }
        run_lanes(map, &g, inverse);
    }
    return left_alone;
}

void rh_class_text_force_general(rh_class_text *map)
{
    map->general = true;
}

size_t rh_class_text_map(rh_class_text *map, rh_class_item *items, size_t count)
{
    return run(map, items, count, false);
}

size_t rh_class_text_unmap(rh_class_text *map, rh_class_item *items, size_t count)
{
    return run(map, items, count, true);
}
