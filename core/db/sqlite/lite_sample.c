#include <string.h>

#include "core/bytes.h"
#include "core/index_sample.h"
#include "lite_record.h"

enum { SAMPLE_BYTES = 64 << 20 };

/* As a row without a rowid, which is a record behind its length. */
static rh_status read_sample(const rh_field *sample, size_t count, rh_arena *scratch,
                             rh_lite_value **out, rh_error *err)
{
    uint8_t *row = rh_arena_alloc(scratch, RH_VARINT_MAX_BYTES + sample->len);
    rh_lite_value *values = rh_arena_array(scratch, count, sizeof *values);
    rh_error damage = RH_ERROR_INIT;
    size_t at;

    if (row == NULL || values == NULL)
        return rh_error_oom(err);
    at = rh_varint_put(row, sample->len);
    memcpy(row + at, sample->data, sample->len);
    if (rh_lite_row_get(row, at + sample->len, NULL, values, count, &damage) != RH_OK)
        return RH_SKIPPED;
    *out = values;
    return RH_OK;
}

static rh_status write_sample(const rh_lite_value *values, size_t count, rh_arena *scratch,
                              rh_field *out, rh_error *err)
{
    rh_buf row = RH_BUF_INIT_WIPING;
    uint64_t len = 0;
    size_t at = 0;
    uint8_t *copy = NULL;
    rh_status status = rh_lite_row_put(&row, NULL, values, count, SAMPLE_BYTES, err);

    if (status == RH_OK) {
        at = rh_varint_get(row.data, row.len, &len);
        copy = rh_arena_alloc(scratch, row.len);
        if (copy == NULL)
            status = rh_error_oom(err);
    }
    if (status == RH_OK) {
        memcpy(copy, row.data + at, row.len - at);
        *out = (rh_field){.kind = RH_FIELD_BLOB, .data = copy, .len = row.len - at};
    }
    rh_buf_wipe_done(&row);
    return status;
}

rh_status rh_index_sample_edit(const rh_field *sample, size_t count, rh_row_edit edit, void *ctx,
                               rh_arena *scratch, rh_field *out, rh_error *err)
{
    rh_field *fields = rh_arena_array(scratch, count, sizeof *fields);
    rh_lite_value *values = NULL;
    rh_status status;

    if (fields == NULL)
        return rh_error_oom(err);
    if (sample->kind != RH_FIELD_BLOB || sample->len == 0 || sample->len > SAMPLE_BYTES)
        return RH_SKIPPED;
    status = read_sample(sample, count, scratch, &values, err);
    for (size_t i = 0; status == RH_OK && i < count; i++)
        fields[i] = rh_lite_field_of(&values[i]);
    if (status == RH_OK)
        status = edit(ctx, fields, scratch, err);
    for (size_t i = 0; status == RH_OK && i < count; i++)
        values[i] = rh_lite_value_of(&fields[i]);
    return status == RH_OK ? write_sample(values, count, scratch, out, err) : status;
}
