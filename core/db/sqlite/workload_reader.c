/*
 * Opening a workload file that may come from anywhere. Its tables must have exactly the text that
 * the writer gives them: no generated column, no virtual table, no view in their place. Then every
 * value is looked at before it is used, and a b-tree that leads back into itself runs into a budget
 * of VM steps.
 */
#include "workload_reader.h"

#include <inttypes.h>
#include <string.h>

#include "core/bytes.h"
#include "core/doc.h"
#include "core/fs.h"
#include "core/mem.h"
#include "core/str.h"
#include "lite_conn.h"
#include "lite_sql.h"
#include "lite_target.h"

enum {
    MAX_VALUE_BYTES = 256 << 20,
    BUDGET_GRAIN = 10000,      /* VM steps between two looks at the budget */
    STEPS_PER_BYTE = 32,       /* a row of 16 bytes takes some hundred steps */
    STEPS_AT_LEAST = 10000000, /* for small files */
};

/* ---- errors ---- */

rh_status rh_workload_damaged(const rh_workload_file *file, rh_status status,
                              const rh_error *detail, rh_error *err)
{
    if (status == RH_ENOMEM)
        return rh_error_oom(err);
    if (status == RH_ECANCELED)
        return rh_error_set(err, RH_EFORMAT, "'%s' is damaged: it has no end", file->path);
    if (status == RH_EDB || status == RH_EFORMAT || status == RH_ELIMIT || status == RH_ENOTFOUND)
        return rh_error_set(err, RH_EFORMAT, "'%s' is no workload file, or damaged: %s", file->path,
                            detail->text);
    return rh_error_set(err, status, "cannot read '%s': %s", file->path, detail->text);
}

static rh_status unusable(const rh_workload_file *file, const char *why, rh_error *err)
{
    rh_error_set(err, RH_EFORMAT, "'%s' is no workload file: %s", file->path, why);
    rh_error_hint(err, "workload files are made by 'rehearse capture'");
    return RH_EFORMAT;
}

static int spend(void *ctx)
{
    rh_workload_file *file = ctx;

    file->budget -= BUDGET_GRAIN;
    return file->budget < 0;
}

void rh_workload_budget(rh_workload_file *file)
{
    file->budget = (file->budget > 0 ? file->budget : 0) + file->steps;
}

rh_status rh_workload_step(const rh_workload_file *file, sqlite3_stmt *stmt, rh_error *err)
{
    rh_error detail = RH_ERROR_INIT;
    rh_status status = rh_lite_step(stmt, &detail);

    if (status == RH_OK || status == RH_DONE)
        return status;
    return rh_workload_damaged(file, status, &detail, err);
}

/* ---- values ---- */

static rh_status wrong_value(sqlite3_stmt *stmt, int at, rh_error *err)
{
    return rh_error_set(err, RH_EFORMAT, "column %d of '%s' holds what it must not", at + 1,
                        sqlite3_column_name(stmt, at));
}

static rh_status column_int(sqlite3_stmt *stmt, int at, int64_t none, int64_t *out, rh_error *err)
{
    int64_t value = none;

    if (sqlite3_column_type(stmt, at) == SQLITE_INTEGER)
        value = sqlite3_column_int64(stmt, at);
    else if (sqlite3_column_type(stmt, at) != SQLITE_NULL)
        return wrong_value(stmt, at, err);
    if (value < none)
        return wrong_value(stmt, at, err);
    *out = value;
    return RH_OK;
}

rh_status rh_workload_column_number(sqlite3_stmt *stmt, int at, uint64_t *out, rh_error *err)
{
    int64_t value = 0;
    rh_status status = column_int(stmt, at, 0, &value, err);

    if (status == RH_OK)
        *out = (uint64_t)value;
    return status;
}

rh_status rh_workload_column_time(sqlite3_stmt *stmt, int at, int64_t *out, rh_error *err)
{
    return column_int(stmt, at, 0, out, err);
}

rh_status rh_workload_column_count(sqlite3_stmt *stmt, int at, int64_t *out, rh_error *err)
{
    return column_int(stmt, at, -1, out, err);
}

rh_status rh_workload_column_text(sqlite3_stmt *stmt, int at, const char **out, rh_error *err)
{
    const char *text = NULL;

    if (sqlite3_column_type(stmt, at) == SQLITE_TEXT) {
        text = (const char *)sqlite3_column_text(stmt, at);
        if (text == NULL)
            return rh_error_oom(err);
        if (strlen(text) != (size_t)sqlite3_column_bytes(stmt, at))
            return wrong_value(stmt, at, err);
    } else if (sqlite3_column_type(stmt, at) != SQLITE_NULL) {
        return wrong_value(stmt, at, err);
    }
    *out = text;
    return RH_OK;
}

rh_status rh_workload_column_some(sqlite3_stmt *stmt, int at, const char **out, rh_error *err)
{
    rh_status status = rh_workload_column_text(stmt, at, out, err);

    return status == RH_OK && *out == NULL ? wrong_value(stmt, at, err) : status;
}

rh_status rh_workload_column_statement(sqlite3_stmt *stmt, int at, rh_workload_statement *out,
                                       rh_error *err)
{
    const char *hex = NULL;
    uint8_t bytes[8] = {0};
    rh_status status = rh_workload_column_number(stmt, at, &out->id, err);

    if (status == RH_OK)
        status = rh_workload_column_some(stmt, at + 1, &hex, err);
    if (status == RH_OK && (strlen(hex) != 16 || rh_hex_decode(hex, 8, bytes) != 0))
        status = wrong_value(stmt, at + 1, err);
    if (status == RH_OK)
        status = rh_workload_column_some(stmt, at + 2, &out->by, err);
    if (status == RH_OK)
        status = rh_workload_column_some(stmt, at + 3, &out->command, err);
    if (status == RH_OK)
        status = rh_workload_column_some(stmt, at + 4, &out->normalized, err);
    out->fingerprint = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        out->fingerprint = out->fingerprint << 8 | bytes[i];
    return status;
}

/* ---- what makes a file one of ours ---- */

static rh_status check_numbers(rh_workload_file *file, rh_error *err)
{
    rh_error detail = RH_ERROR_INIT;
    int64_t id = 0;
    int64_t version = 0;
    rh_status status = rh_lite_get_int(file->db, "PRAGMA main.application_id", &id, &detail);

    if (status == RH_OK)
        status = rh_lite_get_int(file->db, "PRAGMA main.user_version", &version, &detail);
    if (status != RH_OK)
        return rh_workload_damaged(file, status, &detail, err);
    if (id != RH_WORKLOAD_APPLICATION_ID)
        return unusable(file, "it is another SQLite database", err);
    if (version == RH_WORKLOAD_FORMAT)
        return RH_OK;
    rh_error_set(err, RH_EFORMAT, "'%s' has format %" PRId64 ", and this version reads %d",
                 file->path, version, (int)RH_WORKLOAD_FORMAT);
    rh_error_hint(err, "use the version of rehearse that made it, or capture again");
    return RH_EFORMAT;
}

/* Came later to format 1: files without it are as good. */
static const char optional_table[] = "totals";

/* One table as it must be against the one that is there. */
static rh_status check_table(rh_workload_file *file, sqlite3_stmt *theirs, const char *name,
                             const char *sql, rh_error *err)
{
    const char *found = NULL;
    rh_status status;

    sqlite3_reset(theirs);
    sqlite3_bind_text(theirs, 1, name, -1, SQLITE_STATIC);
    status = rh_workload_step(file, theirs, err);
    if (status == RH_OK)
        found = (const char *)sqlite3_column_text(theirs, 0);
    if (status != RH_OK && status != RH_DONE)
        return status;
    if (strcmp(name, optional_table) == 0) {
        file->totals = found != NULL;
        if (found == NULL)
            return RH_OK;
    }
    if (found == NULL || strcmp(found, sql) != 0)
        return rh_error_set(err, RH_EFORMAT, "'%s' is no workload file: table '%s' is %s",
                            file->path, name, found == NULL ? "missing" : "not as it must be");
    return RH_OK;
}

/* Our own tables, made in memory by the script that the writer uses, against the file's. */
static rh_status compare_tables(rh_workload_file *file, sqlite3 *model, rh_error *err)
{
    sqlite3_stmt *ours = NULL;
    sqlite3_stmt *theirs = NULL;
    rh_error detail = RH_ERROR_INIT;
    rh_status status = rh_lite_prepare(
        model, "SELECT name, sql FROM sqlite_master WHERE type = 'table'", &ours, err);

    if (status == RH_OK) {
        status = rh_lite_prepare(file->db,
                                 "SELECT sql FROM main.sqlite_master "
                                 "WHERE type = 'table' AND name = ?1 COLLATE NOCASE",
                                 &theirs, &detail);
        if (status != RH_OK)
            status = rh_workload_damaged(file, status, &detail, err);
    }
    while (status == RH_OK && (status = rh_lite_step(ours, err)) == RH_OK)
        status = check_table(file, theirs, (const char *)sqlite3_column_text(ours, 0),
                             (const char *)sqlite3_column_text(ours, 1), err);
    sqlite3_finalize(theirs);
    sqlite3_finalize(ours);
    return status == RH_DONE ? RH_OK : status;
}

static rh_status check_tables(rh_workload_file *file, rh_error *err)
{
    sqlite3 *model = NULL;
    int rc = sqlite3_open_v2(":memory:", &model, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    rh_status status = rc == SQLITE_OK ? RH_OK : rh_lite_fail(model, rc, err);

    if (status == RH_OK)
        status = rh_lite_exec(model, rh_lite_sql_workload, err);
    if (status == RH_OK)
        status = rh_lite_exec(model, rh_lite_sql_workload_totals, err);
    if (status == RH_OK)
        status = compare_tables(file, model, err);
    rh_lite_close(model);
    return status;
}

/* ---- facts ---- */

static rh_status take_settings(rh_workload_file *file, const char *text, rh_error *err)
{
    rh_error detail = RH_ERROR_INIT;
    rh_status status = rh_doc_parse_json("settings", text, strlen(text), &file->settings, &detail);

    if (status != RH_OK)
        return rh_workload_damaged(file, status, &detail, err);
    if (!json_is_object(file->settings))
        return unusable(file, "its settings are no object", err);
    file->summary.settings = file->settings;
    return RH_OK;
}

static rh_status take_text(rh_workload_file *file, const char *key, const char *text, rh_error *err)
{
    if (strcmp(key, "engine") == 0)
        return rh_engine_from_name(text, &file->summary.engine, err);
    if (strcmp(key, "settings") == 0 && file->settings == NULL)
        return take_settings(file, text, err);
    if (strcmp(key, "tool_version") == 0 && file->tool_version == NULL) {
        file->tool_version = rh_mem_strdup(text);
        file->summary.tool_version = file->tool_version;
        return file->tool_version != NULL ? RH_OK : rh_error_oom(err);
    }
    return RH_OK;
}

static void take_figure(rh_workload_summary *summary, const char *key, int64_t value)
{
    const struct {
        const char *key;
        uint64_t *count;
        int64_t *time;
    } figures[] = {
        {"executions", &summary->executions, NULL}, {"unreplayable", &summary->unreplayable, NULL},
        {"statements", &summary->statements, NULL}, {"texts", &summary->texts, NULL},
        {"first_us", NULL, &summary->first_us},     {"last_us", NULL, &summary->last_us},
    };

    if (strcmp(key, "time_ordered") == 0)
        summary->time_ordered = value == 1;
    for (size_t i = 0; value >= 0 && i < sizeof figures / sizeof figures[0]; i++) {
        if (strcmp(key, figures[i].key) != 0)
            continue;
        if (figures[i].count != NULL)
            *figures[i].count = (uint64_t)value;
        else
            *figures[i].time = value;
    }
}

static rh_status read_meta(rh_workload_file *file, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    rh_status status =
        rh_lite_prepare(file->db, "SELECT key, value FROM main.meta ORDER BY key", &stmt, err);

    while (status == RH_OK && (status = rh_workload_step(file, stmt, err)) == RH_OK) {
        const char *key = NULL;
        const char *text = NULL;

        status = rh_workload_column_some(stmt, 0, &key, err);
        if (status == RH_OK && sqlite3_column_type(stmt, 1) == SQLITE_INTEGER)
            take_figure(&file->summary, key, sqlite3_column_int64(stmt, 1));
        else if (status == RH_OK)
            status = rh_workload_column_some(stmt, 1, &text, err);
        if (status == RH_OK && text != NULL)
            status = take_text(file, key, text, err);
    }
    sqlite3_finalize(stmt);
    if (status != RH_DONE)
        return status;
    if (file->summary.engine == 0 || file->settings == NULL || file->tool_version == NULL)
        return unusable(file, "it does not tell its engine, tool and settings", err);
    return RH_OK;
}

static rh_status read_counts(rh_workload_file *file, rh_error *err)
{
    static const char sessions_sql[] = "SELECT count(*) FROM main.sessions";
    static const char skipped_sql[] = "SELECT count FROM main.skipped";
    sqlite3_stmt *stmt = NULL;
    static const char totals_sql[] = "SELECT EXISTS (SELECT 1 FROM main.totals)";
    int64_t sessions = 0;
    int64_t totals = 0;
    rh_error detail = RH_ERROR_INIT;
    rh_status status = rh_lite_get_int(file->db, sessions_sql, &sessions, &detail);

    if (status == RH_OK && file->totals)
        status = rh_lite_get_int(file->db, totals_sql, &totals, &detail);
    file->totals = totals != 0;
    file->summary.sessions = (uint64_t)sessions;
    if (status == RH_OK)
        status = rh_lite_prepare(file->db, skipped_sql, &stmt, &detail);
    while (status == RH_OK && (status = rh_lite_step(stmt, &detail)) == RH_OK) {
        uint64_t count = 0;

        status = rh_workload_column_number(stmt, 0, &count, &detail);
        file->summary.skipped += count;
    }
    sqlite3_finalize(stmt);
    return status == RH_DONE ? RH_OK : rh_workload_damaged(file, status, &detail, err);
}

/* ---- life cycle ---- */

static rh_status open_file(rh_workload_file *file, rh_error *err)
{
    rh_error detail = RH_ERROR_INIT;
    uint64_t bytes = 0;
    int64_t mtime_us = 0;
    rh_status status = rh_fs_stat(file->path, &bytes, &mtime_us, err);

    if (status != RH_OK)
        return status;
    file->steps = STEPS_AT_LEAST +
                  (int64_t)(bytes < INT64_MAX / 64 ? bytes : INT64_MAX / 64) * STEPS_PER_BYTE;
    status = rh_lite_open(file->path, RH_LITE_SOURCE, 0, &file->db, &detail);
    if (status != RH_OK)
        return rh_workload_damaged(file, status, &detail, err);
    sqlite3_limit(file->db, SQLITE_LIMIT_LENGTH, MAX_VALUE_BYTES);
    sqlite3_progress_handler(file->db, BUDGET_GRAIN, spend, file);
    rh_workload_budget(file);
    return RH_OK;
}

rh_status rh_workload_file_open(const char *path, rh_workload_file **out, rh_error *err)
{
    rh_workload_file *file = rh_mem_zalloc(sizeof *file);
    rh_status status;

    if (file == NULL)
        return rh_error_oom(err);
    status = rh_lite_target_path(path, &file->path, err);
    if (status == RH_OK && !rh_fs_exists(file->path))
        status = rh_error_set(err, RH_ENOTFOUND, "there is no file '%s'", path);
    if (status == RH_OK)
        status = open_file(file, err);
    if (status == RH_OK)
        status = check_numbers(file, err);
    if (status == RH_OK)
        status = check_tables(file, err);
    if (status == RH_OK)
        status = read_meta(file, err);
    if (status == RH_OK)
        status = read_counts(file, err);
    if (status == RH_OK) {
        *out = file;
        file = NULL;
    }
    rh_workload_file_close(file);
    return status;
}

void rh_workload_file_close(rh_workload_file *file)
{
    if (file == NULL)
        return;
    rh_lite_close(file->db);
    json_decref(file->settings);
    rh_mem_free(file->tool_version);
    rh_mem_free(file->path);
    rh_mem_free(file);
}

const rh_workload_summary *rh_workload_file_summary(const rh_workload_file *file)
{
    return &file->summary;
}
