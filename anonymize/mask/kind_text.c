/*
 * Texts by character class: text, prefix-text, digits, alnum, phone.
 */
#include <string.h>

#include "anonymize/prefix_text.h"
#include "core/mem.h"
#include "field_text.h"
#include "kinds.h"
#include "shape.h"
#include "text_engine.h"

/* ---- text: the shape engine is the mask ---- */

typedef struct text_state {
    shape_engine *shape;
    rh_mask_key key;
} text_state;

static void close_text(void *state)
{
    text_state *text = state;

    shape_close(text->shape);
    rh_mem_wipe_free(text, sizeof *text);
}

static rh_status open_text(const mask_node *node, const rh_mask_key *key, void **out, rh_error *err)
{
    void *shape = NULL;
    text_state *text = rh_mem_zalloc(sizeof *text);
    rh_status status = RH_OK;

    if (text == NULL)
        return rh_error_oom(err);
    text->key = *key;
    status = shape_open(node, key, &shape, err);
    text->shape = shape;
    if (status == RH_OK)
        status =
            text_engine_open(key, node->domain, node->place.folds_case, &text->shape->text, err);
    if (status != RH_OK) {
        close_text(text);
        return status;
    }
    *out = text;
    return RH_OK;
}

static rh_status apply_text(const mask_node *node, void *state, mask_call *call, rh_field *value,
                            rh_error *err)
{
    text_state *text = state;

    return shape_apply(node, &text->key, text->shape, call, value, err);
}

/* Texts only: numbers of SQLite have a way of their own. */
static rh_status apply_texts(const mask_node *node, void *state, mask_call *call, rh_field *values,
                             bool *done, size_t count, rh_error *err)
{
    text_state *text = state;
    text_job jobs[MASK_MANY];
    size_t used = 0;
    rh_status status = RH_OK;

    if (node->place.type == PLACE_BYTEA)
        return RH_OK;
    for (size_t i = 0; i < count; i++) {
        done[i] = values[i].kind == RH_FIELD_TEXT;
        if (!done[i])
            continue;
        status = field_copy(&values[i], call->scratch, &jobs[used].text, &jobs[used].len, err);
        if (status != RH_OK)
            return status;
        jobs[used].json_number = false;
        field_set_text(&values[i], jobs[used].text, jobs[used].len);
        used++;
    }
    return text_engine_map_many(text->shape->text, jobs, used, call->scratch, err);
}

static rh_status compile_text(mask_compiler *c, mask_node *node, rh_error *err)
{
    return param_bool(c, node, "fold-case", &node->place.folds_case, err);
}

static const char *const text_parameters[] = {"fold-case", NULL};

const mask_ops mask_ops_text = {
    .kind = {"text", KEEPS_PERMUTED | RH_KEEPS_WIDTH | RH_KEEPS_CLASS,
             "length, places of capitals, digits and signs, and how often each value occurs",
             text_parameters},
    .fits = FITS_TEXT,
    .flags = OPS_TOTAL,
    .compile = compile_text,
    .open = open_text,
    .close = close_text,
    .apply = apply_text,
    .apply_many = apply_texts,
};

/* ---- prefix-text ---- */

static rh_status open_prefix(const mask_node *node, const rh_mask_key *key, void **out,
                             rh_error *err)
{
    rh_prefix_text *map = NULL;
    rh_status status = rh_prefix_text_new(key, node->domain, node->place.folds_case, &map, err);

    *out = map;
    return status;
}

static void close_prefix(void *state)
{
    rh_prefix_text_free(state);
}

/* Integers take the detour by their text only if that stays an integer; first digits may turn 0. */
static rh_status apply_prefix(const mask_node *node, void *state, mask_call *call, rh_field *value,
                              rh_error *err)
{
    char *text;
    size_t len;

    (void)node;
    if (value->kind != RH_FIELD_TEXT || call->json_number)
        return RH_SKIPPED;

    rh_status status = field_copy(value, call->scratch, &text, &len, err);

    if (status != RH_OK)
        return status;
    rh_prefix_text_map(state, text, len);
    field_set_text(value, text, len);
    return RH_OK;
}

const mask_ops mask_ops_prefix_text = {
    .kind = {"prefix-text", KEEPS_PERMUTED | RH_KEEPS_PREFIX | RH_KEEPS_WIDTH | RH_KEEPS_CLASS,
             "which values share how long a beginning, length, character classes, frequency; a "
             "known value gives away the beginning of all that share it",
             text_parameters},
    .fits = FITS_TEXT,
    .compile = compile_text,
    .open = open_prefix,
    .close = close_prefix,
    .apply = apply_prefix,
};

/* ---- digits, alnum, phone ---- */

typedef struct digits_data {
    int64_t keep_first; /* characters of the class */
    int64_t keep_last;
    bool letters;
    bool phone;
} digits_data;

static rh_status open_engine(const mask_node *node, const rh_mask_key *key, void **out,
                             rh_error *err)
{
    text_engine *engine = NULL;
    rh_status status = text_engine_open(key, node->domain, false, &engine, err);

    *out = engine;
    return status;
}

static void close_engine(void *state)
{
    text_engine_close(state);
}

static rh_status compile_digits(mask_compiler *c, mask_node *node, rh_error *err)
{
    const int64_t range[2] = {0, 64};
    digits_data *data = rh_arena_array(c->arena, 1, sizeof *data);

    if (data == NULL)
        return rh_error_oom(err);
    node->data = data;
    data->phone = node->ops == &mask_ops_phone;
    data->letters = node->ops == &mask_ops_alnum;

    rh_status status = param_integer(c, node, "keep-first", range, &data->keep_first, err);

    if (status == RH_OK)
        status = param_integer(c, node, "keep-last", range, &data->keep_last, err);
    if (status == RH_OK && data->keep_first + data->keep_last > 0)
        node->leaks = "the characters that are kept, length, signs, frequency";
    return status;
}

/* Digits of the country in front of an international number (ITU-T E.164). */
static size_t country_digits(const char *digits, size_t count)
{
    static const char two[] = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 "
                              "55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 93 94 95 98";

    if (count == 0)
        return 0;
    if (digits[0] == '1' || digits[0] == '7')
        return 1;
    for (size_t i = 0; count >= 2 && i + 1 < sizeof two; i += 3) {
        if (memcmp(two + i, digits, 2) == 0)
            return 2;
    }
    return count < 3 ? count : 3;
}

static bool is_member(const digits_data *data, char c)
{
    return is_digit(c) || (data->letters && is_alpha(c));
}

enum { OF_PHONE = 1, OF_ALNUM = 2, OF_DIGITS = 4 };

/* Signs that numbers are written with, by who allows them. */
static const uint8_t signs[256] = {
    [' '] = OF_PHONE | OF_ALNUM | OF_DIGITS,
    ['-'] = OF_PHONE | OF_ALNUM | OF_DIGITS,
    ['.'] = OF_PHONE | OF_ALNUM | OF_DIGITS,
    ['/'] = OF_PHONE | OF_ALNUM | OF_DIGITS,
    ['+'] = OF_PHONE | OF_ALNUM | OF_DIGITS,
    [':'] = OF_ALNUM | OF_DIGITS,
    ['('] = OF_PHONE | OF_DIGITS,
    [')'] = OF_PHONE | OF_DIGITS,
    ['_'] = OF_ALNUM,
    ['#'] = OF_ALNUM,
};

/* Anything that is neither member nor sign is not of this form. */
static bool is_sign(const digits_data *data, char c)
{
    return (signs[(uint8_t)c] & (data->phone     ? OF_PHONE
                                 : data->letters ? OF_ALNUM
                                                 : OF_DIGITS)) != 0;
}

static void put_members(const digits_data *data, const text_job *job, size_t first, char *text,
                        size_t len)
{
    size_t place = 0;

    for (size_t i = 0; i < len; i++) {
        if (!is_member(data, text[i]))
            continue;
        if (place >= first && place - first < job->len)
            text[i] = job->text[place - first];
        place++;
    }
}

/* A value taken apart: its whole text, and what of it is permuted. */
typedef struct digits_part {
    char *text;
    size_t len;
    text_job job;
    size_t first; /* members that stay in front */
    bool integer; /* and stays one */
    bool whole;   /* with its sign, which bounds it: the job is the text itself */
} digits_part;

/* RH_SKIPPED: not of this form. A job without length: nothing to do. */
static rh_status take_digits(const digits_data *data, const mask_call *call, const rh_field *value,
                             digits_part *out, rh_error *err)
{
    size_t count = 0;
    size_t first = (size_t)data->keep_first;
    size_t last = (size_t)data->keep_last;
    rh_status status = field_copy(value, call->scratch, &out->text, &out->len, err);

    if (status != RH_OK)
        return status;
    out->job = (text_job){rh_arena_alloc(call->scratch, out->len), 0, false};
    if (out->job.text == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < out->len; i++) {
        if (is_member(data, out->text[i]))
            out->job.text[count++] = out->text[i];
        else if (!is_sign(data, out->text[i]))
            return RH_SKIPPED;
    }
    if (data->phone && out->len > 0 && out->text[0] == '+' && first == 0)
        first = country_digits(out->job.text, count);
    if (count == 0 || first + last >= count)
        return count == 0 && out->len == 0 ? RH_OK : RH_SKIPPED;
    out->first = first;
    out->integer = text_is_int64(out->text, out->len);
    out->job.text += first;
    out->job.len = count - first - last;
    out->whole = out->integer && out->job.len == count;
    if (out->whole)
        out->job = (text_job){out->text, out->len, false};
    return RH_OK;
}

/* Behind the mapping of the job: back to a text, walking on until an integer is one again. */
static rh_status put_digits(const digits_data *data, text_engine *engine, digits_part *part,
                            const mask_call *call, rh_field *value, rh_error *err)
{
    rh_status status = RH_OK;

    if (!part->whole)
        put_members(data, &part->job, part->first, part->text, part->len);
    while (status == RH_OK && !part->whole && part->integer &&
           !text_is_int64(part->text, part->len)) {
        status = text_engine_map(engine, &part->job, call->scratch, err);
        put_members(data, &part->job, part->first, part->text, part->len);
    }
    if (status == RH_OK && part->len > 0)
        field_put_back(value, part->text, part->len);
    return status;
}

static rh_status apply_digits(const mask_node *node, void *state, mask_call *call, rh_field *value,
                              rh_error *err)
{
    digits_part part;
    rh_status status = take_digits(node->data, call, value, &part, err);

    if (status == RH_OK && part.job.len > 0)
        status = text_engine_map(state, &part.job, call->scratch, err);
    return status == RH_OK && part.job.len > 0
               ? put_digits(node->data, state, &part, call, value, err)
               : status;
}

static rh_status apply_many_digits(const mask_node *node, void *state, mask_call *call,
                                   rh_field *values, bool *done, size_t count, rh_error *err)
{
    digits_part parts[MASK_MANY];
    text_job jobs[MASK_MANY];
    size_t of[MASK_MANY]; /* job -> value */
    size_t used = 0;
    rh_status status = RH_OK;

    for (size_t i = 0; i < count; i++) {
        status = take_digits(node->data, call, &values[i], &parts[used], err);
        if (status != RH_OK && status != RH_SKIPPED)
            return status;
        if (status == RH_SKIPPED || parts[used].job.len == 0)
            continue;
        jobs[used] = parts[used].job;
        of[used++] = i;
    }
    if (used > 0)
        status = text_engine_map_many(state, jobs, used, call->scratch, err);
    else
        status = RH_OK;
    for (size_t i = 0; i < used && status == RH_OK; i++) {
        status = put_digits(node->data, state, &parts[i], call, &values[of[i]], err);
        done[of[i]] = true;
    }
    return status;
}

static const char *const digits_parameters[] = {"keep-first", "keep-last", NULL};

const mask_ops mask_ops_digits = {
    .kind = {"digits", KEEPS_PERMUTED | RH_KEEPS_WIDTH | RH_KEEPS_CLASS,
             "number of digits, signs between them, frequency", digits_parameters},
    .fits = FITS_TEXT,
    .compile = compile_digits,
    .open = open_engine,
    .close = close_engine,
    .apply = apply_digits,
    .apply_many = apply_many_digits,
};

const mask_ops mask_ops_alnum = {
    .kind = {"alnum", KEEPS_PERMUTED | RH_KEEPS_WIDTH | RH_KEEPS_CLASS,
             "length, places of letters, capitals and digits, signs between them, frequency",
             digits_parameters},
    .fits = FITS_TEXT,
    .compile = compile_digits,
    .open = open_engine,
    .close = close_engine,
    .apply = apply_digits,
    .apply_many = apply_many_digits,
};

const mask_ops mask_ops_phone = {
    .kind = {"phone", KEEPS_PERMUTED | RH_KEEPS_WIDTH | RH_KEEPS_CLASS,
             "country code of numbers with +, number of digits, signs, frequency",
             digits_parameters},
    .fits = FITS_TEXT,
    .compile = compile_digits,
    .open = open_engine,
    .close = close_engine,
    .apply = apply_digits,
    .apply_many = apply_many_digits,
};
