/*
 * See take_rows.h.
 *
 * Invariants
 *   1. The store's stream belongs to one thread at a time: during a range to the pipe's, else, when
 * the pipe is empty, to the row thread.
 *   2. Rows reach the store in the order in which the session gave them, so that the same bytes are
 * stored with and without a pipe.
 *
 *   session -> take_batch (masks) [-> pipe] -> store_batch
 *
 * Masking stays with reading: a thread that only reads would be woken for each 8 KiB that a server
 * sends, and the two halves cost about the same.
 */
#include "take_rows.h"

#include <string.h>

#include "row_pipe.h"

/* One row thread's working set. */
typedef struct row_worker {
    const rh_take_rows *task;
    rh_pool *pool;
    rh_session *session;
    rh_store_stream *stream;
    void *filter_state;
    const rh_table *filter_table;
    rh_row_pipe *pipe; /* to the thread that stores; NULL: this one does */
    rh_row_sink store; /* the pipe, or store_batch */
} row_worker;

/* ---- a batch's way ---- */

static rh_status store_batch(void *ctx, const rh_batch *batch, rh_error *err)
{
    row_worker *worker = ctx;

    return rh_store_rows(worker->stream, batch, err);
}

static rh_status take_batch(void *ctx, const rh_batch *batch, rh_error *err)
{
    row_worker *worker = ctx;
    const rh_row_filter *filter = worker->task->filter;
    rh_batch masked = *batch;
    rh_status status = RH_OK;

    if (rh_pool_stopping(worker->pool))
        return rh_error_set(err, RH_ECANCELED, "stopped because another worker failed");
    if (atomic_load(worker->task->over_limit))
        return rh_error_set(err, RH_ELIMIT, "the hold limit was reached");
    if (filter != NULL)
        status = filter->apply(worker->filter_state, batch, &masked, err);
    if (status != RH_OK)
        return status;
    rh_progress_add(worker->task->progress, batch->len, batch->rows, 0);
    return worker->store.put(worker->store.ctx, &masked, err);
}

/* ---- ranges ---- */

/* A filter keeps state per worker and table: change it when the table changes. */
static rh_status follow_table(row_worker *worker, const rh_table *table, rh_error *err)
{
    const rh_row_filter *filter = worker->task->filter;

    if (filter == NULL || worker->filter_table == table)
        return RH_OK;
    if (worker->filter_state != NULL)
        filter->table_close(worker->filter_state);
    worker->filter_state = NULL;
    worker->filter_table = NULL;

    rh_status status = filter->table_open(filter->ctx, table, &worker->filter_state, err);

    if (status == RH_OK)
        worker->filter_table = table;
    return status;
}

/* All rows of a range, through to the store. */
static rh_status read_range(row_worker *worker, const rh_table *table, const rh_range *range,
                            rh_error *err)
{
    const rh_row_sink sink = {take_batch, worker};
    rh_status status = rh_session_rows(worker->session, table, range, &sink, err);

    if (status == RH_OK && worker->pipe != NULL)
        status = rh_row_pipe_drain(worker->pipe, err);
    return status;
}

static rh_status copy_item(row_worker *worker, const rh_schedule_item *item, rh_error *err)
{
    const rh_take_rows *task = worker->task;
    const rh_table *table = &task->catalog->tables[item->table];
    const rh_range *range = &table->ranges[item->first];
    rh_store_range *stored = &task->tables[item->table].ranges[item->first];
    rh_status status = follow_table(worker, table, err);

    if (status == RH_OK)
        status = rh_store_range_begin(worker->stream, table, range, err);
    if (status == RH_OK)
        status = read_range(worker, table, range, err);
    if (status == RH_OK)
        status = rh_store_range_end(worker->stream, stored, err);
    if (status == RH_OK)
        atomic_fetch_add(task->copied, 1);
    else if (err != NULL && strstr(err->text, table->full_name) == NULL)
        rh_error_where(err, "table '%s'", table->full_name); /* engines may have named it */
    return status;
}

/* ---- life cycle ---- */

static rh_status open_store(row_worker *worker, rh_error *err)
{
    rh_status status = rh_store_stream_open(worker->task->store, &worker->stream, err);

    worker->store = (rh_row_sink){store_batch, worker};
    if (status != RH_OK || !worker->task->staged)
        return status;
    status = rh_row_pipe_start(&worker->store, &worker->pipe, err);
    if (status == RH_OK)
        worker->store = rh_row_pipe_sink(worker->pipe);
    return status;
}

static void row_worker_done(row_worker *worker)
{
    rh_row_pipe_stop(worker->pipe); /* first: its thread works on the stream */
    if (worker->filter_state != NULL)
        worker->task->filter->table_close(worker->filter_state);
    rh_store_stream_free(worker->stream);
    rh_session_close(worker->session);
}

rh_status rh_take_rows_run(const rh_take_rows *task, rh_pool *pool, rh_error *err)
{
    row_worker worker = {.task = task, .pool = pool};
    const rh_schedule_item *item;
    rh_status status = rh_session_open(task->source, &worker.session, err);

    if (status == RH_SKIPPED)
        return RH_OK; /* the engine has fewer readers than asked for; the others do the work */
    if (status == RH_OK)
        status = open_store(&worker, err);
    while (status == RH_OK && !rh_pool_stopping(pool) &&
           (item = rh_schedule_take(task->schedule)) != NULL)
        status = copy_item(&worker, item, err);
    if (status == RH_OK && !rh_pool_stopping(pool))
        status = rh_store_stream_finish(worker.stream, err);
    row_worker_done(&worker);
    return status;
}
