/*
 * How much a token says: identifiers are strong, words and short numbers weak or nothing.
 */
#include "token_strength.h"

enum { SURE_PHRASE_BYTES = 24, SURE_WORD_BYTES = 24, MIXED_BYTES = 8 };

bool rh_leak_monotonous(const uint8_t *text, size_t len)
{
    uint64_t seen = 0;
    unsigned distinct = 0;

    for (size_t i = 0; i < len && distinct < 4; i++) {
        uint64_t bit = (uint64_t)1 << (text[i] & 63);

        distinct += (seen & bit) == 0;
        seen |= bit;
    }
    return distinct < 4;
}

static bool is_digit(uint8_t byte)
{
    return (rh_token_class[byte] & TOKEN_DIGIT) != 0;
}

bool rh_leak_is_date(const uint8_t *text, size_t len)
{
    static const char form[] = "dddd-dd-dd";

    if (len < sizeof form - 1 || len > 40)
        return false;
    for (size_t i = 0; i < sizeof form - 1; i++) {
        if (form[i] == 'd' ? !is_digit(text[i]) : text[i] != '-')
            return false;
    }
    return len == sizeof form - 1 || text[10] == 'T' || text[10] == 't' || text[10] == ' ' ||
           text[10] == '_';
}

size_t rh_leak_significant_digits(const uint8_t *text, size_t len)
{
    size_t count = 0;
    size_t zeros = 0;

    for (size_t i = 0; i < len; i++) {
        if (!is_digit(text[i]))
            continue;
        if (text[i] == '0') {
            zeros += count > 0;
        } else {
            count += zeros + 1;
            zeros = 0;
        }
    }
    return count;
}

static size_t count_byte(const uint8_t *text, size_t len, uint8_t byte)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++)
        count += text[i] == byte;
    return count;
}

static size_t count_class(const uint8_t *text, size_t len, unsigned mask)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++)
        count += (rh_token_class[text[i]] & mask) != 0;
    return count;
}

/* Addresses of one's own network and of examples stand in settings and defaults everywhere. */
static bool is_local_ipv4(const uint8_t *text, size_t len)
{
    static const char *const starts[] = {"10.",  "127.", "192.168.", "169.254.", "172.16.",
                                         "255.", "0.",   "192.0.2.", "198.51.",  "203.0.113."};

    for (size_t s = 0; s < sizeof starts / sizeof starts[0]; s++) {
        size_t i = 0;

        while (starts[s][i] != '\0' && i < len && (uint8_t)starts[s][i] == text[i])
            i++;
        if (starts[s][i] == '\0')
            return true;
    }
    return false;
}

/* Digits and signs, no letter. */
static token_strength number_strength(const uint8_t *text, size_t len, unsigned mask)
{
    size_t digits = count_class(text, len, TOKEN_DIGIT);
    size_t dots = count_byte(text, len, '.');
    size_t dashes = count_byte(text + 1, len - 1, '-');
    size_t significant;

    if (rh_leak_is_date(text, len) || (mask & TOKEN_SPLIT) != 0)
        return TOKEN_NONE;
    if (dots == 3 && dashes == 0 && digits + dots == len)
        return is_local_ipv4(text, len) ? TOKEN_WEAK : TOKEN_STRONG;
    if (rh_leak_monotonous(text, len))
        return TOKEN_NONE;
    if (text[0] == '+' && digits + 1 == len)
        return digits >= TOKEN_MIN_DIGITS ? TOKEN_STRONG : TOKEN_NONE;
    if (dashes > 0)
        return digits >= 9 ? TOKEN_STRONG : digits >= 7 ? TOKEN_WEAK : TOKEN_NONE;
    significant = rh_leak_significant_digits(text, len);
    if (significant >= TOKEN_SURE_DIGITS)
        return TOKEN_STRONG;
    return significant >= TOKEN_MIN_DIGITS && dots == 0 ? TOKEN_WEAK : TOKEN_NONE;
}

/* "1.5e+10", "-3e8" */
static bool is_float(const uint8_t *text, size_t len)
{
    return (is_digit(text[0]) || text[0] == '-') && count_class(text, len, TOKEN_LETTER) == 1 &&
           count_byte(text, len, 'e') + count_byte(text, len, 'E') == 1;
}

static bool has_two_digits(const uint8_t *text, size_t len)
{
    unsigned count = 0;

    for (size_t i = 0; i < len && count < 2; i++)
        count += is_digit(text[i]);
    return count == 2;
}

/* No digit: a word, or an e-mail address. */
static token_strength word_strength(const uint8_t *text, size_t len, unsigned mask, bool whole)
{
    if ((mask & TOKEN_LETTER) == 0)
        return TOKEN_NONE;
    if ((mask & TOKEN_AT) != 0 && text[0] != '@')
        return count_byte(text, len, '.') > 0 ? TOKEN_STRONG : TOKEN_WEAK;
    if (len >= SURE_WORD_BYTES && (mask & TOKEN_LOWER) != 0 && (mask & TOKEN_UPPER) != 0)
        return TOKEN_STRONG;
    return whole && !rh_leak_monotonous(text, len) ? TOKEN_WEAK : TOKEN_NONE;
}

token_strength rh_leak_run_strength(const uint8_t *text, size_t len, unsigned mask, bool whole)
{
    if (len < TOKEN_MIN_BYTES)
        return TOKEN_NONE;
    if ((mask & TOKEN_DIGIT) == 0)
        return word_strength(text, len, mask, whole);
    if ((mask & TOKEN_LETTER) == 0)
        return (mask & TOKEN_AT) != 0 ? TOKEN_NONE : number_strength(text, len, mask);
    if (rh_leak_monotonous(text, len) || rh_leak_is_date(text, len) || is_float(text, len))
        return TOKEN_NONE;
    if (len < MIXED_BYTES || (len < 2 * MIXED_BYTES && !has_two_digits(text, len)))
        return (mask & TOKEN_AT) != 0 && len >= MIXED_BYTES ? TOKEN_STRONG : TOKEN_WEAK;
    return TOKEN_STRONG;
}

token_strength rh_leak_phrase_strength(const uint8_t *text, size_t len, unsigned mask)
{
    size_t capitals = 0;
    size_t words = 0;
    bool inside = false;

    if (len < 8 || (mask & TOKEN_LETTER) == 0 || rh_leak_is_date(text, len) ||
        rh_leak_monotonous(text, len))
        return TOKEN_NONE;
    for (size_t i = 0; i < len; i++) {
        uint8_t class = rh_token_class[text[i]];
        bool word = (class & TOKEN_SEPARATOR) == 0;

        if (word && !inside) {
            words++;
            capitals += (class & (TOKEN_UPPER | TOKEN_HIGH)) != 0;
        }
        inside = word;
    }
    if (words < 2)
        return TOKEN_WEAK;
    if ((mask & TOKEN_DIGIT) != 0)
        return len >= 12 && count_class(text, len, TOKEN_LETTER) >= 4 ? TOKEN_STRONG : TOKEN_WEAK;
    return capitals >= 2 || len >= SURE_PHRASE_BYTES ? TOKEN_STRONG : TOKEN_WEAK;
}
