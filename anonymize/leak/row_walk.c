/*
 * Rows into fields, three ways: COPY text, SQLite records, printed SQL literals. Readers of the
 * scan's own; values are looked at where they stand.
 */
#include "chain_text.h"
#include "decode.h"
#include "leak_internal.h"

static rh_status damaged(const rh_leak_table *reader, rh_error *err)
{
    return rh_error_set(err, RH_EFORMAT, "a row of table '%s' is damaged",
                        reader->table->full_name);
}

/* Values past the known columns (a table that changed) are looked at as well, without a name. */
static void turn_to(rh_leak_table *reader, size_t position)
{
    size_t column =
        position < reader->stored_count ? reader->stored[position] : reader->table->column_count;

    reader->eye.counts = &reader->counts[column];
}

/* ---- COPY text ---- */

static uint8_t copy_escape(uint8_t byte)
{
    switch (byte) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'v':
        return '\v';
    default:
        return byte;
    }
}

static rh_status look_at_copied(rh_leak_table *reader, const uint8_t *field, size_t len, bool plain,
                                rh_error *err)
{
    rh_buf *out = &reader->scratch;
    rh_status status;

    if (plain || memchr(field, '\\', len) == NULL) {
        leak_eye_text(&reader->eye, field, len, true);
        return RH_OK;
    }
    if (len == 2 && field[1] == 'N')
        return RH_OK;
    rh_buf_clear(out);
    status = rh_buf_reserve(out, len, err);
    if (status != RH_OK)
        return status;
    for (size_t i = 0; i < len; i++) {
        bool escaped = field[i] == '\\' && i + 1 < len;

        i += escaped;
        out->data[out->len++] = escaped ? copy_escape(field[i]) : field[i];
    }
    leak_eye_text(&reader->eye, out->data, out->len, true);
    return RH_OK;
}

rh_status leak_walk_pgcopy(rh_leak_table *reader, const uint8_t *row, size_t len, rh_error *err)
{
    const uint8_t *end = row + len;
    bool plain = memchr(row, '\\', len) == NULL;
    size_t position = 0;
    rh_status status = RH_OK;

    if (len > 0 && end[-1] == '\n')
        end--;
    while (status == RH_OK) {
        const uint8_t *tab = memchr(row, '\t', (size_t)(end - row));
        size_t field = (size_t)((tab == NULL ? end : tab) - row);

        if (field >= TOKEN_MIN_BYTES) {
            turn_to(reader, position);
            status = look_at_copied(reader, row, field, plain, err);
        }
        if (tab == NULL)
            break;
        position++;
        row = tab + 1;
    }
    return status;
}

/* ---- SQLite records ---- */

static size_t serial_bytes(uint64_t serial)
{
    static const uint8_t sizes[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0, 0, 0};

    return serial < 12 ? sizes[serial] : (size_t)((serial - 12) / 2);
}

static int64_t big_endian_integer(const uint8_t *data, size_t len)
{
    uint64_t value = len > 0 && data[0] >= 128 ? UINT64_MAX : 0;

    for (size_t i = 0; i < len; i++)
        value = value << 8 | data[i];
    return (int64_t)value;
}

static rh_status look_at_text(rh_leak_table *reader, const uint8_t *data, size_t len, rh_error *err)
{
    rh_buf *out = &reader->scratch;
    rh_status status;

    if (!reader->utf16) {
        leak_eye_text(&reader->eye, data, len, true);
        return RH_OK;
    }
    rh_buf_clear(out);
    status = rh_buf_reserve(out, len / 2 * 3 + 4, err);
    if (status == RH_OK)
        leak_eye_text(&reader->eye, out->data,
                      rh_leak_utf16(data, len, reader->big_endian, out->data), true);
    return status;
}

static rh_status look_at_value(rh_leak_table *reader, uint64_t serial, const uint8_t *data,
                               size_t len, rh_error *err)
{
    if (serial >= 12 && serial % 2 == 1)
        return look_at_text(reader, data, len, err);
    if (serial >= 12) {
        leak_eye_bytes(&reader->eye, data, len);
        if (reader->samples)
            (void)leak_carve_record(&reader->eye, data, len);
    } else if (serial >= 4 && serial <= 6) {
        leak_eye_integer(&reader->eye, big_endian_integer(data, len));
    }
    return RH_OK;
}

rh_status leak_walk_sqlite(rh_leak_table *reader, const uint8_t *row, size_t len, rh_error *err)
{
    uint64_t value;
    size_t at = rh_varint_get(row, len, &value);
    size_t header;
    size_t body;

    if (at == 0 || value != len - at)
        return damaged(reader, err);
    if (reader->has_rowid) {
        size_t used = at < len ? rh_varint_get(row + at, len - at, &value) : 0;

        if (used == 0)
            return damaged(reader, err);
        at += used;
        reader->eye.counts =
            &reader->counts[reader->ipk >= 0 ? (size_t)reader->ipk : reader->table->column_count];
        leak_eye_integer(&reader->eye, rh_unzigzag(value));
    }
    header = at < len ? rh_varint_get(row + at, len - at, &value) : 0;
    if (header == 0 || value < header || value > len - at)
        return damaged(reader, err);
    body = at + (size_t)value;
    at += header;
    for (size_t position = 0, end = body; at < end; position++) {
        uint64_t serial;
        size_t used = rh_varint_get(row + at, end - at, &serial);
        size_t bytes = used == 0 ? 0 : serial_bytes(serial);
        rh_status status;

        if (used == 0 || bytes > len - body)
            return damaged(reader, err);
        turn_to(reader, position);
        status = look_at_value(reader, serial, row + body, bytes, err);
        if (status != RH_OK)
            return status;
        at += used;
        body += bytes;
    }
    return body == len ? RH_OK : damaged(reader, err);
}

/* ---- printed literals ---- */

/* CAST(x'...' AS TEXT): what cannot be printed as it is. */
static void look_at_cast(rh_leak_table *reader, const uint8_t *text, size_t len)
{
    const uint8_t *from = memchr(text, '\'', len);
    size_t left = from == NULL ? 0 : len - (size_t)(++from - text);
    const uint8_t *to = left == 0 ? NULL : memchr(from, '\'', left);

    if (to == NULL || !rh_leak_is_hex(from, (size_t)(to - from))) {
        leak_eye_text(&reader->eye, text, len, false);
        return;
    }
    if (rh_hex_decode((const char *)from, (size_t)(to - from) / 2, reader->scratch.data) == 0)
        leak_eye_bytes(&reader->eye, reader->scratch.data, (size_t)(to - from) / 2);
}

static rh_status look_at_literal(rh_leak_table *reader, const uint8_t *text, size_t len,
                                 rh_error *err)
{
    rh_buf *out = &reader->scratch;
    rh_status status = RH_OK;

    if (len < 2 || (text[len - 1] != '\'' && text[len - 1] != ')')) {
        leak_eye_text(&reader->eye, text, len, true);
        return RH_OK;
    }
    rh_buf_clear(out);
    status = rh_buf_reserve(out, len, err);
    if (status != RH_OK)
        return status;
    if ((text[0] | 32) == 'x' && text[1] == '\'' && rh_leak_is_hex(text + 2, len - 3)) {
        if (rh_hex_decode((const char *)text + 2, (len - 3) / 2, out->data) == 0)
            leak_eye_bytes(&reader->eye, out->data, (len - 3) / 2);
        return RH_OK;
    }
    if (text[0] == '\'') {
        for (size_t i = 1; i < len - 1; i++) {
            out->data[out->len++] = text[i];
            i += text[i] == '\'' && text[i + 1] == '\'';
        }
        leak_eye_text(&reader->eye, out->data, out->len, true);
        return RH_OK;
    }
    look_at_cast(reader, text, len);
    return RH_OK;
}

rh_status leak_walk_literals(rh_leak_table *reader, const uint8_t *row, size_t len, rh_error *err)
{
    const uint8_t *end = row + len;
    bool rowid = reader->has_rowid;
    size_t position = 0;
    rh_status status = RH_OK;

    if (len > 0 && end[-1] == '\n')
        end--;
    while (status == RH_OK) {
        const uint8_t *tab = memchr(row, '\t', (size_t)(end - row));
        size_t field = (size_t)((tab == NULL ? end : tab) - row);

        if (rowid)
            reader->eye.counts = &reader->counts[reader->table->column_count];
        else
            turn_to(reader, position++);
        rowid = false;
        status = look_at_literal(reader, row, field, err);
        if (tab == NULL)
            break;
        row = tab + 1;
    }
    return status;
}
