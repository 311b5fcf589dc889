#include "uuid_text.h"

/* Where the digits of each byte stand. */
static const uint8_t places[16] = {0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34};

/* The value of a digit and one bit above it, or 0 for what is none (capitals are another spelling).
 */
static const uint8_t digit_of[128] = {
    ['0'] = 16, ['1'] = 17, ['2'] = 18, ['3'] = 19, ['4'] = 20, ['5'] = 21, ['6'] = 22, ['7'] = 23,
    ['8'] = 24, ['9'] = 25, ['a'] = 26, ['b'] = 27, ['c'] = 28, ['d'] = 29, ['e'] = 30, ['f'] = 31,
};

bool uuid_text_read(const char *text, size_t len, uint8_t out[16])
{
    unsigned good = 16;
    unsigned bytes = 0;

    if (len != UUID_TEXT_BYTES || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
        text[23] != '-')
        return false;
    for (int i = 0; i < 16; i++) {
        unsigned high = digit_of[text[places[i]] & 0x7f];
        unsigned low = digit_of[text[places[i] + 1] & 0x7f];

        bytes |= (uint8_t)text[places[i]] | (uint8_t)text[places[i] + 1];
        good &= high & low;
        out[i] = (uint8_t)(high << 4 | (low & 15));
    }
    return good == 16 && bytes < 0x80;
}

void uuid_text_write(const uint8_t uuid[16], char out[UUID_TEXT_BYTES])
{
    static const char digits[] = "0123456789abcdef";

    for (int i = 0; i < 16; i++) {
        out[places[i]] = digits[uuid[i] >> 4];
        out[places[i] + 1] = digits[uuid[i] & 15];
    }
    out[8] = out[13] = out[18] = out[23] = '-';
}
