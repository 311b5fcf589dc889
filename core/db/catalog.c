#include "core/catalog.h"

#include <assert.h>
#include <string.h>

#include "core/mem.h"
#include "core/str.h"

/* Far above what the engines allow; keeps a hostile manifest from asking for the moon. */
enum {
    MAX_TABLES = 4 * 1024 * 1024,
    MAX_COLUMNS = 32767,
};

rh_catalog *rh_catalog_new(void)
{
    rh_catalog *catalog = rh_mem_zalloc(sizeof *catalog);

    if (catalog == NULL)
        return NULL;
    catalog->arena = rh_arena_new(0);
    catalog->json_refs = json_array();
    if (catalog->arena == NULL || catalog->json_refs == NULL) {
        rh_catalog_free(catalog);
        return NULL;
    }
    return catalog;
}

void rh_catalog_free(rh_catalog *catalog)
{
    if (catalog == NULL)
        return;
    json_decref(catalog->json_refs);
    rh_arena_free(catalog->arena);
    rh_mem_free(catalog);
}

rh_status rh_catalog_adopt(rh_catalog *catalog, rh_table *table, json_t *extra, rh_error *err)
{
    /* json_array_append_new drops the reference itself when it fails. */
    if (extra == NULL || json_array_append_new(catalog->json_refs, extra) != 0)
        return rh_error_oom(err);
    table->extra = extra;
    return RH_OK;
}

rh_status rh_catalog_set_extras(rh_catalog *catalog, size_t table, const rh_extra_column *extras,
                                size_t count, rh_error *err)
{
    rh_extra_column *copy = rh_arena_array(catalog->arena, count, sizeof *copy);

    if (copy == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < count; i++) {
        copy[i] = (rh_extra_column){.column = extras[i].column};
        copy[i].sql = rh_arena_strdup(catalog->arena, extras[i].sql);
        if (copy[i].sql == NULL)
            return rh_error_oom(err);
    }
    catalog->tables[table].extras = copy;
    catalog->tables[table].extra_count = count;
    return RH_OK;
}

const rh_table *rh_catalog_find(const rh_catalog *catalog, const char *full_name)
{
    for (size_t i = 0; i < catalog->table_count; i++) {
        if (strcmp(catalog->tables[i].full_name, full_name) == 0)
            return &catalog->tables[i];
    }
    return NULL;
}

static bool matches_any(const char *const *globs, const char *full_name, const char *name)
{
    for (size_t i = 0; globs[i] != NULL; i++) {
        if (rh_str_glob(globs[i], full_name) || rh_str_glob(globs[i], name))
            return true;
    }
    return false;
}

bool rh_catalog_selected(const char *const *include, const char *const *exclude,
                         const char *full_name, const char *name)
{
    if (include != NULL && include[0] != NULL && !matches_any(include, full_name, name))
        return false;
    return exclude == NULL || !matches_any(exclude, full_name, name);
}

/* ---- to JSON ---- */

static const char *kind_name(rh_table_kind kind)
{
    switch (kind) {
    case RH_TABLE_PLAIN:
        return "plain";
    case RH_TABLE_LARGE_OBJECTS:
        return "large_objects";
    case RH_TABLE_SYSTEM:
        return "system";
    }
    return "plain";
}

/* jansson takes valid UTF-8 only and answers NULL for anything else: tell that from no memory. */
static rh_status set_text(json_t *object, const char *key, const char *text, rh_error *err)
{
    if (!rh_str_is_utf8(text, strlen(text)))
        return rh_error_set(err, RH_EUNSUPPORTED, "a %s in the catalog is not valid UTF-8", key);
    if (json_object_set_new(object, key, json_string(text)) != 0)
        return rh_error_oom(err);
    return RH_OK;
}

static rh_status set_new(json_t *object, const char *key, json_t *value, rh_error *err)
{
    return json_object_set_new(object, key, value) == 0 ? RH_OK : rh_error_oom(err);
}

static rh_status column_to_json(const rh_column *column, json_t *out, rh_error *err)
{
    rh_status status = set_text(out, "name", column->name, err);

    if (status == RH_OK)
        status = set_text(out, "type", column->type != NULL ? column->type : "", err);
    if (status == RH_OK && column->collation != NULL)
        status = set_text(out, "collation", column->collation, err);
    if (status == RH_OK && column->not_null)
        status = set_new(out, "not_null", json_true(), err);
    if (status == RH_OK && column->generated)
        status = set_new(out, "generated", json_true(), err);
    return status;
}

static rh_status columns_to_json(const rh_table *table, json_t *object, rh_error *err)
{
    rh_status status = RH_OK;
    json_t *columns = json_array();

    if (columns == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < table->column_count; i++) {
        json_t *column = json_object();

        if (json_array_append_new(columns, column) != 0)
            status = rh_error_oom(err);
        else
            status = column_to_json(&table->columns[i], column, err);
    }
    if (status != RH_OK) {
        json_decref(columns);
        return status;
    }
    return set_new(object, "columns", columns, err);
}

static rh_status numbers_to_json(const rh_table *table, json_t *object, rh_error *err)
{
    rh_status status = set_new(object, "estimated_rows", json_integer(table->estimated_rows), err);

    if (status == RH_OK)
        status = set_new(object, "estimated_bytes", json_integer(table->estimated_bytes), err);
    if (status == RH_OK)
        status = set_new(object, "index_bytes", json_integer(table->index_bytes), err);
    if (status == RH_OK && table->rows_excluded)
        status = set_new(object, "rows_excluded", json_true(), err);
    return status;
}

/* A copy, because the caller's reference is const and a shared value could be changed later. */
static rh_status extra_to_json(const rh_table *table, json_t *object, rh_error *err)
{
    if (table->extra == NULL)
        return RH_OK;
    return set_new(object, "extra", json_deep_copy(table->extra), err);
}

rh_status rh_table_to_json(const rh_table *table, json_t **out, rh_error *err)
{
    rh_status status = RH_OK;
    json_t *object = json_object();

    if (object == NULL)
        return rh_error_oom(err);
    status = set_text(object, "schema", table->schema, err);
    if (status == RH_OK)
        status = set_text(object, "name", table->name, err);
    if (status == RH_OK)
        status = set_text(object, "full_name", table->full_name, err);
    if (status == RH_OK)
        status = set_text(object, "kind", kind_name(table->kind), err);
    if (status == RH_OK)
        status = columns_to_json(table, object, err);
    if (status == RH_OK)
        status = numbers_to_json(table, object, err);
    if (status == RH_OK)
        status = extra_to_json(table, object, err);
    if (status != RH_OK) {
        json_decref(object);
        return status;
    }
    *out = object;
    return RH_OK;
}

/* ---- from JSON ---- */

/* The text of object[key] in the arena; *out stays untouched when the key is missing and may be. */
static rh_status get_text(rh_arena *arena, const json_t *object, const char *key, bool required,
                          const char **out, rh_error *err)
{
    const json_t *value = json_object_get(object, key);

    if (value == NULL && !required)
        return RH_OK;
    if (!json_is_string(value))
        return rh_error_set(err, RH_EFORMAT, "'%s' is not a text", key);
    if (strlen(json_string_value(value)) != json_string_length(value))
        return rh_error_set(err, RH_EFORMAT, "'%s' holds a NUL", key);
    *out = rh_arena_strdup(arena, json_string_value(value));
    return *out != NULL ? RH_OK : rh_error_oom(err);
}

static rh_status get_bool(const json_t *object, const char *key, bool *out, rh_error *err)
{
    const json_t *value = json_object_get(object, key);

    if (value != NULL && !json_is_boolean(value))
        return rh_error_set(err, RH_EFORMAT, "'%s' is neither true nor false", key);
    *out = json_is_true(value);
    return RH_OK;
}

static rh_status get_count(const json_t *object, const char *key, int64_t *out, rh_error *err)
{
    const json_t *value = json_object_get(object, key);

    if (value != NULL && (!json_is_integer(value) || json_integer_value(value) < 0))
        return rh_error_set(err, RH_EFORMAT, "'%s' is not a count", key);
    *out = value != NULL ? (int64_t)json_integer_value(value) : 0;
    return RH_OK;
}

static rh_status get_kind(const json_t *object, rh_table_kind *out, rh_error *err)
{
    const char *text = json_string_value(json_object_get(object, "kind"));

    if (rh_str_eq(text, "plain"))
        *out = RH_TABLE_PLAIN;
    else if (rh_str_eq(text, "large_objects"))
        *out = RH_TABLE_LARGE_OBJECTS;
    else if (rh_str_eq(text, "system"))
        *out = RH_TABLE_SYSTEM;
    else
        return rh_error_set(err, RH_EFORMAT, "'kind' is not one that this version knows");
    return RH_OK;
}

static rh_status column_from_json(rh_arena *arena, const json_t *object, rh_column *out,
                                  rh_error *err)
{
    rh_status status = get_text(arena, object, "name", true, &out->name, err);

    if (status == RH_OK)
        status = get_text(arena, object, "type", true, &out->type, err);
    if (status == RH_OK)
        status = get_text(arena, object, "collation", false, &out->collation, err);
    if (status == RH_OK)
        status = get_bool(object, "not_null", &out->not_null, err);
    if (status == RH_OK)
        status = get_bool(object, "generated", &out->generated, err);
    return status;
}

static rh_status columns_from_json(rh_arena *arena, const json_t *object, rh_table *table,
                                   rh_error *err)
{
    rh_status status = RH_OK;
    const json_t *array = json_object_get(object, "columns");
    rh_column *columns = NULL;

    if (!json_is_array(array) || json_array_size(array) > MAX_COLUMNS)
        return rh_error_set(err, RH_EFORMAT, "'columns' is not a list of columns");
    columns = rh_arena_array(arena, json_array_size(array), sizeof *columns);
    if (columns == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < json_array_size(array); i++) {
        status = column_from_json(arena, json_array_get(array, i), &columns[i], err);
        if (status != RH_OK)
            rh_error_where(err, "column %zu", i + 1);
    }
    table->columns = columns;
    table->column_count = json_array_size(array);
    return status;
}

static rh_status extra_from_json(rh_catalog *catalog, const json_t *object, rh_table *table,
                                 rh_error *err)
{
    json_t *extra = json_object_get(object, "extra");

    if (extra == NULL || json_is_null(extra))
        return RH_OK;
    if (!json_is_object(extra))
        return rh_error_set(err, RH_EFORMAT, "'extra' is not an object");
    return rh_catalog_adopt(catalog, table, json_deep_copy(extra), err);
}

static rh_status table_from_json(rh_catalog *catalog, const json_t *object, rh_table *table,
                                 rh_error *err)
{
    rh_arena *arena = catalog->arena;
    rh_status status = RH_OK;

    if (!json_is_object(object))
        return rh_error_set(err, RH_EFORMAT, "not an object");
    status = get_text(arena, object, "schema", true, &table->schema, err);
    if (status == RH_OK)
        status = get_text(arena, object, "name", true, &table->name, err);
    if (status == RH_OK)
        status = get_text(arena, object, "full_name", true, &table->full_name, err);
    if (status == RH_OK)
        status = get_kind(object, &table->kind, err);
    if (status == RH_OK)
        status = columns_from_json(arena, object, table, err);
    if (status == RH_OK)
        status = get_count(object, "estimated_rows", &table->estimated_rows, err);
    if (status == RH_OK)
        status = get_count(object, "estimated_bytes", &table->estimated_bytes, err);
    if (status == RH_OK)
        status = get_count(object, "index_bytes", &table->index_bytes, err);
    if (status == RH_OK)
        status = get_bool(object, "rows_excluded", &table->rows_excluded, err);
    if (status == RH_OK)
        status = extra_from_json(catalog, object, table, err);
    return status;
}

/* Full names are keys everywhere else, so two tables of one name are damage. */
static rh_status check_new_name(json_t *seen, const char *full_name, rh_error *err)
{
    if (json_object_get(seen, full_name) != NULL)
        return rh_error_set(err, RH_EFORMAT, "table '%s' is listed twice", full_name);
    return set_new(seen, full_name, json_true(), err);
}

rh_status rh_catalog_from_json(const json_t *tables, rh_catalog **out, rh_error *err)
{
    rh_status status = RH_OK;
    rh_catalog *catalog = NULL;
    json_t *seen = NULL;
    size_t count = json_array_size(tables);

    if (!json_is_array(tables) || count > MAX_TABLES)
        return rh_error_set(err, RH_EFORMAT, "'tables' is not a list of tables");
    catalog = rh_catalog_new();
    seen = json_object();
    if (catalog == NULL || seen == NULL) {
        status = rh_error_oom(err);
        goto out;
    }
    catalog->tables = rh_arena_array(catalog->arena, count, sizeof *catalog->tables);
    if (catalog->tables == NULL) {
        status = rh_error_oom(err);
        goto out;
    }
    for (size_t i = 0; status == RH_OK && i < count; i++) {
        catalog->tables[i].index = i;
        status = table_from_json(catalog, json_array_get(tables, i), &catalog->tables[i], err);
        if (status == RH_OK)
            status = check_new_name(seen, catalog->tables[i].full_name, err);
        if (status != RH_OK)
            rh_error_where(err, "table %zu of the manifest", i + 1);
    }
    if (status != RH_OK)
        goto out;
    catalog->table_count = count;

    *out = catalog;
    catalog = NULL;
out:
    json_decref(seen);
    rh_catalog_free(catalog);
    return status;
}
