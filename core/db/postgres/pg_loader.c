/*
 * Loaders: rows into one table by COPY, on a connection of their own.
 *
 * Loading the whole of a table: TRUNCATE and COPY in one transaction, which allows FREEZE: rows are
 * written as visible to all and need no vacuum. A loader that shares a table uses a plain COPY, and
 * so does one whose rows go to whatever partition they belong to (core/routes.h).
 */
#include <string.h>

#include "core/mem.h"
#include "core/num.h"
#include "core/routes.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "pg_large_objects.h"
#include "pg_quote.h"
#include "pg_statement.h"
#include "pg_target.h"

typedef struct pg_loader {
    rh_pg_target *target; /* borrowed */
    rh_pg *pg;
    char encoding[32]; /* of the rows */
} pg_loader;

rh_status rh_pg_loader_open(void *handle, void **out, rh_error *err)
{
    rh_pg_target *target = handle;
    const char *encoding = json_string_value(json_object_get(target->input->facts, "encoding"));
    pg_loader *loader = rh_mem_zalloc(sizeof *loader);
    rh_status status;

    if (loader == NULL)
        return rh_error_oom(err);
    loader->target = target;
    if (!rh_str_copy(loader->encoding, sizeof loader->encoding,
                     encoding == NULL ? "UTF8" : encoding) ||
        strspn(loader->encoding, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789") !=
            strlen(loader->encoding))
        status = rh_error_set(err, RH_EFORMAT, "the snapshot's encoding has no sensible name");
    else
        status = rh_pg_target_connect(target, &loader->pg, err);
    if (status == RH_OK)
        *out = loader;
    else
        rh_pg_loader_close(loader);
    return status;
}

void rh_pg_loader_close(void *handle)
{
    pg_loader *loader = handle;

    if (loader == NULL)
        return;
    rh_pg_close(loader->pg);
    rh_mem_free(loader);
}

/* into: the table itself, or the one that its rows are loaded through. */
static rh_status copy_statement(const pg_loader *loader, const rh_table *table,
                                const rh_route *into, bool freeze, rh_buf *sql, rh_error *err)
{
    rh_status status = rh_buf_append_str(sql, "COPY ", err);

    if (status == RH_OK)
        status = rh_sql_name_quote_qualified(into->schema, into->name, sql, err);
    if (status == RH_OK)
        status = rh_buf_append_byte(sql, ' ', err);
    if (status == RH_OK)
        status = rh_pg_quote_columns(sql, table, true, err);
    if (status == RH_OK)
        status = rh_buf_printf(sql, err, " FROM STDIN (FORMAT text, ENCODING '%s'%s)",
                               loader->encoding, freeze ? ", FREEZE" : "");
    return status;
}

/* TRUNCATE in our transaction is what allows FREEZE; without that right a plain COPY does. */
static rh_status truncate_table(pg_loader *loader, const rh_table *table, bool *out_freeze,
                                rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_error refused = RH_ERROR_INIT;
    rh_status status = rh_buf_append_str(&sql, "TRUNCATE ONLY ", err);

    if (status == RH_OK)
        status = rh_sql_name_quote_qualified(table->schema, table->name, &sql, err);
    if (status == RH_OK)
        status = rh_pg_exec(loader->pg, rh_buf_cstr(&sql), &refused);
    if (status == RH_OK) {
        *out_freeze = true;
    } else if (status == RH_EPRIVILEGE || status == RH_EDB) {
        *out_freeze = false;
        status = rh_pg_exec(loader->pg, "ROLLBACK; BEGIN", err);
    } else {
        status = rh_error_set(err, status, "%s", refused.text);
    }
    rh_buf_done(&sql);
    return status;
}

/* Where in the COPY the server stopped: its context up to the column's name, never the value. */
static void add_place(const PGresult *result, rh_error *err)
{
    const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);
    const char *line = context == NULL ? NULL : strstr(context, ", line ");
    size_t len = line == NULL ? 0 : strspn(line + 7, "0123456789");

    if (line != NULL && len > 0 && len < 20)
        rh_error_where(err, "row %.*s", (int)len, line + 7);
}

static rh_status finish_copy(rh_pg *pg, int64_t *out_rows, rh_error *err)
{
    rh_status status = RH_OK;
    rh_error ignored = RH_ERROR_INIT;

    for (;;) {
        PGresult *result = NULL;
        rh_status read = rh_pg_next_result(pg, &result, status == RH_OK ? err : &ignored);

        if (read != RH_OK || result == NULL)
            return status == RH_OK ? read : status;
        if (status == RH_OK && PQresultStatus(result) != PGRES_COMMAND_OK) {
            status = rh_pg_fail(pg, result, err);
            add_place(result, err);
        } else if (status == RH_OK) {
            int64_t rows = -1;
            const char *text = PQcmdTuples(result);
            if (rh_num_scan_int64(text, strlen(text), &rows))
                *out_rows = rows;
        }
        PQclear(result);
    }
}

static rh_status send_rows(pg_loader *loader, const rh_row_reader *rows, int64_t *out_rows,
                           rh_error *err)
{
    const rh_cancel *cancel = loader->target->options.cancel;
    rh_error refused = RH_ERROR_INIT;
    rh_error ignored = RH_ERROR_INIT;
    rh_status taken = RH_OK;
    rh_status status = RH_OK;

    while (status == RH_OK && taken == RH_OK) {
        const uint8_t *data = NULL;
        size_t len = 0;

        status = rh_cancel_check(cancel, err);
        if (status == RH_OK)
            status = rows->next(rows->ctx, &data, &len, err);
        if (status == RH_OK)
            taken = rh_pg_put_copy(loader->pg, (const char *)data, (int)len, &refused);
    }
    if (taken == RH_ECANCELED)
        return rh_error_set(err, taken, "%s", refused.text);
    if (taken != RH_OK) { /* the result says why */
        status = finish_copy(loader->pg, out_rows, err);
        return status == RH_OK ? rh_error_set(err, taken, "%s", refused.text) : status;
    }
    if (status == RH_DONE) {
        (void)PQputCopyEnd(loader->pg->conn, NULL);
        *out_rows = -1;
        status = finish_copy(loader->pg, out_rows, err);
        if (status == RH_OK && *out_rows < 0)
            status = rh_error_set(err, RH_EDB, "the server did not say how many rows it stored");
        return status;
    }
    (void)PQputCopyEnd(loader->pg->conn, "rehearse: abandoned");
    (void)!finish_copy(loader->pg, out_rows, &ignored);
    return status;
}

static rh_status load_table(pg_loader *loader, const rh_table *table, bool whole,
                            const rh_row_reader *rows, int64_t *out_rows, rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_route into = {table->schema, table->name};
    bool freeze = false;
    int64_t stored = 0;
    rh_status status = rh_pg_exec(loader->pg, "BEGIN", err);
    bool shared =
        rh_route_find(loader->target->input->facts, table->schema, table->name, &into) || !whole;

    /* The script of an extension may have put rows of its own into its tables: they stay. */
    if (status == RH_OK && !shared && json_object_get(table->extra, "extension") == NULL)
        status = truncate_table(loader, table, &freeze, err);
    if (status == RH_OK)
        status = copy_statement(loader, table, &into, freeze, &sql, err);
    if (status == RH_OK)
        status = rh_pg_copy_start(loader->pg, rh_buf_cstr(&sql), PGRES_COPY_IN, err);
    if (status == RH_OK)
        status = send_rows(loader, rows, &stored, err);
    if (status == RH_OK)
        status = rh_pg_exec(loader->pg, "COMMIT", err);
    if (status == RH_OK)
        *out_rows = stored;
    else
        rh_pg_exec_quietly(loader->pg, "ROLLBACK");
    rh_buf_done(&sql);
    return status;
}

rh_status rh_pg_loader_load(void *handle, const rh_table *table, bool whole,
                            const rh_row_reader *rows, int64_t *out_rows, rh_error *err)
{
    pg_loader *loader = handle;
    rh_status status;

    if (table->kind == RH_TABLE_LARGE_OBJECTS)
        status = rh_pg_lo_write(loader->pg, rows, out_rows, err);
    else
        status = load_table(loader, table, whole, rows, out_rows, err);
    if (status != RH_OK)
        rh_error_where(err, "table '%s'", table->full_name);
    return status;
}
