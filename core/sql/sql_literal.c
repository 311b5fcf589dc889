#include "core/sql_literal.h"

#include <string.h>

#include "core/bytes.h"

/* The text between the quotes of 'x' with doubled quotes undone. */
static rh_status plain_quoted(const char *p, size_t len, rh_buf *out, rh_error *err)
{
    rh_status status = rh_buf_reserve(out, len + 1, err);

    for (size_t i = 0; status == RH_OK && i < len; i++) {
        out->data[out->len++] = (uint8_t)p[i];
        if (p[i] == '\'' && i + 1 < len)
            i++;
    }
    if (status == RH_OK)
        out->data[out->len] = '\0';
    return status;
}

static unsigned digit_value(char c)
{
    if (c >= '0' && c <= '9')
        return (unsigned)(c - '0');
    if (c >= 'a' && c <= 'f')
        return (unsigned)(c - 'a') + 10;
    if (c >= 'A' && c <= 'F')
        return (unsigned)(c - 'A') + 10;
    return 99;
}

/* \ooo and \xhh: bytes. Returns characters used behind the backslash, 0 when it is neither. */
static size_t escaped_byte(const char *p, size_t len, uint8_t *out)
{
    unsigned base = *p == 'x' ? 16 : 8;
    size_t i = *p == 'x' ? 1 : 0;
    size_t limit = 3;
    unsigned value = 0;
    size_t first = i;

    for (; i < len && i < limit && digit_value(p[i]) < base; i++)
        value = value * base + digit_value(p[i]);
    if (i == first)
        return 0;
    *out = (uint8_t)value;
    return i;
}

static rh_status append_code_point(rh_buf *out, uint32_t c, rh_error *err)
{
    uint8_t bytes[4];
    size_t n = 0;

    if (c < 0x80) {
        bytes[n++] = (uint8_t)c;
    } else if (c < 0x800) {
        bytes[n++] = (uint8_t)(0xC0 | (c >> 6));
        bytes[n++] = (uint8_t)(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        bytes[n++] = (uint8_t)(0xE0 | (c >> 12));
        bytes[n++] = (uint8_t)(0x80 | ((c >> 6) & 0x3F));
        bytes[n++] = (uint8_t)(0x80 | (c & 0x3F));
    } else {
        bytes[n++] = (uint8_t)(0xF0 | ((c >> 18) & 7));
        bytes[n++] = (uint8_t)(0x80 | ((c >> 12) & 0x3F));
        bytes[n++] = (uint8_t)(0x80 | ((c >> 6) & 0x3F));
        bytes[n++] = (uint8_t)(0x80 | (c & 0x3F));
    }
    return rh_buf_append(out, bytes, n, err);
}

/* One backslash escape of E'..': p stands behind the backslash. Surrogates are not supported. */
static rh_status escape(const char *p, size_t len, rh_buf *out, size_t *used, rh_error *err)
{
    static const char from[] = "bfnrt";
    static const char to[] = "\b\f\n\r\t";
    const char *known = strchr(from, *p);
    uint8_t byte;

    *used = 1;
    if (*p != '\0' && known != NULL)
        return rh_buf_append_byte(out, (uint8_t)to[known - from], err);
    if (*p == 'u' || *p == 'U') {
        size_t digits = *p == 'u' ? 4 : 8;
        uint32_t c = 0;

        if (len < digits + 1)
            return RH_SKIPPED;
        for (size_t i = 1; i <= digits; i++) {
            if (digit_value(p[i]) > 15)
                return RH_SKIPPED;
            c = c * 16 + digit_value(p[i]);
        }
        if (c == 0 || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000))
            return RH_SKIPPED;
        *used = digits + 1;
        return append_code_point(out, c, err);
    }
    if (*p == 'x' || digit_value(*p) < 8) {
        size_t n = escaped_byte(p, len, &byte);

        if (n > 0) {
            *used = n;
            return rh_buf_append_byte(out, byte, err);
        }
    }
    return rh_buf_append_byte(out, (uint8_t)*p, err);
}

static rh_status escaped_quoted(const char *p, size_t len, rh_buf *out, rh_error *err)
{
    size_t begin = out->len;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < len; i++) {
        size_t used = 0;

        if (p[i] == '\\' && i + 1 < len) {
            status = escape(p + i + 1, len - i - 1, out, &used, err);
            i += used;
        } else {
            status = rh_buf_append_byte(out, (uint8_t)p[i], err);
            if (p[i] == '\'' && i + 1 < len)
                i++;
        }
    }
    if (status != RH_OK)
        out->len = begin;
    return status;
}

static rh_status hex_bytes(const char *p, size_t len, rh_buf *out, rh_error *err)
{
    rh_status status;

    if (len % 2 != 0)
        return RH_SKIPPED;
    status = rh_buf_reserve(out, len / 2 + 1, err);
    if (status != RH_OK)
        return status;
    if (rh_hex_decode(p, len / 2, out->data + out->len) != 0)
        return RH_SKIPPED;
    out->len += len / 2;
    out->data[out->len] = '\0';
    return RH_OK;
}

rh_status rh_sql_literal_decode(rh_sql_dialect dialect, const char *literal, size_t len,
                                rh_buf *out, rh_error *err)
{
    rh_sql_scan scan;
    rh_sql_token token;
    size_t tag = 1;

    rh_sql_scan_init(&scan, dialect, literal, len);
    token = rh_sql_scan_next_code(&scan);
    if (token.kind == RH_SQL_TOKEN_OPERATOR || token.kind == RH_SQL_TOKEN_NUMBER ||
        token.kind == RH_SQL_TOKEN_WORD)
        return rh_buf_append(out, literal, len, err); /* a number with its sign, NULL, TRUE */
    if (token.offset != 0 || token.len != len || !token.closed || len < 2)
        return RH_SKIPPED; /* strings that follow each other, or no literal */
    if (token.kind == RH_SQL_TOKEN_BYTES)
        return (*literal | 0x20) == 'x' ? hex_bytes(literal + 2, len - 3, out, err) : RH_SKIPPED;
    if (token.kind == RH_SQL_TOKEN_IDENT && *literal == '"') { /* a string in SQLite */
        for (size_t i = 1; i + 1 < len; i++) {
            rh_status status = rh_buf_append_byte(out, (uint8_t)literal[i], err);

            if (status != RH_OK)
                return status;
            if (literal[i] == '"')
                i++;
        }
        return RH_OK;
    }
    if (token.kind != RH_SQL_TOKEN_STRING)
        return RH_SKIPPED;
    switch (*literal) {
    case '\'':
        return plain_quoted(literal + 1, len - 2, out, err);
    case 'n':
    case 'N':
        return plain_quoted(literal + 2, len - 3, out, err);
    case 'e':
    case 'E':
        return escaped_quoted(literal + 2, len - 3, out, err);
    case '$':
        while (literal[tag] != '$')
            tag++;
        return rh_buf_append(out, literal + tag + 1, len - 2 * (tag + 1), err);
    default:
        return RH_SKIPPED;
    }
}

bool rh_sql_literal_says(const rh_sql_token *token, const char *text, const char *value)
{
    const char *p = text + token->offset;

    if (token->kind == RH_SQL_TOKEN_NUMBER)
        return strlen(value) == token->len && memcmp(p, value, token->len) == 0;
    if (token->kind != RH_SQL_TOKEN_STRING || !token->closed || *p != '\'')
        return false;
    for (size_t i = 1; i + 1 < token->len; i++, value++) {
        if (*value != p[i])
            return false;
        if (p[i] == '\'')
            i++;
    }
    return *value == '\0';
}

rh_status rh_sql_literal_quote(rh_sql_dialect dialect, const char *value, size_t len, rh_buf *out,
                               rh_error *err)
{
    bool escapes = dialect == RH_SQL_POSTGRES && len > 0 && memchr(value, '\\', len) != NULL;
    rh_status status = rh_buf_append_str(out, escapes ? "E'" : "'", err);

    for (size_t i = 0; status == RH_OK && i < len; i++) {
        if (value[i] == '\'' || (escapes && value[i] == '\\'))
            status = rh_buf_append_byte(out, (uint8_t)value[i], err);
        if (status == RH_OK)
            status = rh_buf_append_byte(out, (uint8_t)value[i], err);
    }
    return status == RH_OK ? rh_buf_append_byte(out, '\'', err) : status;
}
