/*
 * COPY text rows, field by field (row_codec.h). A field without a backslash is handed out where it
 * stands; a row's untouched stretches are copied as one piece.
 */
#include <string.h>

#include "copy_scan.h"
#include "core/mem.h"
#include "core/row_codec.h"

/* A column that is looked into. */
typedef struct place {
    size_t column;   /* of the table */
    size_t position; /* in the row */
    rh_field before; /* what was handed out */
    size_t escapes;  /* in its new text */
} place;

typedef struct pg_codec {
    size_t stored_count; /* columns that travel on: all but generated and extra ones */
    size_t read_count;   /* fields of a row that comes: with the extra ones */
    place *places;       /* in the row's order, the extra columns last */
    size_t place_count;
    const uint8_t *row;   /* decoded last */
    const uint8_t **ends; /* of its fields: at a tab or at the line's end */
} pg_codec;

static void codec_close(void *state)
{
    pg_codec *codec = state;

    if (codec == NULL)
        return;
    rh_mem_free(codec->places);
    rh_mem_free(codec->ends);
    rh_mem_free(codec);
}

static void add_place(pg_codec *codec, size_t column)
{
    codec->places[codec->place_count].column = column;
    codec->places[codec->place_count].position = codec->read_count;
    codec->place_count++;
}

static rh_status codec_open(const rh_table *table, const bool *columns, void **out, rh_error *err)
{
    pg_codec *codec = rh_mem_zalloc(sizeof *codec);
    size_t count = table->column_count + table->extra_count;

    if (codec == NULL)
        return rh_error_oom(err);
    codec->places = rh_mem_array(count, sizeof *codec->places);
    codec->ends = rh_mem_array(count + 1, sizeof *codec->ends);
    if (codec->places == NULL || codec->ends == NULL) {
        codec_close(codec);
        return rh_error_oom(err);
    }
    for (size_t i = 0; i < count; i++) {
        bool extra = i >= table->column_count;

        if (!extra && table->columns[i].generated)
            continue;
        if (extra || columns[i])
            add_place(codec, i);
        codec->read_count++;
        codec->stored_count += !extra;
    }
    *out = codec;
    return RH_OK;
}

/* ---- decoding ---- */

static bool is_octal(uint8_t c)
{
    return c >= '0' && c <= '7';
}

static int hex_digit(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The byte that a backslash and what follows it mean; *at moves behind it. The grammar is COPY's
 * (PostgreSQL manual, COPY, "Text Format"). */
static uint8_t unescape_one(const uint8_t **at, const uint8_t *end)
{
    uint8_t c = *(*at)++;
    unsigned value = 0;

    switch (c) {
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
        break;
    }
    if (is_octal(c)) {
        value = (unsigned)(c - '0');
        for (int i = 0; i < 2 && *at < end && is_octal(**at); i++)
            value = value * 8 + (unsigned)(*(*at)++ - '0');
        return (uint8_t)value;
    }
    if (c == 'x' && *at < end && hex_digit(**at) >= 0) {
        for (int i = 0; i < 2 && *at < end && hex_digit(**at) >= 0; i++)
            value = value * 16 + (unsigned)hex_digit(*(*at)++);
        return (uint8_t)value;
    }
    return c;
}

static rh_status unescape(const uint8_t *at, const uint8_t *end, rh_field *field, rh_arena *scratch,
                          rh_error *err)
{
    uint8_t *text = rh_arena_alloc(scratch, (size_t)(end - at));
    size_t len = 0;

    if (text == NULL)
        return rh_error_oom(err);
    while (at < end) {
        if (*at != '\\') {
            text[len++] = *at++;
            continue;
        }
        at++;
        if (at == end)
            return rh_error_set(err, RH_EFORMAT, "a row ends within an escape");
        text[len++] = unescape_one(&at, end);
    }
    field->kind = RH_FIELD_TEXT;
    field->data = text;
    field->len = len;
    return RH_OK;
}

static rh_status decode_field(const uint8_t *start, const uint8_t *end, rh_field *field,
                              rh_arena *scratch, rh_error *err)
{
    size_t len = (size_t)(end - start);

    if (len == 2 && start[0] == '\\' && start[1] == 'N') {
        *field = (rh_field){.kind = RH_FIELD_NULL};
        return RH_OK;
    }
    *field = (rh_field){.kind = RH_FIELD_TEXT, .data = start, .len = len};
    return len > 0 && memchr(start, '\\', len) != NULL ? unescape(start, end, field, scratch, err)
                                                       : RH_OK;
}

static const uint8_t *start_of(const pg_codec *codec, size_t position)
{
    return position == 0 ? codec->row : codec->ends[position - 1] + 1;
}

/* Tabs and the line's end separate fields: both are escaped inside them. */
static rh_status find_ends(pg_codec *codec, const uint8_t *row, size_t len, rh_error *err)
{
    size_t tabs;

    if (len == 0 || row[len - 1] != '\n')
        return rh_error_set(err, RH_EFORMAT, "a row does not end with a line's end");
    len--;
    if (codec->read_count == 0)
        return len == 0
                   ? RH_OK
                   : rh_error_set(err, RH_EFORMAT, "a row of a table without columns is not empty");
    tabs = rh_copy_find_tabs(row, len, codec->ends, codec->read_count);
    if (tabs + 1 != codec->read_count)
        return rh_error_set(err, RH_EFORMAT, "a row does not have %zu fields", codec->read_count);
    codec->ends[tabs] = row + len;
    codec->row = row;
    return RH_OK;
}

static rh_status codec_decode(void *state, const uint8_t *row, size_t len, rh_field *fields,
                              rh_arena *scratch, rh_error *err)
{
    pg_codec *codec = state;
    rh_status status = find_ends(codec, row, len, err);

    for (size_t i = 0; status == RH_OK && i < codec->place_count; i++) {
        place *p = &codec->places[i];

        status = decode_field(start_of(codec, p->position), codec->ends[p->position],
                              &fields[p->column], scratch, err);
        p->before = fields[p->column];
    }
    return status;
}

/* ---- encoding ---- */

/* The letter behind the backslash for a byte that COPY escapes, or 0. */
static uint8_t escape_letter(uint8_t c)
{
    switch (c) {
    case '\b':
        return 'b';
    case '\f':
        return 'f';
    case '\n':
        return 'n';
    case '\r':
        return 'r';
    case '\t':
        return 't';
    case '\v':
        return 'v';
    case '\\':
        return '\\';
    default:
        return 0;
    }
}

static size_t count_escapes(const uint8_t *data, size_t len)
{
    size_t count = 0;

    if (!rh_copy_may_escape(data, len))
        return 0;
    for (size_t i = 0; i < len; i++)
        count += escape_letter(data[i]) != 0;
    return count;
}

static bool is_unchanged(const rh_field *before, const rh_field *after)
{
    return before->kind == after->kind && before->data == after->data && before->len == after->len;
}

/* Bytes that the row will have at most; counts the escapes of what changed. */
static rh_status measure(pg_codec *codec, const rh_field *fields, size_t *out_bytes, rh_error *err)
{
    size_t bytes = (size_t)(codec->ends[codec->stored_count - 1] - codec->row) + 1;

    for (size_t i = 0; i < codec->place_count; i++) {
        place *p = &codec->places[i];
        const rh_field *field = &fields[p->column];

        if (is_unchanged(&p->before, field))
            continue;
        if (field->kind != RH_FIELD_TEXT && field->kind != RH_FIELD_NULL)
            return rh_error_set(err, RH_EUSAGE, "a PostgreSQL field is text or null");
        p->escapes = field->kind == RH_FIELD_NULL ? 0 : count_escapes(field->data, field->len);
        bytes += field->kind == RH_FIELD_NULL ? 2 : field->len + p->escapes;
    }
    *out_bytes = bytes;
    return RH_OK;
}

static uint8_t *put_bytes(uint8_t *to, const uint8_t *from, size_t len)
{
    if (len > 0)
        memcpy(to, from, len);
    return to + len;
}

static uint8_t *put_field(uint8_t *to, const rh_field *field, size_t escapes)
{
    if (field->kind == RH_FIELD_NULL)
        return put_bytes(to, (const uint8_t *)"\\N", 2);
    if (escapes == 0)
        return put_bytes(to, field->data, field->len);
    for (size_t i = 0; i < field->len; i++) {
        uint8_t letter = escape_letter(field->data[i]);

        if (letter != 0)
            *to++ = '\\';
        *to++ = letter == 0 ? field->data[i] : letter;
    }
    return to;
}

/* What changed is written anew, what stands between as one piece each; extra columns end here. */
static rh_status codec_encode(void *state, const rh_field *fields, rh_buf *out, rh_error *err)
{
    pg_codec *codec = state;
    const uint8_t *copied = codec->row; /* the row before it is in out */
    const uint8_t *end;
    size_t bytes = 0;
    uint8_t *to;
    rh_status status;

    if (codec->stored_count == 0)
        return rh_buf_append_byte(out, '\n', err);
    end = codec->ends[codec->stored_count - 1];
    status = measure(codec, fields, &bytes, err);
    if (status == RH_OK)
        status = rh_buf_reserve(out, bytes, err);
    if (status != RH_OK)
        return status;
    to = out->data + out->len;
    for (size_t i = 0; i < codec->place_count; i++) {
        const place *p = &codec->places[i];
        const rh_field *field = &fields[p->column];

        if (p->position >= codec->stored_count || is_unchanged(&p->before, field))
            continue;
        to = put_bytes(to, copied, (size_t)(start_of(codec, p->position) - copied));
        to = put_field(to, field, p->escapes);
        copied = codec->ends[p->position];
    }
    to = put_bytes(to, copied, (size_t)(end - copied));
    *to++ = '\n';
    *to = '\0';
    out->len = (size_t)(to - out->data);
    return RH_OK;
}

const rh_row_codec rh_row_codec_pgcopy = {codec_open, codec_close, codec_decode, codec_encode};
