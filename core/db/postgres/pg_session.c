/*
 * Sessions: one connection on the source's snapshot; COPY out of one range at a time.
 *
 * Rows go from libpq's buffer into the batch with one copy. Whatever goes wrong, the range fails:
 * the rows that came are counted and compared with the server's own count.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "pg_explain.h"
#include "pg_large_objects.h"
#include "pg_quote.h"
#include "pg_source.h"
#include "pg_statement.h"

typedef struct pg_session {
    rh_pg_source *source; /* borrowed */
    rh_pg *pg;
    bool copying; /* the settings for copying are on */
    rh_batch_builder batch;
} pg_session;

enum { EARLY_BYTES = 64 * 1024 }; /* enough to be worth handing on before we wait */

/* Times are written in UTC (docs/format.md), or the same rows would differ from one session's zone
 * to another's. */
static const char row_settings[] = "SET TimeZone = 'UTC'";

/* A range must be a TID range scan in heap order; EXPLAIN must see the server's own settings. */
static const char copy_settings[] = "SET enable_seqscan = off; SET enable_indexscan = off; "
                                    "SET enable_bitmapscan = off; SET jit = off; "
                                    "SET max_parallel_workers_per_gather = 0";
static const char plain_settings[] = "RESET enable_seqscan; RESET enable_indexscan; "
                                     "RESET enable_bitmapscan; RESET jit; "
                                     "RESET max_parallel_workers_per_gather";

rh_status rh_pg_session_open(void *handle, void **out, rh_error *err)
{
    rh_pg_source *source = handle;
    pg_session *session = rh_mem_zalloc(sizeof *session);
    int64_t lock_ms = source->options.lock_wait_us / 1000 + 1;
    rh_status status;

    if (session == NULL)
        return rh_error_oom(err);
    session->source = source;
    rh_batch_builder_init(&session->batch, source->options.max_row_bytes + RH_BATCH_TARGET_BYTES);
    status = rh_pg_source_connect(source, &session->pg, err);
    if (status == RH_OK)
        status = rh_pg_execf(session->pg, err,
                             "%s; SET statement_timeout = %" PRId64 "; SET lock_timeout = %" PRId64,
                             row_settings, source->options.range_timeout_us / 1000, lock_ms);
    if (status == RH_OK)
        *out = session;
    else
        rh_pg_session_close(session);
    return status;
}

void rh_pg_session_close(void *handle)
{
    pg_session *session = handle;

    if (session == NULL)
        return;
    rh_pg_close(session->pg);
    rh_batch_builder_done(&session->batch);
    rh_mem_free(session);
}

static rh_status switch_settings(pg_session *session, bool copying, rh_error *err)
{
    rh_status status;

    if (session->copying == copying)
        return RH_OK;
    status = rh_pg_exec(session->pg, copying ? copy_settings : plain_settings, err);
    if (status == RH_OK)
        session->copying = copying;
    return status;
}

/* ---- the statement ---- */

static rh_status append_range(rh_buf *sql, const rh_range *range, const char *condition,
                              rh_error *err)
{
    const char *word = " WHERE ";
    rh_status status = RH_OK;

    if (condition[0] != '\0') { /* the extension's own text, "WHERE ..." included */
        status = rh_buf_printf(sql, err, " %s", condition);
        word = " AND ";
    }
    if (status == RH_OK && range->from > INT64_MIN) {
        status = rh_buf_printf(sql, err, "%sctid >= '(%" PRId64 ",0)'::pg_catalog.tid", word,
                               range->from);
        word = " AND ";
    }
    if (status == RH_OK && range->to < INT64_MAX)
        status =
            rh_buf_printf(sql, err, "%sctid < '(%" PRId64 ",0)'::pg_catalog.tid", word, range->to);
    return status;
}

rh_status rh_pg_put_extra(const rh_table *table, const rh_extra_column *extra, rh_buf *out,
                          rh_error *err)
{
    /* In a CASE no function may give several rows; the cast makes it fit, or fail here. */
    return rh_buf_printf(out, err, "CASE WHEN true THEN (%s)::%s END", extra->sql,
                         table->columns[extra->column].type);
}

static rh_status put_columns(const rh_table *table, rh_buf *sql, rh_error *err)
{
    rh_status status = rh_pg_quote_columns(sql, table, false, err);

    for (size_t i = 0; status == RH_OK && i < table->extra_count; i++) {
        status = rh_buf_append_str(sql, ", ", err);
        if (status == RH_OK)
            status = rh_pg_put_extra(table, &table->extras[i], sql, err);
    }
    return status;
}

/* A plain COPY of the table where all of it is wanted, else COPY (SELECT ...). */
static rh_status copy_statement(const pg_session *session, const rh_table *table,
                                const rh_range *range, rh_buf *sql, rh_error *err)
{
    const char *condition = json_string_value(json_object_get(table->extra, "condition"));
    const char *encoding = PQparameterStatus(session->pg->conn, "server_encoding");
    size_t first_rows = session->source->options.first_rows;
    bool whole = range->from == INT64_MIN && range->to == INT64_MAX &&
                 (condition == NULL || condition[0] == '\0') && table->extra_count == 0 &&
                 first_rows == 0;
    rh_status status = rh_buf_append_str(sql, whole ? "COPY " : "COPY (SELECT ", err);

    if (status == RH_OK && !whole) {
        status = put_columns(table, sql, err);
        if (status == RH_OK)
            status = rh_buf_append_str(sql, " FROM ONLY ", err);
    }
    if (status == RH_OK)
        status = rh_sql_name_quote_qualified(table->schema, table->name, sql, err);
    if (status == RH_OK && whole) {
        status = rh_buf_append_byte(sql, ' ', err);
        if (status == RH_OK)
            status = rh_pg_quote_columns(sql, table, true, err);
    }
    if (status == RH_OK && !whole) {
        status = append_range(sql, range, condition == NULL ? "" : condition, err);
        if (status == RH_OK && first_rows > 0)
            status = rh_buf_printf(sql, err, " LIMIT %zu", first_rows);
        if (status == RH_OK)
            status = rh_buf_append_byte(sql, ')', err);
    }
    if (status == RH_OK)
        status = rh_buf_printf(sql, err, " TO STDOUT (FORMAT text, ENCODING '%s')", encoding);
    return status;
}

/* ---- the rows ---- */

static rh_status hand_on(pg_session *session, const rh_row_sink *sink, rh_error *err)
{
    const rh_source_options *options = &session->source->options;
    rh_batch batch = rh_batch_builder_view(&session->batch);
    rh_status status = rh_rate_take(options->rate, batch.len, options->cancel, err);

    if (status == RH_OK)
        status = sink->put(sink->ctx, &batch, err);
    rh_batch_builder_clear(&session->batch);
    return status;
}

static rh_status take_row(pg_session *session, const char *row, size_t len, rh_error *err)
{
    const rh_source_options *options = &session->source->options;
    rh_status status;

    if (len > options->max_row_bytes) {
        rh_error_set(err, RH_ELIMIT, "a row of %zu bytes is longer than the limit of %zu", len,
                     options->max_row_bytes);
        rh_error_hint(err, "--max-row raises it; such a row takes three times its size in memory");
        return RH_ELIMIT;
    }
    status = rh_buf_append(&session->batch.data, row, len, err);
    if (status == RH_OK)
        status = rh_batch_builder_end_row(&session->batch, err);
    return status;
}

/* Until the server says that the copy is over: RH_OK then, with the rows that came. */
static rh_status receive(pg_session *session, const rh_row_sink *sink, int64_t *out_rows,
                         rh_error *err)
{
    PGconn *conn = session->pg->conn;
    rh_status status = RH_OK;

    while (status == RH_OK) {
        char *row = NULL;
        int len = PQgetCopyData(conn, &row, 1);

        if (len > 0) {
            status = take_row(session, row, (size_t)len, err);
            PQfreemem(row);
            (*out_rows)++;
            if (status == RH_OK && rh_batch_builder_full(&session->batch))
                status = hand_on(session, sink, err);
        } else if (len == 0) {
            /* The server has time to go on while the sink works; it would wake us for each 8 KiB
             * otherwise. */
            if (session->batch.data.len >= EARLY_BYTES)
                status = hand_on(session, sink, err);
            if (status == RH_OK)
                status = rh_pg_wait_readable(session->pg, err);
            if (status == RH_OK && !PQconsumeInput(conn))
                status = rh_pg_fail(session->pg, NULL, err);
        } else if (len == -1) {
            return RH_OK;
        } else {
            status = rh_pg_fail(session->pg, NULL, err);
        }
    }
    return status;
}

/* After an error of ours: stop the server and read what it still sends, so that nothing waits. */
static void abandon(pg_session *session)
{
    rh_error ignored = RH_ERROR_INIT;
    int64_t rows = 0;

    if (PQstatus(session->pg->conn) == CONNECTION_BAD)
        return;
    rh_pg_cancel(session->pg);
    if (rh_pg_skip_copy(session->pg, &ignored) == RH_OK)
        (void)!rh_pg_drain(session->pg, &rows, &ignored);
}

static rh_status copy_range(pg_session *session, const rh_table *table, const rh_range *range,
                            const rh_row_sink *sink, rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    int64_t received = 0;
    int64_t sent = 0;
    rh_status status = switch_settings(session, true, err);

    if (status == RH_OK)
        status = copy_statement(session, table, range, &sql, err);
    if (status == RH_OK)
        status = rh_pg_copy_start(session->pg, rh_buf_cstr(&sql), PGRES_COPY_OUT, err);
    if (status != RH_OK)
        goto out;
    rh_batch_builder_clear(&session->batch);
    status = receive(session, sink, &received, err);
    if (status != RH_OK) {
        abandon(session);
        goto out;
    }
    status = rh_pg_drain(session->pg, &sent, err);
    if (status == RH_OK && session->batch.rows > 0)
        status = hand_on(session, sink, err);
    if (status == RH_OK && sent != received)
        status = rh_error_set(err, RH_ECONNECT, "%" PRId64 " rows came, the server sent %" PRId64,
                              received, sent);
out:
    rh_buf_done(&sql);
    return status;
}

rh_status rh_pg_session_rows(void *handle, const rh_table *table, const rh_range *range,
                             const rh_row_sink *sink, rh_error *err)
{
    pg_session *session = handle;
    rh_status status;

    if (table->kind == RH_TABLE_LARGE_OBJECTS)
        status = rh_pg_lo_read(session->pg, &session->source->options, sink, err);
    else
        status = copy_range(session, table, range, sink, err);
    if (status != RH_OK) {
        rh_error_where(err, "table '%s'", table->full_name);
        if (status == RH_ELIMIT && err != NULL && strcmp(err->sqlstate, "57014") == 0)
            rh_error_hint(err, "the time limit for one range was reached: raise it");
        if (status == RH_EBUSY)
            rh_error_hint(err, "another session waits to change the table: run again");
    }
    return status;
}

rh_status rh_pg_session_explain(void *handle, const char *sql, json_t **out, rh_error *err)
{
    pg_session *session = handle;
    rh_status status = switch_settings(session, false, err);

    return status == RH_OK ? rh_pg_explain(session->pg, sql, out, err) : status;
}
