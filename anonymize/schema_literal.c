#include "schema_literal.h"

#include <string.h>

#include "schema_label.h"

rh_status masked_literals_init(masked_literals *m, const rh_anonymizer *anonymizer, rh_error *err)
{
    rh_engine_kind engine = rh_anonymizer_engine(anonymizer);
    rh_arena *scratch = rh_arena_new_wiping(0);

    m->anonymizer = anonymizer;
    rh_literals_init(&m->literals, anonymizer->structure, anonymizer->bound, engine, scratch);
    return scratch == NULL ? rh_error_oom(err) : RH_OK;
}

void masked_literals_done(masked_literals *m)
{
    rh_arena_free(m->literals.scratch);
    m->literals.scratch = NULL;
}

static rh_status remember(void *ctx, const rh_literal_verdict *verdict, const rh_field *raw,
                          const rh_field *image, rh_error *err)
{
    const rh_masked_column column = {.mask = verdict->mask,
                                     .seen_as = rh_anonymizer_seen_kind(verdict->column),
                                     .may_pass = rh_mask_may_pass(verdict->mask)};

    return rh_anonymizer_remember(ctx, &column, raw, image, err);
}

rh_status masked_literals_apply(masked_literals *m, const rh_schema_sql *sql, rh_buf *out,
                                rh_error *err)
{
    /* The filter is shared and read-only; remembering has a lock of its own. */
    const rh_schema_sql_visitor visitor = {remember, (void *)(uintptr_t)m->anonymizer};
    rh_schema_literals result;
    rh_status status = rh_schema_sql_mask(&m->literals, sql, &visitor, out, &result, err);

    rh_arena_reset(m->literals.scratch);
    return status;
}

rh_status masked_literals_script(masked_literals *m, const rh_buf *in, rh_buf *out, rh_error *err)
{
    const char *text = rh_buf_cstr(in);
    size_t copied = 0;
    rh_sql_scan scan;
    rh_sql_piece piece;
    rh_status status = RH_OK;

    rh_sql_scan_init(&scan, m->literals.dialect, text, in->len);
    while (status == RH_OK && rh_sql_split_next(&scan, &piece)) {
        const rh_schema_sql sql = {text + piece.offset, piece.len, false, NULL};

        status = rh_buf_append(out, text + copied, piece.offset - copied, err);
        if (status == RH_OK)
            status = masked_labels_statement(m, sql.text, sql.len, out, err);
        if (status == RH_SKIPPED)
            status = masked_literals_apply(m, &sql, out, err);
        copied = piece.offset + piece.len;
    }
    return status == RH_OK && in->len > copied
               ? rh_buf_append(out, text + copied, in->len - copied, err)
               : status;
}

/* ---- the section "structure" ---- */

static rh_status change_member(masked_literals *m, json_t *object, const char *member,
                               const rh_structure_table *table, bool expression, rh_error *err)
{
    const json_t *text = json_object_get(object, member);
    rh_buf changed = RH_BUF_INIT_WIPING;
    rh_schema_sql sql = {.expression = expression, .table = table};
    rh_status status;

    if (!json_is_string(text))
        return RH_OK;
    sql.text = json_string_value(text);
    sql.len = json_string_length(text);
    status = masked_literals_apply(m, &sql, &changed, err);
    if (status == RH_OK &&
        json_object_set_new(object, member, json_stringn(rh_buf_cstr(&changed), changed.len)) != 0)
        status = rh_error_oom(err);
    rh_buf_wipe_done(&changed);
    return status;
}

static rh_status change_list(masked_literals *m, const json_t *list, const char *member,
                             const rh_structure_table *table, bool expression, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(list); i++)
        status = change_member(m, json_array_get(list, i), member, table, expression, err);
    return status;
}

static const rh_structure_table *table_of(const masked_literals *m, const json_t *json)
{
    const rh_structure *structure = m->anonymizer->structure;
    const char *schema = json_string_value(json_object_get(json, "schema"));
    const char *name = json_string_value(json_object_get(json, "name"));

    for (size_t i = 0; schema != NULL && name != NULL && i < rh_structure_table_count(structure);
         i++) {
        const rh_structure_table *table = rh_structure_table_at(structure, i);

        if (strcmp(table->schema, schema) == 0 && strcmp(table->name, name) == 0)
            return table;
    }
    return NULL;
}

rh_status masked_literals_table(masked_literals *m, json_t *json, rh_error *err)
{
    const rh_structure_table *table = table_of(m, json);
    rh_status status = RH_OK;

    if (table == NULL)
        return RH_OK;
    status = masked_labels_table(m, json, err);
    if (status == RH_OK)
        status = change_list(m, json_object_get(json, "checks"), "text", table, false, err);
    if (status == RH_OK)
        status = change_list(m, json_object_get(json, "indexes"), "text", table, false, err);
    if (status == RH_OK)
        status =
            change_list(m, json_object_get(json, "columns"), "generated_from", table, true, err);
    return status == RH_OK ? change_member(m, json, "view_text", NULL, false, err) : status;
}

rh_status masked_literals_texts(masked_literals *m, json_t *texts, rh_error *err)
{
    return change_list(m, texts, "text", NULL, false, err);
}
