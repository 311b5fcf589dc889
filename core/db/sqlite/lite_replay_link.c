/*
 * One connection of a replay. Without keep_writes nothing reaches the file: pages stay in memory
 * (cache_spill is off), a commit hook turns every commit into a rollback whatever the SQL says, and
 * closing makes no checkpoint.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/str.h"
#include "lite_conn.h"
#include "lite_counter.h"
#include "lite_hash.h"
#include "lite_replay.h"

enum {
    FIRST_NAP_US = 100,
    LONGEST_NAP_US = 10000,
};

/* ---- callbacks ---- */

static int refuse_commit(void *ctx)
{
    (void)ctx;
    return 1;
}

static int on_progress(void *ctx)
{
    rh_lite_link *link = ctx;
    const rh_replay_engine_options *options = &link->replay->options;

    link->ticks++;
    if (atomic_load(&link->canceled))
        return 1;
    if (options->statement_steps > 0 && link->ticks * RH_LITE_TICK_STEPS > options->statement_steps)
        return 1;
    return options->statement_time_us > 0 &&
           rh_clock_mono_us() - link->done.start_us > options->statement_time_us;
}

static int on_busy(void *ctx, int times)
{
    rh_lite_link *link = ctx;
    int64_t nap_us = (int64_t)FIRST_NAP_US << (times < 7 ? times : 7);
    int64_t before = rh_clock_mono_us();

    if (atomic_load(&link->canceled) || link->lock_us >= link->lock_limit_us)
        return 0;
    (void)!rh_clock_sleep_us(nap_us < LONGEST_NAP_US ? nap_us : LONGEST_NAP_US, NULL, NULL);
    link->lock_us += rh_clock_mono_us() - before;
    return 1;
}

/* ---- opening ---- */

static void harden(rh_lite_link *link)
{
    sqlite3 *db = link->db;

    sqlite3_extended_result_codes(db, 1);
    sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0, NULL);
    sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_busy_handler(db, on_busy, link);
    sqlite3_progress_handler(db, RH_LITE_TICK_STEPS, on_progress, link);
    if (link->replay->options.keep_writes)
        return;
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_commit_hook(db, refuse_commit, NULL);
}

rh_status rh_lite_link_open(rh_lite_link *link, rh_error *err)
{
    const rh_replay_engine_options *options = &link->replay->options;
    int flags = options->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
    rh_error detail = RH_ERROR_INIT;
    rh_status status = RH_OK;
    int rc;

    rh_lite_close(link->db);
    link->db = NULL;
    rc = sqlite3_open_v2(link->replay->path, &link->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK) {
        status = rh_lite_fail(link->db, rc, &detail);
    } else {
        harden(link);
        if (!options->keep_writes)
            status = rh_lite_exec(link->db, "PRAGMA cache_spill=0", &detail);
        sqlite3_set_authorizer(link->db, rh_lite_replay_authorize, NULL);
    }
    if (status == RH_OK)
        return RH_OK;
    rh_lite_close(link->db);
    link->db = NULL;
    if (status == RH_ENOMEM)
        return rh_error_oom(err);
    return rh_error_set(err, RH_ECONNECT, "cannot open '%s': %s", link->replay->path, detail.text);
}

/* ---- one statement ---- */

static void fail(rh_lite_link *link, rh_status status, const char *text)
{
    if (link->done.status != RH_OK)
        return;
    link->done.status = status;
    (void)rh_str_copy(link->done.message, sizeof link->done.message, text);
}

/* SQLite's messages quote names and SQL, not values; a RAISE() may hold anything. */
static void fail_with(rh_lite_link *link, int rc)
{
    rh_error err = RH_ERROR_INIT;
    rh_status status = rh_lite_fail(link->db, rc, &err);

    if ((rc & 0xff) == SQLITE_CONSTRAINT)
        (void)snprintf(err.text, sizeof err.text, "%s",
                       rc == SQLITE_CONSTRAINT_TRIGGER ? "a trigger raised an error"
                                                       : sqlite3_errstr(rc));
    if (status == RH_ECANCELED && !atomic_load(&link->canceled)) {
        status = RH_ELIMIT;
        (void)snprintf(err.text, sizeof err.text, "the statement's time or steps were used up");
    }
    if (status != RH_ELIMIT && status != RH_EBUSY && status != RH_ECANCELED && status != RH_ENOMEM)
        status = RH_EDB;
    fail(link, status, err.text);
}

static int bind_value(sqlite3_stmt *stmt, int at, const rh_parameter *parameter)
{
    const void *data = parameter->len == 0 ? "" : parameter->data;

    switch (parameter->kind) {
    case RH_PARAMETER_NULL:
        return sqlite3_bind_null(stmt, at);
    case RH_PARAMETER_INTEGER:
        return sqlite3_bind_int64(stmt, at, parameter->integer);
    case RH_PARAMETER_REAL:
        return sqlite3_bind_double(stmt, at, parameter->real);
    case RH_PARAMETER_BLOB:
        return sqlite3_bind_blob64(stmt, at, data, parameter->len, SQLITE_STATIC);
    case RH_PARAMETER_TEXT:
        break;
    }
    return sqlite3_bind_text64(stmt, at, data, parameter->len, SQLITE_STATIC, SQLITE_UTF8);
}

static int bind_all(sqlite3_stmt *stmt, const rh_replay_call *call)
{
    int rc = SQLITE_OK;

    for (size_t i = 0; rc == SQLITE_OK && i < call->parameter_count; i++) {
        const char *name = call->parameters[i].name;
        int at = name == NULL ? (int)i + 1 : sqlite3_bind_parameter_index(stmt, name);

        rc = at > 0 ? bind_value(stmt, at, &call->parameters[i]) : SQLITE_RANGE;
    }
    return rc;
}

static void hash_row(rh_lite_link *link, sqlite3_stmt *stmt)
{
    rh_lite_hash_values(link->hasher, stmt);
    rh_u128_add(&link->done.hash, rh_row_hasher_end(link->hasher));
    link->done.rows++;
}

static void run_statement(rh_lite_link *link, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int rc = sqlite3_prepare_v2(link->db, sql, -1, &stmt, NULL);
    int64_t ticks = link->ticks;

    if (rc == SQLITE_OK && stmt != NULL)
        rc = bind_all(stmt, link->call);
    while (rc == SQLITE_OK && stmt != NULL && (rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        hash_row(link, stmt);
        rc = SQLITE_OK;
    }
    if (rc != SQLITE_OK && rc != SQLITE_DONE)
        fail_with(link, rc);
    else if (stmt != NULL && sqlite3_column_count(stmt) == 0 && !sqlite3_stmt_readonly(stmt))
        link->done.rows += sqlite3_changes(link->db);
    if (stmt != NULL)
        link->done.steps += rh_lite_steps_take(stmt, link->ticks - ticks);
    sqlite3_finalize(stmt);
}

/* Our own BEGIN and ROLLBACK: never counted, never stopped by a budget. */
static void run_ours(rh_lite_link *link, const char *sql)
{
    rh_error err = RH_ERROR_INIT;
    rh_status status;

    sqlite3_progress_handler(link->db, 0, NULL, NULL);
    status = rh_lite_exec(link->db, sql, &err);
    sqlite3_progress_handler(link->db, RH_LITE_TICK_STEPS, on_progress, link);
    if (status != RH_OK)
        fail(link, RH_EDB, err.text);
}

void rh_lite_link_run(rh_lite_link *link)
{
    const rh_replay_call *call = link->call;
    rh_error err = RH_ERROR_INIT;

    link->ticks = 0;
    link->lock_us = 0;
    link->lock_limit_us = link->replay->options.busy_us;
    if (call->reset && rh_lite_link_open(link, &err) != RH_OK)
        fail(link, RH_ECONNECT, err.text);
    if (link->db == NULL)
        fail(link, RH_ECONNECT, "the connection is closed");
    if (link->done.status == RH_OK && call->wrap)
        run_ours(link, "BEGIN");
    for (size_t i = 0; link->done.status == RH_OK && i < call->statement_count; i++)
        run_statement(link, call->statements[i]);
    link->done.end_us = rh_clock_mono_us();
    link->done.lock_us = link->lock_us;
    if (link->db == NULL)
        return;
    if ((call->wrap || call->end) && sqlite3_get_autocommit(link->db) == 0)
        run_ours(link, "ROLLBACK");
    link->done.in_transaction = sqlite3_get_autocommit(link->db) == 0;
}
