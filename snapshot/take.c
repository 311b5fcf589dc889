/*
 * Taking a snapshot: the run from the first connection to the manifest.
 *
 * Invariants
 *   1. Nothing of the source is read before preflight has passed and the filter accepted the
 * catalog.
 *   2. The source snapshot is released as soon as the last row and section was read, on every path.
 *   3. A manifest is written only when every range of every table ended well.
 *   4. A worker that fails stops the others; no failure is ever turned into fewer rows.
 *
 *   open -> check_source -> begin -> copy_all (guard | sections | rows...) -> end -> write_manifest
 *
 * Threads while copying: one guard (forwards the user's interrupt, watches the hold limit, wakes
 * blocked readers when another failed), one that reads the sections, `jobs` that read rows and mask
 * and store them; where that leaves a processor idle, each of these has another one store.
 */
#include <rehearse/snapshot.h>

#include <string.h>

#include "core/bell.h"
#include "core/cancel.h"
#include "core/clock.h"
#include "core/engine.h"
#include "core/mem.h"
#include "core/pool.h"
#include "core/problems.h"
#include "core/progress.h"
#include "core/rate.h"
#include "core/row_filter.h"
#include "repo_create.h"
#include "schedule.h"
#include "store.h"
#include "take_manifest.h"
#include "take_rows.h"

enum {
    GUARD_THREAD = 0,
    SECTION_THREAD = 1,
    FIRST_ROW_THREAD = 2,
    MAX_JOBS = 64,
    DEFAULT_MAX_JOBS = 8,
    GUARD_PERIOD_US = 20000,
};

typedef struct take_run {
    rh_repo *repo;
    const rh_snapshot_options *options;
    size_t jobs;
    rh_source *source;
    rh_rate *rate;
    rh_cancel stop; /* what the engine polls; set by the guard */
    const rh_catalog *catalog;
    json_t *facts;
    rh_store *store;
    rh_schedule schedule;
    rh_take_table *tables; /* one per catalog table */
    rh_buf *sections;      /* one per name of rh_engine_sections */
    size_t section_count;
    rh_buf structure; /* the raw section, once the filter has seen it */
    bool structure_known;
    atomic_size_t busy;     /* section and row threads still at work */
    rh_bell *done;          /* rung when nobody is busy any more */
    atomic_bool over_limit; /* the guard gave the snapshot up */
    atomic_size_t copied;   /* schedule items that ended well (invariant 3) */
    int64_t started_us;
    int64_t held_us;
} take_run;

static const rh_row_filter *filter_of(const take_run *run)
{
    return run->options->filter;
}

/* ---- sections ---- */

/* As the source tells it. The structure was read for the filter already: the same snapshot has no
 * other. */
static rh_status raw_section(take_run *run, const char *name, rh_buf *out, rh_error *err)
{
    if (!run->structure_known || strcmp(name, "structure") != 0)
        return rh_source_section(run->source, name, out, err);
    *out = run->structure;
    rh_buf_init_wiping(&run->structure, 0);
    run->structure_known = false;
    return RH_OK;
}

static rh_status read_section(take_run *run, const char *name, rh_buf *out, rh_error *err)
{
    const rh_row_filter *filter = filter_of(run);
    rh_buf raw = RH_BUF_INIT_WIPING;
    rh_status status = raw_section(run, name, &raw, err);

    if (status == RH_OK && filter != NULL && filter->section != NULL) {
        status = filter->section(filter->ctx, name, &raw, out, err);
    } else if (status == RH_OK) {
        *out = raw;
        rh_buf_init_wiping(&raw, 0);
    }
    rh_buf_wipe_done(&raw);
    return status;
}

static rh_status read_sections(take_run *run, rh_pool *pool, rh_error *err)
{
    const char *const *names = rh_engine_sections(rh_source_kind(run->source));
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < run->section_count; i++) {
        if (rh_pool_stopping(pool))
            break;
        status = read_section(run, names[i], &run->sections[i], err);
        if (status != RH_OK)
            rh_error_where(err, "section '%s'", names[i]);
    }
    return status;
}

/* ---- the threads ---- */

static rh_status guard(take_run *run, rh_pool *pool, rh_error *err)
{
    int64_t limit = run->options->max_hold_us;
    rh_status status = RH_OK;

    while (atomic_load(&run->busy) > 0) {
        if (rh_cancel_requested(run->options->cancel)) {
            status = rh_error_set(err, RH_ECANCELED, "interrupted");
            break;
        }
        if (limit > 0 && rh_source_held_us(run->source) > limit) {
            atomic_store(&run->over_limit, true);
            status = rh_error_set(err, RH_ELIMIT,
                                  "the source snapshot was held for %.1f s, the limit (--max-hold)",
                                  (double)limit / 1e6);
            rh_error_hint(err, "the snapshot was let go; what was copied is kept, the next run "
                               "continues from it");
            break;
        }
        if (rh_pool_stopping(pool))
            break;
        (void)rh_bell_wait_us(run->done, GUARD_PERIOD_US);
    }
    if (atomic_load(&run->busy) > 0)
        rh_cancel_request(&run->stop);
    return status;
}

/* With as many streams as processors, a second thread for each only costs: 5 to 10 % of the time on
 * two processors that a server shares. */
static bool has_idle_processor(const take_run *run)
{
    size_t streams = run->jobs < run->schedule.count ? run->jobs : run->schedule.count;

    return streams < rh_pool_processors();
}

static rh_status copy_rows(take_run *run, rh_pool *pool, rh_error *err)
{
    const rh_take_rows task = {
        .source = run->source,
        .catalog = run->catalog,
        .filter = filter_of(run),
        .progress = run->options->progress,
        .store = run->store,
        .schedule = &run->schedule,
        .tables = run->tables,
        .over_limit = &run->over_limit,
        .copied = &run->copied,
        .staged = has_idle_processor(run),
    };

    return rh_take_rows_run(&task, pool, err);
}

static rh_status copy_thread(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    take_run *run = ctx;
    rh_status status;

    if (index == GUARD_THREAD)
        return guard(run, pool, err);
    if (index == SECTION_THREAD)
        status = read_sections(run, pool, err);
    else
        status = copy_rows(run, pool, err);
    if (atomic_fetch_sub(&run->busy, 1) == 1)
        rh_bell_ring(run->done);
    /* A read that the guard cut short is not the first cause: let the guard's own error stand. */
    if (status == RH_ECANCELED || (status < 0 && atomic_load(&run->over_limit))) {
        rh_error_clear(err);
        rh_status waited = rh_clock_sleep_us(2 * GUARD_PERIOD_US, NULL, NULL);

        (void)waited;
        return rh_error_set(err, RH_ECANCELED, "interrupted");
    }
    return status;
}

static rh_status check_all_copied(const take_run *run, rh_error *err)
{
    size_t copied = atomic_load(&run->copied);

    if (copied == run->schedule.count)
        return RH_OK;
    return rh_error_set(err, RH_EDB, "only %zu of %zu ranges were copied", copied,
                        run->schedule.count);
}

static rh_status copy_all(take_run *run, rh_error *err)
{
    size_t threads = FIRST_ROW_THREAD + run->jobs;
    int64_t bytes = 0;
    int64_t rows = 0;

    for (size_t i = 0; i < run->catalog->table_count; i++) {
        const rh_table *table = &run->catalog->tables[i];

        bytes += table->rows_excluded ? 0 : table->estimated_bytes;
        rows += table->rows_excluded ? 0 : table->estimated_rows;
    }
    rh_progress_stage(run->options->progress, "rows", (uint64_t)bytes, (uint64_t)rows, 0);
    run->done = rh_bell_new();
    if (run->done == NULL)
        return rh_error_oom(err);
    atomic_store(&run->busy, threads - 1);

    rh_status status = rh_pool_run(threads, copy_thread, run, err);

    return status == RH_OK ? check_all_copied(run, err) : status;
}

/* ---- the steps ---- */

static rh_status refuse_raw(const take_run *run, rh_error *err)
{
    if (run->options->filter != NULL || run->options->unsealed_raw || rh_repo_is_sealed(run->repo))
        return RH_OK;
    return rh_repo_refuse_unsealed(err);
}

static rh_status check_source(take_run *run, rh_error *err)
{
    rh_status status = rh_source_preflight(run->source, run->options->problems, err);
    size_t fatal;

    if (status != RH_OK)
        return status;
    fatal = rh_problems_fatal(run->options->problems);
    if (fatal == 0)
        return RH_OK;
    return rh_error_set(err, RH_EPRIVILEGE, "the source cannot be copied: %zu problem%s", fatal,
                        fatal == 1 ? "" : "s");
}

static rh_status open_source(take_run *run, const char *name, rh_error *err)
{
    const rh_snapshot_options *options = run->options;
    rh_source_options source = RH_SOURCE_OPTIONS_INIT;

    run->rate = rh_rate_new(options->max_rate_bytes);
    if (run->rate == NULL)
        return rh_error_oom(err);
    run->stop.parent = options->cancel; /* the guard works only while rows are copied */
    source.include = options->include;
    source.exclude = options->exclude;
    source.jobs = run->jobs;
    source.lock_timeout_us = options->lock_timeout_us;
    source.lock_wait_us = options->lock_wait_us;
    source.max_row_bytes = options->max_row_bytes;
    source.rate = options->max_rate_bytes == 0 ? NULL : run->rate;
    source.cancel = &run->stop;
    source.no_comments = options->filter != NULL;
    return rh_source_open(name, &source, &run->source, err);
}

static rh_status make_plan(take_run *run, rh_error *err)
{
    size_t count = run->catalog->table_count;
    int64_t *bytes = rh_mem_array(count, sizeof *bytes);
    rh_status status = RH_OK;

    run->tables = rh_mem_array(count, sizeof *run->tables);
    if (bytes == NULL || run->tables == NULL)
        status = rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < count; i++) {
        const rh_table *table = &run->catalog->tables[i];
        size_t ranges = table->rows_excluded ? 0 : table->range_count;

        bytes[i] = table->estimated_bytes;
        run->tables[i].range_count = ranges;
        run->tables[i].ranges = rh_mem_array(ranges, sizeof *run->tables[i].ranges);
        if (run->tables[i].ranges == NULL)
            status = rh_error_oom(err);
        for (size_t r = 0; status == RH_OK && r < ranges; r++) {
            const rh_schedule_item item = {i, r, 1, ranges == 1, 0};

            status = rh_schedule_add(&run->schedule, &item, err);
        }
    }
    if (status == RH_OK)
        rh_schedule_sort(&run->schedule, bytes);
    rh_mem_free(bytes);
    return status;
}

static rh_status make_sections(take_run *run, rh_error *err)
{
    const char *const *names = rh_engine_sections(rh_source_kind(run->source));
    size_t count = 0;

    while (names[count] != NULL)
        count++;
    run->sections = rh_mem_array(count, sizeof *run->sections);
    if (run->sections == NULL)
        return rh_error_oom(err);
    run->section_count = count;
    return RH_OK;
}

/* The filter decides every column before a row is read: it needs the structure now. */
static rh_status begin_filter(take_run *run, rh_rows_format format, rh_error *err)
{
    const rh_row_filter *filter = filter_of(run);
    rh_status status = rh_source_section(run->source, "structure", &run->structure, err);

    run->structure_known = status == RH_OK;
    if (status == RH_OK || status == RH_ENOTFOUND) {
        rh_error_clear(err);
        status = filter->begin(filter->ctx, format, run->catalog, run->facts,
                               run->structure_known ? &run->structure : NULL, err);
    }
    if (status == RH_OK)
        status = rh_row_filter_attach(filter, run->source, run->catalog, err);
    if (status == RH_OK)
        status = rh_row_filter_facts(filter, run->facts, err);
    return status;
}

static rh_status prepare(take_run *run, rh_error *err)
{
    const rh_row_filter *filter = filter_of(run);
    rh_rows_format format = rh_engine_rows_format(rh_source_kind(run->source));
    const char *system_id = NULL;
    const char *database = NULL;
    rh_status status = rh_source_facts(run->source, &run->facts, err);

    if (status == RH_OK)
        status = rh_source_catalog(run->source, &run->catalog, err);
    if (status == RH_OK && filter != NULL)
        status = begin_filter(run, format, err);
    if (status != RH_OK)
        return status;
    system_id = json_string_value(json_object_get(run->facts, "system_id"));
    database = json_string_value(json_object_get(run->facts, "database"));
    status = rh_store_begin(run->repo, system_id == NULL ? "" : system_id,
                            database == NULL ? "" : database, format, &run->store, err);
    if (status == RH_OK)
        status = make_sections(run, err);
    if (status == RH_OK)
        status = make_plan(run, err);
    return status;
}

static rh_status store_sections(void *ctx, json_t *sections, rh_error *err)
{
    take_run *run = ctx;
    const char *const *names = rh_engine_sections(rh_source_kind(run->source));
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < run->section_count; i++) {
        json_t *entry = NULL;
        const char *text = rh_buf_cstr(&run->sections[i]);

        status = rh_store_object(run->store, names[i], text, run->sections[i].len, &entry, err);
        if (status == RH_OK && json_object_set_new(sections, names[i], entry) != 0)
            status = rh_error_oom(err);
    }
    return status;
}

static rh_status write_manifest(take_run *run, char **out_id, json_t **out, rh_error *err)
{
    const rh_take_facts facts = {
        .catalog = run->catalog,
        .tables = run->tables,
        .source = run->facts,
        .filter = filter_of(run),
        .store = run->store,
        .label = run->options->label,
        .held_us = run->held_us,
        .started_us = run->started_us,
    };

    rh_progress_stage(run->options->progress, "commit", 0, 0, 0);
    return rh_take_commit(&facts, store_sections, run, out_id, out, err);
}

static void run_done(take_run *run)
{
    rh_store_free(run->store);
    rh_schedule_done(&run->schedule);
    for (size_t i = 0; run->tables != NULL && i < run->catalog->table_count; i++)
        rh_mem_free(run->tables[i].ranges);
    rh_mem_free(run->tables);
    for (size_t i = 0; i < run->section_count; i++)
        rh_buf_wipe_done(&run->sections[i]);
    rh_mem_free(run->sections);
    rh_buf_wipe_done(&run->structure);
    json_decref(run->facts);
    /* Last: the catalog, which the above still looks at, belongs to the source. */
    rh_source_close(run->source);
    rh_rate_free(run->rate);
    rh_bell_free(run->done);
}

static size_t choose_jobs(size_t wanted)
{
    size_t jobs = wanted == 0 ? rh_pool_processors() : wanted;

    if (wanted == 0 && jobs > DEFAULT_MAX_JOBS)
        jobs = DEFAULT_MAX_JOBS;
    return jobs > MAX_JOBS ? MAX_JOBS : jobs;
}

rh_status rh_snapshot_take(rh_repo *repo, const char *source, const rh_snapshot_options *options,
                           char **out_id, json_t **out, rh_error *err)
{
    take_run run = {.repo = repo, .options = options, .started_us = rh_clock_mono_us()};
    rh_status status;

    run.jobs = choose_jobs(options->jobs);
    rh_buf_init_wiping(&run.structure, 0);
    rh_schedule_init(&run.schedule);
    rh_progress_stage(options->progress, "preflight", 0, 0, 0);
    status = refuse_raw(&run, err);
    if (status == RH_OK)
        status = open_source(&run, source, err);
    if (status == RH_OK)
        status = check_source(&run, err);
    if (status == RH_OK)
        status = rh_cancel_check(options->cancel, err);
    if (status == RH_OK)
        status = rh_source_begin(run.source, err);
    if (status == RH_OK)
        status = prepare(&run, err);
    if (status == RH_OK)
        status = copy_all(&run, err);
    if (run.source != NULL) {
        rh_source_end(run.source);
        run.held_us = rh_source_held_us(run.source);
    }
    if (status == RH_OK)
        status = write_manifest(&run, out_id, out, err);
    run_done(&run);
    return status;
}
