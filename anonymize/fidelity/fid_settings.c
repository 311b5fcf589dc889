/*
 * What makes two servers plan the same SQL on the same statistics differently.
 */
#include <stdlib.h>
#include <string.h>

#include "core/mem.h"
#include "core/str.h"
#include "fid_json.h"
#include "fid_report.h"

/* Captured with the facts, but without influence on shape, rows or cost. */
static const char *const harmless[] = {
    "array_nulls",
    "jit",
    "jit_above_cost",
    "jit_inline_above_cost",
    "jit_optimize_above_cost",
    "maintenance_work_mem",
    "quote_all_identifiers",
    "shared_buffers",
    "standard_conforming_strings",
    "temp_buffers",
    "track_io_timing",
};

static bool is_harmless(const char *name)
{
    for (size_t i = 0; i < sizeof harmless / sizeof harmless[0]; i++) {
        if (strcmp(name, harmless[i]) == 0)
            return true;
    }
    return false;
}

static rh_status compare(json_t *list, const char *name, const char *a, const char *b,
                         rh_error *err)
{
    if (rh_str_eq(a, b))
        return RH_OK;
    return rh_fid_append(list,
                         json_pack("{s:s, s:o, s:o}", "name", name, "source", rh_fid_text(a),
                                   "target", rh_fid_text(b)),
                         err);
}

static rh_status compare_settings(json_t *list, const json_t *source, const json_t *target,
                                  rh_error *err)
{
    json_t *a = json_object_get(source, "settings");
    json_t *b = json_object_get(target, "settings");
    const char *name;
    json_t *value;
    rh_status status = RH_OK;

    json_object_foreach(a, name, value)
    {
        if (status == RH_OK && !is_harmless(name))
            status = compare(list, name, json_string_value(value),
                             json_string_value(json_object_get(b, name)), err);
    }
    json_object_foreach(b, name, value)
    {
        if (status == RH_OK && !is_harmless(name) && json_object_get(a, name) == NULL)
            status = compare(list, name, NULL, json_string_value(value), err);
    }
    return status;
}

/* Minor releases keep the planner as it is. */
static rh_status compare_versions(json_t *list, const json_t *source, const json_t *target,
                                  rh_error *err)
{
    json_int_t a = json_integer_value(json_object_get(source, "server_version_num"));
    json_int_t b = json_integer_value(json_object_get(target, "server_version_num"));

    if (a / 10000 == b / 10000)
        return RH_OK;
    return compare(list, "server_version",
                   json_string_value(json_object_get(source, "server_version")),
                   json_string_value(json_object_get(target, "server_version")), err);
}

rh_status rh_fid_settings_report(const json_t *source, const json_t *target, json_t **out,
                                 rh_error *err)
{
    /* The collation decides which indexes serve LIKE; SQLite's library is the same on both sides,
     * unless the source is a snapshot. */
    static const char *const facts[] = {"collate", "ctype", "encoding", "version"};
    json_t *list = json_array();
    rh_status status =
        list == NULL ? rh_error_oom(err) : compare_versions(list, source, target, err);

    for (size_t i = 0; status == RH_OK && i < sizeof facts / sizeof facts[0]; i++)
        status = compare(list, facts[i], json_string_value(json_object_get(source, facts[i])),
                         json_string_value(json_object_get(target, facts[i])), err);
    if (status == RH_OK)
        status = compare_settings(list, source, target, err);
    if (status == RH_OK)
        *out = list;
    else
        json_decref(list);
    return status;
}
