#include "anonymize/int_perm.h"

#include <stdio.h>

#include "anonymize/ff1.h"
#include "anonymize/shuffle.h"
#include "core/mem.h"
#include "ff1_core.h"

enum { MAX_SIDES = 3 };

/* A part of the range that is permuted within itself. */
typedef struct side {
    int64_t low;
    int64_t high;
    uint64_t last;       /* high - low */
    rh_shuffle *shuffle; /* NULL: FF1 */
    ff1_shape shape;
    unsigned left_bits; /* of the left half; the right one has as many or one more */
    unsigned right_bits;
} side;

struct rh_int_perm {
    rh_cipher *cipher;
    side sides[MAX_SIDES];
    size_t side_count;
};

static rh_status open_side(rh_int_perm *perm, const rh_mask_key *key, side *s, rh_error *err)
{
    s->last = (uint64_t)s->high - (uint64_t)s->low;
    if (s->last < RH_FF1_MIN_DOMAIN - 1) {
        char purpose[64];

        (void)snprintf(purpose, sizeof purpose, "%lld", (long long)s->low);
        return rh_shuffle_new(key, "", purpose, (uint32_t)s->last + 1, &s->shuffle, err);
    }

    unsigned bits = wide_bits(s->last);
    uint8_t tweak[16];

    s->left_bits = bits / 2;
    s->right_bits = bits - bits / 2;
    store_be64(tweak, (uint64_t)s->low);
    store_be64(tweak + 8, (uint64_t)s->high);

    const ff1_params params = {
        .radix = 2,
        .length = bits,
        .tweak = tweak,
        .tweak_bytes = sizeof tweak,
        .size = {(rh_wide)1 << s->left_bits, (rh_wide)1 << s->right_bits},
    };

    rh_ff1_core_shape(perm->cipher, &params, &s->shape);
    return RH_OK;
}

static void add_side(rh_int_perm *perm, int64_t low, int64_t high)
{
    if (low > high)
        return;
    perm->sides[perm->side_count].low = low;
    perm->sides[perm->side_count].high = high;
    perm->side_count++;
}

rh_status rh_int_perm_new(const rh_mask_key *master, const char *domain, const rh_int_range *range,
                          rh_int_perm **out, rh_error *err)
{
    rh_status status = RH_OK;
    rh_mask_key key;

    if (range->low > range->high)
        return rh_error_set(err, RH_EUSAGE, "a range of integers ends before it starts");

    rh_int_perm *perm = rh_mem_zalloc(sizeof *perm);

    if (perm == NULL)
        return rh_error_oom(err);
    rh_mask_key_derive(master, domain, "integer", &key);
    status = rh_cipher_new(key.bytes, 16, &perm->cipher, err);
    if (status != RH_OK)
        goto out;
    if (range->keep_sign) {
        add_side(perm, range->low, range->high < -1 ? range->high : -1);
        add_side(perm, range->low > 0 ? 1 : 0, range->high < 0 ? -1 : 0);
        add_side(perm, range->low > 1 ? range->low : 1, range->high);
    } else {
        add_side(perm, range->low, range->high);
    }
    rh_mask_key_derive(master, domain, "integer/shuffle", &key);
    for (size_t i = 0; i < perm->side_count && status == RH_OK; i++)
        status = open_side(perm, &key, &perm->sides[i], err);
    if (status != RH_OK)
        goto out;

    *out = perm;
    perm = NULL;
out:
    rh_mask_key_wipe(&key);
    rh_int_perm_free(perm);
    return status;
}

void rh_int_perm_free(rh_int_perm *perm)
{
    if (perm == NULL)
        return;
    for (size_t i = 0; i < perm->side_count; i++)
        rh_shuffle_free(perm->sides[i].shuffle);
    rh_cipher_free(perm->cipher);
    rh_mem_wipe_free(perm, sizeof *perm);
}

static const side *side_of(const rh_int_perm *perm, int64_t value)
{
    for (size_t i = 0; i < perm->side_count; i++) {
        if (value >= perm->sides[i].low && value <= perm->sides[i].high)
            return &perm->sides[i];
    }
    return NULL;
}

/*
 * Cycle walking: encrypt again what fell outside of the range. The power of two is less than twice
 * the range, so a value needs two steps at most on average.
 */
static void walk(rh_int_perm *perm, ff1_lane *lanes, const side *const *sides, size_t count,
                 bool inverse)
{
    ff1_lane pending[FF1_LANES];
    size_t slot[FF1_LANES];
    size_t left = count;

    for (size_t i = 0; i < count; i++) {
        pending[i] = lanes[i];
        slot[i] = i;
    }
    while (left > 0) {
        size_t kept = 0;

        rh_ff1_core_run(perm->cipher, pending, left, inverse);
        for (size_t i = 0; i < left; i++) {
            const side *s = sides[slot[i]];
            uint64_t offset = (uint64_t)(pending[i].half[0] << s->right_bits | pending[i].half[1]);

            if (offset <= s->last) {
                lanes[slot[i]] = pending[i];
            } else {
                pending[kept] = pending[i];
                slot[kept++] = slot[i];
            }
        }
        left = kept;
    }
}

static void map_group(rh_int_perm *perm, int64_t *values, size_t count, bool inverse)
{
    ff1_lane lanes[FF1_LANES];
    const side *sides[FF1_LANES];
    size_t slot[FF1_LANES];
    size_t used = 0;

    for (size_t i = 0; i < count; i++) {
        const side *s = side_of(perm, values[i]);
        uint64_t offset = (uint64_t)values[i] - (uint64_t)s->low;

        if (s->shuffle != NULL) {
            uint32_t image = inverse ? rh_shuffle_inverse(s->shuffle, (uint32_t)offset)
                                     : rh_shuffle_get(s->shuffle, (uint32_t)offset);

            values[i] = s->low + (int64_t)image;
            continue;
        }
        lanes[used].shape = &s->shape;
        lanes[used].half[0] = offset >> s->right_bits;
        lanes[used].half[1] = offset & (uint64_t)(s->shape.size[1] - 1);
        sides[used] = s;
        slot[used++] = i;
    }
    walk(perm, lanes, sides, used, inverse);
    for (size_t i = 0; i < used; i++) {
        rh_wide offset = lanes[i].half[0] << sides[i]->right_bits | lanes[i].half[1];

        values[slot[i]] = (int64_t)((uint64_t)sides[i]->low + (uint64_t)offset);
    }
}

static bool map_all(rh_int_perm *perm, int64_t *values, size_t count, bool inverse)
{
    for (size_t i = 0; i < count; i++) {
        if (side_of(perm, values[i]) == NULL)
            return false;
    }
    for (size_t at = 0; at < count; at += FF1_LANES)
        map_group(perm, values + at, count - at < FF1_LANES ? count - at : FF1_LANES, inverse);
    return true;
}

bool rh_int_perm_map(rh_int_perm *perm, int64_t *values, size_t count)
{
    return map_all(perm, values, count, false);
}

bool rh_int_perm_unmap(rh_int_perm *perm, int64_t *values, size_t count)
{
    return map_all(perm, values, count, true);
}
