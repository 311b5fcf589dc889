/*
 * COPY text rows, field by field (row_codec.h). A field without a backslash is handed out where it
 * stands; a row's untouched stretches are copied as one piece.
 */
#include <string.h>

#include "core/mem.h"
#include "core/row_codec.h"

/* Where one stored column stands in the row that was decoded last. */
typedef struct span {
    const uint8_t *start;
    const uint8_t *end;
} span;

typedef struct pg_codec {
    size_t column_count; /* of the table, with extra ones */
    size_t stored_count; /* columns that travel on: all but generated and extra ones */
    size_t read_count;   /* fields of a row that comes: with the extra ones */
    size_t *column_of;   /* position in the row -> column */
    bool *wanted;        /* by column */
    span *spans;         /* by position in the row */
    rh_field *before;    /* by column: what was handed out */
} pg_codec;

static void codec_close(void *state)
{
    pg_codec *codec = state;

    if (codec == NULL)
        return;
    rh_mem_free(codec->column_of);
    rh_mem_free(codec->wanted);
    rh_mem_free(codec->spans);
    rh_mem_free(codec->before);
    rh_mem_free(codec);
}

static rh_status codec_open(const rh_table *table, const bool *columns, void **out, rh_error *err)
{
    pg_codec *codec = rh_mem_zalloc(sizeof *codec);
    size_t count = table->column_count + table->extra_count;

    if (codec == NULL)
        return rh_error_oom(err);
    codec->column_count = count;
    codec->column_of = rh_mem_array(count, sizeof *codec->column_of);
    codec->wanted = rh_mem_array(count, sizeof *codec->wanted);
    codec->spans = rh_mem_array(count, sizeof *codec->spans);
    codec->before = rh_mem_array(count, sizeof *codec->before);
    if (codec->column_of == NULL || codec->wanted == NULL || codec->spans == NULL ||
        codec->before == NULL) {
        codec_close(codec);
        return rh_error_oom(err);
    }
    for (size_t i = 0; i < table->column_count; i++) {
        codec->wanted[i] = columns[i];
        if (!table->columns[i].generated)
            codec->column_of[codec->stored_count++] = i;
    }
    codec->read_count = codec->stored_count;
    for (size_t i = table->column_count; i < count; i++) {
        codec->wanted[i] = true;
        codec->column_of[codec->read_count++] = i;
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

static rh_status unescape(const span *raw, rh_field *field, rh_arena *scratch, rh_error *err)
{
    uint8_t *text = rh_arena_alloc(scratch, (size_t)(raw->end - raw->start));
    const uint8_t *at = raw->start;
    size_t len = 0;

    if (text == NULL)
        return rh_error_oom(err);
    while (at < raw->end) {
        if (*at != '\\') {
            text[len++] = *at++;
            continue;
        }
        at++;
        if (at == raw->end)
            return rh_error_set(err, RH_EFORMAT, "a row ends within an escape");
        text[len++] = unescape_one(&at, raw->end);
    }
    field->kind = RH_FIELD_TEXT;
    field->data = text;
    field->len = len;
    return RH_OK;
}

static rh_status decode_field(const span *raw, rh_field *field, rh_arena *scratch, rh_error *err)
{
    size_t len = (size_t)(raw->end - raw->start);

    memset(field, 0, sizeof *field);
    if (len == 2 && raw->start[0] == '\\' && raw->start[1] == 'N') {
        field->kind = RH_FIELD_NULL;
        return RH_OK;
    }
    if (len > 0 && memchr(raw->start, '\\', len) != NULL)
        return unescape(raw, field, scratch, err);
    field->kind = RH_FIELD_TEXT;
    field->data = raw->start;
    field->len = len;
    return RH_OK;
}

/* Tabs and the line's end separate fields: both are escaped inside them. */
static rh_status find_spans(pg_codec *codec, const uint8_t *row, size_t len, rh_error *err)
{
    const uint8_t *end = row + len;
    const uint8_t *at = row;

    if (len == 0 || end[-1] != '\n')
        return rh_error_set(err, RH_EFORMAT, "a row does not end with a line's end");
    end--;
    for (size_t i = 0; i < codec->read_count; i++) {
        const uint8_t *tab = memchr(at, '\t', (size_t)(end - at));
        bool last = i + 1 == codec->read_count;

        if ((tab == NULL) != last)
            return rh_error_set(err, RH_EFORMAT, "a row does not have %zu fields",
                                codec->read_count);
        codec->spans[i].start = at;
        codec->spans[i].end = last ? end : tab;
        at = last ? end : tab + 1;
    }
    if (codec->read_count == 0 && at != end)
        return rh_error_set(err, RH_EFORMAT, "a row of a table without columns is not empty");
    return RH_OK;
}

static rh_status codec_decode(void *state, const uint8_t *row, size_t len, rh_field *fields,
                              rh_arena *scratch, rh_error *err)
{
    pg_codec *codec = state;
    rh_status status = find_spans(codec, row, len, err);

    memset(fields, 0, codec->column_count * sizeof *fields);
    for (size_t i = 0; status == RH_OK && i < codec->read_count; i++) {
        size_t column = codec->column_of[i];

        if (!codec->wanted[column])
            continue;
        status = decode_field(&codec->spans[i], &fields[column], scratch, err);
        codec->before[column] = fields[column];
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

static rh_status put_escaped(const rh_field *field, rh_buf *out, rh_error *err)
{
    size_t plain = 0;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < field->len; i++) {
        uint8_t letter = escape_letter(field->data[i]);

        if (letter == 0)
            continue;
        const uint8_t pair[2] = {'\\', letter};

        status = rh_buf_append(out, field->data + plain, i - plain, err);
        if (status == RH_OK)
            status = rh_buf_append(out, pair, sizeof pair, err);
        plain = i + 1;
    }
    if (status == RH_OK)
        status = rh_buf_append(out, field->data + plain, field->len - plain, err);
    return status;
}

static bool is_unchanged(const rh_field *before, const rh_field *after)
{
    return before->kind == after->kind && before->data == after->data && before->len == after->len;
}

static rh_status put_field(const rh_field *field, rh_buf *out, rh_error *err)
{
    if (field->kind == RH_FIELD_NULL)
        return rh_buf_append(out, "\\N", 2, err);
    if (field->kind != RH_FIELD_TEXT)
        return rh_error_set(err, RH_EUSAGE, "a PostgreSQL field is text or null");
    return put_escaped(field, out, err);
}

static rh_status codec_encode(void *state, const rh_field *fields, rh_buf *out, rh_error *err)
{
    const pg_codec *codec = state;
    size_t copied = 0; /* stored columns before this one are in out, with the tab behind them */
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < codec->stored_count; i++) {
        size_t column = codec->column_of[i];

        if (!codec->wanted[column] || is_unchanged(&codec->before[column], &fields[column]))
            continue;
        if (copied < i)
            status =
                rh_buf_append(out, codec->spans[copied].start,
                              (size_t)(codec->spans[i].start - codec->spans[copied].start), err);
        if (status == RH_OK)
            status = put_field(&fields[column], out, err);
        if (status == RH_OK && i + 1 < codec->stored_count)
            status = rh_buf_append_byte(out, '\t', err);
        copied = i + 1;
    }
    if (status == RH_OK && copied < codec->stored_count)
        status = rh_buf_append(
            out, codec->spans[copied].start,
            (size_t)(codec->spans[codec->stored_count - 1].end - codec->spans[copied].start), err);
    if (status == RH_OK)
        status = rh_buf_append_byte(out, '\n', err);
    return status;
}

const rh_row_codec rh_row_codec_pgcopy = {codec_open, codec_close, codec_decode, codec_encode};
