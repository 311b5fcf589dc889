/*
 * Opening a file for profiling, and what the library is.
 */
#include "lite_profile.h"

#include <string.h>

#include "core/fs.h"
#include "core/mem.h"
#include "core/replay_engine.h"
#include "lite_sql_text.h"

static rh_status check_library(rh_error *err)
{
    int version = sqlite3_libversion_number();

    if (version >= RH_LITE_PROFILE_OLDEST)
        return RH_OK;
    rh_error_set(err, RH_EUNSUPPORTED, "SQLite %s is too old for profile", sqlite3_libversion());
    rh_error_hint(err, "plans of SQLite 3.31 and newer are understood");
    return RH_EUNSUPPORTED;
}

/* The file is opened as a source; for statements that write, as one that we may change (and never
 * do: everything is rolled back). Queries may use what SQLite has, but load nothing. */
static rh_status open_file(rh_lite_profile *profile, const char *path, rh_error *err)
{
    rh_lite_role role = profile->options.writes ? RH_LITE_CLAIM : RH_LITE_SOURCE;
    int64_t ignored = 0;
    rh_status status;

    if (!rh_fs_exists(path))
        return rh_error_set(err, RH_ENOTFOUND, "file '%s' does not exist", path);
    status = rh_lite_open(path, role, profile->options.lock_timeout_us, &profile->db, err);
    if (status != RH_OK)
        return status;
    rh_lite_allow_queries(profile->db, true);
    if (profile->options.writes)
        sqlite3_db_config(profile->db, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    /* The first statement that reads the file says whether it is a database at all. */
    status = rh_lite_get_int(profile->db, "SELECT count(*) FROM main.sqlite_master", &ignored, err);
    if (status != RH_OK)
        rh_error_where(err, "'%s'", path);
    return status;
}

rh_status rh_lite_profile_open(const char *target, const rh_profile_options *options, void **out,
                               rh_error *err)
{
    rh_lite_profile *profile = rh_mem_zalloc(sizeof *profile);
    rh_status status;

    if (profile == NULL)
        return rh_error_oom(err);
    profile->options = *options;
    profile->path = rh_mem_strdup(rh_lite_path(target));
    profile->hasher = rh_row_hasher_new(rh_replay_row_secret(profile->secret));
    status =
        profile->path == NULL || profile->hasher == NULL ? rh_error_oom(err) : check_library(err);
    if (status == RH_OK)
        status = open_file(profile, profile->path, err);
    if (status == RH_OK) {
        *out = profile;
        profile = NULL;
    }
    rh_lite_profile_close(profile);
    return status;
}

void rh_lite_profile_close(void *session)
{
    rh_lite_profile *profile = session;

    if (profile == NULL)
        return;
    rh_lite_close(profile->db);
    rh_row_hasher_free(profile->hasher);
    rh_mem_free(profile->path);
    rh_mem_free(profile);
}

rh_status rh_lite_profile_about(void *session, json_t **out, rh_error *err)
{
    json_t *options = json_array();
    const char *option;

    (void)session;
    for (int i = 0; options != NULL && (option = sqlite3_compileoption_get(i)) != NULL; i++) {
        if (json_array_append_new(options, json_string(option)) != 0) {
            json_decref(options);
            options = NULL;
        }
    }
    if (options == NULL)
        return rh_error_oom(err);
    *out = json_pack("{s:s, s:s, s:i, s:o, s:b, s:{}, s:[]}", "engine", "sqlite", "version",
                     sqlite3_libversion(), "version_number", sqlite3_libversion_number(),
                     "compile_options", options, "scanstatus", rh_lite_has_scanstatus(), "settings",
                     "notes");
    return *out == NULL ? rh_error_oom(err) : RH_OK;
}

/* "CREATE VIEW x(a, b) AS SELECT ..": what stands behind the first AS outside of brackets. */
static const char *behind_as(const char *sql)
{
    rh_sql_scan scan = rh_lite_scan(sql);

    for (;;) {
        rh_sql_token token = rh_sql_scan_next_code(&scan);

        if (token.kind == RH_SQL_TOKEN_END ||
            (token.kind == RH_SQL_TOKEN_OPEN && !rh_lite_leave_list(&scan)))
            return NULL;
        if (rh_sql_token_is(&token, sql, "as"))
            return sql + scan.at;
    }
}

rh_status rh_lite_profile_view(void *session, const rh_profile_table *view, char **out,
                               rh_error *err)
{
    const rh_lite_profile *profile = session;
    sqlite3_stmt *stmt = NULL;
    const char *query = NULL;
    rh_status status = rh_lite_prepare(profile->db,
                                       "SELECT sql FROM main.sqlite_master WHERE type = 'view' AND "
                                       "name = ?1 COLLATE NOCASE",
                                       &stmt, err);

    if (status != RH_OK)
        return status;
    *out = NULL;
    (void)sqlite3_bind_text(stmt, 1, view->name, -1, SQLITE_TRANSIENT);
    status = rh_lite_step(stmt, err);
    if (status == RH_OK && sqlite3_column_text(stmt, 0) != NULL)
        query = behind_as((const char *)sqlite3_column_text(stmt, 0));
    if (query != NULL && (*out = rh_mem_strdup(query)) == NULL)
        status = rh_error_oom(err);
    sqlite3_finalize(stmt);
    return status == RH_DONE ? RH_OK : status;
}
