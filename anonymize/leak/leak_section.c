/*
 * Schema text, statistics and settings: where values hide outside of rows.
 */
#include <stdio.h>

#include "core/doc.h"
#include "core/mem.h"
#include "core/str.h"
#include "leak_internal.h"

enum { NAME_BYTES = 256 };

/* What pg_dump's comment lines say about the statement that follows. */
typedef struct dump_place {
    char type[64];
    char schema[NAME_BYTES];
    char name[NAME_BYTES];
    char table[2 * NAME_BYTES + 2];
    char column[NAME_BYTES];
    const char *place;
} dump_place;

typedef struct section_scan {
    rh_leak *leak;
    leak_eye eye;
    leak_counts counts;
    dump_place at;
} section_scan;

static void section_init(section_scan *scan, rh_leak *leak)
{
    memset(scan, 0, sizeof *scan);
    scan->leak = leak;
    leak_eye_init(&scan->eye, &leak->options);
    scan->eye.counts = &scan->counts;
    scan->at.place = "schema";
}

static rh_status section_flush(section_scan *scan, const char *table, const char *column,
                               const char *place, rh_error *err)
{
    rh_status status;

    if (!scan->counts.any)
        return RH_OK;
    status = leak_add(scan->leak, table, column, place, &scan->counts, err);
    memset(&scan->counts, 0, sizeof scan->counts);
    return status;
}

static rh_status section_done(section_scan *scan, size_t bytes, rh_status status, rh_error *err)
{
    leak_add_totals(scan->leak, 0, 0, bytes, scan->eye.tokens);
    if (status == RH_OK)
        status = leak_eye_status(&scan->eye, err);
    leak_eye_done(&scan->eye);
    return status;
}

/* ---- SQL of pg_dump ---- */

static void copy_word(char *out, size_t size, const char *from, const char *to)
{
    size_t len = (size_t)(to - from);

    if (len >= size)
        len = size - 1;
    memcpy(out, from, len);
    out[len] = '\0';
}

static const char *find_text(const char *text, size_t len, const char *part)
{
    size_t part_len = strlen(part);

    for (size_t i = 0; i + part_len <= len; i++) {
        if (memcmp(text + i, part, part_len) == 0)
            return text + i;
    }
    return NULL;
}

static const char *place_of_type(const char *type)
{
    static const struct {
        const char *type;
        const char *place;
    } places[] = {
        {"COMMENT", "comment"},
        {"DEFAULT", "default"},
        {"VIEW", "view"},
        {"MATERIALIZED VIEW", "view"},
        {"FUNCTION", "function"},
        {"PROCEDURE", "function"},
        {"AGGREGATE", "function"},
        {"TRIGGER", "function"},
        {"RULE", "rule"},
        {"TYPE", "type"},
        {"DOMAIN", "type"},
        {"TABLE", "table definition"},
        {"TABLE ATTACH", "partition bound"},
        {"CONSTRAINT", "constraint"},
        {"CHECK CONSTRAINT", "constraint"},
        {"FK CONSTRAINT", "constraint"},
        {"INDEX", "index"},
        {"SEQUENCE", "sequence"},
        {"SEQUENCE SET", "sequence"},
        {"POLICY", "policy"},
    };

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (strcmp(type, places[i].type) == 0)
            return places[i].place;
    }
    return "schema";
}

/* "users.email" of a comment on a column, "users email" of a default: the table is what stands
 * before, the column what is behind the last of `between`. */
static void split_name(dump_place *at, const char *name, char between)
{
    const char *last = strrchr(name, between);

    if (last == NULL) {
        (void)snprintf(at->table, sizeof at->table, "%s.%s", at->schema, name);
        return;
    }
    (void)snprintf(at->table, sizeof at->table, "%s.%.*s", at->schema, (int)(last - name), name);
    (void)rh_str_copy(at->column, sizeof at->column, last + 1);
}

static void name_place(dump_place *at)
{
    const char *name = at->name;

    at->place = place_of_type(at->type);
    at->column[0] = '\0';
    if (rh_str_starts_with(name, "COLUMN "))
        split_name(at, name + 7, '.');
    else if (strcmp(at->type, "DEFAULT") == 0)
        split_name(at, name, ' ');
    else if (rh_str_starts_with(name, "TABLE "))
        (void)snprintf(at->table, sizeof at->table, "%s.%s", at->schema, name + 6);
    else if (strcmp(at->schema, "-") == 0)
        (void)rh_str_copy(at->table, sizeof at->table, name);
    else
        (void)snprintf(at->table, sizeof at->table, "%s.%s", at->schema, name);
}

/* "-- Name: users; Type: TABLE; Schema: public; Owner: -" */
static bool read_header(dump_place *at, const char *line, size_t len)
{
    static const char start[] = "-- Name: ";
    const char *type = find_text(line, len, "; Type: ");
    const char *schema = find_text(line, len, "; Schema: ");
    const char *end;

    if (len < sizeof start || memcmp(line, start, sizeof start - 1) != 0 || type == NULL ||
        schema == NULL || schema < type)
        return false;
    end = memchr(schema + 10, ';', (size_t)(line + len - (schema + 10)));
    copy_word(at->name, sizeof at->name, line + sizeof start - 1, type);
    copy_word(at->type, sizeof at->type, type + 8, schema);
    copy_word(at->schema, sizeof at->schema, schema + 10, end == NULL ? line + len : end);
    name_place(at);
    return true;
}

/* A column's line in CREATE TABLE: `    email text DEFAULT '...'::text,` */
static const char *column_of_line(const char *line, size_t len, char out[NAME_BYTES])
{
    const char *from = line;
    const char *end = line + len;
    const char *to;

    while (from < end && *from == ' ')
        from++;
    to = memchr(from, ' ', (size_t)(end - from));
    if (to == NULL || from == line || to - from >= NAME_BYTES)
        return NULL;
    copy_word(out, NAME_BYTES, from, to);
    return out;
}

static rh_status scan_sql_line(section_scan *scan, const char *line, size_t len, rh_error *err)
{
    const dump_place *at = &scan->at;
    const char *column = at->column[0] == '\0' ? NULL : at->column;
    const char *place = at->place;
    char name[NAME_BYTES];

    leak_eye_sql(&scan->eye, (const uint8_t *)line, len);
    if (!scan->counts.any)
        return RH_OK;
    if (strcmp(at->type, "TABLE") == 0) {
        if (find_text(line, len, " DEFAULT ") != NULL) {
            place = "default";
            column = column_of_line(line, len, name);
        } else if (find_text(line, len, "FOR VALUES ") != NULL) {
            place = "partition bound";
        }
    }
    return section_flush(scan, at->table[0] == '\0' ? NULL : at->table, column, place, err);
}

static rh_status scan_sql(section_scan *scan, const char *text, size_t len, rh_error *err)
{
    const char *end = text + len;
    rh_status status = RH_OK;

    while (status == RH_OK && text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t line = (size_t)((newline == NULL ? end : newline) - text);

        if (!read_header(&scan->at, text, line))
            status = scan_sql_line(scan, text, line, err);
        text += line + 1;
    }
    return status;
}

/* ---- JSON ---- */

static void look_at_json(leak_eye *eye, const json_t *value)
{
    const char *key;
    json_t *item;
    size_t i;

    if (json_is_string(value)) {
        leak_eye_text(eye, (const uint8_t *)json_string_value(value), json_string_length(value),
                      true);
    } else if (json_is_integer(value)) {
        leak_eye_integer(eye, json_integer_value(value));
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, item) look_at_json(eye, item);
    } else if (json_is_object(value)) {
        void *at = json_object_iter((json_t *)(uintptr_t)value);

        for (; at != NULL; at = json_object_iter_next((json_t *)(uintptr_t)value, at)) {
            key = json_object_iter_key(at);
            leak_eye_text(eye, (const uint8_t *)key, strlen(key), true);
            look_at_json(eye, json_object_iter_value(at));
        }
    }
}

rh_status rh_leak_facts(rh_leak *leak, const json_t *facts, rh_error *err)
{
    section_scan scan;
    rh_status status;

    section_init(&scan, leak);
    look_at_json(&scan.eye, json_object_get(facts, "sequences"));
    status = section_flush(&scan, NULL, NULL, "sequence", err);
    if (status == RH_OK) {
        look_at_json(&scan.eye, facts);
        status = section_flush(&scan, NULL, NULL, "settings", err);
    }
    return section_done(&scan, 0, status, err);
}

/* A line of statistics: everything in it belongs to the column that it names. */
static rh_status scan_statistics_line(section_scan *scan, const char *line, size_t len,
                                      rh_error *err)
{
    char table[2 * NAME_BYTES + 2];
    const char *schema;
    const char *name;
    json_t *json = NULL;
    rh_status status = rh_doc_parse_json("statistics", line, len, &json, NULL);

    if (status == RH_ENOMEM)
        return rh_error_oom(err);
    if (status != RH_OK) {
        leak_eye_text(&scan->eye, (const uint8_t *)line, len, false);
        return section_flush(scan, NULL, NULL, "statistics", err);
    }
    schema = json_string_value(json_object_get(json, "schema"));
    name = json_string_value(json_object_get(json, "table"));
    if (name == NULL)
        name = json_string_value(json_object_get(json, "name"));
    (void)snprintf(table, sizeof table, "%s.%s", schema == NULL ? "" : schema,
                   name == NULL ? "" : name);
    look_at_json(&scan->eye, json);
    status = section_flush(scan, name == NULL ? NULL : table,
                           json_string_value(json_object_get(json, "column")), "statistics", err);
    json_decref(json);
    return status;
}

static rh_status scan_statistics(section_scan *scan, const char *text, size_t len, rh_error *err)
{
    const char *end = text + len;
    rh_status status = RH_OK;

    while (status == RH_OK && text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        size_t line = (size_t)((newline == NULL ? end : newline) - text);

        if (line > 0)
            status = scan_statistics_line(scan, text, line, err);
        text += line + 1;
    }
    return status;
}

/* ---- SQLite's schema ---- */

static const char *lite_place(const char *type)
{
    if (rh_str_eq(type, "view") || rh_str_eq(type, "index"))
        return type;
    return rh_str_eq(type, "trigger") ? "function" : "table definition";
}

static rh_status scan_lite_schema(section_scan *scan, const char *text, size_t len, rh_error *err)
{
    json_t *list = NULL;
    json_t *item;
    size_t i;
    rh_status status = rh_doc_parse_json("schema", text, len, &list, err);

    if (status != RH_OK)
        return status;
    json_array_foreach(list, i, item)
    {
        const char *table = json_string_value(json_object_get(item, "tbl_name"));
        const char *sql = json_string_value(json_object_get(item, "sql"));
        char name[NAME_BYTES + 8];

        (void)snprintf(name, sizeof name, "main.%s", table == NULL ? "" : table);
        if (sql != NULL)
            leak_eye_sql(&scan->eye, (const uint8_t *)sql, strlen(sql));
        else
            look_at_json(&scan->eye, item);
        status = section_flush(scan, table == NULL ? NULL : name, NULL,
                               lite_place(json_string_value(json_object_get(item, "type"))), err);
        if (status != RH_OK)
            break;
    }
    json_decref(list);
    return status;
}

rh_status rh_leak_section(rh_leak *leak, rh_engine_kind engine, const char *name, const void *text,
                          size_t len, rh_error *err)
{
    section_scan scan;
    rh_status status;

    section_init(&scan, leak);
    /* "structure" repeats what the schema says, in other words: it would count twice */
    if (strcmp(name, "structure") == 0)
        status = RH_OK;
    else if (strcmp(name, "statistics") == 0)
        status = scan_statistics(&scan, text, len, err);
    else if (engine == RH_ENGINE_SQLITE && strcmp(name, "schema") == 0)
        status = scan_lite_schema(&scan, text, len, err);
    else
        status = scan_sql(&scan, text, len, err);
    if (status != RH_OK)
        rh_error_where(err, "section '%s'", name);
    return section_done(&scan, len, status, err);
}
