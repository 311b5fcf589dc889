/* String helpers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/str.h"

static void equality_copes_with_null(void **state)
{
    (void)state;
    assert_true(rh_str_eq(NULL, NULL));
    assert_false(rh_str_eq("a", NULL));
    assert_false(rh_str_eq(NULL, "a"));
    assert_true(rh_str_eq("a", "a"));
    assert_false(rh_str_eq("a", "A"));
    assert_true(rh_str_ieq("aBc", "AbC"));
    assert_false(rh_str_ieq("abc", "ab"));
    assert_false(rh_str_ieq("ab", "abc"));
    assert_false(rh_str_ieq("\xC3\xA4", "\xC3\x84"));
}

static void prefixes_and_suffixes(void **state)
{
    (void)state;
    assert_true(rh_str_starts_with("abc", "ab"));
    assert_true(rh_str_starts_with("abc", ""));
    assert_false(rh_str_starts_with("ab", "abc"));
    assert_true(rh_str_ends_with("abc", "bc"));
    assert_true(rh_str_ends_with("abc", ""));
    assert_false(rh_str_ends_with("bc", "abc"));
}

static void globs_match_the_whole_text(void **state)
{
    (void)state;
    assert_true(rh_str_glob("*", ""));
    assert_true(rh_str_glob("", ""));
    assert_false(rh_str_glob("", "a"));
    assert_false(rh_str_glob("?", ""));
    assert_true(rh_str_glob("a*c", "abbbc"));
    assert_true(rh_str_glob("a*c", "ac"));
    assert_false(rh_str_glob("a*c", "abcd"));
    assert_true(rh_str_glob("*.addr*", "public.t.address"));
    assert_true(rh_str_glob("**a**", "xax"));
    assert_true(rh_str_glob("a?c", "abc"));
    assert_false(rh_str_glob("a?c", "ac"));
    assert_true(rh_str_glob("a\\*c", "a*c"));
    assert_false(rh_str_glob("a\\*c", "abc"));
    assert_true(rh_str_glob("a\\", "a\\"));
    assert_true(rh_str_glob("*\\?", "what?"));
    assert_false(rh_str_glob("*\\?", "what!"));
    assert_true(rh_str_glob("*ab*ab", "abxabab"));
}

/* Backtracking must not explode. */
static void hostile_globs_end_soon(void **state)
{
    char text[4001];
    char pattern[201];

    (void)state;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    for (size_t i = 0; i + 1 < sizeof pattern; i += 2)
        memcpy(pattern + i, "a*", 2);
    pattern[199] = 'b';
    pattern[200] = '\0';
    assert_false(rh_str_glob(pattern, text));
}

static void copies_are_cut_at_characters(void **state)
{
    char out[6];

    (void)state;
    assert_true(rh_str_copy(out, sizeof out, "abcde"));
    assert_string_equal(out, "abcde");
    assert_false(rh_str_copy(out, sizeof out, "abcdef"));
    assert_string_equal(out, "abcde");
    assert_false(rh_str_copy(out, sizeof out, "abcd\xC3\xA4"));
    assert_string_equal(out, "abcd");
    assert_false(rh_str_copy(out, sizeof out, "ab\xF0\x9F\x98\x80"));
    assert_string_equal(out, "ab");
    assert_true(rh_str_copy(out, sizeof out, "abc\xC3\xA4"));
    assert_false(rh_str_copy(out, 1, "a"));
    assert_string_equal(out, "");
    assert_false(rh_str_copy(out, 0, ""));
}

static void only_real_utf8_passes(void **state)
{
    static const char *const good[] = {"",
                                       "a",
                                       "\xC3\xA4",
                                       "\xED\x9F\xBF",
                                       "\xEE\x80\x80",
                                       "\xF0\x90\x80\x80",
                                       "\xF4\x8F\xBF\xBF"};
    static const char *const bad[] = {"\x80",
                                      "\xC0\x80",
                                      "\xC1\xBF",
                                      "\xC3",
                                      "\xE0\x80\x80",
                                      "\xE0\x9F\xBF",
                                      "\xED\xA0\x80",
                                      "\xED\xBF\xBF",
                                      "\xE2\x82",
                                      "\xF0\x8F\xBF\xBF",
                                      "\xF4\x90\x80\x80",
                                      "\xF5\x80\x80\x80",
                                      "\xFF",
                                      "\xC3(",
                                      "a\xC3"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(rh_str_is_utf8(good[i], strlen(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(rh_str_is_utf8(bad[i], strlen(bad[i])));
    assert_true(rh_str_is_utf8("a\0b", 3));
}

static void bytes_that_are_no_utf8_are_replaced(void **state)
{
    char mixed[] = "a\xfc\xc3\xa4\xe2\x98\x83\xf0\x9f\x90\x88\xe2\x98z\xc3";
    char good[] = "\xc3\xa4 good";

    (void)state;
    rh_str_make_utf8(mixed, sizeof mixed - 1);
    assert_string_equal(mixed, "a?\xc3\xa4\xe2\x98\x83\xf0\x9f\x90\x88??z?");
    rh_str_make_utf8(good, sizeof good - 1);
    assert_string_equal(good, "\xc3\xa4 good");
    rh_str_make_utf8(good, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_that_are_no_utf8_are_replaced),
        cmocka_unit_test(equality_copes_with_null),
        cmocka_unit_test(prefixes_and_suffixes),
        cmocka_unit_test(globs_match_the_whole_text),
        cmocka_unit_test(hostile_globs_end_soon),
        cmocka_unit_test(copies_are_cut_at_characters),
        cmocka_unit_test(only_real_utf8_passes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
