/*
 * base64, escapes, UTF-16: the scan's own readers. They never fail; what cannot be undone stays.
 */
#include "decode.h"

static int base64_digit(uint8_t byte)
{
    if (byte >= 'A' && byte <= 'Z')
        return byte - 'A';
    if (byte >= 'a' && byte <= 'z')
        return byte - 'a' + 26;
    if (byte >= '0' && byte <= '9')
        return byte - '0' + 52;
    if (byte == '+' || byte == '-')
        return 62;
    return byte == '/' || byte == '_' ? 63 : -1;
}

size_t rh_leak_base64(const uint8_t *text, size_t len, uint8_t *out, size_t max)
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t count = 0;

    if (len % 4 == 1)
        return 0;
    for (size_t i = 0; i < len; i++) {
        int digit = base64_digit(text[i]);

        if (digit < 0)
            return 0;
        bits = (bits << 6 | (uint32_t)digit) & 0xffffff;
        held += 6;
        if (held >= 8) {
            held -= 8;
            if (count == max)
                return count;
            out[count++] = (uint8_t)(bits >> held);
        }
    }
    return count;
}

static bool is_printable(uint8_t byte)
{
    return (byte >= 32 && byte < 127) || byte == '\n' || byte == '\t' || byte == '\r';
}

bool rh_leak_looks_base64(const uint8_t *text, size_t len)
{
    uint8_t first[9];
    size_t count;

    if (len < 16 || len % 4 == 1)
        return false;
    count = rh_leak_base64(text, 12, first, sizeof first);
    if (count != sizeof first)
        return false;
    for (size_t i = 0; i < count; i++) {
        if (!is_printable(first[i]))
            return false;
    }
    return true;
}

static int hex_digit(uint8_t byte)
{
    if (byte >= '0' && byte <= '9')
        return byte - '0';
    if ((byte | 32) >= 'a' && (byte | 32) <= 'f')
        return (byte | 32) - 'a' + 10;
    return -1;
}

static long hex_value(const uint8_t *text, size_t digits)
{
    long value = 0;

    for (size_t i = 0; i < digits; i++) {
        int digit = hex_digit(text[i]);

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static size_t put_utf8(uint32_t code, uint8_t *out)
{
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (uint8_t)(0xc0 | code >> 6);
        out[1] = (uint8_t)(0x80 | (code & 63));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (uint8_t)(0xe0 | code >> 12);
        out[1] = (uint8_t)(0x80 | (code >> 6 & 63));
        out[2] = (uint8_t)(0x80 | (code & 63));
        return 3;
    }
    out[0] = (uint8_t)(0xf0 | code >> 18);
    out[1] = (uint8_t)(0x80 | (code >> 12 & 63));
    out[2] = (uint8_t)(0x80 | (code >> 6 & 63));
    out[3] = (uint8_t)(0x80 | (code & 63));
    return 4;
}

static bool is_high_half(long code)
{
    return code >= 0xd800 && code < 0xdc00;
}

static bool is_low_half(long code)
{
    return code >= 0xdc00 && code < 0xe000;
}

/* \uXXXX or a pair of them at text (behind the backslash). Returns bytes taken, 0 when damaged. */
static size_t unicode_escape(const uint8_t *text, size_t len, uint8_t *out, size_t *out_len)
{
    long code = len < 5 ? -1 : hex_value(text + 1, 4);
    long low;

    if (code < 0)
        return 0;
    if (is_high_half(code) && len >= 11 && text[5] == '\\' && text[6] == 'u') {
        low = hex_value(text + 7, 4);
        if (low >= 0 && is_low_half(low)) {
            *out_len =
                put_utf8((uint32_t)(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)), out);
            return 11;
        }
    }
    *out_len = put_utf8((uint32_t)code, out);
    return 5;
}

static uint8_t plain_escape(uint8_t byte)
{
    switch (byte) {
    case 'n':
        return '\n';
    case 't':
        return '\t';
    case 'r':
        return '\r';
    case 'b':
    case 'f':
    case 'v':
        return ' ';
    default:
        return byte;
    }
}

size_t rh_leak_unescape(const uint8_t *text, size_t len, uint8_t *out)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++) {
        size_t used = 0;
        size_t made = 0;

        if (text[i] != '\\' || i + 1 == len) {
            out[count++] = text[i];
            continue;
        }
        if (text[i + 1] == 'u')
            used = unicode_escape(text + i + 1, len - i - 1, out + count, &made);
        if (used > 0) {
            count += made;
            i += used;
        } else {
            out[count++] = plain_escape(text[++i]);
        }
    }
    return count;
}

size_t rh_leak_unpercent(const uint8_t *text, size_t len, uint8_t *out)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++) {
        long code = text[i] == '%' && len - i >= 3 ? hex_value(text + i + 1, 2) : -1;

        out[count++] = code < 0 ? text[i] : (uint8_t)code;
        i += code < 0 ? 0 : 2;
    }
    return count;
}

size_t rh_leak_utf16(const uint8_t *text, size_t len, bool big_endian, uint8_t *out)
{
    size_t count = 0;

    for (size_t i = 0; i + 1 < len; i += 2) {
        uint32_t code = (uint32_t)text[i + !big_endian] << 8 | text[i + big_endian];

        if (is_high_half((long)code) && i + 3 < len) {
            uint32_t low = (uint32_t)text[i + 2 + !big_endian] << 8 | text[i + 2 + big_endian];

            if (is_low_half((long)low)) {
                count += put_utf8(0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00), out + count);
                i += 2;
                continue;
            }
        }
        if (code >= 0xd800 && code < 0xe000)
            code = 0xfffd;
        count += put_utf8(code, out + count);
    }
    return count;
}

/* Bytes of the UTF-8 sequence at data, 0 when there is none. Overlong forms do not matter here. */
static size_t utf8_bytes(const uint8_t *data, size_t len)
{
    size_t need = data[0] >= 0xf0 && data[0] < 0xf5   ? 4
                  : data[0] >= 0xe0 && data[0] < 0xf0 ? 3
                  : data[0] >= 0xc2 && data[0] < 0xe0 ? 2
                                                      : 0;

    if (need == 0 || need > len)
        return 0;
    for (size_t i = 1; i < need; i++) {
        if ((data[i] & 0xc0) != 0x80)
            return 0;
    }
    return need;
}

bool rh_leak_is_readable(const uint8_t *data, size_t len)
{
    size_t strange = 0;
    size_t i = 0;

    while (i < len) {
        size_t bytes = data[i] < 0x80 ? 1 : utf8_bytes(data + i, len - i);

        strange += bytes == 0 || (bytes == 1 && !is_printable(data[i]));
        i += bytes == 0 ? 1 : bytes;
    }
    return strange * 10 <= len;
}
