/*
 * How many beginnings the values of a text column have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "fail_nth.h"
#include "fid_prefix.h"
#include "fid_score.h"

static rh_fid_prefixes count(const char *common, const char *histogram)
{
    const char *const arrays[2] = {common, histogram};
    rh_fid_prefixes out = {.values = 77};

    assert_int_equal(rh_fid_prefixes_count(arrays, &out, NULL), RH_OK);
    return out;
}

static void beginnings_are_counted_once(void **state)
{
    rh_fid_prefixes found = count("{abc,abd}", "{a,b,\"ab,\",NULL}");

    (void)state;
    assert_int_equal(found.values, 5);
    assert_int_equal(found.distinct[0], 2); /* a b */
    assert_int_equal(found.distinct[1], 3); /* a ab b */
    assert_int_equal(found.distinct[2], 5); /* a ab, abc abd b */
    assert_int_equal(found.distinct[7], 5);
}

static void characters_count_not_bytes(void **state)
{
    rh_fid_prefixes found = count("{\xc3\xa4x,\xc3\xa5x,\"\xc3\xa4\\\"\",\"\"}", NULL);

    (void)state;
    assert_int_equal(found.values, 4);
    assert_int_equal(found.distinct[0], 3); /* nothing, and two letters that share a byte */
    assert_int_equal(found.distinct[1], 4);
}

static void long_values_are_told_apart_by_eight_characters(void **state)
{
    rh_fid_prefixes found = count("{REF-2024-000001,REF-2024-000002,REF-2025-1}", "{REF-2024-9}");

    (void)state;
    assert_int_equal(found.values, 4);
    assert_int_equal(found.distinct[6], 1);
    assert_int_equal(found.distinct[7], 2);
}

static void damaged_arrays_do_no_harm(void **state)
{
    static const char *const damaged[] = {
        "",    "{",  "{}",        "}",      "{a",   "{\"a",
        "{a,", "{,", "{{a},{b}}", "{\"a\\", "{a\\", "{\xff\xfe\x80,\x80\x80\x80}"};

    (void)state;
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++)
        assert_true(count(damaged[i], damaged[i]).values <= 8);
    assert_int_equal(count(NULL, NULL).values, 0);
    assert_true(rh_fid_prefix_fits("text") && rh_fid_prefix_fits("character varying"));
    assert_false(rh_fid_prefix_fits("integer") || rh_fid_prefix_fits("bytea"));
}

/* ---- of a table's values ---- */

/* A beginning, a number of four digits, an end. */
static rh_fid_prefixes count_texts(const char *beginning, const char *end, unsigned rows)
{
    rh_fid_texts texts = {.count = 0};
    rh_fid_prefixes out = {.values = 77};
    char value[32];

    for (unsigned i = 0; i < rows; i++) {
        int len = snprintf(value, sizeof value, "%s%04u%s", beginning, i, end);

        assert_int_equal(rh_fid_texts_add(&texts, (const uint8_t *)value, (size_t)len, NULL),
                         RH_OK);
    }
    assert_int_equal(rh_fid_texts_prefixes(&texts, &out, NULL), RH_OK);
    rh_fid_texts_done(&texts);
    return out;
}

static void texts_count_as_arrays_do(void **state)
{
    static const char *const values[] = {"abc", "abd", "a", "b", "ab,", "abc", "\xc3\xa4\xc3\xa5"};
    rh_fid_texts texts = {.count = 0};
    rh_fid_prefixes found = {0};
    rh_fid_prefixes same = count("{abc,abd}", "{a,b,\"ab,\",\xc3\xa4\xc3\xa5}");

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_int_equal(
            rh_fid_texts_add(&texts, (const uint8_t *)values[i], strlen(values[i]), NULL), RH_OK);
    assert_int_equal(rh_fid_texts_prefixes(&texts, &found, NULL), RH_OK);
    rh_fid_texts_done(&texts);
    assert_memory_equal(&found, &same, sizeof found);
}

static void as_many_values_as_a_planner_has_are_taken_from_everywhere(void **state)
{
    rh_fid_prefixes found = count_texts("", "-ord", 5000);

    (void)state;
    assert_int_equal(found.values, RH_FID_PREFIX_VALUES);
    assert_int_equal(found.distinct[0], 5);
    assert_int_equal(found.distinct[1], 50);
    assert_int_equal(found.distinct[3], RH_FID_PREFIX_VALUES);
    assert_int_equal(count_texts("", "", 1).values, 1);
    assert_int_equal(count_texts("", "", 0).values, 0);
}

static void values_that_differ_behind_eight_characters_are_two(void **state)
{
    rh_fid_prefixes found = count_texts("a long beginning, ", "", 100);

    (void)state;
    assert_int_equal(found.values, 100);
    assert_int_equal(found.distinct[7], 1);
}

/* 40 values of a number each, behind a beginning or, without one, in front of their end. */
static rh_fid_column sample(const char *beginning)
{
    char array[4096] = "{";
    size_t used = 1;

    for (unsigned i = 0; i < 40; i++) {
        used += (size_t)snprintf(array + used, sizeof array - used, "%s%s%02u%s", i == 0 ? "" : ",",
                                 beginning, i + 10, beginning[0] == '\0' ? "-2024-ORD" : "");
    }
    (void)snprintf(array + used, sizeof array - used, "}");
    return (rh_fid_column){.n_distinct = -1, .prefixes = count(array, NULL)};
}

static double prefix_part(const rh_fid_column *a, const rh_fid_column *b)
{
    rh_fid_parts parts = rh_fid_column_parts(a, 1000, b, 1000);

    for (size_t i = 0; i < parts.count; i++) {
        if (strcmp(parts.items[i].name, "prefix") == 0)
            return parts.items[i].value;
    }
    return -1;
}

static void a_renamed_tree_is_the_same_and_a_lost_one_is_not(void **state)
{
    rh_fid_column source = sample("ORD-20");
    rh_fid_column renamed = sample("kqx#71");
    rh_fid_column lost = sample("");
    rh_fid_column small = {.n_distinct = -1, .prefixes = count("{a,b}", NULL)};

    (void)state;
    assert_true(prefix_part(&source, &renamed) > 0.999);
    assert_true(prefix_part(&source, &lost) < 0.7);
    assert_true(prefix_part(&source, &lost) >= 0.5);
    assert_true(prefix_part(&source, &small) < 0); /* left out */
}

static rh_status count_once(void *context, rh_error *err)
{
    const char *const arrays[2] = {"{a,b}", "{c}"};
    rh_fid_prefixes out = {.values = 77};
    rh_status status = rh_fid_prefixes_count(arrays, &out, err);

    (void)context;
    assert_int_equal(out.values, status == RH_OK ? 3 : 77);
    return status;
}

static rh_status count_texts_once(void *context, rh_error *err)
{
    rh_fid_texts texts = {.count = 0};
    rh_fid_prefixes out = {.values = 77};
    rh_status status = RH_OK;

    (void)context;
    for (unsigned i = 0; status == RH_OK && i < 1000; i++)
        status = rh_fid_texts_add(&texts, (const uint8_t *)&i, sizeof i, err);
    if (status == RH_OK)
        status = rh_fid_texts_prefixes(&texts, &out, err);
    assert_int_equal(out.values, status == RH_OK ? RH_FID_PREFIX_VALUES : 77);
    rh_fid_texts_done(&texts);
    return status;
}

static void memory_may_end(void **state)
{
    (void)state;
    assert_int_equal(fail_nth(count_once, NULL), 1);
    assert_true(fail_nth(count_texts_once, NULL) >= 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(beginnings_are_counted_once),
        cmocka_unit_test(characters_count_not_bytes),
        cmocka_unit_test(long_values_are_told_apart_by_eight_characters),
        cmocka_unit_test(damaged_arrays_do_no_harm),
        cmocka_unit_test(a_renamed_tree_is_the_same_and_a_lost_one_is_not),
        cmocka_unit_test(texts_count_as_arrays_do),
        cmocka_unit_test(as_many_values_as_a_planner_has_are_taken_from_everywhere),
        cmocka_unit_test(values_that_differ_behind_eight_characters_are_two),
        cmocka_unit_test(memory_may_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
