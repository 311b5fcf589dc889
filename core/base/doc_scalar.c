/*
 * Which unquoted words of YAML are numbers.
 */
#include <string.h>

#include "doc_internal.h"

static size_t digits_at(const char *text)
{
    return strspn(text, "0123456789");
}

bool doc_number(const char *text, char out[DOC_NUMBER_BYTES])
{
    bool negative = *text == '-';
    const char *at = text + (*text == '-' || *text == '+' ? 1 : 0);
    const char *number = at;
    size_t whole = digits_at(at);
    size_t fraction = 0;

    if (whole > 1 && *at == '0')
        return false;
    at += whole;
    if (*at == '.') {
        fraction = digits_at(at + 1);
        if (fraction == 0)
            return false;
        at += 1 + fraction;
    }
    if (whole + fraction == 0)
        return false;
    if (*at == 'e' || *at == 'E') {
        at += at[1] == '+' || at[1] == '-' ? 2 : 1;
        if (digits_at(at) == 0)
            return false;
        at += digits_at(at);
    }
    if (*at != '\0' || (size_t)(at - number) + 3 > DOC_NUMBER_BYTES)
        return false;

    size_t len = 0;

    if (negative)
        out[len++] = '-';
    if (whole == 0)
        out[len++] = '0';
    memcpy(out + len, number, (size_t)(at - number) + 1);
    return true;
}
