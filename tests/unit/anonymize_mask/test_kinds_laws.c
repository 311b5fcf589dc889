/*
 * What holds for every kind of mask, whatever comes: the same image again, NULL stays NULL, many at
 * a time as one by one, no damage from hostile values; small domains are permuted exhaustively.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/str.h"
#include "mask_case.h"

/* value is a format for one number. */
static const struct {
    const char *kind;
    const char *rule;
    const char *type;
    const char *value;
    bool keyed; /* another key gives other images */
} kinds[] = {
    {"keep", "mask: keep", "text", "a%zu", false},
    {"null", "mask: 'null'", "text", "a%zu", false},
    {"constant", "{mask: constant, value: x}", "text", "a%zu", false},
    {"destroy", "mask: destroy", "text", "a%zu", true},
    {"text", "mask: text", "text", "Hello %zu", true},
    {"text", "{mask: text, fold-case: true}", "text", "Hello %zu", true},
    {"text", "mask: text", NULL, "%zu", true},
    {"words", "mask: words", "text", "the quick fox %zu", true},
    {"words", "{mask: words, by: word}", "text", "the quick fox %zu", true},
    {"name", "mask: name", "text", "Ann Li%zu", true},
    {"name", "{mask: name, unique: true}", "text", "Ann Li%zu", true},
    {"company", "mask: company", "text", "Acme %zu Ltd", true},
    {"city", "mask: city", "text", "New York %zu", true},
    {"email", "mask: email", "text", "user%zu@example.com", true},
    {"email", "{mask: email, public: keep, keep: [user1@gmail.com]}", "text", "user%zu@gmail.com",
     true},
    {"phone", "mask: phone", "text", "+49 30 1234%zu", true},
    {"phone", "{mask: phone, keep-last: 2}", "text", "(030) 1234-%zu", true},
    {"url", "mask: url", "text", "https://www.example.com/a?id=%zu", true},
    {"host", "mask: host", "text", "db%zu.example.com", true},
    {"ip", "mask: ip", "inet", "10.1.2.%zu", true},
    {"ip", "mask: ip", "inet", "2001:db8::%zu", true},
    {"ip", "mask: ip", "cidr", "10.%zu.0.0/16", true},
    {"mac", "mask: mac", "macaddr", "08:00:2b:01:02:%02zx", true},
    {"uuid", "mask: uuid", "uuid", "01234567-89ab-4cde-8f01-%012zx", true},
    {"uuid", "mask: uuid", "uuid", "0189d5a0-7b2c-7000-8000-%012zx", true},
    {"digits", "mask: digits", "text", "%zu", true},
    {"alnum", "mask: alnum", "text", "SKU-%zu-AB", true},
    {"card", "mask: card", "text", "4111 1111 1111 1%zu", true},
    {"iban", "mask: iban", "text", "DE8937040044053201%zu", true},
    {"integer", "mask: integer", "bigint", "%zu00000", true},
    {"integer", "mask: integer", "integer", "-%zu", true},
    {"integer", "{mask: integer, low: 10, high: 3000000}", "integer", "%zu", true},
    {"integer", "{mask: integer, mode: monotone}", "bigint", "%zu", true},
    {"integer", "mask: integer", NULL, "%zu000000", true},
    {"numeric", "mask: numeric", "numeric", "%zu.25", true},
    {"time", "mask: time", "timestamp with time zone", "2024-02-29 12:34:56.%zu+00", true},
    {"shift-time", "mask: shift-time", "date", "2024-02-%02zu", true},
    {"prefix-text", "mask: prefix-text", "text", "REF-%zu", true},
    {"bytes", "mask: bytes", "bytea", "\\x01020304%04zx", true},
    {"hex", "mask: hex", "text", "0x01%04zx", true},
    {"enum", "{mask: enum, labels: [a1, a2, a3, a4, a5, a6, a7, a8]}", "text", "a%zu", true},
    {"chain-address", "mask: chain-address", "text", "0x5aaeb6053f3e94c9b9a09f33669435e7ef1b%04zx",
     true},
    {"txid", "mask: txid", "text",
     "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afded%04zx", true},
    {"outpoint", "mask: outpoint", "text",
     "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b:%zu", true},
    {"match-id", "mask: match-id", "text",
     "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afdeda33b_"
     "4a5e1e4baab89f3a32518a88c31bc87f618f76673e2cc77ab2127b7afded%04zx",
     true},
    {"packed-address", "{mask: packed-address, offsets: [0]}", "bytea",
     "\\x00759d6677091e973b9e9d99f19c68fbf43e3f%04zx", true},
    {"json", "{mask: json, paths: {$.a: email, '$..n': integer}}", "jsonb",
     "{\"a\": \"u%zu@example.com\", \"n\": 5}", true},
    {"list", "{mask: list, item: text}", "text", "alice%zu bob", true},
    {"array", "{mask: array, element: text}", "text[]", "{alice%zu,NULL,\"b c\"}", true},
    {"composite", "{mask: composite, fields: {1: text}}", "addr", "(alice%zu,5)", true},
    {"range", "{mask: range, bound: time}", "daterange", "[2024-02-%02zu,2025-01-01)", true},
    {"multirange", "{mask: multirange, bound: time}", "datemultirange",
     "{[2024-02-%02zu,2025-01-01)}", true},
    {"hstore", "{mask: hstore, others: text}", "hstore", "\"a\"=>\"alice%zu\"", true},
    {"xml", "mask: xml", "xml", "<a b=\"c\">alice%zu</a>", true},
};

enum { KINDS = sizeof kinds / sizeof kinds[0], VALUES = 28, MANY = 150, BYTES = 256 };

static void open_kind(mask_case *c, size_t i, const rh_mask_key *key)
{
    const mask_column column = {
        .type = kinds[i].type,
        .element = kinds[i].type != NULL && strstr(kinds[i].type, "[]") ? "text" : NULL};

    mask_case_open_key(c, kinds[i].rule, &column, key);
    if (c->status != RH_OK)
        fail_msg("%s: %s", kinds[i].rule, c->err.text);
}

static rh_field value_of(size_t kind, size_t number, char out[BYTES])
{
    /* The formats stand in the table above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    int len = snprintf(out, BYTES, kinds[kind].value, number);
#pragma GCC diagnostic pop

    assert_in_range(len, 1, BYTES - 1);
    return (rh_field){.kind = RH_FIELD_TEXT, .data = (const uint8_t *)out, .len = (size_t)len};
}

/* Texts that nobody wants: the sign of every limit that a mask may forget. */
static rh_field hostile(size_t number)
{
    static char longest[20000];
    static const struct {
        const char *text;
        size_t len;
    } texts[] = {
        {"", 0},
        {" ", 1},
        {"\0", 1},
        {"a\0b@c\0.d", 8},
        {"\xff\xfe\x80", 3},
        {"\xc3", 1},
        {"caf\xc3\xa9 \xf0\x9f\x92\xa9 \xe6\x97\xa5", 14},
        {"\xed\xa0\x80", 3},
        {"\xc5\x82\xc3\xb3\xc4\x91\xc5\xba", 8},
        {"\xd0\x96\xd0\xb0\xd1\x8f", 6},
        {"-", 1},
        {"--5", 3},
        {"99999999999999999999999999999999999999999", 41},
        {"1e999", 5},
        {"@", 1},
        {"a@", 2},
        {"@b.c", 4},
        {"a@b@c.d", 7},
        {"a@-..-", 6},
        {"::", 2},
        {"::ffff:1.2.3.4/129", 18},
        {"1.2.3.4.5", 9},
        {"{", 1},
        {"{\"a\":", 5},
        {"[[[[[[[[[[", 10},
        {"(,", 2},
        {"\"=>", 3},
        {"<a", 2},
        {"<!DOCTYPE a [<!ENTITY b \"c\">]><a>&b;</a>", 40},
        {"\\x0", 3},
        {"0x", 2},
        {"2024-13-45", 10},
        {"http://", 7},
        {"00000000-0000-0000-0000-00000000000g", 36},
        {longest, sizeof longest},
    };
    size_t i = number % (sizeof texts / sizeof texts[0]);

    if (longest[0] == '\0')
        memset(longest, 'x', sizeof longest);
    return (rh_field){
        .kind = RH_FIELD_TEXT, .data = (const uint8_t *)texts[i].text, .len = texts[i].len};
}

static void assert_same(size_t kind, const rh_field *a, const rh_field *b)
{
    if (a->kind != b->kind || a->len != b->len || a->integer != b->integer ||
        (a->len > 0 && memcmp(a->data, b->data, a->len) != 0))
        fail_msg("%s: two images of one value", kinds[kind].rule);
}

static void every_kind_is_here(void **state)
{
    (void)state;
    for (const rh_mask_kind *const *kind = rh_mask_kinds(); *kind != NULL; kind++) {
        bool found = strcmp((*kind)->name, "custom") == 0; /* is not computed here */

        for (size_t i = 0; i < KINDS; i++)
            found = found || strcmp(kinds[i].kind, (*kind)->name) == 0;
        if (!found)
            fail_msg("no case of mask '%s'", (*kind)->name);
    }
}

static void the_same_key_gives_the_same_images_and_another_key_others(void **state)
{
    const rh_mask_key other = {{99}};

    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        mask_case a, b, c;
        size_t different = 0;

        open_kind(&a, i, &mask_case_key);
        open_kind(&b, i, &mask_case_key);
        open_kind(&c, i, &other);
        for (size_t v = 10; v < VALUES; v++) {
            char text[BYTES];
            rh_field value = value_of(i, v, text);
            rh_field first = mask_case_field(&a, value);
            rh_field second = mask_case_field(&b, value);
            rh_field third = mask_case_field(&c, value);

            assert_same(i, &first, &second);
            different += first.len != third.len ||
                         (first.len > 0 && memcmp(first.data, third.data, first.len) != 0);
        }
        if (kinds[i].keyed != (different > 0))
            fail_msg("%s: the key %s", kinds[i].rule, kinds[i].keyed ? "does nothing" : "matters");
        mask_case_close(&a);
        mask_case_close(&b);
        mask_case_close(&c);
    }
}

static void null_stays_null(void **state)
{
    (void)state;
    for (size_t i = 0; i < KINDS; i++) {
        mask_case c;

        open_kind(&c, i, &mask_case_key);
        assert_null(mask_case_text(&c, NULL));
        mask_case_close(&c);
    }
}

/* Ordinary values, hostile ones, NULL, some of them twice; for SQLite numbers as well. */
static rh_field any_value(size_t kind, size_t i, char text[BYTES])
{
    if (i % 11 == 3)
        return (rh_field){.kind = RH_FIELD_NULL};
    if (i % 7 == 2)
        return hostile(i / 7);
    if (kinds[kind].type == NULL && i % 5 == 1)
        return (rh_field){.kind = RH_FIELD_INTEGER, .integer = (int64_t)(i * i * i) - 1000};
    return value_of(kind, 10 + i % 13, text);
}

/* Some values are errors for some masks: they have to be so in both ways, and be left out. */
static void many_at_a_time_have_the_images_that_one_has(void **state)
{
    static char texts[MANY][BYTES];

    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        mask_case one, many;
        rh_field raw[MANY], wanted[MANY], images[3 * MANY];
        rh_mask_counts a, b;
        size_t count = 0;

        open_kind(&one, k, &mask_case_key);
        open_kind(&many, k, &mask_case_key);
        for (size_t i = 0; i < MANY; i++) {
            rh_field value = any_value(k, i, texts[i]);
            rh_field image = value;

            rh_error_clear(&one.err);
            raw[count] = value;
            if (rh_mask_apply(one.mask, &value, NULL, one.scratch, &wanted[count], &one.err) ==
                RH_OK) {
                count++;
                continue;
            }
            rh_error_clear(&many.err);
            assert_int_equal(rh_mask_apply_many(many.mask, &image, 1, 1, many.scratch, &many.err),
                             one.err.code);
        }
        assert_true(count > MANY / 2);
        for (int round = 0; round < 3; round++) { /* the later ones know some by heart */
            for (size_t i = 0; i < count; i++)
                images[3 * i] = raw[i];
            if (rh_mask_apply_many(many.mask, images, 3, count, many.scratch, &many.err) != RH_OK)
                fail_msg("%s: %s", kinds[k].rule, many.err.text);
            for (size_t i = 0; i < count; i++)
                assert_same(k, &wanted[i], &images[3 * i]);
        }
        rh_mask_count(one.mask, &a);
        rh_mask_count(many.mask, &b);
        assert_true(b.values >= a.values); /* what is known by heart counts as well */
        assert_true(b.invalid >= a.invalid);
        mask_case_close(&one);
        mask_case_close(&many);
    }
}

static void texts_stay_texts_whatever_comes(void **state)
{
    (void)state;
    for (size_t k = 0; k < KINDS; k++) {
        mask_case c;

        open_kind(&c, k, &mask_case_key);
        for (size_t i = 0; i < 35; i++) {
            rh_field value = hostile(i);
            rh_field out = {.kind = RH_FIELD_UNREAD};

            rh_error_clear(&c.err);
            if (rh_mask_apply(c.mask, &value, NULL, c.scratch, &out, &c.err) != RH_OK) {
                assert_int_equal(out.kind, RH_FIELD_UNREAD);
                continue;
            }
            if (out.kind == RH_FIELD_TEXT && rh_str_is_utf8((const char *)value.data, value.len) &&
                !rh_str_is_utf8((const char *)out.data, out.len))
                fail_msg("%s: the image of hostile value %zu is no UTF-8", kinds[k].rule, i);
        }
        mask_case_close(&c);
    }
}

/* ---- small domains ---- */

static int compare(const void *a, const void *b)
{
    return strcmp(a, b);
}

/* All values of a form are mapped onto all values of that form. */
static void assert_permuted(const char *rule, const char *type, const char *format, size_t count)
{
    enum { WIDTH = 48 };
    const mask_column column = {.type = type};
    char(*raw)[WIDTH] = calloc(count, WIDTH);
    char(*image)[WIDTH] = calloc(count, WIDTH);
    size_t fixed = 0;
    mask_case c;

    assert_non_null(raw);
    assert_non_null(image);
    mask_case_open(&c, rule, &column);
    if (c.status != RH_OK)
        fail_msg("%s: %s", rule, c.err.text);
    for (size_t i = 0; i < count; i++) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        (void)snprintf(raw[i], WIDTH, format, i);
#pragma GCC diagnostic pop
        (void)snprintf(image[i], WIDTH, "%s", mask_case_text(&c, raw[i]));
        fixed += strcmp(raw[i], image[i]) == 0;
    }
    qsort(raw, count, WIDTH, compare);
    qsort(image, count, WIDTH, compare);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(raw[i], image[i]) != 0)
            fail_msg("%s: %s is nobody's image", rule, raw[i]);
    }
    if (fixed > 2 + count / 4)
        fail_msg("%s: %zu of %zu stayed", rule, fixed, count);
    mask_case_close(&c);
    free(raw);
    free(image);
}

static void small_domains_are_permuted_onto_themselves(void **state)
{
    (void)state;
    assert_permuted("mask: text", "text", "%02zu", 100);
    assert_permuted("mask: text", NULL, "0%04zu", 10000);
    assert_permuted("mask: digits", "text", "%04zu", 10000);
    assert_permuted("mask: alnum", "text", "-%03zu-", 1000);
    assert_permuted("mask: phone", "text", "%05zu", 100000);
    assert_permuted("{mask: phone, keep-first: 3}", "text", "+49 30%03zu", 1000);
    assert_permuted("{mask: integer, low: 0, high: 499}", "integer", "%zu", 500);
    assert_permuted("mask: integer", "smallint", "%zu", 32768);
    assert_permuted("mask: hex", "text", "%02zx", 256);
    assert_permuted("mask: hex", "text", "0x%04zx", 65536);
    assert_permuted("mask: bytes", "bytea", "\\x%02zx", 256);
    assert_permuted("mask: prefix-text", "text", "%03zu", 1000);
    assert_permuted("{mask: enum, labels: [a0, a1, a2, a3, a4, a5, a6, a7, a8, a9]}", "text",
                    "a%zu", 10);
}

/* Each domain has one image of its own, so that counts by domain stay; addresses stay apart. */
static void domains_of_emails_keep_their_frequencies(void **state)
{
    enum { COUNT = 3000, WIDTH = 96 };
    static const char *const domains[] = {"big.example", "mid.example.org", "small.test"};
    static char images[COUNT][WIDTH];
    char seen[3][WIDTH] = {"", "", ""};
    const mask_column column = {.type = "text"};
    mask_case c;

    (void)state;
    mask_case_open(&c, "mask: email", &column);
    assert_int_equal(c.status, RH_OK);
    for (size_t i = 0; i < COUNT; i++) {
        size_t domain = i % 10 < 6 ? 0 : i % 10 < 9 ? 1 : 2;
        char raw[WIDTH];
        const char *at;

        (void)snprintf(raw, sizeof raw, "user%zu@%s", i, domains[domain]);
        (void)snprintf(images[i], WIDTH, "%s", mask_case_text(&c, raw));
        at = strchr(images[i], '@');
        assert_non_null(at);
        if (seen[domain][0] == '\0')
            memcpy(seen[domain], at, strlen(at) + 1);
        assert_string_equal(at, seen[domain]);
    }
    mask_case_close(&c);
    for (size_t i = 0; i < 3; i++)
        assert_string_not_equal(seen[i], seen[(i + 1) % 3]);
    qsort(images, COUNT, WIDTH, compare);
    for (size_t i = 1; i < COUNT; i++)
        assert_string_not_equal(images[i], images[i - 1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_here),
        cmocka_unit_test(the_same_key_gives_the_same_images_and_another_key_others),
        cmocka_unit_test(null_stays_null),
        cmocka_unit_test(many_at_a_time_have_the_images_that_one_has),
        cmocka_unit_test(texts_stay_texts_whatever_comes),
        cmocka_unit_test(small_domains_are_permuted_onto_themselves),
        cmocka_unit_test(domains_of_emails_keep_their_frequencies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
