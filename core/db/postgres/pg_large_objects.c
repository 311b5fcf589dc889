#include "pg_large_objects.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "core/mem.h"
#include "core/num.h"
#include "pg_statement.h"

enum {
    OBJECTS_PER_QUERY = 64,
    ROWS_PER_STATEMENT = 64,
    ROW_MAX_BYTES = 2 * RH_PG_LO_PIECE_BYTES + 128,
    STATEMENT_BYTES = 1 << 20,
};

/* ---- reading ---- */

typedef struct lo_reader {
    rh_pg *pg;
    const rh_source_options *options;
    const rh_row_sink *sink;
    rh_batch_builder batch;
} lo_reader;

rh_status rh_pg_lo_append_row(rh_buf *out, uint32_t oid, int64_t offset, const uint8_t *data,
                              size_t len, rh_error *err)
{
    rh_status status = rh_buf_printf(out, err, "%" PRIu32 "\t%" PRId64 "\t\\\\x", oid, offset);

    if (status == RH_OK)
        status = rh_buf_reserve(out, 2 * len + 2, err);
    if (status != RH_OK)
        return status;
    rh_hex_encode(data, len, (char *)out->data + out->len);
    out->len += 2 * len;
    return rh_buf_append_byte(out, '\n', err);
}

static rh_status hand_on(lo_reader *reader, rh_error *err)
{
    rh_batch batch = rh_batch_builder_view(&reader->batch);
    rh_status status = rh_rate_take(reader->options->rate, batch.len, reader->options->cancel, err);

    if (status == RH_OK)
        status = reader->sink->put(reader->sink->ctx, &batch, err);
    rh_batch_builder_clear(&reader->batch);
    return status;
}

static bool all_zero(const uint8_t *data, size_t len)
{
    return len > 0 && data[0] == 0 && memcmp(data, data + 1, len - 1) == 0;
}

static rh_status emit(lo_reader *reader, uint32_t oid, int64_t offset, const uint8_t *data,
                      size_t len, rh_error *err)
{
    rh_status status = rh_pg_lo_append_row(&reader->batch.data, oid, offset, data, len, err);

    if (status == RH_OK)
        status = rh_batch_builder_end_row(&reader->batch, err);
    if (status == RH_OK && rh_batch_builder_full(&reader->batch))
        status = hand_on(reader, err);
    return status;
}

/* The rest of an object whose first piece was full. An object that ends exactly at a piece's end
 * was complete before: then the query brings an empty piece, and a held-back zero piece counts. */
static rh_status read_rest(lo_reader *reader, uint32_t oid, bool first_is_zero, rh_error *err)
{
    static const uint8_t zeros[1] = {0};
    rh_status status = RH_OK;
    int64_t offset = RH_PG_LO_PIECE_BYTES;
    bool held_back = first_is_zero;

    for (bool more = true; more && status == RH_OK; offset += RH_PG_LO_PIECE_BYTES) {
        char oid_text[16];
        char offset_text[24];
        const char *params[] = {oid_text, offset_text};
        PGresult *result = NULL;
        const uint8_t *data;
        size_t len;

        (void)snprintf(oid_text, sizeof oid_text, "%" PRIu32, oid);
        (void)snprintf(offset_text, sizeof offset_text, "%" PRId64, offset);
        status =
            rh_pg_query_binary(reader->pg, "SELECT pg_catalog.lo_get($1::oid, $2::bigint, 262144)",
                               2, params, &result, err);
        if (status != RH_OK)
            return status;
        data = (const uint8_t *)PQgetvalue(result, 0, 0);
        len = (size_t)PQgetlength(result, 0, 0);
        more = len == RH_PG_LO_PIECE_BYTES;
        if (len == 0 && held_back) /* one zero byte at the very end sets the length */
            status = emit(reader, oid, offset - 1, zeros, 1, err);
        else if (len > 0 && !(more && all_zero(data, len)))
            status = emit(reader, oid, offset, data, len, err);
        held_back = more && all_zero(data, len);
        PQclear(result);
    }
    return status;
}

static rh_status read_some(lo_reader *reader, uint32_t *last, bool *out_more, rh_error *err)
{
    static const char sql[] =
        "SELECT oid, pg_catalog.lo_get(oid, 0, 262144) "
        "FROM pg_catalog.pg_largeobject_metadata WHERE oid > $1::oid ORDER BY oid LIMIT 64";
    char oid_text[16];
    const char *params[] = {oid_text};
    PGresult *result = NULL;
    rh_status status;
    int rows;

    (void)snprintf(oid_text, sizeof oid_text, "%" PRIu32, *last);
    status = rh_pg_query_binary(reader->pg, sql, 1, params, &result, err);
    if (status != RH_OK)
        return status;
    rows = PQntuples(result);
    for (int i = 0; i < rows && status == RH_OK; i++) {
        const uint8_t *id = (const uint8_t *)PQgetvalue(result, i, 0);
        const uint8_t *data = (const uint8_t *)PQgetvalue(result, i, 1);
        size_t len = (size_t)PQgetlength(result, i, 1);
        uint32_t oid = (uint32_t)id[0] << 24 | (uint32_t)id[1] << 16 | (uint32_t)id[2] << 8 | id[3];
        bool more = len == RH_PG_LO_PIECE_BYTES;
        bool zero = more && all_zero(data, len);

        if (!zero)
            status = emit(reader, oid, 0, data, len, err);
        if (status == RH_OK && more)
            status = read_rest(reader, oid, zero, err);
        *last = oid;
    }
    *out_more = rows == OBJECTS_PER_QUERY;
    PQclear(result);
    return status;
}

rh_status rh_pg_lo_read(rh_pg *pg, const rh_source_options *options, const rh_row_sink *sink,
                        rh_error *err)
{
    lo_reader reader = {.pg = pg, .options = options, .sink = sink};
    rh_status status = RH_OK;
    uint32_t last = 0;

    rh_batch_builder_init(&reader.batch, RH_BATCH_TARGET_BYTES + ROW_MAX_BYTES);
    for (bool more = true; more && status == RH_OK;)
        status = read_some(&reader, &last, &more, err);
    if (status == RH_OK && reader.batch.rows > 0)
        status = hand_on(&reader, err);
    rh_batch_builder_done(&reader.batch);
    return status;
}

/* ---- writing ---- */

typedef struct lo_writer {
    rh_pg *pg;
    rh_buf line; /* a row whose end has not come yet */
    rh_buf sql;
    int64_t rows;
    size_t pending;
} lo_writer;

static rh_status flush(lo_writer *writer, rh_error *err)
{
    rh_status status = RH_OK;

    if (writer->pending > 0)
        status = rh_pg_exec(writer->pg, rh_buf_cstr(&writer->sql), err);
    rh_buf_clear(&writer->sql);
    writer->pending = 0;
    return status;
}

static bool is_hex(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (strchr("0123456789abcdef", text[i]) == NULL || text[i] == '\0')
            return false;
    }
    return len % 2 == 0;
}

/* Every byte of the row is checked before it becomes SQL: rows come from a file. */
static rh_status write_row(lo_writer *writer, const char *row, size_t len, rh_error *err)
{
    const char *tab = memchr(row, '\t', len);
    const char *second = tab == NULL ? NULL : memchr(tab + 1, '\t', (size_t)(row + len - tab - 1));
    const char *hex;
    size_t hex_len;
    int64_t oid = 0;
    int64_t offset = 0;
    rh_status status = RH_OK;

    if (second == NULL || !rh_num_scan_int64(row, (size_t)(tab - row), &oid) || oid <= 0 ||
        oid > UINT32_MAX || !rh_num_scan_int64(tab + 1, (size_t)(second - tab - 1), &offset) ||
        offset < 0 || row + len - second < 4 || memcmp(second + 1, "\\\\x", 3) != 0)
        return rh_error_set(err, RH_EFORMAT, "a row of the large objects is damaged");
    hex = second + 4;
    hex_len = (size_t)(row + len - hex);
    if (!is_hex(hex, hex_len))
        return rh_error_set(err, RH_EFORMAT, "a row of the large objects is damaged");
    status = rh_buf_printf(&writer->sql, err,
                           "SELECT CASE WHEN NOT EXISTS (SELECT FROM "
                           "pg_catalog.pg_largeobject_metadata WHERE oid = %" PRId64 ") "
                           "THEN pg_catalog.lo_create(%" PRId64 ") END;"
                           "SELECT pg_catalog.lo_put(%" PRId64 ", %" PRId64 ", '\\x",
                           oid, oid, oid, offset);
    if (status == RH_OK)
        status = rh_buf_append(&writer->sql, hex, hex_len, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&writer->sql, "');", err);
    writer->rows++;
    writer->pending++;
    if (status == RH_OK &&
        (writer->pending >= ROWS_PER_STATEMENT || writer->sql.len >= STATEMENT_BYTES))
        status = flush(writer, err);
    return status;
}

static rh_status write_piece(lo_writer *writer, const char *data, size_t len, rh_error *err)
{
    rh_status status = RH_OK;

    while (len > 0 && status == RH_OK) {
        const char *newline = memchr(data, '\n', len);
        size_t part = newline == NULL ? len : (size_t)(newline - data);

        if (newline == NULL || writer->line.len > 0)
            status = rh_buf_append(&writer->line, data, part, err);
        if (newline == NULL || status != RH_OK)
            break;
        if (writer->line.len > 0)
            status = write_row(writer, rh_buf_cstr(&writer->line), writer->line.len, err);
        else
            status = write_row(writer, data, part, err);
        rh_buf_clear(&writer->line);
        data += part + 1;
        len -= part + 1;
    }
    return status;
}

rh_status rh_pg_lo_write(rh_pg *pg, const rh_row_reader *rows, int64_t *out_rows, rh_error *err)
{
    lo_writer writer = {.pg = pg};
    rh_status status = rh_pg_exec(pg, "BEGIN", err);

    rh_buf_init_wiping(&writer.line, ROW_MAX_BYTES);
    rh_buf_init_wiping(&writer.sql, STATEMENT_BYTES + 2 * ROW_MAX_BYTES);
    while (status == RH_OK) {
        const uint8_t *data = NULL;
        size_t len = 0;

        status = rows->next(rows->ctx, &data, &len, err);
        if (status == RH_OK)
            status = write_piece(&writer, (const char *)data, len, err);
    }
    if (status == RH_DONE && writer.line.len > 0)
        status = rh_error_set(err, RH_EFORMAT, "the last row of the large objects is cut");
    if (status == RH_DONE)
        status = flush(&writer, err);
    if (status == RH_OK)
        status = rh_pg_exec(pg, "COMMIT", err);
    if (status == RH_OK)
        *out_rows = writer.rows;
    else
        rh_pg_exec_quietly(pg, "ROLLBACK");
    rh_buf_wipe_done(&writer.line);
    rh_buf_wipe_done(&writer.sql);
    return status;
}
