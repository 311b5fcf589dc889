/*
 * The life of a source: open, preflight, begin, sections, end, close.
 */
/* realpath(3) is part of XSI. */
#define _XOPEN_SOURCE 700

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/mem.h"
#include "core/str.h"
#include "lite_conn.h"
#include "lite_source.h"
#include "lite_structure.h"

static rh_status absolute_path(const char *path, char **out, rh_error *err)
{
    char resolved[PATH_MAX];
    struct stat st;

    if (realpath(path, resolved) == NULL) {
        if (errno == ENOENT)
            return rh_error_set(err, RH_ENOTFOUND, "there is no file '%s'", path);
        return rh_error_errno(err, errno, "cannot open '%s'", path);
    }
    if (stat(resolved, &st) != 0 || !S_ISREG(st.st_mode))
        return rh_error_set(err, RH_EUSAGE, "'%s' is not a regular file", path);
    if (access(resolved, R_OK) != 0)
        return rh_error_errno(err, errno, "cannot open '%s'", path);
    *out = rh_mem_strdup(resolved);
    return *out != NULL ? RH_OK : rh_error_oom(err);
}

rh_status rh_lite_source_open(const char *name, const rh_source_options *options, void **out,
                              rh_error *err)
{
    rh_lite_source *source = rh_mem_zalloc(sizeof *source);
    rh_status status;

    if (source == NULL)
        return rh_error_oom(err);
    source->options = *options;
    if (pthread_mutex_init(&source->lock, NULL) != 0) {
        rh_mem_free(source);
        return rh_error_oom(err);
    }
    status = absolute_path(rh_lite_path(name), &source->path, err);
    if (status == RH_OK)
        status = rh_lite_open(source->path, RH_LITE_SOURCE_SHARED, options->lock_timeout_us,
                              &source->main, err);
    if (status != RH_OK) {
        rh_lite_source_close(source);
        return status;
    }
    *out = source;
    return RH_OK;
}

void rh_lite_source_end(void *ctx)
{
    rh_lite_source *source = ctx;

    rh_lite_snapshot_end(source);
    source->began = false;
}

void rh_lite_source_close(void *ctx)
{
    rh_lite_source *source = ctx;

    rh_lite_source_end(source);
    rh_catalog_free(source->catalog);
    rh_lite_schema_done(&source->schema);
    rh_lite_close(source->main);
    pthread_mutex_destroy(&source->lock);
    rh_mem_free(source->path);
    rh_mem_free(source);
}

/* ---- preflight ---- */

/* A refusal of the very first read becomes a problem that says what to do about it. */
static rh_status note_first_read(rh_lite_source *source, bool *out_readable, rh_problems *problems,
                                 rh_error *err)
{
    rh_error first = RH_ERROR_INIT;
    int64_t count = 0;
    rh_status status =
        rh_lite_get_int(source->main, "SELECT count(*) FROM main.sqlite_master", &count, &first);

    *out_readable = status == RH_OK;
    if (status == RH_OK)
        return RH_OK;
    if (status == RH_ENOMEM)
        return rh_error_oom(err);
    if (status == RH_EBUSY)
        return rh_problems_add(problems, false, "the snapshot waits for its lock", err,
                               "'%s' is locked at the moment", source->path);
    if (first.hint[0] == '\0' && status == RH_EIO)
        rh_error_hint(&first, "a file in WAL mode needs its -shm and -wal files, or a directory "
                              "where they can be made");
    return rh_problems_add(problems, true, first.hint[0] != '\0' ? first.hint : NULL, err,
                           "'%s' cannot be read: %s", source->path, first.text);
}

static rh_status note_journal_mode(rh_lite_source *source, rh_problems *problems, rh_error *err)
{
    rh_buf mode = RH_BUF_INIT;
    rh_status status = rh_lite_get_text(source->main, "PRAGMA main.journal_mode", &mode, err);

    if (status == RH_OK && !rh_str_ieq(rh_buf_cstr(&mode), "wal"))
        status = rh_problems_add(
            problems, false, "PRAGMA journal_mode=WAL lets the application write meanwhile", err,
            "journal mode is '%s': commits wait while the snapshot is held", rh_buf_cstr(&mode));
    rh_buf_done(&mode);
    return status;
}

static bool knows_collation(sqlite3 *db, const char *name)
{
    sqlite3_stmt *stmt = NULL;
    bool known = false;

    if (rh_lite_prepare(db, "PRAGMA collation_list", &stmt, NULL) != RH_OK)
        return true;
    while (!known && rh_lite_step(stmt, NULL) == RH_OK)
        known = rh_str_ieq(name, (const char *)sqlite3_column_text(stmt, 1));
    sqlite3_finalize(stmt);
    return known;
}

/* An index can only be filled in the copy when its collations are known there. */
static rh_status note_collations(rh_lite_source *source, const char *index, rh_problems *problems,
                                 rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    rh_status status = rh_lite_open_pragma(source->main, "index_xinfo", index, &stmt, err);

    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK) {
        const char *collation = (const char *)sqlite3_column_text(stmt, 4);

        if (collation == NULL || knows_collation(source->main, collation))
            continue;
        status = rh_problems_add(problems, false, "a restore will refuse to fill this index", err,
                                 "index '%s' uses collation '%s', which this program does not know",
                                 index, collation);
    }
    sqlite3_finalize(stmt);
    return status == RH_DONE ? RH_OK : status;
}

static rh_status note_hidden_rowid(rh_lite_source *source, rh_arena *arena, const char *name,
                                   rh_problems *problems, rh_error *err)
{
    rh_lite_table table = {0};
    rh_status status = rh_lite_table_read(source->main, arena, name, &table, err);

    if (status == RH_OK && table.has_rowid && table.rowid_name == NULL)
        status = rh_problems_add(problems, false, NULL, err,
                                 "table '%s' has columns named rowid, _rowid_ and oid: its rowids "
                                 "cannot be read, the copy numbers its rows from 1",
                                 table.name);
    return status;
}

static rh_status note_objects(rh_lite_source *source, rh_problems *problems, rh_error *err)
{
    rh_lite_schema schema = RH_LITE_SCHEMA_INIT;
    rh_status status = rh_lite_schema_read(source->main, &schema, err);

    for (size_t i = 0; status == RH_OK && i < schema.count; i++) {
        const rh_lite_object *object = &schema.items[i];

        if (rh_lite_is_table(object))
            status = note_hidden_rowid(source, schema.arena, object->name, problems, err);
        else if (strcmp(object->type, "index") == 0)
            status = note_collations(source, object->name, problems, err);
    }
    rh_lite_schema_done(&schema);
    return status;
}

rh_status rh_lite_source_preflight(void *ctx, rh_problems *problems, rh_error *err)
{
    rh_lite_source *source = ctx;
    bool readable = false;
    rh_status status = note_first_read(source, &readable, problems, err);

    if (status != RH_OK || !readable)
        return status;
    status = note_journal_mode(source, problems, err);
    if (status == RH_OK)
        status = note_objects(source, problems, err);
    return status;
}

/* ---- begin, sections ---- */

static rh_status read_encoding(rh_lite_source *source, rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    rh_status status = rh_lite_get_text(source->main, "PRAGMA main.encoding", &text, err);

    source->encoding = "UTF-8";
    if (rh_str_ieq(rh_buf_cstr(&text), "UTF-16le"))
        source->encoding = "UTF-16le";
    else if (rh_str_ieq(rh_buf_cstr(&text), "UTF-16be"))
        source->encoding = "UTF-16be";
    source->utf16 = strcmp(source->encoding, "UTF-8") != 0;
    rh_buf_done(&text);
    return status;
}

static rh_status read_file_bytes(rh_lite_source *source, rh_error *err)
{
    int64_t pages = 0;
    int64_t page_bytes = 0;
    rh_status status = rh_lite_get_int(source->main, "PRAGMA main.page_count", &pages, err);

    if (status == RH_OK)
        status = rh_lite_get_int(source->main, "PRAGMA main.page_size", &page_bytes, err);
    source->file_bytes = pages * page_bytes;
    return status;
}

rh_status rh_lite_source_begin(void *ctx, rh_error *err)
{
    rh_lite_source *source = ctx;
    rh_status status = rh_lite_snapshot_begin(source, err);

    if (status == RH_OK)
        status = read_encoding(source, err);
    if (status == RH_OK)
        status = read_file_bytes(source, err);
    if (status == RH_OK)
        status = rh_lite_schema_read(source->main, &source->schema, err);
    source->began = status == RH_OK;
    if (status == RH_EDB) /* SQLite's own words name no file; failures of the disk do */
        rh_error_where(err, "'%s'", source->path);
    return status;
}

rh_status rh_lite_source_section(void *ctx, const char *section, rh_buf *out, rh_error *err)
{
    rh_lite_source *source = ctx;

    if (strcmp(section, "structure") == 0)
        return rh_lite_structure(source->main, &source->schema, out, err);
    if (strcmp(section, "schema") != 0)
        return rh_error_set(err, RH_ENOTFOUND, "SQLite has no section '%s'", section);
    return rh_lite_schema_print(&source->schema, out, err);
}
