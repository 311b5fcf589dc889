/*
 * See array_text.h.
 */
#include "anonymize/array_text.h"

#include <stdbool.h>
#include <string.h>

static rh_status broken(rh_error *err)
{
    return rh_error_set(err, RH_EFORMAT, "not a one-dimensional array");
}

/* The element at *at, which moves behind it; its text goes to `text`, which has as much room as is
 * left. Quoted elements end at their quote, others at a comma or the closing brace. */
static rh_status read_element(const char **at, const char *end, char *text, rh_field *element,
                              rh_error *err)
{
    bool quoted = *at < end && **at == '"';
    size_t len = 0;

    if (quoted)
        (*at)++;
    while (*at < end && (quoted ? **at != '"' : **at != ',' && **at != '}')) {
        if (!quoted && (**at == '{' || **at == '"'))
            return broken(err);
        if (**at == '\\' && ++*at == end)
            return broken(err);
        text[len++] = *(*at)++;
    }
    if (*at == end || (!quoted && len == 0))
        return broken(err);
    if (quoted)
        (*at)++;
    memset(element, 0, sizeof *element);
    element->kind =
        !quoted && len == 4 && memcmp(text, "NULL", 4) == 0 ? RH_FIELD_NULL : RH_FIELD_TEXT;
    element->data = (const uint8_t *)text;
    element->len = len;
    return RH_OK;
}

/* Quoting always is valid input and needs no list of special cases. */
static rh_status put_element(const rh_field *element, rh_buf *out, rh_error *err)
{
    rh_status status;

    if (element->kind == RH_FIELD_NULL)
        return rh_buf_append(out, "NULL", 4, err);
    status = rh_buf_append_byte(out, '"', err);
    for (size_t i = 0; status == RH_OK && i < element->len; i++) {
        if (element->data[i] == '"' || element->data[i] == '\\')
            status = rh_buf_append_byte(out, '\\', err);
        if (status == RH_OK)
            status = rh_buf_append_byte(out, element->data[i], err);
    }
    return status == RH_OK ? rh_buf_append_byte(out, '"', err) : status;
}

rh_status rh_array_text_edit(const char *text, size_t len, rh_array_edit edit, void *ctx,
                             rh_arena *scratch, rh_buf *out, rh_error *err)
{
    const char *at = text;
    const char *end = text + len;
    char *texts; /* each element's without its quotes, at the place where it begins in text */
    rh_status status;

    if (len < 2 || *at != '{' || end[-1] != '}')
        return broken(err);
    texts = rh_arena_alloc(scratch, len);
    if (texts == NULL)
        return rh_error_oom(err);
    at++;
    status = rh_buf_append_byte(out, '{', err);
    while (status == RH_OK && at + 1 < end) {
        rh_field element;

        status = read_element(&at, end, texts + (at - text), &element, err);
        if (status == RH_OK)
            status = edit(ctx, &element, scratch, err);
        if (status == RH_OK)
            status = put_element(&element, out, err);
        if (status == RH_OK && *at == ',') {
            at++;
            status = at + 1 < end ? rh_buf_append_byte(out, ',', err) : broken(err);
        } else if (status == RH_OK && at + 1 != end) {
            status = broken(err);
        }
    }
    return status == RH_OK ? rh_buf_append_byte(out, '}', err) : status;
}
