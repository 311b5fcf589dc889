/*
 * SQLite records, field by field (row_codec.h). The whole record is decoded and written again: it
 * is a matter of a few nanoseconds a value, and its header has to change with any value.
 */
#include <string.h>

#include "core/mem.h"
#include "core/row_codec.h"
#include "lite_record.h"
#include "lite_utf16.h"

enum { NO_COLUMN = -1 };

typedef struct lite_codec {
    size_t column_count;   /* with the table's extra ones */
    size_t stored_count;   /* columns that travel on: all but generated and extra ones */
    size_t read_count;     /* values of a record that comes: with the extra ones */
    size_t *column_of;     /* position in the record -> column */
    bool *wanted;          /* by column */
    rh_lite_value *values; /* by position in the record */
    rh_field *before;      /* by column */
    size_t *offsets;       /* by stored position: new text in `text`, SIZE_MAX = none */
    bool has_rowid;
    int64_t rowid;
    long ipk;   /* column that is the rowid, or NO_COLUMN */
    bool utf16; /* text of this database has two bytes a unit */
    bool big_endian;
    rh_buf text; /* conversion */
} lite_codec;

static void codec_close(void *state)
{
    lite_codec *codec = state;

    if (codec == NULL)
        return;
    rh_mem_free(codec->column_of);
    rh_mem_free(codec->wanted);
    /* Numbers are in both. */
    rh_mem_wipe_free(codec->values, codec->column_count * sizeof *codec->values);
    rh_mem_wipe_free(codec->before, codec->column_count * sizeof *codec->before);
    rh_mem_free(codec->offsets);
    rh_buf_wipe_done(&codec->text);
    rh_mem_free(codec);
}

static void read_extra(lite_codec *codec, const json_t *extra)
{
    const char *encoding = json_string_value(json_object_get(extra, "encoding"));
    const json_t *ipk = json_object_get(extra, "ipk");

    codec->has_rowid = json_is_true(json_object_get(extra, "rowid"));
    codec->ipk = json_is_integer(ipk) ? (long)json_integer_value(ipk) : NO_COLUMN;
    codec->utf16 = encoding != NULL && strncmp(encoding, "UTF-16", 6) == 0;
    codec->big_endian = encoding != NULL && strcmp(encoding, "UTF-16be") == 0;
}

static rh_status codec_open(const rh_table *table, const bool *columns, void **out, rh_error *err)
{
    lite_codec *codec = rh_mem_zalloc(sizeof *codec);
    size_t count = table->column_count + table->extra_count;

    if (codec == NULL)
        return rh_error_oom(err);
    codec->column_count = count;
    codec->column_of = rh_mem_array(count, sizeof *codec->column_of);
    codec->wanted = rh_mem_array(count, sizeof *codec->wanted);
    codec->values = rh_mem_array(count, sizeof *codec->values);
    codec->before = rh_mem_array(count, sizeof *codec->before);
    codec->offsets = rh_mem_array(count, sizeof *codec->offsets);
    rh_buf_init_wiping(&codec->text, 0);
    if (codec->column_of == NULL || codec->wanted == NULL || codec->values == NULL ||
        codec->before == NULL || codec->offsets == NULL) {
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
    read_extra(codec, table->extra);
    *out = codec;
    return RH_OK;
}

/* ---- decoding ---- */

static rh_status utf8_of(lite_codec *codec, const rh_lite_value *value, rh_field *field,
                         rh_arena *scratch, rh_error *err)
{
    bool exact = true;
    uint8_t *copy;
    rh_status status;

    rh_buf_clear(&codec->text);
    status =
        rh_lite_from_utf16(value->data, value->len, codec->big_endian, &codec->text, &exact, err);
    if (status != RH_OK)
        return status;
    copy = rh_arena_alloc(scratch, codec->text.len);
    if (copy == NULL)
        return rh_error_oom(err);
    if (codec->text.len > 0)
        memcpy(copy, codec->text.data, codec->text.len);
    field->data = copy;
    field->len = codec->text.len;
    return RH_OK;
}

static rh_status to_field(lite_codec *codec, const rh_lite_value *value, rh_field *field,
                          rh_arena *scratch, rh_error *err)
{
    *field = rh_lite_field_of(value);
    if (value->kind == RH_LITE_TEXT && codec->utf16)
        return utf8_of(codec, value, field, scratch, err);
    return RH_OK;
}

static rh_status codec_decode(void *state, const uint8_t *row, size_t len, rh_field *fields,
                              rh_arena *scratch, rh_error *err)
{
    lite_codec *codec = state;
    rh_status status = rh_lite_row_get(row, len, codec->has_rowid ? &codec->rowid : NULL,
                                       codec->values, codec->read_count, err);

    memset(fields, 0, codec->column_count * sizeof *fields);
    for (size_t i = 0; status == RH_OK && i < codec->read_count; i++) {
        size_t column = codec->column_of[i];

        if (!codec->wanted[column])
            continue;
        if ((long)column == codec->ipk) {
            fields[column].kind = RH_FIELD_INTEGER;
            fields[column].integer = codec->rowid;
        } else {
            status = to_field(codec, &codec->values[i], &fields[column], scratch, err);
        }
        codec->before[column] = fields[column];
    }
    return status;
}

/* ---- encoding ---- */

/* One code point as UTF-16 in the database's byte order; returns bytes written. */
static size_t put_utf16(uint32_t point, bool big_endian, uint8_t out[4])
{
    uint32_t units[2] = {point, 0};
    size_t count = 1;

    if (point >= 0x10000) {
        units[0] = 0xD800 + ((point - 0x10000) >> 10);
        units[1] = 0xDC00 + ((point - 0x10000) & 0x3FF);
        count = 2;
    }
    for (size_t i = 0; i < count; i++) {
        out[2 * i] = (uint8_t)(big_endian ? units[i] >> 8 : units[i]);
        out[2 * i + 1] = (uint8_t)(big_endian ? units[i] : units[i] >> 8);
    }
    return 2 * count;
}

/* Masks hand out valid UTF-8; a stray byte becomes U+FFFD, as in SQLite itself. */
static uint32_t next_point(const uint8_t *data, size_t len, size_t *at)
{
    uint8_t first = data[(*at)++];
    size_t more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
    uint32_t point = more == 0 ? first : first & (0x3Fu >> more);

    if (first >= 0x80 && more == 0)
        return 0xFFFD;
    for (size_t i = 0; i < more; i++) {
        if (*at >= len || (data[*at] & 0xC0) != 0x80)
            return 0xFFFD;
        point = point << 6 | (data[(*at)++] & 0x3Fu);
    }
    return point;
}

static rh_status to_utf16(lite_codec *codec, const rh_field *field, rh_error *err)
{
    size_t at = 0;
    rh_status status = RH_OK;

    while (status == RH_OK && at < field->len) {
        uint8_t units[4];
        uint32_t point = next_point(field->data, field->len, &at);

        status =
            rh_buf_append(&codec->text, units, put_utf16(point, codec->big_endian, units), err);
    }
    return status;
}

static bool is_unchanged(const rh_field *before, const rh_field *after)
{
    return before->kind == after->kind && before->data == after->data &&
           before->len == after->len && before->integer == after->integer &&
           memcmp(&before->real, &after->real, sizeof after->real) == 0;
}

/* Texts of all changed fields share one buffer that may move: remember offsets, point later. */
static rh_status from_field(lite_codec *codec, const rh_field *field, rh_lite_value *value,
                            size_t *out_offset, rh_error *err)
{
    rh_status status = RH_OK;

    *value = rh_lite_value_of(field);
    *out_offset = SIZE_MAX;
    if (field->kind == RH_FIELD_TEXT && codec->utf16) {
        *out_offset = codec->text.len;
        status = to_utf16(codec, field, err);
        value->len = codec->text.len - *out_offset;
    }
    return status;
}

static rh_status take_rowid(lite_codec *codec, const rh_field *field, rh_error *err)
{
    if (field->kind != RH_FIELD_INTEGER)
        return rh_error_set(err, RH_EUSAGE, "an INTEGER PRIMARY KEY stays an integer");
    codec->rowid = field->integer;
    return RH_OK;
}

static rh_status codec_encode(void *state, const rh_field *fields, rh_buf *out, rh_error *err)
{
    lite_codec *codec = state;
    size_t *offsets = codec->offsets;
    rh_status status = RH_OK;

    rh_buf_clear(&codec->text);
    for (size_t i = 0; status == RH_OK && i < codec->stored_count; i++) {
        size_t column = codec->column_of[i];

        offsets[i] = SIZE_MAX;
        if (!codec->wanted[column] || is_unchanged(&codec->before[column], &fields[column]))
            continue;
        if ((long)column == codec->ipk)
            status = take_rowid(codec, &fields[column], err);
        else
            status = from_field(codec, &fields[column], &codec->values[i], &offsets[i], err);
    }
    for (size_t i = 0; status == RH_OK && i < codec->stored_count; i++) {
        if (offsets[i] != SIZE_MAX)
            codec->values[i].data = codec->text.data + offsets[i];
    }
    if (status == RH_OK)
        status = rh_lite_row_put(out, codec->has_rowid ? &codec->rowid : NULL, codec->values,
                                 codec->stored_count, out->max, err);
    return status;
}

const rh_row_codec rh_row_codec_sqlite = {codec_open, codec_close, codec_decode, codec_encode};
