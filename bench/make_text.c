/*
 * Random values and their text. See make_text.h.
 */
#include "make_text.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* splitmix64: any seed is good, and nearby seeds give unrelated streams. */
uint64_t row_random(row_text *row)
{
    uint64_t z = row->state += 0x9e3779b97f4a7c15u;

    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void row_begin(row_text *row, uint64_t table, uint64_t number, bool sql)
{
    row->state = (table << 56) ^ (number * 0xd1342543de82ef95u);
    row->state = row_random(row);
    row->len = 0;
    row->fields = 0;
    row->sql = sql;
}

uint64_t row_below(row_text *row, uint64_t below)
{
    return (row_random(row) >> 16) % below;
}

uint64_t row_skewed(row_text *row, uint64_t below)
{
    uint64_t a = row_below(row, below);
    uint64_t b = row_below(row, below);
    uint64_t c = row_below(row, below);

    return a * b / below * c / below;
}

void text_add(char *out, size_t size, size_t *len, const char *format, ...)
{
    va_list args;
    int written;

    va_start(args, format);
    written = vsnprintf(out + *len, size - *len, format, args);
    va_end(args);
    if (written > 0)
        *len = *len + (size_t)written < size ? *len + (size_t)written : size - 1;
}

static void next_field(row_text *row)
{
    const char *between = row->sql ? "," : "\t";

    if (row->fields++ > 0)
        text_add(row->text, TEXT_MAX, &row->len, "%s", between);
}

void row_field(row_text *row, const char *text)
{
    next_field(row);
    if (text == NULL)
        text_add(row->text, TEXT_MAX, &row->len, "%s", row->sql ? "NULL" : "\\N");
    else
        text_add(row->text, TEXT_MAX, &row->len, row->sql ? "'%s'" : "%s", text);
}

void row_number(row_text *row, int64_t value)
{
    next_field(row);
    text_add(row->text, TEXT_MAX, &row->len, "%" PRId64, value);
}

void row_amount(row_text *row, int64_t hundredths)
{
    next_field(row);
    text_add(row->text, TEXT_MAX, &row->len, "%" PRId64 ".%02d", hundredths / 100,
             (int)(hundredths % 100));
}

/* Days since 1970 to year, month and day (proleptic Gregorian, after Hinnant). */
static void civil(int64_t days, int *year, int *month, int *day)
{
    int64_t z = days + 719468;
    int64_t era = z / 146097;
    int64_t doe = z % 146097;
    int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    int64_t mp = (5 * doy + 2) / 153;

    *day = (int)(doy - (153 * mp + 2) / 5 + 1);
    *month = (int)(mp < 10 ? mp + 3 : mp - 9);
    *year = (int)(yoe + era * 400 + (*month <= 2 ? 1 : 0));
}

void row_time(row_text *row, int64_t unix_us)
{
    int64_t seconds = unix_us / 1000000;
    int of_day = (int)(seconds % 86400);
    char text[64];
    size_t len = 0;
    int year;
    int month;
    int day;

    civil(seconds / 86400, &year, &month, &day);
    text_add(text, sizeof text, &len, "%04d-%02d-%02d %02d:%02d:%02d", year, month, day,
             of_day / 3600, of_day / 60 % 60, of_day % 60);
    if (unix_us % 1000000 != 0) {
        text_add(text, sizeof text, &len, ".%06d", (int)(unix_us % 1000000));
        while (text[len - 1] == '0') /* as the server prints it */
            len--;
    }
    text_add(text, sizeof text, &len, "+00");
    row_field(row, text);
}

void text_uuid(row_text *row, char out[40])
{
    uint64_t high = (row_random(row) & ~(uint64_t)0xf000) | 0x4000;
    uint64_t low = (row_random(row) & ~((uint64_t)3 << 62)) | (uint64_t)2 << 62;
    size_t len = 0;

    text_add(out, 40, &len, "%08" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%04" PRIx64 "-%012" PRIx64,
             high >> 32, high >> 16 & 0xffff, high & 0xffff, low >> 48, low & 0xffffffffffffu);
}
