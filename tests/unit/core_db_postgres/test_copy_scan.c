/*
 * Both scans against a byte by byte one, at every length and place up to four steps.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "copy_scan.h"
#include "core/mem.h"

enum { LONGEST = 70, ROUNDS = 40 };

/* A copy of its own size, so that a read beyond its end is found. */
static uint8_t *exact_copy(const uint8_t *data, size_t len)
{
    uint8_t *copy = rh_mem_alloc(len);

    assert_non_null(copy);
    memcpy(copy, data, len);
    return copy;
}

static void check_tabs(const uint8_t *data, size_t len, size_t max)
{
    const uint8_t *found[LONGEST + 1];
    size_t count = rh_copy_find_tabs(data, len, found, max);
    size_t expected = 0;

    for (size_t i = 0; i < len && expected < max; i++) {
        if (data[i] != '\t')
            continue;
        assert_true(expected < count && found[expected] == data + i);
        expected++;
    }
    assert_int_equal(count, expected);
}

static void tabs_are_found_at_every_place(void **state)
{
    uint8_t text[LONGEST];
    uint32_t seed = 1;

    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < LONGEST; i++) {
            seed = seed * 1664525 + 1013904223;
            text[i] = (seed >> 24) % (round % 8 + 1) == 0 ? '\t' : (uint8_t)(seed >> 16);
        }
        for (size_t len = 0; len <= LONGEST; len++) {
            uint8_t *copy = exact_copy(text, len);

            check_tabs(copy, len, LONGEST + 1);
            check_tabs(copy, len, 3);
            rh_mem_free(copy);
        }
    }
}

static bool is_escaped(unsigned c)
{
    return c == '\\' || (c >= '\b' && c <= '\r');
}

static void any_escaped_byte_is_noticed_anywhere(void **state)
{
    uint8_t text[LONGEST];

    (void)state;
    for (size_t len = 0; len <= LONGEST; len++) {
        memset(text, 'a', sizeof text);
        uint8_t *copy = exact_copy(text, len);

        assert_false(rh_copy_may_escape(copy, len));
        for (size_t at = 0; at < len; at++) {
            for (unsigned c = 1; c < 256; c++) {
                copy[at] = (uint8_t)c;
                if (is_escaped(c))
                    assert_true(rh_copy_may_escape(copy, len));
                else if (c >= 14)
                    assert_false(rh_copy_may_escape(copy, len));
            }
            copy[at] = 'a';
        }
        rh_mem_free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tabs_are_found_at_every_place),
        cmocka_unit_test(any_escaped_byte_is_noticed_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
