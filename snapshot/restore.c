/*
 * Restoring: from a proved snapshot to a database that is moved into place.
 *
 * Invariants
 *   1. The target is not touched before manifest, lists and pack tables of the snapshot are proved.
 *   2. Rows go to a database built aside; what stands under the target's name is not touched before
 *      every table has the manifest's rows, bytes and row hash.
 *   3. Any failure, also a killed process, leaves the old target as it was.
 *
 *   load manifest -> prove -> open -> check -> begin -> load_all (loaders) -> finish -> commit
 */
#include <rehearse/restore.h>

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#include "core/clock.h"
#include "core/engine.h"
#include "core/mem.h"
#include "core/pool.h"
#include "core/problems.h"
#include "core/progress.h"
#include "fetch.h"
#include "load_parts.h"
#include "schedule.h"

/* What the loaders of one table add up to; compared with the manifest when all are done. */
typedef struct table_sum {
    atomic_llong stored_rows; /* as the database counted */
    rh_u128 row_hash;         /* of what was sent; under run->lock */
} table_sum;

typedef struct restore_run {
    rh_repo *repo;
    const rh_manifest *manifest;
    rh_target *target;
    const rh_target_options *options;
    rh_schedule schedule;
    table_sum *sums; /* one per stored table */
    pthread_mutex_t lock;
    atomic_llong rows;
    atomic_llong bytes;
} restore_run;

/* ---- rows ---- */

/* Between fetch and loader: counts progress and stops when another loader failed. */
typedef struct watched_reader {
    rh_row_reader below;
    restore_run *run;
    rh_pool *pool;
} watched_reader;

static rh_status watched_next(void *ctx, const uint8_t **out_data, size_t *out_len, rh_error *err)
{
    watched_reader *reader = ctx;
    rh_status status;

    if (rh_pool_stopping(reader->pool))
        return rh_error_set(err, RH_ECANCELED, "stopped because another loader failed");
    status = rh_cancel_check(reader->run->options->cancel, err);
    if (status == RH_OK)
        status = reader->below.next(reader->below.ctx, out_data, out_len, err);
    if (status == RH_OK)
        rh_progress_add(reader->run->options->progress, *out_len, 0, 0);
    return status;
}

static rh_status load_item(restore_run *run, rh_loader *loader, rh_pool *pool,
                           const rh_schedule_item *item, rh_error *err)
{
    const rh_stored_table *stored = rh_manifest_table(run->manifest, item->table);
    rh_fetch *fetch = NULL;
    int64_t rows = 0;
    rh_status status =
        rh_fetch_open(run->repo, run->manifest, stored, item->first, item->count, &fetch, err);

    if (status == RH_OK) {
        watched_reader watched = {rh_fetch_reader(fetch), run, pool};
        const rh_row_reader reader = {watched_next, &watched};

        status = rh_loader_load(loader, stored->table, item->whole, &reader, &rows, err);
    }
    if (status == RH_OK) {
        atomic_fetch_add(&run->sums[item->table].stored_rows, rows);
        pthread_mutex_lock(&run->lock);
        rh_u128_add(&run->sums[item->table].row_hash, rh_fetch_row_hash(fetch));
        pthread_mutex_unlock(&run->lock);
        rh_progress_add(run->options->progress, 0, (uint64_t)rows, item->whole ? 1 : 0);
    } else if (err != NULL && strstr(err->text, stored->table->full_name) == NULL) {
        /* the reader of damaged chunks names the table itself, a loader may not */
        rh_error_where(err, "table '%s'", stored->table->full_name);
    }
    rh_fetch_free(fetch);
    return status;
}

static rh_status load_thread(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    restore_run *run = ctx;
    rh_loader *loader = NULL;
    const rh_schedule_item *item;
    rh_status status = rh_loader_open(run->target, &loader, err);

    (void)index;
    while (status == RH_OK && !rh_pool_stopping(pool) &&
           (item = rh_schedule_take(&run->schedule)) != NULL)
        status = load_item(run, loader, pool, item, err);
    rh_loader_close(loader);
    return status;
}

/* Invariant 2: the database counted the rows, the reader hashed what was sent. */
static rh_status check_sums(restore_run *run, rh_error *err)
{
    for (size_t i = 0; i < rh_manifest_table_count(run->manifest); i++) {
        const rh_stored_table *stored = rh_manifest_table(run->manifest, i);
        const table_sum *sum = &run->sums[i];
        long long rows = atomic_load(&sum->stored_rows);

        if (rows != stored->rows)
            return rh_error_set(err, RH_EMISMATCH,
                                "table '%s': %lld rows were stored, the snapshot has %lld",
                                stored->table->full_name, rows, (long long)stored->rows);
        if (sum->row_hash.low != stored->row_hash.low ||
            sum->row_hash.high != stored->row_hash.high)
            return rh_error_set(err, RH_EFORMAT,
                                "table '%s': the rows do not add up to the manifest's row hash",
                                stored->table->full_name);
        atomic_fetch_add(&run->rows, stored->rows);
        atomic_fetch_add(&run->bytes, stored->bytes);
    }
    return RH_OK;
}

static rh_status make_parts(restore_run *run, rh_error *err)
{
    size_t count = rh_manifest_table_count(run->manifest);
    rh_load_table *tables = rh_mem_array(count, sizeof *tables);
    rh_status status = tables == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < count; i++) {
        const rh_stored_table *stored = rh_manifest_table(run->manifest, i);

        tables[i] = (rh_load_table){stored->bytes, stored->range_count};
    }
    if (status == RH_OK)
        status = rh_load_parts(tables, count, &run->schedule, err);
    rh_mem_free(tables);
    return status;
}

static rh_status load_all(restore_run *run, rh_error *err)
{
    size_t tables = rh_manifest_table_count(run->manifest);
    size_t loaders = rh_target_max_loaders(run->target);
    int64_t bytes = 0;
    int64_t rows = 0;
    rh_status status;

    if (loaders > run->options->jobs)
        loaders = run->options->jobs;
    if (loaders == 0)
        loaders = 1;
    for (size_t i = 0; i < tables; i++) {
        bytes += rh_manifest_table(run->manifest, i)->bytes;
        rows += rh_manifest_table(run->manifest, i)->rows;
    }
    run->sums = rh_mem_array(tables, sizeof *run->sums);
    if (run->sums == NULL)
        return rh_error_oom(err);
    status = make_parts(run, err);
    if (status != RH_OK)
        return status;
    rh_progress_stage(run->options->progress, "rows", (uint64_t)bytes, (uint64_t)rows, 0);
    status = rh_pool_run(loaders, load_thread, run, err);
    return status == RH_OK ? check_sums(run, err) : status;
}

/* ---- the steps ---- */

static rh_status input_section(void *ctx, const char *name, rh_buf *out, rh_error *err)
{
    restore_run *run = ctx;

    return rh_fetch_section(run->repo, run->manifest, name, out, err);
}

/* Sections are small: read them all, also those that this target has no use for. */
static rh_status prove_sections(restore_run *run, rh_error *err)
{
    json_t *sections = json_object_get(rh_manifest_json(run->manifest), "sections");
    const char *name;
    json_t *entry;
    rh_status status = RH_OK;

    json_object_foreach(sections, name, entry)
    {
        rh_buf text = RH_BUF_INIT_WIPING;

        if (status == RH_OK)
            status = rh_fetch_section(run->repo, run->manifest, name, &text, err);
        rh_buf_wipe_done(&text);
    }
    return status;
}

/* Invariant 1. The first damage becomes the error; `verify` lists them all. */
static rh_status prove(restore_run *run, rh_error *err)
{
    json_t *report = NULL;
    const char *id = rh_manifest_id(run->manifest);
    rh_status status = rh_repo_verify(run->repo, id, RH_VERIFY_PACKS, 1, &report, err);

    if (status == RH_OK && !json_is_true(json_object_get(report, "ok"))) {
        json_t *first = json_array_get(json_object_get(report, "damage"), 0);
        const char *pack = json_string_value(json_object_get(first, "pack"));
        const char *table = json_string_value(json_object_get(first, "table"));
        const char *what = json_string_value(json_object_get(first, "what"));

        status = rh_error_set(err, RH_EFORMAT, "the snapshot is damaged: %s%s%s%s%s",
                              table == NULL ? "" : table, table == NULL ? "" : ": ",
                              pack == NULL ? "" : pack, pack == NULL ? "" : ": ",
                              what == NULL ? "unknown damage" : what);
        rh_error_hint(err, "rehearse verify lists everything; the target was not touched");
    }
    json_decref(report);
    return status == RH_OK ? prove_sections(run, err) : status;
}

static rh_status check_target(restore_run *run, const rh_restore_input *input,
                              rh_problems *problems, rh_error *err)
{
    size_t fatal;
    rh_status status = rh_target_check(run->target, input, problems, err);

    if (status != RH_OK)
        return status;
    fatal = rh_problems_fatal(problems);
    if (fatal == 0)
        return RH_OK;
    return rh_error_set(err, RH_EDB, "the target cannot be built: %zu problem%s", fatal,
                        fatal == 1 ? "" : "s");
}

static rh_status build(restore_run *run, const rh_restore_input *input, rh_problems *problems,
                       rh_error *err)
{
    rh_status status = check_target(run, input, problems, err);

    if (status == RH_OK)
        status = rh_cancel_check(run->options->cancel, err);
    rh_progress_stage(run->options->progress, "schema", 0, 0, 0);
    if (status == RH_OK)
        status = rh_target_begin(run->target, input, err);
    if (status == RH_OK)
        status = load_all(run, err);
    if (status == RH_OK)
        status = rh_target_finish(run->target, problems, err);
    if (status == RH_OK)
        status = rh_cancel_check(run->options->cancel, err);
    return status;
}

static rh_status summary(const restore_run *run, int64_t started_us, json_t *swap, json_t **out,
                         rh_error *err)
{
    json_t *json = json_pack(
        "{s:s, s:I, s:I, s:I, s:I, s:O?}", "snapshot", rh_manifest_id(run->manifest), "tables",
        (json_int_t)rh_manifest_table_count(run->manifest), "rows",
        (json_int_t)atomic_load(&run->rows), "bytes", (json_int_t)atomic_load(&run->bytes),
        "elapsed_us", (json_int_t)(rh_clock_mono_us() - started_us), "swap", swap);

    if (json == NULL)
        return rh_error_oom(err);
    *out = json;
    return RH_OK;
}

static rh_status run_restore(restore_run *run, const char *target, bool trial,
                             rh_problems *problems, json_t **out, rh_error *err)
{
    int64_t started_us = rh_clock_mono_us();
    rh_restore_input input = {0};
    json_t *swap = NULL;
    rh_status status;

    input.facts = rh_manifest_source(run->manifest);
    input.catalog = rh_manifest_catalog(run->manifest);
    input.section = input_section;
    input.section_ctx = run;
    rh_progress_stage(run->options->progress, "prove", 0, 0, 0);
    status = prove(run, err);
    if (status == RH_OK)
        status = rh_target_open(target, run->options, &run->target, err);
    if (status == RH_OK)
        status = build(run, &input, problems, err);
    if (status == RH_OK && !trial)
        status = rh_target_commit(run->target, &swap, err);
    rh_target_free(run->target);
    if (status == RH_OK)
        status = summary(run, started_us, swap, out, err);
    json_decref(swap);
    return status;
}

static rh_status check_engine(const rh_manifest *manifest, const char *target, rh_error *err)
{
    rh_engine_kind kind;
    rh_engine_kind wanted = rh_manifest_engine(manifest);
    rh_status status;

    /* A new SQLite file does not exist yet, so its plain path says nothing: the snapshot does. */
    if (wanted == RH_ENGINE_SQLITE)
        status = rh_engine_of_new_file(target, &kind, err);
    else
        status = rh_engine_of(target, &kind, err);
    if (status == RH_OK && kind != wanted)
        return rh_error_set(err, RH_EUSAGE, "the snapshot is of %s, the target is %s",
                            rh_engine_name(wanted), rh_engine_name(kind));
    return status;
}

static rh_status restore(rh_repo *repo, const char *snapshot_id, const char *target,
                         const rh_target_options *options, bool trial, rh_problems *problems,
                         json_t **out, rh_error *err)
{
    restore_run run = {.repo = repo};
    rh_target_options with_id = *options;
    rh_manifest *manifest = NULL;
    rh_status status;

    if (!rh_repo_can_read(repo)) {
        rh_error_set(err, RH_EKEY, "the repository is sealed and no reader key was given");
        rh_error_hint(err, "use --key with the .secret file that rehearse keygen wrote");
        return RH_EKEY;
    }
    status = rh_manifest_load(repo, snapshot_id, &manifest, err);
    if (status == RH_OK)
        status = check_engine(manifest, target, err);
    if (status != RH_OK) {
        rh_manifest_free(manifest);
        return status;
    }
    with_id.snapshot_id = rh_manifest_id(manifest);
    if (with_id.jobs == 0)
        with_id.jobs = rh_pool_processors();
    run.manifest = manifest;
    run.options = &with_id;
    rh_schedule_init(&run.schedule);
    pthread_mutex_init(&run.lock, NULL);
    status = run_restore(&run, target, trial, problems, out, err);
    pthread_mutex_destroy(&run.lock);
    rh_schedule_done(&run.schedule);
    rh_mem_free(run.sums);
    rh_manifest_free(manifest);
    return status;
}

rh_status rh_restore_run(rh_repo *repo, const char *snapshot_id, const char *target,
                         const rh_target_options *options, rh_problems *problems, json_t **out,
                         rh_error *err)
{
    return restore(repo, snapshot_id, target, options, false, problems, out, err);
}

rh_status rh_restore_trial(rh_repo *repo, const char *snapshot_id, const char *target,
                           const rh_target_options *options, rh_problems *problems, json_t **out,
                           rh_error *err)
{
    return restore(repo, snapshot_id, target, options, true, problems, out, err);
}
