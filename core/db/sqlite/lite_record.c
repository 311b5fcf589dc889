#include "lite_record.h"

#include <string.h>

#include "core/bytes.h"

/* Serial types, https://www.sqlite.org/fileformat2.html §2.1 */
enum {
    SERIAL_NULL = 0,
    SERIAL_INT64 = 6,
    SERIAL_REAL = 7,
    SERIAL_ZERO = 8,
    SERIAL_ONE = 9,
    SERIAL_BLOB = 12,
    SERIAL_TEXT = 13,
};

static const uint8_t integer_bytes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};

static uint64_t integer_serial(int64_t value)
{
    /* The magnitude with the sign folded in, as SQLite compares it. */
    uint64_t size = value < 0 ? ~(uint64_t)value : (uint64_t)value;

    if (size <= 127)
        return (value == 0 || value == 1) ? (uint64_t)(SERIAL_ZERO + value) : 1;
    if (size <= 32767)
        return 2;
    if (size <= 8388607)
        return 3;
    if (size <= 2147483647)
        return 4;
    return size <= (uint64_t)140737488355327 ? 5 : SERIAL_INT64;
}

static uint64_t serial_of(const rh_lite_value *value)
{
    switch (value->kind) {
    case RH_LITE_NULL:
        return SERIAL_NULL;
    case RH_LITE_INTEGER:
        return integer_serial(value->integer);
    case RH_LITE_REAL:
        return SERIAL_REAL;
    case RH_LITE_TEXT:
        return SERIAL_TEXT + 2 * (uint64_t)value->len;
    case RH_LITE_BLOB:
        return SERIAL_BLOB + 2 * (uint64_t)value->len;
    }
    return SERIAL_NULL;
}

static size_t serial_bytes(uint64_t serial)
{
    return serial >= SERIAL_BLOB ? (size_t)((serial - SERIAL_BLOB) / 2) : integer_bytes[serial];
}

static size_t put_varint(uint8_t *at, uint64_t value)
{
    if (value < 0x80) {
        *at = (uint8_t)value;
        return 1;
    }
    return rh_varint_put(at, value);
}

static size_t put_big_endian(uint8_t *at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> (8 * (bytes - 1 - i)));
    return bytes;
}

static size_t put_body(uint8_t *at, const rh_lite_value *value)
{
    uint64_t bits = 0;

    switch (value->kind) {
    case RH_LITE_NULL:
        return 0;
    case RH_LITE_INTEGER:
        return put_big_endian(at, (uint64_t)value->integer,
                              integer_bytes[integer_serial(value->integer)]);
    case RH_LITE_REAL:
        memcpy(&bits, &value->real, sizeof bits);
        return put_big_endian(at, bits, sizeof bits);
    case RH_LITE_TEXT:
    case RH_LITE_BLOB:
        if (value->len > 0)
            memcpy(at, value->data, value->len);
        return value->len;
    }
    return 0;
}

/* Size of the record's header, its own varint included (which may push itself over a border). */
static size_t header_bytes(size_t serials)
{
    size_t total = serials + 1;

    while (serials + rh_varint_len(total) != total)
        total = serials + rh_varint_len(total);
    return total;
}

rh_status rh_lite_row_put(rh_buf *out, const int64_t *rowid, const rh_lite_value *values,
                          size_t count, size_t max_bytes, rh_error *err)
{
    size_t serials = 0;
    size_t body = 0;
    size_t header, rest;
    uint64_t folded = rowid != NULL ? rh_zigzag(*rowid) : 0;
    uint8_t *at;
    rh_status status;

    for (size_t i = 0; i < count; i++) {
        uint64_t serial = serial_of(&values[i]);

        serials += serial < 0x80 ? 1 : rh_varint_len(serial);
        body += serial_bytes(serial);
        if (body > max_bytes)
            return rh_error_set(err, RH_ELIMIT, "a row is longer than %zu bytes", max_bytes);
    }
    header = header_bytes(serials);
    rest = (rowid != NULL ? rh_varint_len(folded) : 0) + header + body;
    if (rest > max_bytes)
        return rh_error_set(err, RH_ELIMIT, "a row is longer than %zu bytes", max_bytes);
    status = rh_buf_reserve(out, RH_VARINT_MAX_BYTES + rest, err);
    if (status != RH_OK)
        return status;

    at = out->data + out->len;
    at += put_varint(at, rest);
    if (rowid != NULL)
        at += put_varint(at, folded);
    at += put_varint(at, header);
    for (size_t i = 0; i < count; i++)
        at += put_varint(at, serial_of(&values[i]));
    for (size_t i = 0; i < count; i++)
        at += put_body(at, &values[i]);
    out->len = (size_t)(at - out->data);
    return RH_OK;
}

/* ---- reading ---- */

static size_t get_varint(const uint8_t *at, size_t avail, uint64_t *out)
{
    if (avail > 0 && at[0] < 0x80) {
        *out = at[0];
        return 1;
    }
    return rh_varint_get(at, avail, out);
}

static rh_status damaged(rh_error *err, const char *what)
{
    return rh_error_set(err, RH_EFORMAT, "a row is damaged: %s", what);
}

rh_status rh_lite_row_size(const uint8_t *data, size_t len, size_t max_bytes, size_t *out_bytes,
                           rh_error *err)
{
    uint64_t rest = 0;
    size_t used = get_varint(data, len, &rest);

    if (used == 0) {
        if (len >= RH_VARINT_MAX_BYTES)
            return damaged(err, "length");
        *out_bytes = 0;
        return RH_DONE;
    }
    if (rest == 0)
        return damaged(err, "length");
    if (rest > max_bytes)
        return rh_error_set(err, RH_EFORMAT, "a row is damaged: longer than %zu bytes", max_bytes);
    *out_bytes = used + (size_t)rest;
    return *out_bytes <= len ? RH_OK : RH_DONE;
}

static int64_t get_integer(const uint8_t *at, size_t bytes)
{
    uint64_t value = (at[0] & 0x80) != 0 ? ~(uint64_t)0 : 0;

    for (size_t i = 0; i < bytes; i++)
        value = (value << 8) | at[i];
    return (int64_t)value;
}

static void get_body(const uint8_t *at, uint64_t serial, size_t bytes, rh_lite_value *out)
{
    if (serial >= SERIAL_BLOB) {
        out->kind = (serial & 1) != 0 ? RH_LITE_TEXT : RH_LITE_BLOB;
        out->data = at;
        out->len = bytes;
    } else if (serial == SERIAL_NULL) {
        out->kind = RH_LITE_NULL;
    } else if (serial == SERIAL_REAL) {
        uint64_t bits = (uint64_t)get_integer(at, 8);

        out->kind = RH_LITE_REAL;
        memcpy(&out->real, &bits, sizeof bits);
    } else {
        out->kind = RH_LITE_INTEGER;
        out->integer =
            serial >= SERIAL_ZERO ? (int64_t)(serial - SERIAL_ZERO) : get_integer(at, bytes);
    }
}

/* The record's header and body, which must fill len bytes to the last. */
static rh_status get_record(const uint8_t *record, size_t len, rh_lite_value *values, size_t count,
                            rh_error *err)
{
    uint64_t header = 0;
    size_t at = get_varint(record, len, &header);
    size_t body;

    if (at == 0 || header < at || header > len)
        return damaged(err, "header size");
    body = (size_t)header;
    for (size_t i = 0; i < count; i++) {
        uint64_t serial = 0;
        size_t used = get_varint(record + at, (size_t)header - at, &serial);
        size_t bytes;

        if (used == 0)
            return damaged(err, "number of values");
        if (serial == 10 || serial == 11 || serial > (uint64_t)len * 2 + SERIAL_TEXT)
            return damaged(err, "serial type");
        bytes = serial_bytes(serial);
        if (bytes > len - body)
            return damaged(err, "size of a value");
        get_body(record + body, serial, bytes, &values[i]);
        at += used;
        body += bytes;
    }
    if (at != header)
        return damaged(err, "number of values");
    return body == len ? RH_OK : damaged(err, "size");
}

rh_status rh_lite_row_get(const uint8_t *row, size_t len, int64_t *out_rowid, rh_lite_value *values,
                          size_t count, rh_error *err)
{
    uint64_t number = 0;
    size_t at = get_varint(row, len, &number);

    if (at == 0 || number != len - at)
        return damaged(err, "length");
    if (out_rowid != NULL) {
        size_t used = get_varint(row + at, len - at, &number);

        if (used == 0)
            return damaged(err, "rowid");
        *out_rowid = rh_unzigzag(number);
        at += used;
    }
    return get_record(row + at, len - at, values, count, err);
}
