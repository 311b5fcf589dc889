/*
 * Payment cards, IBANs, UUIDs.
 */
#include "anonymize/check_digit.h"
#include "detect.h"

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool detect_uuid(const char *text, size_t len)
{
    if (len != 36)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? text[i] != '-' : !is_hex(text[i]))
            return false;
    }
    return true;
}

/* The first digit tells the networks (3 to 6); one number in ten passes Luhn by chance. */
bool detect_card(const char *text, size_t len)
{
    size_t digits = 0;

    if (len < 13 || len > 23 || text[0] < '3' || text[0] > '6')
        return false;
    for (size_t i = 0; i < len; i++)
        digits += text[i] >= '0' && text[i] <= '9' ? 1 : 0;
    return digits >= 13 && digits <= 19 && rh_luhn_valid(text, len);
}

bool detect_iban(const char *text, size_t len)
{
    return len >= 15 && len <= 42 && rh_iban_valid(text, len);
}

bool detect_hash(const char *text, size_t len)
{
    size_t from = len == 66 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X') ? 2 : 0;

    if (len - from != 64)
        return false;
    for (size_t i = from; i < len; i++) {
        if (!is_hex(text[i]))
            return false;
    }
    return true;
}

bool detect_outpoint(const char *text, size_t len)
{
    if (len < 66 || len > 75 || text[64] != ':' || !detect_hash(text, 64))
        return false;
    for (size_t i = 65; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
    }
    return true;
}
