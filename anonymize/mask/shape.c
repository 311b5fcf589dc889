#include "shape.h"

#include <string.h>

#include "anonymize/int_perm.h"
#include "core/mem.h"
#include "core/num.h"
#include "field_text.h"

rh_status shape_open(const mask_node *node, const rh_mask_key *key, void **out, rh_error *err)
{
    shape_engine *shape = rh_mem_zalloc(sizeof *shape);

    (void)node;
    (void)key;
    if (shape == NULL)
        return rh_error_oom(err);
    *out = shape;
    return RH_OK;
}

void shape_close(void *state)
{
    shape_engine *shape = state;

    if (shape == NULL)
        return;
    text_engine_close(shape->text);
    byte_engine_close(shape->bytes);
    rh_int_perm_free(shape->mantissa);
    rh_mem_free(shape);
}

/* Whole and exact as an integer (2^53). */
static bool is_whole(double value)
{
    return value > -9007199254740992.0 && value < 9007199254740992.0 &&
           value == (double)(int64_t)value;
}

/* Integers of a column have to fit its type: walk on until they do. */
static bool fits_place(const mask_place *place, const char *text, size_t len)
{
    int64_t value;

    if (place->type != PLACE_INT2 && place->type != PLACE_INT4 && place->type != PLACE_INT8)
        return true;
    if (!rh_num_scan_int64(text, len, &value))
        return false;
    return place->type == PLACE_INT8 ||
           (place->type == PLACE_INT4 ? value == (int32_t)value : value == (int16_t)value);
}

static rh_status shape_text(const mask_node *node, const rh_mask_key *key, shape_engine *shape,
                            mask_call *call, rh_field *value, rh_error *err)
{
    text_job job = {.json_number = call->json_number || node->place.type == PLACE_NUMERIC ||
                                   node->place.type == PLACE_FLOAT};
    rh_status status = field_copy(value, call->scratch, &job.text, &job.len, err);

    if (status == RH_OK && shape->text == NULL)
        status = text_engine_open(key, node->domain, node->place.folds_case, &shape->text, err);
    if (status != RH_OK)
        return status;

    bool had_to_fit = fits_place(&node->place, job.text, job.len);

    do {
        status = text_engine_map(shape->text, &job, call->scratch, err);
    } while (status == RH_OK && had_to_fit && !fits_place(&node->place, job.text, job.len));
    if (status == RH_OK)
        field_put_back(value, job.text, job.len);
    return status;
}

/* A number with a fraction keeps sign and exponent; its 52 bits of mantissa are permuted. */
static rh_status shape_real(const mask_node *node, const rh_mask_key *key, shape_engine *shape,
                            rh_field *value, rh_error *err)
{
    const uint64_t mask = (UINT64_C(1) << 52) - 1;

    if (shape->mantissa == NULL) {
        const rh_int_range range = {0, (int64_t)mask, false};
        rh_status status = rh_int_perm_new(key, node->domain, &range, &shape->mantissa, err);

        if (status != RH_OK)
            return status;
    }
    do {
        uint64_t bits;

        memcpy(&bits, &value->real, sizeof bits);

        int64_t part = (int64_t)(bits & mask);

        if (!rh_int_perm_map(shape->mantissa, &part, 1))
            break;
        bits = (bits & ~mask) | (uint64_t)part;
        memcpy(&value->real, &bits, sizeof bits);
    } while (is_whole(value->real));
    return RH_OK;
}

/* 5.0 is masked as 5 is, so that a REAL column joins an INTEGER one. */
static rh_status shape_number(const mask_node *node, const rh_mask_key *key, shape_engine *shape,
                              mask_call *call, rh_field *value, rh_error *err)
{
    rh_field whole = {.kind = RH_FIELD_INTEGER};

    if (value->real != value->real || value->real - value->real != 0)
        return RH_OK; /* NaN, infinity */
    if (!is_whole(value->real))
        return shape_real(node, key, shape, value, err);
    whole.integer = (int64_t)value->real;
    do {
        rh_status status = shape_text(node, key, shape, call, &whole, err);

        if (status != RH_OK)
            return status;
    } while (!is_whole((double)whole.integer));
    value->real = (double)whole.integer;
    return RH_OK;
}

rh_status shape_apply(const mask_node *node, const rh_mask_key *key, shape_engine *shape,
                      mask_call *call, rh_field *value, rh_error *err)
{
    bytes_view view;
    rh_status status = RH_OK;

    switch (value->kind) {
    case RH_FIELD_REAL:
        return shape_number(node, key, shape, call, value, err);
    case RH_FIELD_INTEGER:
        return shape_text(node, key, shape, call, value, err);
    case RH_FIELD_TEXT:
        if (node->place.type != PLACE_BYTEA)
            return shape_text(node, key, shape, call, value, err);
        break;
    case RH_FIELD_BLOB:
        break;
    default:
        return RH_OK;
    }
    status = field_bytes(node, value, call->scratch, &view, err);
    if (status == RH_SKIPPED)
        return rh_error_set(err, RH_EFORMAT, "a value of '%s' is no hexadecimal bytea",
                            node->place.name);
    if (status == RH_OK && shape->bytes == NULL)
        status = byte_engine_open(key, node->domain, &shape->bytes, err);
    if (status == RH_OK)
        status = byte_engine_map(shape->bytes, view.data, view.len, err);
    if (status == RH_OK)
        status = field_set_bytes(value, &view, call->scratch, err);
    return status;
}
