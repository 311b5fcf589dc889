/* Patterns: what they match, and which is more specific. */
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mem.h"
#include "rule_pattern.h"

static rh_arena *arena;

static rule_pattern pattern(const char *text)
{
    rule_pattern p;
    rh_error err = RH_ERROR_INIT;

    if (rule_pattern_parse(text, arena, &p, &err) != RH_OK)
        fail_msg("%s: %s", text, err.text);
    return p;
}

static bool matches(const char *text, const char *table, const char *column, const char *type)
{
    rule_pattern p = pattern(text);
    rh_structure_table t = {.schema = "public", .name = table};
    rh_structure_column c = {.name = column, .type = type, .base_type = type};

    return rule_pattern_matches(&p, &t, &c);
}

static void names_match_exactly(void **state)
{
    (void)state;
    assert_true(matches("t.c", "t", "c", "text"));
    assert_true(matches("public.t.c", "t", "c", "text"));
    assert_false(matches("other.t.c", "t", "c", "text"));
    assert_false(matches("t.C", "t", "c", "text"));
    assert_false(matches("t.c", "t", "cc", "text"));
}

static void globs_match_parts(void **state)
{
    (void)state;
    assert_true(matches("*.c", "t", "c", "text"));
    assert_true(matches("t.*", "t", "anything", "text"));
    assert_true(matches("*.*_at", "t", "created_at", "text"));
    assert_true(matches("t?.c", "t1", "c", "text"));
    assert_false(matches("t?.c", "t", "c", "text"));
    assert_true(matches("p*.t.c", "t", "c", "text"));
}

static void quotes_take_everything_literally(void **state)
{
    (void)state;
    assert_true(matches("\"a.b\".c", "a.b", "c", "text"));
    assert_true(matches("\"a*\".c", "a*", "c", "text"));
    assert_false(matches("\"a*\".c", "ab", "c", "text"));
    assert_true(matches("\"say \"\"x\"\"\".c", "say \"x\"", "c", "text"));
    assert_true(matches("\"a.b\"*.c", "a.bcd", "c", "text"));
    assert_true(matches("a\\b.c", "a\\b", "c", "text"));
    assert_true(matches("t.\"c::d\"", "t", "c::d", "text"));
    assert_true(matches("t.a:b", "t", "a:b", "text"));
}

static void types_match_by_either_name(void **state)
{
    (void)state;
    assert_true(matches("*.*::uuid", "t", "c", "uuid"));
    assert_true(matches("*.*::UUID", "t", "c", "uuid"));
    assert_true(matches("*.*::integer", "t", "c", "INTEGER"));
    assert_true(matches("*.*::int4", "t", "c", "integer"));
    assert_true(matches("*.*::timestamptz", "t", "c", "timestamp with time zone"));
    assert_true(matches("*.*::timestamp*", "t", "c", "timestamp with time zone"));
    assert_false(matches("*.*::timestamp", "t", "c", "timestamp with time zone"));
    assert_true(matches("*.*::numeric(78,0)", "t", "c", "numeric(78,0)"));
    assert_true(matches("*.*::text[]", "t", "c", "text[]"));
    assert_false(matches("*.*::text", "t", "c", "text[]"));
}

static void nonsense_is_refused(void **state)
{
    static const char *const BAD[] = {"",    "a",     "a.b.c.d", "a.",       ".a",   "a..b",
                                      "::x", "a.b::", "\"a.b",   "a.b::\"x", "a::x", "*"};

    (void)state;
    for (size_t i = 0; i < sizeof BAD / sizeof BAD[0]; i++) {
        rule_pattern p;
        rh_error err = RH_ERROR_INIT;

        assert_int_equal(rule_pattern_parse(BAD[i], arena, &p, &err), RH_ECONFIG);
    }
}

/* From the least to the most specific: a total order of these. */
static const char *const ORDER[] = {
    "*.*",  "public.*.*", "*.*::t*", "*.*::text",  "t*.*",      "ta*.*",
    "t.*",  "*.c*",       "*.ca*",   "t.c*",       "*.c",       "*.c::text",
    "t*.c", "t.c",        "p*.t.c",  "public.t.c", "t.c::text", "public.t.c::text"};

static void specificity_is_a_total_order(void **state)
{
    size_t count = sizeof ORDER / sizeof ORDER[0];

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++) {
            rule_pattern a = pattern(ORDER[i]);
            rule_pattern b = pattern(ORDER[j]);
            int order = rule_pattern_compare(&a, &b);

            assert_int_equal(order > 0, i > j);
            assert_int_equal(order < 0, i < j);
        }
    }
}

static void spelling_does_not_make_a_difference(void **state)
{
    rule_pattern a = pattern("*.c");
    rule_pattern b = pattern("*.**.\"c\"");
    rule_pattern c = pattern("t.c::int");
    rule_pattern d = pattern("t.c::integer");

    (void)state;
    assert_true(rule_pattern_same(&a, &b));
    assert_true(rule_pattern_same(&c, &d));
    assert_false(rule_pattern_same(&a, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_match_exactly),
        cmocka_unit_test(globs_match_parts),
        cmocka_unit_test(quotes_take_everything_literally),
        cmocka_unit_test(types_match_by_either_name),
        cmocka_unit_test(nonsense_is_refused),
        cmocka_unit_test(specificity_is_a_total_order),
        cmocka_unit_test(spelling_does_not_make_a_difference),
    };
    int failed;

    arena = rh_arena_new(0);
    if (arena == NULL)
        return 1;
    failed = cmocka_run_group_tests(tests, NULL, NULL);
    rh_arena_free(arena);
    return failed;
}
