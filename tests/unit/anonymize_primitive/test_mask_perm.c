/*
 * Permutations of small domains, of integers, of wide identifiers and of UUIDs.
 */
#include <stdlib.h>

#include "mask_test.h"

#include "anonymize/int_perm.h"
#include "anonymize/shuffle.h"
#include "anonymize/uuid_perm.h"
#include "anonymize/wide_perm.h"
#include "core/mem.h"

static rh_shuffle *open_shuffle(const rh_mask_key *key, uint32_t count)
{
    rh_shuffle *shuffle = NULL;

    assert_int_equal(rh_shuffle_new(key, "city", "names", count, &shuffle, NULL), RH_OK);
    assert_int_equal(rh_shuffle_count(shuffle), count);
    return shuffle;
}

static void shuffles_are_bijections_with_inverses(void **state)
{
    static const uint32_t counts[] = {1, 2, 3, 4, 5, 10, 26, 63, 64, 65, 1000, 999999, 1 << 20};

    (void)state;
    for (size_t c = 0; c < sizeof counts / sizeof counts[0]; c++) {
        rh_shuffle *shuffle = open_shuffle(key_a(), counts[c]);
        uint8_t *seen = rh_mem_zalloc(counts[c]);

        for (uint32_t i = 0; i < counts[c]; i++) {
            uint32_t image = rh_shuffle_get(shuffle, i);

            assert_true(image < counts[c]);
            assert_int_equal(seen[image]++, 0);
            assert_int_equal(rh_shuffle_inverse(shuffle, image), i);
        }
        rh_mem_free(seen);
        rh_shuffle_free(shuffle);
    }
    rh_shuffle_free(NULL);
}

static void all_orders_of_four_come_up_equally_often(void **state)
{
    enum { KEYS = 4800 };
    uint32_t seen[256] = {0};
    size_t orders = 0;

    (void)state;
    for (uint32_t i = 0; i < KEYS; i++) {
        rh_mask_key key = {{0}};
        unsigned order = 0;

        rh_put_u32(key.bytes, i);

        rh_shuffle *shuffle = open_shuffle(&key, 4);

        for (uint32_t j = 0; j < 4; j++)
            order = order << 2 | rh_shuffle_get(shuffle, j);
        seen[order]++;
        rh_shuffle_free(shuffle);
    }
    for (size_t i = 0; i < 256; i++) {
        if (seen[i] == 0)
            continue;
        orders++;
        assert_in_range(seen[i], 140, 260); /* 200 +- 14 */
    }
    assert_int_equal(orders, 24);
}

static void shuffles_depend_on_key_domain_purpose_and_count(void **state)
{
    rh_shuffle *a = open_shuffle(key_a(), 1000), *again = open_shuffle(key_a(), 1000);
    rh_shuffle *b = open_shuffle(key_b(), 1000), *longer = open_shuffle(key_a(), 1001);
    rh_shuffle *other;
    size_t equal[4] = {0};

    (void)state;
    assert_int_equal(rh_shuffle_new(key_a(), "city", "codes", 1000, &other, NULL), RH_OK);
    for (uint32_t i = 0; i < 1000; i++) {
        uint32_t image = rh_shuffle_get(a, i);

        equal[0] += image == rh_shuffle_get(again, i);
        equal[1] += image == rh_shuffle_get(b, i);
        equal[2] += image == rh_shuffle_get(longer, i);
        equal[3] += image == rh_shuffle_get(other, i);
    }
    assert_int_equal(equal[0], 1000);
    for (int i = 1; i < 4; i++)
        assert_in_range(equal[i], 0, 8);
    rh_shuffle_free(a);
    rh_shuffle_free(again);
    rh_shuffle_free(b);
    rh_shuffle_free(longer);
    rh_shuffle_free(other);
    assert_int_equal(rh_shuffle_new(key_a(), "d", "p", 0, &other, NULL), RH_EUSAGE);
    assert_int_equal(rh_shuffle_new(key_a(), "d", "p", RH_SHUFFLE_MAX + 1, &other, NULL),
                     RH_EUSAGE);
}

static rh_int_perm *open_int(const rh_mask_key *key, int64_t low, int64_t high, bool keep_sign)
{
    const rh_int_range range = {low, high, keep_sign};
    rh_int_perm *perm = NULL;

    assert_int_equal(rh_int_perm_new(key, "id", &range, &perm, NULL), RH_OK);
    return perm;
}

/* Every value of the range, in batches of an odd size. */
static void check_all(int64_t low, int64_t high, bool keep_sign)
{
    size_t count = (size_t)(high - low) + 1;
    rh_int_perm *perm = open_int(key_a(), low, high, keep_sign);
    int64_t *values = rh_mem_array(count, sizeof *values);
    uint8_t *seen = rh_mem_zalloc(count);

    for (size_t i = 0; i < count; i++)
        values[i] = low + (int64_t)i;
    for (size_t at = 0; at < count; at += 37)
        assert_true(rh_int_perm_map(perm, values + at, count - at < 37 ? count - at : 37));
    for (size_t i = 0; i < count; i++) {
        int64_t value = low + (int64_t)i;

        if (values[i] < low || values[i] > high || seen[values[i] - low]++ != 0)
            fail_msg("not a bijection");
        if (keep_sign && ((values[i] > 0) != (value > 0) || (values[i] < 0) != (value < 0)))
            fail_msg("the sign changed");
    }
    assert_true(rh_int_perm_unmap(perm, values, count));
    for (size_t i = 0; i < count; i++)
        assert_true(values[i] == low + (int64_t)i);
    rh_mem_free(seen);
    rh_mem_free(values);
    rh_int_perm_free(perm);
}

static void integers_are_permuted_within_their_range(void **state)
{
    (void)state;
    check_all(0, 0, false);
    check_all(-3, 4, false);
    check_all(-3, 4, true);
    check_all(5, 9, true);
    check_all(-9, -5, true);
    check_all(0, 9, true);
    check_all(-32768, 32767, false);
    check_all(1, 999999, false);   /* the last that is shuffled */
    check_all(1, 1000000, false);  /* the first through FF1, 48576 to walk over */
    check_all(0, 1048575, false);  /* a power of two */
    check_all(-7, 1048569, false); /* one more: half of the steps are walks */
    check_all(-1100000, 20, true);
}

static void extreme_ranges_come_back(void **state)
{
    static const struct {
        int64_t low, high;
        bool keep_sign;
    } ranges[] = {
        {INT64_MIN, INT64_MAX, false},
        {INT64_MIN, INT64_MAX, true},
        {0, INT64_MAX, false},
        {INT64_MIN, -1, true},
        {1, INT32_MAX, true},
        {INT32_MIN, INT32_MAX, false},
        {INT64_MAX - 3000000, INT64_MAX, false},
    };
    uint64_t seed = 11;

    (void)state;
    for (size_t r = 0; r < sizeof ranges / sizeof ranges[0]; r++) {
        int64_t low = ranges[r].low, high = ranges[r].high;
        uint64_t last = (uint64_t)high - (uint64_t)low;
        rh_int_perm *perm = open_int(key_a(), low, high, ranges[r].keep_sign);
        int64_t values[100], copy[100];

        for (size_t i = 0; i < 100; i++) {
            uint64_t offset = next_number(&seed);

            if (last != UINT64_MAX)
                offset %= last + 1;
            copy[i] = values[i] = (int64_t)((uint64_t)low + offset);
        }
        values[0] = copy[0] = low;
        values[1] = copy[1] = high;
        assert_true(rh_int_perm_map(perm, values, 100));
        for (size_t i = 0; i < 100; i++) {
            assert_true(values[i] >= low && values[i] <= high);
            if (ranges[r].keep_sign)
                assert_true((values[i] < 0) == (copy[i] < 0));
        }
        assert_memory_not_equal(values, copy, sizeof values);
        assert_true(rh_int_perm_unmap(perm, values, 100));
        assert_memory_equal(values, copy, sizeof values);
        rh_int_perm_free(perm);
    }
}

static void integers_outside_are_refused_together(void **state)
{
    rh_int_perm *perm = open_int(key_a(), 0, 2000000, false);
    int64_t values[2] = {5, 2000001};
    const rh_int_range wrong = {1, 0, false};
    rh_int_perm *none = NULL;

    (void)state;
    assert_false(rh_int_perm_map(perm, values, 2));
    assert_int_equal(values[0], 5);
    rh_int_perm_free(perm);
    rh_int_perm_free(NULL);
    assert_int_equal(rh_int_perm_new(key_a(), "id", &wrong, &none, NULL), RH_EUSAGE);
}

static void one_value_gives_the_same_as_many(void **state)
{
    rh_int_perm *perm = open_int(key_a(), 0, 5000000, false);
    int64_t many[50];

    (void)state;
    for (int i = 0; i < 50; i++)
        many[i] = i * 99991;
    assert_true(rh_int_perm_map(perm, many, 50));
    for (int i = 0; i < 50; i++) {
        int64_t one = i * 99991;

        assert_true(rh_int_perm_map(perm, &one, 1));
        assert_true(one == many[i]);
    }
    rh_int_perm_free(perm);
}

static void wide_identifiers_come_back(void **state)
{
    uint64_t seed = 5;

    (void)state;
    for (size_t width = 8; width <= 32; width += 2) {
        uint8_t raw[40][32], ids[40][32];
        rh_wide_perm *perm;

        assert_int_equal(rh_wide_perm_new(key_a(), "address", width, &perm, NULL), RH_OK);
        assert_int_equal(rh_wide_perm_width(perm), width);
        fill_random(&seed, raw, sizeof raw);
        memcpy(ids, raw, sizeof ids);
        rh_wide_perm_map(perm, ids[0], 32, 40);
        for (size_t i = 0; i < 40; i++) {
            uint8_t one[32];

            assert_memory_not_equal(ids[i], raw[i], width);
            assert_memory_equal(ids[i] + width, raw[i] + width, 32 - width);
            memcpy(one, raw[i], 32);
            rh_wide_perm_map(perm, one, width, 1);
            assert_memory_equal(one, ids[i], 32);
        }
        rh_wide_perm_unmap(perm, ids[0], 32, 40);
        assert_memory_equal(ids, raw, sizeof raw);
        rh_wide_perm_free(perm);
    }
    rh_wide_perm_free(NULL);
}

/* A bit of the input and a bit of the key each change half of the output. */
static void wide_identifiers_avalanche(void **state)
{
    static const size_t widths[] = {16, 20, 32};
    uint64_t seed = 17;

    (void)state;
    for (size_t w = 0; w < 3; w++) {
        size_t width = widths[w], by_bit = 0, by_key = 0;
        rh_wide_perm *a, *b;

        assert_int_equal(rh_wide_perm_new(key_a(), "address", width, &a, NULL), RH_OK);
        assert_int_equal(rh_wide_perm_new(key_b(), "address", width, &b, NULL), RH_OK);
        for (size_t i = 0; i < 1000; i++) {
            uint8_t x[32], y[32], z[32];

            fill_random(&seed, x, width);
            memcpy(y, x, width);
            memcpy(z, x, width);
            y[i % width] ^= (uint8_t)(1 << i / width % 8);
            rh_wide_perm_map(a, x, width, 1);
            rh_wide_perm_map(a, y, width, 1);
            rh_wide_perm_map(b, z, width, 1);
            by_bit += bits_apart(x, y, width);
            by_key += bits_apart(x, z, width);
        }
        assert_in_range(by_bit, 3920 * width, 4080 * width); /* 4000 a byte */
        assert_in_range(by_key, 3920 * width, 4080 * width);
        rh_wide_perm_free(a);
        rh_wide_perm_free(b);
    }
}

static void other_widths_are_refused(void **state)
{
    static const size_t widths[] = {0, 6, 7, 21, 33, 34};
    rh_wide_perm *perm = NULL;

    (void)state;
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(rh_wide_perm_new(key_a(), "d", widths[i], &perm, NULL), RH_EUSAGE);
    assert_null(perm);
}

static rh_time_map *open_time(void)
{
    const rh_time_map_options options = {INT64_C(1577836800000000), 20000, 100};
    rh_time_map *map = NULL;

    assert_int_equal(rh_time_map_new(key_a(), "time", &options, &map, NULL), RH_OK);
    return map;
}

static void uuids_keep_version_and_variant(void **state)
{
    enum { COUNT = 20000 };
    uint8_t *raw = rh_mem_alloc(16 * COUNT), *ids = rh_mem_alloc(16 * COUNT);
    uint64_t seed = 23;
    rh_uuid_perm *perm;
    size_t apart = 0;

    (void)state;
    assert_int_equal(rh_uuid_perm_new(key_a(), "project", NULL, &perm, NULL), RH_OK);
    fill_random(&seed, raw, 16 * COUNT);
    for (size_t i = 0; i < COUNT; i += 2) { /* every second one is of version 4 */
        raw[16 * i + 6] = (uint8_t)(0x40 | (raw[16 * i + 6] & 15));
        raw[16 * i + 8] = (uint8_t)(0x80 | (raw[16 * i + 8] & 63));
    }
    memcpy(ids, raw, 16 * COUNT);
    rh_uuid_perm_map(perm, ids, COUNT);
    for (size_t i = 0; i < 16 * COUNT; i += 16) {
        assert_int_equal(ids[i + 6] >> 4, raw[i + 6] >> 4);
        assert_int_equal(ids[i + 8] >> 6, raw[i + 8] >> 6);
        apart += bits_apart(ids + i, raw + i, 16);
    }
    assert_in_range(apart, 60.8 * COUNT, 61.2 * COUNT);
    rh_uuid_perm_free(perm);
    rh_uuid_perm_free(NULL);
    rh_mem_free(raw);
    rh_mem_free(ids);
}

static void nil_and_max_uuids_stay(void **state)
{
    uint8_t ids[32], want[32];
    rh_uuid_perm *perm;

    (void)state;
    memset(ids, 0, 16);
    memset(ids + 16, 0xff, 16);
    memcpy(want, ids, 32);
    assert_int_equal(rh_uuid_perm_new(key_a(), "project", NULL, &perm, NULL), RH_OK);
    rh_uuid_perm_map(perm, ids, 2);
    assert_memory_equal(ids, want, 32);
    rh_uuid_perm_free(perm);
}

static void uuids_of_version_7_keep_their_order(void **state)
{
    enum { COUNT = 5000 };
    rh_time_map *time = open_time();
    uint64_t seed = 29;
    uint64_t ms = UINT64_C(1400000000000);
    uint8_t last[16] = {0};
    rh_uuid_perm *perm;

    (void)state;
    assert_int_equal(rh_uuid_perm_new(key_a(), "project", time, &perm, NULL), RH_OK);
    for (int i = 0; i < COUNT; i++) {
        uint8_t raw[16], id[16];

        fill_random(&seed, raw, 16);
        ms += 1 + next_number(&seed) % (i % 2 == 0 ? 2 : 200000000);
        for (int j = 0; j < 6; j++)
            raw[j] = (uint8_t)(ms >> (40 - 8 * j));
        raw[6] = (uint8_t)(0x70 | (raw[6] & 15));
        raw[8] = (uint8_t)(0x80 | (raw[8] & 63));
        memcpy(id, raw, 16);
        rh_uuid_perm_map(perm, id, 1);
        assert_int_equal(id[6] >> 4, 7);
        assert_int_equal(id[8] >> 6, 2);
        assert_true(memcmp(last, id, 16) < 0);
        assert_memory_not_equal(id + 9, raw + 9, 7);
        memcpy(last, id, 16);
    }
    rh_uuid_perm_free(perm);
    rh_time_map_free(time);
}

static int compare_uuids(const void *a, const void *b)
{
    return memcmp(a, b, 16);
}

/* Times on both sides of every border, images of the map among them: all different before and
 * after, version and variant kept, only the plausible ones in the order of time. */
static void uuids_with_any_time_are_permuted(void **state)
{
    enum { COUNT = 3 * 4000 };
    static const uint64_t starts[] = {0, UINT64_C(631151998000), UINT64_C(7258118399000 - 1000),
                                      UINT64_C(7300000000000), UINT64_C(0xfffffffff000)};
    rh_time_map *time = open_time();
    uint8_t *ids = rh_mem_alloc(16 * COUNT);
    uint64_t seed = 31;
    rh_uuid_perm *perm;

    (void)state;
    assert_int_equal(rh_uuid_perm_new(key_a(), "project", time, &perm, NULL), RH_OK);
    for (size_t i = 0; i < COUNT; i++) {
        uint8_t *id = ids + 16 * i;
        uint64_t ms = i % 3 == 0 ? starts[i / 3 % 5] + i / 15 : next_number(&seed) >> 16;

        fill_random(&seed, id, 16);
        for (int j = 0; j < 6; j++)
            id[j] = (uint8_t)(ms >> (40 - 8 * j));
        id[6] = (uint8_t)(0x70 | (id[6] & 15));
        id[8] = (uint8_t)(0x80 | (id[8] & 63));
    }
    /* An image as an input: its image must not be taken twice. */
    memcpy(ids + (size_t)16 * (COUNT - 1), ids, 16);
    rh_uuid_perm_map(perm, ids + (size_t)16 * (COUNT - 1), 1);
    rh_uuid_perm_map(perm, ids, COUNT);
    qsort(ids, COUNT, 16, compare_uuids);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(ids[16 * i + 6] >> 4, 7);
        assert_int_equal(ids[16 * i + 8] >> 6, 2);
        if (i > 0)
            assert_memory_not_equal(ids + 16 * i, ids + 16 * (i - 1), 16);
    }
    rh_uuid_perm_free(perm);
    rh_time_map_free(time);
    rh_mem_free(ids);
}

/* Images that must never change, as repositories and copies depend on them. */
static void images_are_the_same_for_ever(void **state)
{
    uint8_t id[20] = {0};
    char hex[41];
    int64_t value = 42;
    rh_wide_perm *wide;
    rh_int_perm *integer = open_int(key_a(), 1, INT32_MAX, false);
    rh_shuffle *shuffle = open_shuffle(key_a(), 1000);

    (void)state;
    assert_int_equal(rh_wide_perm_new(key_a(), "address", 20, &wide, NULL), RH_OK);
    rh_wide_perm_map(wide, id, 20, 1);
    rh_hex_encode(id, 20, hex);
    assert_string_equal(hex, "dc2edc6f46064390fe8855711cfe7015ad08161f");
    assert_true(rh_int_perm_map(integer, &value, 1));
    assert_int_equal(value, 34395161);
    assert_int_equal(rh_shuffle_get(shuffle, 0), 243);
    rh_wide_perm_free(wide);
    rh_int_perm_free(integer);
    rh_shuffle_free(shuffle);
}

static rh_status make_all(void *ctx, rh_error *err)
{
    const rh_int_range range = {-5000000, 500, true};
    const rh_time_map_options times = {0, 20000, 100};
    rh_shuffle *shuffle = NULL;
    rh_int_perm *integer = NULL;
    rh_wide_perm *wide = NULL;
    rh_uuid_perm *uuid = NULL;
    rh_time_map *time = NULL;
    rh_status status;

    (void)ctx;
    status = rh_shuffle_new(key_a(), "d", "p", 100, &shuffle, err);
    if (status == RH_OK)
        status = rh_int_perm_new(key_a(), "d", &range, &integer, err);
    if (status == RH_OK)
        status = rh_wide_perm_new(key_a(), "d", 20, &wide, err);
    if (status == RH_OK)
        status = rh_time_map_new(key_a(), "d", &times, &time, err);
    if (status == RH_OK)
        status = rh_uuid_perm_new(key_a(), "d", time, &uuid, err);
    assert_int_equal(status == RH_OK, uuid != NULL);
    rh_uuid_perm_free(uuid);
    rh_time_map_free(time);
    rh_wide_perm_free(wide);
    rh_int_perm_free(integer);
    rh_shuffle_free(shuffle);
    return status;
}

static void permutations_survive_every_failed_allocation(void **state)
{
    (void)state;
    assert_true(fail_nth(make_all, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shuffles_are_bijections_with_inverses),
        cmocka_unit_test(all_orders_of_four_come_up_equally_often),
        cmocka_unit_test(shuffles_depend_on_key_domain_purpose_and_count),
        cmocka_unit_test(integers_are_permuted_within_their_range),
        cmocka_unit_test(extreme_ranges_come_back),
        cmocka_unit_test(integers_outside_are_refused_together),
        cmocka_unit_test(one_value_gives_the_same_as_many),
        cmocka_unit_test(wide_identifiers_come_back),
        cmocka_unit_test(wide_identifiers_avalanche),
        cmocka_unit_test(other_widths_are_refused),
        cmocka_unit_test(uuids_keep_version_and_variant),
        cmocka_unit_test(nil_and_max_uuids_stay),
        cmocka_unit_test(uuids_of_version_7_keep_their_order),
        cmocka_unit_test(uuids_with_any_time_are_permuted),
        cmocka_unit_test(images_are_the_same_for_ever),
        cmocka_unit_test(permutations_survive_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
