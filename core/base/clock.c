/*
 * Clocks and UTC texts. The calendar arithmetic is our own (proleptic Gregorian, after Howard
 * Hinnant's days_from_civil), so that no function of the C library with time zones is involved.
 */
#include "core/clock.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#include "core/cancel.h"

static const int64_t US_PER_SECOND = 1000000;
static const int64_t SECONDS_PER_DAY = 86400;
static const int64_t SLEEP_SLICE_US = 20000; /* how long a cancel may go unseen */

/* Limits of what has a four-digit year. */
static const int64_t MIN_SECONDS = -62167219200; /* 0000-01-01T00:00:00Z */
static const int64_t MAX_SECONDS = 253402300799; /* 9999-12-31T23:59:59Z */

typedef struct civil {
    int64_t year;
    int64_t month;
    int64_t day;
    int64_t hour;
    int64_t minute;
    int64_t second;
    int64_t us;
} civil;

static int64_t now_us(clockid_t clock)
{
    struct timespec now = {0, 0};

    (void)clock_gettime(clock, &now); /* cannot fail for these two clocks */
    return (int64_t)now.tv_sec * US_PER_SECOND + now.tv_nsec / 1000;
}

int64_t rh_clock_wall_us(void)
{
    return now_us(CLOCK_REALTIME);
}

int64_t rh_clock_mono_us(void)
{
    return now_us(CLOCK_MONOTONIC);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0 ? 1 : 0);
}

static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = floor_div(y, 400);
    int64_t year_of_era = y - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year -
           719468;
}

static civil civil_of(int64_t wall_us)
{
    civil c;
    int64_t seconds = floor_div(wall_us, US_PER_SECOND);

    c.us = wall_us % US_PER_SECOND + (wall_us % US_PER_SECOND < 0 ? US_PER_SECOND : 0);
    if (seconds < MIN_SECONDS || seconds > MAX_SECONDS) {
        seconds = seconds < MIN_SECONDS ? MIN_SECONDS : MAX_SECONDS;
        c.us = 0;
    }

    int64_t days = floor_div(seconds, SECONDS_PER_DAY);
    int64_t rest = seconds - days * SECONDS_PER_DAY;
    int64_t shifted = days + 719468;
    int64_t era = floor_div(shifted, 146097);
    int64_t doe = shifted - era * 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    c.day = doy - (153 * mp + 2) / 5 + 1;
    c.month = mp < 10 ? mp + 3 : mp - 9;
    c.year = yoe + era * 400 + (c.month <= 2 ? 1 : 0);
    c.hour = rest / 3600;
    c.minute = rest / 60 % 60;
    c.second = rest % 60;
    return c;
}

const char *rh_clock_format(int64_t wall_us, char out[RH_CLOCK_TEXT_BYTES])
{
    civil c = civil_of(wall_us);

    (void)snprintf(out, RH_CLOCK_TEXT_BYTES, "%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", (int)c.year,
                   (int)c.month, (int)c.day, (int)c.hour, (int)c.minute, (int)c.second, (int)c.us);
    return out;
}

const char *rh_clock_format_compact(int64_t wall_us, char out[RH_CLOCK_TEXT_BYTES])
{
    civil c = civil_of(wall_us);

    (void)snprintf(out, RH_CLOCK_TEXT_BYTES, "%04d%02d%02dT%02d%02d%02dZ", (int)c.year,
                   (int)c.month, (int)c.day, (int)c.hour, (int)c.minute, (int)c.second);
    return out;
}

/* Read exactly `digits` digits and the byte `behind` (0: nothing). Advances *at. */
static bool take_number(const char **at, int digits, char behind, int64_t *out)
{
    int64_t value = 0;

    for (int i = 0; i < digits; i++, (*at)++) {
        if (**at < '0' || **at > '9')
            return false;
        value = value * 10 + (**at - '0');
    }
    if (behind != 0) {
        if (**at != behind)
            return false;
        (*at)++;
    }
    *out = value;
    return true;
}

/* ".123456" with one to six digits, or nothing. */
static bool take_fraction(const char **at, int64_t *out_us)
{
    int64_t value = 0;
    int digits = 0;

    *out_us = 0;
    if (**at != '.')
        return true;
    for ((*at)++; **at >= '0' && **at <= '9'; (*at)++) {
        if (++digits > 6)
            return false;
        value = value * 10 + (**at - '0');
    }
    if (digits == 0)
        return false;
    for (; digits < 6; digits++)
        value *= 10;
    *out_us = value;
    return true;
}

static bool is_real_date(const civil *c)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (c->year % 4 == 0 && c->year % 100 != 0) || c->year % 400 == 0;

    if (c->month < 1 || c->month > 12 || c->day < 1)
        return false;
    return c->day <= days[c->month - 1] + (c->month == 2 && leap ? 1 : 0);
}

rh_status rh_clock_parse(const char *text, int64_t *out_wall_us, rh_error *err)
{
    civil c;
    const char *at = text;
    bool good = take_number(&at, 4, '-', &c.year) && take_number(&at, 2, '-', &c.month) &&
                take_number(&at, 2, 'T', &c.day) && take_number(&at, 2, ':', &c.hour) &&
                take_number(&at, 2, ':', &c.minute) && take_number(&at, 2, 0, &c.second) &&
                take_fraction(&at, &c.us) && at[0] == 'Z' && at[1] == '\0';

    if (!good || !is_real_date(&c) || c.hour > 23 || c.minute > 59 || c.second > 59)
        return rh_error_set(err, RH_EFORMAT, "'%.40s' is not a time like 2026-11-20T09:17:18Z",
                            text);

    int64_t seconds = days_of(c.year, c.month, c.day) * SECONDS_PER_DAY + c.hour * 3600 +
                      c.minute * 60 + c.second;

    *out_wall_us = seconds * US_PER_SECOND + c.us;
    return RH_OK;
}

rh_status rh_clock_sleep_us(int64_t duration_us, const struct rh_cancel *cancel, rh_error *err)
{
    int64_t start = rh_clock_mono_us();

    for (;;) {
        rh_status status = rh_cancel_check(cancel, err);

        if (status != RH_OK)
            return status;

        int64_t left = duration_us - (rh_clock_mono_us() - start);

        if (left <= 0)
            return RH_OK;
        if (cancel != NULL && left > SLEEP_SLICE_US)
            left = SLEEP_SLICE_US;

        struct timespec nap = {(time_t)(left / US_PER_SECOND), (long)(left % US_PER_SECOND) * 1000};

        (void)nanosleep(&nap, NULL); /* a signal only makes this round shorter */
    }
}
