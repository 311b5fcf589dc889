/*
 * Encoded rows: any bytes either split and decode into rows that are written back to the same
 * values, or are refused; rendering copes with all of them.
 *
 * The first byte says what table they are taken for.
 *
 * modules: core_base core_io core_sql core_db core_db_postgres core_db_sqlite
 */
#include <stdlib.h>
#include <string.h>

#include "core/engine.h"
#include "core/mem.h"
#include "fuzz.h"
#include "lite_record.h"

enum {
    MAX_COLUMNS = 15,
    SHAPE_COLUMNS = 0x0f,
    SHAPE_ROWID = 0x10,
    SHAPE_COPY = 0x20,
    SHAPE_UTF16 = 0x40,
    SHAPE_IPK = 0x80,
};

static void require(bool condition)
{
    if (!condition)
        abort();
}

static bool same_value(const rh_lite_value *a, const rh_lite_value *b)
{
    if (a->kind != b->kind)
        return false;
    switch (a->kind) {
    case RH_LITE_NULL:
        return true;
    case RH_LITE_INTEGER:
        return a->integer == b->integer;
    case RH_LITE_REAL:
        return memcmp(&a->real, &b->real, sizeof a->real) == 0;
    case RH_LITE_TEXT:
    case RH_LITE_BLOB:
        return a->len == b->len && (a->len == 0 || memcmp(a->data, b->data, a->len) == 0);
    }
    return false;
}

/* What was decoded is written and decoded again: the same values, and a size that adds up. */
static void write_back(bool has_rowid, int64_t rowid, const rh_lite_value *values, size_t count)
{
    rh_lite_value again[MAX_COLUMNS];
    rh_buf row = RH_BUF_INIT;
    int64_t same_rowid = 0;
    size_t bytes = 0;

    require(rh_lite_row_put(&row, has_rowid ? &rowid : NULL, values, count, SIZE_MAX / 4, NULL) ==
            RH_OK);
    require(rh_lite_row_size(row.data, row.len, SIZE_MAX / 4, &bytes, NULL) == RH_OK);
    require(bytes == row.len);
    require(rh_lite_row_get(row.data, row.len, has_rowid ? &same_rowid : NULL, again, count,
                            NULL) == RH_OK);
    require(!has_rowid || same_rowid == rowid);
    for (size_t i = 0; i < count; i++)
        require(same_value(&values[i], &again[i]));
    rh_buf_done(&row);
}

static void decode_rows(const rh_batch *batch, bool has_rowid, size_t count)
{
    rh_lite_value values[MAX_COLUMNS];
    size_t from = 0;

    for (size_t i = 0; i < batch->rows; i++) {
        const uint8_t *row = batch->data + from;
        size_t len = batch->ends[i] - from;
        size_t bytes = 0;
        int64_t rowid = 0;

        require(rh_lite_row_size(row, len, SIZE_MAX / 4, &bytes, NULL) == RH_OK && bytes == len);
        if (rh_lite_row_get(row, len, has_rowid ? &rowid : NULL, values, count, NULL) == RH_OK)
            write_back(has_rowid, rowid, values, count);
        from = batch->ends[i];
    }
    require(from == batch->len);
}

static void render(const rh_batch *batch, uint8_t shape)
{
    rh_column columns[MAX_COLUMNS];
    rh_table table = {.name = "t", .schema = "main", .full_name = "main.t"};
    rh_buf text = RH_BUF_INIT;
    json_t *extra = json_pack("{s:b}", "rowid", (shape & SHAPE_ROWID) != 0);

    require(extra != NULL);
    memset(columns, 0, sizeof columns);
    for (size_t i = 0; i < MAX_COLUMNS; i++)
        columns[i].name = "c";
    if ((shape & SHAPE_IPK) != 0)
        json_object_set_new(extra, "ipk", json_integer(0));
    if ((shape & SHAPE_UTF16) != 0)
        json_object_set_new(extra, "encoding", json_string("UTF-16le"));
    table.columns = columns;
    table.column_count = shape & SHAPE_COLUMNS;
    table.extra = extra;
    if (rh_rows_render(RH_ENGINE_SQLITE, &table, batch, &text, NULL) == RH_OK) {
        size_t lines = 0;

        for (size_t i = 0; i < text.len; i++)
            lines += text.data[i] == '\n' ? 1 : 0;
        require(lines == batch->rows);
    }
    rh_buf_done(&text);
    json_decref(extra);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    rh_rows_format format;
    rh_batch_builder builder;
    rh_batch batch;
    uint8_t shape;

    if (size == 0)
        return 0;
    shape = data[0];
    format = (shape & SHAPE_COPY) != 0 ? RH_ROWS_PGCOPY : RH_ROWS_SQLITE;
    rh_batch_builder_init(&builder, 0);
    if (rh_rows_split(format, data + 1, size - 1, &builder, &batch, NULL) == RH_OK &&
        format == RH_ROWS_SQLITE) {
        decode_rows(&batch, (shape & SHAPE_ROWID) != 0, shape & SHAPE_COLUMNS);
        render(&batch, shape);
    }
    rh_batch_builder_done(&builder);
    return 0;
}
