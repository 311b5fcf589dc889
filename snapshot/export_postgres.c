/*
 * A PostgreSQL snapshot as files: sections, one file of rows per table, sequences.
 */
#include "export.h"

#include <string.h>

#include "core/cancel.h"
#include "core/mem.h"
#include "core/pool.h"
#include "core/progress.h"
#include "export_sql.h"
#include "fetch.h"
#include "repo.h"
#include "report_json.h"

enum { MAX_THREADS = 4 };

/* Section of the manifest -> file; each may be absent. */
static const struct {
    const char *section;
    const char *file;
} sections[] = {
    {"pre-data", "schema-pre-data.sql"},
    {"post-data", "schema-post-data.sql"},
    {"statistics", "statistics.jsonl"},
};

static json_t *about(const char *kind)
{
    json_t *entry = json_object();

    if (entry != NULL && rh_report_set(entry, "kind", rh_report_text(kind), NULL) != RH_OK) {
        json_decref(entry);
        return NULL;
    }
    return entry;
}

static json_t *about_table(const rh_stored_table *stored)
{
    json_t *entry = about("rows");
    rh_status status = entry == NULL ? RH_ENOMEM : RH_OK;

    if (status == RH_OK)
        status = rh_report_set(entry, "table", rh_report_text(stored->table->full_name), NULL);
    if (status == RH_OK)
        status = rh_report_set(entry, "rows", json_integer((json_int_t)stored->rows), NULL);
    if (status == RH_OK)
        status = rh_report_set(entry, "plain_bytes", json_integer((json_int_t)stored->bytes), NULL);
    if (status != RH_OK) {
        json_decref(entry);
        return NULL;
    }
    return entry;
}

/* ---- rows ---- */

static rh_status check_table(const rh_fetch *fetch, const rh_stored_table *stored, rh_error *err)
{
    rh_u128 found = rh_fetch_row_hash(fetch);

    if (found.low == stored->row_hash.low && found.high == stored->row_hash.high &&
        rh_fetch_rows(fetch) == stored->rows)
        return RH_OK;
    return rh_error_set(err, RH_EFORMAT, "the rows do not add up to the manifest's row hash");
}

static rh_status copy_rows(rh_export *x, rh_pool *pool, rh_fetch *fetch, rh_writer *out,
                           rh_error *err)
{
    rh_status status = RH_OK;

    while (status == RH_OK) {
        const uint8_t *data = NULL;
        size_t len = 0;
        int64_t rows = 0;

        if (rh_pool_stopping(pool))
            return rh_error_set(err, RH_ECANCELED, "stopped because another file failed");
        status = rh_cancel_check(rh_repo_cancel(x->repo), err);
        if (status == RH_OK)
            status = rh_fetch_next(fetch, &data, &len, &rows, err);
        if (status == RH_OK && len > 0)
            status = rh_writer_put(out, data, len, err);
        rh_progress_add(rh_repo_progress(x->repo), len, (uint64_t)rows, 0);
    }
    return status == RH_DONE ? RH_OK : status;
}

static rh_status export_table(rh_export *x, rh_pool *pool, const rh_stored_table *stored,
                              rh_error *err)
{
    char name[RH_EXPORT_NAME_BYTES + sizeof ".copy.zst"];
    rh_export_file file = {0};
    rh_fetch *fetch = NULL;
    rh_status status;

    rh_export_name(stored->table->full_name, name);
    memcpy(name + strlen(name), ".copy.zst", sizeof ".copy.zst");
    status = rh_fetch_open(x->repo, x->manifest, stored, 0, stored->range_count, &fetch, err);
    if (status == RH_OK)
        status = rh_export_file_open(x, name, true, &file, err);
    if (status == RH_OK)
        status = copy_rows(x, pool, fetch, file.top, err);
    if (status == RH_OK)
        status = check_table(fetch, stored, err);
    if (status == RH_OK)
        status = rh_export_file_end(&file, about_table(stored), err);
    rh_export_file_done(&file);
    rh_fetch_free(fetch);
    if (status != RH_OK)
        rh_error_where(err, "table '%s'", stored->table->full_name);
    return status;
}

static rh_status table_thread(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    rh_export *x = ctx;
    rh_status status = RH_OK;

    (void)index;
    while (status == RH_OK && !rh_pool_stopping(pool)) {
        size_t at = atomic_fetch_add(&x->next, 1);

        if (at >= rh_manifest_table_count(x->manifest))
            break;
        if (!rh_manifest_table(x->manifest, at)->table->rows_excluded)
            status = export_table(x, pool, rh_manifest_table(x->manifest, at), err);
        rh_progress_add(rh_repo_progress(x->repo), 0, 0, 1);
    }
    return status;
}

static rh_status export_rows(rh_export *x, rh_error *err)
{
    size_t tables = rh_manifest_table_count(x->manifest);
    size_t threads = rh_pool_processors();
    uint64_t bytes = 0;
    uint64_t rows = 0;

    for (size_t i = 0; i < tables; i++) {
        bytes += (uint64_t)rh_manifest_table(x->manifest, i)->bytes;
        rows += (uint64_t)rh_manifest_table(x->manifest, i)->rows;
    }
    rh_progress_stage(rh_repo_progress(x->repo), "rows", bytes, rows, tables);
    threads = threads > MAX_THREADS ? MAX_THREADS : threads;
    threads = threads > tables ? tables : threads;
    return rh_pool_run(threads == 0 ? 1 : threads, table_thread, x, err);
}

/* ---- sections ---- */

/* A section that the snapshot does not have is an empty file: restore.sh runs it all the same. */
static rh_status export_section(rh_export *x, const char *section, const char *file, rh_error *err)
{
    rh_buf text = RH_BUF_INIT_WIPING;
    rh_status status = RH_OK;

    if (rh_manifest_find_section(x->manifest, section) != NULL)
        status = rh_fetch_section(x->repo, x->manifest, section, &text, err);
    if (status == RH_OK)
        status = rh_export_put(x, file, text.data, text.len, about(section), err);
    rh_buf_wipe_done(&text);
    return status;
}

static rh_status export_sequences(rh_export *x, rh_error *err)
{
    rh_buf text = RH_BUF_INIT_WIPING;
    rh_status status = rh_export_sql_sequences(&text, rh_manifest_source(x->manifest), err);

    if (status == RH_OK)
        status = rh_export_put(x, "sequences.sql", text.data, text.len, about("sequences"), err);
    rh_buf_done(&text);
    return status;
}

rh_status rh_export_postgres(rh_export *x, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < sizeof sections / sizeof sections[0]; i++)
        status = export_section(x, sections[i].section, sections[i].file, err);
    if (status == RH_OK)
        status = export_sequences(x, err);
    if (status == RH_OK)
        status = rh_export_restore_script(x, err);
    if (status == RH_OK)
        status = export_rows(x, err);
    return status;
}
