/*
 * Masks that do not look at the value: keep, null, constant, destroy; and custom, which is not done
 * on the way of rows.
 */
#include <stdio.h>
#include <string.h>

#include "anonymize/cipher.h"
#include "core/bytes.h"
#include "core/mem.h"
#include "field_text.h"
#include "kinds.h"
#include "time_text.h"

/* ---- keep ---- */

static rh_status apply_keep(const mask_node *node, void *state, mask_call *call, rh_field *value,
                            rh_error *err)
{
    (void)node;
    (void)state;
    (void)call;
    (void)value;
    (void)err;
    return RH_OK;
}

const mask_ops mask_ops_keep = {
    .kind = {"keep",
             RH_KEEPS_EQUALITY | RH_KEEPS_UNIQUE | RH_KEEPS_FREQUENCY | RH_KEEPS_ORDER |
                 RH_KEEPS_PREFIX | RH_KEEPS_WIDTH | RH_KEEPS_NULLS | RH_KEEPS_CLASS |
                 RH_KEEPS_SHAPE | RH_KEEPS_VALUE,
             "everything: the values are copied as they are", NULL},
    .fits = FITS_ALL,
    .flags = OPS_WHOLE | OPS_TOTAL,
    .apply = apply_keep,
};

/* ---- null ---- */

static rh_status compile_null(mask_compiler *c, mask_node *node, rh_error *err)
{
    if (!node->place.not_null)
        return RH_OK;
    return param_error(c, node->parameters, "mask", err,
                       "mask 'null' does not fit '%s', which is not null", node->place.name);
}

static rh_status apply_null(const mask_node *node, void *state, mask_call *call, rh_field *value,
                            rh_error *err)
{
    (void)node;
    (void)state;
    (void)call;
    (void)err;
    *value = (rh_field){.kind = RH_FIELD_NULL};
    return RH_OK;
}

const mask_ops mask_ops_null = {
    .kind = {"null", RH_KEEPS_EQUALITY | RH_KEEPS_NULLS, "nothing", NULL},
    .fits = FITS_ALL,
    .flags = OPS_WHOLE | OPS_TOTAL,
    .compile = compile_null,
    .apply = apply_null,
};

/* ---- constant ---- */

typedef struct constant_data {
    rh_field value;
    bool nulls;
} constant_data;

static bool is_label(const mask_place *place, const char *text)
{
    for (size_t i = 0; place->labels != NULL && place->labels[i] != NULL; i++) {
        if (strcmp(place->labels[i], text) == 0)
            return true;
    }
    return false;
}

static bool in_range(place_type type, const json_t *value)
{
    json_int_t number = json_integer_value(value);

    return json_is_integer(value) &&
           (type == PLACE_INT8 ||
            (type == PLACE_INT4 ? number == (int32_t)number : number == (int16_t)number));
}

static bool fits_constant(const mask_place *place, const json_t *value, const char *text)
{
    size_t len = strlen(text);
    time_text time;

    switch (place->type) {
    case PLACE_INT2:
    case PLACE_INT4:
    case PLACE_INT8:
        return in_range(place->type, value);
    case PLACE_NUMERIC:
    case PLACE_FLOAT:
        return json_is_number(value) || text_is_json_number(text, len);
    case PLACE_BOOL:
        return json_is_boolean(value);
    case PLACE_ENUM:
        return is_label(place, text);
    case PLACE_DATE:
    case PLACE_TIMESTAMP:
    case PLACE_TIMESTAMPTZ:
        return time_text_parse(text, len, &time);
    case PLACE_TEXT:
        return place->max_chars < 0 || (int64_t)utf8_count(text, len) <= place->max_chars;
    default:
        return true;
    }
}

static rh_status constant_text(mask_compiler *c, const mask_node *node, const json_t *value,
                               const char **out, rh_error *err)
{
    char *text = NULL;

    if (json_is_string(value) && node->place.type != PLACE_JSON) {
        text = rh_arena_strdup(c->arena, json_string_value(value));
    } else {
        const size_t flags = JSON_ENCODE_ANY | JSON_COMPACT;
        size_t size = json_dumpb(value, NULL, 0, flags);

        text = rh_arena_alloc(c->arena, size + 1);
        if (text == NULL || json_dumpb(value, text, size, flags) != size)
            return rh_error_oom(err);
        text[size] = '\0';
    }
    if (text == NULL)
        return rh_error_oom(err);
    *out = text;
    return RH_OK;
}

static rh_status compile_constant(mask_compiler *c, mask_node *node, rh_error *err)
{
    const json_t *value = json_object_get(node->parameters, "value");
    constant_data *data = rh_arena_array(c->arena, 1, sizeof *data);
    const char *text = NULL;
    rh_status status = RH_OK;

    if (data == NULL)
        return rh_error_oom(err);
    node->data = data;
    if (value == NULL || json_is_null(value))
        return param_error(c, node->parameters, "value", err, "mask 'constant' needs a 'value'");
    status = param_bool(c, node, "nulls", &data->nulls, err);
    if (status == RH_OK)
        status = constant_text(c, node, value, &text, err);
    if (status != RH_OK)
        return status;
    if (!fits_constant(&node->place, value, text))
        return param_error(c, node->parameters, "value", err,
                           "the constant does not fit '%s' of type '%s'", node->place.name,
                           node->place.type_name);
    field_set_text(&data->value, text, strlen(text));
    if (node->place.type == PLACE_SQLITE && json_is_integer(value))
        data->value = (rh_field){.kind = RH_FIELD_INTEGER, .integer = json_integer_value(value)};
    if (node->place.type == PLACE_SQLITE && json_is_real(value))
        data->value = (rh_field){.kind = RH_FIELD_REAL, .real = json_real_value(value)};
    if (node->place.type == PLACE_SQLITE && json_is_boolean(value))
        data->value = (rh_field){.kind = RH_FIELD_INTEGER, .integer = json_is_true(value)};
    if (node->place.type == PLACE_BOOL)
        data->value.len = 1; /* t or f */
    if (data->nulls)
        node->keeps &= ~(unsigned)RH_KEEPS_NULLS;
    return RH_OK;
}

static rh_status apply_constant(const mask_node *node, void *state, mask_call *call,
                                rh_field *value, rh_error *err)
{
    const constant_data *data = node->data;

    (void)state;
    (void)call;
    (void)err;
    if (value->kind != RH_FIELD_NULL || data->nulls)
        *value = data->value;
    return RH_OK;
}

static const char *const constant_parameters[] = {"value", "nulls", NULL};

const mask_ops mask_ops_constant = {
    .kind = {"constant", RH_KEEPS_EQUALITY | RH_KEEPS_NULLS, "nothing but which rows are null",
             constant_parameters},
    .fits = FITS_ALL,
    .flags = OPS_WHOLE | OPS_TOTAL | OPS_NULLS,
    .compile = compile_constant,
    .apply = apply_constant,
};

/* ---- destroy ---- */

enum { DESTROY_MAX = 256, DESTROY_DEFAULT = 32 };

typedef struct destroy_data {
    size_t length;
    bool empty;
    bool distinct;
    size_t alphabet;
} destroy_data;

static const char *const destroy_alphabets[] = {
    "0123456789abcdef",
    "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ123456789", /* ids and passwords */
    "0123456789",
};

static rh_status compile_destroy(mask_compiler *c, mask_node *node, rh_error *err)
{
    static const char *const as[] = {"random", "empty", NULL};
    static const char *const alphabets[] = {"hex", "alnum", "digits", NULL};
    const int64_t range[2] = {1, DESTROY_MAX};
    destroy_data *data = rh_arena_array(c->arena, 1, sizeof *data);
    int64_t length = DESTROY_DEFAULT;
    size_t choice = 0;

    if (data == NULL)
        return rh_error_oom(err);
    node->data = data;
    data->alphabet = 1;
    if (node->place.max_chars >= 0 && node->place.max_chars < length)
        length = node->place.max_chars;

    rh_status status = param_choice(c, node, "as", as, &choice, err);

    if (status == RH_OK)
        status = param_choice(c, node, "alphabet", alphabets, &data->alphabet, err);
    if (status == RH_OK)
        status = param_integer(c, node, "length", range, &length, err);
    if (status == RH_OK)
        status = param_bool(c, node, "distinct", &data->distinct, err);
    if (status != RH_OK)
        return status;
    if (node->place.max_chars >= 0 && length > node->place.max_chars)
        return param_error(c, node->parameters, "length", err,
                           "%lld characters do not fit '%s' of type '%s'", (long long)length,
                           node->place.name, node->place.type_name);
    data->length = (size_t)length;
    data->empty = choice == 1;
    if (!data->distinct)
        return RH_OK;
    node->keeps |= RH_KEEPS_FREQUENCY;
    node->leaks = "which values are equal";
    return RH_OK;
}

typedef struct destroy_state {
    rh_cipher *cipher;
    uint8_t same[DESTROY_MAX]; /* for all values, unless they are to be distinct */
} destroy_state;

static void random_bytes(rh_cipher *cipher, const destroy_data *data, const rh_field *value,
                         uint8_t out[DESTROY_MAX]);

static rh_status open_destroy(const mask_node *node, const rh_mask_key *key, void **out,
                              rh_error *err)
{
    const destroy_data none = {.distinct = false};
    const rh_field nothing = {.kind = RH_FIELD_NULL};
    destroy_state *state = rh_mem_zalloc(sizeof *state);

    if (state == NULL)
        return rh_error_oom(err);

    rh_status status = rh_cipher_new_for(key, node->domain, "destroy", &state->cipher, err);

    if (status != RH_OK) {
        rh_mem_free(state);
        return status;
    }
    random_bytes(state->cipher, &none, &nothing, state->same);
    *out = state;
    return RH_OK;
}

static void close_destroy(void *state)
{
    rh_cipher_free(((destroy_state *)state)->cipher);
    rh_mem_free(state);
}

/* Bytes that depend on the key, and on the value only where equal values must stay equal. */
static void random_bytes(rh_cipher *cipher, const destroy_data *data, const rh_field *value,
                         uint8_t out[DESTROY_MAX])
{
    char number[FIELD_NUMBER_BYTES];
    const char *text = "";
    size_t len = 0;
    uint8_t block[2 * RH_CIPHER_BLOCK] = {0};

    if (data->distinct && value->kind == RH_FIELD_BLOB) {
        text = (const char *)value->data;
        len = value->len;
    } else if (data->distinct) {
        (void)field_text(value, number, &text, &len);
    }
    rh_cipher_mac(cipher, text, len, block);
    for (size_t i = 0; i < DESTROY_MAX / RH_CIPHER_BLOCK; i++) {
        block[RH_CIPHER_BLOCK] = (uint8_t)i;
        rh_cipher_mac(cipher, block, sizeof block, out + RH_CIPHER_BLOCK * i);
    }
}

/* The empty or zero value of a type that cannot hold any text; NULL for texts. */
static const char *blank_of(place_type type)
{
    switch (type) {
    case PLACE_INT2:
    case PLACE_INT4:
    case PLACE_INT8:
    case PLACE_NUMERIC:
    case PLACE_FLOAT:
        return "0";
    case PLACE_BOOL:
        return "f";
    case PLACE_UUID:
        return "00000000-0000-0000-0000-000000000000";
    case PLACE_INET:
        return "0.0.0.0";
    case PLACE_CIDR:
        return "0.0.0.0/32";
    case PLACE_MAC:
        return "00:00:00:00:00:00";
    case PLACE_DATE:
        return "1970-01-01";
    case PLACE_TIMESTAMP:
        return "1970-01-01 00:00:00";
    case PLACE_TIMESTAMPTZ:
        return "1970-01-01 00:00:00+00";
    case PLACE_JSON:
    case PLACE_ARRAY:
    case PLACE_MULTIRANGE:
        return "{}";
    case PLACE_RANGE:
        return "empty";
    case PLACE_XML:
    case PLACE_HSTORE:
        return "";
    default:
        return NULL;
    }
}

static rh_status destroy_text(const destroy_data *data, const uint8_t *random, bool bytea,
                              mask_call *call, rh_field *value, rh_error *err)
{
    const char *alphabet = destroy_alphabets[call->json_number ? 2 : data->alphabet];
    size_t letters = strlen(alphabet);
    size_t prefix = bytea ? 2 : 0;
    size_t length = data->empty ? 0 : data->length;
    char *text = rh_arena_alloc(call->scratch, prefix + 2 * length + 1);

    if (text == NULL)
        return rh_error_oom(err);
    if (bytea) {
        memcpy(text, "\\x", 2);
        rh_hex_encode(random, length, text + 2);
        field_set_text(value, text, 2 + 2 * length);
        return RH_OK;
    }
    for (size_t i = 0; i < length; i++)
        text[i] = alphabet[random[i] % letters];
    field_set_text(value, text, length);
    return RH_OK;
}

static rh_status apply_destroy(const mask_node *node, void *state, mask_call *call, rh_field *value,
                               rh_error *err)
{
    const destroy_data *data = node->data;
    const destroy_state *destroy = state;
    uint8_t own[DESTROY_MAX];
    const uint8_t *random = destroy->same;
    const char *blank = call->json_number ? "0" : blank_of(node->place.type);

    if (value->kind == RH_FIELD_INTEGER || value->kind == RH_FIELD_REAL) {
        value->integer = 0;
        value->real = 0;
        return RH_OK;
    }
    if (blank != NULL) {
        field_set_text(value, blank, strlen(blank));
        return RH_OK;
    }
    if (data->distinct) {
        random_bytes(destroy->cipher, data, value, own);
        random = own;
    }
    if (value->kind == RH_FIELD_BLOB) {
        size_t length = data->empty ? 0 : data->length;
        uint8_t *bytes = rh_arena_alloc(call->scratch, length);

        if (bytes == NULL)
            return rh_error_oom(err);
        memcpy(bytes, random, length);
        value->data = bytes;
        value->len = length;
        return RH_OK;
    }
    return destroy_text(data, random, node->place.type == PLACE_BYTEA, call, value, err);
}

static const char *const destroy_parameters[] = {"as", "alphabet", "length", "distinct", NULL};

const mask_ops mask_ops_destroy = {
    .kind = {"destroy", RH_KEEPS_EQUALITY | RH_KEEPS_NULLS, "nothing but which rows are null",
             destroy_parameters},
    .fits = FITS_ALL & ~(FIT(ENUM) | FIT(OTHER)),
    .flags = OPS_WHOLE | OPS_TOTAL,
    .compile = compile_destroy,
    .open = open_destroy,
    .close = close_destroy,
    .apply = apply_destroy,
};
