/*
 * What SQLite's planner knows about tables: it never looks at their sizes, only at sqlite_stat1.
 * Row counts come from there or, where there are no statistics, from the largest rowid.
 */
#include <string.h>

#include "core/mem.h"
#include "core/num.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "lite_profile.h"

static rh_status set_new(json_t *object, const char *key, json_t *value, rh_error *err)
{
    return json_object_set_new(object, key, value) == 0 ? RH_OK : rh_error_oom(err);
}

static const char *column_text(sqlite3_stmt *stmt, int column)
{
    return (const char *)sqlite3_column_text(stmt, column);
}

/* sqlite_stat1 of one index, or of the table (index NULL); empty without. */
static rh_status read_stat(sqlite3 *db, const char *table, const char *index, rh_buf *out,
                           rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(db,
                                "SELECT stat FROM main.sqlite_stat1 WHERE tbl = ?1 COLLATE NOCASE "
                                "AND (?2 IS NULL OR idx = ?2 COLLATE NOCASE) "
                                "ORDER BY idx IS NULL DESC LIMIT 1",
                                -1, &stmt, NULL);
    rh_status status = RH_OK;

    if (rc != SQLITE_OK) /* no statistics in this file */
        return RH_OK;
    (void)sqlite3_bind_text(stmt, 1, table, -1, SQLITE_TRANSIENT);
    if (index != NULL)
        (void)sqlite3_bind_text(stmt, 2, index, -1, SQLITE_TRANSIENT);
    status = rh_lite_step(stmt, err);
    if (status == RH_OK && column_text(stmt, 0) != NULL)
        status = rh_buf_append_str(out, column_text(stmt, 0), err);
    sqlite3_finalize(stmt);
    return status == RH_DONE ? RH_OK : status;
}

static rh_status largest_rowid(sqlite3 *db, const char *table, int64_t *out, rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_error ignored = RH_ERROR_INIT;
    rh_status status = rh_buf_append_str(&sql, "SELECT max(rowid) FROM main.", err);

    *out = -1;
    if (status == RH_OK)
        status = rh_sql_name_quote(table, &sql, err);
    if (status == RH_OK && rh_lite_get_int(db, rh_buf_cstr(&sql), out, &ignored) != RH_OK)
        *out = -1; /* WITHOUT ROWID, a view or a virtual table */
    rh_buf_done(&sql);
    return status;
}

/* "rows": of the statistics, "rowid": as counted by the rowid, "statistics". */
static rh_status add_size(sqlite3 *db, const char *table, json_t *out, rh_error *err)
{
    rh_buf stat = RH_BUF_INIT;
    int64_t rows = 0;
    int64_t rowid = -1;
    bool known = false;
    rh_status status = read_stat(db, table, NULL, &stat, err);

    if (status == RH_OK) {
        const char *text = rh_buf_cstr(&stat);

        known = rh_num_scan_int64(text, strcspn(text, " "), &rows);
        status = largest_rowid(db, table, &rowid, err);
    }
    if (status == RH_OK && rowid < 0 && !known)
        status = set_new(out, "rows", json_null(), err);
    else if (status == RH_OK)
        status = set_new(out, "rows", json_integer(rowid > rows ? rowid : rows), err);
    if (status == RH_OK)
        status = set_new(out, "statistics", json_boolean(known), err);
    if (status == RH_OK)
        status = set_new(out, "statistics_rows", known ? json_integer(rows) : json_null(), err);
    rh_buf_done(&stat);
    return status;
}

static rh_status add_columns(sqlite3 *db, const char *table, json_t *out, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    json_t *columns = json_array();
    rh_status status = columns == NULL ? rh_error_oom(err)
                                       : rh_lite_open_pragma(db, "table_xinfo", table, &stmt, err);

    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK) {
        json_t *column = json_pack("{s:s?, s:s?, s:b}", "name", column_text(stmt, 1), "type",
                                   column_text(stmt, 2), "key", sqlite3_column_int(stmt, 5) > 0);

        if (json_array_append_new(columns, column) != 0)
            status = rh_error_oom(err);
    }
    sqlite3_finalize(stmt);
    if (status != RH_DONE) {
        json_decref(columns);
        return status;
    }
    return set_new(out, "columns", columns, err);
}

static rh_status index_columns(sqlite3 *db, const char *index, json_t **out, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    json_t *columns = json_array();
    rh_status status = columns == NULL ? rh_error_oom(err)
                                       : rh_lite_open_pragma(db, "index_xinfo", index, &stmt, err);

    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK) {
        const char *name = column_text(stmt, 2);

        if (sqlite3_column_int(stmt, 5) == 0) /* no key column */
            continue;
        if (json_array_append_new(columns, name == NULL ? json_null() : json_string(name)) != 0)
            status = rh_error_oom(err);
    }
    sqlite3_finalize(stmt);
    if (status != RH_DONE) {
        json_decref(columns);
        return status;
    }
    *out = columns;
    return RH_OK;
}

static rh_status one_index(sqlite3 *db, const char *table, sqlite3_stmt *row, json_t *list,
                           rh_error *err)
{
    const char *name = column_text(row, 1);
    rh_buf stat = RH_BUF_INIT;
    json_t *columns = NULL;
    rh_status status = index_columns(db, name, &columns, err);

    if (status == RH_OK)
        status = read_stat(db, table, name, &stat, err);
    if (status == RH_OK) {
        json_t *index =
            json_pack("{s:s, s:b, s:O, s:b, s:s?}", "name", name, "unique",
                      sqlite3_column_int(row, 2), "columns", columns, "partial",
                      sqlite3_column_int(row, 4), "stat", stat.len > 0 ? rh_buf_cstr(&stat) : NULL);

        if (json_array_append_new(list, index) != 0)
            status = rh_error_oom(err);
    }
    json_decref(columns);
    rh_buf_done(&stat);
    return status;
}

static rh_status add_indexes(sqlite3 *db, const char *table, json_t *out, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    json_t *list = json_array();
    rh_status status =
        list == NULL ? rh_error_oom(err) : rh_lite_open_pragma(db, "index_list", table, &stmt, err);

    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK)
        status = one_index(db, table, stmt, list, err);
    sqlite3_finalize(stmt);
    if (status != RH_DONE) {
        json_decref(list);
        return status;
    }
    return set_new(out, "indexes", list, err);
}

/* A row of PRAGMA foreign_key_list: one column of one key. */
static rh_status add_key_column(json_t *list, sqlite3_stmt *row, rh_error *err)
{
    size_t id = (size_t)sqlite3_column_int(row, 0);
    json_t *key = NULL;

    for (size_t i = 0; i < json_array_size(list); i++)
        if ((size_t)json_integer_value(json_object_get(json_array_get(list, i), "id")) == id)
            key = json_array_get(list, i);
    if (key == NULL) {
        key =
            json_pack("{s:i, s:s?, s:[]}", "id", (int)id, "table", column_text(row, 2), "columns");
        if (json_array_append_new(list, key) != 0)
            return rh_error_oom(err);
    }
    return json_array_append_new(json_object_get(key, "columns"),
                                 json_string(column_text(row, 3))) == 0
               ? RH_OK
               : rh_error_oom(err);
}

static rh_status read_keys(sqlite3 *db, const char *table, json_t **out, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    json_t *list = json_array();
    rh_status status = list == NULL
                           ? rh_error_oom(err)
                           : rh_lite_open_pragma(db, "foreign_key_list", table, &stmt, err);

    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK)
        status = add_key_column(list, stmt, err);
    sqlite3_finalize(stmt);
    if (status != RH_DONE) {
        json_decref(list);
        return status;
    }
    *out = list;
    return RH_OK;
}

/* An index that begins with the columns of the key, in any order. */
static bool has_index(const json_t *indexes, const json_t *columns)
{
    size_t wanted = json_array_size(columns);

    for (size_t i = 0; i < json_array_size(indexes); i++) {
        const json_t *index = json_array_get(indexes, i);
        const json_t *own = json_object_get(index, "columns");
        size_t found = 0;

        if (json_is_true(json_object_get(index, "partial")))
            continue;
        for (size_t a = 0; a < wanted && a < json_array_size(own); a++)
            for (size_t b = 0; b < wanted; b++) {
                const char *x = json_string_value(json_array_get(own, a));
                const char *y = json_string_value(json_array_get(columns, b));

                found += x != NULL && y != NULL && rh_str_ieq(x, y);
            }
        if (found >= wanted)
            return true;
    }
    return false;
}

static rh_status add_reference(sqlite3 *db, const char *child, const char *table, json_t *list,
                               rh_error *err)
{
    json_t *keys = NULL;
    json_t *facts = json_object();
    rh_status status = facts == NULL ? rh_error_oom(err) : read_keys(db, child, &keys, err);

    for (size_t i = 0; status == RH_OK && i < json_array_size(keys); i++) {
        const json_t *key = json_array_get(keys, i);
        json_t *columns = json_object_get(key, "columns");
        const char *target = json_string_value(json_object_get(key, "table"));

        if (target == NULL || !rh_str_ieq(target, table))
            continue;
        status = add_indexes(db, child, facts, err);
        if (status == RH_OK)
            status = add_size(db, child, facts, err);
        if (status == RH_OK &&
            json_array_append_new(
                list, json_pack("{s:s, s:s, s:O, s:O, s:b}", "name", "", "table", child, "columns",
                                columns, "rows", json_object_get(facts, "rows"), "indexed",
                                has_index(json_object_get(facts, "indexes"), columns))) != 0)
            status = rh_error_oom(err);
    }
    json_decref(keys);
    json_decref(facts);
    return status;
}

static rh_status add_referenced_by(sqlite3 *db, const char *table, json_t *out, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    json_t *list = json_array();
    rh_status status =
        list == NULL ? rh_error_oom(err)
                     : rh_lite_prepare(db,
                                       "SELECT name FROM main.sqlite_master WHERE type = 'table' "
                                       "AND sql LIKE '%REFERENCES%' ORDER BY name",
                                       &stmt, err);

    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK) {
        if (column_text(stmt, 0) != NULL)
            status = add_reference(db, column_text(stmt, 0), table, list, err);
    }
    sqlite3_finalize(stmt);
    if (status != RH_DONE) {
        json_decref(list);
        return status;
    }
    return set_new(out, "referenced_by", list, err);
}

/* "table" or "view" as the schema spells its name; RH_ENOTFOUND without an error. */
static rh_status find_table(sqlite3 *db, const char *name, json_t **out, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    rh_status status = rh_lite_prepare(db,
                                       "SELECT name, type, rootpage FROM main.sqlite_master WHERE "
                                       "type IN ('table', 'view') AND name = ?1 COLLATE NOCASE",
                                       &stmt, err);

    if (status != RH_OK)
        return status;
    (void)sqlite3_bind_text(stmt, 1, name, -1, SQLITE_TRANSIENT);
    status = rh_lite_step(stmt, err);
    if (status == RH_DONE)
        status = RH_ENOTFOUND;
    if (status == RH_OK) {
        *out = json_pack("{s:s, s:s?, s:s?}", "schema", "main", "name", column_text(stmt, 0),
                         "kind", column_text(stmt, 1));
        if (*out == NULL)
            status = rh_error_oom(err);
    }
    sqlite3_finalize(stmt);
    return status;
}

static rh_status describe(sqlite3 *db, const char *wanted, json_t *list, rh_error *err)
{
    json_t *table = NULL;
    const char *name;
    rh_status status = find_table(db, wanted, &table, err);

    if (status == RH_ENOTFOUND)
        return RH_OK;
    if (status != RH_OK)
        return status;
    name = json_string_value(json_object_get(table, "name"));
    status = add_size(db, name, table, err);
    if (status == RH_OK)
        status = add_columns(db, name, table, err);
    if (status == RH_OK)
        status = add_indexes(db, name, table, err);
    if (status == RH_OK)
        status = add_referenced_by(db, name, table, err);
    if (status == RH_OK && json_array_append(list, table) != 0)
        status = rh_error_oom(err);
    json_decref(table);
    return status;
}

rh_status rh_lite_profile_tables(void *session, const rh_profile_table *tables, size_t count,
                                 json_t **out, rh_error *err)
{
    const rh_lite_profile *profile = session;
    json_t *list = json_array();
    rh_status status = list == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < count; i++)
        status = describe(profile->db, tables[i].name, list, err);
    if (status == RH_OK) {
        *out = json_pack("{s:O}", "tables", list);
        if (*out == NULL)
            status = rh_error_oom(err);
    }
    json_decref(list);
    return status;
}
