/*
 * A trial under stored statistics: the snapshot's schema without rows, in memory, with its rows of
 * sqlite_stat1. SQLite's planner looks at nothing else. No text of the snapshot is run, and there
 * is no file that could stay behind.
 */
#include "lite_trial.h"

#include <string.h>

#include "core/mem.h"
#include "lite_call.h"
#include "lite_conn.h"
#include "lite_explain.h"
#include "lite_schema.h"

typedef struct lite_trial {
    sqlite3 *db;
} lite_trial;

static rh_status build(lite_trial *trial, const rh_trial_stored *stored, rh_error *err)
{
    rh_lite_schema schema = RH_LITE_SCHEMA_INIT;
    rh_status status = rh_lite_schema_parse(stored->schema, strlen(stored->schema), &schema, err);

    if (status != RH_OK)
        return status;
    status = rh_lite_open(":memory:", RH_LITE_BUILD, 1000000, &trial->db, err);
    if (status == RH_OK)
        status = rh_lite_schema_roots(trial->db, &schema, NULL, err);
    if (status == RH_OK)
        status = rh_lite_schema_install(trial->db, &schema, err);
    if (status == RH_OK)
        status = rh_lite_put_statistics(trial->db, stored->stat1, err);
    if (status == RH_OK) /* as in a source: the plans of triggers are none of the statement's */
        sqlite3_db_config(trial->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    rh_lite_schema_done(&schema);
    return status;
}

rh_status rh_lite_trial_open_stored(const char *target, const rh_trial_stored *stored,
                                    const rh_cancel *cancel, void **out, int64_t *out_refused,
                                    rh_error *err)
{
    lite_trial *trial = rh_mem_zalloc(sizeof *trial);
    rh_status status;

    (void)target;
    (void)cancel; /* nothing here takes long */
    if (trial == NULL)
        return rh_error_oom(err);
    status = build(trial, stored, err);
    if (status != RH_OK) {
        rh_error_where(err, "the schema and statistics of the snapshot");
        rh_lite_trial_close(trial);
        return status;
    }
    *out = trial;
    *out_refused = 0;
    return RH_OK;
}

rh_status rh_lite_trial_explain(void *handle, const char *sql, json_t **out, rh_error *err)
{
    const lite_trial *trial = handle;

    return rh_lite_explain(trial->db, sql, out, err);
}

rh_status rh_lite_trial_end(void *handle, rh_error *err)
{
    (void)handle;
    (void)err;
    return RH_OK;
}

void rh_lite_trial_close(void *handle)
{
    lite_trial *trial = handle;

    if (trial == NULL)
        return;
    rh_lite_close(trial->db);
    rh_mem_free(trial);
}
