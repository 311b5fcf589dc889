#include "schema_label.h"

#include <string.h>

#include "core/sql_literal.h"
#include "core/sql_scan.h"

/* The label's new name; it is remembered for the leak scan. */
static rh_status rename_label(const masked_literals *m, const rh_decision *decision,
                              const rh_field *raw, rh_field *image, rh_error *err)
{
    const rh_bound_rules *bound = m->anonymizer->bound;
    const rh_mask *mask = rh_bound_mask_of(bound, decision);
    const rh_masked_column column = {.mask = mask,
                                     .seen_as = rh_anonymizer_seen_kind(decision->column)};
    rh_status status = rh_mask_apply(mask, raw, NULL, m->literals.scratch, image, err);

    return status == RH_OK ? rh_anonymizer_remember(m->anonymizer, &column, raw, image, err)
                           : status;
}

/* ---- CREATE TYPE ---- */

/* CREATE TYPE [schema.]name AS ENUM: the decision that renames it; the scan is behind ENUM. */
static rh_status renamed_type(const masked_literals *m, rh_sql_scan *scan, const rh_decision **out,
                              rh_error *err)
{
    static const char *const WORDS[] = {"create", "type"};
    rh_sql_token token;
    const char *name;
    size_t begin;
    size_t end;

    for (size_t i = 0; i < 2; i++) {
        token = rh_sql_scan_next_code(scan);
        if (!rh_sql_token_is(&token, scan->text, WORDS[i]))
            return RH_SKIPPED;
    }
    token = rh_sql_scan_next_code(scan);
    begin = token.offset;
    end = token.offset + token.len;
    for (token = rh_sql_scan_next_code(scan);
         token.kind != RH_SQL_TOKEN_END && !rh_sql_token_is(&token, scan->text, "as");
         token = rh_sql_scan_next_code(scan))
        end = token.offset + token.len;
    token = rh_sql_scan_next_code(scan);
    if (!rh_sql_token_is(&token, scan->text, "enum"))
        return RH_SKIPPED;
    name = rh_arena_strndup(m->literals.scratch, scan->text + begin, end - begin);
    if (name == NULL)
        return rh_error_oom(err);
    *out = rh_renamed_enum(m->anonymizer->bound, name);
    return *out == NULL ? RH_SKIPPED : RH_OK;
}

static rh_status put_label(const masked_literals *m, const rh_decision *decision,
                           const char *literal, size_t len, rh_buf *out, rh_error *err)
{
    rh_buf label = RH_BUF_INIT_WIPING;
    rh_field raw = {.kind = RH_FIELD_TEXT};
    rh_field image = {.kind = RH_FIELD_NULL};
    rh_status status = rh_sql_literal_decode(RH_SQL_POSTGRES, literal, len, &label, err);

    raw.data = (const uint8_t *)rh_buf_cstr(&label);
    raw.len = label.len;
    if (status == RH_OK)
        status = rename_label(m, decision, &raw, &image, err);
    if (status == RH_OK)
        status =
            rh_sql_literal_quote(RH_SQL_POSTGRES, (const char *)image.data, image.len, out, err);
    rh_buf_wipe_done(&label);
    return status;
}

rh_status masked_labels_statement(const masked_literals *m, const char *text, size_t len,
                                  rh_buf *out, rh_error *err)
{
    const rh_decision *decision = NULL;
    size_t copied = 0;
    rh_sql_scan scan;
    rh_sql_token token;
    rh_status status;

    rh_sql_scan_init(&scan, RH_SQL_POSTGRES, text, len);
    status = renamed_type(m, &scan, &decision, err);
    while (status == RH_OK) {
        token = rh_sql_scan_next_code(&scan);
        if (token.kind == RH_SQL_TOKEN_END)
            break;
        if (token.kind != RH_SQL_TOKEN_STRING)
            continue;
        status = rh_buf_append(out, text + copied, token.offset - copied, err);
        if (status == RH_OK)
            status = put_label(m, decision, text + token.offset, token.len, out, err);
        copied = token.offset + token.len;
    }
    return status == RH_OK ? rh_buf_append(out, text + copied, len - copied, err) : status;
}

/* ---- the section "structure" ---- */

static rh_status change_labels(const masked_literals *m, const rh_decision *decision,
                               json_t *labels, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(labels); i++) {
        const json_t *label = json_array_get(labels, i);
        rh_field image = {.kind = RH_FIELD_NULL};
        const rh_field raw = {.kind = RH_FIELD_TEXT,
                              .data = (const uint8_t *)json_string_value(label),
                              .len = json_string_length(label)};

        status = rename_label(m, decision, &raw, &image, err);
        if (status == RH_OK &&
            json_array_set_new(labels, i, json_stringn((const char *)image.data, image.len)) != 0)
            status = rh_error_oom(err);
    }
    return status;
}

rh_status masked_labels_table(const masked_literals *m, json_t *table, rh_error *err)
{
    const json_t *columns = json_object_get(table, "columns");
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(columns); i++) {
        const json_t *column = json_array_get(columns, i);
        json_t *labels = json_object_get(column, "labels");
        const char *type = json_string_value(json_object_get(column, "element_type"));
        const rh_decision *decision = NULL;

        if (type == NULL)
            type = json_string_value(json_object_get(column, "base_type"));
        if (type != NULL && json_array_size(labels) > 0)
            decision = rh_renamed_enum(m->anonymizer->bound, type);
        if (decision != NULL)
            status = change_labels(m, decision, labels, err);
    }
    return status;
}
