/*
 * Mirroring: a source's rows through the filter into a target that is built aside.
 *
 * Invariants
 *   1. As for snapshots: nothing is read before preflight passed and the filter accepted the
 * catalog.
 *   2. As for restores: nothing under the target's name changes before every row has arrived; the
 *      database's own row counts must equal what was read (and not filtered out).
 *   3. Rows live in memory only, in at most QUEUED_PIECES batches per pair of threads.
 *
 *   open both -> check both -> begin source -> begin target -> copy_all (pairs of reader and
 * loader)
 *   -> end source -> finish -> commit
 */
#include <rehearse/mirror.h>

#include <stdatomic.h>
#include <string.h>

#include "core/bell.h"
#include "core/bytes.h"
#include "core/clock.h"
#include "core/engine.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/pool.h"
#include "core/problems.h"
#include "core/progress.h"
#include "core/rate.h"
#include "core/row_filter.h"
#include "load_parts.h"
#include "mirror_channel.h"

enum {
    GUARD_THREAD = 0,
    FIRST_PAIR_THREAD = 1,
    MAX_PAIRS = 32,
    GUARD_PERIOD_US = 20000,
    ID_BYTES = 8,
};

typedef struct mirror_run {
    const rh_snapshot_options *options;
    rh_target_options target_options;
    rh_source *source;
    rh_target *target;
    rh_rate *rate;
    rh_cancel stop;
    const rh_catalog *catalog;
    json_t *facts;
    rh_schedule schedule;
    size_t pairs;
    rh_channel *channels[MAX_PAIRS];
    atomic_size_t busy;
    rh_bell *done;           /* rung when nobody is busy any more */
    atomic_llong *read_rows; /* per table: what was sent on */
    atomic_llong *stored_rows;
    atomic_llong bytes;
    int64_t started_us;
    int64_t held_us;
    char id[2 * ID_BYTES + sizeof "mirror-"];
} mirror_run;

/* ---- the reader of a pair ---- */

typedef struct mirror_reader {
    mirror_run *run;
    rh_pool *pool;
    rh_channel *channel;
    rh_session *session;
    void *filter_state;
    const rh_table *table;
} mirror_reader;

static rh_status put_batch(void *ctx, const rh_batch *batch, rh_error *err)
{
    mirror_reader *reader = ctx;
    const rh_row_filter *filter = reader->run->options->filter;
    rh_batch masked = *batch;
    rh_status status = RH_OK;

    if (rh_pool_stopping(reader->pool))
        return rh_error_set(err, RH_ECANCELED, "stopped because another worker failed");
    if (filter != NULL)
        status = filter->apply(reader->filter_state, batch, &masked, err);
    if (status == RH_OK)
        status = rh_channel_put(reader->channel, &masked, err);
    if (status == RH_OK) {
        atomic_fetch_add(&reader->run->read_rows[reader->table->index], (long long)masked.rows);
        atomic_fetch_add(&reader->run->bytes, (long long)masked.len);
        rh_progress_add(reader->run->options->progress, batch->len, batch->rows, 0);
    }
    return status;
}

static rh_status follow_table(mirror_reader *reader, const rh_table *table, rh_error *err)
{
    const rh_row_filter *filter = reader->run->options->filter;

    if (reader->table == table)
        return RH_OK;
    if (reader->filter_state != NULL)
        filter->table_close(reader->filter_state);
    reader->filter_state = NULL;
    reader->table = table;
    return filter == NULL ? RH_OK
                          : filter->table_open(filter->ctx, table, &reader->filter_state, err);
}

static rh_status read_item(mirror_reader *reader, const rh_schedule_item *item, rh_error *err)
{
    const rh_table *table = &reader->run->catalog->tables[item->table];
    const rh_row_sink sink = {put_batch, reader};
    rh_status status = follow_table(reader, table, err);

    if (status == RH_OK)
        status = rh_channel_begin(reader->channel, item, err);
    for (size_t i = 0; status == RH_OK && i < item->count; i++)
        status =
            rh_session_rows(reader->session, table, &table->ranges[item->first + i], &sink, err);
    if (status == RH_OK)
        status = rh_channel_end(reader->channel, err);
    if (status != RH_OK && err != NULL && strstr(err->text, table->full_name) == NULL)
        rh_error_where(err, "table '%s'", table->full_name); /* engines may have named it */
    return status;
}

static rh_status read_rows(mirror_run *run, size_t pair, rh_pool *pool, rh_error *err)
{
    mirror_reader reader = {run, pool, run->channels[pair], NULL, NULL, NULL};
    const rh_schedule_item *item;
    rh_status status = rh_session_open(run->source, &reader.session, err);

    if (status == RH_SKIPPED) { /* fewer readers than asked for: this pair rests */
        rh_channel_close(reader.channel);
        return RH_OK;
    }
    while (status == RH_OK && !rh_pool_stopping(pool) &&
           (item = rh_schedule_take(&run->schedule)) != NULL)
        status = read_item(&reader, item, err);
    if (reader.filter_state != NULL)
        run->options->filter->table_close(reader.filter_state);
    rh_session_close(reader.session);
    rh_channel_close(reader.channel);
    return status;
}

/* ---- the loader of a pair ---- */

static rh_status load_rows(mirror_run *run, size_t pair, rh_error *err)
{
    rh_channel *channel = run->channels[pair];
    const rh_row_reader rows = rh_channel_reader(channel);
    const rh_schedule_item *item;
    rh_loader *loader = NULL;
    rh_status status = rh_loader_open(run->target, &loader, err);

    while (status == RH_OK && (item = rh_channel_take_item(channel)) != NULL) {
        const rh_table *table = &run->catalog->tables[item->table];
        int64_t stored = 0;

        status = rh_loader_load(loader, table, item->whole, &rows, &stored, err);
        if (status == RH_OK)
            atomic_fetch_add(&run->stored_rows[item->table], stored);
        else
            rh_error_where(err, "table '%s'", table->full_name);
    }
    rh_loader_close(loader);
    rh_channel_close(channel);
    return status;
}

/* ---- the threads ---- */

static rh_status guard(mirror_run *run, rh_pool *pool, rh_error *err)
{
    int64_t limit = run->options->max_hold_us;
    rh_status status = RH_OK;

    while (status == RH_OK && atomic_load(&run->busy) > 0 && !rh_pool_stopping(pool)) {
        status = rh_cancel_check(run->options->cancel, err);
        if (status == RH_OK && limit > 0 && rh_source_held_us(run->source) > limit)
            status = rh_error_set(err, RH_ELIMIT,
                                  "the source snapshot was held for %.1f s, the limit (--max-hold)",
                                  (double)limit / 1e6);
        (void)rh_bell_wait_us(run->done, GUARD_PERIOD_US);
    }
    if (atomic_load(&run->busy) == 0)
        return RH_OK;
    rh_cancel_request(&run->stop);
    for (size_t i = 0; i < run->pairs; i++)
        rh_channel_close(run->channels[i]);
    return status;
}

static rh_status copy_thread(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    mirror_run *run = ctx;
    size_t pair = (index - FIRST_PAIR_THREAD) / 2;
    rh_status status;

    if (index == GUARD_THREAD)
        return guard(run, pool, err);
    if ((index - FIRST_PAIR_THREAD) % 2 == 0)
        status = read_rows(run, pair, pool, err);
    else
        status = load_rows(run, pair, err);
    if (atomic_fetch_sub(&run->busy, 1) == 1)
        rh_bell_ring(run->done);
    /* What was cut short is not the first cause: let that one be told first. */
    if (status == RH_ECANCELED) {
        rh_status slept = rh_clock_sleep_us(3 * GUARD_PERIOD_US, NULL, NULL);

        (void)slept;
    }
    return status;
}

static rh_status check_counts(const mirror_run *run, rh_error *err)
{
    for (size_t i = 0; i < run->catalog->table_count; i++) {
        long long sent = atomic_load(&run->read_rows[i]);
        long long stored = atomic_load(&run->stored_rows[i]);

        if (sent != stored)
            return rh_error_set(err, RH_EMISMATCH,
                                "table '%s': %lld rows were stored, %lld were sent",
                                run->catalog->tables[i].full_name, stored, sent);
    }
    return RH_OK;
}

static rh_status copy_all(mirror_run *run, rh_error *err)
{
    size_t threads = FIRST_PAIR_THREAD + 2 * run->pairs;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < run->pairs; i++) {
        run->channels[i] = rh_channel_new();
        if (run->channels[i] == NULL)
            status = rh_error_oom(err);
    }
    run->done = rh_bell_new();
    if (status == RH_OK && run->done == NULL)
        status = rh_error_oom(err);
    if (status != RH_OK)
        return status;
    atomic_store(&run->busy, threads - 1);
    status = rh_pool_run(threads, copy_thread, run, err);
    return status == RH_OK ? check_counts(run, err) : status;
}

/* ---- the steps ---- */

static rh_status refuse_problems(const rh_problems *problems, const char *what, rh_error *err)
{
    size_t fatal = rh_problems_fatal(problems);

    if (fatal == 0)
        return RH_OK;
    return rh_error_set(err, RH_EPRIVILEGE, "%s: %zu problem%s", what, fatal,
                        fatal == 1 ? "" : "s");
}

static rh_status input_section(void *ctx, const char *name, rh_buf *out, rh_error *err)
{
    mirror_run *run = ctx;
    const rh_row_filter *filter = run->options->filter;
    rh_buf raw = RH_BUF_INIT_WIPING;
    rh_status status;

    if (filter == NULL || filter->section == NULL)
        return rh_source_section(run->source, name, out, err);
    status = rh_source_section(run->source, name, &raw, err);
    if (status == RH_OK)
        status = filter->section(filter->ctx, name, &raw, out, err);
    rh_buf_wipe_done(&raw);
    return status;
}

static rh_status begin_filter(mirror_run *run, rh_error *err)
{
    const rh_row_filter *filter = run->options->filter;
    rh_buf structure = RH_BUF_INIT_WIPING;
    rh_status status = RH_OK;

    if (filter != NULL) {
        status = rh_source_section(run->source, "structure", &structure, err);
        if (status == RH_OK)
            status = filter->begin(filter->ctx, rh_engine_rows_format(rh_source_kind(run->source)),
                                   run->catalog, run->facts, &structure, err);
        if (status == RH_OK)
            status = rh_row_filter_attach(filter, run->source, run->catalog, err);
        if (status == RH_OK)
            status = rh_row_filter_facts(filter, run->facts, err);
    }
    rh_buf_wipe_done(&structure);
    return status;
}

static rh_status make_plan(mirror_run *run, rh_error *err)
{
    size_t count = run->catalog->table_count;
    rh_load_table *tables = rh_mem_array(count, sizeof *tables);
    int64_t bytes = 0;
    rh_status status = tables == NULL ? rh_error_oom(err) : RH_OK;

    run->read_rows = rh_mem_array(count, sizeof *run->read_rows);
    run->stored_rows = rh_mem_array(count, sizeof *run->stored_rows);
    if (status == RH_OK && (run->read_rows == NULL || run->stored_rows == NULL))
        status = rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < count; i++) {
        const rh_table *table = &run->catalog->tables[i];

        tables[i].bytes = table->estimated_bytes;
        tables[i].range_count = table->rows_excluded ? 0 : table->range_count;
        bytes += table->rows_excluded ? 0 : table->estimated_bytes;
    }
    if (status == RH_OK)
        status = rh_load_parts(tables, count, &run->schedule, err);
    rh_progress_stage(run->options->progress, "rows", (uint64_t)bytes, 0, 0);
    rh_mem_free(tables);
    return status;
}

static rh_status begin_source(mirror_run *run, const char *name, rh_error *err)
{
    const rh_snapshot_options *options = run->options;
    rh_source_options source = RH_SOURCE_OPTIONS_INIT;
    rh_status status;

    run->rate = rh_rate_new(options->max_rate_bytes);
    if (run->rate == NULL)
        return rh_error_oom(err);
    run->stop.parent = options->cancel; /* the guard works only while rows are copied */
    source.include = options->include;
    source.exclude = options->exclude;
    source.jobs = run->target_options.jobs;
    source.lock_timeout_us = options->lock_timeout_us;
    source.lock_wait_us = options->lock_wait_us;
    source.max_row_bytes = options->max_row_bytes;
    source.rate = options->max_rate_bytes == 0 ? NULL : run->rate;
    source.cancel = &run->stop;
    source.no_comments = options->filter != NULL;
    status = rh_source_open(name, &source, &run->source, err);
    if (status == RH_OK)
        status = rh_source_preflight(run->source, options->problems, err);
    if (status == RH_OK)
        status = refuse_problems(options->problems, "the source cannot be copied", err);
    if (status == RH_OK)
        status = rh_source_begin(run->source, err);
    if (status == RH_OK)
        status = rh_source_facts(run->source, &run->facts, err);
    if (status == RH_OK)
        status = rh_source_catalog(run->source, &run->catalog, err);
    if (status == RH_OK)
        status = begin_filter(run, err);
    return status;
}

static rh_status begin_target(mirror_run *run, const char *name, rh_restore_input *input,
                              rh_error *err)
{
    rh_engine_kind kind;
    rh_status status = rh_engine_of_new_file(name, &kind, err);

    input->facts = run->facts;
    input->catalog = run->catalog;
    input->section = input_section;
    input->section_ctx = run;
    if (status == RH_OK && kind != rh_source_kind(run->source))
        status = rh_error_set(err, RH_EUSAGE, "the source is %s, the target is %s",
                              rh_engine_name(rh_source_kind(run->source)), rh_engine_name(kind));
    if (status == RH_OK)
        status = rh_target_open(name, &run->target_options, &run->target, err);
    if (status == RH_OK)
        status = rh_target_check(run->target, input, run->options->problems, err);
    if (status == RH_OK)
        status = refuse_problems(run->options->problems, "the target cannot be built", err);
    if (status == RH_OK)
        status = rh_target_begin(run->target, input, err);
    if (status != RH_OK)
        return status;
    run->pairs = rh_target_max_loaders(run->target);
    if (run->pairs > run->target_options.jobs)
        run->pairs = run->target_options.jobs;
    if (run->pairs > MAX_PAIRS)
        run->pairs = MAX_PAIRS;
    return make_plan(run, err);
}

static rh_status summary(const mirror_run *run, json_t *swap, json_t **out, rh_error *err)
{
    long long rows = 0;
    json_t *json;

    for (size_t i = 0; i < run->catalog->table_count; i++)
        rows += atomic_load(&run->stored_rows[i]);
    json =
        json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:O?}", "target_id", run->id, "tables",
                  (json_int_t)run->catalog->table_count, "rows", (json_int_t)rows, "bytes",
                  (json_int_t)atomic_load(&run->bytes), "held_us", (json_int_t)run->held_us,
                  "elapsed_us", (json_int_t)(rh_clock_mono_us() - run->started_us), "swap", swap);
    if (json == NULL)
        return rh_error_oom(err);
    *out = json;
    return RH_OK;
}

static rh_status run_steps(mirror_run *run, const char *source, const char *target, json_t **out,
                           rh_error *err)
{
    rh_restore_input input = {0};
    json_t *swap = NULL;
    rh_status status = begin_source(run, source, err);

    if (status == RH_OK)
        status = begin_target(run, target, &input, err);
    if (status == RH_OK)
        status = copy_all(run, err);
    if (status == RH_OK)
        status = rh_row_filter_end(run->options->filter, err);
    /* The sections that finish() needs are read under the snapshot: it ends after them. */
    if (status == RH_OK)
        status = rh_target_finish(run->target, run->options->problems, err);
    if (run->source != NULL) {
        rh_source_end(run->source);
        run->held_us = rh_source_held_us(run->source);
    }
    if (status == RH_OK)
        status = rh_cancel_check(run->options->cancel, err);
    if (status == RH_OK)
        status = rh_target_commit(run->target, &swap, err);
    rh_target_free(run->target);
    if (status == RH_OK)
        status = summary(run, swap, out, err);
    json_decref(swap);
    return status;
}

static void name_run(mirror_run *run)
{
    uint8_t random[ID_BYTES];

    rh_random(random, sizeof random);
    memcpy(run->id, "mirror-", sizeof "mirror-");
    rh_hex_encode(random, sizeof random, run->id + sizeof "mirror-" - 1);
}

rh_status rh_mirror_run(const char *source, const char *target, const rh_snapshot_options *options,
                        const rh_target_options *target_options, json_t **out, rh_error *err)
{
    mirror_run run = {
        .options = options, .target_options = *target_options, .started_us = rh_clock_mono_us()};
    rh_status status;

    name_run(&run);
    run.target_options.snapshot_id = run.id;
    if (run.target_options.jobs == 0)
        run.target_options.jobs = rh_pool_processors();
    rh_schedule_init(&run.schedule);
    rh_progress_stage(options->progress, "preflight", 0, 0, 0);
    status = run_steps(&run, source, target, out, err);
    for (size_t i = 0; i < run.pairs; i++)
        rh_channel_free(run.channels[i]);
    rh_bell_free(run.done);
    rh_schedule_done(&run.schedule);
    rh_mem_free(run.read_rows);
    rh_mem_free(run.stored_rows);
    json_decref(run.facts);
    rh_source_close(run.source);
    rh_rate_free(run.rate);
    return status;
}
