/*
 * Sequences: all states in one statement. Also the planner settings that production's database has:
 * they are offered, not made, since the staging server may be of another size.
 */
#include "pg_json.h"
#include "pg_sql.h"
#include "pg_target.h"

static rh_status offer_settings(const rh_pg_target *target, rh_problems *notes, rh_error *err)
{
    const json_t *settings = json_object_get(target->input->facts, "database_settings");
    json_t *copy = json_copy(settings == NULL ? NULL : (json_t *)(uintptr_t)settings);
    const char *name;
    json_t *value;
    rh_status status = RH_OK;

    json_object_foreach(copy, name, value)
    {
        const char *text = json_string_value(value);

        status = rh_problems_add(notes, false, "ALTER DATABASE ... SET gives staging the same", err,
                                 "production's database has the setting '%s' = '%s'", name,
                                 text == NULL ? "" : text);
        if (status != RH_OK)
            break;
    }
    json_decref(copy);
    return status;
}

rh_status rh_pg_sequences_restore(rh_pg_target *target, rh_problems *notes, rh_error *err)
{
    const json_t *list = json_object_get(target->input->facts, "sequences");
    rh_pg *pg = NULL;
    PGresult *result = NULL;
    rh_buf text = RH_BUF_INIT;
    rh_status status = offer_settings(target, notes, err);

    if (status != RH_OK || json_array_size(list) == 0)
        return status;
    status = rh_pg_json_text(list, &text, err);
    if (status == RH_OK)
        status = rh_pg_target_connect(target, &pg, err);
    if (status == RH_OK) {
        const char *params[] = {rh_buf_cstr(&text)};

        status = rh_pg_query(pg, rh_pg_sql_sequences_restore, 1, params, &result, err);
    }
    if (status != RH_OK)
        rh_error_where(err, "sequences");
    PQclear(result);
    rh_pg_close(pg);
    rh_buf_done(&text);
    return status;
}
