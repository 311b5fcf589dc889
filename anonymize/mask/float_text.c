/*
 * See float_text.h. The form is that of PostgreSQL's float8out and float4out with
 * extra_float_digits above 0, the default since version 12.
 */
#include "float_text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { DOUBLE_DIGITS = 17, FLOAT_DIGITS = 9, DOUBLE_PLAIN = 15, FLOAT_PLAIN = 6 };

static bool reads_back(const char *text, double value, bool single)
{
    float narrow;
    double wide;

    if (single)
        return sscanf(text, "%f", &narrow) == 1 && (double)narrow == value;
    return sscanf(text, "%lf", &wide) == 1 && wide == value;
}

static bool read_nearest(const char *decimal, bool single, double *out)
{
    float narrow;

    if (!single)
        return sscanf(decimal, "%lf", out) == 1 && isfinite(*out);
    if (sscanf(decimal, "%f", &narrow) != 1 || !isfinite(narrow))
        return false;
    *out = (double)narrow;
    return true;
}

size_t float_text_nearest(const char *decimal, bool single, char out[FLOAT_TEXT_BYTES])
{
    int most = single ? FLOAT_DIGITS : DOUBLE_DIGITS;
    int plain = single ? FLOAT_PLAIN : DOUBLE_PLAIN;
    char text[FLOAT_TEXT_BYTES];
    double value;
    int digits = 0;
    int exponent = 0;
    int len;

    if (!read_nearest(decimal, single, &value))
        return 0;
    if (value == 0) /* the type has nothing that small, or it is zero */
        return strpbrk(decimal, "123456789") != NULL
                   ? 0
                   : (size_t)snprintf(out, FLOAT_TEXT_BYTES, "%s0", signbit(value) ? "-" : "");
    do {
        (void)snprintf(text, sizeof text, "%.*e", digits, value);
        digits++;
    } while (digits < most && !reads_back(text, value, single));
    (void)sscanf(strchr(text, 'e') + 1, "%d", &exponent);
    if (exponent < -4 || exponent >= plain)
        len = snprintf(out, FLOAT_TEXT_BYTES, "%s", text);
    else
        len = snprintf(out, FLOAT_TEXT_BYTES, "%.*f",
                       digits - 1 > exponent ? digits - 1 - exponent : 0, value);
    return len > 0 && len < FLOAT_TEXT_BYTES ? (size_t)len : 0;
}
