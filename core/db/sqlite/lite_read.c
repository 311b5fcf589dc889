/*
 * Sessions: one connection each, reading ranges of rows in b-tree order.
 *
 * Values are taken where SQLite has them (no copy, no conversion) and encoded straight into the
 * batch. Asking for the blob first is what keeps text in the database's own encoding.
 */
#include <string.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/sql_name.h"
#include "lite_conn.h"
#include "lite_explain.h"
#include "lite_record.h"
#include "lite_source.h"
#include "lite_spread.h"

enum {
    BATCH_KEEP_BYTES = 4 * 1024 * 1024, /* a batch that a giant row blew up is given back */
};

typedef struct lite_session {
    rh_lite_source *source;
    sqlite3 *db;
    size_t index; /* among the source's readers; reader_count: borrows main */
    rh_batch_builder batch;
} lite_session;

/* One range on its way. */
typedef struct range_reader {
    lite_session *session;
    const rh_row_sink *sink;
    rh_arena *arena;
    rh_lite_table table;
    size_t count;         /* values of a record: the table's own, then the extra ones */
    sqlite3_stmt *values; /* the columns; the rowid first unless `rowids` has it */
    sqlite3_stmt *rowids; /* second cursor, where rowid and columns are too many for one SELECT */
    int *places;          /* column of `values` for each value of the record; -1: the rowid's */
    rh_lite_value *record;
    int64_t row_number; /* stands for the rowid where that has no name */
    int64_t deadline_us;
} range_reader;

rh_status rh_lite_session_open(void *ctx, void **out, rh_error *err)
{
    rh_lite_source *source = ctx;
    lite_session *session = rh_mem_zalloc(sizeof *session);
    rh_status status = RH_SKIPPED;

    if (session == NULL)
        return rh_error_oom(err);
    session->source = source;
    rh_batch_builder_init(&session->batch,
                          source->options.max_row_bytes + RH_BATCH_TARGET_BYTES + 1024);
    pthread_mutex_lock(&source->lock);
    for (size_t i = 0; status != RH_OK && i < source->reader_count; i++) {
        if (source->taken[i])
            continue;
        source->taken[i] = true;
        session->index = i;
        session->db = source->readers[i];
        status = RH_OK;
    }
    if (source->reader_count == 0 && !source->main_taken) {
        source->main_taken = true;
        session->db = source->main;
        status = RH_OK;
    }
    pthread_mutex_unlock(&source->lock);
    if (status != RH_OK) {
        rh_mem_free(session);
        return status;
    }
    *out = session;
    return RH_OK;
}

void rh_lite_session_close(void *ctx)
{
    lite_session *session = ctx;
    rh_lite_source *source = session->source;

    pthread_mutex_lock(&source->lock);
    if (session->db == source->main)
        source->main_taken = false;
    else
        source->taken[session->index] = false;
    pthread_mutex_unlock(&source->lock);
    rh_batch_builder_done(&session->batch);
    rh_mem_free(session);
}

/* ---- the statements ---- */

static rh_status add_bounds(rh_buf *sql, const range_reader *reader, const rh_range *range,
                            rh_error *err)
{
    const char *name = reader->table.rowid_name;
    rh_status status = RH_OK;

    if (name == NULL)
        return RH_OK;
    if (range->from != INT64_MIN) {
        status = rh_buf_append_str(sql, " WHERE ", err);
        if (status == RH_OK)
            status = rh_sql_name_quote(name, sql, err);
        if (status == RH_OK)
            status = rh_buf_append_str(sql, " >= ?1", err);
    }
    if (status == RH_OK && range->to != INT64_MAX) {
        status = rh_buf_append_str(sql, range->from != INT64_MIN ? " AND " : " WHERE ", err);
        if (status == RH_OK)
            status = rh_sql_name_quote(name, sql, err);
        if (status == RH_OK)
            status = rh_buf_append_str(sql, " < ?2", err);
    }
    if (status == RH_OK)
        status = rh_buf_append_str(sql, " ORDER BY ", err);
    return status == RH_OK ? rh_sql_name_quote(name, sql, err) : status;
}

static rh_status open_statement(range_reader *reader, const char *select, const rh_range *range,
                                sqlite3_stmt **out, rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_status status = rh_buf_append_str(&sql, "SELECT ", err);

    if (status == RH_OK)
        status = rh_buf_append_str(&sql, select, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, " FROM main.", err);
    if (status == RH_OK)
        status = rh_sql_name_quote(reader->table.name, &sql, err);
    if (status == RH_OK) /* the table's own b-tree, in its own order */
        status = rh_buf_append_str(&sql, " NOT INDEXED", err);
    if (status == RH_OK)
        status = add_bounds(&sql, reader, range, err);
    if (status == RH_OK)
        status = rh_lite_prepare(reader->session->db, rh_buf_cstr(&sql), out, err);
    if (status == RH_OK && reader->table.rowid_name != NULL) {
        sqlite3_bind_int64(*out, 1, range->from);
        sqlite3_bind_int64(*out, 2, range->to);
    }
    rh_buf_done(&sql);
    return status;
}

/* Which column of the statement gives which value of the record. */
static rh_status place_values(range_reader *reader, bool rowid_first, rh_error *err)
{
    const rh_lite_table *table = &reader->table;
    int next = rowid_first ? 1 : 0;
    size_t value = 0;

    reader->places = rh_arena_array(reader->arena, reader->count, sizeof *reader->places);
    reader->record = rh_arena_array(reader->arena, reader->count, sizeof *reader->record);
    if (reader->places == NULL || reader->record == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; i < table->count; i++) {
        if (table->columns[i].generated)
            continue;
        reader->places[value++] = (int)i == table->ipk ? -1 : next++;
    }
    while (value < reader->count)
        reader->places[value++] = next++;
    return RH_OK;
}

static rh_status add_extras(rh_buf *list, const rh_table *table, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < table->extra_count; i++)
        status =
            rh_buf_printf(list, err, "%s(%s)", list->len > 0 ? ", " : "", table->extras[i].sql);
    return status;
}

static rh_status open_range(range_reader *reader, const rh_table *table, const rh_range *range,
                            rh_error *err)
{
    sqlite3 *db = reader->session->db;
    rh_buf list = RH_BUF_INIT;
    rh_buf rowid = RH_BUF_INIT;
    bool named = false;
    bool apart = false;
    rh_status status = rh_lite_table_read(db, reader->arena, table->name, &reader->table, err);

    if (status != RH_OK)
        return status;
    reader->count = reader->table.record_count + table->extra_count;
    named = reader->table.rowid_name != NULL;
    apart = named && reader->table.ipk < 0 &&
            (int)reader->count >= sqlite3_limit(db, SQLITE_LIMIT_COLUMN, -1);
    if (named)
        status = rh_sql_name_quote(reader->table.rowid_name, &rowid, err);
    if (status == RH_OK && named && !apart)
        status = rh_buf_append_str(&list, rh_buf_cstr(&rowid), err);
    if (status == RH_OK && list.len > 0 &&
        reader->table.record_count > (reader->table.ipk >= 0 ? 1 : 0))
        status = rh_buf_append_str(&list, ", ", err);
    if (status == RH_OK)
        status = rh_lite_table_list(&list, &reader->table, err);
    if (status == RH_OK)
        status = add_extras(&list, table, err);
    if (status == RH_OK)
        status = place_values(reader, named && !apart, err);
    if (status == RH_OK)
        status = open_statement(reader, rh_buf_cstr(&list), range, &reader->values, err);
    if (status == RH_OK && apart)
        status = open_statement(reader, rh_buf_cstr(&rowid), range, &reader->rowids, err);
    rh_buf_done(&rowid);
    rh_buf_done(&list);
    return status;
}

/* ---- the rows ---- */

static void take_value(sqlite3_value *from, bool utf16, rh_lite_value *out)
{
    switch (sqlite3_value_type(from)) {
    case SQLITE_INTEGER:
        out->kind = RH_LITE_INTEGER;
        out->integer = sqlite3_value_int64(from);
        break;
    case SQLITE_FLOAT:
        out->kind = RH_LITE_REAL;
        out->real = sqlite3_value_double(from);
        break;
    case SQLITE_TEXT:
        out->kind = RH_LITE_TEXT;
        out->data = sqlite3_value_blob(from);
        out->len = (size_t)(utf16 ? sqlite3_value_bytes16(from) : sqlite3_value_bytes(from));
        break;
    case SQLITE_BLOB:
        out->kind = RH_LITE_BLOB;
        out->data = sqlite3_value_blob(from);
        out->len = (size_t)sqlite3_value_bytes(from);
        break;
    default:
        out->kind = RH_LITE_NULL;
        break;
    }
}

static rh_status next_rowid(range_reader *reader, int64_t *out, rh_error *err)
{
    rh_status status;

    if (reader->rowids != NULL) {
        status = rh_lite_step(reader->rowids, err);
        if (status == RH_DONE)
            return rh_error_set(err, RH_EDB, "a table has fewer rowids than rows");
        if (status != RH_OK)
            return status;
        *out = sqlite3_column_int64(reader->rowids, 0);
    } else if (reader->table.rowid_name != NULL) {
        *out = sqlite3_column_int64(reader->values, 0);
    } else {
        *out = ++reader->row_number;
    }
    return RH_OK;
}

static rh_status put_row(range_reader *reader, rh_error *err)
{
    rh_batch_builder *batch = &reader->session->batch;
    bool utf16 = reader->session->source->utf16;
    size_t count = reader->count;
    int64_t rowid = 0;
    rh_status status = RH_OK;

    if (reader->table.has_rowid)
        status = next_rowid(reader, &rowid, err);
    if (status != RH_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        if (reader->places[i] >= 0)
            take_value(sqlite3_column_value(reader->values, reader->places[i]), utf16,
                       &reader->record[i]);
    }
    /* SQLite reports its own failed allocations here, as values that were turned into NULL. */
    if (sqlite3_errcode(reader->session->db) == SQLITE_NOMEM)
        return rh_error_oom(err);
    status = rh_lite_row_put(&batch->data, reader->table.has_rowid ? &rowid : NULL, reader->record,
                             count, reader->session->source->options.max_row_bytes, err);
    if (status == RH_ELIMIT)
        rh_error_hint(err, "--max-row raises it; such a row takes three times its size in memory");
    return status == RH_OK ? rh_batch_builder_end_row(batch, err) : status;
}

static rh_status flush(range_reader *reader, rh_error *err)
{
    const rh_source_options *options = &reader->session->source->options;
    rh_batch_builder *batch = &reader->session->batch;
    rh_batch view = rh_batch_builder_view(batch);
    rh_status status = rh_cancel_check(options->cancel, err);

    if (status == RH_OK && reader->deadline_us != 0 && rh_clock_mono_us() > reader->deadline_us)
        status = rh_error_set(err, RH_EDB, "a range took longer than its time limit");
    if (status == RH_OK && view.rows > 0) {
        status = rh_rate_take(options->rate, view.len, options->cancel, err);
        if (status == RH_OK)
            status = reader->sink->put(reader->sink->ctx, &view, err);
    }
    rh_batch_builder_clear(batch);
    if (batch->data.cap > BATCH_KEEP_BYTES)
        rh_buf_wipe_done(&batch->data);
    return status;
}

static rh_status read_rows(range_reader *reader, rh_error *err)
{
    rh_status status = RH_OK;

    while (status == RH_OK && (status = rh_lite_step(reader->values, err)) == RH_OK) {
        status = put_row(reader, err);
        if (status == RH_OK && rh_batch_builder_full(&reader->session->batch))
            status = flush(reader, err);
    }
    return status == RH_DONE ? flush(reader, err) : status;
}

rh_status rh_lite_session_rows(void *ctx, const rh_table *table, const rh_range *range,
                               const rh_row_sink *sink, rh_error *err)
{
    range_reader reader = {0};
    rh_status status;

    reader.session = ctx;
    reader.sink = sink;
    reader.arena = rh_arena_new(0);
    if (reader.arena == NULL)
        return rh_error_oom(err);
    if (reader.session->source->options.range_timeout_us > 0)
        reader.deadline_us = rh_clock_mono_us() + reader.session->source->options.range_timeout_us;
    rh_batch_builder_clear(&reader.session->batch);
    /* Functions that extra columns name may run, and as long as the statement lives: a change of
     * mind makes SQLite compile it again. */
    if (table->extra_count > 0)
        rh_lite_allow_queries(reader.session->db, true);
    status = open_range(&reader, table, range, err);
    if (status == RH_OK)
        status = read_rows(&reader, err);
    sqlite3_finalize(reader.values);
    sqlite3_finalize(reader.rowids);
    if (table->extra_count > 0)
        rh_lite_allow_queries(reader.session->db, false);
    rh_arena_free(reader.arena);
    return status;
}

/* ---- without ranges ---- */

rh_status rh_lite_session_spread(void *ctx, const rh_table *table, size_t rows,
                                 const rh_row_look *look, rh_error *err)
{
    lite_session *session = ctx;

    return rh_lite_spread(session->db, table, rows, look, session->source->options.cancel, err);
}

rh_status rh_lite_session_explain(void *ctx, const char *sql, json_t **out, rh_error *err)
{
    lite_session *session = ctx;
    rh_status status;

    rh_lite_allow_queries(session->db, true);
    status = rh_lite_explain(session->db, sql, out, err);
    rh_lite_allow_queries(session->db, false);
    return status;
}
