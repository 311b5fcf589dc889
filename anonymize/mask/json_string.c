#include "json_string.h"

#include <stdio.h>
#include <string.h>

#include "core/bytes.h"

static bool read_unit(const char *text, size_t len, uint32_t *out)
{
    uint8_t bytes[2];

    if (len < 4 || rh_hex_decode(text, 2, bytes) != 0)
        return false;
    *out = (uint32_t)bytes[0] << 8 | bytes[1];
    return true;
}

static size_t put_utf8(uint32_t code, char *out)
{
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xc0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xe0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3f));
        out[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3f));
    out[2] = (char)(0x80 | (code >> 6 & 0x3f));
    out[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

/* Behind "\u"; returns the characters used, 0 when it is wrong. */
static size_t read_code(const char *text, size_t len, uint32_t *out)
{
    uint32_t low;

    if (!read_unit(text, len, out))
        return 0;
    if (*out < 0xd800 || *out > 0xdfff)
        return 4;
    if (*out < 0xdc00 && len >= 10 && text[4] == '\\' && text[5] == 'u' &&
        read_unit(text + 6, len - 6, &low) && low >= 0xdc00 && low <= 0xdfff) {
        *out = 0x10000 + ((*out - 0xd800) << 10) + (low - 0xdc00);
        return 10;
    }
    *out = 0xfffd;
    return 4;
}

bool json_string_decode(const char *text, size_t len, char *out, size_t *out_len)
{
    static const char plain[] = "\"\\/bfnrt";
    static const char meant[] = "\"\\/\b\f\n\r\t";
    size_t used = 0;

    for (size_t i = 0; i < len; i++) {
        const char *escape;
        uint32_t code;
        size_t taken;

        if (text[i] != '\\') {
            out[used++] = text[i];
            continue;
        }
        if (++i == len)
            return false;
        escape = text[i] == '\0' ? NULL : strchr(plain, text[i]);
        if (escape != NULL) {
            out[used++] = meant[escape - plain];
            continue;
        }
        taken = text[i] == 'u' ? read_code(text + i + 1, len - i - 1, &code) : 0;
        if (taken == 0)
            return false;
        i += taken;
        used += put_utf8(code, out + used);
    }
    *out_len = used;
    return true;
}

rh_status json_string_append(arena_text *out, const char *text, size_t len, rh_error *err)
{
    rh_status status = arena_text_byte(out, '"', err);
    size_t from = 0;

    for (size_t i = 0; i < len && status == RH_OK; i++) {
        static const char codes[] = "\b\f\n\r\t\"\\";
        static const char names[] = "bfnrt\"\\";
        const char *code;
        char escape[8];
        int n;

        if ((uint8_t)text[i] >= 0x20 && text[i] != '"' && text[i] != '\\')
            continue;
        code = text[i] == '\0' ? NULL : strchr(codes, text[i]);
        n = code != NULL ? snprintf(escape, sizeof escape, "\\%c", names[code - codes])
                         : snprintf(escape, sizeof escape, "\\u%04x", (unsigned)(uint8_t)text[i]);
        status = arena_text_add(out, text + from, i - from, err);
        if (status == RH_OK)
            status = arena_text_add(out, escape, (size_t)n, err);
        from = i + 1;
    }
    if (status == RH_OK)
        status = arena_text_add(out, text + from, len - from, err);
    return status == RH_OK ? arena_text_byte(out, '"', err) : status;
}
