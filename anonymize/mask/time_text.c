#include "time_text.h"

#include <stdio.h>
#include <string.h>

#include "core/num.h"
#include "field_text.h"

enum { SECONDS_PER_DAY = 86400 };

/* Days since 1970-01-01 of the Gregorian calendar; months are counted from March. */
static int64_t days_of(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = (y >= 0 ? y : y - 399) / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(int64_t days, int64_t *year, int *month, int *day)
{
    int64_t shifted = days + 719468;
    int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    int64_t of_era = shifted - era * 146097;
    int64_t y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * y + y / 4 - y / 100);
    int64_t m = (5 * of_year + 2) / 153;

    *day = (int)(of_year - (153 * m + 2) / 5 + 1);
    *month = (int)(m < 10 ? m + 3 : m - 9);
    *year = y + era * 400 + (*month <= 2);
}

typedef struct cursor {
    const char *at;
    const char *end;
} cursor;

/* min to max digits; -1 otherwise. */
static int64_t take_number(cursor *c, int min, int max)
{
    int64_t value = 0;
    int count = 0;

    while (c->at < c->end && is_digit(*c->at) && count < max) {
        value = value * 10 + (*c->at++ - '0');
        count++;
    }
    return count < min ? -1 : value;
}

static bool take_char(cursor *c, char expected)
{
    if (c->at == c->end || *c->at != expected)
        return false;
    c->at++;
    return true;
}

static bool take_date(cursor *c, time_text *t, int64_t *year, int *month, int *day)
{
    const char *start = c->at;
    int64_t value = take_number(c, 4, 7);

    t->year_digits = (int)(c->at - start);
    *year = value;
    if (value < 0 || (t->year_digits > 4 && *start == '0') || !take_char(c, '-'))
        return false;
    *month = (int)take_number(c, 2, 2);
    if (!take_char(c, '-'))
        return false;
    *day = (int)take_number(c, 2, 2);
    return *month >= 1 && *month <= 12 && *day >= 1 && *day <= 31;
}

static bool take_fraction(cursor *c, time_text *t, int64_t *us)
{
    const char *start = c->at;
    int64_t value = take_number(c, 1, 6);

    if (value < 0 || (c->at < c->end && is_digit(*c->at)))
        return false;
    t->fraction = (int)(c->at - start);
    for (int i = t->fraction; i < 6; i++)
        value *= 10;
    *us = value;
    return true;
}

static bool take_clock(cursor *c, time_text *t, int64_t *us)
{
    int64_t hour = take_number(c, 2, 2);
    int64_t minute;
    int64_t second = 0;
    int64_t part = 0;

    if (hour < 0 || hour > 23 || !take_char(c, ':'))
        return false;
    minute = take_number(c, 2, 2);
    if (minute < 0 || minute > 59)
        return false;
    t->minutes = !take_char(c, ':');
    if (!t->minutes)
        second = take_number(c, 2, 2);
    if (second < 0 || second > 59)
        return false;
    if (!t->minutes && take_char(c, '.') && !take_fraction(c, t, &part))
        return false;
    *us = ((hour * 60 + minute) * 60 + second) * 1000000 + part;
    return true;
}

static bool take_zone(cursor *c, time_text *t)
{
    int64_t hour;
    int64_t minute = 0;
    int64_t second = 0;

    if (c->at == c->end)
        return true;
    if (take_char(c, 'Z')) {
        t->zone = 'Z';
        return true;
    }
    if (*c->at != '+' && *c->at != '-')
        return true;
    t->zone = *c->at++;
    hour = take_number(c, 2, 2);
    t->zone_form = 1;
    if (c->at < c->end && is_digit(*c->at)) {
        t->zone_form = 4;
        minute = take_number(c, 2, 2);
    } else if (take_char(c, ':')) {
        t->zone_form = 2;
        minute = take_number(c, 2, 2);
        if (take_char(c, ':')) {
            t->zone_form = 3;
            second = take_number(c, 2, 2);
        }
    }
    if (hour < 0 || hour > 18 || minute < 0 || minute > 59 || second < 0 || second > 59)
        return false;
    t->zone_seconds = (int)((hour * 60 + minute) * 60 + second);
    return true;
}

static bool is_infinity(const char *text, size_t len)
{
    return (len == 8 && memcmp(text, "infinity", 8) == 0) ||
           (len == 9 && memcmp(text, "-infinity", 9) == 0);
}

bool time_text_parse(const char *text, size_t len, time_text *out)
{
    time_text t = {.separator = ' '};
    cursor c = {text, text + len};
    int64_t year;
    int month;
    int day;
    int64_t us = 0;

    if (is_infinity(text, len)) {
        t.infinite = true;
        *out = t;
        return true;
    }
    if (len == 0 || !take_date(&c, &t, &year, &month, &day))
        return false;
    t.date = c.at == c.end || (*c.at != ' ' && *c.at != 'T') || c.end - c.at == 3;
    if (!t.date) {
        t.separator = *c.at++;
        if (!take_clock(&c, &t, &us) || !take_zone(&c, &t))
            return false;
    }
    if (c.end - c.at == 3 && memcmp(c.at, " BC", 3) == 0) {
        t.bc = true;
        c.at += 3;
        year = 1 - year;
    }
    if (c.at != c.end || year > 294276 + 5600000 || year < -4800)
        return false;

    int64_t days = days_of(year, month, day);
    int64_t same_year;
    int same_month;
    int same_day;

    date_of(days, &same_year, &same_month, &same_day);
    if (same_day != day || days > INT64_MAX / RH_TIME_DAY_US - 2)
        return false;
    if (t.zone == '+' || t.zone == '-')
        us -= (int64_t)(t.zone == '+' ? t.zone_seconds : -t.zone_seconds) * 1000000;
    t.us = days * RH_TIME_DAY_US + us;
    *out = t;
    return true;
}

static size_t put_zone(const time_text *at, char *out, size_t size)
{
    int s = at->zone_seconds;
    int n = 0;

    if (at->zone == 'Z') {
        *out = 'Z';
        return 1;
    }
    if (at->zone_form == 1)
        n = snprintf(out, size, "%c%02d", at->zone, s / 3600);
    else if (at->zone_form == 2)
        n = snprintf(out, size, "%c%02d:%02d", at->zone, s / 3600, s / 60 % 60);
    else if (at->zone_form == 3)
        n = snprintf(out, size, "%c%02d:%02d:%02d", at->zone, s / 3600, s / 60 % 60, s % 60);
    else if (at->zone_form == 4)
        n = snprintf(out, size, "%c%02d%02d", at->zone, s / 3600, s / 60 % 60);
    return n < 0 ? 0 : (size_t)n;
}

static size_t put_clock(const time_text *at, int64_t of_day, bool trim, char *out)
{
    int64_t seconds = of_day / 1000000;
    size_t fraction = trim ? 6 : (size_t)at->fraction;
    size_t len = 0;

    out[len++] = at->separator;
    len += text_put_digits(seconds / 3600, 2, out + len);
    out[len++] = ':';
    len += text_put_digits(seconds / 60 % 60, 2, out + len);
    if (at->minutes)
        return len;
    out[len++] = ':';
    len += text_put_digits(seconds % 60, 2, out + len);
    if (fraction == 0)
        return len;
    out[len++] = '.';
    (void)text_put_digits(of_day % 1000000, 6, out + len);
    len += fraction;
    while (trim && out[len - 1] == '0')
        len--;
    return out[len - 1] == '.' ? len - 1 : len;
}

size_t time_text_put(const time_text *at, bool trim, char out[TIME_TEXT_BYTES])
{
    int64_t local = at->us;
    int64_t days;
    int64_t year;
    int month;
    int day;
    size_t len;

    if (at->zone == '+' || at->zone == '-')
        local += (int64_t)(at->zone == '+' ? at->zone_seconds : -at->zone_seconds) * 1000000;
    days = local / RH_TIME_DAY_US - (local % RH_TIME_DAY_US < 0);
    date_of(days, &year, &month, &day);
    if (year < -4712 || year > (at->date ? 5874897 : 294276))
        return 0;

    bool bc = year <= 0;

    year = bc ? 1 - year : year;
    len = text_put_digits(year, year > 999999 ? 7 : year > 99999 ? 6 : year > 9999 ? 5 : 4, out);
    out[len++] = '-';
    len += text_put_digits(month, 2, out + len);
    out[len++] = '-';
    len += text_put_digits(day, 2, out + len);
    if (!at->date) {
        len += put_clock(at, local - days * RH_TIME_DAY_US, trim, out + len);
        len += put_zone(at, out + len, TIME_TEXT_BYTES - len);
    }
    if (bc) {
        memcpy(out + len, " BC", 3);
        len += 3;
    }
    return len;
}

/* ---- options ---- */

rh_status time_options_read(const mask_compiler *c, const mask_node *node, time_options *out,
                            rh_error *err)
{
    const int64_t ppm[2] = {1, 1000000};
    const int64_t weeks[2] = {0, 5200};
    const char *anchor = "2000-01-01";
    int64_t stretch = 10000;
    int64_t shift = 52;
    time_text at;
    rh_status status = param_text(c, node, "anchor", &anchor, err);

    if (status == RH_OK)
        status = param_integer(c, node, "stretch-ppm", ppm, &stretch, err);
    if (status == RH_OK)
        status = param_integer(c, node, "shift-weeks", weeks, &shift, err);
    if (status != RH_OK)
        return status;
    if (!time_text_parse(anchor, strlen(anchor), &at) || at.infinite)
        return param_error(c, node->parameters, "anchor", err, "'anchor' must be a date");
    out->map = (rh_time_map_options){at.us, (uint32_t)stretch, (uint32_t)shift};
    return RH_OK;
}

rh_status time_options_open(const time_options *options, const rh_mask_key *key, const char *domain,
                            rh_time_map **out, rh_error *err)
{
    return rh_time_map_new(key, domain, &options->map, out, err);
}
