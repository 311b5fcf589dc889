#include "field_text.h"

#include <string.h>

#include "core/bytes.h"
#include "core/num.h"
#include "core/str.h"

size_t utf8_sequence(const char *text, size_t len)
{
    uint8_t lead = (uint8_t)text[0];
    size_t bytes = lead < 0xc0 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;

    return bytes > 1 && bytes <= len && rh_str_is_utf8(text, bytes) ? bytes : 1;
}

size_t utf8_count(const char *text, size_t len)
{
    size_t count = 0;

    for (size_t i = 0; i < len; i++)
        count += ((uint8_t)text[i] & 0xc0) != 0x80;
    return count;
}

bool ascii_has_capitals(const char *text, size_t len)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t found = 0; /* at the top of a byte */
    size_t at = 0;

    for (uint64_t word; at + sizeof word <= len; at += sizeof word) {
        memcpy(&word, text + at, sizeof word);
        /* From 'A' on the first sum reaches the top bit, from behind 'Z' on the second, too. */
        found |= ((word & each * 0x7f) + each * (0x80 - 'A')) &
                 ~((word & each * 0x7f) + each * (0x80 - 'Z' - 1)) & ~word & each * 0x80;
    }
    for (; at < len; at++)
        found |= (uint64_t)(text[at] >= 'A' && text[at] <= 'Z');
    return found != 0;
}

void ascii_lower(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        text[i] = (char)(text[i] >= 'A' && text[i] <= 'Z' ? text[i] + 0x20 : text[i]);
}

void ascii_upper(char *text, size_t len)
{
    for (size_t i = 0; i < len; i++)
        text[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 0x20 : text[i]);
}

bool text_is_int64(const char *text, size_t len)
{
    enum { ALWAYS_FIT = 18 }; /* digits */
    size_t at = len > 0 && text[0] == '-' ? 1 : 0;
    int64_t value;

    if (at == len || len > 20 || !is_digit(text[at]) || !is_digit(text[len - 1]))
        return false;
    if (text[at] == '0')
        return len == 1;
    if (len - at > ALWAYS_FIT)
        return rh_num_scan_int64(text, len, &value);
    while (++at < len) {
        if (!is_digit(text[at]))
            return false;
    }
    return true;
}

static size_t skip_digits(const char *text, size_t len, size_t at)
{
    while (at < len && is_digit(text[at]))
        at++;
    return at;
}

static bool is_number(const char *text, size_t len, size_t exponent_digits)
{
    size_t at = len > 0 && text[0] == '-' ? 1 : 0;
    size_t end = skip_digits(text, len, at);

    if (end == at || (text[at] == '0' && end - at > 1))
        return false;
    if (end < len && text[end] == '.') {
        at = end + 1;
        end = skip_digits(text, len, at);
        if (end == at)
            return false;
    }
    if (end < len && (text[end] | 0x20) == 'e') {
        at = end + 1;
        at += at < len && (text[at] == '-' || text[at] == '+');
        end = skip_digits(text, len, at);
        if (end == at || end - at > exponent_digits)
            return false;
    }
    return end == len;
}

bool text_is_json_number(const char *text, size_t len)
{
    return is_number(text, len, SIZE_MAX);
}

bool text_is_small_number(const char *text, size_t len)
{
    return is_number(text, len, 3);
}

size_t text_put_int64(int64_t value, char out[FIELD_NUMBER_BYTES])
{
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    char turned[FIELD_NUMBER_BYTES];
    size_t count = 0;
    size_t used = 0;

    do {
        turned[count++] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        out[used++] = '-';
    while (count > 0)
        out[used++] = turned[--count];
    return used;
}

size_t text_put_digits(int64_t value, size_t digits, char *out)
{
    for (size_t i = digits; i > 0; i--, value /= 10)
        out[i - 1] = (char)('0' + value % 10);
    return digits;
}

bool field_text(const rh_field *field, char number[FIELD_NUMBER_BYTES], const char **out,
                size_t *out_len)
{
    if (field->kind == RH_FIELD_TEXT) {
        *out = field->data == NULL ? "" : (const char *)field->data;
        *out_len = field->len;
        return true;
    }
    if (field->kind != RH_FIELD_INTEGER)
        return false;
    *out_len = text_put_int64(field->integer, number);
    *out = number;
    return true;
}

void field_set_text(rh_field *field, const char *text, size_t len)
{
    field->kind = RH_FIELD_TEXT;
    field->data = (const uint8_t *)text;
    field->len = len;
}

rh_status field_copy(const rh_field *field, rh_arena *scratch, char **out, size_t *out_len,
                     rh_error *err)
{
    char number[FIELD_NUMBER_BYTES];
    const char *text;

    if (!field_text(field, number, &text, out_len))
        return RH_SKIPPED;
    *out = rh_arena_strndup(scratch, text, *out_len);
    return *out == NULL ? rh_error_oom(err) : RH_OK;
}

void field_put_back(rh_field *field, const char *text, size_t len)
{
    int64_t value;

    if (field->kind == RH_FIELD_INTEGER && text_is_int64(text, len) &&
        rh_num_scan_int64(text, len, &value))
        field->integer = value;
    else
        field_set_text(field, text, len);
}

/* ---- bytes ---- */

rh_status field_bytes(const mask_node *node, const rh_field *field, rh_arena *scratch,
                      bytes_view *out, rh_error *err)
{
    const char *text = (const char *)field->data;
    bytes_view view = {.raw = field->kind == RH_FIELD_BLOB, .len = field->len};

    if (!view.raw) {
        if (field->kind != RH_FIELD_TEXT)
            return RH_SKIPPED;
        if (field->len >= 2 &&
            (node->place.type == PLACE_BYTEA ? text[0] == '\\' : text[0] == '0') && text[1] == 'x')
            view.prefix = 2;
        else if (node->place.type == PLACE_BYTEA)
            return RH_SKIPPED;
        if ((field->len - view.prefix) % 2 != 0 || field->len == 0)
            return RH_SKIPPED;
        view.len = (field->len - view.prefix) / 2;
    }
    view.data = rh_arena_alloc(scratch, view.len);
    if (view.data == NULL)
        return rh_error_oom(err);
    if (view.raw) {
        if (view.len > 0)
            memcpy(view.data, field->data, view.len);
    } else {
        bool lower = false;

        if (rh_hex_decode(text + view.prefix, view.len, view.data) != 0)
            return RH_SKIPPED;
        for (size_t i = view.prefix; i < field->len; i++) {
            lower |= text[i] >= 'a';
            view.upper |= text[i] >= 'A' && text[i] <= 'F';
        }
        if (lower && view.upper)
            return RH_SKIPPED; /* two spellings of the same bytes would get one image */
    }
    *out = view;
    return RH_OK;
}

rh_status field_set_bytes(rh_field *field, const bytes_view *view, rh_arena *scratch, rh_error *err)
{
    if (view->raw) {
        field->data = view->data;
        field->len = view->len;
        return RH_OK;
    }

    size_t len = view->prefix + 2 * view->len;
    char *text = rh_arena_alloc(scratch, len + 1);

    if (text == NULL)
        return rh_error_oom(err);
    memcpy(text, field->data, view->prefix);
    rh_hex_encode(view->data, view->len, text + view->prefix);
    if (view->upper)
        ascii_upper(text + view->prefix, len - view->prefix);
    field_set_text(field, text, len);
    return RH_OK;
}

/* ---- texts in an arena ---- */

rh_status arena_text_reserve(arena_text *text, size_t more, rh_error *err)
{
    size_t cap = text->len + more;
    char *grown = NULL;

    if (text->cap >= cap)
        return RH_OK;
    grown = rh_arena_alloc(text->arena, cap);
    if (grown == NULL)
        return rh_error_oom(err);
    if (text->len > 0)
        memcpy(grown, text->data, text->len);
    text->data = grown;
    text->cap = cap;
    return RH_OK;
}

rh_status arena_text_add(arena_text *text, const char *data, size_t len, rh_error *err)
{
    rh_status status = RH_OK;

    if (text->cap - text->len < len)
        status = arena_text_reserve(text, text->cap + len * 2 + 64, err);
    if (status != RH_OK)
        return status;
    if (len > 0)
        memcpy(text->data + text->len, data, len);
    text->len += len;
    return RH_OK;
}

rh_status arena_text_byte(arena_text *text, char byte, rh_error *err)
{
    return arena_text_add(text, &byte, 1, err);
}
