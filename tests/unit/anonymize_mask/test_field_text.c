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
        cmocka_unit_test(integers_are_known_by_their_digits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
