/*
 * See rules_rows.h.
 */
#include "rules_rows.h"

#include <stdio.h>
#include <string.h>

#include "core/display.h"
#include "core/mem.h"
#include "core/row_fields.h"
#include "core/str.h"

/* ---- opening ---- */

static rh_status read_structure(cli_rules_source *source, rh_error *err)
{
    rh_buf text = RH_BUF_INIT_WIPING;
    rh_status status = rh_source_section(source->source, "structure", &text, err);

    if (status == RH_OK)
        status = rh_structure_parse(rh_buf_cstr(&text), text.len, &source->structure, err);
    rh_buf_wipe_done(&text);
    return status;
}

rh_status cli_rules_source_open(cli_context *context, const char *name, size_t rows,
                                cli_rules_source *out, rh_error *err)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_status status;

    options.cancel = context->cancel;
    options.first_rows = rows;
    status = rh_source_open(name, &options, &out->source, err);
    if (status == RH_OK)
        status = rh_source_begin(out->source, err);
    if (status == RH_OK)
        status = rh_source_catalog(out->source, &out->catalog, err);
    if (status == RH_OK)
        status = read_structure(out, err);
    if (status == RH_OK)
        status = rh_session_open(out->source, &out->session, err);
    return status;
}

void cli_rules_source_close(cli_rules_source *source)
{
    rh_session_close(source->session);
    rh_structure_free(source->structure);
    if (source->source != NULL)
        rh_source_end(source->source);
    rh_source_close(source->source);
}

/* ---- the first rows of a table ---- */

/* What is done with each row; RH_SKIPPED asks for no more. */
typedef struct first_rows {
    const rh_table *table;
    rh_row_editor *editor;
    size_t left;
    rh_status (*row)(struct first_rows *rows, rh_field *fields, rh_arena *scratch, rh_error *err);
    void *ctx;
} first_rows;

static rh_status see_row(void *ctx, rh_field *fields, rh_arena *scratch, rh_error *err)
{
    first_rows *rows = ctx;
    rh_status status = RH_SKIPPED;

    if (rows->left == 0)
        return RH_SKIPPED;
    rows->left--;
    status = rows->row(rows, fields, scratch, err);
    return status == RH_OK ? RH_SKIPPED : status;
}

static rh_status see_batch(void *ctx, const rh_batch *batch, rh_error *err)
{
    first_rows *rows = ctx;
    rh_batch none;

    /* Only a batch too many ends the read by force: for PostgreSQL that is a failed statement, and
     * with it a failed transaction. There the LIMIT sees to it that none comes. */
    if (rows->left == 0)
        return rh_error_set(err, RH_ECANCELED, "enough rows");
    return rh_row_editor_run(rows->editor, batch, see_row, rows, &none, err);
}

static rh_status read_first(cli_rules_source *source, first_rows *rows, const bool *columns,
                            rh_error *err)
{
    rh_rows_format format = rh_engine_rows_format(rh_source_kind(source->source));
    const rh_row_sink sink = {see_batch, rows};
    rh_status status = rh_row_editor_new(format, rows->table, columns, 0, &rows->editor, err);

    for (size_t i = 0; status == RH_OK && rows->left > 0 && i < rows->table->range_count; i++)
        status = rh_session_rows(source->session, rows->table, &rows->table->ranges[i], &sink, err);
    if (rows->left == 0 && status == RH_ECANCELED) {
        rh_error_clear(err);
        status = RH_OK;
    }
    rh_row_editor_free(rows->editor);
    rows->editor = NULL;
    return status;
}

/* ---- a sample for the draft ---- */

typedef struct sample_state {
    rh_draft *draft;
    size_t structure_table;
    const rh_structure_table *shape;
    rh_field *fields; /* in the structure's order */
} sample_state;

static rh_status sample_row(first_rows *rows, rh_field *fields, rh_arena *scratch, rh_error *err)
{
    sample_state *seen = rows->ctx;

    (void)scratch;
    memset(seen->fields, 0, seen->shape->column_count * sizeof *seen->fields);
    for (size_t i = 0; i < rows->table->column_count; i++) {
        size_t at = rh_structure_column_index(seen->shape, rows->table->columns[i].name);

        if (at < seen->shape->column_count)
            seen->fields[at] = fields[i];
    }
    return rh_draft_sample(seen->draft, seen->structure_table, seen->fields,
                           seen->shape->column_count, err);
}

static rh_status sample_table(cli_rules_source *source, rh_draft *draft, size_t index, size_t count,
                              rh_error *err)
{
    const rh_structure_table *shape = rh_structure_table_at(source->structure, index);
    const rh_table *table = rh_catalog_find(source->catalog, shape->full_name);
    sample_state taken = {draft, index, shape, NULL};
    first_rows rows = {table, NULL, count, sample_row, &taken};
    bool *columns;
    rh_status status = RH_OK;

    if (table == NULL || table->kind != RH_TABLE_PLAIN || count == 0)
        return RH_OK;
    columns = rh_mem_array(table->column_count, sizeof *columns);
    taken.fields = rh_mem_array(shape->column_count, sizeof *taken.fields);
    if (columns == NULL || taken.fields == NULL)
        status = rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < table->column_count; i++)
        columns[i] = !table->columns[i].generated;
    if (status == RH_OK)
        status = read_first(source, &rows, columns, err);
    rh_mem_free(columns);
    rh_mem_free(taken.fields);
    return status;
}

rh_status cli_rules_sample(cli_rules_source *source, rh_draft *draft, size_t rows, rh_error *err)
{
    size_t count = rh_structure_table_count(source->structure);
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < count; i++)
        status = sample_table(source, draft, i, rows, err);
    return status;
}

/* ---- preview ---- */

typedef struct preview_state {
    const rh_bound_rules *bound;
    bool show;
    size_t number;
} preview_state;

enum { PREVIEW_COLUMNS = 48 }; /* beside a name and its mask's arrow */

/* Whole characters; what a terminal would obey, and bytes that are no text, as \xNN. */
static void print_bytes(const char *text, size_t len, bool blob)
{
    size_t columns = 0;

    for (size_t at = 0; at < len;) {
        rh_display_char next = rh_display_next(text + at, len - at);
        bool plain = next.printable && (!blob || next.bytes == 1);
        size_t width = plain ? next.columns : 4 * next.bytes;

        if (columns + width > PREVIEW_COLUMNS) {
            fputs("...", stdout);
            return;
        }
        for (size_t i = 0; i < next.bytes; i++)
            printf(plain ? "%c" : "\\x%02x", (unsigned char)text[at + i]);
        columns += width;
        at += next.bytes;
    }
}

static void print_field(const rh_field *field)
{
    switch (field->kind) {
    case RH_FIELD_NULL:
    case RH_FIELD_UNREAD:
        fputs("NULL", stdout);
        break;
    case RH_FIELD_INTEGER:
        printf("%lld", (long long)field->integer);
        break;
    case RH_FIELD_REAL:
        printf("%.15g", field->real);
        break;
    case RH_FIELD_TEXT:
    case RH_FIELD_BLOB:
        print_bytes((const char *)field->data, field->len, field->kind == RH_FIELD_BLOB);
        break;
    }
}

static rh_status preview_row(first_rows *rows, rh_field *fields, rh_arena *scratch, rh_error *err)
{
    preview_state *view = rows->ctx;

    printf("row %zu\n", ++view->number);
    for (size_t i = 0; i < rows->table->column_count; i++) {
        const rh_decision *decision =
            rh_bound_find(view->bound, rows->table->full_name, rows->table->columns[i].name);
        const rh_mask *mask = decision == NULL ? NULL : rh_bound_mask_of(view->bound, decision);
        rh_field masked = fields[i];
        rh_status status = RH_OK;

        if (mask == NULL && !view->show)
            continue;
        const bool elsewhere = mask != NULL && rh_mask_custom_of(mask) != NULL;

        if (mask != NULL && !elsewhere)
            status = rh_mask_apply(mask, &fields[i], fields, scratch, &masked, err);
        if (status != RH_OK)
            return status;
        printf("  %-24s ", rows->table->columns[i].name);
        if (view->show) {
            print_field(&fields[i]);
            fputs(mask == NULL ? "  (kept)" : "  ->  ", stdout);
        }
        if (elsewhere)
            fputs("(custom: computed when rows are copied)", stdout);
        else if (mask != NULL)
            print_field(&masked);
        putchar('\n');
    }
    return RH_OK;
}

static const rh_table *find_table(const rh_catalog *catalog, const char *name)
{
    const rh_table *table = rh_catalog_find(catalog, name);

    for (size_t i = 0; table == NULL && i < catalog->table_count; i++) {
        if (strcmp(catalog->tables[i].name, name) == 0)
            table = &catalog->tables[i];
    }
    return table;
}

rh_status cli_rules_preview(cli_rules_source *source, const rh_bound_rules *bound,
                            const char *table, size_t rows, bool show, rh_error *err)
{
    preview_state view = {bound, show, 0};
    first_rows first = {find_table(source->catalog, table), NULL, rows, preview_row, &view};
    bool *columns;
    rh_status status;

    if (first.table == NULL)
        return rh_error_set(err, RH_ENOTFOUND, "there is no table '%s'", table);
    columns = rh_mem_array(first.table->column_count, sizeof *columns);
    if (columns == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < first.table->column_count; i++)
        columns[i] = !first.table->columns[i].generated;
    status = rows == 0 ? RH_OK : read_first(source, &first, columns, err);
    rh_mem_free(columns);
    return status;
}
