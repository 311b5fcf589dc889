#include <assert.h>
#include <string.h>

#include "core/bytes.h"
#include "core/mem.h"
#include "core/rows.h"

void rh_batch_builder_init(rh_batch_builder *builder, size_t max_bytes)
{
    rh_buf_init_wiping(&builder->data, max_bytes);
    builder->ends = NULL;
    builder->rows = 0;
    builder->cap = 0;
}

void rh_batch_builder_done(rh_batch_builder *builder)
{
    rh_buf_wipe_done(&builder->data);
    rh_mem_free(builder->ends);
    builder->ends = NULL;
    builder->rows = 0;
    builder->cap = 0;
}

void rh_batch_builder_clear(rh_batch_builder *builder)
{
    rh_buf_clear(&builder->data);
    builder->rows = 0;
}

static rh_status grow_ends(rh_batch_builder *builder, size_t cap, rh_error *err)
{
    size_t *ends = rh_mem_rearray(builder->ends, cap, sizeof *ends);

    if (ends == NULL)
        return rh_error_oom(err);
    builder->ends = ends;
    builder->cap = cap;
    return RH_OK;
}

/* Note a row's end, growing the array by halves. */
static rh_status add_end(rh_batch_builder *builder, size_t end, rh_error *err)
{
    rh_status status = RH_OK;

    if (builder->rows == builder->cap)
        status = grow_ends(builder, builder->cap < 64 ? 64 : builder->cap + builder->cap / 2, err);
    if (status == RH_OK)
        builder->ends[builder->rows++] = end;
    return status;
}

rh_status rh_batch_builder_copy(rh_batch_builder *builder, const rh_batch *batch, rh_error *err)
{
    size_t start = builder->data.len;
    rh_status status = rh_buf_append(&builder->data, batch->data, batch->len, err);

    if (status == RH_OK && batch->rows > builder->cap - builder->rows)
        status = grow_ends(builder, builder->rows + batch->rows, err);
    if (status != RH_OK)
        return status;
    for (size_t i = 0; i < batch->rows; i++)
        builder->ends[builder->rows++] = start + batch->ends[i];
    return RH_OK;
}

rh_status rh_batch_builder_end_row(rh_batch_builder *builder, rh_error *err)
{
    return add_end(builder, builder->data.len, err);
}

bool rh_batch_builder_full(const rh_batch_builder *builder)
{
    return builder->data.len >= RH_BATCH_TARGET_BYTES || builder->rows >= RH_BATCH_MAX_ROWS;
}

rh_batch rh_batch_builder_view(const rh_batch_builder *builder)
{
    rh_batch batch = {builder->data.data, builder->data.len, builder->ends, builder->rows};

    return batch;
}

/* Every newline inside a value is escaped in COPY text, so a bare one ends the row. */
static rh_status split_pgcopy(const uint8_t *data, size_t len, rh_batch_builder *builder,
                              rh_error *err)
{
    size_t at = 0;

    while (at < len) {
        const uint8_t *newline = memchr(data + at, '\n', len - at);

        if (newline == NULL)
            return rh_error_set(err, RH_EFORMAT, "the last row has no end");
        at = (size_t)(newline - data) + 1;
        if (add_end(builder, at, err) != RH_OK)
            return RH_ENOMEM;
    }
    return RH_OK;
}

static rh_status split_sqlite(const uint8_t *data, size_t len, rh_batch_builder *builder,
                              rh_error *err)
{
    size_t at = 0;

    while (at < len) {
        uint64_t rest = 0;
        size_t used = rh_varint_get(data + at, len - at, &rest);

        /* Even a record without columns has a byte of header. */
        if (used == 0 || rest == 0 || rest > len - at - used)
            return rh_error_set(err, RH_EFORMAT, "the length of row %zu is impossible",
                                builder->rows + 1);
        at += used + (size_t)rest;
        if (add_end(builder, at, err) != RH_OK)
            return RH_ENOMEM;
    }
    return RH_OK;
}

rh_status rh_rows_split(rh_rows_format format, const uint8_t *data, size_t len,
                        rh_batch_builder *builder, rh_batch *out, rh_error *err)
{
    rh_status status = RH_OK;

    rh_batch_builder_clear(builder);
    switch (format) {
    case RH_ROWS_PGCOPY:
        status = split_pgcopy(data, len, builder, err);
        break;
    case RH_ROWS_SQLITE:
        status = split_sqlite(data, len, builder, err);
        break;
    default:
        status = rh_error_set(err, RH_EFORMAT, "rows in an unknown encoding");
        break;
    }
    if (status != RH_OK)
        return status;
    out->data = data;
    out->len = len;
    out->ends = builder->ends;
    out->rows = builder->rows;
    return RH_OK;
}
