#include "anonymize/check_digit.h"

#include <string.h>

enum { MAX_DIGITS = 19, MIN_CARD = 12, MIN_IBAN = 15, MAX_IBAN = 34 };

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* The places of the significant characters; false when there is any other than a separator. */
static bool find_places(const char *text, size_t len, bool letters, size_t *places, size_t *count,
                        size_t max)
{
    *count = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == ' ' || (text[i] == '-' && !letters))
            continue;
        if (!is_digit(text[i]) && !(letters && is_upper(text[i])))
            return false;
        if (*count == max)
            return false;
        places[(*count)++] = i;
    }
    return true;
}

/* Sum of Luhn over the digits at places; the last digit counts once. */
static unsigned luhn_sum(const char *text, const size_t *places, size_t count)
{
    unsigned sum = 0;

    for (size_t i = 0; i < count; i++) {
        unsigned digit = (unsigned)(text[places[count - 1 - i]] - '0');
        unsigned twice = 2 * digit;

        sum += i % 2 == 0 ? digit : twice - (twice > 9 ? 9 : 0);
    }
    return sum;
}

bool rh_luhn_valid(const char *text, size_t len)
{
    size_t places[MAX_DIGITS * 4];
    size_t count;

    return find_places(text, len, false, places, &count, sizeof places / sizeof places[0]) &&
           count >= 2 && luhn_sum(text, places, count) % 10 == 0;
}

bool rh_card_map(rh_class_text *digits, char *text, size_t len, size_t keep_bin)
{
    size_t places[MAX_DIGITS];
    size_t count;
    char body[MAX_DIGITS];

    if (!rh_luhn_valid(text, len) || !find_places(text, len, false, places, &count, MAX_DIGITS) ||
        count < MIN_CARD || keep_bin + 7 > count)
        return false;

    size_t free_digits = count - 1 - keep_bin;

    for (size_t i = 0; i < free_digits; i++)
        body[i] = text[places[keep_bin + i]];

    rh_class_item item = {body, free_digits, false};

    if (rh_class_text_map(digits, &item, 1) != 0)
        return false;
    for (size_t i = 0; i < free_digits; i++)
        text[places[keep_bin + i]] = body[i];
    text[places[count - 1]] = '0';
    text[places[count - 1]] = (char)('0' + (10 - luhn_sum(text, places, count) % 10) % 10);
    return true;
}

/* The number that an IBAN stands for, modulo 97: its first four characters count last. */
static unsigned mod_97(const char *text, const size_t *places, size_t count)
{
    unsigned rest = 0;

    for (size_t i = 0; i < count; i++) {
        char c = text[places[(i + 4) % count]];

        rest =
            is_digit(c) ? rest * 10 + (unsigned)(c - '0') : rest * 100 + (unsigned)(c - 'A') + 10;
        rest %= 97;
    }
    return rest;
}

static bool iban_places(const char *text, size_t len, size_t places[MAX_IBAN], size_t *count)
{
    return find_places(text, len, true, places, count, MAX_IBAN) && *count >= MIN_IBAN &&
           is_upper(text[places[0]]) && is_upper(text[places[1]]) && is_digit(text[places[2]]) &&
           is_digit(text[places[3]]);
}

bool rh_iban_valid(const char *text, size_t len)
{
    size_t places[MAX_IBAN];
    size_t count;

    return iban_places(text, len, places, &count) && mod_97(text, places, count) == 1;
}

bool rh_iban_map(rh_class_text *classes, char *text, size_t len, size_t keep)
{
    size_t places[MAX_IBAN];
    size_t count;
    char body[MAX_IBAN];

    if (!rh_iban_valid(text, len) || !iban_places(text, len, places, &count))
        return false;
    /* 00 and 01 stand for 97 and 98 here and are never issued: two inputs, one image. */
    unsigned check = (unsigned)(text[places[2]] - '0') * 10 + (unsigned)(text[places[3]] - '0');

    if (keep + 4 >= count || check < 2 || check > 98)
        return false;

    size_t from = 4 + keep;

    for (size_t i = from; i < count; i++)
        body[i - from] = text[places[i]];

    rh_class_item item = {body, count - from, false};

    if (rh_class_text_map(classes, &item, 1) != 0)
        return false;
    for (size_t i = from; i < count; i++)
        text[places[i]] = body[i - from];
    text[places[2]] = '0';
    text[places[3]] = '0';
    check = 98 - mod_97(text, places, count);
    text[places[2]] = (char)('0' + check / 10);
    text[places[3]] = (char)('0' + check % 10);
    return true;
}
