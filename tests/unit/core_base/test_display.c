/*
 * Columns of characters on a terminal, cutting and cleaning.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/display.h"

static size_t columns(const char *text)
{
    return rh_display_columns(text, strlen(text));
}

static void wide_characters_fill_two_columns(void **state)
{
    (void)state;
    assert_int_equal(columns(""), 0);
    assert_int_equal(columns("abc"), 3);
    assert_int_equal(columns("\xC3\xA4"), 1);
    assert_int_equal(columns("\xE8\xA1\xA8"), 2);             /* U+8868 */
    assert_int_equal(columns("\xEA\xB0\x80"), 2);             /* Hangul */
    assert_int_equal(columns("\xEF\xBC\xA1"), 2);             /* fullwidth A */
    assert_int_equal(columns("\xEF\xBD\xB1"), 1);             /* halfwidth katakana */
    assert_int_equal(columns("\xF0\x9F\x98\x80"), 2);         /* emoji */
    assert_int_equal(columns("\xF0\xA0\x80\x80"), 2);         /* U+20000 */
    assert_int_equal(columns("\xD0\x96\xCE\xA9\xD7\x90"), 3); /* Cyrillic, Greek, Hebrew */
}

static void marks_fill_none(void **state)
{
    (void)state;
    assert_int_equal(columns("e\xCC\x81"), 1);                /* e and an acute accent */
    assert_int_equal(columns("a\xE2\x80\x8B"), 1);            /* zero width space */
    assert_int_equal(columns("\xE1\x84\x92\xE1\x85\xA1"), 2); /* a syllable of two jamo */
    assert_int_equal(columns("\xE0\xA4\x95\xE0\xA5\x8D"), 1); /* Devanagari with virama */
    assert_int_equal(columns("\xC2\xAD"), 1);                 /* soft hyphen */
}

static void what_cannot_be_shown_fills_its_bytes(void **state)
{
    char text[] = "a\tb\x1B[2J\xFFz\xC2\x9B\n";

    (void)state;
    assert_int_equal(columns(text), strlen(text));
    rh_display_clean(text, strlen(text));
    assert_string_equal(text, "a b?[2J?z?? ");
    assert_int_equal(columns(text), strlen(text));
}

static void nothing_that_can_be_shown_is_cleaned(void **state)
{
    char text[] = "SELECT '\xE8\xA1\xA8 e\xCC\x81 \xF0\x9F\x98\x80'";
    char copy[sizeof text];

    (void)state;
    memcpy(copy, text, sizeof text);
    rh_display_clean(text, strlen(text));
    assert_string_equal(text, copy);
}

static void text_is_cut_between_characters(void **state)
{
    const char wide[] = "a\xE8\xA1\xA8z";

    (void)state;
    assert_int_equal(rh_display_fit(wide, 5, 0), 0);
    assert_int_equal(rh_display_fit(wide, 5, 1), 1);
    assert_int_equal(rh_display_fit(wide, 5, 2), 1); /* half a character is none */
    assert_int_equal(rh_display_fit(wide, 5, 3), 4);
    assert_int_equal(rh_display_fit(wide, 5, 9), 5);
    assert_int_equal(rh_display_fit("e\xCC\x81x", 4, 1), 3); /* with its mark */
    assert_int_equal(rh_display_fit("\xE8\xA1", 2, 1), 1);   /* a torn one is bytes */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wide_characters_fill_two_columns),
        cmocka_unit_test(marks_fill_none),
        cmocka_unit_test(what_cannot_be_shown_fills_its_bytes),
        cmocka_unit_test(nothing_that_can_be_shown_is_cleaned),
        cmocka_unit_test(text_is_cut_between_characters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
