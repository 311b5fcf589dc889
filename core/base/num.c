/*
 * Strict numbers from text, by hand: no locale, no leading blanks, every overflow caught.
 */
#include "core/num.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/str.h"

enum { MAX_FRACTION_DIGITS = 6 };

bool rh_num_scan_int64(const char *text, size_t len, int64_t *out)
{
    bool negative = len > 0 && text[0] == '-';
    size_t i = len > 0 && (text[0] == '-' || text[0] == '+') ? 1 : 0;
    size_t safe = i + 18; /* so many digits fit in any case */
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
    uint64_t value = 0;

    if (i == len)
        return false;
    for (; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;

        uint64_t digit = (uint64_t)(text[i] - '0');

        if (i >= safe && value > (limit - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    if (negative)
        *out = value == 0 ? 0 : -(int64_t)(value - 1) - 1;
    else
        *out = (int64_t)value;
    return true;
}

bool rh_num_scan_real(const char *text, size_t len, double *out)
{
    char copy[64];
    char *end = NULL;
    double value;

    if (len == 0 || len >= sizeof copy)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    if (strspn(copy, "+-.0123456789eE") < len)
        return false;
    value = strtod(copy, &end);
    if (*end != '\0' || !isfinite(value))
        return false;
    *out = value;
    return true;
}

rh_status rh_num_int64(const char *text, const char *what, int64_t min, int64_t max, int64_t *out,
                       rh_error *err)
{
    int64_t value = 0;

    if (!rh_num_scan_int64(text, strlen(text), &value))
        return rh_error_set(err, RH_EUSAGE, "%s must be a whole number, not '%.60s'", what, text);
    if (value < min || value > max)
        return rh_error_set(err, RH_EUSAGE,
                            "%s must be between %" PRId64 " and %" PRId64 ", not '%.60s'", what,
                            min, max, text);
    *out = value;
    return RH_OK;
}

/* A name and how much one of it is. */
typedef struct unit {
    const char *name;
    uint64_t factor;
} unit;

#define KI UINT64_C(1024)
#define KB UINT64_C(1000)

static const unit byte_units[] = {
    {"", 1},
    {"B", 1},
    {"K", KI},
    {"M", KI *KI},
    {"G", KI *KI *KI},
    {"T", KI *KI *KI *KI},
    {"KiB", KI},
    {"MiB", KI *KI},
    {"GiB", KI *KI *KI},
    {"TiB", KI *KI *KI *KI},
    {"KB", KB},
    {"MB", KB *KB},
    {"GB", KB *KB *KB},
    {"TB", KB *KB *KB *KB},
};

static const unit time_units[] = {
    {"", 1000000},     {"us", 1},          {"ms", 1000},        {"s", 1000000},
    {"min", 60000000}, {"h", 3600000000u}, {"d", 86400000000u},
};

static const unit *find_unit(const unit *units, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (rh_str_ieq(units[i].name, name))
            return &units[i];
    }
    return NULL;
}

/* Digits at *at as a value; false when there are none or they overflow. Advances *at. */
static bool take_digits(const char **at, uint64_t *out, int *out_digits)
{
    uint64_t value = 0;
    int digits = 0;

    for (; **at >= '0' && **at <= '9'; (*at)++, digits++) {
        uint64_t digit = (uint64_t)(**at - '0');

        if (value > (UINT64_MAX - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *out = value;
    *out_digits = digits;
    return digits > 0;
}

/* "12.5 unit" times the unit's factor, rounded down; false when it is not that or does not fit. */
static bool scan_quantity(const char *text, const unit *units, size_t count, uint64_t *out)
{
    const char *at = text;
    uint64_t whole = 0;
    uint64_t fraction = 0;
    uint64_t scale = 1;
    int digits = 0;

    if (!take_digits(&at, &whole, &digits))
        return false;
    if (*at == '.') {
        at++;
        if (!take_digits(&at, &fraction, &digits) || digits > MAX_FRACTION_DIGITS)
            return false;
        for (; digits > 0; digits--)
            scale *= 10;
    }
    if (*at == ' ' && at[1] != '\0')
        at++;

    const unit *u = find_unit(units, count, at);

    if (u == NULL || (u->factor == 1 && scale > 1) || whole > UINT64_MAX / u->factor)
        return false;

    /* factor <= 2^40 and fraction < 10^6 < 2^20: no overflow */
    uint64_t part = fraction * u->factor / scale;

    whole *= u->factor;
    if (whole > UINT64_MAX - part)
        return false;
    *out = whole + part;
    return true;
}

rh_status rh_num_bytes(const char *text, const char *what, uint64_t *out, rh_error *err)
{
    if (scan_quantity(text, byte_units, sizeof byte_units / sizeof byte_units[0], out))
        return RH_OK;
    return rh_error_set(err, RH_EUSAGE, "%s must be a size like 64KiB or 1.5GiB, not '%.60s'", what,
                        text);
}

rh_status rh_num_duration_us(const char *text, const char *what, int64_t *out, rh_error *err)
{
    uint64_t value = 0;

    if (scan_quantity(text, time_units, sizeof time_units / sizeof time_units[0], &value) &&
        value <= INT64_MAX) {
        *out = (int64_t)value;
        return RH_OK;
    }
    return rh_error_set(err, RH_EUSAGE, "%s must be a duration like 500ms, 30s or 2h, not '%.60s'",
                        what, text);
}

const char *rh_num_format_bytes(uint64_t bytes, char out[16])
{
    static const char *const names[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    size_t power = 0;
    uint64_t unit_bytes = 1;

    if (bytes < 1024) {
        (void)snprintf(out, 16, "%" PRIu64 " B", bytes);
        return out;
    }
    while (power < 6 && bytes / unit_bytes >= 1024) {
        unit_bytes *= 1024;
        power++;
    }

    uint64_t whole = bytes / unit_bytes;
    uint64_t rest = bytes % unit_bytes;
    uint64_t tenths = whole * 10 + (rest / (unit_bytes / 1024) * 10 + 512) / 1024;

    if (tenths >= 10240 && power < 6) { /* 1023.96 KiB reads better as 1.0 MiB */
        tenths = 10;
        power++;
    }
    (void)snprintf(out, 16, "%u.%u %s", (unsigned)(tenths / 10), (unsigned)(tenths % 10),
                   names[power]);
    return out;
}

const char *rh_num_format_count(int64_t count, char out[32])
{
    char digits[24];
    size_t at = 0;

    (void)snprintf(digits, sizeof digits, "%" PRId64, count);

    size_t len = strlen(digits);

    for (size_t i = 0; i < len; i++) {
        size_t left = len - i;

        if (i > 0 && left % 3 == 0 && digits[i - 1] != '-')
            out[at++] = ',';
        out[at++] = digits[i];
    }
    out[at] = '\0';
    return out;
}
