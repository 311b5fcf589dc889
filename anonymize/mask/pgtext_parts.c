#include "pgtext_parts.h"

#include <string.h>

rh_status pgtext_read_part(pgtext_reader *r, const char *ends, pgtext_part *out)
{
    bool inside = false;

    if (r->parts == NULL)
        r->parts = rh_arena_alloc(r->call->scratch, r->len);
    if (r->parts == NULL)
        return rh_error_oom(r->err);
    out->text = r->parts + r->at;
    out->len = 0;
    out->quoted = false;
    for (; r->at < r->len; r->at++) {
        char c = r->text[r->at];

        if (c == '"') {
            if (inside && r->at + 1 < r->len && r->text[r->at + 1] == '"') {
                out->text[out->len++] = '"'; /* doubled: a quote by itself */
                r->at++;
                continue;
            }
            inside = !inside;
            out->quoted = true;
            continue;
        }
        if (c == '\\') {
            if (++r->at == r->len)
                return RH_SKIPPED;
            out->quoted = true;
            out->text[out->len++] = r->text[r->at];
            continue;
        }
        if (!inside && c != '\0' && strchr(ends, c) != NULL)
            return RH_OK;
        out->text[out->len++] = c;
    }
    return RH_SKIPPED;
}

rh_status pgtext_put_quoted(pgtext_reader *r, const char *text, size_t len)
{
    rh_status status = arena_text_byte(&r->out, '"', r->err);

    for (size_t i = 0; i < len && status == RH_OK; i++) {
        if (text[i] == '"' || text[i] == '\\')
            status = arena_text_byte(&r->out, '\\', r->err);
        if (status == RH_OK)
            status = arena_text_byte(&r->out, text[i], r->err);
    }
    return status == RH_OK ? arena_text_byte(&r->out, '"', r->err) : status;
}

static bool has_any(const char *text, size_t len, const char *signs)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\0' || strchr(signs, text[i]) != NULL)
            return true;
    }
    return false;
}

rh_status pgtext_put_plain(pgtext_reader *r, const char *text, size_t len, const char *special)
{
    return has_any(text, len, special) ? pgtext_put_quoted(r, text, len)
                                       : arena_text_add(&r->out, text, len, r->err);
}

rh_status pgtext_mask_part(pgtext_reader *r, const mask_node *mask, const pgtext_part *p,
                           rh_field *out)
{
    field_set_text(out, p->text, p->len);
    return mask == NULL ? RH_OK : mask_node_apply(mask, r->call, out, r->err);
}

bool pgtext_begin(pgtext_reader *r, const rh_field *value, mask_call *call, rh_error *err)
{
    *r = (pgtext_reader){.text = (const char *)value->data,
                         .len = value->len,
                         .call = call,
                         .out = {.arena = call->scratch},
                         .err = err};
    return value->kind == RH_FIELD_TEXT;
}

rh_status pgtext_end(pgtext_reader *r, rh_status status, rh_field *value)
{
    if (status == RH_OK && r->at != r->len)
        return RH_SKIPPED;
    if (status == RH_OK)
        field_set_text(value, r->out.data, r->out.len);
    return status;
}

bool pgtext_is_word(const char *text, size_t len, const char *word)
{
    if (strlen(word) != len)
        return false;
    for (size_t i = 0; i < len; i++) {
        if ((text[i] | 0x20) != (word[i] | 0x20))
            return false;
    }
    return true;
}
