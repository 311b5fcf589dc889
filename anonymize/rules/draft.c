/*
 * Collecting: rows come by, detectors count.
 */
#include <string.h>

#include "core/mem.h"
#include "draft_column.h"

rh_status rh_draft_new(const rh_structure *structure, rh_draft **out, rh_error *err)
{
    /* Addresses are only read here, so any key will do. */
    static const rh_mask_key no_key;
    size_t tables = rh_structure_table_count(structure);
    rh_draft *draft = rh_mem_zalloc(sizeof *draft);
    rh_status status = RH_OK;

    if (draft == NULL)
        return rh_error_oom(err);
    draft->structure = structure;
    draft->arena = rh_arena_new(0);
    if (draft->arena != NULL) {
        draft->columns = rh_arena_array(draft->arena, tables + 1, sizeof *draft->columns);
        draft->rows = rh_arena_array(draft->arena, tables + 1, sizeof *draft->rows);
    }
    if (draft->columns == NULL || draft->rows == NULL)
        status = rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < tables; i++) {
        size_t count = rh_structure_table_at(structure, i)->column_count;

        draft->columns[i] = rh_arena_array(draft->arena, count + 1, sizeof(draft_column));
        if (draft->columns[i] == NULL)
            status = rh_error_oom(err);
    }
    if (status == RH_OK)
        status = rh_chain_new(&no_key, "draft", &draft->chain, err);
    if (status == RH_OK) {
        *out = draft;
        draft = NULL;
    }
    rh_draft_free(draft);
    return status;
}

void rh_draft_free(rh_draft *draft)
{
    if (draft == NULL)
        return;
    rh_chain_free(draft->chain);
    rh_arena_free(draft->arena);
    rh_mem_free(draft);
}

/* Numbers that a program may have meant as a time. */
static void sample_integer(draft_column *column, int64_t value)
{
    static const int64_t FROM = INT64_C(631152000); /* 1990 */
    static const int64_t TO = INT64_C(2524608000);  /* 2050 */

    column->seconds += value >= FROM && value < TO;
    column->millis += value / 1000 >= FROM && value / 1000 < TO;
}

static void sample_field(const rh_draft *draft, draft_column *column, const rh_field *field)
{
    unsigned found;

    if (field->kind == RH_FIELD_UNREAD || field->kind == RH_FIELD_NULL)
        return;
    column->values++;
    if (field->kind == RH_FIELD_INTEGER)
        sample_integer(column, field->integer);
    if (field->kind != RH_FIELD_TEXT)
        return;
    column->texts++;
    if (field->len > column->longest)
        column->longest = field->len;
    if (field->len == 0)
        return;
    found = detect(draft->chain, (const char *)field->data, field->len);
    for (size_t i = 0; i < DETECT_COUNT; i++)
        column->hits[i] += (found >> i) & 1U;
}

rh_status rh_draft_sample(rh_draft *draft, size_t table, const rh_field *fields, size_t count,
                          rh_error *err)
{
    if (table >= rh_structure_table_count(draft->structure) ||
        count != rh_structure_table_at(draft->structure, table)->column_count)
        return rh_error_set(err, RH_EUSAGE, "the row does not belong to the table");
    draft->rows[table]++;
    for (size_t i = 0; i < count; i++)
        sample_field(draft, &draft->columns[table][i], &fields[i]);
    return RH_OK;
}
