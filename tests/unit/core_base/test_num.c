/* Numbers from text and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/num.h"

static void integers_are_read_strictly(void **state)
{
    static const char *const bad[] = {
        "", "-", "+", " 1", "1 ", "1x", "0x1", "1.0", "--1", "9223372036854775808", "1e3"};
    int64_t value = 0;

    (void)state;
    assert_int_equal(rh_num_int64("-9223372036854775808", "n", INT64_MIN, INT64_MAX, &value, NULL),
                     RH_OK);
    assert_true(value == INT64_MIN);
    assert_int_equal(rh_num_int64("+9223372036854775807", "n", INT64_MIN, INT64_MAX, &value, NULL),
                     RH_OK);
    assert_true(value == INT64_MAX);
    assert_int_equal(rh_num_int64("-0", "n", 0, 0, &value, NULL), RH_OK);
    assert_int_equal(value, 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        value = 77;
        assert_int_equal(rh_num_int64(bad[i], "n", INT64_MIN, INT64_MAX, &value, NULL), RH_EUSAGE);
        assert_int_equal(value, 77);
    }
    assert_false(rh_num_scan_int64("-9223372036854775809", 20, &value));
    assert_true(rh_num_scan_int64("12345", 3, &value));
    assert_int_equal(value, 123);
}

static void range_and_subject_are_named(void **state)
{
    rh_error err = RH_ERROR_INIT;
    int64_t value = 77;

    (void)state;
    assert_int_equal(rh_num_int64("300", "--jobs", 1, 256, &value, &err), RH_EUSAGE);
    assert_string_equal(err.text, "--jobs must be between 1 and 256, not '300'");
    assert_int_equal(value, 77);
    rh_error_clear(&err);
    assert_int_equal(rh_num_int64("many", "--jobs", 1, 256, &value, &err), RH_EUSAGE);
    assert_string_equal(err.text, "--jobs must be a whole number, not 'many'");
}

static void sizes_know_their_units(void **state)
{
    static const struct {
        const char *text;
        uint64_t value;
    } good[] = {
        {"0", 0},
        {"123", 123},
        {"123B", 123},
        {"64KiB", 65536},
        {"64kib", 65536},
        {"1.5MiB", 1572864},
        {"1.3 GiB", UINT64_C(1395864371)},
        {"2GB", 2000000000},
        {"2gb", 2000000000},
        {"10M", 10485760},
        {"10K", 10240},
        {"3G", UINT64_C(3221225472)},
        {"2T", UINT64_C(2199023255552)},
        {"1kB", 1000},
        {"18446744073709551615", UINT64_MAX},
        {"16777215.999999T", UINT64_C(18446744073708452104)},
    };
    static const char *const bad[] = {"",           "B",      "-1",        "1.5",
                                      "1.5B",       "1..5M",  ".5M",       "1.M",
                                      "1 ",         "1  MiB", "1Mi",       "1 M x",
                                      "1e3",        "0x10",   "16777216T", "18446744073709551616",
                                      "1.1234567M", "1PiB"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        uint64_t value = 0;

        assert_int_equal(rh_num_bytes(good[i].text, "size", &value, NULL), RH_OK);
        assert_int_equal(value, good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint64_t value = 77;
        rh_error err = RH_ERROR_INIT;

        assert_int_equal(rh_num_bytes(bad[i], "size", &value, &err), RH_EUSAGE);
        assert_non_null(strstr(err.text, "size must be a size"));
        assert_int_equal(value, 77);
    }
}

static void durations_know_their_units(void **state)
{
    static const struct {
        const char *text;
        int64_t value;
    } good[] = {
        {"30", 30000000},
        {"5us", 5},
        {"500ms", 500000},
        {"1.5s", 1500000},
        {"10min", 600000000},
        {"2h", INT64_C(7200000000)},
        {"7d", INT64_C(604800000000)},
        {"0.5", 500000},
    };
    static const char *const bad[] = {"",   "s",     "-1s",     "1m",
                                      "1w", "0.5us", "1h30min", "106751991167301d"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        int64_t value = 0;

        assert_int_equal(rh_num_duration_us(good[i].text, "wait", &value, NULL), RH_OK);
        assert_int_equal(value, good[i].value);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t value = 77;

        assert_int_equal(rh_num_duration_us(bad[i], "wait", &value, NULL), RH_EUSAGE);
        assert_int_equal(value, 77);
    }
}

static void sizes_are_written_short(void **state)
{
    static const struct {
        uint64_t value;
        const char *text;
    } cases[] = {
        {0, "0 B"},
        {812, "812 B"},
        {1023, "1023 B"},
        {1024, "1.0 KiB"},
        {1536, "1.5 KiB"},
        {1048525, "1.0 MiB"},
        {1047552, "1023.0 KiB"},
        {1048576, "1.0 MiB"},
        {UINT64_C(1395864371), "1.3 GiB"},
        {UINT64_MAX, "16.0 EiB"},
    };
    char out[16];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(rh_num_format_bytes(cases[i].value, out), cases[i].text);
        assert_true(strlen(out) < 12);
    }
}

static void counts_get_separators(void **state)
{
    char out[32];

    (void)state;
    assert_string_equal(rh_num_format_count(0, out), "0");
    assert_string_equal(rh_num_format_count(999, out), "999");
    assert_string_equal(rh_num_format_count(1000, out), "1,000");
    assert_string_equal(rh_num_format_count(-123456, out), "-123,456");
    assert_string_equal(rh_num_format_count(1234567, out), "1,234,567");
    assert_string_equal(rh_num_format_count(INT64_MIN, out), "-9,223,372,036,854,775,808");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_are_read_strictly), cmocka_unit_test(range_and_subject_are_named),
        cmocka_unit_test(sizes_know_their_units),     cmocka_unit_test(durations_know_their_units),
        cmocka_unit_test(sizes_are_written_short),    cmocka_unit_test(counts_get_separators),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
