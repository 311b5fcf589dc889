/*
 * Editing rows (row_fields.h): the part that both encodings share.
 */
#include "core/row_fields.h"

#include <string.h>

#include "core/mem.h"
#include "core/row_codec.h"

/* What one edited batch may grow to; sources refuse longer rows by default. */
static const size_t DEFAULT_MAX_BYTES = (size_t)1 << 30;

struct rh_row_editor {
    const rh_row_codec *codec;
    void *state;
    rh_arena *scratch; /* decoded and new bytes of one row */
    rh_field *fields;
    rh_batch_builder out;
};

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
    editor->scratch = rh_arena_new(0);
    editor->fields = rh_mem_array(table->column_count + table->extra_count, sizeof *editor->fields);
    if (editor->scratch == NULL || editor->fields == NULL)
        status = rh_error_oom(err);
    else
        status = editor->codec->open(table, columns, &editor->state, err);
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
    if (editor->state != NULL)
        editor->codec->close(editor->state);
    rh_batch_builder_done(&editor->out);
    rh_arena_free(editor->scratch);
    rh_mem_free(editor->fields);
    rh_mem_free(editor);
}

static rh_status edit_row(rh_row_editor *editor, const uint8_t *row, size_t len, rh_row_edit edit,
                          void *ctx, rh_error *err)
{
    rh_status status =
        editor->codec->decode(editor->state, row, len, editor->fields, editor->scratch, err);

    if (status == RH_OK)
        status = edit(ctx, editor->fields, editor->scratch, err);
    if (status == RH_SKIPPED)
        return RH_OK;
    if (status == RH_OK)
        status = editor->codec->encode(editor->state, editor->fields, &editor->out.data, err);
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
