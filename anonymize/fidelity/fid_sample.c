/*
 * SQLite's statistics have no values, so that prefixes come from the tables: a seek per row.
 */
#include "core/catalog.h"
#include "core/mem.h"
#include "fid_statistics.h"

/* Enough for 201 different values where a handful of frequent ones are most of a column. */
enum { SAMPLE_ROWS = 2000 };

typedef struct table_sample {
    const rh_table *table;
    rh_fid_texts *texts; /* one per column */
} table_sample;

static rh_status see_row(void *ctx, const rh_field *fields, rh_error *err)
{
    table_sample *sample = ctx;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < sample->table->column_count; i++) {
        if (fields[i].kind == RH_FIELD_TEXT)
            status = rh_fid_texts_add(&sample->texts[i], fields[i].data, fields[i].len, err);
    }
    return status;
}

static rh_status add_columns(rh_fid_statistics *statistics, const table_sample *sample,
                             rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < sample->table->column_count; i++) {
        rh_fid_column column = {
            .table = rh_arena_strdup(statistics->arena, sample->table->name),
            .name = rh_arena_strdup(statistics->arena, sample->table->columns[i].name),
            .sampled = true};

        if (column.table == NULL || column.name == NULL)
            return rh_error_oom(err);
        status = rh_fid_texts_prefixes(&sample->texts[i], &column.prefixes, err);
        if (status == RH_OK)
            status = rh_fid_column_add(statistics, &column, err);
    }
    return status;
}

static rh_status sample_table(rh_fid_statistics *statistics, rh_session *session,
                              const rh_table *table, rh_error *err)
{
    table_sample sample = {table, rh_mem_array(table->column_count, sizeof *sample.texts)};
    rh_row_look look = {see_row, &sample};
    rh_status status;

    if (sample.texts == NULL)
        return rh_error_oom(err);
    status = rh_session_spread(session, table, SAMPLE_ROWS, &look, err);
    if (status == RH_OK)
        status = add_columns(statistics, &sample, err);
    for (size_t i = 0; i < table->column_count; i++)
        rh_fid_texts_done(&sample.texts[i]);
    rh_mem_free(sample.texts);
    return status;
}

rh_status rh_fid_sample(rh_fid_statistics *statistics, rh_source *source,
                        const char *const *include, const char *const *exclude, rh_error *err)
{
    const rh_catalog *catalog = NULL;
    rh_session *session = NULL;
    rh_status status = rh_source_catalog(source, &catalog, err);

    if (status == RH_OK)
        status = rh_session_open(source, &session, err);
    if (status == RH_SKIPPED)
        status = rh_error_set(err, RH_EBUSY, "no reader is to be had");
    for (size_t i = 0; status == RH_OK && i < catalog->table_count; i++) {
        const rh_table *table = &catalog->tables[i];

        if (table->kind == RH_TABLE_PLAIN && !table->rows_excluded &&
            rh_catalog_selected(include, exclude, table->name, table->name))
            status = sample_table(statistics, session, table, err);
    }
    rh_session_close(session);
    if (status == RH_OK) {
        rh_fid_statistics_sort(statistics);
        statistics->sampled = true;
    }
    return status;
}
