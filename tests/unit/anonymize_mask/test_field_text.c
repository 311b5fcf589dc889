/*
 * What texts look like: capitals at every place, integers at the ends of their range.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "field_text.h"
#include "float_text.h"

static void a_capital_is_seen_at_every_place(void **state)
{
    enum { LONGEST = 20 };
    char text[LONGEST];

    (void)state;
    for (size_t len = 0; len <= LONGEST; len++) {
        memset(text, 'z', sizeof text);
        assert_false(ascii_has_capitals(text, len));
        for (size_t at = 0; at < len; at++) {
            for (int c = 0; c < 256; c++) {
                text[at] = (char)c;
                assert_int_equal(ascii_has_capitals(text, len), c >= 'A' && c <= 'Z');
            }
            text[at] = 'z';
        }
    }
}

/* As PostgreSQL 15 wrote them. */
static void floats_are_written_as_the_server_writes_them(void **state)
{
    static const struct {
        const char *decimal;
        const char *wide;
        const char *narrow;
    } cases[] = {
        {"1.5", "1.5", "1.5"},
        {"-0.30", "-0.3", "-0.3"},
        {"0", "0", "0"},
        {"100000", "100000", "100000"},
        {"1000000", "1000000", "1e+06"},
        {"123456789", "123456789", "1.2345679e+08"},
        {"999999999999999", "999999999999999", "1e+15"},
        {"1000000000000000", "1e+15", "1e+15"},
        {"54.33333333333333412345", "54.333333333333336", "54.333332"},
        {"0.0001", "0.0001", "0.0001"},
        {"0.00001", "1e-05", "1e-05"},
        {"33554433.9", "33554433.9", "3.3554432e+07"},
        {"0.00000000000000000000000000000000000000000000012", "1.2e-46", ""},
    };
    char huge[401];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        for (int single = 0; single < 2; single++) {
            const char *expected = single ? cases[i].narrow : cases[i].wide;
            char out[FLOAT_TEXT_BYTES];
            size_t len = float_text_nearest(cases[i].decimal, single, out);

            assert_int_equal(len, strlen(expected));
            assert_memory_equal(out, expected, len);
        }
    }
    memset(huge, '9', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_int_equal(float_text_nearest(huge, false, (char[FLOAT_TEXT_BYTES]){0}), 0);
    assert_int_equal(float_text_nearest("x", true, (char[FLOAT_TEXT_BYTES]){0}), 0);
}

static void integers_are_known_by_their_digits(void **state)
{
    static const char *const integers[] = {"0",
                                           "7",
                                           "-1",
                                           "999999999999999999",
                                           "-999999999999999999",
                                           "1000000000000000000",
                                           "9223372036854775807",
                                           "-9223372036854775808"};
    static const char *const others[] = {"",
                                         "-",
                                         "-0",
                                         "00",
                                         "01",
                                         "1a3",
                                         "12345678-012345678",
                                         "1 2",
                                         "+1",
                                         "9223372036854775808",
                                         "-9223372036854775809",
                                         "99999999999999999999",
                                         "123456789012345678901"};

    (void)state;
    for (size_t i = 0; i < sizeof integers / sizeof integers[0]; i++)
        assert_true(text_is_int64(integers[i], strlen(integers[i])));
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(text_is_int64(others[i], strlen(others[i])));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_capital_is_seen_at_every_place),
        cmocka_unit_test(floats_are_written_as_the_server_writes_them),
        cmocka_unit_test(integers_are_known_by_their_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
