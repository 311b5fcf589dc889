/* Integers in byte strings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/bytes.h"

static void fixed_widths_are_little_endian(void **state)
{
    uint8_t at[8];

    (void)state;
    rh_put_u16(at, 0x1122);
    assert_memory_equal(at, "\x22\x11", 2);
    assert_int_equal(rh_get_u16(at), 0x1122);
    rh_put_u32(at, 0x11223344);
    assert_memory_equal(at, "\x44\x33\x22\x11", 4);
    assert_int_equal(rh_get_u32(at), 0x11223344);
    rh_put_u64(at, UINT64_C(0x1122334455667788));
    assert_memory_equal(at, "\x88\x77\x66\x55\x44\x33\x22\x11", 8);
    assert_true(rh_get_u64(at) == UINT64_C(0x1122334455667788));
}

/* The examples of the SQLite file format: one to nine bytes. */
static void varints_are_those_of_sqlite(void **state)
{
    uint8_t at[RH_VARINT_MAX_BYTES];
    uint64_t value = 0;

    (void)state;
    assert_int_equal(rh_varint_put(at, 0), 1);
    assert_memory_equal(at, "\0", 1);
    assert_int_equal(rh_varint_put(at, 127), 1);
    assert_memory_equal(at, "\x7F", 1);
    assert_int_equal(rh_varint_put(at, 128), 2);
    assert_memory_equal(at, "\x81\0", 2);
    assert_int_equal(rh_varint_put(at, 16383), 2);
    assert_memory_equal(at, "\xFF\x7F", 2);
    assert_int_equal(rh_varint_put(at, 16384), 3);
    assert_memory_equal(at, "\x81\x80\0", 3);
    assert_int_equal(rh_varint_put(at, UINT64_MAX), 9);
    assert_memory_equal(at, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 9);
    assert_int_equal(rh_varint_get(at, 9, &value), 9);
    assert_true(value == UINT64_MAX);
}

static void varints_round_trip_around_every_power_of_two(void **state)
{
    (void)state;
    for (int bit = 0; bit < 64; bit++) {
        for (int delta = -1; delta <= 1; delta++) {
            uint64_t value = (UINT64_C(1) << bit) + (uint64_t)delta;
            uint64_t back = 0;
            uint8_t at[RH_VARINT_MAX_BYTES];
            size_t len = rh_varint_put(at, value);

            assert_int_equal(len, rh_varint_len(value));
            assert_int_equal(rh_varint_get(at, len, &back), len);
            assert_true(back == value);
            back = 12345;
            for (size_t part = 0; part < len; part++)
                assert_int_equal(rh_varint_get(at, part, &back), 0);
            assert_int_equal(back, 12345);
        }
    }
}

static void zigzag_keeps_small_values_small(void **state)
{
    static const int64_t values[] = {0, -1, 1, -2, 2, INT64_MAX, INT64_MIN};

    (void)state;
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(rh_zigzag(values[i]), i);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++)
        assert_true(rh_unzigzag(rh_zigzag(values[i])) == values[i]);
    assert_true(rh_zigzag(INT64_MIN) == UINT64_MAX);
}

static void hex_goes_both_ways(void **state)
{
    const uint8_t data[] = {0x00, 0x0F, 0xA5, 0xFF};
    char text[9];
    uint8_t back[4];

    (void)state;
    rh_hex_encode(data, 4, text);
    assert_string_equal(text, "000fa5ff");
    assert_int_equal(rh_hex_decode("000Fa5fF", 4, back), 0);
    assert_memory_equal(back, data, 4);
    assert_int_equal(rh_hex_decode("0g", 1, back), -1);
    assert_int_equal(rh_hex_decode("g0", 1, back), -1);
    assert_int_equal(rh_hex_decode("", 1, back), -1);
    assert_int_equal(rh_hex_decode("0", 1, back), -1);
    assert_int_equal(rh_hex_decode("", 0, back), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fixed_widths_are_little_endian),
        cmocka_unit_test(varints_are_those_of_sqlite),
        cmocka_unit_test(varints_round_trip_around_every_power_of_two),
        cmocka_unit_test(zigzag_keeps_small_values_small),
        cmocka_unit_test(hex_goes_both_ways),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
