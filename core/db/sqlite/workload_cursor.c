/*
 * Executions of a workload file as items of the workload seam.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/arena.h"
#include "core/buf.h"
#include "core/mem.h"
#include "lite_conn.h"
#include "lite_sql.h"
#include "workload_params.h"
#include "workload_reader.h"

/* Columns of sql/workload_read.sql. */
enum {
    AT_ID,
    AT_SESSION,
    AT_TX,
    AT_TEXT,
    AT_START,
    AT_DURATION,
    AT_PROTOCOL,
    AT_NAME,
    AT_PARAMETERS,
    AT_ROWS,
    AT_SQLSTATE,
    AT_SOURCE,
    AT_LINE,
    AT_UNREPLAYABLE,
    AT_UNIT,
    AT_SQL,
    AT_STATEMENT,
    AT_PATH = AT_STATEMENT + 5,
};

struct rh_workload_cursor {
    rh_workload_file *file;
    sqlite3_stmt *stmt;
    sqlite3_stmt *totals; /* of one execution; NULL: there are none */
    rh_arena *arena;      /* of the parameters of one item */
    rh_workload_order order;
    rh_workload_statement statement;
    rh_workload_item last; /* numbers only: what the order is checked against */
    bool started;
    bool done;
};

static const char *order_sql(const rh_workload_file *file, rh_workload_order order)
{
    if (order == RH_WORKLOAD_ORDER_SESSION)
        return "session, start_us, id";
    if (order == RH_WORKLOAD_ORDER_TIME && !file->summary.time_ordered)
        return "start_us, id";
    return "id";
}

static rh_status prepare(rh_workload_cursor *cursor, rh_error *err)
{
    static const char totals_sql[] =
        "SELECT calls, total_us, rows FROM main.totals WHERE execution = ?1";
    static const char mark[] = "@order@";
    const char *at = strstr(rh_lite_sql_workload_read, mark);
    rh_buf sql = RH_BUF_INIT;
    rh_error detail = RH_ERROR_INIT;
    rh_status status = rh_buf_append(&sql, rh_lite_sql_workload_read,
                                     (size_t)(at - rh_lite_sql_workload_read), &detail);

    if (status == RH_OK)
        status = rh_buf_append_str(&sql, order_sql(cursor->file, cursor->order), &detail);
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, at + strlen(mark), &detail);
    if (status == RH_OK)
        status = rh_lite_prepare(cursor->file->db, rh_buf_cstr(&sql), &cursor->stmt, &detail);
    if (status == RH_OK && cursor->file->totals)
        status = rh_lite_prepare(cursor->file->db, totals_sql, &cursor->totals, &detail);
    rh_buf_done(&sql);
    return status == RH_OK ? RH_OK : rh_workload_damaged(cursor->file, status, &detail, err);
}

static void bind(sqlite3_stmt *stmt, const rh_workload_filter *filter)
{
    char hex[17];

    sqlite3_bind_int64(stmt, 1, (int64_t)filter->session);
    if (filter->by_fingerprint) {
        (void)snprintf(hex, sizeof hex, "%016" PRIx64, filter->fingerprint);
        sqlite3_bind_text(stmt, 2, hex, -1, SQLITE_TRANSIENT);
    }
    sqlite3_bind_int64(stmt, 3, filter->from_us);
    sqlite3_bind_int64(stmt, 4, filter->until_us);
    sqlite3_bind_int(stmt, 5, filter->replayable ? 1 : 0);
}

rh_status rh_workload_cursor_open(rh_workload_file *file, const rh_workload_filter *filter,
                                  rh_workload_cursor **out, rh_error *err)
{
    rh_workload_cursor *cursor = rh_mem_zalloc(sizeof *cursor);
    rh_status status;

    if (cursor == NULL)
        return rh_error_oom(err);
    cursor->file = file;
    cursor->order = filter->order;
    cursor->arena = rh_arena_new_wiping(0);
    rh_workload_budget(file);
    status = cursor->arena != NULL ? prepare(cursor, err) : rh_error_oom(err);
    if (status != RH_OK) {
        rh_workload_cursor_close(cursor);
        return status;
    }
    bind(cursor->stmt, filter);
    *out = cursor;
    return RH_OK;
}

void rh_workload_cursor_close(rh_workload_cursor *cursor)
{
    if (cursor == NULL)
        return;
    sqlite3_finalize(cursor->stmt);
    sqlite3_finalize(cursor->totals);
    rh_arena_free(cursor->arena);
    rh_mem_free(cursor);
}

/* ---- one row ---- */

static rh_status read_numbers(sqlite3_stmt *stmt, rh_workload_item *item, rh_error *err)
{
    const struct {
        int at;
        uint64_t *out;
    } numbers[] = {
        {AT_ID, &item->execution}, {AT_SESSION, &item->session}, {AT_TX, &item->transaction},
        {AT_TEXT, &item->text},    {AT_SOURCE, &item->source},   {AT_LINE, &item->source_line},
        {AT_UNIT, &item->unit},
    };
    uint64_t protocol = 0;
    rh_status status = rh_workload_column_number(stmt, AT_PROTOCOL, &protocol, err);

    for (size_t i = 0; status == RH_OK && i < sizeof numbers / sizeof numbers[0]; i++)
        status = rh_workload_column_number(stmt, numbers[i].at, numbers[i].out, err);
    if (status == RH_OK)
        status = rh_workload_column_time(stmt, AT_START, &item->time_us, err);
    if (status == RH_OK)
        status = rh_workload_column_count(stmt, AT_DURATION, &item->duration_us, err);
    if (status == RH_OK)
        status = rh_workload_column_count(stmt, AT_ROWS, &item->rows, err);
    if (status == RH_OK && (protocol > RH_WORKLOAD_PREPARED || item->session == 0))
        status = rh_error_set(err, RH_EFORMAT, "an execution has no session, or no known protocol");
    item->protocol = (rh_workload_protocol)protocol;
    return status;
}

static rh_status read_texts(sqlite3_stmt *stmt, rh_workload_item *item, rh_error *err)
{
    const struct {
        int at;
        const char **out;
    } texts[] = {
        {AT_NAME, &item->prepared_name},
        {AT_SQLSTATE, &item->sqlstate},
        {AT_UNREPLAYABLE, &item->unreplayable},
        {AT_PATH, &item->source_file},
    };
    rh_status status = rh_workload_column_some(stmt, AT_SQL, &item->sql, err);

    for (size_t i = 0; status == RH_OK && i < sizeof texts / sizeof texts[0]; i++)
        status = rh_workload_column_text(stmt, texts[i].at, texts[i].out, err);
    return status;
}

static rh_status read_parameters(rh_workload_cursor *cursor, rh_workload_item *item, rh_error *err)
{
    rh_parameter *parameters = NULL;
    const char *text = NULL;
    rh_status status = rh_workload_column_text(cursor->stmt, AT_PARAMETERS, &text, err);

    if (status != RH_OK || text == NULL)
        return status;
    rh_arena_reset(cursor->arena);
    status = rh_workload_params_read(text, strlen(text), cursor->arena, &parameters,
                                     &item->parameter_count, err);
    item->parameters = parameters;
    return status;
}

static rh_status read_totals(const rh_workload_cursor *cursor, rh_workload_item *item,
                             rh_error *err)
{
    rh_status status;

    if (cursor->totals == NULL)
        return RH_OK;
    sqlite3_reset(cursor->totals);
    sqlite3_bind_int64(cursor->totals, 1, (int64_t)item->execution);
    status = rh_workload_step(cursor->file, cursor->totals, err);
    if (status != RH_OK)
        return status == RH_DONE ? RH_OK : status;
    status = rh_workload_column_time(cursor->totals, 0, &item->calls, err);
    if (status == RH_OK)
        status = rh_workload_column_count(cursor->totals, 1, &item->total_us, err);
    if (status == RH_OK)
        status = rh_workload_column_count(cursor->totals, 2, &item->total_rows, err);
    return status;
}

/* A tree that leads back into itself gives rows again; nothing else would notice. */
static rh_status check_order(rh_workload_cursor *cursor, const rh_workload_item *item,
                             rh_error *err)
{
    const rh_workload_item *last = &cursor->last;
    bool by_session = cursor->order == RH_WORKLOAD_ORDER_SESSION;
    bool by_time = cursor->order != RH_WORKLOAD_ORDER_STORED;
    bool good = item->execution > last->execution;

    if (by_time && item->time_us != last->time_us)
        good = item->time_us > last->time_us;
    if (by_session && item->session != last->session)
        good = item->session > last->session;
    if (cursor->started && !good)
        return rh_error_set(err, RH_EFORMAT, "executions are not in the order that it promises");
    cursor->started = true;
    cursor->last.execution = item->execution;
    cursor->last.time_us = item->time_us;
    cursor->last.session = item->session;
    return RH_OK;
}

static rh_status read_item(rh_workload_cursor *cursor, rh_workload_item *item, rh_error *err)
{
    rh_status status = read_numbers(cursor->stmt, item, err);

    if (status == RH_OK)
        status = read_texts(cursor->stmt, item, err);
    if (status == RH_OK)
        status = rh_workload_column_statement(cursor->stmt, AT_STATEMENT, &cursor->statement, err);
    if (status == RH_OK)
        status = read_parameters(cursor, item, err);
    if (status == RH_OK)
        status = read_totals(cursor, item, err);
    if (status == RH_OK)
        status = check_order(cursor, item, err);
    item->statement = &cursor->statement;
    return status;
}

/* ---- the seam ---- */

static rh_status cursor_next(void *ctx, rh_workload_item *out, rh_error *err)
{
    rh_workload_cursor *cursor = ctx;
    rh_workload_item item = RH_WORKLOAD_ITEM_INIT;
    rh_error detail = RH_ERROR_INIT;
    rh_status status = cursor->done ? RH_DONE : rh_workload_step(cursor->file, cursor->stmt, err);

    cursor->done = status != RH_OK;
    if (status != RH_OK)
        return status;
    status = read_item(cursor, &item, &detail);
    if (status != RH_OK) {
        cursor->done = true;
        return rh_workload_damaged(cursor->file, status, &detail, err);
    }
    *out = item;
    return RH_OK;
}

static rh_status cursor_rewind(void *ctx, rh_error *err)
{
    rh_workload_cursor *cursor = ctx;

    (void)err;
    sqlite3_reset(cursor->stmt);
    rh_workload_budget(cursor->file);
    cursor->done = false;
    cursor->started = false;
    return RH_OK;
}

rh_workload rh_workload_from_cursor(rh_workload_cursor *cursor)
{
    rh_workload workload = {cursor_next, cursor_rewind, cursor};

    return workload;
}
