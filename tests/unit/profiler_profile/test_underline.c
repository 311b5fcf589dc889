/*
 * A span underlined: the carets stand below it, whatever stands before it, within the width.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/display.h"
#include "core/mem.h"
#include "fail_nth.h"
#include "profiler/profile.h"

enum { WIDTH = 80 };

static void expect(const char *text, size_t offset, size_t length, const char *lines)
{
    rh_buf out = RH_BUF_INIT;

    assert_int_equal(rh_profile_underline(text, strlen(text), offset, length, WIDTH, &out, NULL),
                     RH_OK);
    assert_string_equal(rh_buf_cstr(&out), lines);
    rh_buf_done(&out);
}

static void a_short_line_is_shown_whole(void **state)
{
    (void)state;
    expect("SELECT x\n  FROM t", 11, 4, "   2 |   FROM t\n     |   ^^^^\n");
    expect("SELECT x", 7, 1, "   1 | SELECT x\n     |        ^\n");
    expect("SELECT", 6, 1, "   1 | SELECT\n     |       ^\n"); /* behind the end */
    expect("", 0, 0, "   1 | \n     | ^\n");
    expect("a\r\nb\r\n", 3, 9, "   2 | b\n     | ^\n");
    expect("(\n)", 0, 3, "   1 | (\n     | ^\n"); /* of several lines the first */
}

static void tabs_are_blanks(void **state)
{
    (void)state;
    expect("\t\tx, y", 2, 1, "   1 |   x, y\n     |   ^\n");
}

static void carets_stand_in_columns_not_in_bytes(void **state)
{
    (void)state;
    /* two wide, a letter with an accent beside it, an emoji */
    expect("'\xE8\xA1\xA8\xE8\xA1\xA8', x", 10, 1,
           "   1 | '\xE8\xA1\xA8\xE8\xA1\xA8', x\n     |         ^\n");
    expect("'\xE8\xA1\xA8'", 1, 3, "   1 | '\xE8\xA1\xA8'\n     |  ^^\n");
    expect("e\xCC\x81, x", 5, 1, "   1 | e\xCC\x81, x\n     |    ^\n");
    expect("\xF0\x9F\x98\x80 x", 5, 1, "   1 | \xF0\x9F\x98\x80 x\n     |    ^\n");
    expect("\xFF\xFE x", 3, 1, "   1 | ?? x\n     |    ^\n"); /* no UTF-8 */
    expect("'\x1B[31m' x", 8, 1, "   1 | '?[31m' x\n     |         ^\n");
}

static void a_long_line_is_cut_around_the_span(void **state)
{
    char text[3001];
    rh_buf out = RH_BUF_INIT;
    const char *carets;
    const char *shown;

    (void)state;
    memset(text, 'a', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    memcpy(text + 2000, "(SELECT 1)", 10);
    assert_int_equal(rh_profile_underline(text, strlen(text), 2000, 10, WIDTH, &out, NULL), RH_OK);
    shown = rh_buf_cstr(&out);
    carets = strchr(shown, '\n') + 1;
    assert_int_equal(carets - shown - 1, WIDTH);
    assert_int_equal(strncmp(shown, "   1 | ...aa", 12), 0);
    assert_int_equal(strncmp(carets - 4, "...\n", 4), 0);
    assert_int_equal(strncmp(shown + strcspn(carets, "^"), "(SELECT 1)", 10), 0);
    assert_int_equal(strspn(strchr(carets, '^'), "^"), 10);
    rh_buf_done(&out);
}

/* Any span of any line: within the width, and the carets below the span's beginning. */
static void every_span_of_a_mixed_line_is_below_itself(void **state)
{
    static const char *const pieces[] = {
        "a", "\t", "\xE8\xA1\xA8", "e\xCC\x81", "\xF0\x9F\x98\x80", "\xC3\xA4", "\xFF"};
    char text[1200];
    size_t end = 0;

    (void)state;
    srand(7);
    for (size_t at = 0; at < 250; at++) {
        const char *piece = pieces[(size_t)rand() % 7];

        memcpy(text + end, piece, strlen(piece) + 1);
        end += strlen(piece);
    }
    for (size_t at = 0; at < strlen(text);) {
        rh_display_char first = rh_display_next(text + at, strlen(text) - at);

        for (size_t length = 1; length < 120; length += 17) {
            rh_buf out = RH_BUF_INIT;
            const char *shown;
            const char *carets;
            size_t lead;

            assert_int_equal(
                rh_profile_underline(text, strlen(text), at, length, WIDTH, &out, NULL), RH_OK);
            shown = rh_buf_cstr(&out);
            carets = strchr(shown, '\n') + 1;
            assert_true(rh_display_columns(shown, (size_t)(carets - shown) - 1) <= WIDTH);
            assert_true(strlen(carets) - 1 <= WIDTH);
            lead = rh_display_fit(shown, strlen(shown), strcspn(carets, "^"));
            if (first.printable && first.columns > 0)
                assert_memory_equal(shown + lead, text + at, first.bytes);
            rh_buf_done(&out);
        }
        at += first.bytes;
    }
}

static void far_lines_have_a_wider_gutter(void **state)
{
    char *text = rh_mem_array(123456, 1);
    rh_buf out = RH_BUF_INIT;

    (void)state;
    memset(text, '\n', 123454);
    memcpy(text + 123454, "x", 2);
    assert_int_equal(rh_profile_underline(text, 123455, 123454, 1, WIDTH, &out, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&out), "123455 | x\n       | ^\n");
    rh_buf_done(&out);
    rh_mem_free(text);
}

static rh_status underline(void *ctx, rh_error *err)
{
    rh_buf out = RH_BUF_INIT;
    rh_status status = rh_profile_underline(ctx, strlen(ctx), 7, 1, WIDTH, &out, err);

    rh_buf_done(&out);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    char text[] = "SELECT x";

    (void)state;
    assert_true(fail_nth(underline, text) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_short_line_is_shown_whole),
        cmocka_unit_test(tabs_are_blanks),
        cmocka_unit_test(carets_stand_in_columns_not_in_bytes),
        cmocka_unit_test(a_long_line_is_cut_around_the_span),
        cmocka_unit_test(every_span_of_a_mixed_line_is_below_itself),
        cmocka_unit_test(far_lines_have_a_wider_gutter),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
