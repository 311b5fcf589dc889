/*
 * Re-masking: a stored snapshot through a filter into another repository.
 *
 * Invariants
 *   1. Every chunk is proved as it is read; counts and row hashes of each range are compared.
 *   2. Nothing is stored before the filter accepted the snapshot's structure.
 *   3. As for snapshots: a manifest is written only when every range ended well.
 *
 *   load -> begin filter -> copy_all (workers) -> sections -> manifest
 */
#include <rehearse/remask.h>

#include <stdatomic.h>
#include <string.h>

#include "core/clock.h"
#include "core/engine.h"
#include "core/mem.h"
#include "core/pool.h"
#include "core/progress.h"
#include "core/row_filter.h"
#include "fetch.h"
#include "schedule.h"
#include "store.h"
#include "take_manifest.h"

typedef struct remask_run {
    rh_repo *from;
    rh_repo *to;
    const rh_snapshot_options *options;
    rh_manifest *manifest;
    json_t *facts; /* the manifest's source, as the filter leaves it */
    rh_rows_format format;
    rh_store *store;
    rh_schedule schedule;
    rh_take_table *tables; /* by catalog index */
    size_t table_count;
    atomic_size_t done;
    int64_t started_us;
} remask_run;

/* One thread's working set. */
typedef struct remask_worker {
    remask_run *run;
    rh_pool *pool;
    rh_store_stream *stream;
    void *filter_state;
    const rh_table *table;
    rh_batch_builder rows; /* row ends of a chunk */
    rh_buf long_row;       /* pieces of a row longer than a chunk */
} remask_worker;

/* ---- rows ---- */

static rh_status follow_table(remask_worker *worker, const rh_table *table, rh_error *err)
{
    const rh_row_filter *filter = worker->run->options->filter;

    if (worker->table == table)
        return RH_OK;
    if (worker->filter_state != NULL)
        filter->table_close(worker->filter_state);
    worker->filter_state = NULL;
    worker->table = table;
    return filter->table_open(filter->ctx, table, &worker->filter_state, err);
}

static rh_status put_rows(remask_worker *worker, const uint8_t *data, size_t len, rh_error *err)
{
    const rh_row_filter *filter = worker->run->options->filter;
    rh_batch raw;
    rh_batch masked;
    rh_status status = rh_rows_split(worker->run->format, data, len, &worker->rows, &raw, err);

    if (status == RH_OK)
        status = filter->apply(worker->filter_state, &raw, &masked, err);
    if (status == RH_OK)
        status = rh_store_rows(worker->stream, &masked, err);
    if (status == RH_OK)
        rh_progress_add(worker->run->options->progress, len, raw.rows, 0);
    return status;
}

/* A chunk holds whole rows, or one piece of a long one; rows 0 means that more pieces follow. */
static rh_status put_chunk(remask_worker *worker, const uint8_t *data, size_t len, int64_t rows,
                           rh_error *err)
{
    rh_status status;

    if (rows > 0 && worker->long_row.len == 0)
        return put_rows(worker, data, len, err);
    status = rh_buf_append(&worker->long_row, data, len, err);
    if (status == RH_OK && rows > 0) {
        status = put_rows(worker, worker->long_row.data, worker->long_row.len, err);
        rh_buf_clear(&worker->long_row);
    }
    return status;
}

static rh_status copy_chunks(remask_worker *worker, rh_fetch *fetch, rh_error *err)
{
    const uint8_t *data = NULL;
    size_t len = 0;
    int64_t rows = 0;
    rh_status status;

    while ((status = rh_fetch_next(fetch, &data, &len, &rows, err)) == RH_OK) {
        if (rh_pool_stopping(worker->pool))
            return rh_error_set(err, RH_ECANCELED, "stopped because another worker failed");
        status = rh_cancel_check(worker->run->options->cancel, err);
        if (status == RH_OK)
            status = put_chunk(worker, data, len, rows, err);
        if (status != RH_OK)
            return status;
    }
    return status == RH_DONE ? RH_OK : status;
}

static rh_status copy_item(remask_worker *worker, const rh_schedule_item *item, rh_error *err)
{
    remask_run *run = worker->run;
    const rh_stored_table *stored = rh_manifest_table(run->manifest, item->table);
    const rh_range range = {stored->ranges[item->first].from, stored->ranges[item->first].to};
    rh_fetch *fetch = NULL;
    rh_status status = follow_table(worker, stored->table, err);

    if (status == RH_OK)
        status = rh_fetch_open(run->from, run->manifest, stored, item->first, 1, &fetch, err);
    if (status == RH_OK)
        status = rh_store_range_begin(worker->stream, stored->table, &range, err);
    if (status == RH_OK)
        status = copy_chunks(worker, fetch, err);
    if (status == RH_OK)
        status = rh_store_range_end(worker->stream,
                                    &run->tables[stored->table->index].ranges[item->first], err);
    if (status == RH_OK)
        atomic_fetch_add(&run->done, 1);
    else if (err != NULL && strstr(err->text, stored->table->full_name) == NULL)
        rh_error_where(err, "table '%s'", stored->table->full_name);
    rh_fetch_free(fetch);
    return status;
}

static rh_status copy_thread(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    remask_worker worker = {.run = ctx, .pool = pool};
    const rh_schedule_item *item;
    rh_status status;

    (void)index;
    rh_batch_builder_init(&worker.rows, 0);
    rh_buf_init_wiping(&worker.long_row, worker.run->options->max_row_bytes);
    status = rh_store_stream_open(worker.run->store, &worker.stream, err);
    while (status == RH_OK && !rh_pool_stopping(pool) &&
           (item = rh_schedule_take(&worker.run->schedule)) != NULL)
        status = copy_item(&worker, item, err);
    if (status == RH_OK && !rh_pool_stopping(pool))
        status = rh_store_stream_finish(worker.stream, err);
    if (worker.filter_state != NULL)
        worker.run->options->filter->table_close(worker.filter_state);
    rh_store_stream_free(worker.stream);
    rh_batch_builder_done(&worker.rows);
    rh_buf_wipe_done(&worker.long_row);
    return status;
}

/* ---- the steps ---- */

static rh_status make_plan(remask_run *run, rh_error *err)
{
    size_t count = rh_manifest_table_count(run->manifest);
    int64_t bytes = 0;
    rh_status status = RH_OK;

    run->tables = rh_mem_array(count, sizeof *run->tables);
    if (run->tables == NULL)
        return rh_error_oom(err);
    run->table_count = count;
    for (size_t i = 0; status == RH_OK && i < count; i++) {
        const rh_stored_table *stored = rh_manifest_table(run->manifest, i);
        rh_take_table *table = &run->tables[stored->table->index];

        bytes += stored->bytes;
        table->range_count = stored->range_count;
        table->ranges = rh_mem_array(stored->range_count, sizeof *table->ranges);
        if (table->ranges == NULL)
            status = rh_error_oom(err);
        for (size_t r = 0; status == RH_OK && r < stored->range_count; r++) {
            const rh_schedule_item item = {i, r, 1, stored->range_count == 1,
                                           stored->ranges[r].bytes};

            status = rh_schedule_add(&run->schedule, &item, err);
        }
    }
    rh_progress_stage(run->options->progress, "rows", (uint64_t)bytes, 0, 0);
    return status;
}

static rh_status begin_filter(remask_run *run, rh_error *err)
{
    const rh_row_filter *filter = run->options->filter;
    rh_buf structure = RH_BUF_INIT_WIPING;
    rh_status status = rh_fetch_section(run->from, run->manifest, "structure", &structure, err);

    if (status == RH_ENOTFOUND)
        rh_error_hint(err, "the snapshot is older than rules: take a new one");
    if (status == RH_OK)
        status = filter->begin(filter->ctx, run->format, rh_manifest_catalog(run->manifest),
                               rh_manifest_source(run->manifest), &structure, err);
    if (status == RH_OK)
        status = rh_row_filter_attach(filter, NULL, rh_manifest_catalog(run->manifest), err);
    if (status == RH_OK) {
        run->facts = json_deep_copy(rh_manifest_source(run->manifest));
        status =
            run->facts == NULL ? rh_error_oom(err) : rh_row_filter_facts(filter, run->facts, err);
    }
    rh_buf_wipe_done(&structure);
    return status;
}

static rh_status mask_section(remask_run *run, const char *name, json_t *sections, rh_error *err)
{
    const rh_row_filter *filter = run->options->filter;
    rh_buf raw = RH_BUF_INIT_WIPING;
    rh_buf masked = RH_BUF_INIT_WIPING;
    json_t *entry = NULL;
    rh_status status = rh_fetch_section(run->from, run->manifest, name, &raw, err);

    if (status == RH_OK && filter->section != NULL)
        status = filter->section(filter->ctx, name, &raw, &masked, err);
    if (status == RH_OK) {
        const rh_buf *text = filter->section != NULL ? &masked : &raw;

        status = rh_store_object(run->store, name, rh_buf_cstr(text), text->len, &entry, err);
    }
    if (status == RH_OK && json_object_set_new(sections, name, entry) != 0)
        status = rh_error_oom(err);
    rh_buf_wipe_done(&raw);
    rh_buf_wipe_done(&masked);
    return status;
}

static rh_status mask_sections(void *ctx, json_t *sections, rh_error *err)
{
    remask_run *run = ctx;
    json_t *stored = json_object_get(rh_manifest_json(run->manifest), "sections");
    const char *name;
    json_t *entry;
    rh_status status = RH_OK;

    json_object_foreach(stored, name, entry)
    {
        if (status == RH_OK)
            status = mask_section(run, name, sections, err);
    }
    return status;
}

static rh_status write_manifest(remask_run *run, char **out_id, json_t **out, rh_error *err)
{
    const rh_take_facts facts = {
        .catalog = rh_manifest_catalog(run->manifest),
        .tables = run->tables,
        .source = run->facts,
        .filter = run->options->filter,
        .store = run->store,
        .label = run->options->label,
        .started_us = run->started_us,
    };

    return rh_take_commit(&facts, mask_sections, run, out_id, out, err);
}

static rh_status begin_store(remask_run *run, rh_error *err)
{
    const json_t *source = rh_manifest_source(run->manifest);
    const char *system_id = json_string_value(json_object_get(source, "system_id"));
    const char *database = json_string_value(json_object_get(source, "database"));

    return rh_store_begin(run->to, system_id == NULL ? "" : system_id,
                          database == NULL ? "" : database, run->format, &run->store, err);
}

static rh_status run_steps(remask_run *run, const char *snapshot_id, char **out_id, json_t **out,
                           rh_error *err)
{
    size_t jobs = run->options->jobs == 0 ? rh_pool_processors() : run->options->jobs;
    rh_status status = rh_manifest_load(run->from, snapshot_id, &run->manifest, err);

    if (status != RH_OK)
        return status;
    run->format = rh_engine_rows_format(rh_manifest_engine(run->manifest));
    status = begin_filter(run, err);
    if (status == RH_OK)
        status = begin_store(run, err);
    if (status == RH_OK)
        status = make_plan(run, err);
    if (status == RH_OK)
        status = rh_pool_run(jobs > 8 ? 8 : jobs, copy_thread, run, err);
    if (status == RH_OK && atomic_load(&run->done) != run->schedule.count)
        status = rh_error_set(err, RH_EFORMAT, "only %zu of %zu ranges were copied",
                              atomic_load(&run->done), run->schedule.count);
    if (status == RH_OK)
        status = write_manifest(run, out_id, out, err);
    return status;
}

rh_status rh_snapshot_remask(rh_repo *from, const char *snapshot_id, rh_repo *to,
                             const rh_snapshot_options *options, char **out_id, json_t **out,
                             rh_error *err)
{
    remask_run run = {.from = from, .to = to, .options = options, .started_us = rh_clock_mono_us()};
    rh_status status;

    if (!rh_repo_can_read(from)) {
        rh_error_set(err, RH_EKEY, "the repository is sealed and no reader key was given");
        rh_error_hint(err, "use --key with the .secret file that rehearse keygen wrote");
        return RH_EKEY;
    }
    rh_schedule_init(&run.schedule);
    status = run_steps(&run, snapshot_id, out_id, out, err);
    rh_store_free(run.store);
    rh_schedule_done(&run.schedule);
    for (size_t i = 0; i < run.table_count; i++)
        rh_mem_free(run.tables[i].ranges);
    rh_mem_free(run.tables);
    json_decref(run.facts);
    rh_manifest_free(run.manifest);
    return status;
}
