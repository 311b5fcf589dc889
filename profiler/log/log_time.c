/*
 * Timestamps as logs write them, see log_time.h.
 */
#include "log_time.h"

#include <string.h>

#include "log_text.h"

enum { MINUTE_BYTES = 16, SECOND_BYTES = 19 };

static const int64_t SECOND_US = 1000000;

/* Days since 1970-01-01 of a date of the Gregorian calendar (Howard Hinnant, "chrono-compatible
 * low-level date algorithms", days_from_civil). */
static int64_t days_from_civil(int64_t year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400;
    int64_t of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

/* Exactly n digits; -1 when there are others. */
static int number(const char *text, size_t n)
{
    int value = 0;

    for (size_t i = 0; i < n; i++) {
        if (!log_is_digit(text[i]))
            return -1;
        value = value * 10 + (text[i] - '0');
    }
    return value;
}

static bool parse_minute(const char *text, int64_t *out_us)
{
    int year = number(text, 4);
    int month = number(text + 5, 2);
    int day = number(text + 8, 2);
    int hour = number(text + 11, 2);
    int minute = number(text + 14, 2);

    if (text[4] != '-' || text[7] != '-' || (text[10] != ' ' && text[10] != 'T') || text[13] != ':')
        return false;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || hour < 0 || hour > 24 ||
        minute < 0 || minute > 59)
        return false;
    *out_us = ((days_from_civil(year, month, day) * 24 + hour) * 60 + minute) * 60 * SECOND_US;
    return true;
}

static size_t parse_fraction(const char *text, size_t len, int64_t *us)
{
    int64_t unit = SECOND_US / 10;
    size_t n = 1;

    if (len < 2 || (text[0] != '.' && text[0] != ',') || !log_is_digit(text[1]))
        return 0;
    for (; n < len && log_is_digit(text[n]); n++, unit /= 10)
        *us += unit * (text[n] - '0');
    return n;
}

/* ---- zones ---- */

/* Names that PostgreSQL prints and their minutes east of Greenwich. Where a name has several
 * meanings it is the one of PostgreSQL's default set. */
static const struct zone {
    const char *name;
    int minutes;
} zones[] = {
    {"UTC", 0},    {"GMT", 0},     {"Z", 0},       {"CET", 60},   {"CEST", 120}, {"EST", -300},
    {"EDT", -240}, {"CST", -360},  {"CDT", -300},  {"MST", -420}, {"MDT", -360}, {"PST", -480},
    {"PDT", -420}, {"AKST", -540}, {"AKDT", -480}, {"HST", -600}, {"AST", -240}, {"ADT", -180},
    {"NST", -210}, {"NDT", -150},  {"WET", 0},     {"WEST", 60},  {"BST", 60},   {"EET", 120},
    {"EEST", 180}, {"MSK", 180},   {"IST", 120},   {"IDT", 180},  {"SAST", 120}, {"JST", 540},
    {"KST", 540},  {"HKT", 480},   {"AWST", 480},  {"ACST", 570}, {"ACDT", 630}, {"AEST", 600},
    {"AEDT", 660}, {"NZST", 720},  {"NZDT", 780},  {"WIB", 420},  {"UCT", 0},
};

static bool zone_by_name(const char *name, size_t len, int64_t *out_us)
{
    for (size_t i = 0; i < sizeof zones / sizeof zones[0]; i++) {
        if (strlen(zones[i].name) == len && memcmp(zones[i].name, name, len) == 0) {
            *out_us = zones[i].minutes * 60 * SECOND_US;
            return true;
        }
    }
    return false;
}

/* "+01", "-0330", "+05:30": bytes read, 0 when it is none. */
static size_t zone_by_number(const char *text, size_t len, int64_t *out_us)
{
    int64_t sign = text[0] == '-' ? -1 : 1;
    int hours = len >= 3 ? number(text + 1, 2) : -1;
    int minutes = 0;
    size_t n = 3;

    if (hours < 0)
        return 0;
    if (len >= 6 && text[3] == ':' && number(text + 4, 2) >= 0) {
        minutes = number(text + 4, 2);
        n = 6;
    } else if (len >= 5 && number(text + 3, 2) >= 0) {
        minutes = number(text + 3, 2);
        n = 5;
    }
    *out_us = sign * (hours * 60 + minutes) * 60 * SECOND_US;
    return n;
}

/* The zone at text, without a space before it. Returns its bytes. */
static size_t parse_zone(log_clock *clock, const char *text, size_t len, int64_t *out_us)
{
    size_t n = 0;

    if (clock->zone_len > 0 && len > clock->zone_len &&
        memcmp(text, clock->zone, clock->zone_len) == 0 && !log_is_letter(text[clock->zone_len]) &&
        !log_is_digit(text[clock->zone_len]) && text[clock->zone_len] != ':') {
        clock->unknown_zone += !clock->zone_known;
        *out_us = clock->zone_us;
        return clock->zone_len;
    }
    *out_us = 0;
    clock->zone_known = true;
    if (len > 0 && (text[0] == '+' || text[0] == '-')) {
        n = zone_by_number(text, len, out_us);
    } else {
        while (n < len && n < 6 && log_is_letter(text[n]))
            n++;
        if (n > 0 && !zone_by_name(text, n, out_us)) {
            clock->zone_known = false;
            clock->unknown_zone++;
        }
    }
    if (n > 0 && n < sizeof clock->zone) {
        memcpy(clock->zone, text, n);
        clock->zone_len = n;
        clock->zone_us = *out_us;
    }
    return n;
}

size_t log_time_iso(log_clock *clock, const char *text, size_t len, int64_t *out_us)
{
    int64_t us;
    int64_t zone_us = 0;
    int second;
    size_t at = SECOND_BYTES;

    if (len < SECOND_BYTES || text[16] != ':')
        return 0;
    if (memcmp(text, clock->minute, MINUTE_BYTES) != 0) {
        if (!parse_minute(text, &clock->minute_us)) {
            clock->minute[0] = '\0';
            return 0;
        }
        memcpy(clock->minute, text, MINUTE_BYTES);
    }
    second = number(text + 17, 2);
    if (second < 0 || second > 60)
        return 0;
    us = clock->minute_us + second * SECOND_US;
    at += parse_fraction(text + at, len - at, &us);
    if (at < len && text[at] == ' ' && at + 1 < len &&
        (log_is_letter(text[at + 1]) || text[at + 1] == '+' || text[at + 1] == '-')) {
        size_t n = parse_zone(clock, text + at + 1, len - at - 1, &zone_us);

        at += n == 0 ? 0 : n + 1;
    } else if (at < len && (text[at] == 'Z' || text[at] == '+' || text[at] == '-')) {
        at += parse_zone(clock, text + at, len - at, &zone_us);
    }
    *out_us = us - zone_us;
    return at;
}

/* ---- others ---- */

static int month_of(const char *text)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

    for (int i = 0; i < 12; i++) {
        if (memcmp(text, names + (ptrdiff_t)i * 3, 3) == 0)
            return i + 1;
    }
    return 0;
}

static int64_t year_of(int64_t us)
{
    int64_t days = us / SECOND_US / 86400;
    int64_t year = 1970 + days / 366;

    while (days_from_civil(year + 1, 1, 1) <= days)
        year++;
    return year;
}

size_t log_time_syslog(const log_clock *clock, const char *text, size_t len, int64_t *out_us)
{
    int day;
    int month;
    int64_t seconds;
    int64_t year = year_of(clock->now_us);

    if (len < 15 || text[3] != ' ' || text[6] != ' ' || text[9] != ':' || text[12] != ':')
        return 0;
    month = month_of(text);
    day = text[4] == ' ' ? number(text + 5, 1) : number(text + 4, 2);
    if (month == 0 || day < 1 || day > 31 || number(text + 7, 2) < 0 || number(text + 10, 2) < 0 ||
        number(text + 13, 2) < 0)
        return 0;
    seconds = number(text + 7, 2) * 3600 + number(text + 10, 2) * 60 + number(text + 13, 2);
    *out_us = (days_from_civil(year, month, day) * 86400 + seconds) * SECOND_US;
    /* A day of grace: the machine's zone is not known. */
    if (*out_us > clock->now_us + 86400 * SECOND_US)
        *out_us = (days_from_civil(year - 1, month, day) * 86400 + seconds) * SECOND_US;
    return 15;
}

size_t log_time_epoch(const char *text, size_t len, int64_t *out_us)
{
    uint64_t seconds = 0;
    size_t n = log_digits(text, len, &seconds);

    if (n < 9 || n > 11)
        return 0;
    *out_us = (int64_t)seconds * SECOND_US;
    return n + parse_fraction(text + n, len - n, out_us);
}
