/*
 * Invariants
 * 1. A session is in a transaction from open to close; close rolls back.
 * 2. Statements are reset after each run, so that they hold no lock and no cursor.
 * 3. The step budget is looked at every RH_LITE_TICK_STEPS opcodes: a run ends at the same place on
 *    every machine.
 * 4. SQLite counts in 32 bits, we in 64 (lite_counter.h).
 */
#include "lite_call.h"

#include <string.h>

#include "core/clock.h"
#include "core/fs.h"
#include "core/mem.h"
#include "lite_call_copies.h"
#include "lite_counter.h"
#include "lite_profile.h"
#include "lite_scratch.h"

enum { MAX_COLUMNS = 256 };

typedef struct lite_call {
    sqlite3 *db;
    rh_lite_scratch scratch; /* of copies, also empty ones */
    rh_lite_copies *copies;  /* NULL: the target itself, or an empty copy */
    const rh_cancel *cancel;
    int64_t steps_left; /* of the run; negative: over */
    bool limited;
    int64_t ticks;              /* of the run, one each RH_LITE_TICK_STEPS */
    sqlite3_stmt *running;      /* NULL between runs */
    rh_call_counters *counters; /* of the run */
} lite_call;

typedef struct lite_statement {
    lite_call *session;
    sqlite3_stmt *stmt;
} lite_statement;

/* All but the steps, which SQLite adds up at the end of sqlite3_step(). */
static void take_counters(sqlite3_stmt *stmt, rh_call_counters *to)
{
    to->full_scan_steps += rh_lite_counter_take(stmt, SQLITE_STMTSTATUS_FULLSCAN_STEP);
    to->sorts += rh_lite_counter_take(stmt, SQLITE_STMTSTATUS_SORT);
    to->auto_index_rows += rh_lite_counter_take(stmt, SQLITE_STMTSTATUS_AUTOINDEX);
}

static int look(void *ctx)
{
    lite_call *session = ctx;

    if (session->running != NULL && rh_lite_counter_is_due(++session->ticks))
        take_counters(session->running, session->counters);
    if (session->limited && (session->steps_left -= RH_LITE_TICK_STEPS) < 0)
        return 1;
    return rh_cancel_requested(session->cancel);
}

static rh_status begin(lite_call *session, const rh_call_options *options, rh_error *err)
{
    rh_status status = RH_OK;

    for (size_t i = 0; status == RH_OK && options->setup != NULL && options->setup[i] != NULL;
         i++) {
        status = rh_lite_exec(session->db, options->setup[i], err);
        if (status != RH_OK)
            rh_error_where(err, "'%s'", options->setup[i]);
    }
    if (status == RH_OK)
        status = rh_lite_exec(
            session->db,
            options->writes || options->statistics != NULL ? "BEGIN IMMEDIATE" : "BEGIN", err);
    if (status == RH_EBUSY)
        rh_error_hint(err, "another process, a node perhaps, is writing; work on a copy");
    if (status == RH_OK && options->statistics != NULL)
        status = rh_lite_put_statistics(session->db, options->statistics, err);
    return status;
}

rh_status rh_lite_call_open(const char *target, const rh_call_options *options, void **out,
                            rh_error *err)
{
    const char *path = rh_lite_path(target);
    bool change = options->writes || options->statistics != NULL;
    lite_call *session = rh_mem_zalloc(sizeof *session);
    int64_t ignored = 0;
    rh_status status;

    if (session == NULL)
        return rh_error_oom(err);
    session->cancel = options->cancel;
    status = rh_fs_exists(path) ? RH_OK
                                : rh_error_set(err, RH_ENOTFOUND, "file '%s' does not exist", path);
    if (status == RH_OK)
        status = rh_lite_open(path, change ? RH_LITE_CLAIM : RH_LITE_SOURCE,
                              options->lock_timeout_us, &session->db, err);
    if (status == RH_OK) {
        rh_lite_allow_queries(session->db, true);
        sqlite3_progress_handler(session->db, RH_LITE_TICK_STEPS, look, session);
        status = begin(session, options, err);
    }
    if (status == RH_OK)
        status =
            rh_lite_get_int(session->db, "SELECT count(*) FROM main.sqlite_master", &ignored, err);
    if (status != RH_OK) {
        rh_error_where(err, "'%s'", path);
        rh_lite_call_close(session);
        return status;
    }
    *out = session;
    return RH_OK;
}

rh_status rh_lite_call_open_empty(const char *target, const json_t *statistics, void **out,
                                  rh_error *err)
{
    sqlite3 *from = NULL;
    lite_call *session = rh_mem_zalloc(sizeof *session);
    rh_status status;

    if (session == NULL)
        return rh_error_oom(err);
    status = rh_lite_open(rh_lite_path(target), RH_LITE_SOURCE, 2000000, &from, err);
    if (status == RH_OK) {
        rh_lite_allow_queries(from, true);
        status = rh_lite_scratch_open(&session->scratch, err);
    }
    if (status == RH_OK)
        status = rh_lite_scratch_schema(from, session->scratch.db, err);
    if (status == RH_OK)
        status = rh_lite_put_statistics(session->scratch.db, statistics, err);
    session->db = session->scratch.db;
    rh_lite_close(from);
    if (status != RH_OK) {
        rh_error_where(err, "a copy of the schema");
        rh_lite_call_close(session);
        return status;
    }
    *out = session;
    return RH_OK;
}

/* Setup comes last, as on the target: it may be about what statements see. */
rh_status rh_lite_call_open_copies(const char *target, const rh_call_options *options,
                                   const char *const *statements, void **out, rh_error *err)
{
    const char *path = rh_lite_path(target);
    rh_call_options begun = *options;
    lite_call *session = rh_mem_zalloc(sizeof *session);
    rh_status status;

    if (session == NULL)
        return rh_error_oom(err);
    session->cancel = options->cancel;
    begun.statistics = NULL;
    status = rh_fs_exists(path) ? RH_OK
                                : rh_error_set(err, RH_ENOTFOUND, "file '%s' does not exist", path);
    if (status == RH_OK)
        status = rh_lite_scratch_open(&session->scratch, err);
    session->db = session->scratch.db;
    if (status == RH_OK) /* a journal in memory would grow with the copies */
        status = rh_lite_exec(session->db, "PRAGMA journal_mode=TRUNCATE; PRAGMA cache_size=-16000",
                              err);
    if (status == RH_OK)
        status = rh_lite_copies_open(path, options, statements, session->db, &session->copies, err);
    if (status == RH_OK && options->statistics != NULL)
        status = rh_lite_put_statistics(session->db, options->statistics, err);
    if (status == RH_OK) {
        sqlite3_progress_handler(session->db, RH_LITE_TICK_STEPS, look, session);
        status = begin(session, &begun, err);
    }
    if (status != RH_OK) {
        rh_error_where(err, "copies of '%s'", path);
        rh_lite_call_close(session);
        return status;
    }
    *out = session;
    return RH_OK;
}

rh_status rh_lite_call_fill_copies(void *ctx, int64_t rows, rh_error *err)
{
    lite_call *session = ctx;
    rh_status status = rh_lite_exec(session->db, "ROLLBACK", err);

    if (status == RH_OK)
        status = rh_lite_copies_fill(session->copies, rows, err);
    if (status == RH_OK)
        status = rh_lite_exec(session->db, "BEGIN", err);
    return status;
}

rh_status rh_lite_call_copies(void *ctx, json_t **out, rh_error *err)
{
    const lite_call *session = ctx;

    return rh_lite_copies_list(session->copies, out, err);
}

void rh_lite_call_close(void *ctx)
{
    lite_call *session = ctx;

    if (session == NULL)
        return;
    rh_lite_copies_free(session->copies);
    if (session->scratch.db == NULL && session->db != NULL) {
        (void)sqlite3_exec(session->db, "ROLLBACK", NULL, NULL, NULL);
        rh_lite_close(session->db);
    }
    rh_lite_scratch_done(&session->scratch);
    rh_mem_free(session);
}

const char *rh_lite_call_version(const void *session)
{
    (void)session;
    return sqlite3_libversion();
}

rh_status rh_lite_call_exec(void *ctx, const char *sql, rh_error *err)
{
    const lite_call *session = ctx;

    return rh_lite_exec(session->db, sql, err);
}

rh_status rh_lite_call_commit(void *ctx, rh_error *err)
{
    const lite_call *session = ctx;

    return rh_lite_exec(session->db, "COMMIT; BEGIN IMMEDIATE", err);
}

rh_status rh_lite_call_prepare(void *ctx, const char *sql, void **out, rh_error *err)
{
    lite_call *session = ctx;
    lite_statement *statement = rh_mem_zalloc(sizeof *statement);
    rh_status status;

    if (statement == NULL)
        return rh_error_oom(err);
    statement->session = session;
    status = rh_lite_prepare(session->db, sql, &statement->stmt, err);
    if (status == RH_OK)
        *out = statement;
    else
        rh_mem_free(statement);
    return status;
}

void rh_lite_call_statement_free(void *ctx)
{
    lite_statement *statement = ctx;

    if (statement == NULL)
        return;
    sqlite3_finalize(statement->stmt);
    rh_mem_free(statement);
}

const char *rh_lite_call_column(const void *ctx, size_t at)
{
    const lite_statement *statement = ctx;

    return at < (size_t)sqlite3_column_count(statement->stmt)
               ? sqlite3_column_name(statement->stmt, (int)at)
               : NULL;
}

/* Values live as long as the run: nothing is copied. */
static rh_status bind(sqlite3_stmt *stmt, const rh_call_run *run, rh_error *err)
{
    int rc = SQLITE_OK;

    for (size_t i = 0; rc == SQLITE_OK && i < run->parameter_count; i++) {
        const rh_parameter *p = &run->parameters[i];
        int at = p->name == NULL ? (int)i + 1 : sqlite3_bind_parameter_index(stmt, p->name);

        if (p->kind == RH_PARAMETER_INTEGER)
            rc = sqlite3_bind_int64(stmt, at, p->integer);
        else if (p->kind == RH_PARAMETER_REAL)
            rc = sqlite3_bind_double(stmt, at, p->real);
        else if (p->kind == RH_PARAMETER_TEXT)
            rc = sqlite3_bind_text64(stmt, at, p->data, p->len, SQLITE_STATIC, SQLITE_UTF8);
        else if (p->kind == RH_PARAMETER_BLOB)
            rc = sqlite3_bind_blob64(stmt, at, p->data, p->len, SQLITE_STATIC);
        else
            rc = sqlite3_bind_null(stmt, at);
    }
    return rc == SQLITE_OK ? RH_OK : rh_lite_fail(sqlite3_db_handle(stmt), rc, err);
}

static rh_status hand_over(sqlite3_stmt *stmt, const rh_call_run *run, rh_error *err)
{
    rh_parameter values[MAX_COLUMNS];
    int count = sqlite3_column_count(stmt);

    if (count > MAX_COLUMNS)
        return rh_error_set(err, RH_ELIMIT, "a result has more than %d columns", (int)MAX_COLUMNS);
    for (int i = 0; i < count; i++) {
        rh_parameter *v = &values[i];

        *v = (rh_parameter){.kind = RH_PARAMETER_NULL};
        switch (sqlite3_column_type(stmt, i)) {
        case SQLITE_INTEGER:
            v->kind = RH_PARAMETER_INTEGER;
            v->integer = sqlite3_column_int64(stmt, i);
            break;
        case SQLITE_FLOAT:
            v->kind = RH_PARAMETER_REAL;
            v->real = sqlite3_column_double(stmt, i);
            break;
        case SQLITE_TEXT:
            v->kind = RH_PARAMETER_TEXT;
            v->data = sqlite3_column_text(stmt, i);
            v->len = (size_t)sqlite3_column_bytes(stmt, i);
            break;
        case SQLITE_BLOB:
            v->kind = RH_PARAMETER_BLOB;
            v->data = sqlite3_column_blob(stmt, i);
            v->len = (size_t)sqlite3_column_bytes(stmt, i);
            break;
        default:
            break;
        }
    }
    return run->row(run->ctx, values, (size_t)count, err);
}

/* All rows; status of the last step. */
static rh_status step_all(sqlite3_stmt *stmt, const rh_call_run *run, int64_t *rows, rh_error *err)
{
    for (;;) {
        int rc = sqlite3_step(stmt);
        rh_status status = RH_OK;

        if (rc == SQLITE_DONE)
            return RH_OK;
        if (rc != SQLITE_ROW)
            return rh_lite_fail(sqlite3_db_handle(stmt), rc, err);
        (*rows)++;
        if (run->row != NULL)
            status = hand_over(stmt, run, err);
        if (status != RH_OK)
            return status == RH_DONE ? RH_OK : status;
    }
}

rh_status rh_lite_call_execute(void *ctx, const rh_call_run *run, rh_call_counters *counters,
                               rh_error *err)
{
    lite_statement *statement = ctx;
    lite_call *session = statement->session;
    sqlite3_stmt *stmt = statement->stmt;
    rh_error detail = RH_ERROR_INIT;
    int64_t rows = 0, start = rh_clock_mono_us();
    int changes = sqlite3_total_changes(session->db);
    rh_status status = bind(stmt, run, err);

    if (status != RH_OK)
        return status;
    session->limited = run->max_steps > 0;
    session->steps_left = run->max_steps;
    session->ticks = 0;
    session->running = stmt;
    session->counters = counters;
    status = step_all(stmt, run, &rows, &detail);
    session->limited = false;
    counters->vm_steps += rh_lite_steps_take(stmt, session->ticks);
    take_counters(stmt, counters);
    session->running = NULL;
    (void)sqlite3_reset(stmt);
    (void)sqlite3_clear_bindings(stmt);
    counters->elapsed_us += rh_clock_mono_us() - start;
    counters->executions++;
    counters->rows_read = -1;
    counters->rows += sqlite3_column_count(stmt) > 0
                          ? rows
                          : (int64_t)(sqlite3_total_changes(session->db) - changes);
    if (status == RH_ECANCELED && !rh_cancel_requested(session->cancel))
        return RH_SKIPPED;
    if (status != RH_OK && err != NULL && err->code == RH_OK)
        *err = detail;
    return status;
}

rh_status rh_lite_call_explain(void *ctx, const char *sql, const rh_parameter *parameters,
                               size_t count_, json_t **out, rh_error *err)
{
    const lite_call *session = ctx;
    const rh_profile_statement statement = {
        .sql = sql, .parameters = parameters, .parameter_count = count_};

    return rh_lite_profile_explain(session->db, &statement, out, err);
}

rh_status rh_lite_call_statistics(void *ctx, json_t **out, rh_error *err)
{
    const lite_call *session = ctx;

    return rh_lite_read_statistics(session->db, out, err);
}
