/*
 * Rows and sections of a snapshot as text, without a database.
 *
 * Rows are shown chunk by chunk; the pieces of a row that is longer than a chunk are put together
 * first, up to MAX_ROW_BYTES.
 */
#include <rehearse/repository.h>

#include <string.h>

#include "core/cancel.h"
#include "core/engine.h"
#include "core/progress.h"
#include "core/rows.h"
#include "core/str.h"
#include "core/stream.h"
#include "fetch.h"
#include "manifest.h"
#include "repo.h"

static const size_t MAX_ROW_BYTES = (size_t)128 << 20;
static const size_t MAX_TEXT_BYTES = (size_t)1 << 30; /* one batch as text */

typedef struct cat {
    rh_engine_kind engine;
    const rh_table *table;
    uint64_t left; /* rows still wanted */
    rh_writer *out;
    rh_buf row; /* pieces of a long row */
    rh_buf text;
    rh_batch_builder builder;
} cat;

static void cat_init(cat *c)
{
    memset(c, 0, sizeof *c);
    rh_buf_init_wiping(&c->row, MAX_ROW_BYTES);
    rh_buf_init_wiping(&c->text, MAX_TEXT_BYTES);
    rh_batch_builder_init(&c->builder, 0);
}

static void cat_done(cat *c)
{
    rh_buf_wipe_done(&c->row);
    rh_buf_wipe_done(&c->text);
    rh_batch_builder_done(&c->builder);
}

/* A table by its full name, or by its bare name when only one schema has it. */
static rh_status find_table(const rh_manifest *manifest, const char *name,
                            const rh_stored_table **out, rh_error *err)
{
    const rh_stored_table *found = NULL;
    size_t matches = 0;

    for (size_t i = 0; i < rh_manifest_table_count(manifest); i++) {
        const rh_stored_table *stored = rh_manifest_table(manifest, i);

        if (rh_str_eq(stored->table->full_name, name)) {
            *out = stored;
            return RH_OK;
        }
        if (rh_str_eq(stored->table->name, name)) {
            found = stored;
            matches++;
        }
    }
    if (matches == 1) {
        *out = found;
        return RH_OK;
    }
    rh_error_set(err, RH_ENOTFOUND,
                 matches == 0 ? "the snapshot has no table '%s'"
                              : "more than one schema has a table '%s'",
                 name);
    rh_error_hint(err, "tables are named schema.table; 'rehearse show' lists them");
    return RH_ENOTFOUND;
}

/* Put together what belongs to one long row; *out_len stays 0 until it is complete. */
static rh_status collect(cat *c, const uint8_t **data, size_t *len, int64_t rows, rh_error *err)
{
    rh_status status;

    if (rows > 0 && c->row.len == 0)
        return RH_OK;
    status = rh_buf_append(&c->row, *data, *len, err);
    if (status == RH_ELIMIT) {
        rh_error_clear(err);
        rh_error_set(err, RH_ELIMIT, "a row of '%s' is longer than %zu MiB, the limit of cat",
                     c->table->full_name, MAX_ROW_BYTES >> 20);
        rh_error_hint(err, "use 'rehearse export' or 'rehearse restore' for this table");
    }
    *data = c->row.data;
    *len = rows > 0 ? c->row.len : 0;
    return status;
}

static rh_status show_rows(cat *c, const uint8_t *data, size_t len, rh_error *err)
{
    rh_batch batch = {0};
    rh_status status =
        rh_rows_split(rh_engine_rows_format(c->engine), data, len, &c->builder, &batch, err);

    if (status != RH_OK || batch.rows == 0)
        return status;
    if (batch.rows > c->left) {
        batch.rows = (size_t)c->left;
        batch.len = batch.ends[batch.rows - 1];
    }
    rh_buf_clear(&c->text);
    status = rh_rows_render(c->engine, c->table, &batch, &c->text, err);
    if (status == RH_OK)
        status = rh_writer_put(c->out, c->text.data, c->text.len, err);
    c->left -= batch.rows;
    return status;
}

static rh_status cat_rows(cat *c, rh_repo *repo, rh_fetch *fetch, rh_error *err)
{
    rh_status status = RH_OK;

    while (c->left > 0) {
        const uint8_t *data = NULL;
        size_t len = 0;
        int64_t rows = 0;
        bool was_long;

        status = rh_cancel_check(rh_repo_cancel(repo), err);
        if (status == RH_OK)
            status = rh_fetch_next(fetch, &data, &len, &rows, err);
        if (status != RH_OK)
            break;
        rh_progress_add(rh_repo_progress(repo), len, (uint64_t)rows, 0);
        was_long = c->row.len > 0;
        status = collect(c, &data, &len, rows, err);
        if (status == RH_OK && rows > 0)
            status = show_rows(c, data, len, err);
        if (status != RH_OK)
            break;
        if (was_long && rows > 0)
            rh_buf_clear(&c->row);
    }
    return status == RH_DONE ? RH_OK : status;
}

static rh_status need_key(const rh_repo *repo, rh_error *err)
{
    if (rh_repo_can_read(repo))
        return RH_OK;
    rh_error_set(err, RH_EKEY, "the repository is sealed and no key to read it was given");
    rh_error_hint(err, "give the secret key file with --key");
    return RH_EKEY;
}

rh_status rh_repo_cat(rh_repo *repo, const char *snapshot_id, const char *table, uint64_t limit,
                      rh_writer *out, rh_error *err)
{
    rh_manifest *manifest = NULL;
    rh_fetch *fetch = NULL;
    const rh_stored_table *stored = NULL;
    cat c;
    rh_status status = need_key(repo, err);

    cat_init(&c);
    if (status == RH_OK)
        status = rh_manifest_load(repo, snapshot_id, &manifest, err);
    if (status == RH_OK)
        status = find_table(manifest, table, &stored, err);
    if (status == RH_OK && stored->table->rows_excluded)
        status = rh_error_set(err, RH_ENOTFOUND, "the rows of '%s' were left out of this snapshot",
                              stored->table->full_name);
    if (status == RH_OK)
        status = rh_fetch_open(repo, manifest, stored, 0, stored->range_count, &fetch, err);
    if (status == RH_OK) {
        c.engine = rh_manifest_engine(manifest);
        c.table = stored->table;
        c.left = limit == 0 ? UINT64_MAX : limit;
        c.out = out;
        rh_progress_stage(rh_repo_progress(repo), "rows", (uint64_t)stored->bytes,
                          (uint64_t)stored->rows, 0);
        status = cat_rows(&c, repo, fetch, err);
    }
    rh_fetch_free(fetch);
    cat_done(&c);
    rh_manifest_free(manifest);
    return status;
}

/* Replace the plain "not found" by one that lists what there is. */
static rh_status no_section(const rh_manifest *manifest, const char *name, rh_error *err)
{
    rh_buf names = RH_BUF_INIT;

    rh_error_clear(err);
    rh_error_set(err, RH_ENOTFOUND, "the snapshot has no section '%s'", name);
    for (size_t i = 0; i < rh_manifest_section_count(manifest); i++) {
        if (rh_buf_printf(&names, NULL, "%s%s", i == 0 ? "" : ", ",
                          rh_manifest_section(manifest, i)->name) != RH_OK)
            break;
    }
    if (names.len > 0)
        rh_error_hint(err, "it has %s", rh_buf_cstr(&names));
    rh_buf_done(&names);
    return RH_ENOTFOUND;
}

rh_status rh_repo_cat_section(rh_repo *repo, const char *snapshot_id, const char *section,
                              rh_writer *out, rh_error *err)
{
    rh_manifest *manifest = NULL;
    rh_buf text = RH_BUF_INIT_WIPING;
    rh_status status = need_key(repo, err);

    if (status == RH_OK)
        status = rh_manifest_load(repo, snapshot_id, &manifest, err);
    if (status == RH_OK && rh_manifest_find_section(manifest, section) == NULL)
        status = no_section(manifest, section, err);
    if (status == RH_OK)
        status = rh_fetch_section(repo, manifest, section, &text, err);
    if (status == RH_OK && text.len > 0)
        status = rh_writer_put(out, text.data, text.len, err);
    rh_buf_wipe_done(&text);
    rh_manifest_free(manifest);
    return status;
}
