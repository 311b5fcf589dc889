/*
 * JSON in place, see log_json.h.
 */
#include "log_json.h"

#include <string.h>

#include "log_text.h"

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void skip_blanks(log_json *j)
{
    while (j->at < j->len && is_blank(j->data[j->at]))
        j->at++;
}

/* From behind a string's opening quote to its closing quote; len when there is none. */
static size_t string_end(const char *text, size_t len, size_t at)
{
    while (at < len) {
        const char *quote = memchr(text + at, '"', len - at);
        size_t end = quote == NULL ? len : (size_t)(quote - text);
        size_t slashes = 0;

        if (quote == NULL)
            return len;
        while (slashes < end - at && text[end - 1 - slashes] == '\\')
            slashes++;
        if (slashes % 2 == 0)
            return end;
        at = end + 1;
    }
    return len;
}

/* The end (behind the closing brace) of the object or array at `at`; 0 when it is not closed. */
static size_t nested_end(const char *text, size_t len, size_t at)
{
    size_t depth = 0;

    for (; at < len; at++) {
        switch (text[at]) {
        case '"':
            at = string_end(text, len, at + 1);
            if (at == len)
                return 0;
            break;
        case '{':
        case '[':
            depth++;
            break;
        case '}':
        case ']':
            if (--depth == 0)
                return at + 1;
            break;
        default:
            break;
        }
    }
    return 0;
}

bool log_json_whole(const char *text, size_t len)
{
    size_t at = 0;
    size_t end;

    while (at < len && is_blank(text[at]))
        at++;
    if (at == len || text[at] != '{')
        return false;
    end = nested_end(text, len, at);
    if (end == 0)
        return false;
    while (end < len && (is_blank(text[end]) || text[end] == ','))
        end++;
    return end == len;
}

bool log_json_open(log_json *json, char *data, size_t len)
{
    *json = (log_json){.data = data, .len = len, .first = true};
    skip_blanks(json);
    if (json->at == len || (data[json->at] != '{' && data[json->at] != '['))
        return false;
    json->array = data[json->at] == '[';
    json->at++;
    return true;
}

/* ---- strings ---- */

static int hex4(const char *text)
{
    int value = 0;

    for (int i = 0; i < 4; i++) {
        char c = text[i];
        int digit = log_is_digit(c)          ? c - '0'
                    : (c >= 'a' && c <= 'f') ? c - 'a' + 10
                    : (c >= 'A' && c <= 'F') ? c - 'A' + 10
                                             : -1;

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static size_t put_utf8(char *out, unsigned c)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | (c >> 6));
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | (c >> 12));
        out[1] = (char)(0x80 | ((c >> 6) & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | (c >> 18));
    out[1] = (char)(0x80 | ((c >> 12) & 0x3f));
    out[2] = (char)(0x80 | ((c >> 6) & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* \uXXXX at text (behind the u), maybe a pair: bytes used, 0 when it is none. */
static size_t unicode_escape(const char *text, size_t len, unsigned *out)
{
    int high = len >= 4 ? hex4(text) : -1;
    int low;

    if (high < 0)
        return 0;
    *out = (unsigned)high;
    if (high < 0xd800 || high > 0xdfff)
        return 4;
    low = len >= 10 && text[4] == '\\' && text[5] == 'u' ? hex4(text + 6) : -1;
    if (high > 0xdbff || low < 0xdc00 || low > 0xdfff) {
        *out = 0xfffd; /* half a pair stands for nothing */
        return 4;
    }
    *out = 0x10000u + (((unsigned)high - 0xd800u) << 10) + ((unsigned)low - 0xdc00u);
    return 10;
}

/* Undo the escapes of len bytes in place; false for one that JSON does not know. */
static bool unescape(char *text, size_t *len)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    char *slash = memchr(text, '\\', *len);
    size_t at = slash == NULL ? *len : (size_t)(slash - text);
    size_t out = at;

    while (at < *len) {
        const char *known;
        unsigned c;

        if (text[at] != '\\') {
            text[out++] = text[at++];
            continue;
        }
        if (++at == *len)
            return false;
        known = text[at] == '\0' ? NULL : strchr(from, text[at]);
        if (known != NULL) {
            text[out++] = to[known - from];
            at++;
        } else if (text[at] == 'u') {
            size_t n = unicode_escape(text + at + 1, *len - at - 1, &c);

            if (n == 0)
                return false;
            out += put_utf8(text + out, c); /* at most 4 bytes for 6 */
            at += n + 1;
        } else {
            return false;
        }
    }
    *len = out;
    return true;
}

static bool take_string(log_json *j, char **out, size_t *out_len)
{
    size_t from = j->at + 1;
    size_t end = string_end(j->data, j->len, from);

    if (end == j->len)
        return false;
    *out = j->data + from;
    *out_len = end - from;
    j->at = end + 1;
    return unescape(*out, out_len);
}

/* ---- values ---- */

static bool take_value(log_json *j, log_json_value *out)
{
    char c;

    skip_blanks(j);
    if (j->at == j->len)
        return false;
    c = j->data[j->at];
    out->data = j->data + j->at;
    if (c == '"') {
        out->kind = LOG_JSON_STRING;
        return take_string(j, &out->data, &out->len);
    }
    if (c == '{' || c == '[') {
        size_t end = nested_end(j->data, j->len, j->at);

        out->kind = c == '{' ? LOG_JSON_OBJECT : LOG_JSON_ARRAY;
        out->len = end - j->at;
        j->at = end;
        return end != 0;
    }
    out->kind = c == '-' || log_is_digit(c) ? LOG_JSON_NUMBER : LOG_JSON_WORD;
    while (j->at < j->len && !is_blank(j->data[j->at]) && strchr(",]}", j->data[j->at]) == NULL)
        j->at++;
    out->len = (size_t)(j->data + j->at - out->data);
    return out->len > 0;
}

static bool take_key(log_json *j, rh_log_text *out)
{
    char *key;

    skip_blanks(j);
    if (j->at == j->len || j->data[j->at] != '"' || !take_string(j, &key, &out->len))
        return false;
    out->data = key;
    skip_blanks(j);
    if (j->at == j->len || j->data[j->at] != ':')
        return false;
    j->at++;
    return true;
}

bool log_json_next(log_json *json, rh_log_text *out_key, log_json_value *out)
{
    skip_blanks(json);
    if (json->broken || json->at == json->len) {
        json->broken = true;
        return false;
    }
    if (json->data[json->at] == (json->array ? ']' : '}'))
        return false;
    if (!json->first) {
        if (json->data[json->at] != ',') {
            json->broken = true;
            return false;
        }
        json->at++;
    }
    json->first = false;
    *out_key = (rh_log_text){NULL, 0};
    if ((!json->array && !take_key(json, out_key)) || !take_value(json, out)) {
        json->broken = true;
        return false;
    }
    return true;
}
