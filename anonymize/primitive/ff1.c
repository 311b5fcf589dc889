/*
 * FF1: checks, conversion between numerals and numbers, and the choice between the two paths.
 */
#include "anonymize/ff1.h"

#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "ff1_core.h"
#include "ff1_long.h"

struct rh_ff1 {
    rh_cipher *cipher;
    uint32_t radix;
    size_t min_length;      /* shortest with radix^length >= 10^6 */
    size_t max_fast_length; /* longest whose right half has at most 96 bits */
    ff1_shape *shapes;      /* by length up to max_fast_length; size[0] 0: still to be made */
    uint8_t tweak[RH_FF1_MAX_TWEAK];
    size_t tweak_bytes;
    uint8_t *scratch; /* of the long path, grown on demand */
    size_t scratch_bytes;
};

static rh_wide power_of(uint32_t radix, size_t exponent)
{
    rh_wide power = 1;

    for (size_t i = 0; i < exponent; i++)
        power *= radix;
    return power;
}

/* The lengths at which the domain starts to be large enough and stops to fit the fast path. */
static void set_bounds(rh_ff1 *ff1)
{
    rh_wide power = 1;
    size_t half = 0;

    while (power * ff1->radix <= (rh_wide)1 << FF1_HALF_MAX_BITS) {
        power *= ff1->radix;
        half++;
    }
    ff1->max_fast_length = 2 * half;
    ff1->min_length = 2;
    while (power_of(ff1->radix, ff1->min_length) < RH_FF1_MIN_DOMAIN)
        ff1->min_length++;
}

rh_status rh_ff1_new(const rh_ff1_options *options, rh_ff1 **out, rh_error *err)
{
    rh_status status = RH_OK;

    if (options->radix < 2 || options->radix > 65536)
        return rh_error_set(err, RH_EUSAGE, "the radix of ff1 is 2 to 65536");
    if (options->tweak_bytes > RH_FF1_MAX_TWEAK)
        return rh_error_set(err, RH_EUSAGE, "the tweak of ff1 has at most 256 bytes");

    rh_ff1 *ff1 = rh_mem_zalloc(sizeof *ff1);

    if (ff1 == NULL)
        return rh_error_oom(err);
    ff1->radix = options->radix;
    ff1->tweak_bytes = options->tweak_bytes;
    if (ff1->tweak_bytes > 0)
        memcpy(ff1->tweak, options->tweak, ff1->tweak_bytes);
    set_bounds(ff1);
    ff1->shapes = rh_mem_array(ff1->max_fast_length + 1, sizeof *ff1->shapes);
    if (ff1->shapes == NULL) {
        status = rh_error_oom(err);
        goto out;
    }
    status = rh_cipher_new(options->key, options->key_bytes, &ff1->cipher, err);
    if (status != RH_OK)
        goto out;

    *out = ff1;
    ff1 = NULL;
out:
    rh_ff1_free(ff1);
    return status;
}

rh_status rh_ff1_new_for(const rh_mask_key *master, const char *domain, uint32_t radix,
                         rh_ff1 **out, rh_error *err)
{
    char purpose[24];
    rh_mask_key key;

    (void)snprintf(purpose, sizeof purpose, "ff1/%lu", (unsigned long)radix);
    rh_mask_key_derive(master, domain, purpose, &key);

    const rh_ff1_options options = {.key = key.bytes, .key_bytes = 16, .radix = radix};
    rh_status status = rh_ff1_new(&options, out, err);

    rh_mask_key_wipe(&key);
    return status;
}

void rh_ff1_free(rh_ff1 *ff1)
{
    if (ff1 == NULL)
        return;
    rh_cipher_free(ff1->cipher);
    rh_mem_wipe_free(ff1->shapes, (ff1->max_fast_length + 1) * sizeof *ff1->shapes);
    rh_mem_wipe_free(ff1->scratch, ff1->scratch_bytes);
    rh_mem_wipe_free(ff1, sizeof *ff1);
}

bool rh_ff1_allows(const rh_ff1 *ff1, size_t length)
{
    return length >= ff1->min_length && length <= RH_FF1_MAX_LENGTH;
}

static const ff1_shape *shape_of(rh_ff1 *ff1, size_t length)
{
    ff1_shape *shape = &ff1->shapes[length];

    if (shape->size[0] == 0) {
        const ff1_params params = {
            .radix = ff1->radix,
            .length = (uint32_t)length,
            .tweak = ff1->tweak,
            .tweak_bytes = ff1->tweak_bytes,
            .size = {power_of(ff1->radix, length / 2), power_of(ff1->radix, length - length / 2)},
        };

        rh_ff1_core_shape(ff1->cipher, &params, shape);
    }
    return shape;
}

static rh_wide to_number(const uint16_t *numerals, size_t count, uint32_t radix)
{
    uint64_t low = 0;
    size_t i = 0;

    for (; i < count && low < UINT64_MAX >> 17; i++)
        low = low * radix + numerals[i];

    rh_wide value = low;

    for (; i < count; i++)
        value = value * radix + numerals[i];
    return value;
}

/* Division is what costs here: by a constant where the radix is 10, on 64 bits as soon as it can.
 */
static void to_numerals(rh_wide value, uint16_t *numerals, size_t count, uint32_t radix)
{
    if (radix == 10) {
        const uint64_t group = 10000000000000000; /* 10^16 */
        uint64_t low = (uint64_t)(value % group);

        value /= group;
        for (size_t i = count; i > 0; i--) {
            if (count - i == 16)
                low = (uint64_t)value;
            numerals[i - 1] = (uint16_t)(low % 10);
            low /= 10;
        }
        return;
    }
    for (size_t i = count; i > 0; i--) {
        if (value >> 64 != 0) {
            numerals[i - 1] = (uint16_t)(value % radix);
            value /= radix;
        } else {
            uint64_t low = (uint64_t)value;

            numerals[i - 1] = (uint16_t)(low % radix);
            value = low / radix;
        }
    }
}

static rh_status check(const rh_ff1 *ff1, const rh_ff1_item *item, rh_error *err)
{
    uint32_t largest = 0;

    if (!rh_ff1_allows(ff1, item->length))
        return rh_error_set(err, RH_EUSAGE, "ff1 of radix %lu does not take %zu numerals",
                            (unsigned long)ff1->radix, item->length);
    for (size_t i = 0; i < item->length; i++)
        largest = item->numerals[i] > largest ? item->numerals[i] : largest;
    if (largest >= ff1->radix)
        return rh_error_set(err, RH_EUSAGE, "a numeral is not below the radix %lu",
                            (unsigned long)ff1->radix);
    return RH_OK;
}

/* Check all items and get the scratch of the longest: nothing can fail from here on. */
static rh_status prepare(rh_ff1 *ff1, const rh_ff1_item *items, size_t count, rh_error *err)
{
    size_t longest = 0;

    for (size_t i = 0; i < count; i++) {
        rh_status status = check(ff1, &items[i], err);

        if (status != RH_OK)
            return status;
        longest = items[i].length > longest ? items[i].length : longest;
    }
    if (longest <= ff1->max_fast_length)
        return RH_OK;

    const ff1_long wide = {ff1->cipher, ff1->radix, ff1->tweak, ff1->tweak_bytes};
    size_t need = rh_ff1_long_scratch(&wide, longest);

    if (need > ff1->scratch_bytes) {
        uint8_t *scratch = rh_mem_zalloc(need);

        if (scratch == NULL)
            return rh_error_oom(err);
        rh_mem_wipe_free(ff1->scratch, ff1->scratch_bytes);
        ff1->scratch = scratch;
        ff1->scratch_bytes = need;
    }
    return RH_OK;
}

/* Up to FF1_LANES strings of the fast path together. */
static void run_fast(rh_ff1 *ff1, const rh_ff1_item *const *items, size_t count, bool decrypt)
{
    ff1_lane lanes[FF1_LANES];

    for (size_t i = 0; i < count; i++) {
        size_t u = items[i]->length / 2;

        lanes[i].shape = shape_of(ff1, items[i]->length);
        lanes[i].half[0] = to_number(items[i]->numerals, u, ff1->radix);
        lanes[i].half[1] = to_number(items[i]->numerals + u, items[i]->length - u, ff1->radix);
    }
    rh_ff1_core_run(ff1->cipher, lanes, count, decrypt);
    for (size_t i = 0; i < count; i++) {
        size_t u = items[i]->length / 2;

        to_numerals(lanes[i].half[0], items[i]->numerals, u, ff1->radix);
        to_numerals(lanes[i].half[1], items[i]->numerals + u, items[i]->length - u, ff1->radix);
    }
}

static rh_status run(rh_ff1 *ff1, const rh_ff1_item *items, size_t count, bool decrypt,
                     rh_error *err)
{
    const rh_ff1_item *group[FF1_LANES];
    size_t grouped = 0;
    rh_status status = prepare(ff1, items, count, err);

    if (status != RH_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        if (items[i].length > ff1->max_fast_length) {
            const ff1_long wide = {ff1->cipher, ff1->radix, ff1->tweak, ff1->tweak_bytes};

            rh_ff1_long_run(&wide, items[i].numerals, items[i].length, decrypt, ff1->scratch);
            continue;
        }
        group[grouped++] = &items[i];
        if (grouped == FF1_LANES) {
            run_fast(ff1, group, grouped, decrypt);
            grouped = 0;
        }
    }
    run_fast(ff1, group, grouped, decrypt);
    return RH_OK;
}

rh_status rh_ff1_encrypt(rh_ff1 *ff1, const rh_ff1_item *items, size_t count, rh_error *err)
{
    return run(ff1, items, count, false, err);
}

rh_status rh_ff1_decrypt(rh_ff1 *ff1, const rh_ff1_item *items, size_t count, rh_error *err)
{
    return run(ff1, items, count, true, err);
}
