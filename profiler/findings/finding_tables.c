/*
 * Look-ups in what the engine's planner knows (rh_profile_tables).
 */
#include <ctype.h>
#include <string.h>

#include "core/sql_name.h"
#include "core/str.h"
#include "finding_run.h"

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));

    return text == NULL ? "" : text;
}

const json_t *rh_table_facts(const rh_finding_run *run, const char *schema, const char *name)
{
    const json_t *tables = run->input->tables;

    for (size_t i = 0; name != NULL && i < json_array_size(tables); i++) {
        const json_t *table = json_array_get(tables, i);

        if (rh_sql_name_eq(run->input->dialect, text_of(table, "name"), name) &&
            (schema == NULL ||
             rh_sql_name_eq(run->input->dialect, text_of(table, "schema"), schema)))
            return table;
    }
    return NULL;
}

double rh_table_number(const json_t *table, const char *key)
{
    const json_t *value = json_object_get(table, key);

    return json_is_number(value) ? json_number_value(value) : -1;
}

const json_t *rh_table_column(const json_t *table, const char *column)
{
    const json_t *columns = json_object_get(table, "columns");

    for (size_t i = 0; i < json_array_size(columns); i++)
        if (rh_str_ieq(text_of(json_array_get(columns, i), "name"), column))
            return json_array_get(columns, i);
    return NULL;
}

const json_t *rh_table_index_on(const json_t *table, const char *column)
{
    const json_t *indexes = json_object_get(table, "indexes");

    for (size_t i = 0; i < json_array_size(indexes); i++) {
        const json_t *index = json_array_get(indexes, i);
        const char *first = json_string_value(json_array_get(json_object_get(index, "columns"), 0));

        if (first != NULL && rh_str_ieq(first, column) &&
            !json_is_true(json_object_get(index, "partial")))
            return index;
    }
    return NULL;
}

const json_t *rh_table_index(const json_t *table, const char *name)
{
    const json_t *indexes = json_object_get(table, "indexes");

    for (size_t i = 0; name != NULL && i < json_array_size(indexes); i++)
        if (rh_str_ieq(text_of(json_array_get(indexes, i), "name"), name))
            return json_array_get(indexes, i);
    return NULL;
}

static bool is_plain(const char *name)
{
    if (!islower((unsigned char)name[0]) && name[0] != '_')
        return false;
    for (const char *at = name; *at != '\0'; at++)
        if (!islower((unsigned char)*at) && !isdigit((unsigned char)*at) && *at != '_')
            return false;
    return true;
}

const char *rh_quoted_name(rh_finding_run *run, const char *name)
{
    rh_buf quoted = RH_BUF_INIT;
    const char *out = "";

    if (is_plain(name))
        return rh_finding_text(run, "%s", name);
    if (rh_sql_name_quote(name, &quoted, NULL) == RH_OK)
        out = rh_arena_strdup(run->arena, rh_buf_cstr(&quoted));
    rh_buf_done(&quoted);
    if (out == NULL || out[0] == '\0') {
        run->failed = true;
        return "";
    }
    return out;
}
