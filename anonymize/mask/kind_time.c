/*
 * Dates and times: time (secret monotone map) and shift-time (one secret shift, of all values or of
 * each subject).
 */
#include <string.h>

#include "anonymize/cipher.h"
#include "core/mem.h"
#include "core/num.h"
#include "field_text.h"
#include "kinds.h"
#include "time_text.h"

enum { NO_SUBJECT = -1, DAYS_UNIT = 3 };

typedef struct time_data {
    time_options options;
    int64_t unit_us; /* of numbers */
    int64_t limit_us;
    int64_t step_us;
    int64_t subject; /* column, or NO_SUBJECT */
} time_data;

typedef struct time_state {
    rh_time_map *map;  /* time */
    rh_cipher *cipher; /* shift-time */
} time_state;

static const int64_t unit_sizes[] = {RH_TIME_SECONDS, RH_TIME_MS, RH_TIME_US, RH_TIME_DAY_US};

static rh_status compile_unit(mask_compiler *c, mask_node *node, time_data **out, rh_error *err)
{
    static const char *const units[] = {"s", "ms", "us", "days", NULL};
    time_data *data = rh_arena_array(c->arena, 1, sizeof *data);
    size_t unit = 0;

    if (data == NULL)
        return rh_error_oom(err);
    node->data = data;
    data->subject = NO_SUBJECT;

    rh_status status = param_choice(c, node, "unit", units, &unit, err);

    data->unit_us = unit_sizes[unit];
    *out = data;
    return status;
}

static rh_status compile_time(mask_compiler *c, mask_node *node, rh_error *err)
{
    time_data *data;
    rh_status status = compile_unit(c, node, &data, err);

    if (status == RH_OK)
        status = time_options_read(c, node, &data->options, err);
    return status;
}

static rh_status compile_shift(mask_compiler *c, mask_node *node, rh_error *err)
{
    const int64_t range[2] = {1, 36500};
    const char *subject = NULL;
    int64_t limit = 364;
    int64_t step = 7;
    time_data *data;
    rh_status status = compile_unit(c, node, &data, err);

    if (status == RH_OK)
        status = param_integer(c, node, "limit-days", range, &limit, err);
    if (status == RH_OK)
        status = param_integer(c, node, "step-days", range, &step, err);
    if (status == RH_OK)
        status = param_text(c, node, "subject", &subject, err);
    if (status != RH_OK)
        return status;
    if (step > limit)
        return param_error(c, node->parameters, "step-days", err,
                           "'step-days' must not be more than 'limit-days'");
    data->limit_us = limit * RH_TIME_DAY_US;
    data->step_us = step * RH_TIME_DAY_US;
    if (subject != NULL) {
        size_t index = 0;

        status = mask_reads_column(c, node, subject, &index, err);
        data->subject = (int64_t)index;
        node->keeps &=
            ~(unsigned)(RH_KEEPS_ORDER | RH_KEEPS_UNIQUE | RH_KEEPS_EQUALITY | RH_KEEPS_FREQUENCY);
        node->leaks = "order, gaps, weekday and time of day within one subject";
    }
    return status;
}

static void close_time(void *state)
{
    time_state *time = state;

    rh_time_map_free(time->map);
    rh_cipher_free(time->cipher);
    rh_mem_free(time);
}

static rh_status open_time(const mask_node *node, const rh_mask_key *key, void **out, rh_error *err)
{
    const time_data *data = node->data;
    time_state *time = rh_mem_zalloc(sizeof *time);
    rh_status status;

    if (time == NULL)
        return rh_error_oom(err);
    if (node->ops == &mask_ops_time)
        status = time_options_open(&data->options, key, node->domain, &time->map, err);
    else
        status = rh_cipher_new_for(key, node->domain, "time/subject", &time->cipher, err);
    if (status != RH_OK) {
        close_time(time);
        return status;
    }
    *out = time;
    return RH_OK;
}

/* The shift of the row's subject; a row without one (NULL) shares that of the empty subject. */
static int64_t shift_of(const time_data *data, time_state *time, const rh_field *fields)
{
    char number[FIELD_NUMBER_BYTES];
    const char *text = "";
    size_t len = 0;
    const rh_field *subject =
        data->subject == NO_SUBJECT || fields == NULL ? NULL : &fields[data->subject];

    if (subject != NULL && subject->kind == RH_FIELD_BLOB) {
        text = (const char *)subject->data;
        len = subject->len;
    } else if (subject != NULL) {
        (void)field_text(subject, number, &text, &len);
    }
    return rh_subject_shift(time->cipher, text, len, data->limit_us, data->step_us);
}

/* value counts units of unit_us. False: no room. */
static bool map_time(const mask_node *node, time_state *time, const mask_call *call, int64_t *value,
                     int64_t unit_us)
{
    const time_data *data = node->data;
    int64_t shift;

    if (time->map != NULL)
        return rh_time_map_map(time->map, *value, unit_us, value);
    shift = shift_of(data, time, call->fields) / unit_us;
    if (shift > 0 ? *value > INT64_MAX - shift : *value < INT64_MIN - shift)
        return false;
    *value += shift;
    return true;
}

static rh_status map_number(const mask_node *node, time_state *time, const mask_call *call,
                            rh_field *value)
{
    const time_data *data = node->data;
    int64_t number = value->integer;

    if (value->kind == RH_FIELD_REAL) {
        if (!(value->real > -9e12 && value->real < 9e12) || data->unit_us == RH_TIME_DAY_US)
            return RH_SKIPPED;
        number = (int64_t)(value->real * (double)data->unit_us);
        if (!map_time(node, time, call, &number, RH_TIME_US))
            return RH_SKIPPED;
        value->real = (double)number / (double)data->unit_us;
        return RH_OK;
    }
    if (!map_time(node, time, call, &number, data->unit_us))
        return RH_SKIPPED;
    value->integer = number;
    return RH_OK;
}

static rh_status map_integer_text(const mask_node *node, time_state *time, mask_call *call,
                                  rh_field *value, rh_error *err)
{
    char *text = rh_arena_alloc(call->scratch, FIELD_NUMBER_BYTES);
    rh_field number = {.kind = RH_FIELD_INTEGER};
    const char *image;
    size_t len;

    if (text == NULL)
        return rh_error_oom(err);
    if (!rh_num_scan_int64((const char *)value->data, value->len, &number.integer) ||
        map_number(node, time, call, &number) != RH_OK || !field_text(&number, text, &image, &len))
        return RH_SKIPPED;
    if ((node->place.type == PLACE_INT4 && number.integer != (int32_t)number.integer) ||
        (node->place.type == PLACE_INT2 && number.integer != (int16_t)number.integer))
        return RH_SKIPPED;
    field_set_text(value, image, len);
    return RH_OK;
}

static int64_t unit_of_text(const time_text *at)
{
    int64_t unit = at->date ? RH_TIME_DAY_US : at->minutes ? 60 * RH_TIME_SECONDS : RH_TIME_SECONDS;

    for (int i = 0; i < at->fraction; i++)
        unit /= 10;
    return unit;
}

static rh_status map_text(const mask_node *node, time_state *time, mask_call *call, rh_field *value,
                          rh_error *err)
{
    bool typed = (FITS_TIMES & (UINT32_C(1) << node->place.type)) != 0;
    time_text at;
    int64_t unit;
    int64_t units;
    char *text;

    if (!time_text_parse((const char *)value->data, value->len, &at))
        return RH_SKIPPED;
    if (at.infinite)
        return RH_OK;
    unit = typed && !at.date ? RH_TIME_US : unit_of_text(&at);
    units = at.us / unit - (at.us % unit < 0);
    if (!map_time(node, time, call, &units, unit) || units > INT64_MAX / unit - 1 ||
        units < INT64_MIN / unit + 1)
        return RH_SKIPPED;
    at.us = units * unit;
    text = rh_arena_alloc(call->scratch, TIME_TEXT_BYTES);
    if (text == NULL)
        return rh_error_oom(err);

    size_t len = time_text_put(&at, typed, text);

    if (len == 0)
        return RH_SKIPPED;
    field_set_text(value, text, len);
    return RH_OK;
}

static rh_status apply_time(const mask_node *node, void *state, mask_call *call, rh_field *value,
                            rh_error *err)
{
    if (value->kind == RH_FIELD_INTEGER || value->kind == RH_FIELD_REAL)
        return map_number(node, state, call, value);
    if (value->kind != RH_FIELD_TEXT)
        return RH_SKIPPED;
    if (text_is_int64((const char *)value->data, value->len))
        return map_integer_text(node, state, call, value, err);
    return map_text(node, state, call, value, err);
}

static const char *const time_parameters[] = {"anchor", "stretch-ppm", "shift-weeks", "unit", NULL};
static const char *const shift_parameters[] = {"subject", "limit-days", "step-days", "unit", NULL};

const mask_ops mask_ops_time = {
    .kind = {"time", KEEPS_PERMUTED | RH_KEEPS_ORDER,
             "order, gaps to a few per cent, roughly the year; known pairs give away what lies "
             "between them",
             time_parameters},
    .fits = FITS_TEXT | FITS_TIMES | FITS_INTEGERS,
    .flags = OPS_ORDER,
    .compile = compile_time,
    .open = open_time,
    .close = close_time,
    .apply = apply_time,
};

const mask_ops mask_ops_shift_time = {
    .kind = {"shift-time", KEEPS_PERMUTED | RH_KEEPS_ORDER,
             "order, all gaps exactly, weekday and time of day; one known pair gives away all",
             shift_parameters},
    .fits = FITS_TEXT | FITS_TIMES | FITS_INTEGERS,
    .flags = OPS_ORDER,
    .compile = compile_shift,
    .open = open_time,
    .close = close_time,
    .apply = apply_time,
};
