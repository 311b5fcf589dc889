#include "pg_statistics_put.h"

#include <string.h>

#include "core/doc.h"
#include "core/mem.h"
#include "core/str.h"
#include "pg_sql.h"
#include "pg_statement.h"

enum {
    LINES_PER_BATCH = 200,
    BATCH_BYTES = 4 << 20,
};

/* ---- lines ---- */

typedef rh_status (*line_taker)(void *ctx, json_t *line, size_t bytes, rh_error *err);

/* Lines of one kind. Those of unknown kinds come from newer versions: left alone. */
static rh_status walk_lines(const char *text, size_t len, const char *kind, line_taker take,
                            void *ctx, int64_t *unreadable, rh_error *err)
{
    const char *end = text + len;
    rh_status status = RH_OK;

    while (text < end && status == RH_OK) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t line_len = (size_t)((newline == NULL ? end : newline) - text);
        json_t *line = NULL;

        if (line_len > 0) {
            rh_error ignored = RH_ERROR_INIT;

            if (rh_doc_parse_json("statistics", text, line_len, &line, &ignored) != RH_OK)
                (*unreadable)++;
            else if (rh_str_eq(json_string_value(json_object_get(line, "kind")), kind))
                status = take(ctx, line, line_len, err);
            json_decref(line);
        }
        text += line_len + 1;
    }
    return status;
}

bool rh_pg_statistics_is_partial(const char *text)
{
    json_t *json = NULL;
    bool partial;

    if (rh_doc_parse_json("statistics", text, strcspn(text, "\n"), &json, NULL) != RH_OK)
        return false;
    partial = rh_str_eq(json_string_value(json_object_get(json, "kind")), "partial");
    json_decref(json);
    return partial;
}

/* ---- putting ---- */

/* One statement that may fail without taking the caller's transaction with it. */
static rh_status begin(const rh_pg_statistics_put *put, rh_error *err)
{
    return rh_pg_exec(put->pg, put->inside ? "SAVEPOINT rehearse_put" : "BEGIN", err);
}

static rh_status end(const rh_pg_statistics_put *put, rh_status status, rh_error *err)
{
    if (status == RH_OK)
        return rh_pg_exec(put->pg, put->inside ? "RELEASE SAVEPOINT rehearse_put" : "COMMIT", err);
    rh_pg_exec_quietly(put->pg, put->inside ? "ROLLBACK TO SAVEPOINT rehearse_put" : "ROLLBACK");
    return status;
}

static rh_status put_json(rh_pg_statistics_put *put, const char *kind, const json_t *lines,
                          rh_error *err)
{
    const char *sql = put->functions                  ? rh_pg_sql_statistics_put_18
                      : strcmp(kind, "relation") == 0 ? rh_pg_sql_statistics_put_relations
                                                      : rh_pg_sql_statistics_put_columns;
    bool replaces = put->partial && sql == rh_pg_sql_statistics_put_columns;
    rh_buf text = RH_BUF_INIT;
    PGresult *gone = NULL;
    PGresult *result = NULL;
    rh_status status = rh_doc_print_json(lines, JSON_COMPACT, &text, err);
    const char *params[] = {rh_buf_cstr(&text)};

    if (status == RH_OK)
        status = begin(put, err);
    if (status == RH_OK && replaces)
        status = rh_pg_query(put->pg, rh_pg_sql_statistics_forget, 1, params, &gone, err);
    if (status == RH_OK)
        status = rh_pg_query(put->pg, sql, 1, params, &result, err);
    status = end(put, status, err);
    PQclear(gone);
    PQclear(result);
    rh_buf_done(&text);
    return status;
}

/* Not about the line. */
static bool ends_the_run(rh_status status)
{
    return status == RH_ECONNECT || status == RH_ECANCELED || status == RH_ENOMEM ||
           status == RH_EBUSY;
}

static rh_status put_one(rh_pg_statistics_put *put, const char *kind, json_t *line, rh_error *err)
{
    json_t *one = json_array();
    rh_status status = one == NULL || json_array_append(one, line) != 0
                           ? rh_error_oom(err)
                           : put_json(put, kind, one, err);

    json_decref(one);
    return status;
}

/* A batch as one statement; where the server refuses it, line by line, counting those it refuses
 * alone (a table that is not there, a type or operator that is different). */
static rh_status put_batch(rh_pg_statistics_put *put, const char *kind, json_t *lines,
                           rh_error *err)
{
    rh_error refused = RH_ERROR_INIT;
    rh_status status = RH_OK;

    if (json_array_size(lines) == 0)
        return RH_OK;
    status = put_json(put, kind, lines, &refused);
    if (status != RH_OK && !ends_the_run(status)) {
        status = RH_OK;
        for (size_t i = 0; !ends_the_run(status) && i < json_array_size(lines); i++) {
            rh_error_clear(&refused);
            status = put_one(put, kind, json_array_get(lines, i), &refused);
            put->refused += status != RH_OK;
        }
    }
    (void)json_array_clear(lines);
    if (!ends_the_run(status))
        return RH_OK;
    rh_error_set(err, status, "%s", refused.text);
    rh_error_hint(err, "%s", refused.hint);
    return status;
}

typedef struct batch {
    rh_pg_statistics_put *put;
    const char *kind;
    json_t *lines;
    size_t bytes;
} batch;

static rh_status take_for_batch(void *ctx, json_t *line, size_t bytes, rh_error *err)
{
    batch *b = ctx;

    if (json_array_append(b->lines, line) != 0)
        return rh_error_oom(err);
    b->bytes += bytes;
    if (json_array_size(b->lines) < LINES_PER_BATCH && b->bytes < BATCH_BYTES)
        return RH_OK;
    b->bytes = 0;
    return put_batch(b->put, b->kind, b->lines, err);
}

static rh_status put_kind(rh_pg_statistics_put *put, const char *text, size_t len, const char *kind,
                          int64_t *unreadable, rh_error *err)
{
    batch b = {.put = put, .kind = kind, .lines = json_array()};
    rh_status status = b.lines == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = walk_lines(text, len, kind, take_for_batch, &b, unreadable, err);
    if (status == RH_OK)
        status = put_batch(put, kind, b.lines, err);
    json_decref(b.lines);
    return status;
}

rh_status rh_pg_statistics_put_text(rh_pg_statistics_put *put, const char *text, size_t len,
                                    rh_error *err)
{
    int64_t counted = 0; /* with the relations */
    rh_status status = put_kind(put, text, len, "relation", &put->refused, err);

    return status == RH_OK ? put_kind(put, text, len, "column", &counted, err) : status;
}

/* ---- indexes ---- */

static rh_status take_index(void *ctx, json_t *line, size_t bytes, rh_error *err)
{
    const char *relkind = json_string_value(json_object_get(line, "relkind"));
    json_t *name;

    (void)bytes;
    if (!rh_str_eq(relkind, "i") && !rh_str_eq(relkind, "I"))
        return RH_OK;
    name = json_pack("{s:O?, s:O?}", "schema", json_object_get(line, "schema"), "name",
                     json_object_get(line, "name"));
    return json_array_append_new(ctx, name) == 0 ? RH_OK : rh_error_oom(err);
}

rh_status rh_pg_statistics_hide_indexes(rh_pg *pg, const char *text, size_t len, rh_error *err)
{
    json_t *names = json_array();
    rh_buf list = RH_BUF_INIT;
    PGresult *result = NULL;
    int64_t ignored = 0;
    rh_status status = names == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = walk_lines(text, len, "relation", take_index, names, &ignored, err);
    if (status == RH_OK)
        status = rh_doc_print_json(names, JSON_COMPACT, &list, err);
    if (status == RH_OK) {
        const char *params[] = {rh_buf_cstr(&list)};

        status = rh_pg_query(pg, rh_pg_sql_statistics_hide_indexes, 1, params, &result, err);
    }
    PQclear(result);
    rh_buf_done(&list);
    json_decref(names);
    return status;
}
