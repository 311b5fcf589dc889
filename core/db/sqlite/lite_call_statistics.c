#include "lite_call.h"

static rh_status append_row(json_t *rows, sqlite3_stmt *stmt, rh_error *err)
{
    json_t *row = json_array();

    for (int i = 0; i < 3; i++) {
        const char *text = (const char *)sqlite3_column_text(stmt, i);
        json_t *value = text == NULL ? json_null() : json_string(text);

        if (row == NULL || json_array_append_new(row, value) != 0) {
            json_decref(row);
            return rh_error_set(err, RH_EFORMAT, "sqlite_stat1 holds text that is not UTF-8");
        }
    }
    return json_array_append_new(rows, row) == 0 ? RH_OK : rh_error_oom(err);
}

rh_status rh_lite_read_statistics(sqlite3 *db, json_t **out, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    json_t *rows = json_array();
    int64_t tables = 0;
    rh_status status = rows == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = rh_lite_get_int(
            db, "SELECT count(*) FROM main.sqlite_master WHERE name = 'sqlite_stat1'", &tables,
            err);
    if (status == RH_OK && tables > 0) {
        status = rh_lite_prepare(db,
                                 "SELECT tbl, idx, stat FROM main.sqlite_stat1 WHERE stat IS NOT "
                                 "NULL AND tbl IS NOT NULL ORDER BY rowid",
                                 &stmt, err);
        while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK)
            status = append_row(rows, stmt, err);
        status = status == RH_DONE ? RH_OK : status;
    }
    sqlite3_finalize(stmt);
    if (status != RH_OK) {
        json_decref(rows);
        return status;
    }
    *out = rows;
    return RH_OK;
}

static rh_status put_rows(sqlite3 *db, sqlite3_stmt *stmt, const json_t *rows, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(rows); i++) {
        const json_t *row = json_array_get(rows, i);

        for (size_t j = 0; j < 3; j++) {
            const char *text = json_string_value(json_array_get(row, j));

            if (text == NULL)
                sqlite3_bind_null(stmt, (int)j + 1);
            else
                sqlite3_bind_text(stmt, (int)j + 1, text, -1, SQLITE_TRANSIENT);
        }
        status = rh_lite_step(stmt, err);
        status = status == RH_DONE ? RH_OK : status;
        sqlite3_reset(stmt);
    }
    (void)db;
    return status;
}

/*
 * ANALYZE sqlite_schema looks at no row: it makes sqlite_stat1 where there is none, and lets the
 * planner read it again.
 */
rh_status rh_lite_put_statistics(sqlite3 *db, const json_t *rows, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int64_t tables = 0;
    rh_status status = rh_lite_get_int(
        db, "SELECT count(*) FROM main.sqlite_master WHERE name = 'sqlite_stat1'", &tables, err);

    if (status == RH_OK && tables == 0)
        status = rh_lite_exec(db, "ANALYZE sqlite_schema", err);
    if (status == RH_OK)
        status = rh_lite_get_int(
            db, "SELECT count(*) FROM main.sqlite_master WHERE name = 'sqlite_stat1'", &tables,
            err);
    if (status == RH_OK && tables == 0 && json_array_size(rows) > 0)
        return rh_error_set(err, RH_EUNSUPPORTED, "the library makes no table for statistics");
    if (status == RH_OK && tables > 0)
        status = rh_lite_exec(db, "DELETE FROM main.sqlite_stat1", err);
    if (status == RH_OK && tables > 0)
        status =
            rh_lite_prepare(db, "INSERT INTO main.sqlite_stat1 VALUES (?1, ?2, ?3)", &stmt, err);
    if (status == RH_OK && stmt != NULL)
        status = put_rows(db, stmt, rows, err);
    sqlite3_finalize(stmt);
    if (status == RH_OK)
        status = rh_lite_exec(db, "ANALYZE sqlite_schema", err);
    return status;
}
