#include "lite_render.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "core/mem.h"
#include "core/sql_literal.h"
#include "core/str.h"
#include "lite_record.h"
#include "lite_utf16.h"

bool rh_lite_extra_rowid(const rh_table *table)
{
    return json_is_true(json_object_get(table->extra, "rowid"));
}

int64_t rh_lite_extra_ipk(const rh_table *table)
{
    const json_t *ipk = json_object_get(table->extra, "ipk");

    return json_is_integer(ipk) ? (int64_t)json_integer_value(ipk) : -1;
}

bool rh_lite_extra_utf16(const rh_table *table, bool *out_big_endian)
{
    const char *encoding = json_string_value(json_object_get(table->extra, "encoding"));

    *out_big_endian = rh_str_eq(encoding, "UTF-16be");
    return *out_big_endian || rh_str_eq(encoding, "UTF-16le");
}

static rh_status put_hex(rh_buf *out, const uint8_t *data, size_t len, rh_error *err)
{
    static const char digits[] = "0123456789abcdef";
    rh_status status = rh_buf_append_str(out, "x'", err);

    for (size_t i = 0; status == RH_OK && i < len; i++) {
        const char pair[2] = {digits[data[i] >> 4], digits[data[i] & 15]};

        status = rh_buf_append(out, pair, sizeof pair, err);
    }
    return status == RH_OK ? rh_buf_append_byte(out, '\'', err) : status;
}

/* A line per row: whatever would break the line (or the terminal) is not shown as it is. */
static bool is_printable(const uint8_t *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (text[i] < 0x20 || text[i] == 0x7f)
            return false;
    }
    return rh_str_is_utf8((const char *)text, len);
}

static rh_status put_text(rh_buf *out, const rh_lite_value *value, const rh_table *table,
                          rh_error *err)
{
    rh_buf converted = RH_BUF_INIT_WIPING;
    const uint8_t *text = value->data;
    size_t len = value->len;
    bool big_endian = false;
    bool exact = true;
    rh_status status = RH_OK;

    if (rh_lite_extra_utf16(table, &big_endian)) {
        rh_buf_init_wiping(&converted, len * 2 + 4);
        status = rh_lite_from_utf16(value->data, value->len, big_endian, &converted, &exact, err);
        text = converted.data;
        len = converted.len;
    }
    if (status == RH_OK && exact && is_printable(text, len)) {
        status = rh_sql_literal_quote(RH_SQL_SQLITE, (const char *)text, len, out, err);
    } else if (status == RH_OK) {
        status = rh_buf_append_str(out, "CAST(", err);
        if (status == RH_OK)
            status = put_hex(out, value->data, value->len, err);
        if (status == RH_OK)
            status = rh_buf_append_str(out, " AS TEXT)", err);
    }
    rh_buf_wipe_done(&converted);
    return status;
}

/* The shortest of 15 to 17 digits that reads back as the same number. */
static rh_status put_real(rh_buf *out, double real, rh_error *err)
{
    char text[64];

    if (isnan(real))
        return rh_buf_append_str(out, "NULL", err);
    if (isinf(real))
        return rh_buf_append_str(out, real < 0 ? "-1e999" : "1e999", err);
    for (int digits = 15; digits <= 17; digits++) {
        double back = 0;

        (void)snprintf(text, sizeof text, "%.*g", digits, real);
        /* NOLINTNEXTLINE(cert-err34-c): the text is our own and cannot be wrong. */
        if (sscanf(text, "%lf", &back) == 1 && back == real)
            break;
    }
    if (strpbrk(text, ".e") == NULL)
        (void)snprintf(text + strlen(text), sizeof text - strlen(text), ".0");
    return rh_buf_append_str(out, text, err);
}

static rh_status put_value(rh_buf *out, const rh_lite_value *value, const rh_table *table,
                           rh_error *err)
{
    switch (value->kind) {
    case RH_LITE_NULL:
        return rh_buf_append_str(out, "NULL", err);
    case RH_LITE_INTEGER:
        return rh_buf_printf(out, err, "%" PRId64, value->integer);
    case RH_LITE_REAL:
        return put_real(out, value->real, err);
    case RH_LITE_TEXT:
        return put_text(out, value, table, err);
    case RH_LITE_BLOB:
        return put_hex(out, value->data, value->len, err);
    }
    return RH_OK;
}

static size_t stored_columns(const rh_table *table)
{
    size_t count = 0;

    for (size_t i = 0; i < table->column_count; i++)
        count += table->columns[i].generated ? 0 : 1;
    return count;
}

/* Position of the column that stands for the rowid among the stored ones, or -1. */
static int64_t stored_ipk(const rh_table *table)
{
    int64_t ipk = rh_lite_extra_ipk(table);
    int64_t at = 0;

    if (ipk < 0 || (uint64_t)ipk >= table->column_count)
        return -1;
    for (int64_t i = 0; i < ipk; i++)
        at += table->columns[i].generated ? 0 : 1;
    return at;
}

static rh_status put_row(rh_buf *out, const rh_table *table, const int64_t *rowid,
                         const rh_lite_value *values, size_t count, rh_error *err)
{
    rh_status status = RH_OK;
    int64_t ipk = stored_ipk(table);

    if (rowid != NULL)
        status = rh_buf_printf(out, err, "%" PRId64, *rowid);
    for (size_t i = 0; status == RH_OK && i < count; i++) {
        if (i > 0 || rowid != NULL)
            status = rh_buf_append_byte(out, '\t', err);
        if (status == RH_OK && rowid != NULL && (int64_t)i == ipk)
            status = rh_buf_printf(out, err, "%" PRId64, *rowid);
        else if (status == RH_OK)
            status = put_value(out, &values[i], table, err);
    }
    return status == RH_OK ? rh_buf_append_byte(out, '\n', err) : status;
}

rh_status rh_lite_render(const rh_table *table, const rh_batch *batch, rh_buf *out, rh_error *err)
{
    bool has_rowid = rh_lite_extra_rowid(table);
    size_t count = stored_columns(table);
    rh_lite_value *values = rh_mem_array(count, sizeof *values);
    rh_status status = values != NULL ? RH_OK : rh_error_oom(err);
    size_t from = 0;

    for (size_t i = 0; status == RH_OK && i < batch->rows; i++) {
        int64_t rowid = 0;

        status = rh_lite_row_get(batch->data + from, batch->ends[i] - from,
                                 has_rowid ? &rowid : NULL, values, count, err);
        if (status == RH_OK)
            status = put_row(out, table, has_rowid ? &rowid : NULL, values, count, err);
        from = batch->ends[i];
    }
    rh_mem_free(values);
    return status;
}
