/*
 * A trial: other statistics, by ANALYZE or those of a snapshot, in a transaction that is rolled
 * back.
 *
 *   open() -> [clean] -- analyze() -> [dirty] -- analyze() or end() -> [clean] -- close()
 *   open_stored() -> [dirty] -- end() -> [clean] -- close()
 *
 * Invariants
 * 1. Only a database that carries the staging mark is touched, and only where the role may write
 *    pg_class: ANALYZE overwrites row and page counts in place, which no rollback takes back.
 *    Stored statistics are plain updates, which it does.
 * 2. [dirty] ends with ROLLBACK (the statistics) and trial_put_back (the counts), in that order.
 *    When the connection is lost in between, the counts are those of the ANALYZE.
 */
#include "pg_trial.h"

#include <string.h>

#include "core/mem.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "pg_connection.h"
#include "pg_conninfo.h"
#include "pg_explain.h"
#include "pg_sql.h"
#include "pg_statement.h"
#include "pg_statistics_put.h"

typedef struct pg_trial {
    rh_pg_conninfo *info;
    rh_pg *pg;
    char *counts;   /* JSON of trial_save; NULL under stored statistics */
    rh_buf analyze; /* the statement; empty where there is no table */
    bool dirty;
} pg_trial;

static rh_status check_mark(pg_trial *trial, rh_error *err)
{
    const char *params[] = {PQdb(trial->pg->conn)};
    PGresult *result = NULL;
    bool marked = false;
    rh_status status = rh_pg_query(trial->pg, rh_pg_sql_database_look, 1, params, &result, err);

    if (status != RH_OK)
        return status;
    marked = PQntuples(result) == 1 && rh_pg_true(result, 0, 1);
    PQclear(result);
    if (marked)
        return RH_OK;
    rh_error_set(err, RH_EUSAGE, "database '%s' is not marked as staging", params[0]);
    rh_error_hint(err, "other statistics are tried only on copies that this program made");
    return RH_EUSAGE;
}

static rh_status check_rights(pg_trial *trial, bool stored, rh_error *err)
{
    char *superuser = NULL;
    rh_status status = rh_pg_query_text(
        trial->pg, "SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user", 0, NULL,
        &superuser, err);
    bool allowed = rh_str_eq(superuser, "t");

    rh_mem_free(superuser);
    if (status != RH_OK || allowed)
        return status;
    rh_error_set(err, RH_EPRIVILEGE, "%s statistics need a superuser on the copy",
                 stored ? "stored" : "fresh");
    rh_error_hint(err, "%s",
                  stored ? "nobody else may write pg_statistic, even if it is rolled back"
                         : "ANALYZE overwrites row counts that have to be put back afterwards");
    return RH_EPRIVILEGE;
}

static rh_status build_analyze(pg_trial *trial, rh_error *err)
{
    PGresult *list = NULL;
    rh_status status = rh_pg_query(trial->pg, rh_pg_sql_statistics_analyze, 0, NULL, &list, err);

    for (int i = 0; status == RH_OK && i < PQntuples(list); i++) {
        status = rh_buf_append_str(&trial->analyze, i == 0 ? "ANALYZE " : ", ", err);
        if (status == RH_OK)
            status = rh_sql_name_quote_qualified(PQgetvalue(list, i, 0), PQgetvalue(list, i, 1),
                                                 &trial->analyze, err);
    }
    PQclear(list);
    return status;
}

static rh_status connect(const char *name, bool stored, const rh_cancel *cancel, pg_trial *trial,
                         rh_error *err)
{
    rh_status status = rh_pg_conninfo_parse(name, &trial->info, err);

    if (status == RH_OK)
        status = rh_pg_open(trial->info, NULL, cancel, &trial->pg, err);
    if (status == RH_OK)
        status = check_mark(trial, err);
    if (status == RH_OK)
        status = check_rights(trial, stored, err);
    if (status == RH_OK) /* as the sessions of a source */
        status = rh_pg_exec(trial->pg, "SET TimeZone = 'UTC'", err);
    return status;
}

rh_status rh_pg_trial_open(const char *name, const rh_cancel *cancel, void **out, rh_error *err)
{
    pg_trial *trial = rh_mem_zalloc(sizeof *trial);
    rh_status status;

    if (trial == NULL)
        return rh_error_oom(err);
    status = connect(name, false, cancel, trial, err);
    if (status == RH_OK)
        status = build_analyze(trial, err);
    if (status == RH_OK)
        status = rh_pg_query_text(trial->pg, rh_pg_sql_trial_save, 0, NULL, &trial->counts, err);
    if (status == RH_OK) {
        *out = trial;
        trial = NULL;
    }
    rh_pg_trial_close(trial);
    return status;
}

/* ---- stored statistics ---- */

static rh_status put_stored(pg_trial *trial, const char *text, int64_t *out_refused, rh_error *err)
{
    size_t len = strlen(text);
    rh_pg_statistics_put put = {
        .pg = trial->pg,
        .functions = trial->pg->version >= 180000,
        .partial = rh_pg_statistics_is_partial(text),
        .inside = true,
    };
    rh_status status =
        rh_pg_exec(trial->pg, "BEGIN READ WRITE; SET LOCAL lock_timeout = '10s'", err);

    if (status != RH_OK)
        return status;
    trial->dirty = true;
    if (!put.partial)
        status = rh_pg_exec(trial->pg, rh_pg_sql_statistics_forget_all, err);
    if (status == RH_OK)
        status = rh_pg_statistics_put_text(&put, text, len, err);
    if (status == RH_OK)
        status = rh_pg_statistics_hide_indexes(trial->pg, text, len, err);
    if (status == RH_OK)
        *out_refused = put.refused;
    else
        rh_error_where(err, "the snapshot's statistics");
    return status;
}

rh_status rh_pg_trial_open_stored(const char *target, const rh_trial_stored *stored,
                                  const rh_cancel *cancel, void **out, int64_t *out_refused,
                                  rh_error *err)
{
    pg_trial *trial = rh_mem_zalloc(sizeof *trial);
    rh_status status;

    if (trial == NULL)
        return rh_error_oom(err);
    status = connect(target, true, cancel, trial, err);
    if (status == RH_OK)
        status = put_stored(trial, stored->statistics, out_refused, err);
    if (status == RH_OK) {
        *out = trial;
        trial = NULL;
    }
    rh_pg_trial_close(trial);
    return status;
}

/* ---- the end ---- */

rh_status rh_pg_trial_end(void *handle, rh_error *err)
{
    pg_trial *trial = handle;
    const char *params[] = {trial->counts};
    PGresult *result = NULL;
    rh_status status;

    if (!trial->dirty)
        return RH_OK;
    status = rh_pg_exec(trial->pg, "ROLLBACK", err);
    if (status == RH_OK && trial->counts != NULL)
        status = rh_pg_query(trial->pg, rh_pg_sql_trial_put_back, 1, params, &result, err);
    PQclear(result);
    if (status == RH_OK)
        trial->dirty = false;
    else
        rh_error_where(err, trial->counts != NULL ? "putting row counts back" : "rolling back");
    return status;
}

rh_status rh_pg_trial_analyze(void *handle, rh_error *err)
{
    pg_trial *trial = handle;
    rh_status status = rh_pg_trial_end(trial, err);

    if (status == RH_OK)
        status = rh_pg_exec(trial->pg, "BEGIN; SET LOCAL lock_timeout = '10s'", err);
    if (status != RH_OK)
        return status;
    trial->dirty = true;
    if (trial->analyze.len > 0)
        status = rh_pg_exec(trial->pg, rh_buf_cstr(&trial->analyze), err);
    return status;
}

rh_status rh_pg_trial_explain(void *handle, const char *sql, json_t **out, rh_error *err)
{
    const pg_trial *trial = handle;

    return rh_pg_explain(trial->pg, sql, out, err);
}

void rh_pg_trial_close(void *handle)
{
    pg_trial *trial = handle;

    if (trial == NULL)
        return;
    if (trial->dirty) {
        rh_error ignored = RH_ERROR_INIT;

        trial->pg->cancel = NULL; /* who interrupts must find the counts as they were */
        (void)!rh_pg_trial_end(trial, &ignored);
    }
    rh_pg_close(trial->pg);
    rh_pg_conninfo_free(trial->info);
    rh_mem_free(trial->counts);
    rh_buf_done(&trial->analyze);
    rh_mem_free(trial);
}
