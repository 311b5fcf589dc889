#include "lite_structure.h"

#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "lite_conn.h"
#include "lite_fulltext.h"
#include "lite_sql_text.h"

/* Column of PRAGMA table_xinfo. */
enum { XINFO_DEFAULT = 4 };

/* ---- members ---- */

rh_status rh_lite_put_part(json_t *object, const char *key, const char *text, size_t len,
                           rh_error *err)
{
    char *copy = rh_mem_strndup(text, len);
    rh_status status = RH_OK;

    if (copy == NULL)
        return rh_error_oom(err);
    len = strlen(copy);
    rh_str_make_utf8(copy, len);
    if (json_object_set_new(object, key, json_stringn(copy, len)) != 0)
        status = rh_error_oom(err);
    rh_mem_free(copy);
    return status;
}

rh_status rh_lite_put_text(json_t *object, const char *key, const char *text, rh_error *err)
{
    return text == NULL ? RH_OK : rh_lite_put_part(object, key, text, strlen(text), err);
}

rh_status rh_lite_put_true(json_t *object, const char *key, bool value, rh_error *err)
{
    return !value || json_object_set_new(object, key, json_true()) == 0 ? RH_OK : rh_error_oom(err);
}

/* ---- columns ---- */

static bool has_word(const char *sql, const char *word)
{
    rh_sql_scan scan = rh_lite_scan(sql);

    return rh_lite_scan_find(&scan, word);
}

static bool is_strict(const char *sql)
{
    rh_sql_scan scan = rh_lite_scan(sql);

    return rh_lite_enter_list(&scan) && rh_lite_leave_list(&scan) &&
           rh_lite_scan_find(&scan, "strict");
}

static const char *affinity_name(const char *type, bool strict)
{
    /* In a STRICT table ANY is no affinity at all. */
    if (strict && rh_str_ieq(type, "ANY"))
        return "BLOB";
    switch (rh_lite_affinity_of(type)) {
    case RH_LITE_AFFINITY_TEXT:
        return "TEXT";
    case RH_LITE_AFFINITY_NUMERIC:
        return "NUMERIC";
    case RH_LITE_AFFINITY_INTEGER:
        return "INTEGER";
    case RH_LITE_AFFINITY_REAL:
        return "REAL";
    case RH_LITE_AFFINITY_BLOB:
        break;
    }
    return "BLOB";
}

static rh_status put_expression(const rh_lite_described *d, size_t column, json_t *out,
                                rh_error *err)
{
    const char *text = NULL;
    size_t len = 0;
    rh_status status = rh_lite_generated_expression(d->object->sql, column, &text, &len, err);

    return status == RH_OK ? rh_lite_put_part(out, "generated_from", text, len, err) : status;
}

static rh_status put_column(const rh_lite_described *d, size_t i, const char *default_text,
                            json_t *out, rh_error *err)
{
    const rh_lite_column *column = &d->table.columns[i];
    bool is_rowid = (int)i == d->table.ipk;
    bool identity = is_rowid && has_word(d->object->sql, "autoincrement");
    const char *base = affinity_name(column->type, is_strict(d->object->sql));
    rh_status status = rh_lite_put_text(out, "name", column->name, err);

    if (status == RH_OK)
        status = rh_lite_put_text(out, "type", column->type, err);
    if (status == RH_OK)
        status = rh_lite_put_text(out, "base_type", base, err);
    if (status == RH_OK)
        status = rh_lite_put_true(out, "not_null", column->not_null || is_rowid, err);
    if (status == RH_OK)
        status = rh_lite_put_true(out, "identity", identity, err);
    if (status == RH_OK)
        status = rh_lite_put_true(out, "generated", column->generated, err);
    if (status == RH_OK && column->generated)
        status = put_expression(d, i, out, err);
    if (status == RH_OK)
        status = rh_lite_put_text(out, "default_text", default_text, err);
    if (status == RH_OK)
        status = rh_lite_put_text(out, "collation", column->collation, err);
    return status;
}

static rh_status put_columns(const rh_lite_described *d, json_t *out, rh_error *err)
{
    json_t *list = json_array();
    sqlite3_stmt *stmt = NULL;
    rh_status status;

    if (json_object_set_new(out, "columns", list) != 0)
        return rh_error_oom(err);
    status = rh_lite_open_pragma(d->db, "table_xinfo", d->table.name, &stmt, err);
    for (size_t i = 0; status == RH_OK && i < d->table.count; i++) {
        json_t *column = json_object();

        status =
            json_array_append_new(list, column) != 0 ? rh_error_oom(err) : rh_lite_step(stmt, err);
        if (status == RH_OK)
            status = put_column(d, i, (const char *)sqlite3_column_text(stmt, XINFO_DEFAULT),
                                column, err);
    }
    sqlite3_finalize(stmt);
    return status == RH_DONE ? RH_OK : status;
}

/* ---- tables ---- */

static rh_status put_head(const rh_lite_object *object, const char *kind, json_t *out,
                          rh_error *err)
{
    rh_status status = rh_lite_put_text(out, "schema", "main", err);

    if (status == RH_OK)
        status = rh_lite_put_text(out, "name", object->name, err);
    if (status == RH_OK)
        status = rh_lite_put_text(out, "kind", kind, err);
    return status;
}

static rh_status put_table(sqlite3 *db, const rh_lite_schema *schema, const rh_lite_object *object,
                           json_t *out, rh_error *err)
{
    rh_lite_described d = {.db = db, .schema = schema, .object = object};
    const char *kind = rh_lite_is_fulltext_index(schema, object)      ? "shadow"
                       : rh_lite_is_fulltext_settings(schema, object) ? "settings"
                                                                      : "table";
    rh_status status = put_head(object, kind, out, err);

    d.arena = rh_arena_new(0);
    if (d.arena == NULL)
        return rh_error_oom(err);
    if (status == RH_OK)
        status = rh_lite_table_read(db, d.arena, object->name, &d.table, err);
    if (status == RH_OK)
        status = rh_lite_put_true(out, "strict", is_strict(object->sql), err);
    if (status == RH_OK)
        status = put_columns(&d, out, err);
    if (status == RH_OK)
        status = rh_lite_put_indexes(&d, out, err);
    if (status == RH_OK)
        status = rh_lite_put_checks(&d, out, err);
    if (status == RH_OK)
        status = rh_lite_put_foreign_keys(&d, out, err);
    rh_arena_free(d.arena);
    return status;
}

static rh_status put_object(sqlite3 *db, const rh_lite_schema *schema, const rh_lite_object *object,
                            json_t *tables, rh_error *err)
{
    bool view = strcmp(object->type, "view") == 0;
    json_t *out;
    rh_status status;

    if (!view && (strcmp(object->type, "table") != 0 || rh_lite_is_system(object->name)))
        return RH_OK;
    out = json_object();
    if (json_array_append_new(tables, out) != 0)
        return rh_error_oom(err);
    if (!view && !object->is_virtual) {
        status = put_table(db, schema, object, out, err);
    } else {
        status = put_head(object, view ? "view" : "virtual", out, err);
        if (status == RH_OK)
            status = rh_lite_put_text(out, "view_text", object->sql, err);
    }
    if (status != RH_OK)
        rh_error_where(err, "structure of '%s'", object->name);
    return status;
}

/* Triggers: what belongs to no column (the rest stands with its table). */
static rh_status put_texts(const rh_lite_schema *schema, json_t *texts, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < schema->count; i++) {
        const rh_lite_object *object = &schema->items[i];
        json_t *out;

        if (strcmp(object->type, "trigger") != 0 || object->sql == NULL)
            continue;
        out = json_object();
        if (json_array_append_new(texts, out) != 0)
            return rh_error_oom(err);
        status = rh_lite_put_text(out, "kind", "trigger", err);
        if (status == RH_OK)
            status = rh_lite_put_text(out, "name", object->name, err);
        if (status == RH_OK)
            status = rh_lite_put_text(out, "text", object->sql, err);
    }
    return status;
}

static rh_status print(const json_t *document, rh_buf *out, rh_error *err)
{
    size_t size = json_dumpb(document, NULL, 0, JSON_COMPACT);
    char *text = size > 0 ? rh_mem_alloc(size) : NULL;
    rh_status status;

    if (text == NULL || json_dumpb(document, text, size, JSON_COMPACT) != size)
        status = rh_error_oom(err);
    else
        status = rh_buf_append(out, text, size, err);
    rh_mem_free(text);
    return status == RH_OK ? rh_buf_append_byte(out, '\n', err) : status;
}

rh_status rh_lite_structure(sqlite3 *db, const rh_lite_schema *schema, rh_buf *out, rh_error *err)
{
    json_t *document = json_object();
    json_t *tables = json_array();
    json_t *texts = NULL;
    rh_status status = RH_OK;

    if (json_object_set_new(document, "tables", tables) != 0 ||
        json_object_set_new(document, "texts", (texts = json_array())) != 0 ||
        json_object_set_new(document, "version", json_integer(1)) != 0)
        status = rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < schema->count; i++)
        status = put_object(db, schema, &schema->items[i], tables, err);
    if (status == RH_OK)
        status = put_texts(schema, texts, err);
    if (status == RH_OK)
        status = print(document, out, err);
    json_decref(document);
    return status;
}
