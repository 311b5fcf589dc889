#include "workload_batch.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "lite_conn.h"

enum {
    BATCH_ROWS = 64, /* their cells stay in the first cache */
    BATCH_TEXT_BYTES = 512 << 10,
    ARENA_BLOCK_BYTES = 64 << 10,
    BORROWED_BYTES = 16 << 10, /* texts from here on are not copied */
};

/* ---- the virtual table: rows of the batch that the module was registered with ---- */

typedef struct table {
    sqlite3_vtab base; /* first: SQLite's view of it */
    const rh_workload_batch *batch;
} table;

typedef struct cursor {
    sqlite3_vtab_cursor base; /* likewise */
    const rh_workload_batch *batch;
    const rh_workload_cell *row;
    const rh_workload_cell *end;
} cursor;

static int connect_table(sqlite3 *db, void *batch, int argc, const char *const *argv,
                         sqlite3_vtab **out, char **error)
{
    table *t;
    int rc = sqlite3_declare_vtab(db, "CREATE TABLE x(a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p)");

    (void)argc, (void)argv, (void)error;
    if (rc != SQLITE_OK)
        return rc;
    t = sqlite3_malloc(sizeof *t);
    if (t == NULL)
        return SQLITE_NOMEM;
    memset(t, 0, sizeof *t);
    t->batch = batch;
    *out = &t->base;
    return SQLITE_OK;
}

static int disconnect_table(sqlite3_vtab *base)
{
    sqlite3_free(base);
    return SQLITE_OK;
}

static int best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
    (void)base;
    info->estimatedCost = 1;
    return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **out)
{
    cursor *c = sqlite3_malloc(sizeof *c);

    if (c == NULL)
        return SQLITE_NOMEM;
    memset(c, 0, sizeof *c);
    c->batch = ((table *)base)->batch;
    *out = &c->base;
    return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
    sqlite3_free(base);
    return SQLITE_OK;
}

static int first_row(sqlite3_vtab_cursor *base, int number, const char *text, int argc,
                     sqlite3_value **argv)
{
    cursor *c = (cursor *)base;

    (void)number, (void)text, (void)argc, (void)argv;
    c->row = c->batch->cells;
    c->end = c->row + c->batch->rows * c->batch->columns;
    return SQLITE_OK;
}

static int next_row(sqlite3_vtab_cursor *base)
{
    cursor *c = (cursor *)base;

    c->row += c->batch->columns;
    return SQLITE_OK;
}

static int at_end(sqlite3_vtab_cursor *base)
{
    return ((cursor *)base)->row == ((cursor *)base)->end;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *result, int at)
{
    const rh_workload_cell *cell = &((cursor *)base)->row[at];

    if (cell->kind == RH_WORKLOAD_CELL_NUMBER)
        sqlite3_result_int64(result, cell->number);
    else if (cell->kind == RH_WORKLOAD_CELL_TEXT)
        sqlite3_result_text64(result, cell->text, (sqlite3_uint64)cell->number, SQLITE_STATIC,
                              SQLITE_UTF8);
    return SQLITE_OK;
}

static int row_number(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
    const cursor *c = (const cursor *)base;

    *out = (c->row - c->batch->cells) / (sqlite3_int64)c->batch->columns;
    return SQLITE_OK;
}

static const sqlite3_module module = {
    .xConnect = connect_table, /* without xCreate: it is there by its name */
    .xBestIndex = best_index,
    .xDisconnect = disconnect_table,
    .xOpen = open_cursor,
    .xClose = close_cursor,
    .xFilter = first_row,
    .xNext = next_row,
    .xEof = at_end,
    .xColumn = column,
    .xRowid = row_number,
};

/* ---- the batch ---- */

static uint32_t columns_in_use(const rh_workload_batch *batch)
{
    uint32_t used = 0;

    for (size_t row = 0; row < batch->rows; row++) {
        const rh_workload_cell *cells = &batch->cells[row * batch->columns];

        for (size_t i = 0; i < batch->columns; i++)
            used |= (uint32_t)(cells[i].kind != RH_WORKLOAD_CELL_NULL) << i;
    }
    return used;
}

/* "a, c, d": of the columns in use their names, or those that the virtual table has for them. */
static size_t list_columns(const rh_workload_batch *batch, uint32_t used, bool own, char *out,
                           size_t size)
{
    size_t n = 0;

    for (size_t i = 0; i < batch->columns; i++) {
        if ((used >> i & 1) == 0)
            continue;
        if (own)
            n += (size_t)snprintf(out + n, size - n, "%s%s", n == 0 ? "" : ",", batch->names[i]);
        else
            n += (size_t)snprintf(out + n, size - n, "%s%c", n == 0 ? "" : ",",
                                  "abcdefghijklmnop"[i]);
    }
    return n;
}

/* INSERT INTO main.NAME(session, tx ...) SELECT a, b ... FROM rows_NAME */
static rh_status prepare(const rh_workload_batch *batch, uint32_t used, sqlite3_stmt **out,
                         rh_error *err)
{
    char sql[512];
    size_t n = (size_t)snprintf(sql, sizeof sql, "INSERT INTO main.%s(", batch->table);

    n += list_columns(batch, used, true, sql + n, sizeof sql - n);
    n += (size_t)snprintf(sql + n, sizeof sql - n, ") SELECT ");
    n += list_columns(batch, used, false, sql + n, sizeof sql - n);
    (void)snprintf(sql + n, sizeof sql - n, " FROM rows_%s", batch->table);
    return rh_lite_prepare(batch->db, sql, out, err);
}

/* The statement for the columns in use. A column that is NULL in all rows costs nothing then: of a
 * log's executions five of fifteen usually are. */
static rh_status choose_form(rh_workload_batch *batch, sqlite3_stmt **out, rh_error *err)
{
    uint32_t used = columns_in_use(batch);
    rh_workload_form *form = NULL;
    rh_status status = RH_OK;

    for (size_t i = 0; i < RH_WORKLOAD_BATCH_FORMS && form == NULL; i++) {
        if (batch->forms[i].columns == used)
            form = &batch->forms[i];
    }
    if (form == NULL) {
        form = &batch->forms[batch->next_form];
        batch->next_form = (batch->next_form + 1) % RH_WORKLOAD_BATCH_FORMS;
        sqlite3_finalize(form->insert);
        *form = (rh_workload_form){0};
        status = prepare(batch, used, &form->insert, err);
        if (status == RH_OK)
            form->columns = used;
    }
    *out = form->insert;
    return status;
}

rh_status rh_workload_batch_init(rh_workload_batch *batch, sqlite3 *db, const char *table_name,
                                 const char *const *names, size_t columns, rh_error *err)
{
    char module_name[64];
    int rc;

    assert(columns > 0 && columns <= RH_WORKLOAD_BATCH_COLUMNS);
    memset(batch, 0, sizeof *batch);
    batch->db = db;
    batch->table = table_name;
    batch->names = names;
    batch->columns = columns;
    batch->arena = rh_arena_new_wiping(ARENA_BLOCK_BYTES);
    batch->cells = rh_mem_array(BATCH_ROWS * columns, sizeof *batch->cells);
    if (batch->arena == NULL || batch->cells == NULL)
        return rh_error_oom(err);
    (void)snprintf(module_name, sizeof module_name, "rows_%s", table_name);
    rc = sqlite3_create_module(db, module_name, &module, batch);
    return rc == SQLITE_OK ? RH_OK : rh_lite_fail(db, rc, err);
}

void rh_workload_batch_done(rh_workload_batch *batch)
{
    for (size_t i = 0; i < RH_WORKLOAD_BATCH_FORMS; i++)
        sqlite3_finalize(batch->forms[i].insert);
    rh_arena_free(batch->arena);
    rh_mem_free(batch->cells);
    memset(batch, 0, sizeof *batch);
}

rh_workload_cell *rh_workload_batch_row(rh_workload_batch *batch)
{
    rh_workload_cell *row = &batch->cells[batch->rows * batch->columns];

    assert(batch->rows < BATCH_ROWS);
    memset(row, 0, batch->columns * sizeof *row);
    return row;
}

rh_status rh_workload_batch_text(rh_workload_batch *batch, rh_workload_cell *cell, const char *text,
                                 size_t len, rh_error *err)
{
    if (text == NULL)
        return RH_OK;
    if (len >= BORROWED_BYTES) {
        batch->full = true;
    } else {
        text = rh_arena_strndup(batch->arena, text, len);
        if (text == NULL)
            return rh_error_oom(err);
        batch->bytes += len;
    }
    *cell = (rh_workload_cell){RH_WORKLOAD_CELL_TEXT, (int64_t)len, text};
    return RH_OK;
}

rh_status rh_workload_batch_end(rh_workload_batch *batch, rh_error *err)
{
    batch->rows++;
    if (!batch->full && batch->rows < BATCH_ROWS && batch->bytes < BATCH_TEXT_BYTES)
        return RH_OK;
    return rh_workload_batch_flush(batch, err);
}

rh_status rh_workload_batch_flush(rh_workload_batch *batch, rh_error *err)
{
    sqlite3_stmt *insert = NULL;
    rh_status status;
    int rc;

    if (batch->rows == 0)
        return RH_OK;
    status = choose_form(batch, &insert, err);
    if (status != RH_OK)
        return status;
    rc = sqlite3_step(insert);
    if (rc != SQLITE_DONE)
        status = rh_lite_fail(batch->db, rc, err);
    sqlite3_reset(insert);
    batch->written += batch->rows;
    assert(status != RH_OK ||
           sqlite3_last_insert_rowid(batch->db) == (sqlite3_int64)batch->written);
    rh_arena_reset(batch->arena);
    batch->rows = 0;
    batch->bytes = 0;
    batch->full = false;
    return status;
}
