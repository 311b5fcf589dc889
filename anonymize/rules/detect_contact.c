/*
 * E-mail and network addresses, telephone numbers, places.
 */
#include <arpa/inet.h>
#include <string.h>

#include "detect.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "name.tld" with labels of letters, digits, hyphens; UTF-8 letters pass. */
static bool is_host(const char *text, size_t len)
{
    size_t label = 0;
    size_t labels = 0;

    for (size_t i = 0; i < len; i++) {
        char c = text[i];

        if (c == '.') {
            if (label == 0)
                return false;
            label = 0;
            labels++;
        } else if (is_letter(c) || is_digit(c) || c == '-' || (unsigned char)c >= 0x80) {
            label++;
        } else {
            return false;
        }
    }
    return labels > 0 && label >= 2 && !is_digit(text[len - 1]);
}

bool detect_email(const char *text, size_t len)
{
    const char *at = memchr(text, '@', len);
    size_t local;

    if (at == NULL || at == text || len > 320)
        return false;
    local = (size_t)(at - text);
    for (size_t i = 0; i < local; i++) {
        if ((unsigned char)text[i] <= ' ' || strchr("<>()[],;:\"", text[i]) != NULL)
            return false;
    }
    return is_host(at + 1, len - local - 1);
}

bool detect_url(const char *text, size_t len)
{
    size_t i = 0;

    while (i < len && i < 16 && (is_letter(text[i]) || (i > 0 && strchr("+-.", text[i]) != NULL)))
        i++;
    return i >= 2 && len > i + 3 && memcmp(text + i, "://", 3) == 0 &&
           memchr(text, ' ', len) == NULL;
}

bool detect_ip(const char *text, size_t len)
{
    char copy[64];
    unsigned char address[16];
    char *slash;

    if (len < 2 || len >= sizeof copy || memchr(text, '\0', len) != NULL)
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    slash = strchr(copy, '/');
    if (slash != NULL) {
        size_t digits = strspn(slash + 1, "0123456789");

        if (digits == 0 || digits > 3 || slash[1 + digits] != '\0')
            return false;
        *slash = '\0';
    }
    return inet_pton(AF_INET, copy, address) == 1 || inet_pton(AF_INET6, copy, address) == 1;
}

bool detect_mac(const char *text, size_t len)
{
    if (len != 17)
        return false;
    for (size_t i = 0; i < len; i++) {
        bool hex = is_digit(text[i]) || (text[i] >= 'a' && text[i] <= 'f') ||
                   (text[i] >= 'A' && text[i] <= 'F');

        if (i % 3 == 2 ? (text[i] != ':' && text[i] != '-') : !hex)
            return false;
    }
    return true;
}

/* With a plus, or with separators and long enough to be no date. */
bool detect_phone(const char *text, size_t len)
{
    size_t digits = 0;
    size_t separators = 0;
    bool plus = len > 0 && text[0] == '+';

    for (size_t i = plus ? 1 : 0; i < len; i++) {
        if (is_digit(text[i]))
            digits++;
        else if (text[i] != '\0' && strchr(" -()/", text[i]) != NULL)
            separators++;
        else
            return false;
    }
    if (plus)
        return digits >= 7 && digits <= 15;
    return separators > 0 && separators <= 6 && digits >= 9 && digits <= 15;
}

/* A signed decimal number with a fraction; returns what is behind it, NULL when there is none. */
static const char *skip_degrees(const char *at, const char *end)
{
    size_t whole = 0;
    size_t fraction = 0;

    if (at < end && (*at == '-' || *at == '+'))
        at++;
    for (; at < end && is_digit(*at); at++)
        whole++;
    if (at == end || *at != '.' || whole == 0 || whole > 3)
        return NULL;
    for (at++; at < end && is_digit(*at); at++)
        fraction++;
    return fraction >= 3 ? at : NULL;
}

/* "52.5200, 13.4050", with brackets perhaps. */
bool detect_geo(const char *text, size_t len)
{
    const char *end = text + len;
    const char *at = text;

    if (len >= 2 && text[0] == '(' && text[len - 1] == ')') {
        at++;
        end--;
    }
    at = skip_degrees(at, end);
    if (at == NULL || at == end || (*at != ',' && *at != ';'))
        return false;
    at++;
    while (at < end && *at == ' ')
        at++;
    return skip_degrees(at, end) == end;
}

/* Whether text begins with the pattern: 0 is a digit, everything else itself, ? a blank or T. */
static bool has_form(const char *text, size_t len, const char *pattern)
{
    for (size_t i = 0; pattern[i] != '\0'; i++) {
        if (i >= len)
            return false;
        if (pattern[i] == '0'   ? !is_digit(text[i])
            : pattern[i] == '?' ? text[i] != ' ' && text[i] != 'T'
                                : text[i] != pattern[i])
            return false;
    }
    return true;
}

bool detect_date(const char *text, size_t len)
{
    static const char SECONDS[] = "0000-00-00?00:00:00";
    size_t at = sizeof SECONDS - 1;
    int month;
    int day;

    if (!has_form(text, len, "0000-00-00"))
        return false;
    month = (text[5] - '0') * 10 + text[6] - '0';
    day = (text[8] - '0') * 10 + text[9] - '0';
    if (month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    if (len == 10)
        return true;
    if (!has_form(text, len, SECONDS))
        return false;
    if (has_form(text + at, len - at, ".0")) {
        for (at++; at < len && is_digit(text[at]); at++) {
        }
    }
    if (at < len && text[at] == 'Z')
        at++;
    else if (has_form(text + at, len - at, "+00:00") || has_form(text + at, len - at, "-00:00"))
        at += 6;
    return at == len;
}
