/*
 * The tables of an SQLite file: ordinary ones, those behind virtual tables, SQLite's own.
 */
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "lite_conn.h"
#include "lite_source.h"

/*
 * Tables behind a virtual table follow it: half a full-text index is of no use. SQLite's own tables
 * come along unless they are excluded by name.
 */
static bool is_selected(const rh_lite_source *source, const rh_lite_object *object,
                        const rh_table *table, const char *owner_full_name)
{
    const char *const *include = source->options.include;
    const char *const *exclude = source->options.exclude;

    if (table->kind == RH_TABLE_SYSTEM)
        return rh_catalog_selected(NULL, exclude, table->full_name, table->name);
    if (object->shadow_of != NULL)
        return rh_catalog_selected(include, exclude, owner_full_name, object->shadow_of);
    return rh_catalog_selected(include, exclude, table->full_name, table->name);
}

static rh_status copy_columns(rh_arena *arena, const rh_lite_table *stored, rh_table *table,
                              rh_error *err)
{
    rh_column *columns = rh_arena_array(arena, stored->count, sizeof *columns);

    if (columns == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < stored->count; i++) {
        columns[i].name = stored->columns[i].name;
        columns[i].type = stored->columns[i].type;
        columns[i].collation = stored->columns[i].collation;
        columns[i].not_null = stored->columns[i].not_null;
        columns[i].generated = stored->columns[i].generated;
    }
    table->columns = columns;
    table->column_count = stored->count;
    return RH_OK;
}

static rh_status make_extra(const rh_lite_source *source, const rh_lite_table *stored, json_t **out,
                            rh_error *err)
{
    json_t *extra = json_object();
    int failed = extra == NULL;

    if (failed == 0)
        failed |= json_object_set_new(extra, "rowid", json_boolean(stored->has_rowid));
    if (failed == 0 && stored->ipk >= 0)
        failed |= json_object_set_new(extra, "ipk", json_integer(stored->ipk));
    if (failed == 0 && stored->has_rowid && stored->rowid_name == NULL)
        failed |= json_object_set_new(extra, "rowid_hidden", json_true());
    if (failed == 0 && source->utf16)
        failed |= json_object_set_new(extra, "encoding", json_string(source->encoding));
    if (failed != 0) {
        json_decref(extra);
        return rh_error_oom(err);
    }
    *out = extra;
    return RH_OK;
}

static rh_status add_table(rh_lite_source *source, rh_catalog *catalog,
                           const rh_lite_object *object, rh_error *err)
{
    rh_table *table = &catalog->tables[catalog->table_count];
    rh_lite_table stored = {0};
    const char *owner = NULL;
    json_t *extra = NULL;
    rh_status status = rh_lite_table_read(source->main, catalog->arena, object->name, &stored, err);

    if (status != RH_OK)
        return status;
    table->kind = rh_lite_is_system(object->name) ? RH_TABLE_SYSTEM : RH_TABLE_PLAIN;
    table->schema = "main";
    table->name = stored.name;
    table->full_name = rh_arena_printf(catalog->arena, "main.%s", stored.name);
    table->index = catalog->table_count;
    if (object->shadow_of != NULL)
        owner = rh_arena_printf(catalog->arena, "main.%s", object->shadow_of);
    if (table->full_name == NULL || (object->shadow_of != NULL && owner == NULL))
        return rh_error_oom(err);
    table->rows_excluded = !is_selected(source, object, table, owner);
    status = copy_columns(catalog->arena, &stored, table, err);
    if (status == RH_OK)
        status = make_extra(source, &stored, &extra, err);
    if (status == RH_OK)
        status = rh_catalog_adopt(catalog, table, extra, err);
    if (status == RH_OK)
        status = rh_lite_ranges(source, catalog->arena, &stored, table, err);
    if (status == RH_OK)
        catalog->table_count++;
    return status;
}

rh_status rh_lite_catalog(void *ctx, const rh_catalog **out, rh_error *err)
{
    rh_lite_source *source = ctx;
    const rh_lite_schema *schema = &source->schema;
    rh_catalog *catalog = NULL;
    rh_status status = RH_OK;

    if (source->catalog != NULL) {
        *out = source->catalog;
        return RH_OK;
    }
    catalog = rh_catalog_new();
    if (catalog == NULL)
        return rh_error_oom(err);
    catalog->tables = rh_arena_array(catalog->arena, schema->count, sizeof *catalog->tables);
    if (catalog->tables == NULL)
        status = rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < schema->count; i++) {
        if (rh_lite_is_table(&schema->items[i]))
            status = add_table(source, catalog, &schema->items[i], err);
    }
    if (status != RH_OK) {
        rh_catalog_free(catalog);
        return status;
    }
    source->catalog = catalog;
    *out = catalog;
    return RH_OK;
}
