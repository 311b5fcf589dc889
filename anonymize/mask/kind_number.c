/*
 * Numbers: integer (permuted or monotone) and numeric (monotone).
 */
#include <stdio.h>
#include <string.h>

#include "anonymize/decimal_map.h"
#include "anonymize/int_perm.h"
#include "anonymize/monotone.h"
#include "anonymize/shuffle.h"
#include "core/mem.h"
#include "core/num.h"
#include "field_text.h"
#include "float_text.h"
#include "kinds.h"

/* ---- integer ---- */

/*
 * Permutation: magnitudes m (n, or -n-1 of negatives) are permuted within tiers that end where the
 * integer types end, so that a smallint, an integer and a bigint column of one domain have the same
 * images, and each image fits where its value was. An explicit range makes three tiers: below it,
 * itself, above it.
 */
enum { TIER_SMALL = 32768, TIERS = 3 };

typedef struct integer_data {
    bool monotone;
    bool ranged;
    int64_t low, high;
    uint32_t gap_65536;
    rh_shuffle *small; /* read by all lanes */
} integer_data;

typedef struct integer_state {
    rh_int_perm *perm[TIERS]; /* 0: the explicit range */
    rh_monotone *monotone;
} integer_state;

static void type_limits(place_type type, int64_t *low, int64_t *high)
{
    *low = type == PLACE_INT2 ? INT16_MIN : type == PLACE_INT4 ? INT32_MIN : INT64_MIN;
    *high = type == PLACE_INT2 ? INT16_MAX : type == PLACE_INT4 ? INT32_MAX : INT64_MAX;
}

static rh_status read_gap(mask_compiler *c, mask_node *node, integer_data *data, rh_error *err)
{
    const json_t *gap = json_object_get(node->parameters, "gap");
    double value = gap == NULL ? 1 : json_number_value(gap);

    if (gap != NULL && !data->monotone)
        return param_error(c, node->parameters, "gap", err, "'gap' is for 'mode: monotone'");
    if (!(value >= 0.001 && value <= 60000))
        return param_error(c, node->parameters, "gap", err,
                           "'gap' must be a number from 0.001 to 60000");
    data->gap_65536 = (uint32_t)(value * 65536);
    return RH_OK;
}

static rh_status read_range(mask_compiler *c, mask_node *node, integer_data *data, rh_error *err)
{
    int64_t limits[2];
    rh_status status = RH_OK;

    type_limits(node->place.type, &limits[0], &limits[1]);
    data->low = limits[0];
    data->high = limits[1];
    data->ranged = json_object_get(node->parameters, "low") != NULL ||
                   json_object_get(node->parameters, "high") != NULL;
    status = param_integer(c, node, "low", limits, &data->low, err);
    if (status == RH_OK)
        status = param_integer(c, node, "high", limits, &data->high, err);
    if (status == RH_OK && data->low > data->high)
        return param_error(c, node->parameters, "high", err, "'high' is less than 'low'");
    return status;
}

static rh_status compile_integer(mask_compiler *c, mask_node *node, rh_error *err)
{
    static const char *const modes[] = {"permute", "monotone", NULL};
    integer_data *data = rh_arena_array(c->arena, 1, sizeof *data);
    size_t mode = 0;

    if (data == NULL)
        return rh_error_oom(err);
    node->data = data;

    rh_status status = param_choice(c, node, "mode", modes, &mode, err);

    data->monotone = mode == 1;
    if (status == RH_OK)
        status = read_range(c, node, data, err);
    if (status == RH_OK)
        status = read_gap(c, node, data, err);
    if (status != RH_OK)
        return status;
    if (data->monotone) {
        if (json_object_get(node->parameters, "invalid") == NULL)
            node->invalid = INVALID_ERROR;
        node->keeps |= RH_KEEPS_ORDER;
        node->leaks = "order, frequency, roughly the size; known pairs give away what lies between "
                      "them to a few percent";
        return RH_OK;
    }
    if (data->ranged)
        return RH_OK;
    return rh_shuffle_new(c->request->key, node->domain, "integer/small", TIER_SMALL, &data->small,
                          err);
}

static void release_integer(mask_node *node)
{
    integer_data *data = node->data;

    if (data != NULL)
        rh_shuffle_free(data->small);
}

static void close_integer(void *state)
{
    integer_state *s = state;

    for (int i = 0; i < TIERS; i++)
        rh_int_perm_free(s->perm[i]);
    rh_monotone_free(s->monotone);
    rh_mem_free(s);
}

static rh_status open_perms(const integer_data *data, const mask_node *node, const rh_mask_key *key,
                            integer_state *s, rh_error *err)
{
    rh_int_range ranges[TIERS] = {
        {1, 0, false}, /* empty */
        {TIER_SMALL, INT32_MAX, false},
        {(int64_t)INT32_MAX + 1, INT64_MAX, false},
    };
    rh_status status = RH_OK;

    if (data->ranged) {
        int64_t least;
        int64_t most;

        type_limits(node->place.type, &least, &most);
        ranges[0] = (rh_int_range){data->low, data->high, false};
        ranges[1] = (rh_int_range){least, data->low > least ? data->low - 1 : least, false};
        ranges[2] = (rh_int_range){data->high < most ? data->high + 1 : most, most, false};
    }
    for (int i = 0; i < TIERS && status == RH_OK; i++) {
        if (ranges[i].low <= ranges[i].high)
            status = rh_int_perm_new(key, node->domain, &ranges[i], &s->perm[i], err);
    }
    return status;
}

static rh_status open_integer(const mask_node *node, const rh_mask_key *key, void **out,
                              rh_error *err)
{
    const integer_data *data = node->data;
    const rh_monotone_options options = {
        data->low > 0    ? data->low
        : data->high < 0 ? data->high
                         : 0,
        data->gap_65536,
        data->low,
        data->high,
    };
    integer_state *s = rh_mem_zalloc(sizeof *s);
    rh_status status;

    if (s == NULL)
        return rh_error_oom(err);
    status = data->monotone ? rh_monotone_new(key, node->domain, &options, &s->monotone, err)
                            : open_perms(data, node, key, s, err);
    if (status != RH_OK) {
        close_integer(s);
        return status;
    }
    *out = s;
    return RH_OK;
}

static bool map_integer(const integer_data *data, integer_state *s, int64_t *value)
{
    int64_t m = *value < 0 ? -(*value + 1) : *value;

    if (s->monotone != NULL)
        return *value >= data->low && *value <= data->high &&
               rh_monotone_map(s->monotone, *value, value);
    if (data->ranged)
        return rh_int_perm_map(s->perm[*value < data->low    ? 1
                                       : *value > data->high ? 2
                                                             : 0],
                               value, 1);
    if (m < TIER_SMALL)
        m = rh_shuffle_get(data->small, (uint32_t)m);
    else if (!rh_int_perm_map(s->perm[m > INT32_MAX ? 2 : 1], &m, 1))
        return false;
    *value = *value < 0 ? -m - 1 : m;
    return true;
}

static bool read_number(const rh_field *field, int64_t *out)
{
    if (field->kind == RH_FIELD_INTEGER) {
        *out = field->integer;
        return true;
    }
    return field->kind == RH_FIELD_TEXT && text_is_int64((const char *)field->data, field->len) &&
           rh_num_scan_int64((const char *)field->data, field->len, out);
}

static rh_status write_number(rh_field *field, int64_t number, rh_arena *scratch, rh_error *err)
{
    char *text;

    if (field->kind == RH_FIELD_INTEGER) {
        field->integer = number;
        return RH_OK;
    }
    text = rh_arena_alloc(scratch, FIELD_NUMBER_BYTES);
    if (text == NULL)
        return rh_error_oom(err);
    field_set_text(field, text, text_put_int64(number, text));
    return RH_OK;
}

static rh_status apply_integer(const mask_node *node, void *state, mask_call *call, rh_field *value,
                               rh_error *err)
{
    const double limit = 9007199254740992.0;
    int64_t number = value->integer;

    switch (value->kind) {
    case RH_FIELD_INTEGER:
        if (!map_integer(node->data, state, &number))
            return RH_SKIPPED;
        value->integer = number;
        return RH_OK;
    case RH_FIELD_REAL:
        if (!(value->real > -limit && value->real < limit) ||
            value->real != (double)(int64_t)value->real)
            return RH_SKIPPED;
        number = (int64_t)value->real;
        do {
            if (!map_integer(node->data, state, &number))
                return RH_SKIPPED;
        } while ((double)number >= limit || (double)number <= -limit);
        value->real = (double)number;
        return RH_OK;
    case RH_FIELD_TEXT:
        if (!read_number(value, &number) || !map_integer(node->data, state, &number))
            return RH_SKIPPED;
        return write_number(value, number, call->scratch, err);
    default:
        return RH_SKIPPED;
    }
}

/* Which permutation a value belongs to, and the number that it permutes. -1: none of them. */
static int tier_of(const integer_data *data, int64_t value, int64_t *m)
{
    if (data->ranged) {
        *m = value;
        return value < data->low ? 1 : value > data->high ? 2 : 0;
    }
    *m = value < 0 ? -(value + 1) : value;
    return *m < TIER_SMALL ? -1 : *m > INT32_MAX ? 2 : 1;
}

/* Numbers by tier, each with the value that it is of. */
typedef struct tiers {
    int64_t number[TIERS][MASK_MANY];
    size_t of[TIERS][MASK_MANY];
    size_t count[TIERS];
} tiers;

/* Permuted integers that go through FF1; small and monotone ones are quick by themselves. */
static rh_status apply_integers(const mask_node *node, void *state, mask_call *call,
                                rh_field *values, bool *done, size_t count, rh_error *err)
{
    const integer_data *data = node->data;
    integer_state *s = state;
    bool negative[MASK_MANY];
    rh_status status = RH_OK;
    tiers t;

    if (data->monotone)
        return RH_OK;
    memset(t.count, 0, sizeof t.count);
    for (size_t i = 0; i < count; i++) {
        int64_t number;
        int64_t m;
        int tier = read_number(&values[i], &number) ? tier_of(data, number, &m) : -1;

        if (tier < 0)
            continue;
        negative[i] = number < 0;
        t.of[tier][t.count[tier]] = i;
        t.number[tier][t.count[tier]++] = m;
    }
    for (int tier = 0; tier < TIERS; tier++) {
        if (t.count[tier] == 0 || !rh_int_perm_map(s->perm[tier], t.number[tier], t.count[tier]))
            continue;
        for (size_t j = 0; j < t.count[tier] && status == RH_OK; j++) {
            size_t i = t.of[tier][j];
            int64_t m = t.number[tier][j];

            status = write_number(&values[i], !data->ranged && negative[i] ? -m - 1 : m,
                                  call->scratch, err);
            done[i] = true;
        }
    }
    return status;
}

static const char *const integer_parameters[] = {"mode", "low", "high", "gap", NULL};

const mask_ops mask_ops_integer = {
    .kind = {"integer", KEEPS_PERMUTED,
             "frequency, sign, and whether a value is below 2^15, 2^31 or above",
             integer_parameters},
    .fits = FITS_TEXT | FITS_INTEGERS | FIT(NUMERIC),
    .compile = compile_integer,
    .open = open_integer,
    .close = close_integer,
    .release = release_integer,
    .apply = apply_integer,
    .apply_many = apply_integers,
};

/* ---- numeric ---- */

static rh_status compile_numeric(mask_compiler *c, mask_node *node, rh_error *err)
{
    bool *smooth = rh_arena_array(c->arena, 1, sizeof *smooth);
    rh_status status;

    if (smooth == NULL)
        return rh_error_oom(err);
    *smooth = true;
    node->data = smooth;
    status = param_bool(c, node, "smooth", smooth, err);
    if (status == RH_OK && !*smooth)
        node->leaks = "order, sign, zero, digits behind the point, ratios to a factor of two; "
                      "known pairs give away what lies between them";
    return status;
}

static rh_status open_numeric(const mask_node *node, const rh_mask_key *key, void **out,
                              rh_error *err)
{
    const bool *smooth = node->data;
    rh_decimal_map *map = NULL;
    rh_status status = rh_decimal_map_new(key, node->domain, &map, err);

    if (status == RH_OK && !*smooth)
        rh_decimal_map_roughen(map);
    *out = map;
    return status;
}

static void close_numeric(void *state)
{
    rh_decimal_map_free(state);
}

/* "-1.5e-07" as "-0.00000015": decimals without exponent. 0: it has too many digits. */
static size_t expand_exponent(const char *text, size_t len, char out[RH_DECIMAL_OUT_BYTES])
{
    char digits[RH_DECIMAL_OUT_BYTES];
    size_t count = 0;
    size_t at = len > 0 && text[0] == '-' ? 1 : 0;
    int64_t point = -1;
    int64_t exponent = 0;
    size_t used = at;

    for (; at < len && (is_digit(text[at]) || text[at] == '.'); at++) {
        if (text[at] == '.')
            point = (int64_t)count;
        else if (count < RH_DECIMAL_MAX_DIGITS)
            digits[count++] = text[at];
        else
            return 0;
    }
    if (at == len || (text[at] | 0x20) != 'e' ||
        !rh_num_scan_int64(text + at + 1, len - at - 1, &exponent) || exponent > 100 ||
        exponent < -100)
        return 0;
    point = (point < 0 ? (int64_t)count : point) + exponent;
    if (point > RH_DECIMAL_MAX_DIGITS || (int64_t)count - point > RH_DECIMAL_MAX_DIGITS)
        return 0;
    if (used > 0)
        out[0] = '-';
    if (point <= 0)
        out[used++] = '0';
    for (int64_t i = point < 0 ? point : 0; i < (int64_t)count || i < point; i++) {
        if (used + 2 >= RH_DECIMAL_OUT_BYTES)
            return 0;
        if (i == point)
            out[used++] = '.';
        out[used++] = i < 0 || i >= (int64_t)count ? '0' : digits[i];
    }
    return used;
}

static bool fits_numeric(const mask_place *place, const char *text, size_t len)
{
    size_t start = len > 0 && text[0] == '-' ? 1 : 0;
    size_t whole = start;
    int64_t value;

    if (place->type == PLACE_INT2 || place->type == PLACE_INT4 || place->type == PLACE_INT8) {
        if (!rh_num_scan_int64(text, len, &value))
            return false;
        return place->type == PLACE_INT8 ||
               (place->type == PLACE_INT4 ? value == (int32_t)value : value == (int16_t)value);
    }
    if (place->type != PLACE_NUMERIC || place->precision < 0)
        return true;
    while (whole < len && is_digit(text[whole]))
        whole++;
    return (int64_t)(whole - start) <= place->precision - place->scale ||
           (whole - start == 1 && text[start] == '0');
}

static bool map_decimal(const mask_node *node, rh_decimal_map *map, const char *text, size_t len,
                        char out[RH_DECIMAL_OUT_BYTES], size_t *out_len)
{
    char plain[RH_DECIMAL_OUT_BYTES];

    if (len > 0 && memchr(text, 'e', len) != NULL) {
        len = expand_exponent(text, len, plain);
        text = plain;
        if (len == 0)
            return false;
    }
    return rh_decimal_map_map(map, text, len, out, out_len) &&
           fits_numeric(&node->place, out, *out_len);
}

/* As the server will write it: what the scan for leaks finds there must be what it was told. */
static bool round_float(const mask_node *node, char *image, size_t *len)
{
    char text[FLOAT_TEXT_BYTES];

    image[*len] = '\0';
    if (strpbrk(image, "0123456789") == NULL)
        return true; /* NaN, Infinity */
    *len = float_text_nearest(image, node->place.single, text);
    memcpy(image, text, *len);
    return *len > 0;
}

static rh_status map_real(const mask_node *node, rh_decimal_map *map, rh_field *value)
{
    char text[40];
    char image[RH_DECIMAL_OUT_BYTES + 1];
    size_t len;
    int n = snprintf(text, sizeof text, "%.17g", value->real);

    if (n <= 0 || !map_decimal(node, map, text, (size_t)n, image, &len))
        return RH_SKIPPED;
    image[len] = '\0';
    return sscanf(image, "%lf", &value->real) == 1 ? RH_OK : RH_SKIPPED;
}

static rh_status apply_numeric(const mask_node *node, void *state, mask_call *call, rh_field *value,
                               rh_error *err)
{
    char number[FIELD_NUMBER_BYTES];
    const char *text;
    size_t len;
    char *image;
    size_t image_len;
    int64_t integer;

    if (value->kind == RH_FIELD_REAL)
        return map_real(node, state, value);
    if (!field_text(value, number, &text, &len))
        return RH_SKIPPED;
    image = rh_arena_alloc(call->scratch, RH_DECIMAL_OUT_BYTES + 1);
    if (image == NULL)
        return rh_error_oom(err);
    if (!map_decimal(node, state, text, len, image, &image_len))
        return RH_SKIPPED;
    if (node->place.type == PLACE_FLOAT && !round_float(node, image, &image_len))
        return RH_SKIPPED;
    if (value->kind == RH_FIELD_INTEGER) {
        if (!rh_num_scan_int64(image, image_len, &integer))
            return RH_SKIPPED;
        value->integer = integer;
        return RH_OK;
    }
    field_set_text(value, image, image_len);
    return RH_OK;
}

static const char *const numeric_parameters[] = {"smooth", NULL};

const mask_ops mask_ops_numeric = {
    .kind = {"numeric", KEEPS_PERMUTED | RH_KEEPS_ORDER,
             "order, sign, zero, digits behind the point, ratios to a factor of two; two known "
             "pairs tell what lies between them to a few percent",
             numeric_parameters},
    .fits = FITS_TEXT | FITS_INTEGERS | FIT(NUMERIC) | FIT(FLOAT),
    .flags = OPS_ORDER,
    .compile = compile_numeric,
    .open = open_numeric,
    .close = close_numeric,
    .apply = apply_numeric,
};
