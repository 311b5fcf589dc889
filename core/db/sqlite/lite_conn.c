#include "lite_conn.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/fs.h"
#include "core/num.h"
#include "core/sql_name.h"
#include "core/str.h"

enum { TEMPORARY_BYTES = 64 << 20 };

const char *rh_lite_path(const char *name)
{
    return rh_str_starts_with(name, "sqlite:") ? name + strlen("sqlite:") : name;
}

/* Hints for the codes that users of a read-only connection meet. */
static void add_hint(int rc, rh_error *err)
{
    switch (rc) {
    case SQLITE_READONLY_ROLLBACK:
        rh_error_hint(err, "an interrupted transaction left a hot journal; let the application "
                           "that owns the file open it once, so that it is rolled back");
        break;
    case SQLITE_READONLY_CANTINIT:
    case SQLITE_READONLY_RECOVERY:
        rh_error_hint(err, "the file is in WAL mode, but its -shm or -wal file cannot be read or "
                           "made; run as a user who may write in its directory");
        break;
    default:
        break;
    }
}

/* As unixTempFileDir() of SQLite chooses it. */
static const char *temporary_directory(void)
{
    const char *const places[] = {getenv("SQLITE_TMPDIR"), getenv("TMPDIR"), "/var/tmp", "/usr/tmp",
                                  "/tmp"};

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        if (places[i] != NULL && rh_fs_is_dir(places[i]) && access(places[i], W_OK | X_OK) == 0)
            return places[i];
    }
    return ".";
}

/* "'FILE' (1.2 MiB so far, 0 B free)": whoever reads this at night wants to know which disk. Looked
 * up with stat(), as the connection may not be asked any more. Returns the free bytes. */
static uint64_t describe_file(sqlite3 *db, char *out, size_t size)
{
    const char *path = db != NULL ? sqlite3_db_filename(db, "main") : NULL;
    char written[16];
    char left[16];
    uint64_t bytes = 0;
    uint64_t free_bytes = 0;
    int64_t ignored = 0;

    if (path == NULL || path[0] == '\0') {
        path = temporary_directory();
        if (rh_fs_free_bytes(path, &free_bytes, NULL) == RH_OK)
            (void)rh_num_format_bytes(free_bytes, left);
        else
            (void)rh_str_copy(left, sizeof left, "?");
        (void)snprintf(out, size, "a temporary file in '%s' (%s free)", path, left);
        return 0;
    }
    if (rh_fs_stat(path, &bytes, &ignored, NULL) != RH_OK ||
        rh_fs_free_bytes(path, &free_bytes, NULL) != RH_OK)
        (void)snprintf(out, size, "'%s'", path);
    else
        (void)snprintf(out, size, "'%s' (%s so far, %s free)", path,
                       rh_num_format_bytes(bytes, written), rh_num_format_bytes(free_bytes, left));
    return free_bytes;
}

static rh_status fail_on_disk(sqlite3 *db, int os_errno, const char *text, rh_error *err)
{
    char file[RH_ERROR_TEXT_BYTES / 2];
    uint64_t free_bytes = describe_file(db, file, sizeof file);
    rh_status status;

    if (os_errno != ENOSPC && os_errno != EDQUOT && os_errno != EFBIG)
        return rh_error_set(err, RH_EIO, "cannot read or write %s: %s", file, text);
    status = rh_error_errno(err, os_errno, "cannot write %s", file);
    if (os_errno == ENOSPC && free_bytes > TEMPORARY_BYTES)
        rh_error_hint(err, "there is space beside it: SQLite's temporary files are elsewhere; set "
                           "SQLITE_TMPDIR to a directory with space");
    return status;
}

rh_status rh_lite_fail(sqlite3 *db, int rc, rh_error *err)
{
    const char *text = db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
    int os_errno = db != NULL ? sqlite3_system_errno(db) : 0;
    rh_status status = RH_EDB;

    switch (rc & 0xff) {
    case SQLITE_NOMEM:
        return rh_error_oom(err);
    case SQLITE_FULL:
        return fail_on_disk(db, ENOSPC, text, err);
    case SQLITE_IOERR:
        return fail_on_disk(db, os_errno, text, err);
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM:
        status = RH_EIO;
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        status = RH_EBUSY;
        break;
    case SQLITE_INTERRUPT:
        status = RH_ECANCELED;
        break;
    case SQLITE_TOOBIG:
        status = RH_ELIMIT;
        break;
    default:
        break;
    }
    rh_error_set(err, status, "%s", text);
    if (err != NULL && err->code == status && err->os_errno == 0)
        err->os_errno = os_errno;
    add_hint(rc, err);
    return status;
}

static bool is_source(rh_lite_role role)
{
    return role == RH_LITE_SOURCE || role == RH_LITE_SOURCE_SHARED;
}

/* Our own statements need one function; nothing in a hostile schema gets another one to run. */
static int refuse_functions(void *ctx, int action, const char *unused, const char *name,
                            const char *database, const char *trigger)
{
    (void)ctx;
    (void)unused;
    (void)database;
    (void)trigger;
    if (action == SQLITE_FUNCTION)
        return strcmp(name, "count") == 0 ? SQLITE_OK : SQLITE_DENY;
    return action == SQLITE_ATTACH || action == SQLITE_DETACH ? SQLITE_DENY : SQLITE_OK;
}

void rh_lite_allow_queries(sqlite3 *db, bool allow)
{
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, allow ? 1 : 0, NULL);
    sqlite3_set_authorizer(db, allow ? NULL : refuse_functions, NULL);
}

/*
 * Nothing from the file may run code of ours or of others. PRAGMA trusted_schema=OFF would be the
 * word for it, but SQLite 3.40 then refuses to load any schema that has json_extract() in a
 * generated column or an index; so functions are refused one level up, where statements are
 * compiled. In a file that we build, SQLite's own deterministic functions must run for generated
 * columns and expression indexes; there are no others, for no extension can be loaded.
 */
static void harden(sqlite3 *db, rh_lite_role role)
{
    sqlite3_extended_result_codes(db, 1);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 1, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, role == RH_LITE_BUILD ? 0 : 1, NULL);
    if (role != RH_LITE_BUILD) {
        sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
        rh_lite_allow_queries(db, false);
    }
    if (is_source(role)) {
        sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
        sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    }
}

rh_status rh_lite_open(const char *path, rh_lite_role role, int64_t busy_us, sqlite3 **out,
                       rh_error *err)
{
    bool source = is_source(role);
    sqlite3 *db = NULL;
    int flags = source ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    int rc;
    rh_status status = RH_OK;

    flags |= role == RH_LITE_SOURCE_SHARED ? SQLITE_OPEN_FULLMUTEX : SQLITE_OPEN_NOMUTEX;
    rc = sqlite3_open_v2(path, &db, flags, NULL);
    if (rc != SQLITE_OK) {
        status = rh_lite_fail(db, db != NULL ? sqlite3_extended_errcode(db) : rc, err);
        goto out;
    }
    harden(db, role);
    sqlite3_busy_timeout(db, (int)(busy_us / 1000 > 0 ? busy_us / 1000 : 1));
    if (source)
        status = rh_lite_exec(db, "PRAGMA query_only=1; PRAGMA cell_size_check=1", err);
    if (status != RH_OK)
        goto out;

    *out = db;
    db = NULL;
out:
    rh_lite_close(db);
    return status;
}

void rh_lite_close(sqlite3 *db)
{
    sqlite3_close_v2(db);
}

rh_status rh_lite_exec(sqlite3 *db, const char *sql, rh_error *err)
{
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? RH_OK : rh_lite_fail(db, rc, err);
}

rh_status rh_lite_prepare(sqlite3 *db, const char *sql, sqlite3_stmt **out, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    const char *tail = NULL;
    int rc = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, &tail);

    if (rc != SQLITE_OK)
        return rh_lite_fail(db, rc, err);
    if (stmt == NULL || tail[strspn(tail, " \t\r\n;")] != '\0') {
        sqlite3_finalize(stmt);
        return rh_error_set(err, RH_EUSAGE, "exactly one SQL statement was expected");
    }
    *out = stmt;
    return RH_OK;
}

rh_status rh_lite_step(sqlite3_stmt *stmt, rh_error *err)
{
    int rc = sqlite3_step(stmt);

    if (rc == SQLITE_ROW)
        return RH_OK;
    if (rc == SQLITE_DONE)
        return RH_DONE;
    return rh_lite_fail(sqlite3_db_handle(stmt), rc, err);
}

/* First row of a statement; the caller finalizes *out also after a failure. */
static rh_status first_row(sqlite3 *db, const char *sql, sqlite3_stmt **out, rh_error *err)
{
    rh_status status = rh_lite_prepare(db, sql, out, err);

    if (status == RH_OK)
        status = rh_lite_step(*out, err);
    return status == RH_DONE ? RH_ENOTFOUND : status;
}

rh_status rh_lite_get_int(sqlite3 *db, const char *sql, int64_t *out, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    rh_status status = first_row(db, sql, &stmt, err);

    if (status == RH_OK)
        *out = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    return status;
}

rh_status rh_lite_get_text(sqlite3 *db, const char *sql, rh_buf *out, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    rh_status status = first_row(db, sql, &stmt, err);

    if (status == RH_OK) {
        const char *text = (const char *)sqlite3_column_text(stmt, 0);

        status = rh_buf_append_str(out, text != NULL ? text : "", err);
    }
    sqlite3_finalize(stmt);
    return status;
}

rh_status rh_lite_open_pragma(sqlite3 *db, const char *pragma, const char *name, sqlite3_stmt **out,
                              rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_status status = rh_buf_printf(&sql, err, "PRAGMA main.%s(", pragma);

    if (status == RH_OK)
        status = rh_sql_name_quote(name, &sql, err);
    if (status == RH_OK)
        status = rh_buf_append_byte(&sql, ')', err);
    if (status == RH_OK)
        status = rh_lite_prepare(db, rh_buf_cstr(&sql), out, err);
    rh_buf_done(&sql);
    return status;
}
