/* Keep rules against known cases and a naive model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/clock.h"
#include "retention.h"

enum { MOST = 60 };

static int64_t at(const char *text)
{
    int64_t us = 0;

    assert_int_equal(rh_clock_parse(text, &us, NULL), RH_OK);
    return us;
}

static void without_a_rule_everything_stays(void **state)
{
    const rh_retention_rules rules = {0, 0, 0, 0};
    const int64_t times[] = {3, 2, 1};
    bool keep[3];

    (void)state;
    assert_false(rh_retention_any(&rules));
    rh_retention_judge(&rules, times, 3, keep);
    assert_true(keep[0] && keep[1] && keep[2]);
}

static void the_newest_of_each_day_stays(void **state)
{
    const rh_retention_rules rules = {.keep_daily = 2};
    const int64_t times[] = {at("2026-03-02T23:59:59Z"), at("2026-03-02T00:00:00Z"),
                             at("2026-02-20T12:00:00Z"), at("2026-02-19T12:00:00Z")};
    const bool expected[] = {true, false, true, false};
    bool keep[4];

    (void)state;
    rh_retention_judge(&rules, times, 4, keep);
    assert_memory_equal(keep, expected, sizeof keep);
}

static void weeks_start_on_monday_also_over_new_year(void **state)
{
    const rh_retention_rules rules = {.keep_weekly = 3};
    /* 2025-12-29 is a Monday: it, New Year and 2026-01-04 (Sunday) are one ISO week. */
    const int64_t times[] = {at("2026-01-05T00:00:00Z"), at("2026-01-04T23:00:00Z"),
                             at("2026-01-01T00:00:00Z"), at("2025-12-29T00:00:00Z"),
                             at("2025-12-28T23:59:59Z")};
    const bool expected[] = {true, true, false, false, true};
    bool keep[5];

    (void)state;
    rh_retention_judge(&rules, times, 5, keep);
    assert_memory_equal(keep, expected, sizeof keep);
}

static void months_are_calendar_months(void **state)
{
    const rh_retention_rules rules = {.keep_monthly = 3};
    const int64_t times[] = {at("2024-03-01T00:00:00Z"), at("2024-02-29T23:59:59Z"),
                             at("2024-02-01T00:00:00Z"), at("2024-01-31T23:59:59Z")};
    const bool expected[] = {true, true, false, true};
    bool keep[4];

    (void)state;
    rh_retention_judge(&rules, times, 4, keep);
    assert_memory_equal(keep, expected, sizeof keep);
}

/* ---- a naive model: labels made by the C library's calendar ---- */

static uint64_t seed = 42;

static uint64_t roll(uint64_t sides)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (seed >> 33) % sides;
}

static void label(int64_t time_us, char unit, char *out, size_t size)
{
    time_t seconds = (time_t)(time_us / 1000000);
    struct tm tm;

    if (time_us % 1000000 < 0)
        seconds--;
    assert_non_null(gmtime_r(&seconds, &tm));
    if (unit == 'd')
        strftime(out, size, "%Y-%m-%d", &tm);
    else if (unit == 'w')
        strftime(out, size, "%G-%V", &tm);
    else
        strftime(out, size, "%Y-%m", &tm);
}

static void model_keep(char unit, size_t n, const int64_t *times, size_t count, bool *keep)
{
    char seen[MOST][32];
    size_t labels = 0;

    for (size_t i = 0; i < count && labels < n; i++) {
        char now[32];
        bool known = false;

        label(times[i], unit, now, sizeof now);
        for (size_t k = 0; k < labels; k++)
            known = known || strcmp(seen[k], now) == 0;
        if (!known) {
            memcpy(seen[labels++], now, sizeof now);
            keep[i] = true;
        }
    }
}

static int newest_first(const void *a, const void *b)
{
    const int64_t *x = a;
    const int64_t *y = b;

    return (*x < *y) - (*x > *y);
}

static void random_rules_agree_with_the_model(void **state)
{
    (void)state;
    for (int round = 0; round < 20000; round++) {
        const rh_retention_rules rules = {roll(4), roll(8), roll(8), roll(8)};
        int64_t span = roll(2) == 0 ? INT64_C(40) * 86400 : INT64_C(1500) * 86400;
        int64_t start = (int64_t)roll(4000) * 86400 * 20 - INT64_C(86400) * 20000;
        int64_t times[MOST];
        bool keep[MOST] = {false};
        bool expected[MOST] = {false};
        size_t count = roll(MOST + 1);

        for (size_t i = 0; i < count; i++)
            times[i] = (start + (int64_t)roll((uint64_t)span)) * 1000000 + (int64_t)roll(1000000);
        qsort(times, count, sizeof times[0], newest_first);
        rh_retention_judge(&rules, times, count, keep);
        for (size_t i = 0; i < count; i++)
            expected[i] = i < rules.keep_last || !rh_retention_any(&rules);
        model_keep('d', rules.keep_daily, times, count, expected);
        model_keep('w', rules.keep_weekly, times, count, expected);
        model_keep('m', rules.keep_monthly, times, count, expected);
        assert_memory_equal(keep, expected, sizeof keep);
        if (count > 0)
            assert_true(keep[0]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_rule_everything_stays),
        cmocka_unit_test(the_newest_of_each_day_stays),
        cmocka_unit_test(weeks_start_on_monday_also_over_new_year),
        cmocka_unit_test(months_are_calendar_months),
        cmocka_unit_test(random_rules_agree_with_the_model),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
