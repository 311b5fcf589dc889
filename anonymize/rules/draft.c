/*
 * Collecting: rows come by, detectors count.
 */
#include <string.h>

#include "core/mem.h"
#include "decide.h"
#include "draft_json.h"

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

void draft_see_text(const rh_draft *draft, draft_column *column, const char *text, size_t len)
{
    unsigned found;

    column->texts++;
    if (len > column->longest)
        column->longest = len;
    if (len == 0)
        return;
    column->records += text[0] == '(' && text[len - 1] == ')';
    found = detect(draft->chain, text, len);
    for (size_t i = 0; i < DETECT_COUNT; i++)
        column->hits[i] += (found >> i) & 1U;
}

/* PostgreSQL's text of an array, "{a,\"b c\",NULL}", without taking escapes apart: a detector does
 * not need what stands behind them. */
static void see_elements(const rh_draft *draft, draft_column *column, const char *text, size_t len)
{
    size_t begin = 0;
    bool quoted = false;

    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\\' && i + 1 < len) {
            i++;
        } else if (text[i] == '"') {
            quoted = !quoted;
            if (quoted)
                begin = i + 1;
            else
                draft_see_text(draft, column, text + begin, i - begin);
            if (!quoted)
                begin = i + 1;
        } else if (!quoted && strchr("{},", text[i]) != NULL) {
            if (i > begin && strncmp(text + begin, "NULL", i - begin) != 0)
                draft_see_text(draft, column, text + begin, i - begin);
            begin = i + 1;
        }
    }
}

static rh_status sample_field(const rh_draft *draft, const rh_structure_column *shape,
                              draft_column *column, const rh_field *field, rh_error *err)
{
    const char *text = (const char *)field->data;

    if (field->kind == RH_FIELD_UNREAD || field->kind == RH_FIELD_NULL)
        return RH_OK;
    column->values++;
    if (field->kind == RH_FIELD_INTEGER)
        sample_integer(column, field->integer);
    if (field->kind != RH_FIELD_TEXT)
        return RH_OK;
    if (shape->element_type != NULL) {
        see_elements(draft, column, text, field->len);
        return RH_OK;
    }
    draft_see_text(draft, column, text, field->len);
    return draft_json_see(draft, column, text, field->len, err);
}

/* Rules are written for the topmost table of partitions, so there their rows are counted. */
static size_t top_of(const rh_draft *draft, size_t table)
{
    size_t count = rh_structure_table_count(draft->structure);

    for (size_t steps = 0; steps < count; steps++) {
        const char *parent = rh_structure_table_at(draft->structure, table)->parent;
        size_t at = 0;

        while (parent != NULL && at < count &&
               strcmp(rh_structure_table_at(draft->structure, at)->full_name, parent) != 0)
            at++;
        if (parent == NULL || at == count ||
            !rows_are_copied(rh_structure_table_at(draft->structure, at)))
            break;
        table = at;
    }
    return table;
}

rh_status rh_draft_sample(rh_draft *draft, size_t table, const rh_field *fields, size_t count,
                          rh_error *err)
{
    const rh_structure_table *shape;
    const rh_structure_table *top;
    rh_status status = RH_OK;
    size_t to;

    if (table >= rh_structure_table_count(draft->structure) ||
        count != rh_structure_table_at(draft->structure, table)->column_count)
        return rh_error_set(err, RH_EUSAGE, "the row does not belong to the table");
    shape = rh_structure_table_at(draft->structure, table);
    to = top_of(draft, table);
    top = rh_structure_table_at(draft->structure, to);
    draft->rows[to]++;
    for (size_t i = 0; status == RH_OK && i < count; i++) {
        size_t at = rh_structure_column_index(top, shape->columns[i].name);
        draft_column *column =
            at < top->column_count ? &draft->columns[to][at] : &draft->columns[table][i];

        status = sample_field(draft, &shape->columns[i], column, &fields[i], err);
    }
    return status;
}
