/*
 * With rowids: one seek per row, at places that depend on the smallest and largest rowid alone, so
 * that a copy gives the same rows. The places are multiples of the golden ratio: equal steps would
 * see only one of the kinds of rows that take turns. Without: every n-th row, all keys are read.
 */
#include "lite_spread.h"

#include "core/mem.h"
#include "core/sql_name.h"
#include "lite_conn.h"
#include "lite_table.h"

typedef struct spread {
    sqlite3 *db;
    const rh_table *table;
    const rh_row_look *look;
    const rh_cancel *cancel;
    size_t rows;
    rh_arena *arena;
    rh_lite_table stored;
    rh_field *fields;   /* one per column of the table */
    sqlite3_stmt *stmt; /* the columns that are not computed */
} spread;

static rh_field field_of(sqlite3_stmt *stmt, int at)
{
    rh_field field = {.kind = RH_FIELD_NULL};

    switch (sqlite3_column_type(stmt, at)) {
    case SQLITE_INTEGER:
        field.kind = RH_FIELD_INTEGER;
        field.integer = sqlite3_column_int64(stmt, at);
        break;
    case SQLITE_FLOAT:
        field.kind = RH_FIELD_REAL;
        field.real = sqlite3_column_double(stmt, at);
        break;
    case SQLITE_TEXT: /* in this order: SQLite turns UTF-16 around first */
        field.kind = RH_FIELD_TEXT;
        field.data = sqlite3_column_text(stmt, at);
        field.len = (size_t)sqlite3_column_bytes(stmt, at);
        break;
    case SQLITE_BLOB:
        field.kind = RH_FIELD_BLOB;
        field.data = sqlite3_column_blob(stmt, at);
        field.len = (size_t)sqlite3_column_bytes(stmt, at);
        break;
    default:
        break;
    }
    return field;
}

static rh_status show_row(spread *run, rh_error *err)
{
    int at = 0;

    for (size_t i = 0; i < run->table->column_count; i++) {
        if (!run->table->columns[i].generated)
            run->fields[i] = field_of(run->stmt, at++);
    }
    if (sqlite3_errcode(run->db) == SQLITE_NOMEM)
        return rh_error_oom(err);
    return run->look->row(run->look->ctx, run->fields, err);
}

/* "SELECT columns FROM table NOT INDEXED" and what bounds the rows. */
static rh_status prepare_rows(spread *run, const char *bounds, rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    const char *comma = "SELECT ";
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < run->table->column_count; i++) {
        if (run->table->columns[i].generated)
            continue;
        status = rh_buf_append_str(&sql, comma, err);
        if (status == RH_OK)
            status = rh_sql_name_quote(run->table->columns[i].name, &sql, err);
        comma = ", ";
    }
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, " FROM main.", err);
    if (status == RH_OK)
        status = rh_sql_name_quote(run->table->name, &sql, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, " NOT INDEXED", err);
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, bounds, err);
    if (status == RH_OK)
        status = rh_lite_prepare(run->db, rh_buf_cstr(&sql), &run->stmt, err);
    rh_buf_done(&sql);
    return status;
}

/* Shows the rows of the statement that are multiples of step, or counts all of them. */
static rh_status walk(spread *run, size_t step, size_t *out_rows, rh_error *err)
{
    rh_status status = RH_OK;
    size_t count = 0;

    while (status == RH_OK && (status = rh_lite_step(run->stmt, err)) == RH_OK) {
        if (out_rows == NULL && count % step == 0)
            status = show_row(run, err);
        if (status == RH_OK && ++count % 65536 == 0)
            status = rh_cancel_check(run->cancel, err);
    }
    if (status == RH_DONE && out_rows != NULL)
        *out_rows = count;
    return status == RH_DONE ? RH_OK : status;
}

static rh_status every_nth(spread *run, rh_error *err)
{
    size_t count = 0;
    rh_status status = prepare_rows(run, "", err);

    if (status == RH_OK)
        status = walk(run, 1, &count, err);
    if (status == RH_OK) {
        sqlite3_reset(run->stmt);
        status = walk(run, count / run->rows + 1, NULL, err);
    }
    return status;
}

/* The smallest (order "") or largest (" DESC") rowid. RH_DONE: the table is empty. */
static rh_status end_rowid(spread *run, const char *order, int64_t *out, rh_error *err)
{
    rh_buf rest = RH_BUF_INIT;
    rh_buf sql = RH_BUF_INIT;
    sqlite3_stmt *stmt = NULL;
    rh_status status = rh_buf_printf(&rest, err, " >= ?1 ORDER BY 1%s LIMIT 1", order);

    if (status == RH_OK)
        status = rh_lite_rowid_sql(&sql, &run->stored, rh_buf_cstr(&rest), err);
    if (status == RH_OK)
        status = rh_lite_prepare(run->db, rh_buf_cstr(&sql), &stmt, err);
    if (status == RH_OK) {
        sqlite3_bind_int64(stmt, 1, INT64_MIN);
        status = rh_lite_step(stmt, err);
    }
    if (status == RH_OK)
        *out = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    rh_buf_done(&sql);
    rh_buf_done(&rest);
    return status;
}

static rh_status prepare_seek(spread *run, rh_error *err)
{
    rh_buf bounds = RH_BUF_INIT;
    rh_status status = rh_buf_append_str(&bounds, " WHERE ", err);

    if (status == RH_OK)
        status = rh_sql_name_quote(run->stored.rowid_name, &bounds, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&bounds, " >= ?1 ORDER BY ", err);
    if (status == RH_OK)
        status = rh_sql_name_quote(run->stored.rowid_name, &bounds, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&bounds, " LIMIT 1", err);
    if (status == RH_OK)
        status = prepare_rows(run, rh_buf_cstr(&bounds), err);
    rh_buf_done(&bounds);
    return status;
}

/* Place i of a span: i multiples of the golden ratio, in 53 bits as double has no more. */
static uint64_t place_of(size_t i, uint64_t span)
{
    uint64_t part = ((uint64_t)i * UINT64_C(0x9E3779B97F4A7C15)) >> 11;

    return (uint64_t)((double)part / 9007199254740992.0 * (double)span);
}

static rh_status seek_rows(spread *run, int64_t first, uint64_t span, rh_error *err)
{
    rh_status status = prepare_seek(run, err);

    for (size_t i = 1; status == RH_OK && i <= run->rows; i++) {
        uint64_t place = place_of(i, span);

        if (place > span)
            place = span;
        sqlite3_reset(run->stmt);
        sqlite3_bind_int64(run->stmt, 1, (int64_t)((uint64_t)first + place));
        status = rh_cancel_check(run->cancel, err);
        if (status == RH_OK)
            status = rh_lite_step(run->stmt, err);
        if (status == RH_OK)
            status = show_row(run, err);
    }
    return status == RH_DONE ? RH_OK : status;
}

static rh_status by_rowid(spread *run, rh_error *err)
{
    int64_t first = 0;
    int64_t last = 0;
    rh_status status = end_rowid(run, "", &first, err);

    if (status == RH_OK)
        status = end_rowid(run, " DESC", &last, err);
    if (status != RH_OK)
        return status == RH_DONE ? RH_OK : status;
    if ((uint64_t)last - (uint64_t)first >= run->rows)
        return seek_rows(run, first, (uint64_t)last - (uint64_t)first, err);
    status = prepare_rows(run, "", err);
    return status == RH_OK ? walk(run, 1, NULL, err) : status;
}

static bool has_values(const rh_table *table)
{
    for (size_t i = 0; i < table->column_count; i++) {
        if (!table->columns[i].generated)
            return true;
    }
    return false;
}

rh_status rh_lite_spread(sqlite3 *db, const rh_table *table, size_t rows, const rh_row_look *look,
                         const rh_cancel *cancel, rh_error *err)
{
    spread run = {.db = db, .table = table, .look = look, .cancel = cancel, .rows = rows};
    rh_status status = RH_OK;

    if (rows == 0 || !has_values(table))
        return RH_OK;
    run.arena = rh_arena_new(0);
    if (run.arena == NULL)
        return rh_error_oom(err);
    run.fields = rh_arena_array(run.arena, table->column_count, sizeof *run.fields);
    if (run.fields == NULL)
        status = rh_error_oom(err);
    if (status == RH_OK)
        status = rh_lite_table_read(db, run.arena, table->name, &run.stored, err);
    if (status == RH_OK)
        status = run.stored.rowid_name != NULL ? by_rowid(&run, err) : every_nth(&run, err);
    if (status != RH_OK)
        rh_error_where(err, "table '%s'", table->full_name);
    sqlite3_finalize(run.stmt);
    rh_arena_free(run.arena);
    return status;
}
