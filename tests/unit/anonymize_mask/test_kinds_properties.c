/*
 * What masks promise: one to one, order, prefix, width, equality over engines and storage classes.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mask_case.h"

enum { MANY = 20000 };

static int compare_texts(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Images of count texts, made by `make`, are all different, and of the same length if asked. */
static void assert_injective(const char *rule, const char *type, size_t count, bool same_len,
                             void (*make)(size_t i, char out[64]))
{
    mask_case c;
    const mask_column column = {.type = type};
    const char **images = calloc(count, sizeof *images);

    assert_non_null(images);
    mask_case_open(&c, rule, &column);
    for (size_t i = 0; i < count; i++) {
        char text[64];

        make(i, text);
        images[i] = mask_case_text(&c, text);
        if (same_len && strlen(images[i]) != strlen(text))
            fail_msg("%s: %s became %s", rule, text, images[i]);
    }
    qsort(images, count, sizeof *images, compare_texts);
    for (size_t i = 1; i < count; i++) {
        if (strcmp(images[i - 1], images[i]) == 0)
            fail_msg("%s: two values became %s", rule, images[i]);
    }
    free(images);
    mask_case_close(&c);
}

static void make_digit(size_t i, char out[64])
{
    (void)snprintf(out, 64, "%zu", i);
}

static void make_padded(size_t i, char out[64])
{
    (void)snprintf(out, 64, "%04zu", i);
}

static void make_signed(size_t i, char out[64])
{
    (void)snprintf(out, 64, "%ld", (long)i - MANY / 2);
}

static void make_two_letters(size_t i, char out[64])
{
    (void)snprintf(out, 64, "%c%c%c", (int)('a' + i / 260), (int)('A' + i / 10 % 26),
                   (int)('0' + i % 10));
}

static void make_email(size_t i, char out[64])
{
    (void)snprintf(out, 64, "user%zu@%c%zu.org", i / 100, (int)('a' + i % 10), i / 10 % 10);
}

static void make_phone(size_t i, char out[64])
{
    (void)snprintf(out, 64, "+49 30 %07zu", i * 37);
}

static void make_uuid(size_t i, char out[64])
{
    (void)snprintf(out, 64, "%08zx-0000-4%03zx-8000-0000%08zx", i, i % 4096, i * 7);
}

static void make_ip(size_t i, char out[64])
{
    (void)snprintf(out, 64, "10.%zu.%zu.%zu", i >> 16 & 255, i >> 8 & 255, i & 255);
}

static void make_hex(size_t i, char out[64])
{
    (void)snprintf(out, 64, "%04zx", i);
}

static void make_date(size_t i, char out[64])
{
    (void)snprintf(out, 64, "%04zu-%02zu-%02zu", 1990 + i / 336, i / 28 % 12 + 1, i % 28 + 1);
}

static void make_amount(size_t i, char out[64])
{
    (void)snprintf(out, 64, "%zu.%02zu", i / 100, i % 100);
}

static void make_card(size_t i, char out[64])
{
    (void)snprintf(out, 64, "4111%08zu%04zu", i * 7919 % 100000000, i % 10000);
}

static void make_url(size_t i, char out[64])
{
    (void)snprintf(out, 64, "http://h%zu.example.com/p%zu?%%4%zx", i % 7, i / 7, i % 16);
}

static void make_event(size_t i, char out[64])
{
    (void)snprintf(out, 64, "{\"a\": \"%zu\", \"b\": %zu}", i, i);
}

/* Names of one to four letters, in all styles, alone or with an initial. */
static void make_name(size_t i, char out[64])
{
    char name[8] = "";
    size_t rest = i / 16;
    size_t len = 0;

    do {
        name[len++] = (char)('a' + rest % 26);
        rest /= 26;
    } while (rest > 0);
    if (i / 4 % 4 == 1 || i / 4 % 4 == 2)
        name[0] = (char)(name[0] - 0x20);
    for (size_t j = 1; i / 4 % 4 == 2 && j < len; j++)
        name[j] = (char)(name[j] - 0x20);
    if (i / 4 % 4 == 3)
        name[len - 1] = (char)(name[len - 1] - 0x20);
    if (len == 1)
        (void)snprintf(name + 1, sizeof name - 1, "%zu", i / 4 % 4); /* else a twin of another */
    (void)snprintf(out, 64, "%s%s%s", i % 4 == 1 ? "J. " : "", name,
                   i % 4 == 2   ? "-o"
                   : i % 4 == 3 ? " 7"
                                : "");
}

/* Words of 1 to 50 letters that differ in length and in their last two letters. */
static void make_long_name(size_t i, char out[64])
{
    size_t len = i / 100 % 50;

    memset(out, 'a', len);
    out[len] = (char)('a' + i / 10 % 10);
    (void)snprintf(out + len + 1, 64 - len - 1, "%c", (int)('k' + i % 10));
}

static void make_name_folded(size_t i, char out[64])
{
    (void)snprintf(out, 64, "%c%c%c%c", (int)('a' + i % 26), (int)('a' + i / 26 % 26),
                   (int)('A' + i / 676 % 26), i / 17576 == 0 ? 'o' : 'u');
}

/* With legal forms, and with what the permutation could turn into one. */
static void make_company(size_t i, char out[64])
{
    static const char *const ends[] = {" Ltd", " Xyz",   " S.A.", " Q.R.",
                                       "",     " KG AG", " ab",   " AB"};

    (void)snprintf(out, 64, "%c%c%c%s", (int)('A' + i / 8 % 26), (int)('a' + i / 208 % 26),
                   (int)('a' + i / 5408 % 26), ends[i % 8]);
}

static void different_values_have_different_images(void **state)
{
    (void)state;
    assert_injective("mask: text", "text", 10, true, make_digit);
    assert_injective("mask: text", "text", MANY, false, make_digit);
    assert_injective("mask: text", "text", 10000, true, make_padded);
    assert_injective("mask: text", "text", MANY, true, make_signed);
    assert_injective("mask: text", "text", 6760, true, make_two_letters);
    assert_injective("mask: prefix-text", "text", 6760, true, make_two_letters);
    assert_injective("mask: digits", "text", MANY, true, make_digit);
    assert_injective("mask: alnum", "text", 6760, true, make_two_letters);
    assert_injective("mask: phone", "text", MANY, true, make_phone);
    assert_injective("mask: email", "text", 10000, true, make_email);
    assert_injective("mask: uuid", "uuid", MANY, true, make_uuid);
    assert_injective("mask: ip", "inet", MANY, false, make_ip);
    assert_injective("mask: integer", "integer", MANY, false, make_signed);
    assert_injective("{mask: integer, low: 0, high: 999}", "integer", 5000, false, make_signed);
    assert_injective("{mask: integer, mode: monotone}", "bigint", MANY, false, make_signed);
    assert_injective("mask: hex", "text", MANY, true, make_hex);
    assert_injective("mask: time", "date", 5000, true, make_date);
    assert_injective("mask: shift-time", "date", 5000, true, make_date);
    assert_injective("mask: numeric", "numeric", MANY, false, make_amount);
    assert_injective("mask: card", "text", MANY, true, make_card);
    assert_injective("mask: url", "text", MANY, true, make_url);
    assert_injective("mask: name", "text", 6760, false, make_two_letters);
    assert_injective("mask: name", "text", 20000, false, make_name);
    assert_injective("mask: name", "text", 5000, false, make_long_name);
    assert_injective("mask: city", "citext", 10000, false, make_name_folded);
    assert_injective("mask: company", "text", 20000, false, make_company);
    assert_injective("{mask: name, unique: true}", "text", 6760, true, make_two_letters);
    assert_injective("{mask: json, paths: {$.a: text, $.b: integer}}", "json", 5000, false,
                     make_event);
}

static double number_of(const char *text)
{
    double value = 0;

    assert_int_equal(sscanf(text, "%lf", &value), 1);
    return value;
}

static void monotone_masks_keep_the_order(void **state)
{
    static const char *const times[] = {
        "0044-03-15 00:00:00 BC", "1969-12-31 23:59:59.999999", "1970-01-01 00:00:00",
        "1999-12-31 23:59:59",    "2000-01-01 00:00:00",        "2000-01-01 00:00:00.000001",
        "2024-02-29 10:00:00",    "2024-02-29 10:00:00.5",      "2024-03-01 00:00:00"};
    mask_case c;
    const mask_column bigint = {.type = "bigint"};
    const mask_column numeric = {.type = "numeric"};
    const mask_column timestamp = {.type = "timestamp without time zone"};
    double last = -1e300;

    (void)state;
    mask_case_open(&c, "{mask: integer, mode: monotone, gap: 2.5}", &bigint);
    assert_true((rh_mask_keeps(c.mask) & RH_KEEPS_ORDER) != 0);
    for (int i = -2000; i < 2000; i++) {
        char text[32];

        (void)snprintf(text, sizeof text, "%d", i * 3);
        assert_true(number_of(mask_case_text(&c, text)) > last);
        last = number_of(mask_case_text(&c, text));
    }
    mask_case_close(&c);
    mask_case_open(&c, "mask: numeric", &numeric);
    last = -1e300;
    for (int i = -2000; i < 2000; i++) {
        char text[32];

        (void)snprintf(text, sizeof text, "%s%d.%02d", i < 0 ? "-" : "", abs(i) / 100,
                       abs(i) % 100);
        assert_true(number_of(mask_case_text(&c, text)) > last);
        last = number_of(mask_case_text(&c, text));
    }
    mask_case_close(&c);
    mask_case_open(&c, "mask: time", &timestamp);
    for (size_t i = 2; i < sizeof times / sizeof times[0]; i++)
        assert_true(strcmp(mask_case_text(&c, times[i - 1]), mask_case_text(&c, times[i])) < 0);
    mask_case_close(&c);
}

static void prefixes_of_texts_stay_prefixes(void **state)
{
    mask_case c;
    const mask_column text = {.type = "text"};

    (void)state;
    mask_case_open(&c, "mask: prefix-text", &text);
    assert_memory_equal(mask_case_text(&c, "REF-2024-001"), mask_case_text(&c, "REF-2024-999"), 9);
    assert_string_not_equal(mask_case_text(&c, "REF-2024-001"), "REF-2024-001");
    mask_case_close(&c);
}

static void numbers_are_words_by_themselves(void **state)
{
    mask_case c;
    const mask_column text = {.type = "text"};
    char first[64];

    (void)state;
    mask_case_open(&c, "{mask: words, by: word}", &text);
    (void)snprintf(first, sizeof first, "%s", mask_case_text(&c, "fox 12345678"));
    assert_string_not_equal(mask_case_text(&c, "fox 12345679") + 4, first + 4);
    assert_string_equal(mask_case_text(&c, "a 12345678") + 2, first + 4);
    mask_case_close(&c);
}

static void another_key_gives_unrelated_images(void **state)
{
    static const char *const rules[] = {"mask: text", "mask: email", "mask: name", "mask: digits"};
    rh_mask_key other = mask_case_key;
    const mask_column text = {.type = "text"};

    (void)state;
    other.bytes[31] ^= 1;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        mask_case a;
        mask_case b;
        mask_case again;

        mask_case_open(&a, rules[i], &text);
        mask_case_open(&again, rules[i], &text);
        mask_case_open_key(&b, rules[i], &text, &other);
        assert_string_equal(mask_case_text(&a, "123456789012"),
                            mask_case_text(&again, "123456789012"));
        assert_string_not_equal(mask_case_text(&a, "123456789012"),
                                mask_case_text(&b, "123456789012"));
        mask_case_close(&a);
        mask_case_close(&b);
        mask_case_close(&again);
    }
}

static rh_field of_integer(int64_t value)
{
    return (rh_field){.kind = RH_FIELD_INTEGER, .integer = value};
}

static void a_number_has_one_image_in_every_storage_class(void **state)
{
    static const char *const rules[] = {"mask: text", "mask: integer", "mask: digits"};
    static const int64_t values[] = {0, 7, -3, 42, 1000, 123456789, INT64_MAX, INT64_MIN};
    const mask_column sqlite = {NULL};
    const mask_column int8 = {.type = "bigint"};

    (void)state;
    for (size_t r = 0; r < 3; r++) {
        for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
            mask_case c;
            char text[32];
            char image[32];
            rh_field out;

            mask_case_open(&c, rules[r], &sqlite);
            out = mask_case_field(&c, of_integer(values[i]));
            assert_int_equal(out.kind, RH_FIELD_INTEGER);
            (void)snprintf(text, sizeof text, "%lld", (long long)values[i]);
            (void)snprintf(image, sizeof image, "%lld", (long long)out.integer);
            assert_string_equal(mask_case_text(&c, text), image);
            if (values[i] > -1000000000 && values[i] < 1000000000) {
                const rh_field real = {.kind = RH_FIELD_REAL, .real = (double)values[i]};
                rh_field real_out = mask_case_field(&c, real);

                assert_int_equal(real_out.kind, r == 2 ? real_out.kind : RH_FIELD_REAL);
                assert_true(r == 2 || (int64_t)real_out.real == out.integer);
            }
            mask_case_close(&c);
            if (r == 1) {
                mask_case_open(&c, rules[r], &int8);
                assert_string_equal(mask_case_text(&c, text), image);
                mask_case_close(&c);
            }
        }
    }
}

static void integers_of_all_widths_join(void **state)
{
    static const char *const types[] = {"smallint", "integer", "bigint", "numeric", "text"};
    const mask_column first = {.type = "smallint"};

    (void)state;
    for (int i = -40; i < 40; i++) {
        char text[16];
        mask_case c;
        char expected[32];

        (void)snprintf(text, sizeof text, "%d", i * 800);
        mask_case_open(&c, "mask: integer", &first);
        (void)snprintf(expected, sizeof expected, "%s", mask_case_text(&c, text));
        mask_case_close(&c);
        for (size_t k = 1; k < sizeof types / sizeof types[0]; k++)
            assert_masked("mask: integer", types[k], text, expected);
    }
}

static void bytes_and_hex_and_addresses_of_a_domain_join(void **state)
{
    const mask_column bytea = {.type = "bytea"};
    const mask_column text = {.type = "text"};
    const char *hash = "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b";
    char binary[80];
    mask_case a;
    mask_case b;

    (void)state;
    (void)snprintf(binary, sizeof binary, "\\x%s", hash);
    mask_case_open(&a, "mask: txid", &text);
    mask_case_open(&b, "mask: bytes", &bytea);
    assert_string_equal(mask_case_text(&a, hash), mask_case_text(&b, binary) + 2);
    mask_case_close(&a);
    mask_case_close(&b);
    mask_case_open(&a, "mask: chain-address", &text);
    mask_case_open(&b, "mask: chain-address", &bytea);
    assert_string_equal(mask_case_text(&a, "5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"),
                        mask_case_text(&b, "\\x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed") + 2);
    mask_case_close(&a);
    mask_case_close(&b);
}

static void a_subject_moves_as_one(void **state)
{
    mask_case c;
    const mask_column date = {.type = "date"};
    rh_field row[2];
    rh_field a;
    rh_field b;
    size_t reads;

    (void)state;
    mask_case_open(&c, "{mask: shift-time, subject: subject}", &date);
    assert_int_equal(c.status, RH_OK);
    assert_int_equal(rh_mask_reads(c.mask, &reads)[0], 1);
    assert_int_equal(reads, 1);
    assert_int_equal(rh_mask_keeps(c.mask) & RH_KEEPS_ORDER, 0);
    row[0] = (rh_field){.kind = RH_FIELD_TEXT, .data = (const uint8_t *)"2024-01-01", .len = 10};
    row[1] = (rh_field){.kind = RH_FIELD_TEXT, .data = (const uint8_t *)"17", .len = 2};
    assert_int_equal(rh_mask_apply(c.mask, &row[0], row, c.scratch, &a, &c.err), RH_OK);
    row[1] = of_integer(17);
    assert_int_equal(rh_mask_apply(c.mask, &row[0], row, c.scratch, &b, &c.err), RH_OK);
    assert_memory_equal(a.data, b.data, 10);
    row[1].integer = 18;
    assert_int_equal(rh_mask_apply(c.mask, &row[0], row, c.scratch, &b, &c.err), RH_OK);
    assert_memory_not_equal(a.data, b.data, 10);
    mask_case_close(&c);
}

typedef struct worker {
    const rh_mask *mask;
    const char *expected;
    int wrong;
} worker;

static void *work(void *ctx)
{
    worker *w = ctx;
    rh_arena *scratch = rh_arena_new(0);

    for (int i = 0; i < 2000 && scratch != NULL; i++) {
        const rh_field in = {
            .kind = RH_FIELD_TEXT, .data = (const uint8_t *)"alice@example.com", .len = 17};
        rh_field out;

        if (rh_mask_apply(w->mask, &in, NULL, scratch, &out, NULL) != RH_OK ||
            memcmp(out.data, w->expected, 17) != 0)
            w->wrong++;
        rh_arena_reset(scratch);
    }
    rh_arena_free(scratch);
    return NULL;
}

static void one_mask_serves_many_threads(void **state)
{
    enum { THREADS = 8 };
    pthread_t threads[THREADS];
    worker workers[THREADS];
    mask_case c;
    rh_mask_counts counts;
    const mask_column text = {.type = "text"};

    (void)state;
    mask_case_open(&c, "mask: email", &text);
    for (int i = 0; i < THREADS; i++) {
        workers[i] = (worker){c.mask, mask_case_text(&c, "alice@example.com"), 0};
        assert_int_equal(pthread_create(&threads[i], NULL, work, &workers[i]), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(workers[i].wrong, 0);
    }
    rh_mask_count(c.mask, &counts);
    assert_int_equal(counts.values, THREADS * 2001);
    assert_int_equal(counts.invalid, 0);
    mask_case_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(different_values_have_different_images),
        cmocka_unit_test(monotone_masks_keep_the_order),
        cmocka_unit_test(prefixes_of_texts_stay_prefixes),
        cmocka_unit_test(numbers_are_words_by_themselves),
        cmocka_unit_test(another_key_gives_unrelated_images),
        cmocka_unit_test(a_number_has_one_image_in_every_storage_class),
        cmocka_unit_test(integers_of_all_widths_join),
        cmocka_unit_test(bytes_and_hex_and_addresses_of_a_domain_join),
        cmocka_unit_test(a_subject_moves_as_one),
        cmocka_unit_test(one_mask_serves_many_threads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
