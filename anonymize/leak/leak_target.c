/*
 * A whole database, read as a source: ranges of rows by all readers, sections and settings by the
 * first, then the file's own bytes.
 */
#include <stdatomic.h>

#include "core/mem.h"
#include "core/pool.h"
#include "core/str.h"
#include "leak_internal.h"

typedef struct target_run {
    rh_leak *leak;
    rh_source *source;
    const rh_catalog *catalog;
    rh_engine_kind kind;
    const rh_table **tables; /* one entry per range */
    const rh_range **ranges;
    size_t count;
    atomic_size_t next;
} target_run;

typedef struct range_sink {
    rh_leak_table *reader;
    rh_rows_format format;
    rh_progress *progress;
} range_sink;

static rh_status take_batch(void *ctx, const rh_batch *batch, rh_error *err)
{
    range_sink *sink = ctx;
    rh_status status = rh_leak_table_rows(sink->reader, sink->format, batch, err);

    if (status == RH_OK)
        rh_progress_add(sink->progress, batch->len, batch->rows, 0);
    return status;
}

static rh_status scan_range(target_run *run, rh_session *session, size_t index, rh_error *err)
{
    const rh_table *table = run->tables[index];
    range_sink sink = {.format = rh_engine_rows_format(run->kind),
                       .progress = run->leak->options.progress};
    rh_row_sink rows = {.put = take_batch, .ctx = &sink};
    rh_status status = rh_leak_table_open(run->leak, table, &sink.reader, err);
    rh_status closed;

    if (status == RH_OK)
        status = rh_session_rows(session, table, run->ranges[index], &rows, err);
    closed = rh_leak_table_close(sink.reader, status == RH_OK ? err : NULL);
    return status == RH_OK ? closed : status;
}

static rh_status scan_thread(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    target_run *run = ctx;
    rh_session *session = NULL;
    rh_status status = rh_session_open(run->source, &session, err);

    if (status == RH_SKIPPED && index > 0)
        return RH_OK;
    if (status == RH_SKIPPED)
        status = rh_error_set(err, RH_EBUSY, "there is no reader to be had");
    while (status == RH_OK && !rh_pool_stopping(pool)) {
        size_t at = atomic_fetch_add(&run->next, 1);

        if (at >= run->count)
            break;
        status = scan_range(run, session, at, err);
    }
    rh_session_close(session);
    return status;
}

static rh_status list_ranges(target_run *run, rh_error *err)
{
    size_t count = 0;
    int64_t bytes = 0;
    int64_t rows = 0;

    for (size_t i = 0; i < run->catalog->table_count; i++)
        count += run->catalog->tables[i].range_count;
    run->tables = rh_mem_array(count + 1, sizeof *run->tables);
    run->ranges = rh_mem_array(count + 1, sizeof *run->ranges);
    if (run->tables == NULL || run->ranges == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < run->catalog->table_count; i++) {
        const rh_table *table = &run->catalog->tables[i];

        if (table->rows_excluded)
            continue;
        leak_add_totals(run->leak, 1, 0, 0, 0);
        bytes += table->estimated_bytes;
        rows += table->estimated_rows;
        for (size_t r = 0; r < table->range_count; r++) {
            run->tables[run->count] = table;
            run->ranges[run->count++] = &table->ranges[r];
        }
    }
    rh_progress_stage(run->leak->options.progress, "rows", (uint64_t)bytes, (uint64_t)rows, 0);
    return RH_OK;
}

static rh_status scan_rows(target_run *run, rh_error *err)
{
    rh_status status = list_ranges(run, err);
    size_t jobs = run->leak->options.jobs;

    if (status != RH_OK || run->count == 0)
        return status;
    /* fewer threads than jobs would leave SQLite's readers waiting for each other */
    return rh_pool_run(jobs < 256 ? jobs : 256, scan_thread, run, err);
}

static rh_status scan_sections(target_run *run, rh_error *err)
{
    const char *const *names = rh_engine_sections(run->kind);
    json_t *facts = NULL;
    rh_status status = rh_source_facts(run->source, &facts, err);

    if (status == RH_OK)
        status = rh_leak_facts(run->leak, facts, err);
    json_decref(facts);
    for (size_t i = 0; status == RH_OK && names[i] != NULL; i++) {
        rh_error missing = RH_ERROR_INIT;
        rh_buf text = RH_BUF_INIT;

        if (strcmp(names[i], "structure") == 0)
            continue;
        rh_buf_init_wiping(&text, (size_t)1 << 30);
        status = rh_source_section(run->source, names[i], &text, &missing);
        if (status == RH_OK)
            status =
                rh_leak_section(run->leak, run->kind, names[i], rh_buf_cstr(&text), text.len, err);
        else if (status == RH_ENOTFOUND)
            status = RH_OK;
        else if (err != NULL)
            *err = missing;
        rh_buf_wipe_done(&text);
    }
    return status;
}

static rh_status scan_source(target_run *run, rh_error *err)
{
    rh_status status = rh_source_begin(run->source, err);

    if (status == RH_OK)
        status = rh_source_catalog(run->source, &run->catalog, err);
    if (status == RH_OK)
        status = scan_sections(run, err);
    if (status == RH_OK)
        status = scan_rows(run, err);
    rh_source_end(run->source);
    return status;
}

static rh_status scan_file(rh_leak *leak, const char *target, rh_error *err)
{
    const char *path = rh_str_starts_with(target, "sqlite:") ? target + 7 : target;

    rh_progress_stage(leak->options.progress, "file", 0, 0, 0);
    return rh_leak_file(leak, path, err);
}

rh_status rh_leak_scan(const char *target, const rh_leak_options *options, json_t **out,
                       bool *out_leaks, rh_error *err)
{
    rh_source_options source = RH_SOURCE_OPTIONS_INIT;
    target_run run = {.leak = NULL};
    rh_status status = rh_leak_new(options, &run.leak, err);

    if (status != RH_OK)
        return status;
    source.include = options->include;
    source.exclude = options->exclude;
    source.jobs = run.leak->options.jobs;
    source.cancel = options->cancel;
    status = rh_source_open(target, &source, &run.source, err);
    if (status == RH_OK) {
        run.kind = rh_source_kind(run.source);
        status = scan_source(&run, err);
    }
    if (status == RH_OK && run.kind == RH_ENGINE_SQLITE && !options->skip_file)
        status = scan_file(run.leak, target, err);
    if (status == RH_OK)
        status = rh_leak_report(run.leak, out, out_leaks, err);
    rh_source_close(run.source);
    rh_mem_free(run.tables);
    rh_mem_free(run.ranges);
    rh_leak_free(run.leak);
    return status;
}
