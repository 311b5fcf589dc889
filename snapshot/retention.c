#include "retention.h"

static const int64_t DAY_US = INT64_C(86400000000);

typedef int64_t (*bucket_function)(int64_t time_us);

/* Days since 1970-01-01, rounding down before it too. */
static int64_t day_of(int64_t time_us)
{
    int64_t day = time_us / DAY_US;

    return time_us % DAY_US < 0 ? day - 1 : day;
}

/* 1970-01-01 was a Thursday, so Mondays are the days congruent 4; ISO weeks start there. */
static int64_t week_of(int64_t time_us)
{
    int64_t day = day_of(time_us) + 3;

    return day < 0 ? (day - 6) / 7 : day / 7;
}

/* Months since year 0, by the civil-from-days method: eras of 400 years that start in March. */
static int64_t month_of(int64_t time_us)
{
    int64_t day = day_of(time_us) + 719468;
    int64_t era = (day < 0 ? day - 146096 : day) / 146097;
    int64_t of_era = day - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * of_year + 2) / 153; /* 0 = March */

    return (era * 400 + year) * 12 + month + 2;
}

/* Keep the newest of each of the first n buckets; times come newest first. */
static void keep_newest_of(bucket_function bucket, size_t n, const int64_t *times_us, size_t count,
                           bool *keep)
{
    int64_t last = 0;

    for (size_t i = 0, taken = 0; i < count && taken < n; i++) {
        int64_t now = bucket(times_us[i]);

        if (taken > 0 && now == last)
            continue;
        keep[i] = true;
        last = now;
        taken++;
    }
}

bool rh_retention_any(const rh_retention_rules *rules)
{
    return rules->keep_last > 0 || rules->keep_daily > 0 || rules->keep_weekly > 0 ||
           rules->keep_monthly > 0;
}

void rh_retention_judge(const rh_retention_rules *rules, const int64_t *times_us, size_t count,
                        bool *keep)
{
    bool any = rh_retention_any(rules);

    for (size_t i = 0; i < count; i++)
        keep[i] = !any || i < rules->keep_last;
    keep_newest_of(day_of, rules->keep_daily, times_us, count, keep);
    keep_newest_of(week_of, rules->keep_weekly, times_us, count, keep);
    keep_newest_of(month_of, rules->keep_monthly, times_us, count, keep);
}
