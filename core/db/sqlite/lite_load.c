/*
 * Rows into the softened tables. One loader: SQLite has one writer.
 *
 * Pieces are decoded where they lie; only a row that is cut between two pieces is put together.
 * Every byte is distrusted: what the writer would not have written is RH_EFORMAT.
 */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "lite_conn.h"
#include "lite_record.h"
#include "lite_render.h"
#include "lite_target.h"
#include "lite_utf16.h"

enum {
    CARRY_KEEP_BYTES = 4 * 1024 * 1024,
};

/* SQLite's default limit on a row, and so the longest that a source can have sent. */
static const size_t max_row_bytes = 1000000000;

/* REAL columns store whole numbers up to six bytes as integers and read them back as REAL. */
static const double max_compact_real = 140737488355327.0;

typedef struct lite_loader {
    rh_lite_target *target;
    rh_buf carry; /* the beginning of a row whose end is still to come */
} lite_loader;

typedef struct table_load {
    lite_loader *loader;
    rh_lite_plan *plan;
    sqlite3_stmt *insert;
    int first_value; /* parameter of the first value; the rowid comes before it when it is 2 */
    rh_lite_value *values;
    rh_lite_affinity *affinities; /* by position in the record */
    int ipk;                      /* position in the record, or -1 */
    int encoding;                 /* SQLITE_UTF8, SQLITE_UTF16LE, SQLITE_UTF16BE */
    int64_t rows;
} table_load;

size_t rh_lite_max_loaders(const void *target)
{
    (void)target;
    return 1;
}

rh_status rh_lite_loader_open(void *ctx, void **out, rh_error *err)
{
    rh_lite_target *target = ctx;
    lite_loader *loader;

    if (target->loading)
        return rh_error_set(err, RH_EUSAGE, "SQLite takes one loader at a time");
    loader = rh_mem_zalloc(sizeof *loader);
    if (loader == NULL)
        return rh_error_oom(err);
    loader->target = target;
    rh_buf_init_wiping(&loader->carry, max_row_bytes + 16);
    target->loading = true;
    *out = loader;
    return RH_OK;
}

void rh_lite_loader_close(void *ctx)
{
    lite_loader *loader = ctx;

    loader->target->loading = false;
    rh_buf_wipe_done(&loader->carry);
    rh_mem_free(loader);
}

/* ---- values ---- */

static bool starts_with_bom(const rh_lite_value *value)
{
    return value->len >= 2 && ((value->data[0] == 0xff && value->data[1] == 0xfe) ||
                               (value->data[0] == 0xfe && value->data[1] == 0xff));
}

/* SQLite takes a byte order mark off UTF-16 that it is given, but not off UTF-8. */
static int bind_with_bom(const table_load *load, int parameter, const rh_lite_value *value)
{
    rh_buf text = RH_BUF_INIT_WIPING;
    bool exact = true;
    int rc = SQLITE_NOMEM;

    rh_buf_init_wiping(&text, value->len * 2 + 4);
    if (rh_lite_from_utf16(value->data, value->len, load->encoding == SQLITE_UTF16BE, &text, &exact,
                           NULL) == RH_OK)
        rc = sqlite3_bind_text64(load->insert, parameter, (const char *)text.data, text.len,
                                 SQLITE_TRANSIENT, SQLITE_UTF8);
    rh_buf_wipe_done(&text);
    return rc;
}

static int bind_text(const table_load *load, int parameter, const rh_lite_value *value)
{
    if (load->encoding != SQLITE_UTF8 && starts_with_bom(value))
        return bind_with_bom(load, parameter, value);
    return sqlite3_bind_text64(load->insert, parameter, (const char *)value->data, value->len,
                               SQLITE_STATIC, (unsigned char)load->encoding);
}

/* In an untyped table we store what a REAL column would store. */
static int bind_real(const table_load *load, int parameter, const rh_lite_value *value,
                     rh_lite_affinity affinity)
{
    double real = value->real;

    if (affinity == RH_LITE_AFFINITY_REAL && !load->plan->typed && fabs(real) <= max_compact_real &&
        (double)(int64_t)real == real && !(real == 0 && signbit(real)))
        return sqlite3_bind_int64(load->insert, parameter, (int64_t)real);
    return sqlite3_bind_double(load->insert, parameter, real);
}

static int bind_value(const table_load *load, int parameter, const rh_lite_value *value,
                      rh_lite_affinity affinity)
{
    switch (value->kind) {
    case RH_LITE_NULL:
        return sqlite3_bind_null(load->insert, parameter);
    case RH_LITE_INTEGER:
        return sqlite3_bind_int64(load->insert, parameter, value->integer);
    case RH_LITE_REAL:
        return bind_real(load, parameter, value, affinity);
    case RH_LITE_TEXT:
        return bind_text(load, parameter, value);
    case RH_LITE_BLOB:
        if (value->len == 0)
            return sqlite3_bind_zeroblob(load->insert, parameter, 0);
        return sqlite3_bind_blob64(load->insert, parameter, value->data, value->len, SQLITE_STATIC);
    }
    return SQLITE_OK;
}

/* Could a column of this affinity change the value's storage class? (Typed tables only.) */
static bool may_be_converted(const table_load *load, const rh_lite_value *value,
                             rh_lite_affinity affinity)
{
    const uint8_t *at = value->data;

    switch (value->kind) {
    case RH_LITE_INTEGER:
        return affinity == RH_LITE_AFFINITY_TEXT || affinity == RH_LITE_AFFINITY_REAL;
    case RH_LITE_REAL:
        return affinity == RH_LITE_AFFINITY_TEXT ||
               ((affinity == RH_LITE_AFFINITY_INTEGER || affinity == RH_LITE_AFFINITY_NUMERIC) &&
                value->real == floor(value->real) && fabs(value->real) < 9e18);
    case RH_LITE_TEXT:
        if (affinity == RH_LITE_AFFINITY_BLOB || affinity == RH_LITE_AFFINITY_TEXT)
            return false;
        for (size_t i = load->encoding == SQLITE_UTF16BE ? 1 : 0; i < value->len; i++) {
            if (at[i] > ' ' || at[i] == 0)
                return (at[i] >= '0' && at[i] <= '9') || at[i] == '-' || at[i] == '+' ||
                       at[i] == '.';
        }
        return false;
    case RH_LITE_NULL:
    case RH_LITE_BLOB:
        break;
    }
    return false;
}

/* ---- rows ---- */

static rh_status bind_row(table_load *load, int64_t rowid, rh_error *err)
{
    const rh_lite_plan *plan = load->plan;
    int parameter = load->first_value;
    int rc = SQLITE_OK;

    if (load->first_value == 2)
        rc = sqlite3_bind_int64(load->insert, 1, rowid);
    for (size_t i = 0; rc == SQLITE_OK && i < plan->stored.record_count; i++) {
        if ((int)i == load->ipk) {
            if (!plan->typed)
                rc = sqlite3_bind_null(load->insert, parameter++);
            continue;
        }
        if (plan->typed && may_be_converted(load, &load->values[i], load->affinities[i]))
            load->plan->converted++;
        rc = bind_value(load, parameter++, &load->values[i], load->affinities[i]);
    }
    return rc == SQLITE_OK ? RH_OK : rh_lite_fail(load->loader->target->db, rc, err);
}

static rh_status load_row(table_load *load, const uint8_t *row, size_t len, rh_error *err)
{
    int64_t rowid = 0;
    int rc;
    rh_status status = rh_lite_row_get(row, len, load->plan->stored.has_rowid ? &rowid : NULL,
                                       load->values, load->plan->stored.record_count, err);

    load->rows++;
    if (status != RH_OK || load->plan->dropped)
        return status;
    status = bind_row(load, rowid, err);
    if (status != RH_OK)
        return status;
    rc = sqlite3_step(load->insert);
    sqlite3_reset(load->insert);
    if (rc == SQLITE_DONE)
        return RH_OK;
    if ((rc & 0xff) == SQLITE_CONSTRAINT)
        return rh_error_set(err, RH_EFORMAT, "a row came twice");
    return rh_lite_fail(load->loader->target->db, rc, err);
}

/* All whole rows of data; *out_used is where the last one ended. */
static rh_status load_whole_rows(table_load *load, const uint8_t *data, size_t len,
                                 size_t *out_used, rh_error *err)
{
    rh_status status = RH_OK;
    size_t at = 0;

    while (status == RH_OK && at < len) {
        size_t bytes = 0;

        status = rh_lite_row_size(data + at, len - at, max_row_bytes, &bytes, err);
        if (status == RH_OK)
            status = load_row(load, data + at, bytes, err);
        if (status == RH_OK)
            at += bytes;
    }
    *out_used = at;
    return status == RH_DONE ? RH_OK : status;
}

/* A piece while a row is cut: take as much of it as completes that row. */
static rh_status complete_carry(table_load *load, const uint8_t **data, size_t *len, rh_error *err)
{
    rh_buf *carry = &load->loader->carry;
    rh_status status = RH_OK;

    while (status == RH_OK && carry->len > 0 && *len > 0) {
        size_t need = 0;
        size_t take = 1; /* byte by byte until the length is known */

        status = rh_lite_row_size(carry->data, carry->len, max_row_bytes, &need, err);
        if (status != RH_DONE)
            break;
        if (need > carry->len)
            take = need - carry->len < *len ? need - carry->len : *len;
        status = rh_buf_append(carry, *data, take, err);
        *data += take;
        *len -= take;
        if (status == RH_OK)
            status = rh_lite_row_size(carry->data, carry->len, max_row_bytes, &need, err);
        if (status == RH_OK) {
            status = load_row(load, carry->data, carry->len, err);
            rh_buf_clear(carry);
        } else if (status == RH_DONE) {
            status = RH_OK;
        }
    }
    if (carry->len == 0 && carry->cap > CARRY_KEEP_BYTES)
        rh_buf_wipe_done(carry);
    return status;
}

static rh_status load_piece(table_load *load, const uint8_t *data, size_t len, rh_error *err)
{
    size_t used = 0;
    rh_status status = complete_carry(load, &data, &len, err);

    if (status == RH_OK)
        status = load_whole_rows(load, data, len, &used, err);
    if (status == RH_OK && used < len)
        status = rh_buf_append(&load->loader->carry, data + used, len - used, err);
    return status;
}

static rh_status load_all(table_load *load, const rh_row_reader *rows, rh_error *err)
{
    const rh_lite_target *target = load->loader->target;
    rh_status status;

    rh_buf_clear(&load->loader->carry);
    for (;;) {
        const uint8_t *data = NULL;
        size_t len = 0;

        status = rh_cancel_check(target->options.cancel, err);
        if (status == RH_OK)
            status = rows->next(rows->ctx, &data, &len, err);
        if (status == RH_OK)
            status = load_piece(load, data, len, err);
        if (status != RH_OK)
            break;
    }
    if (status != RH_DONE)
        return status;
    if (load->loader->carry.len > 0)
        return rh_error_set(err, RH_EFORMAT, "the last row is cut");
    return RH_OK;
}

/* ---- a table ---- */

static rh_status find_plan(rh_lite_target *target, const rh_table *table, rh_lite_plan **out,
                           rh_error *err)
{
    size_t stored = 0;

    for (size_t i = 0; i < table->column_count; i++)
        stored += table->columns[i].generated ? 0 : 1;
    for (size_t i = 0; i < target->plan_count; i++) {
        rh_lite_plan *plan = &target->plans[i];

        if (strcmp(plan->stored.name, table->name) != 0)
            continue;
        if (plan->stored.record_count != stored ||
            plan->stored.has_rowid != rh_lite_extra_rowid(table) ||
            plan->stored.ipk != rh_lite_extra_ipk(table))
            return rh_error_set(err, RH_EUSAGE,
                                "the SQL to run after the schema changed the columns of '%s'",
                                table->name);
        *out = plan;
        return RH_OK;
    }
    return rh_error_set(err, RH_EFORMAT, "there is no table '%s' in the schema", table->name);
}

static rh_status describe_record(table_load *load, rh_error *err)
{
    const rh_lite_table *stored = &load->plan->stored;
    size_t at = 0;

    load->values = rh_mem_array(stored->record_count, sizeof *load->values);
    load->affinities = rh_mem_array(stored->record_count, sizeof *load->affinities);
    if (load->values == NULL || load->affinities == NULL)
        return rh_error_oom(err);
    load->ipk = -1;
    for (size_t i = 0; i < stored->count; i++) {
        if (stored->columns[i].generated)
            continue;
        if ((int)i == stored->ipk)
            load->ipk = (int)at;
        load->affinities[at++] = rh_lite_affinity_of(stored->columns[i].type);
    }
    return RH_OK;
}

static rh_status open_load(table_load *load, const rh_table *table, rh_error *err)
{
    rh_lite_target *target = load->loader->target;
    rh_buf sql = RH_BUF_INIT;
    rh_status status;

    load->encoding = SQLITE_UTF8;
    if (target->facts.utf16)
        load->encoding = target->facts.big_endian ? SQLITE_UTF16BE : SQLITE_UTF16LE;
    status = find_plan(target, table, &load->plan, err);
    if (status == RH_OK)
        status = describe_record(load, err);
    if (status == RH_OK)
        status = rh_lite_soft_insert(load->plan, &sql, &load->first_value, err);
    if (status == RH_OK)
        status = rh_lite_prepare(target->db, rh_buf_cstr(&sql), &load->insert, err);
    rh_buf_done(&sql);
    return status;
}

/* Statistics that are not wanted have no table here, but must still be whole. */
static rh_status drop_rows(lite_loader *loader, const rh_table *table, const rh_row_reader *rows,
                           int64_t *out_rows, rh_error *err)
{
    rh_lite_plan plan = {0};
    table_load load = {0};
    rh_status status;

    plan.dropped = true;
    plan.stored.has_rowid = rh_lite_extra_rowid(table);
    plan.stored.record_count = table->column_count;
    load.loader = loader;
    load.plan = &plan;
    load.values = rh_mem_array(table->column_count, sizeof *load.values);
    if (load.values == NULL)
        return rh_error_oom(err);
    status = load_all(&load, rows, err);
    if (status == RH_OK)
        *out_rows = load.rows;
    rh_mem_free(load.values);
    return status;
}

rh_status rh_lite_loader_load(void *ctx, const rh_table *table, bool whole,
                              const rh_row_reader *rows, int64_t *out_rows, rh_error *err)
{
    lite_loader *loader = ctx;
    table_load load = {0};
    int before = sqlite3_total_changes(loader->target->db);
    rh_status status;

    (void)whole;
    if (table->kind == RH_TABLE_SYSTEM && rh_lite_is_statistics(table->name) &&
        loader->target->options.statistics != RH_STATISTICS_SOURCE)
        return drop_rows(loader, table, rows, out_rows, err);
    load.loader = loader;
    status = open_load(&load, table, err);
    if (status == RH_OK)
        status = load_all(&load, rows, err);
    /* SQLite's own count; as an int it wraps in very large tables, so compare what is left of it.
     */
    if (status == RH_OK && (uint32_t)sqlite3_total_changes(loader->target->db) - (uint32_t)before !=
                               (uint32_t)load.rows)
        status = rh_error_set(err, RH_EDB, "SQLite stored another number of rows than it was sent");
    if (status == RH_OK)
        *out_rows = load.rows;
    sqlite3_finalize(load.insert);
    rh_mem_free(load.affinities);
    rh_mem_free(load.values);
    return status;
}
