/*
 * The schema under which rows are loaded.
 *
 * Production holds values that an INSERT into the table as declared would change or refuse: TEXT in
 * INTEGER columns, NULL under NOT NULL, rows that break a later CHECK. So while rows are loaded,
 * sqlite_schema describes each b-tree by a table without types and constraints that stores exactly
 * the same records (same columns that are stored, same key of WITHOUT ROWID tables), and by no
 * index at all. Afterwards the exact texts are put back and every index is filled by REINDEX, which
 * sorts.
 *
 * Tables with STORED generated columns are the exception: SQLite must compute those from columns
 * with their affinity and collation. They keep both ("typed") and lose only the constraints.
 */
#include <string.h>

#include "core/sql_name.h"
#include "lite_conn.h"
#include "lite_sql_text.h"
#include "lite_target.h"

static const char *affinity_name(const char *type)
{
    switch (rh_lite_affinity_of(type)) {
    case RH_LITE_AFFINITY_TEXT:
        return " TEXT";
    case RH_LITE_AFFINITY_NUMERIC:
        return " NUMERIC";
    case RH_LITE_AFFINITY_INTEGER:
        return " INT";
    case RH_LITE_AFFINITY_REAL:
        return " REAL";
    case RH_LITE_AFFINITY_BLOB:
        break;
    }
    return "";
}

static rh_status add_collation(rh_buf *out, const char *collation, rh_error *err)
{
    rh_status status = RH_OK;

    if (collation == NULL)
        return RH_OK;
    status = rh_buf_append_str(out, " COLLATE ", err);
    return status == RH_OK ? rh_sql_name_quote(collation, out, err) : status;
}

/* Name of column i in the softened table: its own where expressions refer to it. */
static rh_status add_name(rh_buf *out, const rh_lite_plan *plan, size_t i, rh_error *err)
{
    if (plan->typed)
        return rh_sql_name_quote(plan->stored.columns[i].name, out, err);
    return rh_buf_printf(out, err, "c%zu", i);
}

static rh_status add_generated(rh_buf *out, const rh_lite_plan *plan, size_t i,
                               const char *exact_sql, rh_error *err)
{
    const char *expression = NULL;
    size_t len = 0;
    rh_status status = rh_lite_generated_expression(exact_sql, i, &expression, &len, err);

    if (status == RH_OK)
        status = rh_buf_append_str(out, " AS (", err);
    if (status == RH_OK)
        status = rh_buf_append(out, expression, len, err);
    /* The line break ends a comment that the expression may end with. */
    if (status == RH_OK)
        status = rh_buf_append_str(
            out, plan->stored.columns[i].stored ? "\n) STORED" : "\n) VIRTUAL", err);
    return status;
}

static rh_status add_column(rh_buf *out, const rh_lite_plan *plan, size_t i, const char *exact_sql,
                            rh_error *err)
{
    const rh_lite_column *column = &plan->stored.columns[i];
    rh_status status = add_name(out, plan, i, err);

    if (status != RH_OK || !plan->typed)
        return status;
    if ((int)i == plan->stored.ipk)
        return rh_buf_append_str(out, " INTEGER PRIMARY KEY", err);
    status = rh_buf_append_str(out, affinity_name(column->type), err);
    if (status == RH_OK)
        status = add_collation(out, column->collation, err);
    if (status == RH_OK && column->generated)
        status = add_generated(out, plan, i, exact_sql, err);
    return status;
}

static bool is_stored(const rh_lite_plan *plan, size_t i)
{
    return plan->typed || !plan->stored.columns[i].generated;
}

static rh_status add_key_part(rh_buf *out, const rh_lite_plan *plan, sqlite3_stmt *part, bool first,
                              rh_error *err)
{
    int column = sqlite3_column_int(part, 1);
    rh_status status = RH_OK;

    if (column < 0 || (size_t)column >= plan->stored.count)
        return rh_error_set(err, RH_EFORMAT, "table '%s' has a key that is not made of columns",
                            plan->stored.name);
    if (!first)
        status = rh_buf_append_str(out, ", ", err);
    if (status == RH_OK)
        status = add_name(out, plan, (size_t)column, err);
    if (status == RH_OK)
        status = add_collation(out, (const char *)sqlite3_column_text(part, 4), err);
    if (status == RH_OK && sqlite3_column_int(part, 3) != 0)
        status = rh_buf_append_str(out, " DESC", err);
    return status;
}

/* The key of a WITHOUT ROWID table decides where a row is stored, so it must be the same. */
static rh_status add_key(sqlite3 *db, rh_buf *out, const rh_lite_plan *plan, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    bool first = true;
    rh_status status = rh_lite_open_pragma(db, "index_xinfo", plan->stored.name, &stmt, err);

    if (status == RH_OK)
        status = rh_buf_append_str(out, ", PRIMARY KEY(", err);
    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK) {
        if (sqlite3_column_int(stmt, 5) == 0)
            continue; /* not part of the key */
        status = add_key_part(out, plan, stmt, first, err);
        first = false;
    }
    sqlite3_finalize(stmt);
    if (status != RH_DONE)
        return status;
    return rh_buf_append_str(out, ")", err);
}

rh_status rh_lite_soft_table(sqlite3 *db, const rh_lite_plan *plan, const char *exact_sql,
                             rh_buf *out, rh_error *err)
{
    const rh_lite_table *stored = &plan->stored;
    bool first = true;
    rh_status status = rh_buf_append_str(out, "CREATE TABLE ", err);

    if (status == RH_OK)
        status = rh_sql_name_quote(stored->name, out, err);
    if (status == RH_OK)
        status = rh_buf_append_byte(out, '(', err);
    for (size_t i = 0; status == RH_OK && i < stored->count; i++) {
        if (!is_stored(plan, i))
            continue;
        if (!first)
            status = rh_buf_append_str(out, ", ", err);
        first = false;
        if (status == RH_OK)
            status = add_column(out, plan, i, exact_sql, err);
    }
    if (status == RH_OK && !stored->has_rowid)
        status = add_key(db, out, plan, err);
    if (status == RH_OK)
        status = rh_buf_append_str(out, stored->has_rowid ? ")" : ") WITHOUT ROWID", err);
    return status;
}

/* In untyped tables no column hides "rowid", and the column that is the rowid holds NULL. */
static bool names_rowid(const rh_lite_plan *plan)
{
    return plan->stored.has_rowid && (!plan->typed || plan->stored.rowid_name != NULL);
}

static rh_status add_insert_columns(const rh_lite_plan *plan, rh_buf *out, rh_error *err)
{
    bool first = true;
    rh_status status = RH_OK;

    if (names_rowid(plan)) {
        status = rh_sql_name_quote(plan->typed ? plan->stored.rowid_name : "rowid", out, err);
        first = false;
    }
    for (size_t i = 0; status == RH_OK && i < plan->stored.count; i++) {
        if (plan->stored.columns[i].generated || (plan->typed && (int)i == plan->stored.ipk))
            continue;
        if (!first)
            status = rh_buf_append_str(out, ", ", err);
        first = false;
        if (status == RH_OK)
            status = add_name(out, plan, i, err);
    }
    return status;
}

rh_status rh_lite_soft_insert(const rh_lite_plan *plan, rh_buf *out, int *out_first, rh_error *err)
{
    size_t parameters = plan->stored.record_count + (names_rowid(plan) ? 1 : 0);
    rh_status status = rh_buf_append_str(out, "INSERT INTO main.", err);

    if (plan->typed && plan->stored.ipk >= 0)
        parameters--;
    if (status == RH_OK)
        status = rh_sql_name_quote(plan->stored.name, out, err);
    if (status == RH_OK)
        status = rh_buf_append_byte(out, '(', err);
    if (status == RH_OK)
        status = add_insert_columns(plan, out, err);
    if (status == RH_OK)
        status = rh_buf_append_str(out, ") VALUES(?", err);
    for (size_t i = 1; status == RH_OK && i < parameters; i++)
        status = rh_buf_append_str(out, ", ?", err);
    if (status == RH_OK)
        status = rh_buf_append_byte(out, ')', err);
    *out_first = names_rowid(plan) ? 2 : 1;
    return status;
}
