#include "lite_utf16.h"

static rh_status put_code_point(rh_buf *out, uint32_t c, rh_error *err)
{
    uint8_t bytes[4];
    size_t n = 0;

    if (c < 0x80) {
        bytes[n++] = (uint8_t)c;
    } else if (c < 0x800) {
        bytes[n++] = (uint8_t)(0xc0 | (c >> 6));
        bytes[n++] = (uint8_t)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        bytes[n++] = (uint8_t)(0xe0 | (c >> 12));
        bytes[n++] = (uint8_t)(0x80 | ((c >> 6) & 0x3f));
        bytes[n++] = (uint8_t)(0x80 | (c & 0x3f));
    } else {
        bytes[n++] = (uint8_t)(0xf0 | (c >> 18));
        bytes[n++] = (uint8_t)(0x80 | ((c >> 12) & 0x3f));
        bytes[n++] = (uint8_t)(0x80 | ((c >> 6) & 0x3f));
        bytes[n++] = (uint8_t)(0x80 | (c & 0x3f));
    }
    return rh_buf_append(out, bytes, n, err);
}

static uint32_t utf16_unit(const uint8_t *at, bool big_endian)
{
    return big_endian ? (uint32_t)at[0] << 8 | at[1] : (uint32_t)at[1] << 8 | at[0];
}

rh_status rh_lite_from_utf16(const uint8_t *data, size_t len, bool big_endian, rh_buf *out,
                             bool *out_exact, rh_error *err)
{
    rh_status status = RH_OK;
    size_t at = 0;

    *out_exact = len % 2 == 0;
    while (status == RH_OK && at + 2 <= len) {
        uint32_t c = utf16_unit(data + at, big_endian);

        at += 2;
        if (c >= 0xd800 && c < 0xdc00 && at + 2 <= len) {
            uint32_t low = utf16_unit(data + at, big_endian);

            if (low >= 0xdc00 && low < 0xe000) {
                c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
                at += 2;
            }
        }
        if (c >= 0xd800 && c < 0xe000)
            *out_exact = false;
        else
            status = put_code_point(out, c, err);
    }
    return status;
}
