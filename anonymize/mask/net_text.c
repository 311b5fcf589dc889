#include "net_text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

bool net_text_v4(const char *text, size_t len, uint32_t *out)
{
    uint32_t address = 0;
    size_t at = 0;

    for (int part = 0; part < 4; part++) {
        uint32_t value = 0;
        size_t start = at;

        while (at < len && text[at] >= '0' && text[at] <= '9' && at - start < 3)
            value = value * 10 + (uint32_t)(text[at++] - '0');
        if (at == start || value > 255 || (text[start] == '0' && at - start > 1))
            return false;
        if (part < 3 && (at == len || text[at++] != '.'))
            return false;
        address = address << 8 | value;
    }
    *out = address;
    return at == len;
}

size_t net_text_put_v4(uint32_t address, char out[NET_TEXT_BYTES])
{
    char *to = out;

    for (int shift = 24; shift >= 0; shift -= 8) {
        unsigned value = address >> shift & 255;

        /* Written, then kept or not: no jump, which would be a guess. */
        *to = (char)('0' + value / 100);
        to += value >= 100;
        *to = (char)('0' + value / 10 % 10);
        to += value >= 10;
        *to++ = (char)('0' + value % 10);
        *to++ = '.';
    }
    return (size_t)(to - out) - 1;
}

static size_t put_address(const net_address *address, char out[NET_TEXT_BYTES])
{
    if (address->size == 4)
        return net_text_put_v4((uint32_t)address->bytes[0] << 24 |
                                   (uint32_t)address->bytes[1] << 16 |
                                   (uint32_t)address->bytes[2] << 8 | address->bytes[3],
                               out);
    if (inet_ntop(AF_INET6, address->bytes, out, NET_TEXT_BYTES) == NULL)
        return 0;

    size_t len = strlen(out);

    for (size_t i = 0; address->upper && i < len; i++)
        out[i] = (char)(out[i] >= 'a' ? out[i] - 0x20 : out[i]);
    return len;
}

size_t net_text_put(const net_address *address, char out[NET_TEXT_BYTES])
{
    size_t len = put_address(address, out);

    if (address->prefix >= 0)
        len += (size_t)snprintf(out + len, NET_TEXT_BYTES - len, "/%d", address->prefix);
    return len;
}

static bool parse_prefix(const char *text, size_t len, net_address *out)
{
    int bits = 0;

    if (len == 0 || len > 3 || (text[0] == '0' && len > 1))
        return false;
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        bits = bits * 10 + (text[i] - '0');
    }
    out->prefix = bits;
    return bits <= (int)out->size * 8;
}

bool net_text_parse(const char *text, size_t len, net_address *out)
{
    const char *slash = len == 0 ? NULL : memchr(text, '/', len);
    size_t size = slash == NULL ? len : (size_t)(slash - text);
    net_address address = {.prefix = -1};
    uint32_t v4;
    char copy[NET_TEXT_BYTES];
    char again[NET_TEXT_BYTES];

    if (size >= sizeof copy)
        return false;
    if (net_text_v4(text, size, &v4)) {
        address.size = 4;
        for (int i = 0; i < 4; i++)
            address.bytes[i] = (uint8_t)(v4 >> (24 - 8 * i));
    } else {
        memcpy(copy, text, size);
        copy[size] = '\0';
        address.size = 16;
        for (size_t i = 0; i < size; i++)
            address.upper |= copy[i] >= 'A' && copy[i] <= 'F';
        if (inet_pton(AF_INET6, copy, address.bytes) != 1 || put_address(&address, again) != size ||
            memcmp(again, copy, size) != 0)
            return false;
    }
    if (slash != NULL && !parse_prefix(slash + 1, len - size - 1, &address))
        return false;
    *out = address;
    return true;
}
