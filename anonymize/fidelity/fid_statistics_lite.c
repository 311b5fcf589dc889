/*
 * SQLite: tables and indexes from the schema section, their figures from sqlite_stat1.
 *
 * A row of sqlite_stat1 comes as rh_rows_render writes it: rowid, table, index or NULL, text of
 * numbers, separated by tabs.
 */
#include <string.h>

#include "core/doc.h"
#include "core/mem.h"
#include "core/num.h"
#include "core/str.h"
#include "fid_statistics.h"

enum { MAX_GROUPS = 64, MAX_NAME_BYTES = 4096 };

static const char *text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));

    return value == NULL ? "" : value;
}

static rh_status take_objects(rh_fid_statistics *statistics, const json_t *schema, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(schema); i++) {
        const json_t *object = json_array_get(schema, i);
        const char *name = text(object, "name");
        bool index = strcmp(text(object, "type"), "index") == 0;
        rh_fid_relation *relation = NULL;

        if ((!index && strcmp(text(object, "type"), "table") != 0) || name[0] == '\0' ||
            (!index && rh_str_starts_with(name, "sqlite_")) ||
            json_is_true(json_object_get(object, "virtual")))
            continue;
        status = rh_fid_relation_add(statistics, index ? RH_FID_INDEX : RH_FID_TABLE, name,
                                     index ? text(object, "tbl_name") : name, &relation, err);
    }
    return status;
}

/* The next field of a line without its quotes; "" for NULL. False at the end of the line. */
static bool next_field(const char **at, char out[MAX_NAME_BYTES])
{
    const char *p = *at;
    size_t len = 0;
    bool quoted = *p == '\'';

    if (*p == '\n' || *p == '\0')
        return false;
    for (p += quoted; *p != '\t' && *p != '\n' && *p != '\0'; p++) {
        if (quoted && *p == '\'' && *++p != '\'')
            break;
        if (len + 1 < MAX_NAME_BYTES)
            out[len++] = *p;
    }
    out[len] = '\0';
    if (!quoted && strcmp(out, "NULL") == 0)
        out[0] = '\0';
    p += strcspn(p, "\t\n");
    *at = *p == '\t' ? p + 1 : p;
    return true;
}

/* "2000 10 1 unordered": rows, then the groups, then words. */
static rh_status take_figures(rh_arena *arena, const char *stat, rh_fid_relation *index,
                              double *out_rows, rh_error *err)
{
    double groups[MAX_GROUPS];
    size_t count = 0;
    int64_t value = 0;
    bool first = true;

    for (;;) {
        size_t len = strcspn(stat, " ");

        if (!rh_num_scan_int64(stat, len, &value))
            break;
        if (first)
            *out_rows = (double)value;
        else if (count < MAX_GROUPS)
            groups[count++] = (double)value;
        first = false;
        stat += len + (stat[len] == ' ');
    }
    if (index == NULL)
        return RH_OK;
    index->rows = *out_rows;
    index->flags = rh_arena_strdup(arena, stat);
    if (index->flags == NULL)
        return rh_error_oom(err);
    if (count > 0) {
        double *copy = rh_arena_array(arena, count, sizeof *copy);

        if (copy == NULL)
            return rh_error_oom(err);
        memcpy(copy, groups, count * sizeof *copy);
        index->groups = copy;
        index->group_count = count;
    }
    return RH_OK;
}

static rh_status take_row(rh_fid_statistics *statistics, const char *line, rh_error *err)
{
    char field[MAX_NAME_BYTES];
    rh_fid_relation *table = NULL;
    rh_fid_relation *index = NULL;
    double rows = -1;
    rh_status status = RH_OK;

    if (!next_field(&line, field) || !next_field(&line, field))
        return rh_error_set(err, RH_EFORMAT, "a row of sqlite_stat1 is too short");
    table = rh_fid_relation_find(statistics, RH_FID_TABLE, field);
    if (!next_field(&line, field))
        return rh_error_set(err, RH_EFORMAT, "a row of sqlite_stat1 is too short");
    if (field[0] != '\0')
        index = rh_fid_relation_find(statistics, RH_FID_INDEX, field);
    if (table == NULL || !next_field(&line, field))
        return RH_OK; /* left over from a table that is gone */
    status = take_figures(statistics->arena, field, index, &rows, err);
    /* A partial index has fewer rows than its table. */
    if (status == RH_OK && rows > table->rows)
        table->rows = rows;
    return status;
}

rh_status rh_fid_statistics_parse_lite(const char *schema, const char *stat1,
                                       rh_fid_statistics **out, rh_error *err)
{
    rh_fid_statistics *statistics = NULL;
    json_t *objects = NULL;
    rh_status status = rh_doc_parse_json("schema", schema, strlen(schema), &objects, err);

    if (status == RH_OK)
        status = rh_fid_statistics_new(&statistics, err);
    if (status == RH_OK)
        status = take_objects(statistics, objects, err);
    if (status == RH_OK)
        rh_fid_statistics_sort(statistics);
    while (status == RH_OK && stat1 != NULL && *stat1 != '\0') {
        size_t len = strcspn(stat1, "\n");

        if (len > 0)
            status = take_row(statistics, stat1, err);
        stat1 += len + (stat1[len] == '\n');
    }
    if (status == RH_OK) {
        *out = statistics;
        statistics = NULL;
    }
    json_decref(objects);
    rh_fid_statistics_free(statistics);
    return status;
}

/* rowid, table, index or NULL, stat. A row without table or figures says nothing to SQLite either.
 */
static rh_status append_row(json_t *rows, const char *line, rh_error *err)
{
    char fields[4][MAX_NAME_BYTES];

    for (size_t i = 0; i < 4; i++) {
        if (!next_field(&line, fields[i]))
            return rh_error_set(err, RH_EFORMAT, "a row of sqlite_stat1 is too short");
    }
    if (fields[1][0] == '\0' || fields[3][0] == '\0')
        return RH_OK;
    return json_array_append_new(rows,
                                 json_pack("[s, s?, s]", fields[1],
                                           fields[2][0] == '\0' ? NULL : fields[2], fields[3])) == 0
               ? RH_OK
               : rh_error_oom(err);
}

rh_status rh_fid_stat1_rows(const char *stat1, json_t **out, rh_error *err)
{
    json_t *rows = json_array();
    rh_status status = rows == NULL ? rh_error_oom(err) : RH_OK;

    while (status == RH_OK && stat1 != NULL && *stat1 != '\0') {
        size_t len = strcspn(stat1, "\n");

        if (len > 0)
            status = append_row(rows, stat1, err);
        stat1 += len + (stat1[len] == '\n');
    }
    if (status == RH_OK)
        *out = rows;
    else
        json_decref(rows);
    return status;
}
