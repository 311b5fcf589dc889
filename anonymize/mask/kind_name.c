/*
 * Made-up names: name, company, city. A text is permuted as mask `text` does (letters for letters),
 * then every plain word is written in syllables. Both steps can be undone, so different values
 * have different images, whatever comes:
 *
 * - Words of two ASCII letters or more, all small, all capitals, or with one capital in front,
 *   become syllables in the same style. A word's length tells what the original's was.
 * - All other words (initials, McDonald, letters beyond ASCII) keep what the permutation made of
 *   them; they differ from syllables in length, in capitals or in bytes.
 * - A legal form at the end of a company stays. What has none gets none: the permutation is walked
 *   until its image has none (syllables never look like one, see syllables.c).
 */
#include <string.h>

#include "core/mem.h"
#include "field_text.h"
#include "kinds.h"
#include "syllables.h"
#include "text_engine.h"

static const char *const legal_forms[] = {
    "Inc",  "Inc.",  "LLC", "Ltd", "Ltd.", "GmbH", "AG",   "SA",  "S.A.", "BV", "B.V.",
    "Corp", "Corp.", "Co",  "Co.", "PLC",  "KG",   "SARL", "SpA", "Oy",   "AB", NULL};

enum { MIN_CHARS = 16 }; /* of a column: with fewer most names would have no room */

static rh_status compile_name(mask_compiler *c, mask_node *node, rh_error *err)
{
    bool *same_width = rh_arena_array(c->arena, 1, sizeof *same_width);
    rh_status status;

    if (same_width == NULL)
        return rh_error_oom(err);
    node->data = same_width;
    status = param_bool(c, node, "unique", same_width, err);
    if (status == RH_OK && node->place.max_chars >= 0 && node->place.max_chars < MIN_CHARS &&
        !*same_width)
        return param_error(c, node->parameters, "mask", err,
                           "mask '%s' needs %d characters, '%s' has %lld: use 'unique: true' or "
                           "mask 'text'",
                           node->ops->kind.name, MIN_CHARS, node->place.name,
                           (long long)node->place.max_chars);
    if (*same_width) {
        node->keeps |= RH_KEEPS_UNIQUE | RH_KEEPS_WIDTH | RH_KEEPS_CLASS;
        node->leaks = mask_ops_text.kind.leaks;
    } else if (node->place.max_chars >= 0) {
        /* What has no room is replaced by its like, which may be another value's stand-in. */
        node->keeps &= ~(unsigned)RH_KEEPS_UNIQUE;
    }
    return status;
}

static rh_status open_name(const mask_node *node, const rh_mask_key *key, void **out, rh_error *err)
{
    text_engine *engine = NULL;
    rh_status status = text_engine_open(key, node->domain, node->place.folds_case, &engine, err);

    *out = engine;
    return status;
}

static void close_name(void *state)
{
    text_engine_close(state);
}

/* ---- legal forms ---- */

static bool is_legal_form(const char *word, size_t len)
{
    for (size_t i = 0; legal_forms[i] != NULL; i++) {
        if (strlen(legal_forms[i]) == len && memcmp(legal_forms[i], word, len) == 0)
            return true;
    }
    return false;
}

/* Where the name ends: in front of the blank before a legal form, else at the end. */
static size_t end_of_name(const mask_node *node, const char *text, size_t len)
{
    size_t last = len;

    if (node->ops != &mask_ops_company || node->place.folds_case)
        return len;
    while (last > 0 && text[last - 1] != ' ')
        last--;
    return last > 1 && is_legal_form(text + last, len - last) ? last - 1 : len;
}

/* ---- words ---- */

enum word_style { STYLE_OTHER, STYLE_LOWER, STYLE_TITLE, STYLE_UPPER };

static bool is_word_byte(char c)
{
    return is_alpha(c) || (uint8_t)c > 127;
}

static enum word_style style_of(const char *word, size_t len, bool folds_case)
{
    size_t capitals = 0;
    bool first = word[0] <= 'Z';

    for (size_t i = 0; i < len; i++) {
        if ((uint8_t)word[i] > 127)
            return STYLE_OTHER;
        capitals += word[i] <= 'Z';
    }
    if (len < 2)
        return STYLE_OTHER;
    if (capitals == 0)
        return STYLE_LOWER;
    if (capitals == len)
        return STYLE_UPPER;
    /* Where case does not count, McDonald has to become what mcdonald becomes. */
    return (first && capitals == 1) || folds_case ? STYLE_TITLE : STYLE_OTHER;
}

static rh_status append_word(const mask_node *node, char *word, size_t len, arena_text *out,
                             rh_error *err)
{
    enum word_style style = style_of(word, len, node->place.folds_case);
    size_t letters = syllables_len(len);
    rh_status status;
    char *to;

    if (style == STYLE_OTHER)
        return arena_text_add(out, word, len, err);
    status = arena_text_reserve(out, letters, err);
    if (status != RH_OK)
        return status;
    to = out->data + out->len;
    ascii_lower(word, len);
    syllables_put(word, len, to);
    if (style != STYLE_LOWER)
        ascii_upper(to, style == STYLE_TITLE ? 1 : letters);
    out->len += letters;
    return RH_OK;
}

/* The value from its permuted name, in words, and what stands behind the name. */
static rh_status put_name(const mask_node *node, char *name, size_t len, rh_arena *scratch,
                          rh_field *value, rh_error *err)
{
    arena_text out = {.arena = scratch};
    rh_status status = arena_text_reserve(&out, 2 * value->len + 16, err);

    for (size_t at = 0; at < len && status == RH_OK;) {
        size_t start = at;

        while (at < len && is_word_byte(name[at]))
            at++;
        if (at > start) {
            status = append_word(node, name + start, at - start, &out, err);
            continue;
        }
        while (at < len && !is_word_byte(name[at]))
            at++;
        status = arena_text_add(&out, name + start, at - start, err);
    }
    if (status == RH_OK)
        status = arena_text_add(&out, (const char *)value->data + len, value->len - len, err);
    if (status == RH_OK)
        field_set_text(value, out.data, out.len);
    return status;
}

/* ---- values ---- */

/* Behind the first step of the permutation: walk on past legal forms, then write it down. */
static rh_status finish_name(const mask_node *node, text_engine *engine, const text_job *job,
                             const mask_call *call, rh_field *value, rh_error *err)
{
    rh_status status = RH_OK;

    if (*(const bool *)node->data) {
        field_set_text(value, job->text, job->len);
        return RH_OK;
    }
    while (status == RH_OK && job->len == value->len &&
           end_of_name(node, job->text, job->len) < job->len)
        status = text_engine_map(engine, job, call->scratch, err);
    return status == RH_OK ? put_name(node, job->text, job->len, call->scratch, value, err)
                           : status;
}

/* RH_SKIPPED: no text, or an empty one, which stays. */
static rh_status begin_name(const mask_node *node, const mask_call *call, const rh_field *value,
                            text_job *job, rh_error *err)
{
    rh_status status;

    if (value->kind != RH_FIELD_TEXT || call->json_number)
        return RH_SKIPPED;
    job->json_number = false;
    status = field_copy(value, call->scratch, &job->text, &job->len, err);
    if (status == RH_OK && !*(const bool *)node->data)
        job->len = end_of_name(node, job->text, job->len);
    return status;
}

static rh_status apply_name(const mask_node *node, void *state, mask_call *call, rh_field *value,
                            rh_error *err)
{
    text_job job;
    rh_status status = begin_name(node, call, value, &job, err);

    if (status != RH_OK || job.len == 0)
        return status;
    status = text_engine_map(state, &job, call->scratch, err);
    return status == RH_OK ? finish_name(node, state, &job, call, value, err) : status;
}

static rh_status apply_names(const mask_node *node, void *state, mask_call *call, rh_field *values,
                             bool *done, size_t count, rh_error *err)
{
    text_job jobs[MASK_MANY];
    size_t used = 0;
    rh_status status = RH_OK;

    for (size_t i = 0; i < count; i++) {
        status = begin_name(node, call, &values[i], &jobs[used], err);
        if (status != RH_OK && status != RH_SKIPPED)
            return status;
        done[i] = status == RH_OK && jobs[used].len > 0;
        used += done[i];
    }
    if (used == 0)
        return RH_OK;
    status = text_engine_map_many(state, jobs, used, call->scratch, err);
    used = 0;
    for (size_t i = 0; i < count && status == RH_OK; i++) {
        if (done[i])
            status = finish_name(node, state, &jobs[used++], call, &values[i], err);
    }
    return status;
}

static const char *const name_parameters[] = {"unique", NULL};

/* The three differ in what their texts usually are, and so in what leaks. */
#define NAME_OPS(kind_name, leaks)                                                                 \
    {                                                                                              \
        .kind = {kind_name, KEEPS_PERMUTED, leaks, name_parameters}, .fits = FITS_TEXT,            \
        .compile = compile_name, .open = open_name, .close = close_name, .apply = apply_name,      \
        .apply_many = apply_names,                                                                 \
    }

const mask_ops mask_ops_name =
    NAME_OPS("name", "number, length and capitals of the words, signs, frequency");
const mask_ops mask_ops_company =
    NAME_OPS("company", "legal form, number, length and capitals of the words, signs, frequency");
const mask_ops mask_ops_city =
    NAME_OPS("city", "number, length and capitals of the words, signs, frequency");
