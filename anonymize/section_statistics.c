/*
 * Planner statistics under masks. They hold raw values: the most common ones, histogram bounds,
 * most common elements (facts: e-mails and names were seen there).
 *
 * Per column: a mask that keeps equality lets the list of common values follow through the mask;
 * one that keeps order lets the histogram follow, too. Everything else leaves the column out, as do
 * partitions that rows come and go from (hash_routes.h), and a first line {"kind": "partial"} tells
 * the restore to gather fresh figures for what is missing.
 */
#include <stdio.h>
#include <string.h>

#include "anonymize/array_text.h"
#include "core/doc.h"
#include "core/mem.h"
#include "core/str.h"
#include "filter.h"
#include "hash_routes.h"

enum { FULL_NAME_BYTES = 512 };

/* pg_statistic's slot kinds (src/include/catalog/pg_statistic.h). */
enum {
    SLOT_MCV = 1,
    SLOT_HISTOGRAM = 2,
    SLOT_CORRELATION = 3,
};

typedef struct element_edit {
    const rh_mask *mask;
} element_edit;

static rh_status edit_element(void *ctx, rh_field *element, rh_arena *scratch, rh_error *err)
{
    const element_edit *edit = ctx;

    return rh_mask_apply(edit->mask, element, NULL, scratch, element, err);
}

static rh_status mask_values(json_t *slot, const rh_mask *mask, rh_arena *scratch, rh_error *err)
{
    element_edit edit = {mask};
    const json_t *values = json_object_get(slot, "values");
    rh_buf text = RH_BUF_INIT_WIPING;
    rh_status status;

    if (!json_is_string(values))
        return RH_OK;
    status = rh_array_text_edit(json_string_value(values), json_string_length(values), edit_element,
                                &edit, scratch, &text, err);
    if (status == RH_OK &&
        json_object_set_new(slot, "values", json_stringn(rh_buf_cstr(&text), text.len)) != 0)
        status = rh_error_oom(err);
    rh_buf_wipe_done(&text);
    return status;
}

/* May this slot follow through the mask? */
static bool slot_follows(json_int_t kind, unsigned keeps)
{
    switch (kind) {
    case SLOT_MCV:
        return (keeps & RH_KEEPS_EQUALITY) != 0 && (keeps & RH_KEEPS_UNIQUE) != 0;
    case SLOT_HISTOGRAM:
    case SLOT_CORRELATION:
        return (keeps & RH_KEEPS_ORDER) != 0;
    default:
        return false;
    }
}

/* *out_follows: false when the line must be left out. */
static rh_status mask_column_line(json_t *line, const rh_mask *mask, rh_arena *scratch,
                                  bool *out_follows, rh_error *err)
{
    json_t *slots = json_object_get(line, "slots");
    unsigned keeps = rh_mask_keeps(mask);
    size_t others = 0;
    rh_status status = RH_OK;

    *out_follows = false;
    (void)rh_mask_reads(mask, &others);
    if (others > 0 || (rh_mask_custom_of(mask) != NULL && json_array_size(slots) > 0))
        return RH_OK; /* the mask of a value depends on its row: statistics have no rows */
    for (size_t i = 0; i < json_array_size(slots); i++) {
        json_t *slot = json_array_get(slots, i);

        if (!slot_follows(json_integer_value(json_object_get(slot, "kind")), keeps))
            return RH_OK;
    }
    for (size_t i = 0; status == RH_OK && i < json_array_size(slots); i++)
        status = mask_values(json_array_get(slots, i), mask, scratch, err);
    *out_follows = status == RH_OK;
    return status;
}

/* Is the index of this name built from kept columns only? Statistics of expressions carry its name.
 */
static bool index_is_kept(const rh_anonymizer *anonymizer, const char *schema, const char *name)
{
    for (size_t t = 0; t < rh_structure_table_count(anonymizer->structure); t++) {
        const rh_structure_table *table = rh_structure_table_at(anonymizer->structure, t);

        for (size_t i = 0; i < table->index_count; i++) {
            const rh_structure_index *index = &table->indexes[i];

            if (strcmp(table->schema, schema) != 0 || strcmp(index->name, name) != 0)
                continue;
            for (size_t m = 0; m < index->mention_count; m++) {
                bool known = false;
                const rh_mask *mask = rh_anonymizer_mask(
                    anonymizer, table->full_name, table->columns[index->mentions[m]].name, &known);

                if (!known || mask != NULL)
                    return false;
            }
            return true;
        }
    }
    return false;
}

static rh_status mask_line(const rh_anonymizer *anonymizer, json_t *line, rh_arena *scratch,
                           bool *out_follows, rh_error *err)
{
    const char *kind = json_string_value(json_object_get(line, "kind"));
    const char *schema = json_string_value(json_object_get(line, "schema"));
    const char *table = json_string_value(json_object_get(line, "table"));
    const char *column = json_string_value(json_object_get(line, "column"));
    char full_name[FULL_NAME_BYTES];
    const rh_mask *mask;
    bool known = false;

    *out_follows = false;
    if (anonymizer->moves_rows &&
        hash_moves_rows_of(anonymizer, schema,
                           table != NULL ? table
                                         : json_string_value(json_object_get(line, "name"))))
        return RH_OK;
    *out_follows = rh_str_eq(kind, "relation"); /* page and row counts are no values */
    if (!rh_str_eq(kind, "column") || schema == NULL || table == NULL || column == NULL)
        return RH_OK;
    if (snprintf(full_name, sizeof full_name, "%s.%s", schema, table) >= (int)sizeof full_name)
        return RH_OK;
    mask = rh_anonymizer_mask(anonymizer, full_name, column, &known);
    if (known && mask == NULL)
        *out_follows = true;
    else if (known)
        return mask_column_line(line, mask, scratch, out_follows, err);
    else
        *out_follows = index_is_kept(anonymizer, schema, table);
    return RH_OK;
}

static rh_status put_line(const json_t *line, rh_buf *out, rh_error *err)
{
    rh_status status = rh_doc_print_json(line, JSON_COMPACT, out, err);

    return status == RH_OK ? rh_buf_append_byte(out, '\n', err) : status;
}

static rh_status mask_text(const rh_anonymizer *anonymizer, const char *text, size_t len,
                           rh_arena *scratch, rh_buf *out, bool *out_partial, rh_error *err)
{
    const char *end = text + len;
    rh_status status = RH_OK;

    while (status == RH_OK && text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t line_len = (size_t)((newline == NULL ? end : newline) - text);
        json_t *line = NULL;
        bool follows = false;

        if (line_len > 0)
            status = rh_doc_parse_json("statistics", text, line_len, &line, err);
        if (status == RH_OK && line != NULL)
            status = mask_line(anonymizer, line, scratch, &follows, err);
        if (status == RH_OK && follows)
            status = put_line(line, out, err);
        else if (line != NULL)
            *out_partial = true;
        json_decref(line);
        rh_arena_reset(scratch);
        text += line_len + 1;
    }
    return status;
}

rh_status rh_mask_statistics(const rh_anonymizer *anonymizer, const rh_buf *in, rh_buf *out,
                             rh_error *err)
{
    rh_arena *scratch = rh_arena_new_wiping(0);
    rh_buf lines = RH_BUF_INIT_WIPING;
    bool partial = false;
    rh_status status = scratch == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = mask_text(anonymizer, rh_buf_cstr(in), in->len, scratch, &lines, &partial, err);
    if (status == RH_OK && partial)
        status = rh_buf_append_str(out, "{\"kind\":\"partial\"}\n", err);
    if (status == RH_OK && lines.len > 0)
        status = rh_buf_append(out, lines.data, lines.len, err);
    rh_buf_wipe_done(&lines);
    rh_arena_free(scratch);
    return status;
}
