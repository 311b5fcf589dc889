/*
 * See lite_fulltext.h. The commands are those of https://www.sqlite.org/fts5.html §6 and
 * https://www.sqlite.org/fts3.html §7.
 */
#include "lite_fulltext.h"

#include <string.h>

#include "core/sql_name.h"
#include "core/str.h"
#include "lite_conn.h"
#include "lite_sql_text.h"

/* The version of the module that CREATE VIRTUAL TABLE ... USING names; 0: another one. */
static int fts_version(const rh_lite_object *object)
{
    rh_sql_scan scan;
    rh_sql_token module;

    if (!object->is_virtual || object->sql == NULL)
        return 0;
    scan = rh_lite_scan(object->sql);
    if (!rh_lite_scan_find(&scan, "using"))
        return 0;
    module = rh_sql_scan_next_code(&scan);
    return rh_sql_token_is(&module, scan.text, "fts5")   ? 5
           : rh_sql_token_is(&module, scan.text, "fts4") ? 4
           : rh_sql_token_is(&module, scan.text, "fts3") ? 3
                                                         : 0;
}

static const rh_lite_object *find(const rh_lite_schema *schema, const char *name)
{
    for (size_t i = 0; i < schema->count; i++) {
        if (strcmp(schema->items[i].type, "table") == 0 && rh_str_ieq(schema->items[i].name, name))
            return &schema->items[i];
    }
    return NULL;
}

/* What follows the name of the full-text table that the table belongs to; NULL: to none. */
static const char *fulltext_suffix(const rh_lite_schema *schema, const rh_lite_object *table)
{
    const rh_lite_object *owner = table->shadow_of == NULL ? NULL : find(schema, table->shadow_of);

    return owner != NULL && fts_version(owner) != 0 ? table->name + strlen(owner->name) : NULL;
}

bool rh_lite_is_fulltext_settings(const rh_lite_schema *schema, const rh_lite_object *table)
{
    const char *suffix = fulltext_suffix(schema, table);

    return suffix != NULL && rh_str_ieq(suffix, "_config");
}

bool rh_lite_is_fulltext_index(const rh_lite_schema *schema, const rh_lite_object *table)
{
    const char *suffix = fulltext_suffix(schema, table);

    return suffix != NULL && !rh_str_ieq(suffix, "_content") && !rh_str_ieq(suffix, "_config");
}

/* content='' or content="" : the texts are nowhere. */
static bool is_contentless(const char *sql)
{
    rh_sql_scan scan = rh_lite_scan(sql);

    while (rh_lite_scan_find(&scan, "content")) {
        rh_sql_scan value = scan;
        rh_sql_token token = rh_sql_scan_next_code(&value);

        if (!rh_sql_token_is(&token, sql, "="))
            continue;
        token = rh_sql_scan_next_code(&value);
        return token.len == 2 && (sql[token.offset] == '\'' || sql[token.offset] == '"');
    }
    return false;
}

static rh_status has_rows(sqlite3 *db, const char *owner, const char *suffix, bool *out,
                          rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_buf name = RH_BUF_INIT;
    int64_t there = 0;
    rh_status status = rh_buf_printf(&name, err, "%s%s", owner, suffix);

    if (status == RH_OK)
        status = rh_buf_append_str(&sql, "SELECT EXISTS (SELECT 1 FROM main.", err);
    if (status == RH_OK)
        status = rh_sql_name_quote(rh_buf_cstr(&name), &sql, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, ")", err);
    if (status == RH_OK)
        status = rh_lite_get_int(db, rh_buf_cstr(&sql), &there, err);
    *out = there != 0;
    rh_buf_done(&name);
    rh_buf_done(&sql);
    return status;
}

/* INSERT INTO t(t) VALUES('command') */
static rh_status command(sqlite3 *db, const char *table, const char *word, rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_status status = rh_buf_append_str(&sql, "INSERT INTO main.", err);

    if (status == RH_OK)
        status = rh_sql_name_quote(table, &sql, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, "(", err);
    if (status == RH_OK)
        status = rh_sql_name_quote(table, &sql, err);
    if (status == RH_OK)
        status = rh_buf_printf(&sql, err, ") VALUES('%s')", word);
    if (status == RH_OK)
        status = rh_lite_exec(db, rh_buf_cstr(&sql), err);
    if (status != RH_OK)
        rh_error_where(err, "full-text index '%s'", table);
    rh_buf_done(&sql);
    return status;
}

/* INSERT INTO owner_suffix VALUES values */
static rh_status put_rows(sqlite3 *db, const char *owner, const char *suffix, const char *values,
                          rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_buf name = RH_BUF_INIT;
    rh_status status = rh_buf_printf(&name, err, "%s%s", owner, suffix);

    if (status == RH_OK)
        status = rh_buf_append_str(&sql, "INSERT INTO main.", err);
    if (status == RH_OK)
        status = rh_sql_name_quote(rh_buf_cstr(&name), &sql, err);
    if (status == RH_OK)
        status = rh_buf_printf(&sql, err, " VALUES %s", values);
    if (status == RH_OK)
        status = rh_lite_exec(db, rh_buf_cstr(&sql), err);
    rh_buf_done(&name);
    rh_buf_done(&sql);
    return status;
}

/* FTS5 cannot even be opened without its format (when all rows were left out) and the records of an
 * empty index: row 1 has the averages, row 10 the structure (cookie, levels, segments, writes: 0).
 */
static rh_status put_empty_index(sqlite3 *db, const char *owner, rh_error *err)
{
    bool configured = false;
    rh_status status = has_rows(db, owner, "_config", &configured, err);

    if (status == RH_OK && !configured)
        status = put_rows(db, owner, "_config", "('version', 4)", err);
    if (status == RH_OK)
        status = put_rows(db, owner, "_data", "(1, x''), (10, x'00000000000000')", err);
    return status;
}

static rh_status rebuild(sqlite3 *db, const rh_lite_object *object, int version, rh_error *err)
{
    bool filled = false;
    rh_status status = has_rows(db, object->name, version == 5 ? "_data" : "_segdir", &filled, err);

    if (status != RH_OK || filled)
        return status;
    if (version == 5)
        status = put_empty_index(db, object->name, err);
    if (status == RH_OK && !is_contentless(object->sql))
        status = command(db, object->name, "rebuild", err);
    return status;
}

rh_status rh_lite_fulltext_rebuild(sqlite3 *db, const rh_lite_schema *schema, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < schema->count; i++) {
        int version = fts_version(&schema->items[i]);

        if (version != 0)
            status = rebuild(db, &schema->items[i], version, err);
    }
    return status;
}
