#include "lite_table.h"

#include <string.h>

#include "core/sql_name.h"
#include "core/str.h"
#include "lite_conn.h"

enum { MAX_COLUMNS = 32767 };

/* The values of `hidden` in PRAGMA table_xinfo. */
enum {
    HIDDEN_ARGUMENT = 1,
    HIDDEN_VIRTUAL = 2,
    HIDDEN_STORED = 3,
};

static bool contains(const char *text, const char *part)
{
    size_t len = strlen(part);

    for (; *text != '\0'; text++) {
        if (sqlite3_strnicmp(text, part, (int)len) == 0)
            return true;
    }
    return false;
}

rh_lite_affinity rh_lite_affinity_of(const char *type)
{
    if (contains(type, "INT"))
        return RH_LITE_AFFINITY_INTEGER;
    if (contains(type, "CHAR") || contains(type, "CLOB") || contains(type, "TEXT"))
        return RH_LITE_AFFINITY_TEXT;
    if (type[0] == '\0' || contains(type, "BLOB"))
        return RH_LITE_AFFINITY_BLOB;
    if (contains(type, "REAL") || contains(type, "FLOA") || contains(type, "DOUB"))
        return RH_LITE_AFFINITY_REAL;
    return RH_LITE_AFFINITY_NUMERIC;
}

static const char *column_text(sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);

    return text != NULL ? text : "";
}

static rh_status read_column(sqlite3 *db, rh_arena *arena, const char *table, sqlite3_stmt *stmt,
                             rh_lite_column *out, rh_error *err)
{
    const char *collation = NULL;
    int hidden = sqlite3_column_int(stmt, 6);
    int rc;

    out->name = rh_arena_strdup(arena, column_text(stmt, 1));
    out->type = rh_arena_strdup(arena, column_text(stmt, 2));
    if (out->name == NULL || out->type == NULL)
        return rh_error_oom(err);
    out->not_null = sqlite3_column_int(stmt, 3) != 0;
    out->key = sqlite3_column_int(stmt, 5);
    out->generated = hidden == HIDDEN_VIRTUAL || hidden == HIDDEN_STORED;
    out->stored = hidden == HIDDEN_STORED;
    out->hidden = hidden == HIDDEN_ARGUMENT;
    rc = sqlite3_table_column_metadata(db, "main", table, out->name, NULL, &collation, NULL, NULL,
                                       NULL);
    if (rc != SQLITE_OK)
        return rh_lite_fail(db, rc, err);
    if (collation != NULL && !rh_str_ieq(collation, "BINARY")) {
        out->collation = rh_arena_strdup(arena, collation);
        if (out->collation == NULL)
            return rh_error_oom(err);
    }
    return RH_OK;
}

static rh_status read_columns(sqlite3 *db, rh_arena *arena, rh_lite_table *table, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    size_t cap = 0;
    rh_status status = rh_lite_open_pragma(db, "table_xinfo", table->name, &stmt, err);

    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK)
        cap++;
    if (status == RH_DONE)
        status = cap > 0 ? RH_OK
                         : rh_error_set(err, RH_ENOTFOUND, "there is no table '%s'", table->name);
    if (status == RH_OK && cap > MAX_COLUMNS)
        status = rh_error_set(err, RH_ELIMIT, "table '%s' has too many columns", table->name);
    if (status == RH_OK) {
        table->columns = rh_arena_array(arena, cap, sizeof *table->columns);
        if (table->columns == NULL)
            status = rh_error_oom(err);
        sqlite3_reset(stmt);
    }
    while (status == RH_OK && table->count < cap) {
        status = rh_lite_step(stmt, err);
        if (status == RH_OK)
            status = read_column(db, arena, table->name, stmt, &table->columns[table->count], err);
        if (status == RH_OK)
            table->count++;
    }
    sqlite3_finalize(stmt);
    return status;
}

/* index_info of a table's own name answers for WITHOUT ROWID tables only. */
static rh_status read_has_rowid(sqlite3 *db, rh_lite_table *table, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    rh_status status = rh_lite_open_pragma(db, "index_info", table->name, &stmt, err);

    if (status == RH_OK)
        status = rh_lite_step(stmt, err);
    if (status == RH_OK || status == RH_DONE) {
        table->has_rowid = status == RH_DONE;
        status = RH_OK;
    }
    sqlite3_finalize(stmt);
    return status;
}

/* A one-column primary key that no index stands for is the rowid itself. */
static rh_status read_ipk(sqlite3 *db, rh_lite_table *table, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int candidate = -1;
    rh_status status;

    table->ipk = -1;
    for (size_t i = 0; i < table->count; i++) {
        if (table->columns[i].key == 0)
            continue;
        if (candidate >= 0)
            return RH_OK;
        candidate = (int)i;
    }
    if (candidate < 0 || !table->has_rowid)
        return RH_OK;
    status = rh_lite_open_pragma(db, "index_list", table->name, &stmt, err);
    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK) {
        if (strcmp(column_text(stmt, 3), "pk") == 0)
            candidate = -1;
    }
    sqlite3_finalize(stmt);
    if (status != RH_DONE)
        return status;
    table->ipk = candidate;
    return RH_OK;
}

static bool has_column(const rh_lite_table *table, const char *name)
{
    for (size_t i = 0; i < table->count; i++) {
        if (rh_str_ieq(table->columns[i].name, name))
            return true;
    }
    return false;
}

static const char *find_rowid_name(const rh_lite_table *table)
{
    static const char *const names[] = {"rowid", "_rowid_", "oid"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!has_column(table, names[i]))
            return names[i];
    }
    return table->ipk >= 0 ? table->columns[table->ipk].name : NULL;
}

rh_status rh_lite_table_read(sqlite3 *db, rh_arena *arena, const char *name, rh_lite_table *out,
                             rh_error *err)
{
    rh_lite_table table = {0};
    rh_status status;

    table.name = rh_arena_strdup(arena, name);
    if (table.name == NULL)
        return rh_error_oom(err);
    status = read_columns(db, arena, &table, err);
    if (status == RH_OK)
        status = read_has_rowid(db, &table, err);
    if (status == RH_OK)
        status = read_ipk(db, &table, err);
    if (status != RH_OK) {
        rh_error_where(err, "table '%s'", name);
        return status;
    }
    for (size_t i = 0; i < table.count; i++) {
        table.record_count += table.columns[i].generated ? 0 : 1;
        table.has_stored = table.has_stored || table.columns[i].stored;
    }
    table.rowid_name = table.has_rowid ? find_rowid_name(&table) : NULL;
    *out = table;
    return RH_OK;
}

rh_status rh_lite_table_list(rh_buf *out, const rh_lite_table *table, rh_error *err)
{
    rh_status status = RH_OK;
    bool first = true;

    for (size_t i = 0; status == RH_OK && i < table->count; i++) {
        if (table->columns[i].generated || (int)i == table->ipk)
            continue;
        if (!first)
            status = rh_buf_append_str(out, ", ", err);
        if (status == RH_OK)
            status = rh_sql_name_quote(table->columns[i].name, out, err);
        first = false;
    }
    return status;
}

rh_status rh_lite_rowid_sql(rh_buf *out, const rh_lite_table *table, const char *rest,
                            rh_error *err)
{
    rh_status status = rh_buf_append_str(out, "SELECT ", err);

    if (status == RH_OK)
        status = rh_sql_name_quote(table->rowid_name, out, err);
    if (status == RH_OK)
        status = rh_buf_append_str(out, " FROM main.", err);
    if (status == RH_OK)
        status = rh_sql_name_quote(table->name, out, err);
    if (status == RH_OK)
        status = rh_buf_append_str(out, " NOT INDEXED WHERE ", err);
    if (status == RH_OK)
        status = rh_sql_name_quote(table->rowid_name, out, err);
    if (status == RH_OK)
        status = rh_buf_append_str(out, rest, err);
    return status;
}
