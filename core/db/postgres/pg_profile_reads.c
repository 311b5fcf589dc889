/*
 * What a transaction reads by full scans, whoever scans: the server counts by table. EXPLAIN tells
 * nothing of what triggers and functions read, this does. Workers count for themselves and are not
 * in it, so that the figure is never too high.
 */
#include <string.h>

#include "core/doc.h"
#include "core/mem.h"
#include "pg_profile.h"
#include "pg_sql.h"
#include "pg_statement.h"

rh_status rh_pg_profile_reads(rh_pg_profile *profile, json_t **out, rh_error *err)
{
    char *text = NULL;
    json_t *list = NULL;
    rh_status status = rh_pg_query_text(profile->pg, rh_pg_sql_profile_reads, 0, NULL, &text, err);

    if (status == RH_OK && text == NULL) { /* no row: nothing was scanned */
        list = json_array();
        status = list == NULL ? rh_error_oom(err) : RH_OK;
    } else if (status == RH_OK) {
        status = rh_doc_parse_json("statistics", text, strlen(text), &list, err);
    }
    rh_mem_free(text);
    if (status == RH_OK)
        *out = list;
    return status;
}

static json_int_t number(const json_t *json, const char *key)
{
    return json_integer_value(json_object_get(json, key));
}

static const json_t *same_table(const json_t *list, const json_t *table)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (number(json_array_get(list, i), "oid") == number(table, "oid"))
            return json_array_get(list, i);
    return NULL;
}

rh_status rh_pg_profile_reads_since(const json_t *before, const json_t *after, json_t **out,
                                    rh_error *err)
{
    json_t *list = json_array();
    rh_status status = list == NULL ? rh_error_oom(err) : RH_OK;

    for (size_t i = 0; status == RH_OK && i < json_array_size(after); i++) {
        const json_t *now = json_array_get(after, i);
        const json_t *then = same_table(before, now);
        json_int_t scans = number(now, "scans") - number(then, "scans");

        if (scans <= 0)
            continue;
        if (json_array_append_new(
                list, json_pack("{s:O, s:O, s:I, s:I}", "schema", json_object_get(now, "schema"),
                                "table", json_object_get(now, "table"), "full_scans", scans, "rows",
                                number(now, "rows") - number(then, "rows"))) != 0)
            status = rh_error_oom(err);
    }
    if (status == RH_OK)
        *out = list;
    else
        json_decref(list);
    return status;
}
