/*
 * A temporary table hides one of its name in every other schema, so the calls run as they are, but
 * for tables that they name with a schema: those become pg_temp's.
 *
 *   open() -> copies, empty -- fill() -> SAVEPOINT rehearse_copies -- calls -- fill(): back to it
 * ...
 *
 * Invariants
 * 1. Everything is in the session's transaction, which is never committed.
 * 2. What the statements read was asked from their generic plans, before (which tables) and after
 *    (all hidden?): a table read by a function would be the original.
 * 3. Views that the statements name are temporary ones, too, over the copies.
 */
#include "pg_call_copies.h"

#include <string.h>

#include "core/arena.h"
#include "core/mem.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "pg_copy_names.h"
#include "pg_explain.h"
#include "pg_sql.h"
#include "pg_statement.h"

enum { MAX_TABLES = 256 };

typedef struct copy {
    const char *schema;
    const char *name;
    const char *columns; /* quoted, with commas; not those that are generated */
    int64_t rows;
    int64_t copied;
} copy;

struct rh_pg_copies {
    rh_pg *pg;
    rh_arena *arena;
    copy *tables;
    size_t count;
    copy *views; /* schema and name only: temporary views that read the copies */
    size_t view_count;
};

void rh_pg_copies_free(rh_pg_copies *copies)
{
    if (copies == NULL)
        return;
    rh_arena_free(copies->arena);
    rh_mem_free(copies->tables);
    rh_mem_free(copies->views);
    rh_mem_free(copies);
}

/* ---- which tables ---- */

static bool among(const copy *list, size_t count, const char *schema, const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i].name, name) == 0 && strcmp(list[i].schema, schema) == 0)
            return true;
    }
    return false;
}

static bool has_copy(const void *ctx, const char *schema, const char *name)
{
    const rh_pg_copies *copies = ctx;

    return among(copies->tables, copies->count, schema, name) ||
           among(copies->views, copies->view_count, schema, name);
}

/* What else has the name, in another schema; NULL: nothing. */
static const copy *namesake(const rh_pg_copies *copies, const char *name)
{
    for (size_t i = 0; i < copies->count; i++) {
        if (strcmp(copies->tables[i].name, name) == 0)
            return &copies->tables[i];
    }
    for (size_t i = 0; i < copies->view_count; i++) {
        if (strcmp(copies->views[i].name, name) == 0)
            return &copies->views[i];
    }
    return NULL;
}

/* Temporary ones live in one schema. */
static rh_status note_name(rh_pg_copies *copies, copy *to, const char *schema, const char *name,
                           rh_error *err)
{
    const copy *other = namesake(copies, name);

    if (other != NULL)
        return rh_error_set(err, RH_EUNSUPPORTED,
                            "the statements use two tables of one name, '%s.%s' and '%s.%s'",
                            other->schema, name, schema, name);
    to->schema = rh_arena_strdup(copies->arena, schema);
    to->name = rh_arena_strdup(copies->arena, name);
    return to->schema == NULL || to->name == NULL ? rh_error_oom(err) : RH_OK;
}

rh_status rh_pg_copies_named(const rh_pg_copies *copies, const char *sql, char **out, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_status status;

    if (copies == NULL) {
        *out = rh_mem_strdup(sql);
        return *out == NULL ? rh_error_oom(err) : RH_OK;
    }
    status = rh_pg_name_copies(sql, has_copy, copies, &text, err);
    if (status == RH_OK)
        *out = rh_mem_strdup(rh_buf_cstr(&text));
    rh_buf_done(&text);
    return status == RH_OK && *out == NULL ? rh_error_oom(err) : status;
}

static rh_status take_name(rh_pg_copies *copies, const char *schema, const char *name,
                           rh_error *err)
{
    rh_status status;

    if (has_copy(copies, schema, name) || rh_str_starts_with(schema, "pg_catalog"))
        return RH_OK;
    if (copies->count == MAX_TABLES)
        return rh_error_set(err, RH_ELIMIT, "the statements use more than %d tables",
                            (int)MAX_TABLES);
    status = note_name(copies, &copies->tables[copies->count], schema, name, err);
    if (status == RH_OK)
        copies->count++;
    return status;
}

/* With the copies in place, the original may not be read any more. */
static rh_status check_hidden(const rh_pg_copies *copies, const char *schema, const char *name,
                              const char *statement, rh_error *err)
{
    const char *params[] = {schema, name, statement};
    PGresult *result = NULL;
    rh_status status;

    if (rh_str_starts_with(schema, "pg_"))
        return RH_OK;
    status = rh_pg_query(copies->pg, rh_pg_sql_copy_views, 3, params, &result, err);
    if (status != RH_OK)
        return status;
    if (PQgetisnull(result, 0, 0))
        rh_error_set(err, RH_EUNSUPPORTED,
                     "table '%s.%s' is read otherwise than by its name, by a function perhaps",
                     schema, name);
    else
        rh_error_set(err, RH_EUNSUPPORTED, "table '%s.%s' is read through a view: %s", schema, name,
                     PQgetvalue(result, 0, 0));
    rh_error_hint(
        err, "a view with rules, triggers or defaults of its own, or one that a function reads, "
             "has no copy: write its query into the call");
    PQclear(result);
    return RH_EUNSUPPORTED;
}

/* hidden: the statement that has to read copies only; NULL: take the names. */
static rh_status walk(rh_pg_copies *copies, const json_t *json, const char *hidden, rh_error *err)
{
    const char *schema = json_string_value(json_object_get(json, "Schema"));
    const char *name = json_string_value(json_object_get(json, "Relation Name"));
    rh_status status = RH_OK;
    const char *key;
    json_t *value;
    size_t i;

    if (schema != NULL && name != NULL)
        status = hidden != NULL ? check_hidden(copies, schema, name, hidden, err)
                                : take_name(copies, schema, name, err);
    if (json_is_array(json)) {
        json_array_foreach(json, i, value)
        {
            if (status == RH_OK)
                status = walk(copies, value, hidden, err);
        }
    } else if (json_is_object(json)) {
        json_object_foreach((json_t *)(uintptr_t)json, key, value)
        {
            if (status == RH_OK && (json_is_array(value) || json_is_object(value)))
                status = walk(copies, value, hidden, err);
        }
    }
    return status;
}

static rh_status walk_statements(rh_pg_copies *copies, const char *const *statements, bool hidden,
                                 rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && statements[i] != NULL; i++) {
        json_t *plan = NULL;
        char *sql = NULL;

        status = rh_pg_copies_named(hidden ? copies : NULL, statements[i], &sql, err);
        if (status == RH_OK)
            status = rh_pg_explain_generic(copies->pg, sql, true, &plan, err);
        if (status == RH_OK)
            status = walk(copies, plan, hidden ? sql : NULL, err);
        json_decref(plan);
        rh_mem_free(sql);
    }
    return status;
}

/* ---- one table ---- */

static rh_status look_at(rh_pg_copies *copies, copy *c, rh_error *err)
{
    const char *params[] = {c->schema, c->name};
    rh_buf sql = RH_BUF_INIT;
    PGresult *result = NULL;
    rh_status status = rh_pg_query(copies->pg, rh_pg_sql_copy_tables, 2, params, &result, err);

    if (status == RH_OK && (PQntuples(result) != 1 || PQgetisnull(result, 0, 2)))
        status = rh_error_set(err, RH_EUNSUPPORTED, "'%s.%s' is no table whose rows can be copied",
                              c->schema, c->name);
    if (status == RH_OK && !PQgetisnull(result, 0, 3))
        status = rh_error_set(err, RH_EUNSUPPORTED,
                              "table '%s.%s' is a part of '%s', and a copy would have no parts",
                              c->schema, c->name, PQgetvalue(result, 0, 3));
    if (status == RH_OK) {
        c->columns = rh_arena_strdup(copies->arena, PQgetvalue(result, 0, 2));
        status = c->columns == NULL ? rh_error_oom(err) : RH_OK;
    }
    PQclear(result);
    result = NULL;
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, "SELECT count(*) FROM ", err);
    if (status == RH_OK)
        status = rh_sql_name_quote_qualified(c->schema, c->name, &sql, err);
    if (status == RH_OK)
        status = rh_pg_query(copies->pg, rh_buf_cstr(&sql), 0, NULL, &result, err);
    if (status == RH_OK)
        c->rows = rh_pg_int64(result, 0, 0);
    PQclear(result);
    rh_buf_done(&sql);
    return status;
}

/* Defaults would take numbers from the original's sequence, which no rollback gives back. */
static rh_status own_sequences(rh_pg_copies *copies, size_t number, rh_error *err)
{
    const copy *c = &copies->tables[number];
    const char *params[] = {c->schema, c->name};
    rh_buf name = RH_BUF_INIT, original = RH_BUF_INIT;
    PGresult *result = NULL;
    rh_status status = rh_pg_query(copies->pg, rh_pg_sql_copy_defaults, 2, params, &result, err);

    if (status == RH_OK)
        status = rh_sql_name_quote(c->name, &name, err);
    if (status == RH_OK)
        status = rh_sql_name_quote_qualified(c->schema, c->name, &original, err);
    for (int i = 0; status == RH_OK && i < PQntuples(result); i++) {
        const char *column = PQgetvalue(result, i, 0);

        status =
            rh_pg_execf(copies->pg, err,
                        "CREATE TEMP SEQUENCE rehearse_%zu_%d; SELECT pg_catalog.setval("
                        "'pg_temp.rehearse_%zu_%d', (SELECT coalesce(max(%s), 0) + 1 FROM %s)); "
                        "ALTER TABLE pg_temp.%s ALTER COLUMN %s SET DEFAULT "
                        "pg_catalog.nextval('pg_temp.rehearse_%zu_%d')",
                        number, i, number, i, column, rh_buf_cstr(&original), rh_buf_cstr(&name),
                        column, number, i);
    }
    PQclear(result);
    rh_buf_done(&name);
    rh_buf_done(&original);
    return status;
}

static rh_status create(rh_pg_copies *copies, size_t number, rh_error *err)
{
    const copy *c = &copies->tables[number];
    rh_buf sql = RH_BUF_INIT;
    rh_status status = rh_buf_append_str(&sql, "CREATE TEMP TABLE ", err);

    if (status == RH_OK)
        status = rh_sql_name_quote(c->name, &sql, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, " (LIKE ", err);
    if (status == RH_OK)
        status = rh_sql_name_quote_qualified(c->schema, c->name, &sql, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, " INCLUDING ALL)", err);
    if (status == RH_OK)
        status = rh_pg_exec(copies->pg, rh_buf_cstr(&sql), err);
    rh_buf_done(&sql);
    return status == RH_OK ? own_sequences(copies, number, err) : status;
}

/* ---- views ---- */

/* The view over the copies, where its query names any. Beside temporary ones of their names the
 * originals are written with their schema in the text that the server gives. */
static rh_status create_view(rh_pg_copies *copies, const char *const view[4], rh_error *err)
{
    rh_buf text = RH_BUF_INIT, sql = RH_BUF_INIT;
    PGresult *result = NULL;
    const char *query = NULL, *options = view[3];
    bool copied = false;
    rh_status status =
        rh_pg_query(copies->pg, "SELECT pg_catalog.pg_get_viewdef($1::oid)", 1, view, &result, err);

    if (status == RH_OK) {
        query = PQgetvalue(result, 0, 0);
        status = rh_pg_name_copies(query, has_copy, copies, &text, err);
    }
    copied = status == RH_OK && strcmp(rh_buf_cstr(&text), query) != 0;
    if (copied)
        status = note_name(copies, &copies->views[copies->view_count], view[1], view[2], err);
    if (copied && status == RH_OK)
        status = rh_sql_name_quote(view[2], &sql, err);
    if (copied && status == RH_OK)
        status = rh_pg_execf(copies->pg, err, "CREATE TEMP VIEW %s%s%s%s AS %s", rh_buf_cstr(&sql),
                             options[0] == '\0' ? "" : " WITH (", options,
                             options[0] == '\0' ? "" : ")", rh_buf_cstr(&text));
    if (copied && status == RH_OK)
        copies->view_count++;
    PQclear(result);
    rh_buf_done(&text);
    rh_buf_done(&sql);
    return status;
}

/* One that does more than its query would do another thing in its copy: without one, check_hidden()
 * finds it where it is used. */
static rh_status create_views(rh_pg_copies *copies, const char *const *statements, rh_error *err)
{
    rh_buf all = RH_BUF_INIT;
    PGresult *result = NULL;
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && statements[i] != NULL; i++) {
        status = rh_buf_append_str(&all, statements[i], err);
        if (status == RH_OK)
            status = rh_buf_append_str(&all, "\n", err);
    }
    if (status == RH_OK) {
        const char *params[] = {rh_buf_cstr(&all)};

        status = rh_pg_query(copies->pg, rh_pg_sql_copy_views_used, 1, params, &result, err);
    }
    if (status == RH_OK) {
        copies->views = rh_mem_array((size_t)PQntuples(result) + 1, sizeof *copies->views);
        status = copies->views == NULL ? rh_error_oom(err) : RH_OK;
    }
    for (int i = 0; status == RH_OK && i < PQntuples(result); i++) {
        const char *const view[] = {PQgetvalue(result, i, 0), PQgetvalue(result, i, 1),
                                    PQgetvalue(result, i, 2), PQgetvalue(result, i, 3)};

        if (strcmp(PQgetvalue(result, i, 4), "t") != 0)
            status = create_view(copies, view, err);
        if (status != RH_OK)
            rh_error_where(err, "view '%s.%s'", view[1], view[2]);
    }
    PQclear(result);
    rh_buf_done(&all);
    return status;
}

rh_status rh_pg_copies_open(rh_pg *pg, const char *const *statements, rh_pg_copies **out,
                            rh_error *err)
{
    rh_pg_copies *copies = rh_mem_zalloc(sizeof *copies);
    rh_status status;

    if (copies == NULL)
        return rh_error_oom(err);
    copies->pg = pg;
    copies->arena = rh_arena_new(0);
    copies->tables = rh_mem_array(MAX_TABLES, sizeof *copies->tables);
    status = copies->arena == NULL || copies->tables == NULL ? rh_error_oom(err) : RH_OK;
    if (status == RH_OK) /* a scan that joins another one would not begin with the first row */
        status = rh_pg_exec(pg,
                            "SET LOCAL synchronize_seqscans = off; "
                            "SET LOCAL max_parallel_workers_per_gather = 0",
                            err);
    if (status == RH_OK)
        status = walk_statements(copies, statements, false, err);
    for (size_t i = 0; status == RH_OK && i < copies->count; i++)
        status = look_at(copies, &copies->tables[i], err);
    for (size_t i = 0; status == RH_OK && i < copies->count; i++)
        status = create(copies, i, err);
    if (status == RH_OK)
        status = create_views(copies, statements, err);
    if (status == RH_OK)
        status = walk_statements(copies, statements, true, err);
    if (status == RH_OK)
        status = rh_pg_exec(pg, "SAVEPOINT rehearse_copies", err);
    if (status == RH_OK)
        *out = copies;
    else
        rh_pg_copies_free(copies);
    return status;
}

/* ---- rows ---- */

static rh_status fill_table(rh_pg_copies *copies, copy *c, int64_t wanted, rh_error *err)
{
    rh_buf name = RH_BUF_INIT, original = RH_BUF_INIT;
    rh_status status = rh_sql_name_quote(c->name, &name, err);

    if (status == RH_OK)
        status = rh_sql_name_quote_qualified(c->schema, c->name, &original, err);
    if (status == RH_OK && wanted > c->copied)
        status = rh_pg_execf(copies->pg, err,
                             "INSERT INTO pg_temp.%s (%s) OVERRIDING SYSTEM VALUE "
                             "SELECT %s FROM %s OFFSET %lld LIMIT %lld",
                             rh_buf_cstr(&name), c->columns, c->columns, rh_buf_cstr(&original),
                             (long long)c->copied, (long long)(wanted - c->copied));
    if (status == RH_OK)
        status = rh_pg_execf(copies->pg, err, "ANALYZE pg_temp.%s", rh_buf_cstr(&name));
    if (status == RH_OK)
        c->copied = wanted > c->copied ? wanted : c->copied;
    else
        rh_error_where(err, "copying table '%s'", c->name);
    rh_buf_done(&name);
    rh_buf_done(&original);
    return status;
}

rh_status rh_pg_copies_fill(rh_pg_copies *copies, int64_t rows, rh_error *err)
{
    int64_t largest = 0;
    rh_status status = rh_pg_exec(copies->pg,
                                  "ROLLBACK TO SAVEPOINT rehearse_copies; "
                                  "RELEASE SAVEPOINT rehearse_copies",
                                  err);

    for (size_t i = 0; i < copies->count; i++)
        largest = copies->tables[i].rows > largest ? copies->tables[i].rows : largest;
    for (size_t i = 0; status == RH_OK && i < copies->count; i++) {
        copy *c = &copies->tables[i];

        status = fill_table(copies, c, rh_call_copy_share(c->rows, rows, largest), err);
    }
    return status == RH_OK ? rh_pg_exec(copies->pg, "SAVEPOINT rehearse_copies", err) : status;
}

rh_status rh_pg_copies_list(const rh_pg_copies *copies, json_t **out, rh_error *err)
{
    json_t *list = json_array();

    for (size_t i = 0; list != NULL && i < copies->count; i++) {
        const copy *c = &copies->tables[i];

        if (json_array_append_new(list, json_pack("{s:s, s:I, s:I}", "table", c->name, "rows",
                                                  (json_int_t)c->rows, "copied",
                                                  (json_int_t)c->copied)) != 0) {
            json_decref(list);
            list = NULL;
        }
    }
    *out = list;
    return list == NULL ? rh_error_oom(err) : RH_OK;
}
