#include "lite_scratch.h"

#include <stdlib.h>

#include "core/fs.h"
#include "core/mem.h"

static rh_status make_folder(rh_lite_scratch *s, rh_error *err)
{
    const char *base = getenv("TMPDIR");
    char *dir = rh_fs_join(base != NULL && base[0] == '/' ? base : "/tmp", "rehearse-trial-XXXXXX");

    if (dir == NULL)
        return rh_error_oom(err);
    if (mkdtemp(dir) == NULL) {
        rh_mem_free(dir);
        return rh_error_set(err, RH_EIO, "cannot make a folder for a scratch copy");
    }
    s->dir = dir;
    s->path = rh_fs_join(dir, "copy.db");
    return s->path == NULL ? rh_error_oom(err) : RH_OK;
}

static rh_status open_new(const char *path, sqlite3 **out, rh_error *err)
{
    sqlite3 *db = NULL;
    int rc = sqlite3_open_v2(
        path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);

    if (rc != SQLITE_OK) {
        rh_status status = rh_lite_fail(db, rc, err);

        rh_lite_close(db);
        return status;
    }
    sqlite3_extended_result_codes(db, 1);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    *out = db;
    return rh_lite_exec(db, "PRAGMA synchronous=OFF; PRAGMA journal_mode=MEMORY", err);
}

rh_status rh_lite_scratch_open(rh_lite_scratch *scratch, rh_error *err)
{
    rh_status status = make_folder(scratch, err);

    return status == RH_OK ? open_new(scratch->path, &scratch->db, err) : status;
}

void rh_lite_scratch_done(rh_lite_scratch *scratch)
{
    rh_lite_close(scratch->db);
    if (scratch->dir != NULL)
        (void)!rh_fs_remove_tree(scratch->dir, NULL);
    rh_mem_free(scratch->dir);
    rh_mem_free(scratch->path);
    *scratch = (rh_lite_scratch){NULL, NULL, NULL, false};
}

/* In the order that they were made. */
rh_status rh_lite_scratch_schema(sqlite3 *from, sqlite3 *to, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    rh_status status = rh_lite_prepare(from,
                                       "SELECT sql FROM main.sqlite_master WHERE sql IS NOT NULL "
                                       "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND type IN "
                                       "('table', 'index', 'view') ORDER BY rowid",
                                       &stmt, err);

    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK)
        status = rh_lite_exec(to, (const char *)sqlite3_column_text(stmt, 0), err);
    sqlite3_finalize(stmt);
    return status == RH_DONE ? RH_OK : status;
}
