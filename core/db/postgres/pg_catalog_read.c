/*
 * The catalog of a source: two queries for any number of tables, then ranges by size.
 */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "pg_ranges.h"
#include "pg_source.h"
#include "pg_sql.h"
#include "pg_statement.h"

/* Columns of sql/tables.sql. */
enum {
    T_OID,
    T_SCHEMA,
    T_NAME,
    T_PERSISTENCE,
    T_ROWS,
    T_HEAP_BYTES,
    T_TOAST_BYTES,
    T_INDEX_BYTES,
    T_IS_HEAP,
    T_EXTENSION,
    T_CONDITION,
    T_BLOCK_SIZE,
};

/* Columns of sql/columns.sql. */
enum { C_OID, C_NAME, C_TYPE, C_COLLATION, C_NOT_NULL, C_GENERATED };

typedef struct oid_index {
    int64_t oid;
    rh_table *table;
} oid_index;

static int compare_oid(const void *a, const void *b)
{
    const oid_index *x = a;
    const oid_index *y = b;

    return (x->oid > y->oid) - (x->oid < y->oid);
}

static rh_status take_text(rh_arena *arena, const char *text, const char **out, rh_error *err)
{
    if (text == NULL) {
        *out = NULL;
        return RH_OK;
    }
    if (!rh_str_is_utf8(text, strlen(text))) {
        rh_error_set(err, RH_EUNSUPPORTED, "a name in the database is not valid UTF-8");
        rh_error_hint(err, "the database's encoding is SQL_ASCII: rename what has other bytes");
        return RH_EUNSUPPORTED;
    }
    *out = rh_arena_strdup(arena, text);
    return *out == NULL ? rh_error_oom(err) : RH_OK;
}

/* What COPY needs beyond names: the extension's condition, and whether default rows exist there. */
static rh_status add_extra(rh_catalog *catalog, rh_table *table, const PGresult *result, int row,
                           rh_error *err)
{
    const char *extension = rh_pg_text(result, row, T_EXTENSION);
    const char *condition = rh_pg_text(result, row, T_CONDITION);
    bool unlogged = PQgetvalue(result, row, T_PERSISTENCE)[0] == 'u';
    json_t *extra;

    if (extension == NULL && !unlogged)
        return RH_OK;
    extra = json_object();
    if (extra == NULL)
        return rh_error_oom(err);
    if ((unlogged && json_object_set_new(extra, "unlogged", json_true()) != 0) ||
        (extension != NULL &&
         (json_object_set_new(extra, "extension", json_string(extension)) != 0 ||
          json_object_set_new(extra, "condition",
                              json_string(condition == NULL ? "" : condition)) != 0))) {
        json_decref(extra);
        return rh_error_oom(err);
    }
    return rh_catalog_adopt(catalog, table, extra, err);
}

static rh_status add_ranges(const rh_pg_source *source, rh_catalog *catalog, rh_table *table,
                            const PGresult *result, int row, rh_error *err)
{
    int64_t heap = rh_pg_int64(result, row, T_HEAP_BYTES);
    int64_t toast = rh_pg_int64(result, row, T_TOAST_BYTES);
    int64_t pages = heap / rh_pg_int64(result, row, T_BLOCK_SIZE);
    int64_t step = rh_pg_range_pages(pages, heap, toast);

    /* Without TID range scans (before 14), or without a heap, a range would read all of it. */
    if (source->main->version < 140000 || !rh_pg_true(result, row, T_IS_HEAP))
        pages = 0;
    return rh_pg_ranges_plan(catalog->arena, pages, step, &table->ranges, &table->range_count, err);
}

/* "a.b"."c" and "a"."b.c" must not look the same: a part with a dot or quote is quoted. */
static rh_status name_fully(rh_arena *arena, rh_table *table, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_status status = strpbrk(table->schema, ".\"") != NULL
                           ? rh_sql_name_quote(table->schema, &text, err)
                           : rh_buf_append_str(&text, table->schema, err);

    if (status == RH_OK)
        status = rh_buf_append_byte(&text, '.', err);
    if (status == RH_OK)
        status = strpbrk(table->name, ".\"") != NULL ? rh_sql_name_quote(table->name, &text, err)
                                                     : rh_buf_append_str(&text, table->name, err);
    if (status == RH_OK) {
        table->full_name = rh_arena_strdup(arena, rh_buf_cstr(&text));
        if (table->full_name == NULL)
            status = rh_error_oom(err);
    }
    rh_buf_done(&text);
    return status;
}

static rh_status add_table(const rh_pg_source *source, rh_catalog *catalog, rh_table *table,
                           const PGresult *result, int row, rh_error *err)
{
    rh_arena *arena = catalog->arena;
    bool unlogged = PQgetvalue(result, row, T_PERSISTENCE)[0] == 'u';
    rh_status status = take_text(arena, rh_pg_text(result, row, T_SCHEMA), &table->schema, err);

    if (status == RH_OK)
        status = take_text(arena, rh_pg_text(result, row, T_NAME), &table->name, err);
    if (status != RH_OK)
        return status;
    status = name_fully(arena, table, err);
    if (status != RH_OK)
        return status;
    table->kind = RH_TABLE_PLAIN;
    table->estimated_rows = rh_pg_int64(result, row, T_ROWS);
    table->estimated_bytes =
        rh_pg_int64(result, row, T_HEAP_BYTES) + rh_pg_int64(result, row, T_TOAST_BYTES);
    table->index_bytes = rh_pg_int64(result, row, T_INDEX_BYTES);
    table->rows_excluded = (unlogged && source->in_recovery) ||
                           !rh_catalog_selected(source->options.include, source->options.exclude,
                                                table->full_name, table->name);
    status = add_extra(catalog, table, result, row, err);
    if (status == RH_OK && !table->rows_excluded)
        status = add_ranges(source, catalog, table, result, row, err);
    return status;
}

static rh_status add_column(rh_catalog *catalog, rh_column *column, const PGresult *result, int row,
                            rh_error *err)
{
    rh_status status =
        take_text(catalog->arena, rh_pg_text(result, row, C_NAME), &column->name, err);

    if (status == RH_OK)
        status = take_text(catalog->arena, rh_pg_text(result, row, C_TYPE), &column->type, err);
    if (status == RH_OK)
        status = take_text(catalog->arena, rh_pg_text(result, row, C_COLLATION), &column->collation,
                           err);
    column->not_null = rh_pg_true(result, row, C_NOT_NULL);
    column->generated = rh_pg_true(result, row, C_GENERATED);
    return status;
}

/* The result is ordered by table: each run of equal oids is one table's columns. */
static rh_status add_columns(rh_catalog *catalog, oid_index *index, size_t count,
                             const PGresult *result, rh_error *err)
{
    rh_status status = RH_OK;
    int rows = PQntuples(result);

    qsort(index, count, sizeof *index, compare_oid);
    for (int row = 0; row < rows && status == RH_OK;) {
        oid_index key = {rh_pg_int64(result, row, C_OID), NULL};
        oid_index *found = bsearch(&key, index, count, sizeof key, compare_oid);
        int end = row;
        rh_column *columns;

        while (end < rows && rh_pg_int64(result, end, C_OID) == key.oid)
            end++;
        if (found == NULL) {
            row = end;
            continue;
        }
        columns = rh_arena_array(catalog->arena, (size_t)(end - row), sizeof *columns);
        if (columns == NULL)
            return rh_error_oom(err);
        for (int i = row; i < end && status == RH_OK; i++)
            status = add_column(catalog, &columns[i - row], result, i, err);
        found->table->columns = columns;
        found->table->column_count = (size_t)(end - row);
        row = end;
    }
    return status;
}

/* Large objects travel as a table of their own, last in the list. */
static rh_status add_large_objects(const rh_pg_source *source, rh_catalog *catalog, rh_table *table,
                                   rh_error *err)
{
    static const rh_column columns[] = {
        {"oid", "oid", NULL, true, false},
        {"offset", "bigint", NULL, true, false},
        {"data", "bytea", NULL, true, false},
    };

    table->kind = RH_TABLE_LARGE_OBJECTS;
    table->schema = "pg_catalog";
    table->name = "pg_largeobject";
    table->full_name = "pg_catalog.pg_largeobject";
    table->columns = columns;
    table->column_count = sizeof columns / sizeof columns[0];
    table->rows_excluded = !rh_catalog_selected(source->options.include, source->options.exclude,
                                                table->full_name, table->name);
    if (table->rows_excluded)
        return RH_OK;
    return rh_pg_ranges_plan(catalog->arena, 0, 1, &table->ranges, &table->range_count, err);
}

static rh_status fill(const rh_pg_source *source, rh_catalog *catalog, const PGresult *tables,
                      const PGresult *columns, bool large_objects, rh_error *err)
{
    rh_status status = RH_OK;
    size_t count = (size_t)PQntuples(tables);
    oid_index *index = rh_mem_array(count + 1, sizeof *index);

    catalog->tables = rh_arena_array(catalog->arena, count + 1, sizeof *catalog->tables);
    if (index == NULL || catalog->tables == NULL) {
        status = rh_error_oom(err);
        goto out;
    }
    for (size_t i = 0; i < count && status == RH_OK; i++) {
        rh_table *table = &catalog->tables[i];

        table->index = i;
        index[i] = (oid_index){rh_pg_int64(tables, (int)i, T_OID), table};
        catalog->table_count = i + 1;
        status = add_table(source, catalog, table, tables, (int)i, err);
    }
    if (status == RH_OK)
        status = add_columns(catalog, index, count, columns, err);
    if (status == RH_OK && large_objects) {
        catalog->tables[count].index = count;
        catalog->table_count = count + 1;
        status = add_large_objects(source, catalog, &catalog->tables[count], err);
    }
out:
    rh_mem_free(index);
    return status;
}

rh_status rh_pg_catalog_read(rh_pg_source *source, rh_catalog **out, rh_error *err)
{
    static const char any_lo[] =
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)::text";
    rh_status status = RH_OK;
    rh_catalog *catalog = rh_catalog_new();
    PGresult *tables = NULL;
    PGresult *columns = NULL;
    char *has_lo = NULL;

    if (catalog == NULL)
        return rh_error_oom(err);
    status = rh_pg_query(source->main, rh_pg_sql_tables, 0, NULL, &tables, err);
    if (status == RH_OK)
        status = rh_pg_query(source->main, rh_pg_sql_columns, 0, NULL, &columns, err);
    if (status == RH_OK)
        status = rh_pg_query_text(source->main, any_lo, 0, NULL, &has_lo, err);
    if (status == RH_OK)
        status = fill(source, catalog, tables, columns, has_lo != NULL && has_lo[0] == 't', err);
    if (status == RH_OK) {
        *out = catalog;
        catalog = NULL;
    }
    PQclear(tables);
    PQclear(columns);
    rh_mem_free(has_lo);
    rh_catalog_free(catalog);
    return status;
}
