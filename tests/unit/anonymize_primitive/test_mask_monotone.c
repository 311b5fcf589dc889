/*
 * Secret monotone maps: integers, time, decimal numbers.
 */
#include "mask_test.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "anonymize/cipher.h"
#include "anonymize/decimal_map.h"
#include "anonymize/monotone.h"
#include "anonymize/time_map.h"
#include "core/num.h"

static rh_monotone *open_integers(const rh_mask_key *key, int64_t low, int64_t high)
{
    const rh_monotone_options options = {0, 65536, low, high};
    rh_monotone *map = NULL;

    assert_int_equal(rh_monotone_new(key, "id", &options, &map, NULL), RH_OK);
    return map;
}

static void integers_keep_their_order_without_a_gap_in_the_proof(void **state)
{
    rh_monotone *map = open_integers(key_a(), INT64_MIN, INT64_MAX);
    int64_t last = INT64_MIN;

    (void)state;
    for (int64_t value = -70000; value <= 70000; value++) {
        int64_t image;

        assert_true(rh_monotone_map(map, value, &image));
        assert_true(image > last);
        assert_true((image > 0) == (value > 0) && (image < 0) == (value < 0));
        last = image;
    }
    rh_monotone_free(map);
    rh_monotone_free(NULL);
}

/* Neighbours at every power of two, where the knots are, and at random places. */
static void integers_keep_their_order_at_any_size(void **state)
{
    rh_monotone *map = open_integers(key_a(), INT64_MIN, INT64_MAX);
    uint64_t seed = 53;

    (void)state;
    for (int i = 0; i < 60000; i++) {
        int64_t value = i < 360 ? (INT64_C(1) << (i / 6)) + i % 6 - 3
                                : (int64_t)(next_number(&seed) >> (4 + i % 58));
        int64_t a, b;

        if (i % 2 == 0)
            value = -value;
        assert_true(rh_monotone_map(map, value, &a));
        assert_true(rh_monotone_map(map, value + 1, &b));
        assert_true(a < b);
        /* twice the value on average, never much more than a quarter of the gaps off that */
        double factor = value == 0 ? 2 : (double)a / (double)value;

        assert_true(value > -100 && value < 100 ? factor >= 1 : factor > 1.6 && factor < 2.4);
    }
    rh_monotone_free(map);
}

static void integers_that_do_not_fit_are_reported(void **state)
{
    rh_monotone *map = open_integers(key_a(), -1000, INT32_MAX);
    int64_t image = 7;

    (void)state;
    assert_false(rh_monotone_map(map, INT32_MAX, &image));
    assert_false(rh_monotone_map(map, INT64_MAX, &image));
    assert_false(rh_monotone_map(map, INT64_MIN, &image));
    assert_int_equal(image, 7);
    assert_true(rh_monotone_map(map, INT32_MAX / 3, &image));
    rh_monotone_free(map);

    const rh_monotone_options wrong[] = {{0, 0, -1, 1}, {0, 1, 1, -1}, {5, 1, 0, 4}};

    for (int i = 0; i < 3; i++)
        assert_int_equal(rh_monotone_new(key_a(), "id", &wrong[i], &map, NULL), RH_EUSAGE);
}

/* Gaps are not all alike, and another key has others. */
static void gaps_are_secret(void **state)
{
    rh_monotone *a = open_integers(key_a(), INT64_MIN, INT64_MAX);
    rh_monotone *b = open_integers(key_b(), INT64_MIN, INT64_MAX);
    size_t gaps[8] = {0}, equal = 0;
    int64_t last_a, last_b;

    (void)state;
    assert_true(rh_monotone_map(a, 100000, &last_a));
    assert_true(rh_monotone_map(b, 100000, &last_b));
    for (int64_t value = 100001; value <= 110000; value++) {
        int64_t x, y;

        assert_true(rh_monotone_map(a, value, &x));
        assert_true(rh_monotone_map(b, value, &y));
        gaps[x - last_a < 8 ? x - last_a : 7]++;
        equal += x - last_a == y - last_b;
        last_a = x;
        last_b = y;
    }
    assert_int_equal(gaps[0], 0);
    assert_in_range(gaps[1], 2000, 6500);
    assert_in_range(gaps[2], 1500, 6000);
    assert_in_range(gaps[3], 500, 4000);
    assert_in_range(equal, 1500, 6000);
    rh_monotone_free(a);
    rh_monotone_free(b);
}

/* ---- time ---- */

static const int64_t anchor_us = INT64_C(1577836800000000); /* 2020-01-01 */

static rh_time_map *open_time(const rh_mask_key *key)
{
    const rh_time_map_options options = {anchor_us, 20000, 104};
    rh_time_map *map = NULL;

    assert_int_equal(rh_time_map_new(key, "time", &options, &map, NULL), RH_OK);
    return map;
}

static void time_is_strict_at_a_microsecond(void **state)
{
    rh_time_map *map = open_time(key_a());
    uint64_t seed = 59;

    (void)state;
    for (int i = 0; i < 100000; i++) {
        int64_t day = (int64_t)(next_number(&seed) % 40000) - 20000;
        int64_t within = i % 3 == 0   ? 0
                         : i % 3 == 1 ? RH_TIME_DAY_US - 1
                                      : (int64_t)(next_number(&seed) % (uint64_t)RH_TIME_DAY_US);
        int64_t time = anchor_us + day * RH_TIME_DAY_US + within;
        int64_t before, at, after;

        assert_true(rh_time_map_map(map, time - 1, RH_TIME_US, &before));
        assert_true(rh_time_map_map(map, time, RH_TIME_US, &at));
        assert_true(rh_time_map_map(map, time + 1, RH_TIME_US, &after));
        assert_true(before < at && at < after);
        assert_true(after - before <= 4); /* continuous: no gap between days either */
    }
    rh_time_map_free(map);
    rh_time_map_free(NULL);
}

static void days_have_different_lengths(void **state)
{
    rh_time_map *map = open_time(key_a());
    int64_t last, shortest = INT64_MAX, longest = 0;

    (void)state;
    assert_true(rh_time_map_map(map, anchor_us, RH_TIME_US, &last));
    for (int64_t day = 1; day <= 2000; day++) {
        int64_t image;

        assert_true(rh_time_map_map(map, anchor_us + day * RH_TIME_DAY_US, RH_TIME_US, &image));
        shortest = image - last < shortest ? image - last : shortest;
        longest = image - last > longest ? image - last : longest;
        last = image;
    }
    assert_true(shortest >= RH_TIME_DAY_US);
    assert_true(longest - shortest > RH_TIME_DAY_US / 100);
    assert_true(longest < RH_TIME_DAY_US * 3 / 2);
    rh_time_map_free(map);
}

static void dates_agree_with_timestamps(void **state)
{
    rh_time_map *map = open_time(key_a());
    int64_t last = INT64_MIN;

    (void)state;
    for (int64_t day = -30000; day < 60000; day++) {
        int64_t date, midnight;

        assert_true(rh_time_map_map(map, day, RH_TIME_DAY_US, &date));
        assert_true(rh_time_map_map(map, day * RH_TIME_DAY_US, RH_TIME_US, &midnight));
        assert_true(date > last);
        assert_true(date * RH_TIME_DAY_US <= midnight && midnight < (date + 1) * RH_TIME_DAY_US);
        last = date;
    }
    rh_time_map_free(map);
}

static void infinities_stay_and_the_far_end_is_reported(void **state)
{
    rh_time_map *map = open_time(key_a());
    int64_t image = 5;

    (void)state;
    assert_false(rh_time_map_map(map, INT64_MAX - 1, RH_TIME_US, &image));
    assert_false(rh_time_map_map(map, INT64_MIN + 1, RH_TIME_US, &image));
    assert_false(rh_time_map_map(map, INT64_MAX - 1, RH_TIME_DAY_US, &image));
    assert_int_equal(image, 5);
    assert_true(rh_time_map_map(map, INT64_MAX, RH_TIME_US, &image));
    assert_true(image == INT64_MAX);
    assert_true(rh_time_map_map(map, INT64_MIN, RH_TIME_DAY_US, &image));
    assert_true(image == INT64_MIN);
    rh_time_map_free(map);

    const rh_time_map_options wrong[] = {{0, 0, 0}, {0, 1000001, 0}, {0, 1, 5201}};

    for (int i = 0; i < 3; i++)
        assert_int_equal(rh_time_map_new(key_a(), "t", &wrong[i], &map, NULL), RH_EUSAGE);
}

static void another_key_moves_time_elsewhere(void **state)
{
    size_t different = 0;
    int64_t first = 0;

    (void)state;
    for (uint32_t i = 0; i < 50; i++) {
        rh_mask_key key = {{9}};
        rh_time_map *map;
        int64_t image;

        rh_put_u32(key.bytes + 4, i);
        map = open_time(&key);
        assert_true(rh_time_map_map(map, anchor_us, RH_TIME_US, &image));
        assert_int_equal((image - anchor_us) % (7 * RH_TIME_DAY_US), 0);
        assert_in_range((uint64_t)(image - anchor_us + 104 * 7 * RH_TIME_DAY_US), 0,
                        (uint64_t)(208 * 7 * RH_TIME_DAY_US));
        first = i == 0 ? image : first;
        different += image != first;
        rh_time_map_free(map);
    }
    assert_in_range(different, 44, 49);
}

static void subjects_shift_by_whole_steps_within_the_limit(void **state)
{
    rh_cipher *cipher;
    size_t seen[21] = {0};

    (void)state;
    assert_int_equal(rh_cipher_new_for(key_a(), "d", "shift", &cipher, NULL), RH_OK);
    for (uint32_t i = 0; i < 21000; i++) {
        int64_t shift = rh_subject_shift(cipher, &i, sizeof i, 1059, 100);

        assert_int_equal(shift % 100, 0);
        assert_true(shift >= -1000 && shift <= 1000);
        assert_true(shift == rh_subject_shift(cipher, &i, sizeof i, 1059, 100));
        seen[shift / 100 + 10]++;
    }
    for (int i = 0; i < 21; i++)
        assert_in_range(seen[i], i == 10 ? 0 : 890, i == 10 ? 0 : 1210); /* some shift, any */
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(labs((long)rh_subject_shift(cipher, &i, sizeof i, 7, 7)), 7);
    assert_int_equal(rh_subject_shift(cipher, "x", 1, 0, 1), 0);
    rh_cipher_free(cipher);
}

/* ---- decimal numbers ---- */

static rh_decimal_map *open_decimals(const rh_mask_key *key)
{
    rh_decimal_map *map = NULL;

    assert_int_equal(rh_decimal_map_new(key, "amount", &map, NULL), RH_OK);
    return map;
}

static const char *image_of(const rh_decimal_map *map, const char *text)
{
    static char out[8][RH_DECIMAL_OUT_BYTES + 1];
    static unsigned turn;
    size_t len;

    turn = (turn + 1) % 8;
    if (!rh_decimal_map_map(map, text, strlen(text), out[turn], &len))
        return NULL;
    assert_true(len <= RH_DECIMAL_OUT_BYTES);
    out[turn][len] = '\0';
    return out[turn];
}

static size_t scale_of(const char *text)
{
    const char *point = strchr(text, '.');

    return point == NULL ? 0 : strlen(point + 1);
}

/* Compare two numbers without a sign by value. */
static int compare(const char *a, const char *b)
{
    size_t int_a = strcspn(a, "."), int_b = strcspn(b, ".");
    size_t i = 0;

    if (int_a != int_b)
        return int_a < int_b ? -1 : 1;
    for (; a[i] != '\0' && b[i] != '\0'; i++) {
        if (a[i] != b[i])
            return a[i] < b[i] ? -1 : 1;
    }
    for (size_t j = i; a[j] != '\0'; j++) {
        if (a[j] != '0' && a[j] != '.')
            return 1;
    }
    for (size_t j = i; b[j] != '\0'; j++) {
        if (b[j] != '0' && b[j] != '.')
            return -1;
    }
    return 0;
}

static void check_order(rh_decimal_map *map)
{
    for (int scale = 0; scale <= 5; scale++) {
        char last[RH_DECIMAL_OUT_BYTES + 1] = "";
        int power = 1;

        for (int i = 0; i < scale; i++)
            power *= 10;
        for (int i = 0; i < 100000; i++) {
            char text[32];
            const char *image;

            if (scale == 0)
                (void)snprintf(text, sizeof text, "%d", i);
            else
                (void)snprintf(text, sizeof text, "%d.%0*d", i / power, scale, i % power);
            image = image_of(map, text);
            assert_non_null(image);
            assert_int_equal(scale_of(image), scale);
            if (i > 0)
                assert_true(compare(last, image) < 0);
            memcpy(last, image, strlen(image) + 1);
        }
    }
    rh_decimal_map_free(map);
    rh_decimal_map_free(NULL);
}

static void every_number_of_five_digits_keeps_its_order(void **state)
{
    rh_decimal_map *rough = open_decimals(key_a());

    (void)state;
    rh_decimal_map_roughen(rough);
    check_order(rough);
    check_order(open_decimals(key_a()));
}

/* How far the image of a middle is from the middle of the images, at worst, in percent of their
 * distance: what a straight line through a bucket of a histogram gets wrong. */
static long worst_bend(const rh_decimal_map *map)
{
    long worst = 0;

    for (long from = 1000000; from < 9000000; from += 37111) {
        for (long width = 2000; width <= 900000; width *= 3) {
            int64_t at[3];

            for (long i = 0; i < 3; i++) {
                char text[32];
                const char *image;

                (void)snprintf(text, sizeof text, "%ld", from + i * width / 2);
                image = image_of(map, text);
                assert_true(rh_num_scan_int64(image, strlen(image), &at[i]));
            }

            long bend = labs((long)(2 * at[1] - at[0] - at[2])) * 50 / (long)(at[2] - at[0]);

            worst = bend > worst ? bend : worst;
        }
    }
    return worst;
}

static void smooth_maps_are_nearly_straight_between_powers_of_ten(void **state)
{
    rh_decimal_map *rough = open_decimals(key_a());
    rh_decimal_map *smooth = open_decimals(key_a());

    (void)state;
    rh_decimal_map_roughen(rough);
    assert_in_range(worst_bend(smooth), 1, 5);
    assert_in_range(worst_bend(rough), 20, 50);
    rh_decimal_map_free(smooth);
    rh_decimal_map_free(rough);
}

/* ---- estimates of ranges ---- */

enum { ROWS = 10001, BUCKETS = 100, BUCKET_ROWS = (ROWS - 1) / BUCKETS, KEYS = 12 };

typedef enum column { SPREAD_EVENLY, SPREAD_BY_LOG, HEAVY_TAIL } column;

static void fill_column(column what, int64_t *out)
{
    double next = 272;

    for (int i = 0; i < ROWS; i++, next *= 1.00080032) /* e^8 times as much at the end */
        out[i] = what == SPREAD_EVENLY   ? 1000 + 37 * (int64_t)i
                 : what == SPREAD_BY_LOG ? (int64_t)next + i
                                         : INT64_C(100000) * ROWS / (ROWS - i);
}

/* What a histogram of equal counts tells of the rows below a value: a straight line through its
 * bucket. */
static double rows_below(const int64_t *sorted, int rank)
{
    int bucket = rank / BUCKET_ROWS < BUCKETS ? rank / BUCKET_ROWS : BUCKETS - 1;
    double from = (double)sorted[bucket * BUCKET_ROWS];
    double to = (double)sorted[(bucket + 1) * BUCKET_ROWS];

    return BUCKET_ROWS * (bucket + ((double)sorted[rank] - from) / (to - from));
}

/* The largest ratio of estimates for a column and its images: the top tenth of a percent, parts of
 * a bucket, ranges over two of them. */
static double worst_estimate(const int64_t *rows, const int64_t *images)
{
    double worst = 1;

    for (int from = 0; from < ROWS; from += 77) {
        int to = from + BUCKET_ROWS / 2 < ROWS ? from + BUCKET_ROWS / 2 : ROWS - 1;
        int least = to == ROWS - 1 && from < ROWS - 21 ? ROWS - 21 : from;
        double true_rows = rows_below(rows, to) - rows_below(rows, least);
        double ratio = (rows_below(images, to) - rows_below(images, least)) / true_rows;

        ratio = ratio < 1 ? 1 / ratio : ratio;
        worst = ratio > worst ? ratio : worst;
    }
    return worst;
}

static double worst_estimate_of_decimals(column what, bool rough)
{
    static int64_t rows[ROWS], images[ROWS];
    double worst = 1;

    fill_column(what, rows);
    for (uint32_t k = 0; k < KEYS; k++) {
        rh_mask_key key = {{11}};
        rh_decimal_map *map;
        double here;

        rh_put_u32(key.bytes + 4, k);
        map = open_decimals(&key);
        if (rough)
            rh_decimal_map_roughen(map);
        for (int i = 0; i < ROWS; i++) {
            char text[32];
            const char *image;

            (void)snprintf(text, sizeof text, "%" PRId64, rows[i]);
            image = image_of(map, text);
            assert_true(rh_num_scan_int64(image, strlen(image), &images[i]));
        }
        here = worst_estimate(rows, images);
        worst = here > worst ? here : worst;
        rh_decimal_map_free(map);
    }
    return worst;
}

static void decimals_are_estimated_like_the_numbers_with_any_key(void **state)
{
    (void)state;
    assert_true(worst_estimate_of_decimals(SPREAD_EVENLY, false) < 1.2);
    assert_true(worst_estimate_of_decimals(SPREAD_BY_LOG, false) < 1.1);
    /* Half of all in the last bucket: as far apart as densities at the ends of a decade. */
    assert_true(worst_estimate_of_decimals(HEAVY_TAIL, false) < 1.6);
    assert_true(worst_estimate_of_decimals(SPREAD_BY_LOG, true) > 1.5);
}

static void serial_ids_are_estimated_like_the_numbers_with_any_key(void **state)
{
    static int64_t rows[ROWS], images[ROWS];
    double worst = 1;

    (void)state;
    for (uint32_t k = 0; k < KEYS; k++) {
        rh_mask_key key = {{12}};
        rh_monotone *map;
        double here;

        rh_put_u32(key.bytes + 4, k);
        map = open_integers(&key, INT64_MIN, INT64_MAX);
        for (int i = 0; i < ROWS; i++) {
            rows[i] = 1 + (int64_t)i * 20; /* 1 to 200,001: buckets of 2,000 */
            assert_true(rh_monotone_map(map, rows[i], &images[i]));
        }
        here = worst_estimate(rows, images);
        worst = here > worst ? here : worst;
        rh_monotone_free(map);
    }
    assert_true(worst < 1.2);
}

static void trailing_zeros_change_nothing(void **state)
{
    static const char *const pairs[][2] = {
        {"1.5", "1.50"}, {"12", "12.000"},         {"0.05", "0.0500000"}, {"999", "999.0"},
        {"0.9", "0.90"}, {"123.45", "123.450000"}, {"100", "100.00"},     {"7", "7.0"},
    };
    rh_decimal_map *map = open_decimals(key_a());

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        const char *a = image_of(map, pairs[i][0]), *b = image_of(map, pairs[i][1]);

        assert_int_equal(compare(a, b), 0);
        assert_int_equal(scale_of(b), scale_of(pairs[i][1]));
    }
    rh_decimal_map_free(map);
}

/* Neighbours of random numbers of every length, with and without a point. */
static void long_numbers_keep_their_order(void **state)
{
    rh_decimal_map *map = open_decimals(key_a());
    uint64_t seed = 61;

    (void)state;
    for (size_t round = 0; round < 4000; round++) {
        size_t digits = 1 + round % 78;
        size_t scale = round % 3 == 0 ? 0 : (size_t)(next_number(&seed) % digits);
        char a[96] = "", b[96];
        const char *x, *y;

        for (size_t i = 0; i < digits; i++)
            a[i + (scale > 0 && i >= digits - scale)] =
                (char)('0' + (i == 0 ? 1 + next_number(&seed) % 9 : next_number(&seed) % 10));
        if (scale > 0)
            a[digits - scale] = '.';
        memcpy(b, a, sizeof b);
        for (size_t i = digits + (scale > 0); i-- > 0;) { /* b = a + one unit of the last digit */
            if (b[i] == '.')
                continue;
            if (b[i]++ < '9')
                break;
            b[i] = '0';
            if (i == 0) { /* all nines: leave it */
                memcpy(b, a, sizeof b);
                a[digits + (scale > 0) - 1]--;
            }
        }
        x = image_of(map, a);
        y = image_of(map, b);
        assert_non_null(x);
        assert_non_null(y);
        assert_int_equal(scale_of(x), scale);
        assert_true(compare(x, y) < 0);
        assert_true(compare(a, x) < 0); /* at least twice as much */
    }
    rh_decimal_map_free(map);
}

static void signs_zeros_and_specials_are_kept(void **state)
{
    static const char *const same[] = {"0", "0.00", "-0.0", "000", "NaN", "Infinity", "-Infinity"};
    rh_decimal_map *map = open_decimals(key_a());

    (void)state;
    for (size_t i = 0; i < 7; i++)
        assert_string_equal(image_of(map, same[i]), same[i]);
    assert_string_equal(image_of(map, "-12.5") + 1, image_of(map, "12.5"));
    assert_int_equal(image_of(map, "-12.5")[0], '-');
    assert_string_equal(image_of(map, "0012.5"), image_of(map, "12.5"));
    rh_decimal_map_free(map);
}

static void what_is_no_plain_number_is_reported(void **state)
{
    static const char *const bad[] = {"",   "-",         ".",   "1e5",  "1,5", "1.2.3",
                                      " 1", "1 ",        "+1",  "--1",  "0x1", "nan",
                                      "1-", "Infinity2", "1_0", "\xff", "1\n2"};
    char digits[100];
    rh_decimal_map *map = open_decimals(key_a());

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_null(image_of(map, bad[i]));
    memset(digits, '9', sizeof digits);
    digits[78] = '\0';
    assert_int_equal(strlen(image_of(map, digits)), 79);
    digits[78] = '9';
    digits[79] = '\0';
    assert_null(image_of(map, digits)); /* 79 digits */
    rh_decimal_map_free(map);
}

/* The largest uint256 fits numeric(78,0) after masking, too. */
static void the_largest_amount_of_wei_stays_within_78_digits(void **state)
{
    static const char largest[] =
        "115792089237316195423570985008687907853269984665640564039457584007913129639935";

    (void)state;
    for (uint32_t i = 0; i < 200; i++) {
        rh_mask_key key = {{7}};
        rh_decimal_map *map;

        rh_put_u32(key.bytes + 8, i);
        map = open_decimals(&key);
        assert_int_equal(strlen(image_of(map, largest)), 78);
        rh_decimal_map_free(map);
    }
}

static rh_status make_maps(void *ctx, rh_error *err)
{
    const rh_monotone_options integers = {0, 65536, -100, 100};
    const rh_time_map_options times = {0, 20000, 5};
    rh_monotone *monotone = NULL;
    rh_time_map *time = NULL;
    rh_decimal_map *decimal = NULL;
    rh_status status = rh_monotone_new(key_a(), "d", &integers, &monotone, err);

    (void)ctx;
    if (status == RH_OK)
        status = rh_time_map_new(key_a(), "d", &times, &time, err);
    if (status == RH_OK)
        status = rh_decimal_map_new(key_a(), "d", &decimal, err);
    assert_int_equal(status == RH_OK, decimal != NULL);
    rh_decimal_map_free(decimal);
    rh_time_map_free(time);
    rh_monotone_free(monotone);
    return status;
}

static void maps_survive_every_failed_allocation(void **state)
{
    (void)state;
    assert_int_equal(fail_nth(make_maps, NULL), 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_keep_their_order_without_a_gap_in_the_proof),
        cmocka_unit_test(integers_keep_their_order_at_any_size),
        cmocka_unit_test(integers_that_do_not_fit_are_reported),
        cmocka_unit_test(gaps_are_secret),
        cmocka_unit_test(time_is_strict_at_a_microsecond),
        cmocka_unit_test(days_have_different_lengths),
        cmocka_unit_test(dates_agree_with_timestamps),
        cmocka_unit_test(infinities_stay_and_the_far_end_is_reported),
        cmocka_unit_test(another_key_moves_time_elsewhere),
        cmocka_unit_test(subjects_shift_by_whole_steps_within_the_limit),
        cmocka_unit_test(every_number_of_five_digits_keeps_its_order),
        cmocka_unit_test(smooth_maps_are_nearly_straight_between_powers_of_ten),
        cmocka_unit_test(decimals_are_estimated_like_the_numbers_with_any_key),
        cmocka_unit_test(serial_ids_are_estimated_like_the_numbers_with_any_key),
        cmocka_unit_test(trailing_zeros_change_nothing),
        cmocka_unit_test(long_numbers_keep_their_order),
        cmocka_unit_test(signs_zeros_and_specials_are_kept),
        cmocka_unit_test(what_is_no_plain_number_is_reported),
        cmocka_unit_test(the_largest_amount_of_wei_stays_within_78_digits),
        cmocka_unit_test(maps_survive_every_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
