/*
 * Editing rows (row_fields.h): the part that both encodings share.
 */
#include "core/row_fields.h"

#include <string.h>

#include "core/mem.h"
#include "core/row_codec.h"

/* What one edited batch may grow to; sources refuse longer rows by default. */
static const size_t DEFAULT_MAX_BYTES = (size_t)1 << 30;

/* Rows that are decoded together, and the fields that they may have in all. */
enum { GROUP_ROWS = 64, GROUP_FIELDS = 8192 };

struct rh_row_editor {
    const rh_row_codec *codec;
    void *states[GROUP_ROWS]; /* a row's places each; all but the first on demand */
    size_t group;             /* rows of a group */
    size_t stride;            /* fields of a row */
    rh_arena *scratch;        /* decoded and new bytes of one row, or of a group */
    rh_field *fields;         /* of a group */
    rh_batch_builder out;
    const rh_table *table;
    bool *columns;
};

static size_t group_rows(size_t stride)
{
    size_t rows = stride == 0 ? GROUP_ROWS : GROUP_FIELDS / stride;

    return rows < 1 ? 1 : rows > GROUP_ROWS ? GROUP_ROWS : rows;
}

static rh_status check_columns(const rh_table *table, const bool *columns, rh_error *err)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (columns[i] && table->columns[i].generated)
            return rh_error_set(err, RH_EUSAGE, "column '%s.%s' is generated and never copied",
                                table->full_name, table->columns[i].name);
    }
    return RH_OK;
}

rh_status rh_row_editor_new(rh_rows_format format, const rh_table *table, const bool *columns,
                            size_t max_row_bytes, rh_row_editor **out, rh_error *err)
{
    rh_row_editor *editor = NULL;
    rh_status status = check_columns(table, columns, err);

    if (status != RH_OK)
        return status;
    editor = rh_mem_zalloc(sizeof *editor);
    if (editor == NULL)
        return rh_error_oom(err);
    editor->codec = format == RH_ROWS_PGCOPY ? &rh_row_codec_pgcopy : &rh_row_codec_sqlite;
    rh_batch_builder_init(&editor->out, max_row_bytes == 0 ? DEFAULT_MAX_BYTES : max_row_bytes);
    editor->scratch = rh_arena_new_wiping(0);
    editor->table = table;
    editor->stride = table->column_count + table->extra_count;
    editor->group = group_rows(editor->stride);
    editor->fields = rh_mem_array(editor->group * editor->stride, sizeof *editor->fields);
    editor->columns = rh_mem_array(table->column_count, sizeof *editor->columns);
    if (editor->scratch == NULL || editor->fields == NULL || editor->columns == NULL)
        status = rh_error_oom(err);
    if (status == RH_OK && table->column_count > 0)
        memcpy(editor->columns, columns, table->column_count * sizeof *columns);
    if (status == RH_OK)
        status = editor->codec->open(table, editor->columns, &editor->states[0], err);
    if (status != RH_OK) {
        rh_row_editor_free(editor);
        return status;
    }
    *out = editor;
    return RH_OK;
}

void rh_row_editor_free(rh_row_editor *editor)
{
    if (editor == NULL)
        return;
    for (size_t i = 0; i < GROUP_ROWS; i++) {
        if (editor->states[i] != NULL)
            editor->codec->close(editor->states[i]);
    }
    rh_batch_builder_done(&editor->out);
    rh_arena_free(editor->scratch);
    rh_mem_wipe_free(editor->fields, /* numbers are in it */
                     editor->group * editor->stride * sizeof *editor->fields);
    rh_mem_free(editor->columns);
    rh_mem_free(editor);
}

static rh_status edit_row(rh_row_editor *editor, const uint8_t *row, size_t len, rh_row_edit edit,
                          void *ctx, rh_error *err)
{
    rh_status status =
        editor->codec->decode(editor->states[0], row, len, editor->fields, editor->scratch, err);

    if (status == RH_OK)
        status = edit(ctx, editor->fields, editor->scratch, err);
    if (status == RH_SKIPPED)
        return RH_OK;
    if (status == RH_OK)
        status = editor->codec->encode(editor->states[0], editor->fields, &editor->out.data, err);
    if (status == RH_OK)
        status = rh_batch_builder_end_row(&editor->out, err);
    return status;
}

rh_status rh_row_editor_run(rh_row_editor *editor, const rh_batch *in, rh_row_edit edit, void *ctx,
                            rh_batch *out, rh_error *err)
{
    size_t start = 0;
    rh_status status = RH_OK;

    rh_batch_builder_clear(&editor->out);
    for (size_t i = 0; status == RH_OK && i < in->rows; i++) {
        status = edit_row(editor, in->data + start, in->ends[i] - start, edit, ctx, err);
        start = in->ends[i];
        rh_arena_reset(editor->scratch);
    }
    if (status == RH_OK)
        *out = rh_batch_builder_view(&editor->out);
    return status;
}

static rh_status decode_group(rh_row_editor *editor, const rh_batch *in, size_t first, size_t rows,
                              rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < rows; i++) {
        size_t start = first + i == 0 ? 0 : in->ends[first + i - 1];

        if (editor->states[i] == NULL)
            status = editor->codec->open(editor->table, editor->columns, &editor->states[i], err);
        if (status == RH_OK)
            status = editor->codec->decode(
                editor->states[i], in->data + start, in->ends[first + i] - start,
                editor->fields + i * editor->stride, editor->scratch, err);
    }
    return status;
}

static rh_status encode_group(rh_row_editor *editor, size_t rows, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < rows; i++) {
        status = editor->codec->encode(editor->states[i], editor->fields + i * editor->stride,
                                       &editor->out.data, err);
        if (status == RH_OK)
            status = rh_batch_builder_end_row(&editor->out, err);
    }
    return status;
}

rh_status rh_row_editor_run_many(rh_row_editor *editor, const rh_batch *in, rh_rows_edit edit,
                                 void *ctx, rh_batch *out, rh_error *err)
{
    rh_status status = RH_OK;

    rh_batch_builder_clear(&editor->out);
    for (size_t at = 0; status == RH_OK && at < in->rows; at += editor->group) {
        size_t rows = in->rows - at < editor->group ? in->rows - at : editor->group;

        status = decode_group(editor, in, at, rows, err);
        if (status == RH_OK)
            status = edit(ctx, editor->fields, rows, editor->scratch, err);
        if (status == RH_OK)
            status = encode_group(editor, rows, err);
        rh_arena_reset(editor->scratch);
    }
    if (status == RH_OK)
        *out = rh_batch_builder_view(&editor->out);
    return status;
}
