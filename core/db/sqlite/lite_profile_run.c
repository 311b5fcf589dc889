/*
 * One statement, counted.
 *
 *   [idle] -- BEGIN -> [in transaction] -- steps until the end, a limit or an interrupt -> ROLLBACK
 *   -> [idle]
 *
 * Invariants
 * 1. Exactly one statement is compiled; a transaction word among them is refused, so that ours
 * stays.
 * 2. ROLLBACK follows BEGIN on every path.
 * 3. Limits are looked at every RH_LITE_TICK_STEPS opcodes, so the step budget ends a statement at
 *    the same place on every machine.
 */
#include <limits.h>
#include <string.h>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/str.h"
#include "lite_counter.h"
#include "lite_hash.h"
#include "lite_profile.h"

/* ---- compiling ---- */

static const rh_parameter *find_value(const rh_profile_statement *statement, int position,
                                      const char *name)
{
    for (size_t i = 0; name != NULL && i < statement->parameter_count; i++) {
        const rh_parameter *parameter = &statement->parameters[i];

        /* a name is given with or without its first character */
        if (parameter->name != NULL &&
            (strcmp(parameter->name, name) == 0 || strcmp(parameter->name, name + 1) == 0))
            return parameter;
    }
    if (position >= 1 && (size_t)position <= statement->parameter_count &&
        statement->parameters[position - 1].name == NULL)
        return &statement->parameters[position - 1];
    return NULL;
}

bool rh_lite_profile_lacks_values(sqlite3_stmt *stmt, const rh_profile_statement *statement)
{
    for (int i = 1; i <= sqlite3_bind_parameter_count(stmt); i++)
        if (find_value(statement, i, sqlite3_bind_parameter_name(stmt, i)) == NULL)
            return true;
    return false;
}

static int bind_one(sqlite3_stmt *stmt, int position, const rh_parameter *parameter)
{
    switch (parameter->kind) {
    case RH_PARAMETER_INTEGER:
        return sqlite3_bind_int64(stmt, position, parameter->integer);
    case RH_PARAMETER_REAL:
        return sqlite3_bind_double(stmt, position, parameter->real);
    case RH_PARAMETER_TEXT:
        return sqlite3_bind_text64(stmt, position, parameter->data, parameter->len,
                                   SQLITE_TRANSIENT, SQLITE_UTF8);
    case RH_PARAMETER_BLOB:
        return sqlite3_bind_blob64(stmt, position, parameter->data, parameter->len,
                                   SQLITE_TRANSIENT);
    default:
        return sqlite3_bind_null(stmt, position);
    }
}

static rh_status bind_values(sqlite3_stmt *stmt, const rh_profile_statement *statement,
                             rh_error *err)
{
    for (int i = 1; i <= sqlite3_bind_parameter_count(stmt); i++) {
        const rh_parameter *value = find_value(statement, i, sqlite3_bind_parameter_name(stmt, i));
        int rc = value == NULL ? SQLITE_OK : bind_one(stmt, i, value);

        if (rc != SQLITE_OK)
            return rh_lite_fail(sqlite3_db_handle(stmt), rc, err);
    }
    return RH_OK;
}

rh_status rh_lite_profile_prepare(sqlite3 *db, const char *sql,
                                  const rh_profile_statement *statement, sqlite3_stmt **out,
                                  size_t *out_offset, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    const char *tail = NULL;
    int rc = sqlite3_prepare_v3(db, sql, -1, 0, &stmt, &tail);
    rh_status status;

    if (rc != SQLITE_OK) {
        int offset = sqlite3_error_offset(db);

        if (out_offset != NULL)
            *out_offset = offset < 0 ? RH_PROFILE_NO_OFFSET : (size_t)offset;
        return rh_lite_fail(db, rc, err);
    }
    if (stmt == NULL || tail[strspn(tail, " \t\r\n;")] != '\0') {
        sqlite3_finalize(stmt);
        return rh_error_set(err, RH_EUSAGE, "exactly one SQL statement was expected");
    }
    status = bind_values(stmt, statement, err);
    if (status == RH_OK)
        *out = stmt;
    else
        sqlite3_finalize(stmt);
    return status;
}

rh_status rh_lite_profile_explain(sqlite3 *db, const rh_profile_statement *statement, json_t **out,
                                  rh_error *err)
{
    rh_buf text = RH_BUF_INIT;
    sqlite3_stmt *stmt = NULL;
    json_t *rows = json_array();
    rh_status status = rows == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = rh_buf_printf(&text, err, "EXPLAIN QUERY PLAN %s", statement->sql);
    if (status == RH_OK)
        status = rh_lite_profile_prepare(db, rh_buf_cstr(&text), statement, &stmt, NULL, err);
    while (status == RH_OK && (status = rh_lite_step(stmt, err)) == RH_OK) {
        json_t *row = json_pack("{s:i, s:i, s:s?}", "id", sqlite3_column_int(stmt, 0), "parent",
                                sqlite3_column_int(stmt, 1), "detail",
                                (const char *)sqlite3_column_text(stmt, 3));

        if (json_array_append_new(rows, row) != 0)
            status = rh_error_oom(err);
    }
    sqlite3_finalize(stmt);
    rh_buf_done(&text);
    if (status != RH_DONE) {
        json_decref(rows);
        return status;
    }
    *out = rows;
    return RH_OK;
}

/* ---- running ---- */

/* All that begin again when they are taken, but for the steps. */
static const struct {
    const char *key;
    int which;
} counters[] = {
    {"full_scan_steps", SQLITE_STMTSTATUS_FULLSCAN_STEP},
    {"sorts", SQLITE_STMTSTATUS_SORT},
    {"auto_index_rows", SQLITE_STMTSTATUS_AUTOINDEX},
    {"filter_hits", SQLITE_STMTSTATUS_FILTER_HIT},
    {"filter_misses", SQLITE_STMTSTATUS_FILTER_MISS},
    {"runs", SQLITE_STMTSTATUS_RUN},
    {"reprepares", SQLITE_STMTSTATUS_REPREPARE},
};

enum { COUNTERS = sizeof counters / sizeof counters[0] };

typedef struct limits {
    const rh_profile_options *options;
    sqlite3_stmt *stmt;
    int64_t end_us; /* monotonic; 0 = none */
    int64_t ticks;
    int64_t taken[COUNTERS];
    const char *stopped;
    bool canceled;
} limits;

static void take_counters(limits *l)
{
    for (size_t i = 0; i < COUNTERS; i++)
        l->taken[i] += rh_lite_counter_take(l->stmt, counters[i].which);
}

static int look_at_limits(void *ctx)
{
    limits *l = ctx;

    if (rh_lite_counter_is_due(++l->ticks))
        take_counters(l);
    if (rh_cancel_requested(l->options->cancel))
        l->canceled = true;
    else if (l->options->max_steps > 0 && l->ticks * RH_LITE_TICK_STEPS >= l->options->max_steps)
        l->stopped = "steps";
    else if (l->end_us > 0 && rh_clock_mono_us() >= l->end_us)
        l->stopped = "timeout";
    return l->canceled || l->stopped != NULL;
}

static int cache_figure(sqlite3 *db, int which)
{
    int now = 0;
    int highest = 0;

    (void)sqlite3_db_status(db, which, &now, &highest, 1);
    return now;
}

static json_t *count_steps(limits *l, int64_t rows)
{
    sqlite3 *db = sqlite3_db_handle(l->stmt);
    json_t *steps = json_pack(
        "{s:I, s:i, s:I, s:i, s:i}", "vm_steps", (json_int_t)rh_lite_steps_take(l->stmt, l->ticks),
        "memory_bytes", sqlite3_stmt_status(l->stmt, SQLITE_STMTSTATUS_MEMUSED, 0), "rows",
        (json_int_t)rows, "cache_hits", cache_figure(db, SQLITE_DBSTATUS_CACHE_HIT), "cache_misses",
        cache_figure(db, SQLITE_DBSTATUS_CACHE_MISS));

    take_counters(l);
    for (size_t i = 0; steps != NULL && i < COUNTERS; i++) {
        if (json_object_set_new(steps, counters[i].key, json_integer(l->taken[i])) != 0) {
            json_decref(steps);
            return NULL;
        }
    }
    return steps;
}

/* The row's number goes in as well: the sum then knows their order. */
static void hash_row(const rh_lite_profile *profile, sqlite3_stmt *stmt, int64_t row,
                     rh_u128 *io_hash)
{
    uint8_t head[8];

    rh_put_u64(head, (uint64_t)row);
    rh_row_hasher_add(profile->hasher, head, sizeof head);
    rh_lite_hash_values(profile->hasher, stmt);
    rh_u128_add(io_hash, rh_row_hasher_end(profile->hasher));
}

rh_status rh_lite_profile_execute(const rh_lite_profile *profile, sqlite3_stmt *stmt,
                                  json_t **out_steps, const char **out_stopped, rh_u128 *out_hash,
                                  rh_error *err)
{
    sqlite3 *db = sqlite3_db_handle(stmt);
    limits l = {.options = &profile->options, .stmt = stmt};
    rh_error local = RH_ERROR_INIT;
    int64_t rows = 0;
    rh_status status = RH_OK;

    if (profile->options.timeout_us > 0)
        l.end_us = rh_clock_mono_us() + profile->options.timeout_us;
    (void)cache_figure(db, SQLITE_DBSTATUS_CACHE_HIT);
    (void)cache_figure(db, SQLITE_DBSTATUS_CACHE_MISS);
    sqlite3_progress_handler(db, RH_LITE_TICK_STEPS, look_at_limits, &l);
    while ((status = rh_lite_step(stmt, &local)) == RH_OK) {
        if (out_hash != NULL)
            hash_row(profile, stmt, rows, out_hash);
        rows++;
    }
    sqlite3_progress_handler(db, 0, NULL, NULL);
    if (l.canceled)
        return rh_error_set(err, RH_ECANCELED, "interrupted");
    if (status != RH_DONE && l.stopped == NULL) {
        if (err != NULL)
            *err = local;
        return status;
    }
    *out_stopped = l.stopped;
    *out_steps = count_steps(&l, rows);
    return *out_steps == NULL ? rh_error_oom(err) : RH_OK;
}

static void roll_back(sqlite3 *db)
{
    if (!sqlite3_get_autocommit(db))
        (void)sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
}

static rh_status execute(const rh_lite_profile *profile, const rh_profile_statement *statement,
                         json_t *rows, json_t **out_steps, rh_profile_result *out, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    int64_t start = rh_clock_mono_us();
    rh_status status = rh_lite_profile_prepare(profile->db, statement->sql, statement, &stmt,
                                               &out->error_offset, err);

    if (status == RH_OK)
        status =
            rh_lite_profile_execute(profile, stmt, out_steps, &out->stopped, &out->rows_hash, err);
    if (status == RH_OK) {
        out->executed = true;
        out->elapsed_us = rh_clock_mono_us() - start;
        status = rh_lite_add_scanstatus(stmt, rows, err);
    }
    sqlite3_finalize(stmt);
    return status;
}

/* Compiled once more, to ask what it is and whether each parameter has a value. */
static rh_status look_at(const rh_lite_profile *profile, const rh_profile_statement *statement,
                         rh_profile_result *out, rh_error *err)
{
    sqlite3_stmt *stmt = NULL;
    rh_status status = rh_lite_profile_prepare(profile->db, statement->sql, statement, &stmt,
                                               &out->error_offset, err);

    if (status != RH_OK)
        return status;
    if (sqlite3_stmt_isexplain(stmt) != 0 || sqlite3_column_count(stmt) < 0)
        status = rh_error_set(err, RH_EUSAGE, "profile explains the statement by itself");
    out->generic = rh_lite_profile_lacks_values(stmt, statement);
    if (status == RH_OK && out->generic && statement->parameter_count > 0) {
        status = rh_error_set(err, RH_EUSAGE, "a parameter of the statement has no value");
        rh_error_hint(err, "give all of them, or none to see the plan only");
    }
    if (status == RH_OK && !profile->options.writes && !sqlite3_stmt_readonly(stmt)) {
        status = rh_error_set(err, RH_EUSAGE, "the statement writes");
    }
    sqlite3_finalize(stmt);
    return status;
}

rh_status rh_lite_profile_run(void *session, const rh_profile_statement *statement,
                              rh_profile_result *out, rh_error *err)
{
    const rh_lite_profile *profile = session;
    json_t *rows = NULL;
    json_t *steps = NULL;
    rh_status status =
        rh_lite_exec(profile->db, profile->options.writes ? "BEGIN IMMEDIATE" : "BEGIN", err);

    if (status != RH_OK)
        return status;
    status = rh_lite_counters_begin(profile->db, statement, err);
    if (status == RH_OK)
        status = look_at(profile, statement, out, err);
    if (status == RH_OK)
        status = rh_lite_profile_explain(profile->db, statement, &rows, err);
    if (status == RH_OK && statement->execute && !out->generic)
        status = execute(profile, statement, rows, &steps, out, err);
    roll_back(profile->db);
    rh_lite_counters_end(profile->db, statement);
    if (status == RH_OK) {
        out->plan = json_pack("{s:O, s:o?}", "rows", rows, "steps", steps);
        steps = NULL;
        if (out->plan == NULL)
            status = rh_error_oom(err);
    }
    json_decref(steps);
    json_decref(rows);
    return status;
}
