/*
 * Invariants
 * 1. The target is only read, under one read transaction: every filling continues where the one
 *    before stopped, in the same snapshot.
 * 2. A copy holds its table's first rows in the order of the b-tree (rowid, or primary key), with
 *    their rowids: an append-only ledger as it was earlier. Triggers and foreign keys sleep
 *    while rows come in, and are awake again afterwards.
 */
#include "lite_call_copies.h"

#include <string.h>

#include "core/arena.h"
#include "core/mem.h"
#include "core/sql_name.h"
#include "lite_schema.h"
#include "lite_table.h"

enum { MAX_TABLES = 256, CANCEL_ROWS = 1024 };

typedef struct copy {
    rh_lite_table table;
    sqlite3_stmt *read; /* stands behind the last copied row */
    sqlite3_stmt *write;
    int64_t rows; /* of the original */
    int64_t copied;
} copy;

struct rh_lite_copies {
    sqlite3 *from;
    sqlite3 *to;
    const rh_cancel *cancel;
    rh_arena *arena;
    copy *tables;
    size_t count;
    rh_status status; /* of taking names, inside a callback */
};

void rh_lite_copies_free(rh_lite_copies *copies)
{
    if (copies == NULL)
        return;
    for (size_t i = 0; i < copies->count; i++) {
        sqlite3_finalize(copies->tables[i].read);
        sqlite3_finalize(copies->tables[i].write);
    }
    if (copies->from != NULL)
        (void)sqlite3_exec(copies->from, "ROLLBACK", NULL, NULL, NULL);
    rh_lite_close(copies->from);
    rh_arena_free(copies->arena);
    rh_mem_free(copies->tables);
    rh_mem_free(copies);
}

/* ---- which tables ---- */

static bool known(const rh_lite_copies *copies, const char *name)
{
    for (size_t i = 0; i < copies->count; i++) {
        if (sqlite3_stricmp(copies->tables[i].table.name, name) == 0)
            return true;
    }
    return false;
}

/* Authorizer: names whatever a statement, its views and its triggers touch. */
static int take_name(void *ctx, int action, const char *table, const char *column,
                     const char *database, const char *trigger)
{
    rh_lite_copies *copies = ctx;
    const char *name;

    (void)column;
    (void)trigger;
    if ((action != SQLITE_READ && action != SQLITE_INSERT && action != SQLITE_UPDATE &&
         action != SQLITE_DELETE) ||
        table == NULL || (database != NULL && strcmp(database, "main") != 0) ||
        sqlite3_strnicmp(table, "sqlite_", 7) == 0 || known(copies, table))
        return SQLITE_OK;
    name = copies->count == MAX_TABLES ? NULL : rh_arena_strdup(copies->arena, table);
    if (name == NULL) {
        copies->status = copies->count == MAX_TABLES ? RH_ELIMIT : RH_ENOMEM;
        return SQLITE_DENY;
    }
    copies->tables[copies->count++].table.name = name;
    return SQLITE_OK;
}

static rh_status find_tables(rh_lite_copies *copies, const char *const *statements, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && statements[i] != NULL; i++) {
        rh_error detail = RH_ERROR_INIT;
        sqlite3_stmt *stmt = NULL;

        (void)sqlite3_set_authorizer(copies->to, take_name, copies);
        status = rh_lite_prepare(copies->to, statements[i], &stmt, &detail);
        (void)sqlite3_set_authorizer(copies->to, NULL, NULL);
        sqlite3_finalize(stmt);
        if (copies->status == RH_ENOMEM)
            return rh_error_oom(err);
        if (copies->status != RH_OK)
            return rh_error_set(err, copies->status, "the statements use more than %d tables",
                                (int)MAX_TABLES);
        if (status != RH_OK && err != NULL && err->code == RH_OK)
            *err = detail;
    }
    return status;
}

/* ---- one table ---- */

/* Both statements list the rowid first, where there is one that can be named. */
static rh_status build_sql(const rh_lite_table *table, rh_buf *read, rh_buf *write, rh_error *err)
{
    rh_buf columns = RH_BUF_INIT;
    rh_buf name = RH_BUF_INIT;
    size_t count = 0;
    rh_status status = rh_sql_name_quote(table->name, &name, err);

    if (status == RH_OK && table->rowid_name != NULL) {
        status = rh_sql_name_quote(table->rowid_name, &columns, err);
        count++;
    }
    for (size_t i = 0; status == RH_OK && i < table->count; i++) {
        if (table->columns[i].generated || table->columns[i].hidden || (int)i == table->ipk)
            continue;
        if (count++ > 0)
            status = rh_buf_append_str(&columns, ", ", err);
        if (status == RH_OK)
            status = rh_sql_name_quote(table->columns[i].name, &columns, err);
    }
    if (status == RH_OK)
        status = rh_buf_printf(read, err, "SELECT %s FROM main.%s NOT INDEXED",
                               rh_buf_cstr(&columns), rh_buf_cstr(&name));
    if (status == RH_OK)
        status = rh_buf_printf(write, err, "INSERT INTO main.%s(%s) VALUES (?", rh_buf_cstr(&name),
                               rh_buf_cstr(&columns));
    for (size_t i = 1; status == RH_OK && i < count; i++)
        status = rh_buf_append_str(write, ",?", err);
    if (status == RH_OK)
        status = rh_buf_append_byte(write, ')', err);
    rh_buf_done(&columns);
    rh_buf_done(&name);
    return status;
}

static rh_status count_rows(const rh_lite_copies *copies, copy *c, rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_status status = rh_buf_append_str(&sql, "SELECT count(*) FROM main.", err);

    if (status == RH_OK)
        status = rh_sql_name_quote(c->table.name, &sql, err);
    if (status == RH_OK)
        status = rh_lite_get_int(copies->from, rh_buf_cstr(&sql), &c->rows, err);
    rh_buf_done(&sql);
    return status;
}

static rh_status begin_table(rh_lite_copies *copies, copy *c, rh_error *err)
{
    rh_buf read = RH_BUF_INIT, write = RH_BUF_INIT;
    rh_status status =
        rh_lite_table_read(copies->from, copies->arena, c->table.name, &c->table, err);

    if (status == RH_OK)
        status = count_rows(copies, c, err);
    if (status == RH_OK)
        status = build_sql(&c->table, &read, &write, err);
    if (status == RH_OK)
        status = rh_lite_prepare(copies->from, rh_buf_cstr(&read), &c->read, err);
    if (status == RH_OK)
        status = rh_lite_prepare(copies->to, rh_buf_cstr(&write), &c->write, err);
    rh_buf_done(&read);
    rh_buf_done(&write);
    return status;
}

static const rh_lite_object *find_object(const rh_lite_schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (sqlite3_stricmp(schema->items[i].name, name) == 0)
            return &schema->items[i];
    }
    return NULL;
}

/* Views were named, too, which hold no rows; and what a full-text table keeps its rows in, which it
 * fills itself. */
static rh_status keep_tables(rh_lite_copies *copies, rh_error *err)
{
    rh_lite_schema schema = RH_LITE_SCHEMA_INIT;
    size_t kept = 0;
    rh_status status = rh_lite_schema_read(copies->to, &schema, err);

    for (size_t i = 0; status == RH_OK && i < copies->count; i++) {
        const rh_lite_object *object = find_object(&schema, copies->tables[i].table.name);

        if (object != NULL && strcmp(object->type, "table") == 0 && object->shadow_of == NULL)
            copies->tables[kept++] = copies->tables[i];
    }
    if (status == RH_OK)
        copies->count = kept;
    rh_lite_schema_done(&schema);
    return status;
}

/* rh_lite_scratch_schema leaves triggers out, which are part of what a write costs. */
static rh_status copy_triggers(const rh_lite_copies *copies, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    rh_status status = rh_lite_prepare(
        copies->from, "SELECT sql FROM main.sqlite_master WHERE type = 'trigger' ORDER BY rowid",
        &stmt, err);

    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK)
        status = rh_lite_exec(copies->to, (const char *)sqlite3_column_text(stmt, 0), err);
    sqlite3_finalize(stmt);
    return status == RH_DONE ? RH_OK : status;
}

rh_status rh_lite_copies_open(const char *path, const rh_call_options *options,
                              const char *const *statements, sqlite3 *scratch, rh_lite_copies **out,
                              rh_error *err)
{
    rh_lite_copies *copies = rh_mem_zalloc(sizeof *copies);
    rh_status status;

    if (copies == NULL)
        return rh_error_oom(err);
    copies->to = scratch;
    copies->cancel = options->cancel;
    copies->arena = rh_arena_new(0);
    copies->tables = rh_mem_array(MAX_TABLES, sizeof *copies->tables);
    status = copies->arena == NULL || copies->tables == NULL ? rh_error_oom(err) : RH_OK;
    if (status == RH_OK)
        status = rh_lite_open(path, RH_LITE_SOURCE, options->lock_timeout_us, &copies->from, err);
    if (status == RH_OK) {
        rh_lite_allow_queries(copies->from, true);
        status = rh_lite_exec(copies->from, "BEGIN", err);
    }
    if (status == RH_OK)
        status = rh_lite_scratch_schema(copies->from, copies->to, err);
    if (status == RH_OK)
        status = copy_triggers(copies, err);
    if (status == RH_OK)
        status = find_tables(copies, statements, err);
    if (status == RH_OK)
        status = keep_tables(copies, err);
    for (size_t i = 0; status == RH_OK && i < copies->count; i++) {
        status = rh_cancel_check(options->cancel, err);
        if (status == RH_OK)
            status = begin_table(copies, &copies->tables[i], err);
    }
    if (status == RH_OK)
        *out = copies;
    else
        rh_lite_copies_free(copies);
    return status;
}

/* ---- rows ---- */

static rh_status copy_row(const copy *c, rh_error *err)
{
    rh_status status;

    for (int i = 0; i < sqlite3_column_count(c->read); i++) {
        if (sqlite3_bind_value(c->write, i + 1, sqlite3_column_value(c->read, i)) != SQLITE_OK)
            return rh_error_oom(err);
    }
    status = rh_lite_step(c->write, err);
    (void)sqlite3_reset(c->write);
    return status == RH_DONE ? RH_OK : status;
}

static rh_status fill_table(const rh_lite_copies *copies, copy *c, int64_t wanted, rh_error *err)
{
    rh_status status = RH_OK;

    while (status == RH_OK && c->copied < wanted) {
        if (c->copied % CANCEL_ROWS == 0)
            status = rh_cancel_check(copies->cancel, err);
        if (status == RH_OK)
            status = rh_lite_step(c->read, err);
        if (status == RH_OK)
            status = copy_row(c, err);
        if (status == RH_OK)
            c->copied++;
    }
    if (status != RH_OK && status != RH_DONE)
        rh_error_where(err, "copying table '%s'", c->table.name);
    return status == RH_DONE ? RH_OK : status;
}

rh_status rh_lite_copies_fill(rh_lite_copies *copies, int64_t rows, rh_error *err)
{
    int64_t largest = 0;
    int triggers = 0, keys = 0;
    rh_status status = rh_lite_exec(copies->to, "BEGIN", err);

    if (status != RH_OK)
        return status;
    (void)sqlite3_db_config(copies->to, SQLITE_DBCONFIG_ENABLE_TRIGGER, -1, &triggers);
    (void)sqlite3_db_config(copies->to, SQLITE_DBCONFIG_ENABLE_FKEY, -1, &keys);
    (void)sqlite3_db_config(copies->to, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    (void)sqlite3_db_config(copies->to, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL);
    for (size_t i = 0; i < copies->count; i++)
        largest = copies->tables[i].rows > largest ? copies->tables[i].rows : largest;
    for (size_t i = 0; status == RH_OK && i < copies->count; i++) {
        copy *c = &copies->tables[i];

        status = fill_table(copies, c, rh_call_copy_share(c->rows, rows, largest), err);
    }
    (void)sqlite3_db_config(copies->to, SQLITE_DBCONFIG_ENABLE_TRIGGER, triggers, NULL);
    if (status == RH_OK)
        status = rh_lite_exec(copies->to, "COMMIT", err);
    else
        (void)sqlite3_exec(copies->to, "ROLLBACK", NULL, NULL, NULL);
    (void)sqlite3_db_config(copies->to, SQLITE_DBCONFIG_ENABLE_FKEY, keys, NULL);
    return status;
}

rh_status rh_lite_copies_list(const rh_lite_copies *copies, json_t **out, rh_error *err)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < copies->count; i++) {
        const copy *c = &copies->tables[i];

        if (json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "table", c->table.name, "rows",
                                                  (json_int_t)c->rows, "copied",
                                                  (json_int_t)c->copied)) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    *out = list;
    return list == NULL ? rh_error_oom(err) : RH_OK;
}
