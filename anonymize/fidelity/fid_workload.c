/*
 * Queries out of a captured workload: one per shape, with the values of its slowest execution.
 * Plans differ where values are rare or frequent, and what was slow is what somebody will ask
 * about.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "core/engine_dialect.h"
#include "core/mem.h"
#include "core/sql_literal.h"
#include "core/sql_parameter.h"
#include "core/str.h"
#include "core/workload_file.h"
#include "fid_queries.h"

enum { TEXT_BYTES = 16 << 20 };

typedef struct collect {
    rh_fid_queries *queries;
    rh_workload_file *file;
    rh_sql_dialect dialect;
    const char *path;
    rh_buf text;
    rh_arena *scratch; /* names of the parameters of one statement */
    size_t passed;
} collect;

/* ---- values into the text ---- */

/* PostgreSQL: as a literal of no type yet, which is what a parameter is, too. */
static rh_status put_value(const collect *c, const rh_parameter *value, rh_buf *out, rh_error *err)
{
    const uint8_t *bytes = value->data;
    rh_status status;

    switch (value->kind) {
    case RH_PARAMETER_INTEGER:
        return rh_buf_printf(out, err, "%" PRId64, value->integer);
    case RH_PARAMETER_REAL:
        return rh_buf_printf(out, err, "%.17g", value->real);
    case RH_PARAMETER_BLOB:
        status = rh_buf_append_str(out, c->dialect == RH_SQL_SQLITE ? "X'" : "'\\x", err);
        for (size_t i = 0; status == RH_OK && i < value->len; i++)
            status = rh_buf_printf(out, err, "%02x", bytes[i]);
        return status == RH_OK ? rh_buf_append_byte(out, '\'', err) : status;
    case RH_PARAMETER_TEXT:
        return rh_sql_literal_quote(c->dialect, value->data, value->len, out, err);
    case RH_PARAMETER_NULL:
        break;
    }
    return rh_buf_append_str(out, "NULL", err);
}

/* By its name where the workload has it, else by its number; NULL: there is none. */
static const rh_parameter *find_value(const collect *c, const rh_workload_item *item,
                                      const char *word, size_t len, size_t number)
{
    for (size_t i = 0; i < item->parameter_count; i++) {
        const char *name = item->parameters[i].name;

        if (name != NULL && strlen(name) == len && memcmp(name, word, len) == 0)
            return &item->parameters[i];
    }
    if (c->dialect == RH_SQL_POSTGRES && *word != '$') /* psql's variables */
        return NULL;
    return number >= 1 && number <= item->parameter_count ? &item->parameters[number - 1] : NULL;
}

/* The statement with its values in c->text; RH_SKIPPED when one is missing or it is not one. */
static rh_status write_text(collect *c, const rh_workload_item *item, rh_error *err)
{
    size_t len = strlen(item->sql);
    size_t copied = 0;
    rh_status status = RH_OK;
    rh_sql_parameters numbers;
    rh_sql_piece piece;
    rh_sql_piece more;
    rh_sql_scan scan;

    rh_buf_clear(&c->text);
    rh_arena_reset(c->scratch);
    rh_sql_parameters_init(&numbers, c->dialect, c->scratch);
    rh_sql_scan_init(&scan, c->dialect, item->sql, len);
    if (!rh_sql_split_next(&scan, &piece) || rh_sql_split_next(&scan, &more))
        return RH_SKIPPED;
    rh_sql_scan_init(&scan, c->dialect, item->sql + piece.offset, piece.len);
    while (status == RH_OK) {
        rh_sql_token token = rh_sql_scan_next(&scan);
        const char *word = scan.text + token.offset;
        const rh_parameter *value;
        size_t number = 0;

        if (token.kind == RH_SQL_TOKEN_END)
            return rh_buf_append(&c->text, scan.text + copied, piece.len - copied, err);
        if (token.kind != RH_SQL_TOKEN_PARAMETER)
            continue;
        status = rh_sql_parameter_number(&numbers, scan.text, &token, &number, err);
        if (status != RH_OK)
            return status;
        value = find_value(c, item, word, token.len, number);
        if (value == NULL)
            return RH_SKIPPED;
        status = rh_buf_append(&c->text, scan.text + copied, token.offset - copied, err);
        if (status == RH_OK)
            status = put_value(c, value, &c->text, err);
        copied = token.offset + token.len;
    }
    return status;
}

/* ---- one execution for each shape ---- */

static rh_status take_slowest(collect *c, uint64_t fingerprint, rh_fid_query *query, rh_error *err)
{
    const rh_workload_filter filter = {.by_fingerprint = true, .fingerprint = fingerprint};
    rh_workload_cursor *cursor = NULL;
    rh_workload_item item;
    rh_workload workload;
    int64_t slowest = INT64_MIN;
    rh_status status = rh_workload_cursor_open(c->file, &filter, &cursor, err);

    if (status != RH_OK)
        return status;
    workload = rh_workload_from_cursor(cursor);
    while ((status = workload.next(workload.ctx, &item, err)) == RH_OK) {
        if (item.unreplayable != NULL || item.duration_us <= slowest)
            continue;
        status = write_text(c, &item, err);
        if (status == RH_SKIPPED)
            continue;
        if (status != RH_OK)
            break;
        slowest = item.duration_us;
        query->line = item.source_line;
        query->source_sql = rh_arena_strndup(c->queries->arena, rh_buf_cstr(&c->text), c->text.len);
        if (query->source_sql == NULL) {
            status = rh_error_oom(err);
            break;
        }
    }
    rh_workload_cursor_close(cursor);
    return status == RH_DONE ? RH_OK : status;
}

/* Texts that differ in more than values may share a fingerprint: its executions were all looked at.
 */
static bool was_taken(const collect *c, const char *name)
{
    for (size_t i = 0; i < c->queries->count; i++) {
        if (c->queries->items[i].file == c->path && strcmp(c->queries->items[i].name, name) == 0)
            return true;
    }
    return false;
}

static rh_status take_shape(void *ctx, const rh_workload_statement *statement, rh_error *err)
{
    collect *c = ctx;
    rh_fid_query query = {.file = c->path};
    rh_status status;

    if (!rh_str_eq(statement->command, "read") && !rh_str_eq(statement->command, "write"))
        return RH_OK;
    query.name = rh_arena_printf(c->queries->arena, "%016" PRIx64, statement->fingerprint);
    if (query.name == NULL)
        return rh_error_oom(err);
    if (was_taken(c, query.name))
        return RH_OK;
    status = take_slowest(c, statement->fingerprint, &query, err);
    if (status != RH_OK)
        return status;
    if (query.source_sql == NULL) {
        c->passed++;
        return RH_OK;
    }
    query.target_sql = query.source_sql;
    return rh_fid_queries_add(c->queries, &query, err);
}

rh_status rh_fid_queries_of_workload(rh_fid_queries *queries, const char *path,
                                     rh_engine_kind engine, size_t *out_passed, rh_error *err)
{
    collect c = {.queries = queries, .dialect = rh_engine_dialect(engine)};
    rh_status status = rh_workload_file_open(path, &c.file, err);

    if (status != RH_OK)
        return status;
    rh_buf_init_wiping(&c.text, TEXT_BYTES);
    c.path = rh_arena_strdup(queries->arena, path);
    c.scratch = rh_arena_new(0);
    if (c.path == NULL || c.scratch == NULL)
        status = rh_error_oom(err);
    else if (rh_workload_file_summary(c.file)->engine != engine)
        status = rh_error_set(err, RH_EUSAGE, "'%s' is a workload of %s", path,
                              rh_engine_name(rh_workload_file_summary(c.file)->engine));
    if (status == RH_OK)
        status = rh_workload_file_statements(c.file, take_shape, &c, err);
    *out_passed = c.passed;
    rh_buf_wipe_done(&c.text);
    rh_arena_free(c.scratch);
    rh_workload_file_close(c.file);
    return status;
}
