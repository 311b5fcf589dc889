#include "lite_schema.h"

#include <string.h>

#include "core/bytes.h"
#include "core/doc.h"
#include "core/mem.h"
#include "core/str.h"
#include "lite_conn.h"

/* SQLite's own limit on a statement; far more objects than any schema has. */
enum {
    MAX_SQL_BYTES = 64 * 1024 * 1024,
    MAX_OBJECTS = 1024 * 1024,
};

void rh_lite_schema_done(rh_lite_schema *schema)
{
    rh_arena_free(schema->arena);
    schema->arena = NULL;
    schema->items = NULL;
    schema->count = 0;
}

bool rh_lite_is_table(const rh_lite_object *object)
{
    return strcmp(object->type, "table") == 0 && !object->is_virtual;
}

bool rh_lite_is_statistics(const char *name)
{
    return rh_str_starts_with(name, "sqlite_stat");
}

bool rh_lite_is_system(const char *name)
{
    return rh_str_starts_with(name, "sqlite_");
}

static bool starts_with_virtual(const char *sql)
{
    static const char start[] = "CREATE VIRTUAL TABLE";

    return sql != NULL && sqlite3_strnicmp(sql, start, (int)sizeof start - 1) == 0;
}

/* The tables that the virtual table modules of the SQLite source tree keep their content in. */
static const char *const shadow_suffixes[] = {
    "_content", "_segments", "_segdir", "_docsize", "_stat",  "_data", "_idx",
    "_config",  "_node",     "_parent", "_rowid",   "_vocab", NULL,
};

static bool is_shadow(const char *name, const char *virtual_name)
{
    size_t len = strlen(virtual_name);

    if (sqlite3_strnicmp(name, virtual_name, (int)len) != 0)
        return false;
    for (size_t i = 0; shadow_suffixes[i] != NULL; i++) {
        if (rh_str_ieq(name + len, shadow_suffixes[i]))
            return true;
    }
    return false;
}

static void find_shadows(rh_lite_schema *schema)
{
    for (size_t v = 0; v < schema->count; v++) {
        if (!schema->items[v].is_virtual)
            continue;
        for (size_t i = 0; i < schema->count; i++) {
            rh_lite_object *object = &schema->items[i];

            if (rh_lite_is_table(object) && is_shadow(object->name, schema->items[v].name))
                object->shadow_of = schema->items[v].name;
        }
    }
}

/* ---- from a database ---- */

static rh_status column_text(rh_arena *arena, sqlite3_stmt *stmt, int column, const char **out,
                             rh_error *err)
{
    const char *text = (const char *)sqlite3_column_text(stmt, column);

    *out = NULL;
    if (text == NULL)
        return RH_OK;
    *out = rh_arena_strdup(arena, text);
    return *out != NULL ? RH_OK : rh_error_oom(err);
}

static rh_status read_object(rh_arena *arena, sqlite3_stmt *stmt, rh_lite_object *out,
                             rh_error *err)
{
    rh_status status = column_text(arena, stmt, 1, &out->type, err);

    if (status == RH_OK)
        status = column_text(arena, stmt, 2, &out->name, err);
    if (status == RH_OK)
        status = column_text(arena, stmt, 3, &out->tbl_name, err);
    if (status == RH_OK)
        status = column_text(arena, stmt, 5, &out->sql, err);
    if (status != RH_OK)
        return status;
    if (out->type == NULL || out->name == NULL || out->tbl_name == NULL)
        return rh_error_set(err, RH_EDB, "sqlite_schema holds a row without a name");
    out->rowid = sqlite3_column_int64(stmt, 0);
    out->rootpage = sqlite3_column_int64(stmt, 4);
    out->has_root = out->rootpage != 0;
    out->is_virtual = strcmp(out->type, "table") == 0 && starts_with_virtual(out->sql);
    return RH_OK;
}

static rh_status new_schema(rh_lite_schema *out, size_t count, rh_error *err)
{
    out->arena = rh_arena_new(0);
    if (out->arena == NULL)
        return rh_error_oom(err);
    out->items = rh_arena_array(out->arena, count, sizeof *out->items);
    return out->items != NULL ? RH_OK : rh_error_oom(err);
}

rh_status rh_lite_schema_read(sqlite3 *db, rh_lite_schema *out, rh_error *err)
{
    rh_lite_schema schema = RH_LITE_SCHEMA_INIT;
    sqlite3_stmt *stmt = NULL;
    int64_t count = 0;
    rh_status status = rh_lite_get_int(db, "SELECT count(*) FROM main.sqlite_master", &count, err);

    if (status == RH_OK && count > MAX_OBJECTS)
        status = rh_error_set(err, RH_ELIMIT, "the schema has more than %d objects", MAX_OBJECTS);
    if (status == RH_OK)
        status = new_schema(&schema, (size_t)count, err);
    if (status == RH_OK)
        status = rh_lite_prepare(db,
                                 "SELECT rowid, type, name, tbl_name, rootpage, sql"
                                 " FROM main.sqlite_master ORDER BY rowid",
                                 &stmt, err);
    while (status == RH_OK && schema.count < (size_t)count) {
        status = rh_lite_step(stmt, err);
        if (status == RH_OK)
            status = read_object(schema.arena, stmt, &schema.items[schema.count], err);
        if (status == RH_OK)
            schema.count++;
    }
    sqlite3_finalize(stmt);
    if (status != RH_OK && status != RH_DONE) {
        rh_lite_schema_done(&schema);
        return status;
    }
    find_shadows(&schema);
    *out = schema;
    return RH_OK;
}

/* ---- the section ---- */

static rh_status set_new(json_t *object, const char *key, json_t *value, rh_error *err)
{
    return json_object_set_new(object, key, value) == 0 ? RH_OK : rh_error_oom(err);
}

/* SQLite does not check what it is given: text that is no UTF-8 goes out as hex. */
static rh_status set_text(json_t *object, const char *key, const char *text, rh_error *err)
{
    char key_hex[32];
    size_t len = strlen(text);
    char *hex;
    rh_status status;

    if (rh_str_is_utf8(text, len))
        return set_new(object, key, json_string(text), err);
    hex = rh_mem_alloc(2 * len + 1);
    if (hex == NULL)
        return rh_error_oom(err);
    rh_hex_encode((const uint8_t *)text, len, hex);
    sqlite3_snprintf((int)sizeof key_hex, key_hex, "%s_hex", key);
    status = set_new(object, key_hex, json_string(hex), err);
    rh_mem_free(hex);
    return status;
}

static rh_status object_to_json(const rh_lite_object *object, json_t *out, rh_error *err)
{
    rh_status status = set_new(out, "id", json_integer(object->rowid), err);

    if (status == RH_OK)
        status = set_text(out, "type", object->type, err);
    if (status == RH_OK)
        status = set_text(out, "name", object->name, err);
    if (status == RH_OK)
        status = set_text(out, "tbl_name", object->tbl_name, err);
    if (status == RH_OK && object->sql != NULL)
        status = set_text(out, "sql", object->sql, err);
    if (status == RH_OK && object->has_root)
        status = set_new(out, "btree", json_true(), err);
    if (status == RH_OK && object->is_virtual)
        status = set_new(out, "virtual", json_true(), err);
    if (status == RH_OK && object->shadow_of != NULL)
        status = set_text(out, "shadow", object->shadow_of, err);
    return status;
}

rh_status rh_lite_schema_print(const rh_lite_schema *schema, rh_buf *out, rh_error *err)
{
    rh_status status = RH_OK;
    json_t *array = json_array();
    char *text = NULL;

    if (array == NULL)
        return rh_error_oom(err);
    for (size_t i = 0; status == RH_OK && i < schema->count; i++) {
        json_t *object = json_object();

        if (json_array_append_new(array, object) != 0)
            status = rh_error_oom(err);
        else
            status = object_to_json(&schema->items[i], object, err);
    }
    if (status == RH_OK) {
        size_t size = json_dumpb(array, NULL, 0, JSON_INDENT(1));

        text = size > 0 ? rh_mem_alloc(size) : NULL;
        if (text == NULL || json_dumpb(array, text, size, JSON_INDENT(1)) != size)
            status = rh_error_oom(err);
        else
            status = rh_buf_append(out, text, size, err);
    }
    rh_mem_free(text);
    json_decref(array);
    return status;
}

static rh_status get_hex(rh_arena *arena, const json_t *object, const char *key, const char **out,
                         rh_error *err)
{
    char key_hex[32];
    const json_t *value;
    size_t len;
    char *text;

    sqlite3_snprintf((int)sizeof key_hex, key_hex, "%s_hex", key);
    value = json_object_get(object, key_hex);
    *out = NULL;
    if (value == NULL)
        return RH_OK;
    if (!json_is_string(value) || json_string_length(value) % 2 != 0)
        return rh_error_set(err, RH_EFORMAT, "'%s' is not hex", key_hex);
    len = json_string_length(value) / 2;
    text = rh_arena_alloc(arena, len + 1);
    if (text == NULL)
        return rh_error_oom(err);
    if (rh_hex_decode(json_string_value(value), len, (uint8_t *)text) != 0)
        return rh_error_set(err, RH_EFORMAT, "'%s' is not hex", key_hex);
    text[len] = '\0';
    if (strlen(text) != len)
        return rh_error_set(err, RH_EFORMAT, "'%s' holds a NUL", key_hex);
    *out = text;
    return RH_OK;
}

static rh_status get_text(rh_arena *arena, const json_t *object, const char *key, bool required,
                          const char **out, rh_error *err)
{
    const json_t *value = json_object_get(object, key);
    rh_status status;

    if (value == NULL) {
        status = get_hex(arena, object, key, out, err);
        if (status == RH_OK && required && *out == NULL)
            status = rh_error_set(err, RH_EFORMAT, "'%s' is missing", key);
        return status;
    }
    if (!json_is_string(value) || json_string_length(value) > MAX_SQL_BYTES ||
        strlen(json_string_value(value)) != json_string_length(value))
        return rh_error_set(err, RH_EFORMAT, "'%s' is not a text", key);
    *out = rh_arena_strdup(arena, json_string_value(value));
    return *out != NULL ? RH_OK : rh_error_oom(err);
}

static rh_status check_type(const rh_lite_object *object, rh_error *err)
{
    bool table = strcmp(object->type, "table") == 0;
    bool index = strcmp(object->type, "index") == 0;

    if (!table && !index && strcmp(object->type, "view") != 0 &&
        strcmp(object->type, "trigger") != 0)
        return rh_error_set(err, RH_EFORMAT, "'type' is not one that SQLite has");
    if (object->has_root != (index || (table && !object->is_virtual)))
        return rh_error_set(err, RH_EFORMAT, "'btree' does not go with the type");
    if (object->sql == NULL && !index)
        return rh_error_set(err, RH_EFORMAT, "'sql' is missing");
    return RH_OK;
}

static rh_status object_from_json(rh_arena *arena, const json_t *object, rh_lite_object *out,
                                  rh_error *err)
{
    const json_t *id = json_object_get(object, "id");
    rh_status status = get_text(arena, object, "type", true, &out->type, err);

    if (status == RH_OK)
        status = get_text(arena, object, "name", true, &out->name, err);
    if (status == RH_OK)
        status = get_text(arena, object, "tbl_name", true, &out->tbl_name, err);
    if (status == RH_OK)
        status = get_text(arena, object, "sql", false, &out->sql, err);
    if (status == RH_OK && !json_is_integer(id))
        status = rh_error_set(err, RH_EFORMAT, "'id' is not a number");
    if (status != RH_OK)
        return status;
    out->rowid = (int64_t)json_integer_value(id);
    out->has_root = json_is_true(json_object_get(object, "btree"));
    out->is_virtual = strcmp(out->type, "table") == 0 && starts_with_virtual(out->sql);
    return check_type(out, err);
}

rh_status rh_lite_schema_parse(const char *text, size_t len, rh_lite_schema *out, rh_error *err)
{
    rh_lite_schema schema = RH_LITE_SCHEMA_INIT;
    json_t *array = NULL;
    rh_status status = rh_doc_parse_json("schema", text, len, &array, err);

    if (status == RH_OK && (!json_is_array(array) || json_array_size(array) > MAX_OBJECTS))
        status = rh_error_set(err, RH_EFORMAT, "the schema section is not a list");
    if (status == RH_OK)
        status = new_schema(&schema, json_array_size(array), err);
    for (size_t i = 0; status == RH_OK && i < json_array_size(array); i++) {
        status = object_from_json(schema.arena, json_array_get(array, i), &schema.items[i], err);
        /* Ascending ids are what makes the order of sqlite_schema come out right. */
        if (status == RH_OK && i > 0 && schema.items[i].rowid <= schema.items[i - 1].rowid)
            status = rh_error_set(err, RH_EFORMAT, "'id' does not ascend");
        if (status != RH_OK)
            rh_error_where(err, "schema entry %zu", i + 1);
        else
            schema.count++;
    }
    json_decref(array);
    if (status != RH_OK) {
        rh_lite_schema_done(&schema);
        return status;
    }
    find_shadows(&schema);
    *out = schema;
    return RH_OK;
}

/* ---- into a database ---- */

static rh_status insert_object(sqlite3_stmt *stmt, const rh_lite_object *object, rh_error *err)
{
    rh_status status;

    sqlite3_reset(stmt);
    sqlite3_bind_int64(stmt, 1, object->rowid);
    sqlite3_bind_text(stmt, 2, object->type, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 3, object->name, -1, SQLITE_STATIC);
    sqlite3_bind_text(stmt, 4, object->tbl_name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(stmt, 5, object->rootpage);
    if (object->sql != NULL)
        sqlite3_bind_text(stmt, 6, object->sql, -1, SQLITE_STATIC);
    else
        sqlite3_bind_null(stmt, 6);
    status = rh_lite_step(stmt, err);
    return status == RH_DONE ? RH_OK : status;
}

static rh_status insert_objects(sqlite3 *db, const rh_lite_schema *schema, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    rh_status status = rh_lite_prepare(db,
                                       "INSERT INTO main.sqlite_master"
                                       "(rowid, type, name, tbl_name, rootpage, sql)"
                                       " VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                                       &stmt, err);

    for (size_t i = 0; status == RH_OK && i < schema->count; i++)
        status = insert_object(stmt, &schema->items[i], err);
    sqlite3_finalize(stmt);
    return status;
}

rh_status rh_lite_schema_install(sqlite3 *db, const rh_lite_schema *schema, rh_error *err)
{
    int64_t count = 0;
    rh_status status =
        rh_lite_exec(db, "PRAGMA writable_schema=ON; BEGIN; DELETE FROM main.sqlite_master", err);

    if (status == RH_OK)
        status = insert_objects(db, schema, err);
    if (status == RH_OK)
        status = rh_lite_exec(db, "COMMIT; PRAGMA writable_schema=RESET", err);
    /* The schema is parsed by the next statement: a text that SQLite refuses shows here. */
    if (status == RH_OK)
        status = rh_lite_get_int(db, "SELECT count(*) FROM main.sqlite_master", &count, err);
    if (status != RH_OK)
        rh_error_where(err, "the schema");
    return status;
}
