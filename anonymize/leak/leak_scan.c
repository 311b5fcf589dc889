/*
 * The scan as an object: readers of tables, one per thread, hand in their counts when they close.
 */
#include <math.h>

#include "core/mem.h"
#include "core/seal.h"
#include "core/str.h"
#include "leak_internal.h"

enum { MAX_FINDINGS = 100000 };

rh_status rh_leak_new(const rh_leak_options *options, rh_leak **out, rh_error *err)
{
    rh_leak *leak;

    if (!(options->sample > 0 && options->sample <= 1))
        return rh_error_set(err, RH_EUSAGE, "the share of rows to look at is above 0, at most 1");
    leak = rh_mem_zalloc(sizeof *leak);
    if (leak == NULL)
        return rh_error_oom(err);
    leak->options = *options;
    if (leak->options.jobs == 0)
        leak->options.jobs = 1;
    leak->names = rh_arena_new(0);
    leak->has_lock = leak->names != NULL && pthread_mutex_init(&leak->lock, NULL) == 0;
    if (!leak->has_lock) {
        rh_leak_free(leak);
        return rh_error_oom(err);
    }
    *out = leak;
    return RH_OK;
}

void rh_leak_free(rh_leak *leak)
{
    if (leak == NULL)
        return;
    if (leak->has_lock)
        (void)pthread_mutex_destroy(&leak->lock);
    rh_arena_free(leak->names);
    rh_mem_free(leak->findings);
    rh_mem_free(leak);
}

/* ---- findings ---- */

static void merge_counts(leak_counts *into, const leak_counts *from)
{
    for (size_t i = 0; i < DETECTORS; i++) {
        into->by[i].seen.values += from->by[i].seen.values;
        into->by[i].weak.values += from->by[i].weak.values;
        into->by[i].look.values += from->by[i].look.values;
    }
}

static leak_finding *find(rh_leak *leak, const char *table, const char *column, const char *place)
{
    for (size_t i = 0; i < leak->count; i++) {
        leak_finding *finding = &leak->findings[i];

        if (rh_str_eq(finding->table, table) && rh_str_eq(finding->column, column) &&
            rh_str_eq(finding->place, place))
            return finding;
    }
    return NULL;
}

static rh_status append(rh_leak *leak, const char *table, const char *column, const char *place,
                        leak_finding **out, rh_error *err)
{
    leak_finding *finding;

    if (leak->count == leak->cap) {
        size_t cap = leak->cap == 0 ? 16 : leak->cap * 2;
        leak_finding *items = rh_mem_rearray(leak->findings, cap, sizeof *items);

        if (items == NULL)
            return rh_error_oom(err);
        leak->findings = items;
        leak->cap = cap;
    }
    finding = &leak->findings[leak->count];
    memset(finding, 0, sizeof *finding);
    finding->table = table == NULL ? NULL : rh_arena_strdup(leak->names, table);
    finding->column = column == NULL ? NULL : rh_arena_strdup(leak->names, column);
    finding->place = rh_arena_strdup(leak->names, place);
    if ((table != NULL && finding->table == NULL) || (column != NULL && finding->column == NULL) ||
        finding->place == NULL)
        return rh_error_oom(err);
    leak->count++;
    *out = finding;
    return RH_OK;
}

rh_status leak_add(rh_leak *leak, const char *table, const char *column, const char *place,
                   const leak_counts *counts, rh_error *err)
{
    leak_finding *finding;
    rh_status status = RH_OK;

    if (!counts->any)
        return RH_OK;
    (void)pthread_mutex_lock(&leak->lock);
    finding = find(leak, table, column, place);
    if (finding == NULL && leak->count >= MAX_FINDINGS)
        finding = &leak->findings[leak->count - 1]; /* never silently dropped */
    if (finding == NULL)
        status = append(leak, table, column, place, &finding, err);
    if (status == RH_OK)
        merge_counts(&finding->counts, counts);
    (void)pthread_mutex_unlock(&leak->lock);
    return status;
}

void leak_add_totals(rh_leak *leak, uint64_t tables, uint64_t rows, uint64_t bytes, uint64_t tokens)
{
    (void)pthread_mutex_lock(&leak->lock);
    leak->tables += tables;
    leak->rows += rows;
    leak->bytes += bytes;
    leak->tokens += tokens;
    (void)pthread_mutex_unlock(&leak->lock);
}

/* ---- readers of tables ---- */

static void free_reader(rh_leak_table *reader)
{
    leak_eye_done(&reader->eye);
    rh_buf_wipe_done(&reader->scratch);
    rh_mem_free(reader->counts);
    rh_mem_free(reader->stored);
    rh_mem_free(reader);
}

static void read_extra(rh_leak_table *reader)
{
    const json_t *extra = reader->table->extra;
    const char *encoding = json_string_value(json_object_get(extra, "encoding"));
    const json_t *ipk = json_object_get(extra, "ipk");

    reader->has_rowid = json_is_true(json_object_get(extra, "rowid"));
    reader->ipk = json_is_integer(ipk) ? (long)json_integer_value(ipk) : -1;
    if (reader->ipk >= (long)reader->table->column_count)
        reader->ipk = -1;
    reader->utf16 = encoding != NULL && strncmp(encoding, "UTF-16", 6) == 0;
    reader->big_endian = rh_str_eq(encoding, "UTF-16be");
    reader->samples = rh_str_eq(reader->table->name, "sqlite_stat4");
}

rh_status rh_leak_table_open(rh_leak *leak, const rh_table *table, rh_leak_table **out,
                             rh_error *err)
{
    rh_leak_table *reader = rh_mem_zalloc(sizeof *reader);

    if (reader == NULL)
        return rh_error_oom(err);
    reader->leak = leak;
    reader->table = table;
    leak_eye_init(&reader->eye, &leak->options);
    rh_buf_init_wiping(&reader->scratch, (size_t)1 << 30);
    reader->counts = rh_mem_array(table->column_count + 1, sizeof *reader->counts);
    reader->stored = rh_mem_array(table->column_count + 1, sizeof *reader->stored);
    if (reader->counts == NULL || reader->stored == NULL) {
        free_reader(reader);
        return rh_error_oom(err);
    }
    for (size_t i = 0; i < table->column_count; i++) {
        if (!table->columns[i].generated)
            reader->stored[reader->stored_count++] = i;
    }
    read_extra(reader);
    *out = reader;
    return RH_OK;
}

/* Every batch at 1, each second one at 0.5 and so on; always the first. */
static bool is_in_sample(rh_leak_table *reader)
{
    double share = reader->leak->options.sample;
    double before = (double)reader->batches * share;

    reader->batches++;
    return share >= 1 || ceil(before + share) > ceil(before);
}

rh_status rh_leak_table_rows(rh_leak_table *reader, rh_rows_format format, const rh_batch *batch,
                             rh_error *err)
{
    rh_status status = rh_cancel_check(reader->leak->options.cancel, err);
    size_t from = 0;

    if (status != RH_OK || !is_in_sample(reader))
        return status;
    for (size_t i = 0; status == RH_OK && i < batch->rows; i++) {
        const uint8_t *row = batch->data + from;
        size_t len = batch->ends[i] - from;

        status = format == RH_ROWS_PGCOPY ? leak_walk_pgcopy(reader, row, len, err)
                                          : leak_walk_sqlite(reader, row, len, err);
        from = batch->ends[i];
    }
    reader->rows += batch->rows;
    reader->bytes += batch->len;
    return status == RH_OK ? leak_eye_status(&reader->eye, err) : status;
}

rh_status rh_leak_table_text(rh_leak_table *reader, rh_engine_kind engine, const void *text,
                             size_t len, rh_error *err)
{
    const uint8_t *at = text;
    const uint8_t *end = at + len;
    rh_status status = rh_cancel_check(reader->leak->options.cancel, err);

    if (status != RH_OK || len == 0 || !is_in_sample(reader))
        return status;
    while (status == RH_OK && at < end) {
        const uint8_t *newline = memchr(at, '\n', (size_t)(end - at));
        const uint8_t *next = newline == NULL ? end : newline + 1;

        status = engine == RH_ENGINE_POSTGRESQL
                     ? leak_walk_pgcopy(reader, at, (size_t)(next - at), err)
                     : leak_walk_literals(reader, at, (size_t)(next - at), err);
        reader->rows++;
        at = next;
    }
    reader->bytes += len;
    return status == RH_OK ? leak_eye_status(&reader->eye, err) : status;
}

static const char *place_of(const rh_table *table)
{
    if (table->kind == RH_TABLE_LARGE_OBJECTS)
        return "large object";
    if (table->kind == RH_TABLE_SYSTEM)
        return strcmp(table->name, "sqlite_sequence") == 0 ? "sequence" : "statistics";
    return "rows";
}

rh_status rh_leak_table_close(rh_leak_table *reader, rh_error *err)
{
    rh_status status = RH_OK;

    if (reader == NULL)
        return RH_OK;
    for (size_t i = 0; status == RH_OK && i <= reader->table->column_count; i++) {
        const char *column =
            i < reader->table->column_count ? reader->table->columns[i].name : NULL;

        status = leak_add(reader->leak, reader->table->full_name, column, place_of(reader->table),
                          &reader->counts[i], err);
    }
    leak_add_totals(reader->leak, 0, reader->rows, reader->bytes, reader->eye.tokens);
    free_reader(reader);
    return status;
}
