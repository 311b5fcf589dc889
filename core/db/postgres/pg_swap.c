/*
 * Swap: the staged database takes the name, the one that had it keeps waiting under another.
 *
 *   name: D                D__rehearse_old_<time>
 *   staged: D__rehearse_new_<hex>  ->  D
 *
 * Invariants
 * 1. Both renames happen in one transaction: there is no moment without a D, and a failure of
 *    whatever kind, a crash of the server included, leaves everything as it was. That is why D is
 *    never told to refuse connections: it would go on refusing them after a crash.
 * 2. The window is from the first termination to the end of that transaction. The server's own lock
 *    on D keeps clients from coming back meanwhile; they find the new D after it.
 * 3. What belongs to D itself (settings, rights, owner, connection limit) is on the new one before
 *    the window opens.
 */
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "pg_database_settings.h"
#include "pg_send.h"
#include "pg_sql.h"
#include "pg_statement.h"
#include "pg_target.h"

enum {
    SWAP_WAIT_US = 15000000,
    CLEAR_POLLS = 50,
    CLEAR_DELAY_US = 1000,
    LATE_COMER_MS = 10,
    MAX_SECONDS_AHEAD = 120,
};

static rh_status rename_to(rh_pg *pg, const char *from, const char *to, rh_error *err)
{
    rh_buf change = RH_BUF_INIT;
    rh_status status = rh_buf_append_str(&change, "RENAME TO ", err);

    if (status == RH_OK)
        status = rh_sql_name_quote(to, &change, err);
    if (status == RH_OK)
        status = rh_pg_alter_database(pg, from, rh_buf_cstr(&change), err);
    rh_buf_done(&change);
    return status;
}

/* ---- the window ---- */

/* Ask the sessions of a database to go, as far as the role may. */
static void send_home(rh_pg *pg, const char *name)
{
    const char *params[] = {name};
    PGresult *result = NULL;
    rh_error ignored = RH_ERROR_INIT;

    if (rh_pg_query(pg,
                    "SELECT pg_catalog.pg_terminate_backend(pid) FROM "
                    "pg_catalog.pg_stat_activity WHERE datname = $1 "
                    "AND pid <> pg_catalog.pg_backend_pid() "
                    "AND pg_catalog.pg_has_role(usesysid, 'USAGE')",
                    1, params, &result, &ignored) == RH_OK)
        PQclear(result);
}

static bool anybody_there(rh_pg *pg, const char *name)
{
    const char *params[] = {name};
    char *text = NULL;
    rh_error ignored = RH_ERROR_INIT;
    bool there = rh_pg_query_text(pg,
                                  "SELECT EXISTS (SELECT FROM pg_catalog.pg_stat_activity "
                                  "WHERE datname = $1 AND backend_type = 'client backend')",
                                  1, params, &text, &ignored) == RH_OK &&
                 rh_str_eq(text, "t");

    rh_mem_free(text);
    return there;
}

static void clear_out(rh_pg *pg, const char *name)
{
    send_home(pg, name);
    for (int i = 0; i < CLEAR_POLLS && anybody_there(pg, name); i++)
        (void)!rh_clock_sleep_us(CLEAR_DELAY_US, NULL, NULL);
}

/* Wait for the renaming, telling late comers to go meanwhile: the server looks again every 100 ms
 * for up to 5 s, while its lock on the database keeps any more from coming in. */
static rh_status await_renames(rh_pg *pg, rh_pg *side, const char *name, rh_error *err)
{
    int64_t rows = 0;

    while (PQisBusy(pg->conn)) {
        struct pollfd fd = {.fd = PQsocket(pg->conn), .events = POLLIN, .revents = 0};

        if (poll(&fd, 1, LATE_COMER_MS) == 0)
            send_home(side, name);
        else if (!PQconsumeInput(pg->conn))
            return rh_pg_fail(pg, NULL, err);
    }
    return rh_pg_drain(pg, &rows, err);
}

static rh_status append_rename(rh_buf *sql, const char *from, const char *to, rh_error *err)
{
    rh_status status = rh_buf_append_str(sql, "ALTER DATABASE ", err);

    if (status == RH_OK)
        status = rh_sql_name_quote(from, sql, err);
    if (status == RH_OK)
        status = rh_buf_append_str(sql, " RENAME TO ", err);
    if (status == RH_OK)
        status = rh_sql_name_quote(to, sql, err);
    if (status == RH_OK)
        status = rh_buf_append_str(sql, "; ", err);
    return status;
}

static rh_status rename_both(const rh_pg_target *target, rh_pg *side, const char *sql,
                             rh_error *err)
{
    rh_pg *pg = target->admin;
    rh_status status;

    clear_out(side, target->database);
    status = rh_pg_send(pg, sql, err);
    if (status != RH_OK)
        return status;
    status = await_renames(pg, side, target->database, err);
    if (status != RH_OK)
        rh_pg_exec_quietly(pg, "ROLLBACK");
    return status;
}

/* D steps aside to `old`, `fresh` becomes D. */
static rh_status exchange(const rh_pg_target *target, const char *old, const char *fresh,
                          int64_t *out_window_us, rh_error *err)
{
    int64_t give_up = rh_clock_mono_us() + SWAP_WAIT_US;
    int64_t start = 0;
    rh_error last = RH_ERROR_INIT;
    rh_buf sql = RH_BUF_INIT;
    rh_pg *side = NULL;
    rh_status status = rh_buf_append_str(&sql, "BEGIN; ", err);

    if (status == RH_OK)
        status = append_rename(&sql, target->database, old, err);
    if (status == RH_OK)
        status = append_rename(&sql, fresh, target->database, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, "COMMIT", err);
    if (status == RH_OK)
        status = rh_pg_open(target->info, PQdb(target->admin->conn), NULL, &side, err);
    if (status != RH_OK)
        goto out;
    clear_out(side, fresh); /* before the window: nobody else knows it */
    start = rh_clock_mono_us();
    do {
        rh_error_clear(&last);
        status = rename_both(target, side, rh_buf_cstr(&sql), &last);
    } while (status == RH_EBUSY && rh_clock_mono_us() < give_up);
    if (status == RH_OK)
        *out_window_us = rh_clock_mono_us() - start;
    else
        rh_error_set(err, status, "databases '%s' and '%s' cannot change places: %s",
                     target->database, fresh, last.text);
out:
    rh_pg_close(side);
    rh_buf_done(&sql);
    return status;
}

/* ---- generations ---- */

static rh_status list_old(const rh_pg_target *target, PGresult **out, rh_error *err)
{
    char prefix[RH_PG_NAME_BYTES];
    const char *params[] = {prefix};
    static const char sample[] = "20000101T000000Z";

    rh_pg_name_derive(target->database, "__rehearse_old_", sample, prefix);
    prefix[strlen(prefix) - (sizeof sample - 1)] = '\0';
    return rh_pg_query(target->admin,
                       "SELECT datname FROM pg_catalog.pg_database "
                       "WHERE pg_catalog.starts_with(datname, $1) "
                       "AND pg_catalog.length(datname) = pg_catalog.length($1) + 16 "
                       "ORDER BY datname DESC",
                       1, params, out, err);
}

static void drop_older(const rh_pg_target *target, const char *keep)
{
    PGresult *result = NULL;
    rh_error ignored = RH_ERROR_INIT;

    if (list_old(target, &result, &ignored) != RH_OK)
        return;
    for (int i = 0; i < PQntuples(result); i++) {
        if (strcmp(PQgetvalue(result, i, 0), keep) != 0)
            (void)!rh_pg_database_drop(target, PQgetvalue(result, i, 0), &ignored);
    }
    PQclear(result);
}

static rh_status answer(bool swapped, const char *old, int64_t window_us, json_t *not_copied,
                        json_t **out, rh_error *err)
{
    json_t *object = json_pack("{s:b, s:s?, s:I, s:O}", "swapped", swapped, "old", old, "window_us",
                               (json_int_t)window_us, "not_copied", not_copied);

    if (object == NULL)
        return rh_error_oom(err);
    *out = object;
    return RH_OK;
}

/* Later than any that exists, also when two swaps fall into one second. */
static rh_status name_old(const rh_pg_target *target, char out[RH_PG_NAME_BYTES], rh_error *err)
{
    PGresult *result = NULL;
    char now[RH_CLOCK_TEXT_BYTES];
    int64_t time = rh_clock_wall_us();
    rh_status status = list_old(target, &result, err);

    if (status != RH_OK)
        return status;
    for (int i = 0; i < MAX_SECONDS_AHEAD; i++, time += 1000000) {
        rh_pg_name_derive(target->database, "__rehearse_old_", rh_clock_format_compact(time, now),
                          out);
        if (PQntuples(result) == 0 || strcmp(PQgetvalue(result, 0, 0), out) < 0)
            break;
    }
    PQclear(result);
    return RH_OK;
}

rh_status rh_pg_target_commit(void *handle, json_t **out, rh_error *err)
{
    rh_pg_target *target = handle;
    rh_pg_existing found = {.exists = false};
    char old[RH_PG_NAME_BYTES] = "";
    json_t *not_copied = json_array();
    int64_t window_us = 0;
    rh_status status = RH_OK;

    if (not_copied == NULL)
        return rh_error_oom(err);
    status = rh_pg_existing_look(target, target->database, &found, err);
    if (status == RH_OK && found.exists && !found.empty &&
        (!target->options.swap || (!found.marked && !target->options.allow_unmarked)))
        status =
            rh_error_set(err, RH_EEXISTS, "database '%s' appeared meanwhile", target->database);
    if (status == RH_OK && found.exists) {
        status = name_old(target, old, err);
        if (status == RH_OK)
            status = rh_pg_copy_database_settings(target, target->database, target->staged,
                                                  not_copied, err);
        if (status == RH_OK)
            status = exchange(target, old, target->staged, &window_us, err);
    } else if (status == RH_OK) {
        clear_out(target->admin, target->staged);
        status = rename_to(target->admin, target->staged, target->database, err);
    }
    if (status == RH_OK) {
        target->staged[0] = '\0'; /* ours no longer */
        if (found.exists)
            drop_older(target, old);
        status = answer(found.exists, found.exists ? old : NULL, window_us, not_copied, out, err);
    }
    json_decref(not_copied);
    return status;
}

/* ---- back ---- */

static rh_status find_generation(const rh_pg_target *target, char out[RH_PG_NAME_BYTES],
                                 rh_error *err)
{
    PGresult *result = NULL;
    rh_status status = list_old(target, &result, err);

    if (status == RH_OK && PQntuples(result) == 0) {
        rh_error_set(err, RH_ENOTFOUND, "no earlier database of '%s' is kept", target->database);
        rh_error_hint(err, "only a swap keeps the database that it replaced");
        status = RH_ENOTFOUND;
    }
    if (status == RH_OK)
        (void)rh_str_copy(out, RH_PG_NAME_BYTES, PQgetvalue(result, 0, 0));
    PQclear(result);
    return status;
}

rh_status rh_pg_target_rollback(const char *name, const rh_target_options *options, json_t **out,
                                rh_error *err)
{
    void *handle = NULL;
    rh_pg_target *target = NULL;
    rh_pg_existing found = {.exists = false};
    char generation[RH_PG_NAME_BYTES] = "";
    char old[RH_PG_NAME_BYTES] = "";
    json_t *nothing = json_array();
    int64_t window_us = 0;
    rh_status status = rh_pg_target_open(name, options, &handle, err);

    target = handle;
    if (status == RH_OK && nothing == NULL)
        status = rh_error_oom(err);
    if (status == RH_OK)
        status = find_generation(target, generation, err);
    if (status == RH_OK)
        status = rh_pg_existing_look(target, target->database, &found, err);
    if (status == RH_OK && found.exists && !found.marked && !options->allow_unmarked) {
        rh_error_set(err, RH_EEXISTS, "database '%s' is not marked as staging", target->database);
        status = RH_EEXISTS;
    }
    if (status == RH_OK && found.exists) {
        status = name_old(target, old, err);
        if (status == RH_OK)
            status = exchange(target, old, generation, &window_us, err);
    } else if (status == RH_OK) {
        status = rename_to(target->admin, generation, target->database, err);
    }
    if (status == RH_OK)
        status = answer(true, found.exists ? old : NULL, window_us, nothing, out, err);
    json_decref(nothing);
    rh_pg_target_free(target);
    return status;
}
