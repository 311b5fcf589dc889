/*
 * Rules that do not fit are refused with their place; values that do not fit are dealt with.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "mask_case.h"

static const mask_column text = {.type = "text"};
static const mask_column int4 = {.type = "integer"};

static void unknown_kinds_and_parameters_are_named_with_their_place(void **state)
{
    (void)state;
    assert_refused("mask: emial", &text, "rules.yaml:1:7: there is no mask 'emial'");
    assert_refused("{mask: email, publik: keep}", &text, "rules.yaml:1:15: ");
    assert_refused("{mask: email, public: some}", &text, "rules.yaml:1:23: 'public' of mask");
    assert_refused("{mask: digits, keep-first: -1}", &text, "whole number from 0 to 64");
    assert_refused("{mask: text, fold-case: 1}", &text, "true or false");
    assert_refused("{mask: text, keep: 5}", &text, "must be a list");
    assert_refused("{mask: text, invalid: shrug}", &text, "one of: keep-shape, error, null, keep");
}

static void masks_that_do_not_fit_the_type_are_refused(void **state)
{
    static const struct {
        const char *rule;
        const char *type;
    } cases[] = {
        {"mask: email", "integer"},   {"mask: text", "bytea"},     {"mask: text", "integer"},
        {"mask: uuid", "bigint"},     {"mask: time", "interval"},  {"mask: integer", "boolean"},
        {"mask: numeric", "date"},    {"mask: ip", "macaddr"},     {"mask: chain-address", "uuid"},
        {"mask: name", "jsonb"},      {"mask: text", "tsvector"},  {"mask: words", "inet"},
        {"mask: destroy", "tsquery"}, {"mask: text", "daterange"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const mask_column column = {.type = cases[i].type};

        assert_refused(cases[i].rule, &column, "does not fit");
    }
}

static void widths_are_checked_before_rows(void **state)
{
    const mask_column ten = {.type = "character varying", .max_chars = 10};
    const mask_column thirty = {.type = "character varying", .max_chars = 30};

    (void)state;
    assert_refused("mask: ip", &ten, "needs 15 characters");
    assert_refused("mask: name", &ten, "needs 16 characters");
    assert_refused("mask: uuid", &ten, "needs 32 characters");
    assert_refused("mask: chain-address", &thirty, "needs 34 characters");
    assert_refused("{mask: destroy, length: 11}", &ten, "do not fit");
    assert_refused("{mask: constant, value: 'more than ten'}", &ten, "does not fit");
}

static void constants_must_be_of_the_type(void **state)
{
    static const char *const labels[] = {"new", "paid", NULL};
    const mask_column status = {.type = "status", .labels = labels};
    const mask_column small = {.type = "smallint"};
    const mask_column date = {.type = "date"};
    const mask_column flag = {.type = "boolean"};

    (void)state;
    assert_refused("{mask: constant, value: 40000}", &small, "does not fit");
    assert_refused("{mask: constant, value: x}", &int4, "does not fit");
    assert_refused("{mask: constant, value: gone}", &status, "does not fit");
    assert_refused("{mask: constant, value: tomorrow}", &date, "does not fit");
    assert_refused("{mask: constant, value: 2}", &flag, "does not fit");
    assert_refused("{mask: constant}", &text, "needs a 'value'");
    assert_masked("{mask: constant, value: 7}", "integer", "1", "7");
    assert_masked("{mask: constant, value: true}", "boolean", "f", "t");
    assert_masked("{mask: constant, value: {a: 1}}", "jsonb", "[]", "{\"a\":1}");
    assert_masked("{mask: constant, value: x}", "text", "secret", "x");
}

static void nulls_stay_unless_asked_otherwise(void **state)
{
    const mask_column not_null = {.type = "text", .not_null = true};
    const rh_mask_kind *const *kinds = rh_mask_kinds();
    mask_case c;

    (void)state;
    mask_case_open(&c, "mask: text", &text);
    assert_null(mask_case_text(&c, NULL));
    mask_case_close(&c);
    mask_case_open(&c, "{mask: constant, value: x, nulls: true}", &text);
    assert_string_equal(mask_case_text(&c, NULL), "x");
    assert_int_equal(rh_mask_keeps(c.mask) & RH_KEEPS_NULLS, 0);
    mask_case_close(&c);
    mask_case_open(&c, "{mask: constant, value: x}", &text);
    assert_null(mask_case_text(&c, NULL));
    mask_case_close(&c);
    assert_refused("mask: 'null'", &not_null, "which is not null");
    assert_refused("{mask: email, invalid: 'null'}", &not_null, "which is not null");
    for (; *kinds != NULL; kinds++)
        assert_ptr_equal(rh_mask_kind_find((*kinds)->name), *kinds);
    assert_null(rh_mask_kind_find("nonsense"));
}

static rh_field field_of(const char *value)
{
    if (value == NULL)
        return (rh_field){.kind = RH_FIELD_NULL};
    return (rh_field){.kind = RH_FIELD_TEXT, .data = (const uint8_t *)value, .len = strlen(value)};
}

static void assert_answer(mask_case *c, const char *value, const char *answer, const char *image)
{
    rh_arena *scratch = rh_arena_new(0);
    rh_field raw = field_of(value);
    rh_field said = field_of(answer);
    rh_field out = {0};

    assert_int_equal(rh_mask_answer(c->mask, &raw, &said, scratch, &out, NULL), RH_OK);
    assert_int_equal(out.kind, image == NULL ? RH_FIELD_NULL : RH_FIELD_TEXT);
    if (image != NULL)
        assert_memory_equal(out.data, image, strlen(image));
    if (value != NULL && strcmp(value, "k") != 0)
        assert_int_equal(rh_mask_apply(c->mask, &raw, NULL, scratch, &out, NULL), RH_EUNSUPPORTED);
    rh_arena_free(scratch);
}

static void custom_is_checked_and_takes_answers(void **state)
{
    mask_case c;

    (void)state;
    assert_refused("mask: custom", &text, "needs either 'sql' or 'command'");
    assert_refused("{mask: custom, sql: 5}", &text, "must be one SQL expression");
    assert_refused("{mask: custom, command: tr}", &text, "must be a list");
    assert_refused("{mask: custom, command: [1, 2]}", &text, "must be a list of texts");
    assert_refused("{mask: custom, command: [cat], keeps: [x]}", &text, "knows equality");
    assert_refused("{mask: custom, sql: '1', timeout: 5}", &text, "belongs to a 'command'");
    assert_refused("{mask: json, paths: {'$.a': {mask: custom, sql: '1'}}}", &text,
                   "a whole column");
    mask_case_open(&c, "{mask: custom, sql: 'lower(c)', keep: [k], keeps: [unique]}", &text);
    assert_int_equal(c.status, RH_OK);
    assert_string_equal(rh_mask_custom_of(c.mask)->sql, "lower(c)");
    assert_int_equal(rh_mask_keeps(c.mask), RH_KEEPS_NULLS | RH_KEEPS_UNIQUE | RH_KEEPS_EQUALITY);
    assert_answer(&c, "raw", "k", "k");
    assert_answer(&c, "k", "image", "k");
    assert_answer(&c, NULL, "image", NULL);
    mask_case_close(&c);
}

static void other_parameters_are_checked(void **state)
{
    static const char *const labels[] = {"a", "b", NULL};
    const mask_column status = {.type = "status", .labels = labels};
    const mask_column json = {.type = "jsonb"};
    const mask_column range = {.type = "int4range"};
    const mask_column date = {.type = "date"};

    (void)state;
    assert_refused("mask: enum", &text, "needs 'labels'");
    assert_refused("{mask: enum, labels: [a, z]}", &status, "has no label 'z'");
    assert_refused("{mask: enum, labels: [a, a]}", &text, "is there twice");
    assert_refused("{mask: enum, labels: [a], type: s.t}", &text,
                   "'type' goes with 'rename: true'");
    assert_refused("{mask: enum, rename: true, type: s.t}", &status, "inside of others");
    assert_refused("{mask: array, element: {mask: enum, rename: true, type: s.t}}", &text,
                   "no column is of the enum type 's.t'");
    assert_refused("{mask: integer, gap: 2}", &int4, "is for 'mode: monotone'");
    assert_refused("{mask: integer, mode: monotone, gap: 0}", &int4, "from 0.001");
    assert_refused("{mask: integer, low: 5, high: 4}", &int4, "less than");
    assert_refused("{mask: integer, high: 3000000000}", &int4, "whole number");
    assert_refused("mask: integer", &range, "rules.yaml:1:7: mask");
    assert_refused("mask: json", &json, "needs 'paths'");
    assert_refused("{mask: json, paths: {a.b: text}}", &json, "is no path");
    assert_refused("{mask: json, paths: {'$.a[': text}}", &json, "is no path");
    assert_refused("{mask: json, paths: {$.a: emial}}", &json, "rules.yaml:1:27: there is no mask");
    assert_refused("{mask: json, paths: {$.a: {domain: nobody}}}", &json, "no domain 'nobody'");
    assert_refused("{mask: json, paths: {$.a: {why: x}}}", &json, "must be named here");
    assert_refused("{mask: list, separator: ','}", &text, "needs 'item'");
    assert_refused("{mask: list, separator: '', item: text}", &text, "must not be empty");
    assert_refused("{mask: time, anchor: soon}", &date, "must be a date");
    assert_refused("{mask: time, invalid: keep-shape}", &date, "does not fit");
    assert_refused("{mask: shift-time, subject: nobody}", &date, "has no column 'nobody'");
    assert_refused("{mask: shift-time, step-days: 9, limit-days: 8}", &date, "more than");
    assert_refused("{mask: chain-address, forms: [dogecoin]}", &text, "is no form");
    assert_refused("{mask: outpoint, separator: '::'}", &text, "one character");
    assert_refused("mask: packed-address", &text, "needs 'offsets'");
    assert_refused("{mask: packed-address, cases: [{prefix: zz, offsets: [1]}]}", &text, "case 1");
    assert_refused("{mask: composite, fields: {x: text}}", &text, "is no position");
    assert_refused("mask: hstore", &text, "needs 'keys'");
}

static void values_without_the_form_are_counted_and_replaced(void **state)
{
    static const char *const values[] = {"n/a", "alice", "@", "a@", "a b@c.org", "\xff\xfe", ""};
    mask_case c;
    rh_mask_counts counts;

    (void)state;
    mask_case_open(&c, "mask: email", &text);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_int_equal(strlen(mask_case_text(&c, values[i])), strlen(values[i]));
    assert_string_not_equal(mask_case_text(&c, "n/a"), "n/a");
    rh_mask_count(c.mask, &counts);
    assert_int_equal(counts.values, 8);
    assert_int_equal(counts.invalid, 8);
    mask_case_close(&c);
    mask_case_open(&c, "{mask: email, invalid: 'null'}", &text);
    assert_null(mask_case_text(&c, "n/a"));
    assert_int_equal(rh_mask_keeps(c.mask) & RH_KEEPS_UNIQUE, 0);
    mask_case_close(&c);
    mask_case_open(&c, "{mask: email, invalid: keep}", &text);
    assert_string_equal(mask_case_text(&c, "n/a"), "n/a");
    mask_case_close(&c);
    mask_case_open(&c, "{mask: email, invalid: error}", &text);
    assert_int_equal(mask_case_status(&c, "secret-value"), RH_EFORMAT);
    assert_null(strstr(c.err.text, "secret-value"));
    assert_non_null(strstr(c.err.text, "public.t.c"));
    mask_case_close(&c);
}

static void values_in_the_keep_list_pass_and_nothing_becomes_one(void **state)
{
    mask_case c;

    (void)state;
    mask_case_open(&c, "{mask: text, keep: ['3', admin, '7']}", &text);
    assert_string_equal(mask_case_text(&c, "3"), "3");
    assert_string_equal(mask_case_text(&c, "7"), "7");
    assert_string_equal(mask_case_text(&c, "admin"), "admin");
    assert_string_not_equal(mask_case_text(&c, "admix"), "admix");
    for (char digit[2] = "0"; digit[0] <= '9'; digit[0]++) {
        const char *image = mask_case_text(&c, digit);

        assert_true(digit[0] == '3' || digit[0] == '7' || (image[0] != '3' && image[0] != '7'));
    }
    mask_case_close(&c);
}

static void monotone_masks_stop_where_there_is_no_room(void **state)
{
    const mask_column small = {.type = "smallint"};
    const mask_column money = {.type = "numeric", .precision = 5, .scale = 2};
    mask_case c;

    (void)state;
    mask_case_open(&c, "{mask: integer, mode: monotone}", &small);
    assert_int_equal(mask_case_status(&c, "100"), RH_OK);
    assert_int_equal(mask_case_status(&c, "32767"), RH_EFORMAT);
    mask_case_close(&c);
    mask_case_open(&c, "mask: numeric", &money);
    assert_int_equal(mask_case_status(&c, "1.50"), RH_OK);
    assert_int_equal(mask_case_status(&c, "999.99"), RH_EFORMAT);
    mask_case_close(&c);
}

static void padding_of_char_n_does_not_count(void **state)
{
    const mask_column padded = {.type = "character", .max_chars = 10, .padded = true};
    mask_case a;
    mask_case b;

    (void)state;
    mask_case_open(&a, "mask: text", &padded);
    mask_case_open(&b, "mask: text", &text);
    assert_string_equal(mask_case_text(&a, "abc       "), mask_case_text(&b, "abc"));
    mask_case_close(&a);
    mask_case_close(&b);
}

static void odd_values_of_types_survive(void **state)
{
    (void)state;
    assert_masked("mask: time", "date", "infinity", "infinity");
    assert_masked("mask: time", "timestamp without time zone", "-infinity", "-infinity");
    assert_masked("mask: numeric", "numeric", "NaN", "NaN");
    assert_masked("mask: numeric", "numeric", "-Infinity", "-Infinity");
    assert_masked("mask: bytes", "bytea", "\\x", "\\x");
    assert_masked("{mask: integer, mode: monotone}", "int4range", "empty", "empty");
    assert_masked("mask: text", "text", "", "");
    assert_masked("mask: text", "text", "-- !", "-- !");
}

static void secrets_leave_nothing_of_themselves(void **state)
{
    mask_case c;
    const mask_column bytea = {.type = "bytea"};

    (void)state;
    mask_case_open(&c, "mask: destroy", &text);
    assert_string_equal(mask_case_text(&c, "a"), mask_case_text(&c, "another"));
    mask_case_close(&c);
    mask_case_open(&c, "{mask: destroy, distinct: true, length: 12, alphabet: hex}", &text);
    assert_string_not_equal(mask_case_text(&c, "a"), mask_case_text(&c, "another"));
    assert_int_equal(strlen(mask_case_text(&c, "a")), 12);
    mask_case_close(&c);
    mask_case_open(&c, "{mask: destroy, length: 4}", &bytea);
    assert_int_equal(strlen(mask_case_text(&c, "\\x0102")), 10);
    mask_case_close(&c);
    assert_masked("{mask: destroy, as: empty}", "text", "secret", "");
    assert_masked("mask: destroy", "jsonb", "{\"k\": 1}", "{}");
    /* WIF in a column of addresses */
    mask_case_open(&c, "mask: chain-address", &text);
    assert_null(
        strchr(mask_case_text(&c, "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd4dZ1jvhTVqvbTLvyTJ"), '5'));
    mask_case_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(unknown_kinds_and_parameters_are_named_with_their_place),
        cmocka_unit_test(masks_that_do_not_fit_the_type_are_refused),
        cmocka_unit_test(widths_are_checked_before_rows),
        cmocka_unit_test(constants_must_be_of_the_type),
        cmocka_unit_test(nulls_stay_unless_asked_otherwise),
        cmocka_unit_test(custom_is_checked_and_takes_answers),
        cmocka_unit_test(other_parameters_are_checked),
        cmocka_unit_test(values_without_the_form_are_counted_and_replaced),
        cmocka_unit_test(values_in_the_keep_list_pass_and_nothing_becomes_one),
        cmocka_unit_test(monotone_masks_stop_where_there_is_no_room),
        cmocka_unit_test(padding_of_char_n_does_not_count),
        cmocka_unit_test(odd_values_of_types_survive),
        cmocka_unit_test(secrets_leave_nothing_of_themselves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
