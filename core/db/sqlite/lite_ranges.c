/*
 * Cutting a table into rowid ranges without reading it.
 *
 * A range covers rowids [i * step, (i + 1) * step), step a power of two such that a dense range
 * holds a 32nd of the table, but 8 to 32 MiB; the size of a row is sampled. That is small enough
 * for readers to end at about the same time. Where rowids are sparse the empty steps in between
 * cost one seek for all of them, and step grows until the ranges are few enough. Bounds are
 * multiples of step, so last night's range is tonight's as long as rows keep their size and the
 * table, while below 1 GiB, does not double.
 */
#include <string.h>

#include "core/mem.h"
#include "core/sql_name.h"
#include "lite_conn.h"
#include "lite_source.h"

enum {
    SAMPLE_PLACES = 4,
    SAMPLE_ROWS = 64, /* per place */
    MIN_STEP_BITS = 10,
    MAX_STEP_BITS = 62,
    MAX_RANGES = 65536,
    USUAL_RANGES = 32, /* of a table below 1 GiB */
};

static const int64_t least_range_bytes = INT64_C(8) << 20;
static const int64_t most_range_bytes = INT64_C(32) << 20;

typedef struct row_prober {
    sqlite3_stmt *next; /* ?1: the first rowid from there on */
    int64_t first;
    int64_t last;
} row_prober;

static rh_status single_range(rh_arena *arena, rh_table *table, rh_error *err)
{
    rh_range *range = rh_arena_array(arena, 1, sizeof *range);

    if (range == NULL)
        return rh_error_oom(err);
    range->from = INT64_MIN;
    range->to = INT64_MAX;
    table->ranges = range;
    table->range_count = 1;
    return RH_OK;
}

static rh_status prepare_on(sqlite3 *db, const rh_lite_table *stored, const char *select,
                            const char *where, sqlite3_stmt **out, rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_status status = rh_buf_printf(&sql, err, "SELECT %s FROM main.", select);

    if (status == RH_OK)
        status = rh_sql_name_quote(stored->name, &sql, err);
    if (status == RH_OK)
        status = rh_buf_printf(&sql, err, " NOT INDEXED%s", where);
    if (status == RH_OK)
        status = rh_lite_prepare(db, rh_buf_cstr(&sql), out, err);
    rh_buf_done(&sql);
    return status;
}

/* RH_DONE: the table is empty. */
static rh_status last_rowid(sqlite3 *db, const rh_lite_table *stored, int64_t *out, rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_status status = rh_lite_rowid_sql(&sql, stored, " >= ?1 ORDER BY 1 DESC LIMIT 1", err);
    sqlite3_stmt *stmt = NULL;

    if (status == RH_OK)
        status = rh_lite_prepare(db, rh_buf_cstr(&sql), &stmt, err);
    if (status == RH_OK) {
        sqlite3_bind_int64(stmt, 1, INT64_MIN);
        status = rh_lite_step(stmt, err);
    }
    if (status == RH_OK)
        *out = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    rh_buf_done(&sql);
    return status;
}

/* The first rowid >= from. RH_DONE: there is none. */
static rh_status next_rowid(const row_prober *prober, int64_t from, int64_t *out, rh_error *err)
{
    rh_status status;

    sqlite3_reset(prober->next);
    sqlite3_bind_int64(prober->next, 1, from);
    status = rh_lite_step(prober->next, err);
    if (status == RH_OK)
        *out = sqlite3_column_int64(prober->next, 0);
    return status;
}

static size_t row_bytes(sqlite3_stmt *stmt)
{
    size_t bytes = 4;

    for (int i = 0; i < sqlite3_data_count(stmt); i++) {
        switch (sqlite3_column_type(stmt, i)) {
        case SQLITE_TEXT:
        case SQLITE_BLOB:
            (void)sqlite3_column_blob(stmt, i);
            bytes += 2 + (size_t)sqlite3_column_bytes(stmt, i);
            break;
        case SQLITE_FLOAT:
            bytes += 9;
            break;
        default:
            bytes += 4;
            break;
        }
    }
    return bytes;
}

/* SELECT the columns that travel FROM the table WHERE rowid >= ?1, a few rows of it. */
static rh_status prepare_sample(sqlite3 *db, const rh_lite_table *stored, sqlite3_stmt **out,
                                rh_error *err)
{
    rh_buf select = RH_BUF_INIT;
    rh_buf where = RH_BUF_INIT;
    rh_status status = rh_lite_table_list(&select, stored, err);

    if (status == RH_OK && select.len == 0)
        status = rh_sql_name_quote(stored->rowid_name, &select, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&where, " WHERE ", err);
    if (status == RH_OK)
        status = rh_sql_name_quote(stored->rowid_name, &where, err);
    if (status == RH_OK)
        status = rh_buf_printf(&where, err, " >= ?1 LIMIT %d", SAMPLE_ROWS);
    if (status == RH_OK)
        status = prepare_on(db, stored, rh_buf_cstr(&select), rh_buf_cstr(&where), out, err);
    rh_buf_done(&where);
    rh_buf_done(&select);
    return status;
}

/* Average size of a row, from a few places of the table. */
static rh_status sample(sqlite3 *db, const rh_lite_table *stored, const row_prober *prober,
                        int64_t *out, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    uint64_t step = ((uint64_t)prober->last - (uint64_t)prober->first) / SAMPLE_PLACES;
    uint64_t bytes = 0;
    uint64_t rows = 0;
    rh_status status = prepare_sample(db, stored, &stmt, err);

    for (unsigned place = 0; status == RH_OK && place < SAMPLE_PLACES; place++) {
        sqlite3_reset(stmt);
        sqlite3_bind_int64(stmt, 1, (int64_t)((uint64_t)prober->first + step * place));
        while ((status = rh_lite_step(stmt, err)) == RH_OK) {
            bytes += row_bytes(stmt);
            rows++;
        }
        status = status == RH_DONE ? RH_OK : status;
    }
    sqlite3_finalize(stmt);
    if (status == RH_OK)
        *out = rows > 0 ? (int64_t)(bytes / rows) + 1 : 1;
    return status;
}

static int64_t floor_to(int64_t value, int bits)
{
    return (int64_t)((uint64_t)value & ~(((uint64_t)1 << bits) - 1));
}

/*
 * Walk over the steps that hold rows. Without ranges only count, up to limit + 1. The gap behind a
 * range belongs to it, so that the ranges cover every rowid.
 */
static rh_status walk(const row_prober *prober, int bits, size_t limit, rh_range *ranges,
                      size_t *out_count, rh_error *err)
{
    int64_t at = prober->first;
    size_t count = 0;
    rh_status status = RH_OK;

    while (status == RH_OK && count <= limit) {
        int64_t from = floor_to(at, bits);
        int64_t last = (int64_t)((uint64_t)from + (((uint64_t)1 << bits) - 1));

        if (ranges != NULL && count > 0) {
            ranges[count - 1].to = from;
            ranges[count].from = from;
        }
        count++;
        if (last >= prober->last)
            break;
        status = next_rowid(prober, last + 1, &at, err);
    }
    if (status != RH_OK && status != RH_DONE)
        return status;
    if (ranges != NULL) {
        ranges[0].from = INT64_MIN;
        ranges[count - 1].to = INT64_MAX;
    }
    *out_count = count;
    return RH_OK;
}

static int64_t range_bytes_of(int64_t table_bytes)
{
    int64_t bytes = least_range_bytes;

    while (bytes < most_range_bytes && bytes <= table_bytes / (2 * USUAL_RANGES))
        bytes *= 2;
    return bytes;
}

static int step_bits(int64_t range_bytes, int64_t average)
{
    int bits = MIN_STEP_BITS;

    while (bits < MAX_STEP_BITS && ((range_bytes / average) >> (bits + 1)) > 0)
        bits++;
    return bits;
}

static rh_status cut(rh_lite_source *source, rh_arena *arena, const row_prober *prober,
                     rh_table *table, int64_t average, rh_error *err)
{
    int64_t range_bytes = range_bytes_of(table->estimated_bytes);
    int64_t dense = source->file_bytes / range_bytes;
    int bits = step_bits(range_bytes, average);
    size_t limit = (size_t)(4 * dense + 16 < MAX_RANGES ? 4 * dense + 16 : MAX_RANGES);
    size_t count = limit + 1;
    rh_range *ranges = NULL;
    rh_status status = walk(prober, bits, limit, NULL, &count, err);

    while (status == RH_OK && count > limit && bits < MAX_STEP_BITS) {
        bits += 2;
        if (bits > MAX_STEP_BITS)
            bits = MAX_STEP_BITS;
        status = walk(prober, bits, limit, NULL, &count, err);
    }
    if (status != RH_OK)
        return status;
    ranges = rh_arena_array(arena, count, sizeof *ranges);
    if (ranges == NULL)
        return rh_error_oom(err);
    status = walk(prober, bits, count, ranges, &table->range_count, err);
    table->ranges = ranges;
    return status;
}

/* The number of rows that ANALYZE saw, if it ran: sqlite_stat1.stat begins with it. */
static void rows_from_statistics(rh_lite_source *source, rh_table *table)
{
    sqlite3_stmt *stmt = NULL;
    rh_status status = rh_lite_prepare(
        source->main, "SELECT CAST(stat AS INTEGER) FROM main.sqlite_stat1 WHERE tbl = ?1 LIMIT 1",
        &stmt, NULL);

    if (status == RH_OK) {
        sqlite3_bind_text(stmt, 1, table->name, -1, SQLITE_STATIC);
        if (rh_lite_step(stmt, NULL) == RH_OK && sqlite3_column_int64(stmt, 0) > 0)
            table->estimated_rows = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_finalize(stmt);
}

static rh_status ranges_by_rowid(rh_lite_source *source, rh_arena *arena,
                                 const rh_lite_table *stored, rh_table *table, rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    row_prober prober = {NULL, 0, 0};
    int64_t average = 1;
    rh_status status = rh_lite_rowid_sql(&sql, stored, " >= ?1 ORDER BY 1 LIMIT 1", err);

    if (status == RH_OK)
        status = rh_lite_prepare(source->main, rh_buf_cstr(&sql), &prober.next, err);
    if (status == RH_OK)
        status = next_rowid(&prober, INT64_MIN, &prober.first, err);
    if (status == RH_OK)
        status = last_rowid(source->main, stored, &prober.last, err);
    if (status == RH_DONE) {
        status = single_range(arena, table, err); /* empty */
        table->estimated_rows = 0;
        goto out;
    }
    if (status == RH_OK)
        status = sample(source->main, stored, &prober, &average, err);
    if (status != RH_OK)
        goto out;
    if (table->estimated_rows == 0) {
        uint64_t span = (uint64_t)prober.last - (uint64_t)prober.first;
        uint64_t most = (uint64_t)(source->file_bytes / average) + 1;

        table->estimated_rows = (int64_t)(span < most ? span + 1 : most);
    }
    table->estimated_bytes = table->estimated_rows < source->file_bytes / average
                                 ? table->estimated_rows * average
                                 : source->file_bytes;
    if (source->file_bytes <= least_range_bytes)
        status = single_range(arena, table, err);
    else
        status = cut(source, arena, &prober, table, average, err);
out:
    sqlite3_finalize(prober.next);
    rh_buf_done(&sql);
    return status;
}

rh_status rh_lite_ranges(rh_lite_source *source, rh_arena *arena, const rh_lite_table *stored,
                         rh_table *table, rh_error *err)
{
    rows_from_statistics(source, table);
    if (table->rows_excluded)
        return RH_OK;
    /* Without a rowid that SQL can name there is nothing to cut by. */
    if (stored->rowid_name == NULL) {
        table->estimated_bytes = source->file_bytes;
        return single_range(arena, table, err);
    }
    return ranges_by_rowid(source, arena, stored, table, err);
}
