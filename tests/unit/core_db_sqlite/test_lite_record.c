#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "lite_record.h"

static rh_lite_value integer(int64_t value)
{
    return (rh_lite_value){.kind = RH_LITE_INTEGER, .integer = value};
}

/* One row of one integer without a rowid: the record's bytes behind the length. */
static void assert_integer_bytes(int64_t value, const char *expected, size_t len)
{
    rh_lite_value out = {0};
    rh_lite_value in = integer(value);
    rh_buf row = RH_BUF_INIT;

    assert_int_equal(RH_OK, rh_lite_row_put(&row, NULL, &in, 1, 100, NULL));
    assert_int_equal(len + 1, row.len);
    assert_int_equal(len, row.data[0]);
    assert_memory_equal(expected, row.data + 1, len);
    assert_int_equal(RH_OK, rh_lite_row_get(row.data, row.len, NULL, &out, 1, NULL));
    assert_int_equal(RH_LITE_INTEGER, out.kind);
    assert_true(out.integer == value);
    rh_buf_done(&row);
}

static void integers_take_sqlites_smallest_serial_type(void **state)
{
    (void)state;
    assert_integer_bytes(0, "\x02\x08", 2);
    assert_integer_bytes(1, "\x02\x09", 2);
    assert_integer_bytes(-1, "\x02\x01\xff", 3);
    assert_integer_bytes(127, "\x02\x01\x7f", 3);
    assert_integer_bytes(-128, "\x02\x01\x80", 3);
    assert_integer_bytes(128, "\x02\x02\x00\x80", 4);
    assert_integer_bytes(-32768, "\x02\x02\x80\x00", 4);
    assert_integer_bytes(32768, "\x02\x03\x00\x80\x00", 5);
    assert_integer_bytes(8388607, "\x02\x03\x7f\xff\xff", 5);
    assert_integer_bytes(8388608, "\x02\x04\x00\x80\x00\x00", 6);
    assert_integer_bytes(INT64_C(2147483648), "\x02\x05\x00\x00\x80\x00\x00\x00", 8);
    assert_integer_bytes(INT64_C(140737488355327), "\x02\x05\x7f\xff\xff\xff\xff\xff", 8);
    assert_integer_bytes(INT64_C(140737488355328), "\x02\x06\x00\x00\x80\x00\x00\x00\x00\x00", 10);
    assert_integer_bytes(INT64_MIN, "\x02\x06\x80\x00\x00\x00\x00\x00\x00\x00", 10);
    assert_integer_bytes(INT64_MAX, "\x02\x06\x7f\xff\xff\xff\xff\xff\xff\xff", 10);
}

static void the_encoding_is_the_documented_one(void **state)
{
    const rh_lite_value values[] = {
        {.kind = RH_LITE_NULL},
        {.kind = RH_LITE_REAL, .real = 1.5},
        {.kind = RH_LITE_TEXT, .data = (const uint8_t *)"ab", .len = 2},
        {.kind = RH_LITE_BLOB, .data = (const uint8_t *)"\0", .len = 1},
        {.kind = RH_LITE_TEXT},
    };
    static const char expected[] = "\x12"                     /* length */
                                   "\x05"                     /* rowid -3 */
                                   "\x06\x00\x07\x11\x0e\x0d" /* header */
                                   "\x3f\xf8\x00\x00\x00\x00\x00\x00"
                                   "ab\0";
    int64_t rowid = -3;
    rh_buf row = RH_BUF_INIT;

    (void)state;
    assert_int_equal(RH_OK, rh_lite_row_put(&row, &rowid, values, 5, 100, NULL));
    assert_int_equal(sizeof expected - 1, row.len);
    assert_memory_equal(expected, row.data, row.len);
    rh_buf_done(&row);
}

static void rows_of_many_values_and_long_values_come_back(void **state)
{
    enum { COUNT = 200 };
    rh_lite_value in[COUNT];
    rh_lite_value out[COUNT];
    static uint8_t bytes[100000];
    int64_t rowid = INT64_MIN;
    int64_t back = 0;
    rh_buf row = RH_BUF_INIT;

    (void)state;
    memset(bytes, 7, sizeof bytes);
    for (size_t i = 0; i < COUNT; i++) {
        in[i] = integer((int64_t)i << (i % 56));
        if (i % 3 == 0)
            in[i] = (rh_lite_value){.kind = RH_LITE_TEXT, .data = bytes, .len = i * i};
    }
    in[5] = (rh_lite_value){.kind = RH_LITE_BLOB, .data = bytes, .len = sizeof bytes};
    assert_int_equal(RH_OK, rh_lite_row_put(&row, &rowid, in, COUNT, (size_t)1 << 30, NULL));
    assert_int_equal(RH_OK, rh_lite_row_get(row.data, row.len, &back, out, COUNT, NULL));
    assert_true(back == rowid);
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(in[i].kind, out[i].kind);
        if (in[i].kind == RH_LITE_INTEGER)
            assert_true(in[i].integer == out[i].integer);
        else
            assert_int_equal(in[i].len, out[i].len);
    }
    rh_buf_done(&row);
}

/* The header's own length may need two bytes because of itself. */
static void headers_around_128_bytes_come_back(void **state)
{
    rh_lite_value in[130];
    rh_lite_value out[130];

    (void)state;
    for (size_t i = 0; i < 130; i++)
        in[i] = (rh_lite_value){.kind = RH_LITE_NULL};
    for (size_t count = 120; count <= 130; count++) {
        rh_buf row = RH_BUF_INIT;

        assert_int_equal(RH_OK, rh_lite_row_put(&row, NULL, in, count, 1000, NULL));
        assert_int_equal(RH_OK, rh_lite_row_get(row.data, row.len, NULL, out, count, NULL));
        assert_int_equal(RH_EFORMAT,
                         rh_lite_row_get(row.data, row.len, NULL, out, count - 1, NULL));
        rh_buf_done(&row);
    }
}

static void a_row_over_the_limit_is_refused(void **state)
{
    rh_lite_value value = {.kind = RH_LITE_BLOB, .len = 1000};
    uint8_t bytes[1000] = {0};
    rh_buf row = RH_BUF_INIT;

    (void)state;
    value.data = bytes;
    assert_int_equal(RH_ELIMIT, rh_lite_row_put(&row, NULL, &value, 1, 999, NULL));
    assert_int_equal(RH_ELIMIT, rh_lite_row_put(&row, NULL, &value, 1, 1002, NULL));
    assert_int_equal(0, row.len);
    assert_int_equal(RH_OK, rh_lite_row_put(&row, NULL, &value, 1, 1003, NULL));
    rh_buf_done(&row);
}

static void the_size_is_known_before_the_whole_row_is(void **state)
{
    size_t bytes = 99;

    (void)state;
    assert_int_equal(RH_DONE, rh_lite_row_size((const uint8_t *)"", 0, 100, &bytes, NULL));
    assert_int_equal(0, bytes);
    assert_int_equal(RH_DONE, rh_lite_row_size((const uint8_t *)"\x81", 1, 1000, &bytes, NULL));
    assert_int_equal(0, bytes);
    assert_int_equal(RH_DONE, rh_lite_row_size((const uint8_t *)"\x05x", 2, 100, &bytes, NULL));
    assert_int_equal(6, bytes);
    assert_int_equal(RH_OK, rh_lite_row_size((const uint8_t *)"\x01xy", 3, 100, &bytes, NULL));
    assert_int_equal(2, bytes);
    assert_int_equal(RH_EFORMAT, rh_lite_row_size((const uint8_t *)"\x00", 1, 100, &bytes, NULL));
    assert_int_equal(RH_EFORMAT, rh_lite_row_size((const uint8_t *)"\x65", 1, 100, &bytes, NULL));
}

/* Each of these is damaged in one place; two values, no rowid. */
static void damaged_rows_are_refused(void **state)
{
    static const struct {
        const char *bytes;
        size_t len;
    } bad[] = {
        {"", 0},
        {"\x04\x03\x01\x01\x05", 5},     /* length beyond the row */
        {"\x03\x03\x01\x01\x05\x05", 6}, /* bytes behind the row */
        {"\x05\x04\x01\x01\x05\x05", 6}, /* header reaches into the body */
        {"\x05\x02\x01\x01\x05\x05", 6}, /* header too short for two values */
        {"\x05\x00\x01\x01\x05\x05", 6}, /* header shorter than itself */
        {"\x05\x7f\x01\x01\x05\x05", 6}, /* header longer than the row */
        {"\x05\x03\x01\x02\x05\x05", 6}, /* body too short */
        {"\x05\x03\x01\x00\x05\x05", 6}, /* body too long */
        {"\x05\x03\x0a\x01\x05\x05", 6}, /* reserved serial type 10 */
        {"\x05\x03\x0b\x01\x05\x05", 6}, /* reserved serial type 11 */
        {"\x05\x03\x01\xff\x05\x05", 6}, /* serial type cut by the header's end */
        {"\x0c\x0b\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x05", 13}, /* giant serial type */
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        rh_lite_value values[2];
        rh_error err = RH_ERROR_INIT;

        if (rh_lite_row_get((const uint8_t *)bad[i].bytes, bad[i].len, NULL, values, 2, &err) !=
            RH_EFORMAT)
            fail_msg("row %zu was taken", i);
        assert_non_null(strstr(err.text, "damaged"));
    }
}

static void a_cut_rowid_is_refused(void **state)
{
    rh_lite_value value;
    int64_t rowid = 5;

    (void)state;
    assert_int_equal(RH_EFORMAT,
                     rh_lite_row_get((const uint8_t *)"\x01\xff", 2, &rowid, &value, 1, NULL));
    assert_int_equal(RH_EFORMAT,
                     rh_lite_row_get((const uint8_t *)"\x01\x02", 2, &rowid, &value, 1, NULL));
}

static void writing_survives_a_failed_allocation(void **state)
{
    rh_lite_value value = integer(5);
    rh_buf row = RH_BUF_INIT;

    (void)state;
    rh_mem_fail_nth(0);
    assert_int_equal(RH_ENOMEM, rh_lite_row_put(&row, NULL, &value, 1, 100, NULL));
    rh_mem_fail_nth(-1);
    assert_int_equal(0, row.len);
    assert_int_equal(RH_OK, rh_lite_row_put(&row, NULL, &value, 1, 100, NULL));
    rh_buf_done(&row);
    assert_int_equal(0, rh_mem_live_blocks());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_take_sqlites_smallest_serial_type),
        cmocka_unit_test(the_encoding_is_the_documented_one),
        cmocka_unit_test(rows_of_many_values_and_long_values_come_back),
        cmocka_unit_test(headers_around_128_bytes_come_back),
        cmocka_unit_test(a_row_over_the_limit_is_refused),
        cmocka_unit_test(the_size_is_known_before_the_whole_row_is),
        cmocka_unit_test(damaged_rows_are_refused),
        cmocka_unit_test(a_cut_rowid_is_refused),
        cmocka_unit_test(writing_survives_a_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
