#include "workload_params.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "core/doc.h"
#include "core/str.h"

enum { MAX_PARAMETERS = 65535 }; /* of PostgreSQL's protocol; SQLite has 32,766 */

/* ---- writing ---- */

static bool is_plain(unsigned char byte)
{
    return byte >= 0x20 && byte != '"' && byte != '\\';
}

/* Is one of eight bytes not plain? (Sean Eron Anderson, "Bit Twiddling Hacks": haszero, hasless.)
 */
static bool any_special(uint64_t bytes)
{
    static const uint64_t ones = 0x0101010101010101u;
    uint64_t quote = bytes ^ ones * '"';
    uint64_t backslash = bytes ^ ones * '\\';
    uint64_t found = ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash) |
                     ((bytes - ones * 0x20) & ~bytes);

    return (found & ones * 0x80) != 0;
}

size_t rh_workload_plain_run(const char *text, size_t len)
{
    size_t n = 0;
    uint64_t bytes;

    for (; len - n >= sizeof bytes; n += sizeof bytes) {
        memcpy(&bytes, text + n, sizeof bytes);
        if (any_special(bytes))
            break;
    }
    while (n < len && is_plain((unsigned char)text[n]))
        n++;
    return n;
}

/* Valid UTF-8 without NUL: rh_str_is_utf8 was asked before. */
static rh_status write_string(const char *text, size_t len, rh_buf *out, rh_error *err)
{
    rh_status status = rh_buf_append_byte(out, '"', err);
    size_t at = 0;

    while (status == RH_OK && at < len) {
        size_t run = rh_workload_plain_run(text + at, len - at);

        if (run > 0)
            status = rh_buf_append(out, text + at, run, err);
        at += run;
        if (status == RH_OK && at < len) {
            unsigned char byte = (unsigned char)text[at++];

            if (byte == '"' || byte == '\\')
                status = rh_buf_printf(out, err, "\\%c", byte);
            else
                status = rh_buf_printf(out, err, "\\u%04x", byte);
        }
    }
    return status == RH_OK ? rh_buf_append_byte(out, '"', err) : status;
}

static rh_status write_hex(const char *kind, const void *data, size_t len, rh_buf *out,
                           rh_error *err)
{
    rh_status status = rh_buf_printf(out, err, "{\"%s\":\"", kind);

    if (status == RH_OK)
        status = rh_buf_reserve(out, 2 * len + 3, err);
    if (status == RH_OK) {
        rh_hex_encode(data, len, (char *)out->data + out->len);
        out->len += 2 * len;
        status = rh_buf_append_str(out, "\"}", err);
    }
    return status;
}

static rh_status write_real(double value, rh_buf *out, rh_error *err)
{
    char text[64];

    if (!isfinite(value))
        return rh_buf_printf(out, err, "{\"real\":\"%s\"}",
                             isnan(value) ? "nan" : (value > 0 ? "inf" : "-inf"));
    (void)snprintf(text, sizeof text, "%.17g", value);
    return rh_buf_printf(out, err, "%s%s", text, strpbrk(text, ".e") == NULL ? ".0" : "");
}

static rh_status write_text(const char *text, size_t len, rh_buf *out, rh_error *err)
{
    if (len > 0 && (memchr(text, '\0', len) != NULL || !rh_str_is_utf8(text, len)))
        return write_hex("bytes", text, len, out, err);
    return write_string(text, len, out, err);
}

static rh_status write_value(const rh_parameter *parameter, rh_buf *out, rh_error *err)
{
    switch (parameter->kind) {
    case RH_PARAMETER_NULL:
        return rh_buf_append_str(out, "null", err);
    case RH_PARAMETER_INTEGER:
        return rh_buf_printf(out, err, "%" PRId64, parameter->integer);
    case RH_PARAMETER_REAL:
        return write_real(parameter->real, out, err);
    case RH_PARAMETER_BLOB:
        return write_hex("blob", parameter->data, parameter->len, out, err);
    case RH_PARAMETER_TEXT:
        break;
    }
    return write_text(parameter->data, parameter->len, out, err);
}

static rh_status write_parameter(const rh_parameter *parameter, rh_buf *out, rh_error *err)
{
    rh_status status;

    if (parameter->name == NULL)
        return write_value(parameter, out, err);
    if (!rh_str_is_utf8(parameter->name, strlen(parameter->name)))
        return rh_error_set(err, RH_EFORMAT, "the name of a parameter is not valid UTF-8");
    status = rh_buf_append_str(out, "{\"name\":", err);
    if (status == RH_OK)
        status = write_string(parameter->name, strlen(parameter->name), out, err);
    if (status == RH_OK)
        status = rh_buf_append_str(out, ",\"value\":", err);
    if (status == RH_OK)
        status = write_value(parameter, out, err);
    return status == RH_OK ? rh_buf_append_byte(out, '}', err) : status;
}

rh_status rh_workload_params_write(const rh_parameter *parameters, size_t count, rh_buf *out,
                                   rh_error *err)
{
    rh_status status = RH_OK;

    if (count > MAX_PARAMETERS)
        return rh_error_set(err, RH_ELIMIT, "a statement has more than %d parameters",
                            (int)MAX_PARAMETERS);
    status = rh_buf_append_byte(out, '[', err);
    for (size_t i = 0; status == RH_OK && i < count; i++) {
        if (i > 0)
            status = rh_buf_append_byte(out, ',', err);
        if (status == RH_OK)
            status = write_parameter(&parameters[i], out, err);
    }
    return status == RH_OK ? rh_buf_append_byte(out, ']', err) : status;
}

/* ---- reading ---- */

static rh_status malformed(rh_error *err)
{
    return rh_error_set(err, RH_EFORMAT, "parameters are malformed");
}

static rh_status read_text(const json_t *value, rh_arena *arena, rh_parameter *out, rh_error *err)
{
    out->data = rh_arena_strndup(arena, json_string_value(value), json_string_length(value));
    out->len = json_string_length(value);
    return out->data != NULL ? RH_OK : rh_error_oom(err);
}

static rh_status read_hex(const json_t *value, rh_arena *arena, rh_parameter *out, rh_error *err)
{
    size_t len = json_string_length(value) / 2;
    uint8_t *bytes;

    if (!json_is_string(value) || json_string_length(value) % 2 != 0)
        return malformed(err);
    bytes = rh_arena_alloc(arena, len + 1);
    if (bytes == NULL)
        return rh_error_oom(err);
    if (rh_hex_decode(json_string_value(value), len, bytes) != 0)
        return malformed(err);
    bytes[len] = '\0';
    out->data = bytes;
    out->len = len;
    return RH_OK;
}

/* {"blob": hex}, {"bytes": hex}, {"real": name} */
static rh_status read_tagged(const json_t *value, rh_arena *arena, rh_parameter *out, rh_error *err)
{
    const json_t *blob = json_object_get(value, "blob");
    const json_t *bytes = json_object_get(value, "bytes");
    const char *real = json_string_value(json_object_get(value, "real"));

    if (json_object_size(value) != 1)
        return malformed(err);
    if (blob != NULL || bytes != NULL) {
        out->kind = blob != NULL ? RH_PARAMETER_BLOB : RH_PARAMETER_TEXT;
        return read_hex(blob != NULL ? blob : bytes, arena, out, err);
    }
    out->kind = RH_PARAMETER_REAL;
    if (rh_str_eq(real, "nan"))
        out->real = (double)NAN;
    else if (rh_str_eq(real, "inf"))
        out->real = (double)INFINITY;
    else if (rh_str_eq(real, "-inf"))
        out->real = -(double)INFINITY;
    else
        return malformed(err);
    return RH_OK;
}

static rh_status read_value(const json_t *value, rh_arena *arena, rh_parameter *out, rh_error *err)
{
    switch (json_typeof(value)) {
    case JSON_NULL:
        out->kind = RH_PARAMETER_NULL;
        return RH_OK;
    case JSON_STRING:
        out->kind = RH_PARAMETER_TEXT;
        return read_text(value, arena, out, err);
    case JSON_INTEGER:
        out->kind = RH_PARAMETER_INTEGER;
        out->integer = (int64_t)json_integer_value(value);
        return RH_OK;
    case JSON_REAL:
        out->kind = RH_PARAMETER_REAL;
        out->real = json_real_value(value);
        return RH_OK;
    case JSON_OBJECT:
        return read_tagged(value, arena, out, err);
    default:
        return malformed(err);
    }
}

static rh_status read_parameter(const json_t *json, rh_arena *arena, rh_parameter *out,
                                rh_error *err)
{
    const json_t *name = json_object_get(json, "name");
    const json_t *value = json_object_get(json, "value");

    if (name == NULL)
        return read_value(json, arena, out, err);
    if (!json_is_string(name) || value == NULL || json_object_size(json) != 2)
        return malformed(err);
    out->name = rh_arena_strdup(arena, json_string_value(name));
    return out->name != NULL ? read_value(value, arena, out, err) : rh_error_oom(err);
}

rh_status rh_workload_params_read(const char *text, size_t len, rh_arena *arena, rh_parameter **out,
                                  size_t *out_count, rh_error *err)
{
    rh_error detail = RH_ERROR_INIT;
    rh_parameter *list = NULL;
    json_t *array = NULL;
    size_t count;
    bool taken = false;
    rh_status status = rh_workload_params_quick(text, len, arena, out, out_count, &taken, err);

    if (status != RH_OK || taken)
        return status;
    status = rh_doc_parse_json("parameters", text, len, &array, &detail);
    if (status != RH_OK)
        return status == RH_ENOMEM ? rh_error_oom(err) : malformed(err);
    count = json_array_size(array);
    if (!json_is_array(array) || count > MAX_PARAMETERS)
        status = malformed(err);
    if (status == RH_OK) {
        list = rh_arena_array(arena, count, sizeof *list);
        status = list != NULL ? RH_OK : rh_error_oom(err);
    }
    for (size_t i = 0; status == RH_OK && i < count; i++)
        status = read_parameter(json_array_get(array, i), arena, &list[i], err);
    json_decref(array);
    if (status == RH_OK) {
        *out = list;
        *out_count = count;
    }
    return status;
}
