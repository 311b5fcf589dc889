/* Clocks, times as text, sleeping and cancellation. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/cancel.h"
#include "core/clock.h"

static void times_are_written_in_utc(void **state)
{
    char text[RH_CLOCK_TEXT_BYTES];

    (void)state;
    assert_string_equal(rh_clock_format(0, text), "1970-01-01T00:00:00.000000Z");
    assert_string_equal(rh_clock_format(INT64_C(1795166238123456), text),
                        "2026-11-20T09:17:18.123456Z");
    assert_string_equal(rh_clock_format_compact(INT64_C(1795166238123456), text),
                        "20261120T091718Z");
    assert_string_equal(rh_clock_format(-1, text), "1969-12-31T23:59:59.999999Z");
}

static void far_times_are_clamped_to_four_digit_years(void **state)
{
    char text[RH_CLOCK_TEXT_BYTES];

    (void)state;
    assert_string_equal(rh_clock_format(INT64_MAX, text), "9999-12-31T23:59:59.000000Z");
    assert_string_equal(rh_clock_format(INT64_MIN, text), "0000-01-01T00:00:00.000000Z");
}

static void written_times_are_read_back(void **state)
{
    char text[RH_CLOCK_TEXT_BYTES];

    (void)state;
    /* steps of 61 days and some: all months, leap and other years */
    for (int64_t us = INT64_C(-62167219200000000); us < INT64_C(253402300000000000);
         us += INT64_C(5270400123457) * 97) {
        int64_t back = 0;

        assert_int_equal(rh_clock_parse(rh_clock_format(us, text), &back, NULL), RH_OK);
        assert_true(back == us);
    }
}

static void fraction_may_be_short_or_missing(void **state)
{
    int64_t us = 0;

    (void)state;
    assert_int_equal(rh_clock_parse("2024-02-29T00:00:00Z", &us, NULL), RH_OK);
    assert_true(us == INT64_C(1709164800000000));
    assert_int_equal(rh_clock_parse("2024-02-29T00:00:00.5Z", &us, NULL), RH_OK);
    assert_true(us == INT64_C(1709164800500000));
}

static void other_texts_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "2026-11-20",
        "2026-11-20 09:17:18Z",
        "2026-11-20T09:17:18",
        "2026-11-20T09:17:18+00",
        "2026-11-20T09:17:18.Z",
        "2026-11-20T09:17:18.1234567Z",
        "2026-11-20T09:17:18Zx",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2026-13-01T00:00:00Z",
        "2026-00-01T00:00:00Z",
        "2026-01-00T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:60Z",
        "-026-01-01T00:00:00Z",
        " 2026-01-01T00:00:00Z",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t us = 77;
        rh_error err = RH_ERROR_INIT;

        assert_int_equal(rh_clock_parse(bad[i], &us, &err), RH_EFORMAT);
        assert_int_equal(err.code, RH_EFORMAT);
        assert_int_equal(us, 77);
    }
}

static void clocks_go_forward(void **state)
{
    int64_t before = rh_clock_mono_us();

    (void)state;
    assert_int_equal(rh_clock_sleep_us(3000, NULL, NULL), RH_OK);
    assert_true(rh_clock_mono_us() - before >= 3000);
    assert_true(rh_clock_wall_us() > INT64_C(1700000000000000));
    assert_int_equal(rh_clock_sleep_us(-5, NULL, NULL), RH_OK);
}

static void *request_soon(void *arg)
{
    if (rh_clock_sleep_us(30000, NULL, NULL) == RH_OK)
        rh_cancel_request(arg);
    return NULL;
}

static void sleep_ends_early_when_canceled(void **state)
{
    rh_cancel cancel = {0};
    pthread_t thread;
    rh_error err = RH_ERROR_INIT;
    int64_t before = rh_clock_mono_us();

    (void)state;
    assert_false(rh_cancel_requested(NULL));
    assert_int_equal(rh_cancel_check(NULL, NULL), RH_OK);
    assert_int_equal(rh_cancel_check(&cancel, NULL), RH_OK);
    assert_int_equal(pthread_create(&thread, NULL, request_soon, &cancel), 0);
    assert_int_equal(rh_clock_sleep_us(60000000, &cancel, &err), RH_ECANCELED);
    assert_string_equal(err.text, "interrupted");
    assert_true(rh_clock_mono_us() - before < 20000000);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(rh_cancel_requested(&cancel));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_written_in_utc),
        cmocka_unit_test(far_times_are_clamped_to_four_digit_years),
        cmocka_unit_test(written_times_are_read_back),
        cmocka_unit_test(fraction_may_be_short_or_missing),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(clocks_go_forward),
        cmocka_unit_test(sleep_ends_early_when_canceled),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
