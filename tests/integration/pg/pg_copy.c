#include "pg_copy.h"

#include <stdlib.h>
#include <string.h>

#include "core/mem.h"

/* ---- reading ---- */

typedef struct collector {
    rh_buf *rows;
    int64_t *count;
} collector;

static rh_status collect(void *ctx, const rh_batch *batch, rh_error *err)
{
    collector *c = ctx;

    *c->count += (int64_t)batch->rows;
    if (batch->rows == 0 || batch->ends[batch->rows - 1] != batch->len)
        return rh_error_set(err, RH_EFORMAT, "the batch does not end with a row");
    return rh_buf_append(c->rows, batch->data, batch->len, err);
}

static rh_status through_json(const rh_catalog *catalog, rh_catalog **out, rh_error *err)
{
    json_t *list = json_array();
    rh_status status = list == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; i < catalog->table_count && status == RH_OK; i++) {
        json_t *table = NULL;

        status = rh_table_to_json(&catalog->tables[i], &table, err);
        if (status == RH_OK && json_array_append_new(list, table) != 0)
            status = rh_error_oom(err);
    }
    if (status == RH_OK)
        status = rh_catalog_from_json(list, out, err);
    json_decref(list);
    return status;
}

static rh_status read_rows(rh_source *source, const rh_catalog *catalog, size_t jobs, pg_held *held,
                           rh_error *err)
{
    rh_session *sessions[8] = {NULL};
    rh_status status = RH_OK;
    size_t next = 0;

    for (size_t i = 0; i < jobs && status == RH_OK; i++)
        status = rh_session_open(source, &sessions[i], err);
    for (size_t t = 0; t < catalog->table_count && status == RH_OK; t++) {
        const rh_table *table = &catalog->tables[t];
        collector c = {&held->rows[t], &held->counts[t]};
        rh_row_sink sink = {collect, &c};

        for (size_t r = 0; r < table->range_count && status == RH_OK; r++) {
            status = rh_session_rows(sessions[next++ % jobs], table, &table->ranges[r], &sink, err);
            held->range_count++;
        }
    }
    for (size_t i = 0; i < jobs; i++)
        rh_session_close(sessions[i]);
    return status;
}

static size_t count_sections(void)
{
    size_t count = 0;

    while (rh_engine_sections(RH_ENGINE_POSTGRESQL)[count] != NULL)
        count++;
    return count;
}

static rh_status read_sections(rh_source *source, pg_held *held, rh_error *err)
{
    const char *const *names = rh_engine_sections(RH_ENGINE_POSTGRESQL);
    rh_status status = RH_OK;

    for (size_t i = 0; names[i] != NULL && status == RH_OK; i++)
        status = rh_source_section(source, names[i], &held->sections[i], err);
    return status;
}

rh_status pg_take(const char *name, const rh_source_options *options, rh_problems *problems,
                  pg_held *out, rh_error *err)
{
    rh_source *source = NULL;
    const rh_catalog *catalog = NULL;
    pg_held held = {NULL, NULL, NULL, NULL, NULL, 0};
    rh_status status = rh_source_open(name, options, &source, err);

    if (status == RH_OK)
        status = rh_source_preflight(source, problems, err);
    if (status == RH_OK && rh_problems_fatal(problems) > 0)
        status = rh_error_set(err, RH_EPRIVILEGE, "preflight refused");
    if (status == RH_OK)
        status = rh_source_begin(source, err);
    if (status == RH_OK)
        status = rh_source_catalog(source, &catalog, err);
    if (status == RH_OK) {
        held.sections = rh_mem_array(count_sections(), sizeof *held.sections);
        held.rows = rh_mem_array(catalog->table_count + 1, sizeof *held.rows);
        held.counts = rh_mem_array(catalog->table_count + 1, sizeof *held.counts);
        if (held.sections == NULL || held.rows == NULL || held.counts == NULL)
            status = rh_error_oom(err);
    }
    for (size_t i = 0; status == RH_OK && i < catalog->table_count; i++)
        rh_buf_init(&held.rows[i], (size_t)1 << 30);
    if (status == RH_OK)
        status = through_json(catalog, &held.catalog, err);
    if (status == RH_OK)
        status = rh_source_facts(source, &held.facts, err);
    if (status == RH_OK)
        status = read_sections(source, &held, err);
    if (status == RH_OK)
        status = read_rows(source, catalog, options->jobs, &held, err);
    rh_source_end(source);
    rh_source_close(source);
    if (status == RH_OK)
        *out = held;
    else
        pg_held_done(&held);
    return status;
}

void pg_held_done(pg_held *held)
{
    for (size_t i = 0;
         held->rows != NULL && held->catalog != NULL && i < held->catalog->table_count; i++)
        rh_buf_done(&held->rows[i]);
    for (size_t i = 0; held->sections != NULL && i < count_sections(); i++)
        rh_buf_done(&held->sections[i]);
    rh_mem_free(held->rows);
    rh_mem_free(held->counts);
    rh_mem_free(held->sections);
    json_decref(held->facts);
    rh_catalog_free(held->catalog);
    memset(held, 0, sizeof *held);
}

/* ---- writing ---- */

static rh_status give_section(void *ctx, const char *name, rh_buf *out, rh_error *err)
{
    const pg_held *held = ctx;
    const char *const *names = rh_engine_sections(RH_ENGINE_POSTGRESQL);

    for (size_t i = 0; names[i] != NULL; i++) {
        if (strcmp(names[i], name) == 0)
            return rh_buf_append(out, held->sections[i].data, held->sections[i].len, err);
    }
    return rh_error_set(err, RH_ENOTFOUND, "no section '%s'", name);
}

/* Pieces of 100,003 bytes: rows are spread over them now and then. */
typedef struct feeder {
    const uint8_t *data;
    size_t len;
    size_t at;
} feeder;

static rh_status feed(void *ctx, const uint8_t **out_data, size_t *out_len, rh_error *err)
{
    feeder *f = ctx;
    size_t left = f->len - f->at;

    (void)err;
    if (left == 0)
        return RH_DONE;
    *out_data = f->data + f->at;
    *out_len = left < 100003 ? left : 100003;
    f->at += *out_len;
    return RH_OK;
}

static rh_status load_part(rh_loader *loader, const rh_table *table, bool whole,
                           const uint8_t *data, size_t len, int64_t *total, rh_error *err)
{
    feeder f = {data, len, 0};
    rh_row_reader reader = {feed, &f};
    int64_t rows = 0;
    rh_status status = rh_loader_load(loader, table, whole, &reader, &rows, err);

    *total += rows;
    return status;
}

static rh_status load_table(rh_loader **loaders, const rh_table *table, const rh_buf *rows,
                            bool split, int64_t expected, rh_error *err)
{
    const uint8_t *middle =
        rows->len > 1000 ? memchr(rows->data + rows->len / 2, '\n', rows->len / 2) : NULL;
    int64_t stored = 0;
    rh_status status;

    if (split && middle != NULL && table->kind == RH_TABLE_PLAIN) {
        size_t first = (size_t)(middle + 1 - rows->data);

        status = load_part(loaders[0], table, false, rows->data, first, &stored, err);
        if (status == RH_OK)
            status =
                load_part(loaders[1], table, false, middle + 1, rows->len - first, &stored, err);
    } else {
        status = load_part(loaders[0], table, true, rows->data, rows->len, &stored, err);
    }
    if (status == RH_OK && stored != expected)
        status = rh_error_set(err, RH_EMISMATCH, "table '%s': %lld rows stored, %lld sent",
                              table->full_name, (long long)stored, (long long)expected);
    return status;
}

static rh_status load_all(rh_target *target, const pg_held *held, bool split, rh_error *err)
{
    rh_loader *loaders[2] = {NULL, NULL};
    rh_status status = rh_loader_open(target, &loaders[0], err);

    if (status == RH_OK)
        status = rh_loader_open(target, &loaders[1], err);
    for (size_t t = 0; t < held->catalog->table_count && status == RH_OK; t++) {
        const rh_table *table = &held->catalog->tables[t];

        if (!table->rows_excluded)
            status = load_table(loaders, table, &held->rows[t], split, held->counts[t], err);
    }
    rh_loader_close(loaders[0]);
    rh_loader_close(loaders[1]);
    return status;
}

rh_status pg_put(const char *name, const rh_target_options *options, const pg_held *held,
                 bool split, rh_problems *problems, json_t **out_commit, rh_error *err)
{
    union {
        const pg_held *given;
        void *ctx;
    } held_ctx = {held};
    rh_restore_input input = {held->facts, held->catalog, give_section, held_ctx.ctx};
    rh_target *target = NULL;
    rh_status status = rh_target_open(name, options, &target, err);

    if (status == RH_OK)
        status = rh_target_check(target, &input, problems, err);
    if (status == RH_OK && rh_problems_fatal(problems) > 0)
        status = rh_error_set(err, RH_EUSAGE, "check refused");
    if (status == RH_OK)
        status = rh_target_begin(target, &input, err);
    if (status == RH_OK)
        status = load_all(target, held, split, err);
    if (status == RH_OK)
        status = rh_target_finish(target, problems, err);
    if (status == RH_OK && out_commit != NULL)
        status = rh_target_commit(target, out_commit, err);
    rh_target_free(target);
    return status;
}
