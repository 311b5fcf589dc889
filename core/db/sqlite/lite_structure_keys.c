/*
 * Indexes, CHECKs and foreign keys of the section "structure". Which columns an expression uses is
 * told by its words alone: too many rather than too few.
 */
#include <string.h>

#include "core/sql_name.h"
#include "core/str.h"
#include "lite_conn.h"
#include "lite_sql_text.h"
#include "lite_structure.h"

/* Columns of the pragmas. */
enum {
    LIST_NAME = 1,
    LIST_UNIQUE = 2,
    LIST_ORIGIN = 3,
    LIST_PARTIAL = 4,
    XINFO_CID = 1,
    XINFO_COLLATION = 4,
    XINFO_KEY = 5,
    KEY_SEQ = 1,
    KEY_TABLE = 2,
    KEY_FROM = 3,
    KEY_TO = 4,
};

static const char *column_text(sqlite3_stmt *stmt, int column)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);

    return text != NULL ? text : "";
}

static size_t find_column(const rh_lite_table *table, const char *name)
{
    size_t i = 0;

    while (i < table->count && !rh_str_ieq(table->columns[i].name, name))
        i++;
    return i;
}

static rh_status new_list(json_t *object, const char *key, json_t **out, rh_error *err)
{
    *out = json_array();
    return json_object_set_new(object, key, *out) == 0 ? RH_OK : rh_error_oom(err);
}

static rh_status new_item(json_t *list, json_t **out, rh_error *err)
{
    *out = json_object();
    return json_array_append_new(list, *out) == 0 ? RH_OK : rh_error_oom(err);
}

static rh_status add_position(json_t *list, size_t position, rh_error *err)
{
    return json_array_append_new(list, json_integer((json_int_t)position)) == 0 ? RH_OK
                                                                                : rh_error_oom(err);
}

/* ---- mentions ---- */

static void mention_token(const rh_lite_table *table, const rh_sql_token *token, const char *text,
                          bool *seen)
{
    static const char *const rowid[] = {"rowid", "_rowid_", "oid"};
    bool found = false;

    for (size_t i = 0; i < table->count; i++) {
        if (rh_sql_token_names(RH_SQL_SQLITE, token, text, table->columns[i].name)) {
            seen[i] = true;
            found = true;
        }
    }
    for (size_t i = 0; !found && table->ipk >= 0 && i < sizeof rowid / sizeof rowid[0]; i++) {
        if (rh_sql_token_names(RH_SQL_SQLITE, token, text, rowid[i]))
            seen[table->ipk] = true;
    }
}

/* In what is left of the text. */
static void mention_words(const rh_lite_table *table, rh_sql_scan scan, bool *seen)
{
    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);

        if (token.kind == RH_SQL_TOKEN_END)
            return;
        mention_token(table, &token, scan.text, seen);
    }
}

static rh_status put_mentions(const rh_lite_table *table, const bool *seen, json_t *out,
                              rh_error *err)
{
    json_t *list = NULL;
    rh_status status = new_list(out, "mentions", &list, err);

    for (size_t i = 0; status == RH_OK && i < table->count; i++) {
        if (seen[i])
            status = add_position(list, i, err);
    }
    return status;
}

/* ---- indexes ---- */

/* One index while its keys are read. */
typedef struct index_text {
    rh_buf definition; /* of a constraint's: UNIQUE ("a", "b" COLLATE NOCASE) */
    bool expressions;
    bool *seen;
} index_text;

static const rh_lite_object *find_object(const rh_lite_schema *schema, const char *type,
                                         const char *name)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (strcmp(schema->items[i].type, type) == 0 && rh_str_ieq(schema->items[i].name, name))
            return &schema->items[i];
    }
    return NULL;
}

static rh_status define_key(index_text *text, const char *name, const char *collation,
                            rh_error *err)
{
    bool first = text->definition.data[text->definition.len - 1] == '(';
    rh_status status = rh_buf_append_str(&text->definition, first ? "" : ", ", err);

    if (status == RH_OK)
        status = rh_sql_name_quote(name, &text->definition, err);
    if (status == RH_OK && collation[0] != '\0' && !rh_str_ieq(collation, "BINARY"))
        status = rh_buf_printf(&text->definition, err, " COLLATE %s", collation);
    return status;
}

static rh_status read_keys(const rh_lite_described *d, const char *index, index_text *text,
                           json_t *columns, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    rh_status status = rh_lite_open_pragma(d->db, "index_xinfo", index, &stmt, err);

    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK) {
        int cid = sqlite3_column_int(stmt, XINFO_CID);

        if (sqlite3_column_int(stmt, XINFO_KEY) == 0)
            continue;
        /* -1: the rowid; -2: an expression */
        if (cid == -1)
            cid = d->table.ipk;
        if (cid < 0 || (size_t)cid >= d->table.count) {
            text->expressions = true;
            continue;
        }
        text->seen[cid] = true;
        status = add_position(columns, (size_t)cid, err);
        if (status == RH_OK)
            status = define_key(text, d->table.columns[cid].name,
                                column_text(stmt, XINFO_COLLATION), err);
    }
    sqlite3_finalize(stmt);
    return status == RH_DONE ? RH_OK : status;
}

static rh_status put_index(const rh_lite_described *d, sqlite3_stmt *list, index_text *text,
                           json_t *out, rh_error *err)
{
    const char *name = column_text(list, LIST_NAME);
    bool primary = strcmp(column_text(list, LIST_ORIGIN), "pk") == 0;
    const rh_lite_object *object = find_object(d->schema, "index", name);
    const char *sql = object == NULL ? NULL : object->sql;
    json_t *columns = NULL;
    rh_status status =
        rh_buf_append_str(&text->definition, primary ? "PRIMARY KEY (" : "UNIQUE (", err);

    if (status == RH_OK)
        status = rh_lite_put_text(out, "name", name, err);
    if (status == RH_OK)
        status = rh_lite_put_true(out, "unique", sqlite3_column_int(list, LIST_UNIQUE) != 0, err);
    if (status == RH_OK)
        status = rh_lite_put_true(out, "primary", primary, err);
    if (status == RH_OK)
        status = rh_lite_put_true(out, "partial", sqlite3_column_int(list, LIST_PARTIAL) != 0, err);
    if (status == RH_OK)
        status = new_list(out, "columns", &columns, err);
    if (status == RH_OK)
        status = read_keys(d, name, text, columns, err);
    if (status == RH_OK)
        status = rh_buf_append_byte(&text->definition, ')', err);
    if (status == RH_OK)
        status = rh_lite_put_true(out, "expressions", text->expressions, err);
    if (status == RH_OK)
        status = rh_lite_put_text(out, "method", "btree", err);
    if (status == RH_OK)
        status =
            rh_lite_put_text(out, "text", sql != NULL ? sql : rh_buf_cstr(&text->definition), err);
    if (status == RH_OK && sql != NULL) {
        rh_sql_scan scan = rh_lite_scan(sql);

        if (!rh_lite_enter_list(&scan))
            scan = rh_lite_scan(sql);
        mention_words(&d->table, scan, text->seen);
    }
    return status == RH_OK ? put_mentions(&d->table, text->seen, out, err) : status;
}

/* The key that is the rowid has no index of its own. */
static rh_status put_rowid_key(const rh_lite_described *d, json_t *out, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_status status = rh_buf_append_str(&text, "PRIMARY KEY (", err);

    if (status == RH_OK)
        status = rh_sql_name_quote(d->table.columns[d->table.ipk].name, &text, err);
    if (status == RH_OK)
        status = rh_buf_append_byte(&text, ')', err);
    if (status == RH_OK)
        status = rh_lite_put_text(out, "text", rh_buf_cstr(&text), err);
    rh_buf_done(&text);
    if (status == RH_OK &&
        json_object_update_new(out, json_pack("{s:s, s:b, s:b, s:s, s:[i], s:[i]}", "name",
                                              "PRIMARY KEY", "unique", 1, "primary", 1, "method",
                                              "btree", "columns", d->table.ipk, "mentions",
                                              d->table.ipk)) != 0)
        status = rh_error_oom(err);
    return status;
}

rh_status rh_lite_put_indexes(const rh_lite_described *d, json_t *out, rh_error *err)
{
    json_t *list = NULL;
    json_t *item = NULL;
    sqlite3_stmt *stmt = NULL;
    rh_status status = new_list(out, "indexes", &list, err);

    if (status == RH_OK && d->table.ipk >= 0) {
        status = new_item(list, &item, err);
        if (status == RH_OK)
            status = put_rowid_key(d, item, err);
    }
    if (status == RH_OK)
        status = rh_lite_open_pragma(d->db, "index_list", d->table.name, &stmt, err);
    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK) {
        index_text text = {RH_BUF_INIT, false, NULL};

        text.seen = rh_arena_array(d->arena, d->table.count, sizeof *text.seen);
        status = text.seen == NULL ? rh_error_oom(err) : new_item(list, &item, err);
        if (status == RH_OK)
            status = put_index(d, stmt, &text, item, err);
        rh_buf_done(&text.definition);
    }
    sqlite3_finalize(stmt);
    return status == RH_DONE ? RH_OK : status;
}

/* ---- checks ---- */

static rh_status put_check(const rh_lite_described *d, const rh_lite_check *check, json_t *out,
                           rh_error *err)
{
    const char *sql = d->object->sql;
    bool *seen = rh_arena_array(d->arena, d->table.count, sizeof *seen);
    char *name = rh_arena_alloc(d->arena, check->name.len + 1);
    rh_buf text = RH_BUF_INIT;
    rh_sql_scan scan;
    rh_status status =
        seen == NULL || name == NULL ? rh_error_oom(err) : rh_buf_append_str(&text, "CHECK (", err);

    if (status == RH_OK)
        status = rh_buf_append(&text, sql + check->offset, check->len, err);
    if (status == RH_OK)
        status = rh_buf_append_byte(&text, ')', err);
    if (status == RH_OK)
        status = rh_lite_put_text(out, "text", rh_buf_cstr(&text), err);
    rh_buf_done(&text);
    if (status == RH_OK && check->name.len > 0) {
        rh_sql_name_decode(RH_SQL_SQLITE, &check->name, sql, name);
        status = rh_lite_put_text(out, "name", name, err);
    }
    if (status != RH_OK)
        return status;
    rh_sql_scan_init(&scan, RH_SQL_SQLITE, sql + check->offset, check->len);
    mention_words(&d->table, scan, seen);
    return put_mentions(&d->table, seen, out, err);
}

rh_status rh_lite_put_checks(const rh_lite_described *d, json_t *out, rh_error *err)
{
    rh_sql_scan scan = rh_lite_scan(d->object->sql);
    bool has_body = rh_lite_enter_list(&scan);
    rh_lite_check check;
    json_t *list = NULL;
    json_t *item = NULL;
    rh_status status = new_list(out, "checks", &list, err);

    while (status == RH_OK && has_body && rh_lite_next_check(&scan, &check)) {
        status = new_item(list, &item, err);
        if (status == RH_OK)
            status = put_check(d, &check, item, err);
    }
    return status;
}

/* ---- foreign keys ---- */

/* The name of the referenced column as its table spells it. Without one: the primary key's. */
static const char *target_column(const rh_lite_table *target, const char *to, int seq)
{
    for (size_t i = 0; i < target->count; i++) {
        if (to == NULL ? target->columns[i].key == seq + 1
                       : rh_str_ieq(target->columns[i].name, to))
            return target->columns[i].name;
    }
    return to;
}

static rh_status begin_key(const rh_lite_described *d, sqlite3_stmt *stmt, rh_lite_table *target,
                           json_t *item, rh_error *err)
{
    const char *name = column_text(stmt, KEY_TABLE);
    const rh_lite_object *object = find_object(d->schema, "table", name);
    rh_status status = RH_OK;
    const char *full_name;
    json_t *ignored = NULL;

    *target = (rh_lite_table){0};
    if (object != NULL && rh_lite_is_table(object))
        status = rh_lite_table_read(d->db, d->arena, object->name, target, err);
    full_name = rh_arena_printf(d->arena, "main.%s", object != NULL ? object->name : name);
    if (status == RH_OK && full_name == NULL)
        status = rh_error_oom(err);
    if (status == RH_OK)
        status = rh_lite_put_text(item, "target", full_name, err);
    if (status == RH_OK)
        status = new_list(item, "columns", &ignored, err);
    if (status == RH_OK)
        status = new_list(item, "target_columns", &ignored, err);
    return status;
}

static rh_status add_pair(const rh_lite_described *d, sqlite3_stmt *stmt,
                          const rh_lite_table *target, json_t *item, rh_error *err)
{
    size_t from = find_column(&d->table, column_text(stmt, KEY_FROM));
    const char *to = target_column(target, (const char *)sqlite3_column_text(stmt, KEY_TO),
                                   sqlite3_column_int(stmt, KEY_SEQ));
    json_t *named = json_object();
    rh_status status;

    if (named == NULL)
        return rh_error_oom(err);
    /* A key to a table or column that is not there joins nothing: its own name stands in. */
    if (from == d->table.count) {
        json_decref(named);
        return RH_OK;
    }
    status = rh_lite_put_text(named, "to", to != NULL ? to : d->table.columns[from].name, err);
    if (status == RH_OK)
        status = add_position(json_object_get(item, "columns"), from, err);
    if (status == RH_OK && json_array_append(json_object_get(item, "target_columns"),
                                             json_object_get(named, "to")) != 0)
        status = rh_error_oom(err);
    json_decref(named);
    return status;
}

rh_status rh_lite_put_foreign_keys(const rh_lite_described *d, json_t *out, rh_error *err)
{
    json_t *list = NULL;
    json_t *item = NULL;
    rh_lite_table target = {0};
    sqlite3_stmt *stmt = NULL;
    rh_status status = new_list(out, "foreign_keys", &list, err);

    if (status == RH_OK)
        status = rh_lite_open_pragma(d->db, "foreign_key_list", d->table.name, &stmt, err);
    /* keys one after the other, the columns of each in order */
    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK) {
        if (sqlite3_column_int(stmt, KEY_SEQ) == 0) {
            status = new_item(list, &item, err);
            if (status == RH_OK)
                status = begin_key(d, stmt, &target, item, err);
        }
        if (status == RH_OK && item != NULL)
            status = add_pair(d, stmt, &target, item, err);
    }
    sqlite3_finalize(stmt);
    return status == RH_DONE ? RH_OK : status;
}
