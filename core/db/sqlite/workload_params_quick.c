/*
 * One walk over the text. Whatever is not as the writer writes it (escapes, reals, white space,
 * other members, text that is not UTF-8) ends the walk, and the general reader decides.
 */
#include <string.h>

#include "core/bytes.h"
#include "core/num.h"
#include "core/str.h"
#include "workload_params.h"

enum { QUICK_PARAMETERS = 64 };

typedef struct walk {
    const char *at;
    const char *end;
    rh_arena *arena;
    bool oom;
} walk;

static bool skip(walk *w, const char *word)
{
    size_t len = strlen(word);

    if ((size_t)(w->end - w->at) < len || memcmp(w->at, word, len) != 0)
        return false;
    w->at += len;
    return true;
}

/* The text between the quotes, borrowed. */
static bool string(walk *w, const char **out, size_t *out_len)
{
    size_t len;

    if (!skip(w, "\""))
        return false;
    len = rh_workload_plain_run(w->at, (size_t)(w->end - w->at));
    *out = w->at;
    *out_len = len;
    w->at += len;
    return skip(w, "\"") && rh_str_is_utf8(*out, len);
}

static const char *copy(walk *w, const char *text, size_t len)
{
    const char *copied = rh_arena_strndup(w->arena, text, len);

    w->oom = w->oom || copied == NULL;
    return copied;
}

static bool text_value(walk *w, rh_parameter *out)
{
    const char *text;
    size_t len;

    if (!string(w, &text, &len))
        return false;
    out->kind = RH_PARAMETER_TEXT;
    out->data = copy(w, text, len);
    out->len = len;
    return out->data != NULL;
}

static bool blob_value(walk *w, rh_parameter *out)
{
    const char *text;
    size_t len;
    uint8_t *bytes;

    if (!string(w, &text, &len) || len % 2 != 0 || !skip(w, "}"))
        return false;
    bytes = rh_arena_alloc(w->arena, len / 2 + 1);
    w->oom = w->oom || bytes == NULL;
    if (bytes == NULL || rh_hex_decode(text, len / 2, bytes) != 0)
        return false;
    bytes[len / 2] = '\0';
    out->kind = RH_PARAMETER_BLOB;
    out->data = bytes;
    out->len = len / 2;
    return true;
}

/* Without a leading zero, which JSON does not have. */
static bool integer_value(walk *w, rh_parameter *out)
{
    const char *start = w->at;
    size_t digits = 0;

    if (w->at < w->end && *w->at == '-')
        w->at++;
    while (w->at + digits < w->end && w->at[digits] >= '0' && w->at[digits] <= '9')
        digits++;
    if (digits == 0 || (digits > 1 && *w->at == '0'))
        return false;
    w->at += digits;
    out->kind = RH_PARAMETER_INTEGER;
    return rh_num_scan_int64(start, (size_t)(w->at - start), &out->integer);
}

static bool value(walk *w, rh_parameter *out)
{
    if (w->at == w->end)
        return false;
    if (*w->at == '"')
        return text_value(w, out);
    if (*w->at == 'n') {
        out->kind = RH_PARAMETER_NULL;
        return skip(w, "null");
    }
    if (*w->at == '{')
        return skip(w, "{\"blob\":") && blob_value(w, out);
    return integer_value(w, out);
}

static bool parameter(walk *w, rh_parameter *out)
{
    const char *name;
    size_t len;

    if (!skip(w, "{\"name\":"))
        return value(w, out);
    if (!string(w, &name, &len) || !skip(w, ",\"value\":"))
        return false;
    out->name = copy(w, name, len);
    return out->name != NULL && value(w, out) && skip(w, "}");
}

rh_status rh_workload_params_quick(const char *text, size_t len, rh_arena *arena,
                                   rh_parameter **out, size_t *out_count, bool *out_taken,
                                   rh_error *err)
{
    walk w = {text, text + len, arena, false};
    rh_parameter list[QUICK_PARAMETERS], *copied;
    size_t count = 0;
    bool good = skip(&w, "[");

    *out_taken = false;
    if (good && w.at < w.end && *w.at != ']') {
        do {
            good = count < QUICK_PARAMETERS;
            if (good) {
                list[count] = (rh_parameter){.kind = RH_PARAMETER_NULL};
                good = parameter(&w, &list[count++]);
            }
        } while (good && skip(&w, ","));
    }
    if (w.oom)
        return rh_error_oom(err);
    if (!good || !skip(&w, "]") || w.at != w.end)
        return RH_OK;
    copied = rh_arena_array(arena, count, sizeof *copied);
    if (copied == NULL)
        return rh_error_oom(err);
    if (count > 0)
        memcpy(copied, list, count * sizeof *list);
    *out = copied;
    *out_count = count;
    *out_taken = true;
    return RH_OK;
}
