/*
 * Trying an index on a scratch copy: the whole file where it is small, else its schema and
 * statistics, on which the planner decides just the same. The copy is readable by nobody else and
 * gone afterwards.
 */
#include <string.h>
#include <sys/stat.h>

#include "core/fs.h"
#include "core/mem.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "lite_profile.h"
#include "lite_scratch.h"

enum { MAX_COPY_BYTES = 256 << 20 };

static const char INDEX_NAME[] = "rehearse_trial_index";

static rh_status answer_no(const char *why, json_t **out, rh_error *err)
{
    *out = json_pack("{s:n, s:s}", "how", "why", why);
    return *out == NULL ? rh_error_oom(err) : RH_OK;
}

/* sqlite3_backup copies the pages as they are, statistics and rowids included. */
static rh_status copy_file(sqlite3 *from, sqlite3 *to, const rh_cancel *cancel, rh_error *err)
{
    sqlite3_backup *backup = sqlite3_backup_init(to, "main", from, "main");
    int rc = SQLITE_OK;

    if (backup == NULL)
        return rh_lite_fail(to, sqlite3_extended_errcode(to), err);
    while (rc == SQLITE_OK && !rh_cancel_requested(cancel))
        rc = sqlite3_backup_step(backup, 4096);
    (void)sqlite3_backup_finish(backup);
    if (rc == SQLITE_OK)
        return rh_error_set(err, RH_ECANCELED, "interrupted");
    return rc == SQLITE_DONE ? RH_OK : rh_lite_fail(NULL, rc, err);
}

static rh_status copy_statistics(sqlite3 *from, sqlite3 *to, rh_error *err)
{
    sqlite3_stmt *read = NULL;
    sqlite3_stmt *write = NULL;
    rh_status status;

    if (sqlite3_prepare_v2(from, "SELECT tbl, idx, stat FROM main.sqlite_stat1", -1, &read, NULL) !=
        SQLITE_OK)
        return RH_OK;                               /* there are none */
    status = rh_lite_exec(to, "ANALYZE main", err); /* makes the table */
    if (status == RH_OK)
        status = rh_lite_prepare(to, "INSERT INTO sqlite_stat1 VALUES (?1, ?2, ?3)", &write, err);
    while (status == RH_OK && (status = rh_lite_step(read, err)) == RH_OK) {
        for (int i = 0; i < 3; i++)
            (void)sqlite3_bind_value(write, i + 1, sqlite3_column_value(read, i));
        status = rh_lite_step(write, err);
        (void)sqlite3_reset(write);
        status = status == RH_DONE ? RH_OK : status;
    }
    sqlite3_finalize(read);
    sqlite3_finalize(write);
    return status == RH_DONE ? rh_lite_exec(to, "ANALYZE sqlite_schema", err) : status;
}

static rh_status make_copy(const rh_lite_profile *profile, rh_lite_scratch *s, rh_error *err)
{
    struct stat st;
    rh_status status = rh_lite_scratch_open(s, err);

    if (status != RH_OK)
        return status;
    s->rows = stat(profile->path, &st) == 0 && st.st_size <= MAX_COPY_BYTES;
    if (s->rows)
        return copy_file(profile->db, s->db, profile->options.cancel, err);
    status = rh_lite_scratch_schema(profile->db, s->db, err);
    return status == RH_OK ? copy_statistics(profile->db, s->db, err) : status;
}

static rh_status create_index(sqlite3 *db, const rh_profile_index *index, bool analyze,
                              rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_status status = rh_buf_printf(&sql, err, "CREATE INDEX main.%s ON ", INDEX_NAME);

    if (status == RH_OK)
        status = rh_sql_name_quote(index->table, &sql, err);
    for (size_t i = 0; status == RH_OK && i < index->column_count; i++)
        status = rh_buf_printf(&sql, err, "%s%s", i == 0 ? " (" : ", ", index->columns[i]);
    if (status == RH_OK)
        status = rh_buf_append_byte(&sql, ')', err);
    if (status == RH_OK && analyze)
        status = rh_buf_printf(&sql, err, "; ANALYZE main.%s", INDEX_NAME);
    if (status == RH_OK)
        status = rh_lite_exec(db, rh_buf_cstr(&sql), err);
    rh_buf_done(&sql);
    return status;
}

static rh_status run_once(const rh_lite_profile *profile, sqlite3 *db,
                          const rh_profile_statement *statement, int64_t *out_steps,
                          bool *out_ended, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    json_t *steps = NULL;
    const char *stopped = NULL;
    rh_status status = rh_lite_exec(db, "BEGIN", err);

    if (status != RH_OK)
        return status;
    status = rh_lite_profile_prepare(db, statement->sql, statement, &stmt, NULL, err);
    if (status == RH_OK)
        status = rh_lite_profile_execute(profile, stmt, &steps, &stopped, NULL, err);
    if (status == RH_OK) {
        *out_steps = json_integer_value(json_object_get(steps, "vm_steps"));
        *out_ended = stopped == NULL;
    }
    sqlite3_finalize(stmt);
    json_decref(steps);
    (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

static rh_status uses_index(sqlite3 *db, const rh_profile_statement *statement, bool *out,
                            rh_error *err)
{
    json_t *rows = NULL;
    rh_status status = rh_lite_profile_explain(db, statement, &rows, err);

    for (size_t i = 0; status == RH_OK && i < json_array_size(rows); i++) {
        const char *detail = json_string_value(json_object_get(json_array_get(rows, i), "detail"));

        if (detail != NULL && strstr(detail, INDEX_NAME) != NULL)
            *out = true;
    }
    json_decref(rows);
    return status;
}

static bool has_statistics(sqlite3 *db)
{
    int64_t count = 0;
    rh_error ignored = RH_ERROR_INIT;

    return rh_lite_get_int(db, "SELECT count(*) FROM main.sqlite_stat1", &count, &ignored) ==
               RH_OK &&
           count > 0;
}

static rh_status compare(const rh_lite_profile *profile, const rh_lite_scratch *s,
                         const rh_profile_statement *statement, const rh_profile_index *index,
                         json_t **out, rh_error *err)
{
    int64_t before = -1;
    int64_t after = -1;
    bool ended = true;
    bool used = false;
    bool run = s->rows && statement->execute;
    rh_status status = RH_OK;

    if (run)
        status = run_once(profile, s->db, statement, &before, &ended, err);
    if (status == RH_OK)
        status = create_index(s->db, index, s->rows && has_statistics(s->db), err);
    if (status == RH_OK)
        status = uses_index(s->db, statement, &used, err);
    if (status == RH_OK && run && used)
        status = run_once(profile, s->db, statement, &after, &ended, err);
    if (status != RH_OK)
        return status;
    if (run && used)
        *out = json_pack("{s:s, s:b, s:s, s:I, s:I}", "how", "copy", "used", 1, "unit", "steps",
                         "before", (json_int_t)before, "after", (json_int_t)after);
    else
        *out = json_pack("{s:s, s:b}", "how", s->rows ? "copy" : "statistics", "used", used);
    return *out == NULL ? rh_error_oom(err) : RH_OK;
}

rh_status rh_lite_profile_try_index(void *session, const rh_profile_statement *statement,
                                    const rh_profile_index *index, json_t **out, rh_error *err)
{
    const rh_lite_profile *profile = session;
    rh_lite_scratch s = {NULL, false};
    rh_error local = RH_ERROR_INIT;
    rh_status status = make_copy(profile, &s, &local);

    if (status == RH_OK)
        status = compare(profile, &s, statement, index, out, &local);
    rh_lite_scratch_done(&s);
    if (status == RH_EDB || status == RH_EIO) /* advice only: not worth an end */
        return answer_no(local.text, out, err);
    if (status != RH_OK && err != NULL)
        *err = local;
    return status;
}
