/*
 * The rows of one table, as one worker of the copy masks them. Nothing of a row is kept.
 */
#include <string.h>

#include "core/mem.h"
#include "custom.h"
#include "filter.h"
#include "samples.h"

/* One worker's state for one table. */
typedef struct table_worker {
    const rh_anonymizer *anonymizer;
    const rh_masked_table *masked;
    rh_row_editor *editor;    /* NULL: rows pass as they are */
    rh_field *raw;            /* the row before masking, when masks read other columns */
    custom_command *commands; /* masked->command_count of them, in the order of the columns */
    bool failed;
    rh_batch none;
} table_worker;

void rh_mask_rows_close(void *state)
{
    table_worker *worker = state;

    if (worker == NULL)
        return;
    for (size_t i = 0; worker->commands != NULL && i < worker->masked->command_count; i++)
        custom_command_done(&worker->commands[i], worker->failed, worker->anonymizer->late);
    rh_mem_free(worker->commands);
    rh_row_editor_free(worker->editor);
    rh_mem_free(worker->raw);
    rh_mem_free(worker);
}

static rh_status open_commands(table_worker *worker, rh_error *err)
{
    const rh_masked_table *masked = worker->masked;
    size_t at = 0;
    rh_status status = RH_OK;

    if (masked->command_count == 0)
        return RH_OK;
    worker->commands = rh_mem_array(masked->command_count, sizeof *worker->commands);
    if (worker->commands == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < masked->count; i++) {
        if (masked->columns[i].custom != NULL && masked->columns[i].custom->command != NULL)
            status = custom_command_init(&worker->commands[at++], masked, &masked->columns[i],
                                         worker->anonymizer->format, err);
    }
    return status;
}

rh_status rh_mask_rows_open(void *ctx, const rh_table *table, void **out_state, rh_error *err)
{
    const rh_anonymizer *anonymizer = ctx;
    const rh_masked_table *masked = &anonymizer->tables[table->index];
    table_worker *worker = rh_mem_zalloc(sizeof *worker);
    rh_status status = RH_OK;

    if (worker == NULL)
        return rh_error_oom(err);
    worker->anonymizer = anonymizer;
    worker->masked = masked;
    if (masked->count > 0 || masked->sequences || masked->samples)
        status =
            rh_row_editor_new(anonymizer->format, table, masked->read, 0, &worker->editor, err);
    if (status == RH_OK && masked->reads_others) {
        worker->raw = rh_mem_array(table->column_count, sizeof *worker->raw);
        if (worker->raw == NULL)
            status = rh_error_oom(err);
    }
    if (status == RH_OK)
        status = open_commands(worker, err);
    if (status != RH_OK) {
        worker->failed = true;
        rh_mask_rows_close(worker);
        return status;
    }
    *out_state = worker;
    return RH_OK;
}

/* First pass over a batch with commands: what to ask them. */
static rh_status ask_row(void *ctx, rh_field *fields, rh_arena *scratch, rh_error *err)
{
    table_worker *worker = ctx;
    rh_status status = RH_OK;

    (void)scratch;
    for (size_t i = 0; status == RH_OK && i < worker->masked->command_count; i++) {
        custom_command *command = &worker->commands[i];

        status = custom_command_ask(command, &fields[command->column->column], err);
    }
    return status == RH_OK ? RH_SKIPPED : status;
}

static rh_status ask_commands(table_worker *worker, const rh_batch *in, rh_error *err)
{
    rh_batch none;
    rh_status status = rh_row_editor_run(worker->editor, in, ask_row, worker, &none, err);

    for (size_t i = 0; status == RH_OK && i < worker->masked->command_count; i++)
        status = custom_command_run(&worker->commands[i], err);
    return status;
}

/* Of a row of sqlite_sequence: without it, SQLite goes on from the largest rowid that is there. */
static bool has_masked_rowid(const rh_anonymizer *anonymizer, const rh_field *name)
{
    for (size_t i = 0; i < rh_bound_count(anonymizer->bound); i++) {
        const rh_decision *decision = rh_bound_at(anonymizer->bound, i);

        if (decision->column->identity && strcmp(decision->kind, "keep") != 0 &&
            name->kind == RH_FIELD_TEXT && strlen(decision->table->name) == name->len &&
            memcmp(decision->table->name, name->data, name->len) == 0)
            return true;
    }
    return false;
}

/* A value that is masked elsewhere: its answer stands behind the row, or with its command. */
static rh_status take_answer(custom_command **command, const rh_masked_column *column,
                             const rh_field *fields, rh_field *field, rh_arena *scratch,
                             rh_error *err)
{
    rh_field answer = {.kind = RH_FIELD_NULL};
    rh_status status = RH_OK;

    if (column->custom->sql != NULL)
        answer = fields[column->extra];
    else if (field->kind != RH_FIELD_NULL)
        status = custom_command_answer(*command, field, scratch, &answer, err);
    if (column->custom->sql == NULL)
        (*command)++;
    if (status == RH_OK)
        status = rh_mask_answer(column->mask, field, &answer, scratch, field, err);
    return status;
}

static rh_status edit_row(void *ctx, rh_field *fields, rh_arena *scratch, rh_error *err)
{
    table_worker *worker = ctx;
    const rh_masked_table *masked = worker->masked;
    const rh_field *raw = fields;

    if (masked->samples)
        return rh_mask_sample(worker->anonymizer, fields, scratch, err);
    if (masked->sequences && has_masked_rowid(worker->anonymizer, &fields[0]))
        return RH_SKIPPED;

    custom_command *command = worker->commands;

    if (masked->reads_others) {
        memcpy(worker->raw, fields, masked->table->column_count * sizeof *fields);
        raw = worker->raw;
    }
    for (size_t i = 0; i < masked->count; i++) {
        const rh_masked_column *column = &masked->columns[i];
        rh_field *field = &fields[column->column];
        const rh_field before = *field;
        rh_status status = column->custom != NULL
                               ? take_answer(&command, column, fields, field, scratch, err)
                               : rh_mask_apply(column->mask, field, raw, scratch, field, err);

        if (status == RH_OK)
            status = rh_anonymizer_remember(worker->anonymizer, column, &before, field, err);
        if (status != RH_OK) {
            rh_error_where(err, "column '%s'", masked->table->columns[column->column].name);
            return status;
        }
    }
    return RH_OK;
}

/* Column by column, where no mask looks beyond its own and none is answered from elsewhere. */
static rh_status edit_rows(void *ctx, rh_field *fields, size_t rows, rh_arena *scratch,
                           rh_error *err)
{
    const table_worker *worker = ctx;
    const rh_masked_table *masked = worker->masked;
    size_t stride = masked->table->column_count + masked->table->extra_count;
    rh_status status = RH_OK;

    for (size_t i = 0; i < masked->count; i++) {
        const rh_masked_column *column = &masked->columns[i];
        rh_field *first = fields + column->column;
        rh_field *before = NULL;
        size_t kept = worker->anonymizer->seen == NULL ? 0 : rows; /* raw values to remember */

        if (kept > 0) {
            before = rh_arena_alloc(scratch, kept * sizeof *before);
            if (before == NULL)
                return rh_error_oom(err);
        }
        for (size_t row = 0; row < kept; row++)
            before[row] = first[row * stride];
        status = rh_mask_apply_many(column->mask, first, stride, rows, scratch, err);
        for (size_t row = 0; status == RH_OK && row < kept; row++)
            status = rh_anonymizer_remember(worker->anonymizer, column, &before[row],
                                            &first[row * stride], err);
        if (status != RH_OK) {
            rh_error_where(err, "column '%s'", masked->table->columns[column->column].name);
            return status;
        }
    }
    return RH_OK;
}

rh_status rh_mask_rows(void *state, const rh_batch *in, rh_batch *out, rh_error *err)
{
    table_worker *worker = state;
    const rh_masked_table *masked = worker->masked;
    bool one_by_one = masked->reads_others || masked->command_count > 0 ||
                      masked->extra_count > 0 || masked->sequences || masked->samples;
    rh_status status = RH_OK;

    if (masked->drop_rows) {
        *out = worker->none;
        return RH_OK;
    }
    if (worker->editor == NULL) {
        *out = *in;
        return RH_OK;
    }
    if (worker->commands != NULL)
        status = ask_commands(worker, in, err);
    if (status == RH_OK)
        status = one_by_one
                     ? rh_row_editor_run(worker->editor, in, edit_row, worker, out, err)
                     : rh_row_editor_run_many(worker->editor, in, edit_rows, worker, out, err);
    worker->failed = worker->failed || status != RH_OK;
    return status;
}
