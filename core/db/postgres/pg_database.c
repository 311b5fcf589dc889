/*
 * Whole databases: names, creation, marks, removal.
 *
 * Names derived from a database's name are a function of it: where it has to be cut, the end is a
 * hash of all of it. So "<name>__rehearse_old_" finds the generations of that database only.
 */
#include <stdio.h>
#include <string.h>

#include "core/bytes.h"
#include "core/clock.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/sql_literal.h"
#include "core/sql_name.h"
#include "core/str.h"
#include "pg_sql.h"
#include "pg_statement.h"
#include "pg_target.h"

enum {
    HASH_HEX = 8,
    DROP_TRIES = 50,
    DROP_DELAY_US = 100000,
};

/* First key of our advisory locks; the second is the hash of the database's name. */
#define LOCK_CLASS "1919445096"

void rh_pg_name_derive(const char *database, const char *tag, const char *suffix,
                       char out[RH_PG_NAME_BYTES])
{
    size_t room = RH_PG_NAME_BYTES - 1 - strlen(tag) - strlen(suffix);
    char base[RH_PG_NAME_BYTES];
    uint8_t hash[RH_STORED_HASH_BYTES];
    char hex[2 * RH_STORED_HASH_BYTES + 1];

    if (strlen(database) <= room) {
        (void)rh_str_copy(base, sizeof base, database);
    } else {
        rh_hash_stored(database, strlen(database), hash);
        rh_hex_encode(hash, sizeof hash, hex);
        (void)rh_str_copy(base, room - HASH_HEX + 1, database);
        (void)snprintf(base + strlen(base), sizeof base - strlen(base), "%.8s", hex);
    }
    (void)snprintf(out, RH_PG_NAME_BYTES, "%s%s%s", base, tag, suffix);
}

/* ---- looking ---- */

static rh_status look_inside(const rh_pg_target *target, const char *name, bool *out_empty,
                             rh_error *err)
{
    rh_pg *pg = NULL;
    char *empty = NULL;
    rh_status status = rh_pg_open(target->info, name, target->options.cancel, &pg, err);

    if (status == RH_OK)
        status = rh_pg_query_text(pg, rh_pg_sql_database_empty, 0, NULL, &empty, err);
    if (status == RH_OK)
        *out_empty = rh_str_eq(empty, "t");
    rh_mem_free(empty);
    rh_pg_close(pg);
    return status;
}

rh_status rh_pg_existing_look(const rh_pg_target *target, const char *name, rh_pg_existing *out,
                              rh_error *err)
{
    const char *params[] = {name};
    rh_pg_existing found = {.exists = false};
    PGresult *result = NULL;
    rh_status status = rh_pg_query(target->admin, rh_pg_sql_database_look, 1, params, &result, err);

    if (status != RH_OK)
        return status;
    if (PQntuples(result) > 0) {
        found.exists = true;
        found.marked = rh_pg_true(result, 0, 1);
        found.owned = rh_pg_true(result, 0, 2);
        found.open = rh_pg_true(result, 0, 3);
        found.template_database = rh_pg_true(result, 0, 4);
        if (found.open && !found.marked)
            status = look_inside(target, name, &found.empty, err);
    }
    PQclear(result);
    if (status == RH_OK)
        *out = found;
    return status;
}

/* ---- creating ---- */

static const char *fact(const rh_pg_target *target, const char *key)
{
    return json_string_value(json_object_get(target->input->facts, key));
}

static rh_status append_option(rh_buf *sql, const char *keyword, const char *value, rh_error *err)
{
    rh_status status = RH_OK;

    if (value == NULL)
        return RH_OK;
    status = rh_buf_printf(sql, err, " %s ", keyword);
    if (status == RH_OK)
        status = rh_sql_literal_quote(RH_SQL_POSTGRES, value, strlen(value), sql, err);
    return status;
}

static rh_status append_locale(const rh_pg_target *target, rh_buf *sql, rh_error *err)
{
    const char *provider = fact(target, "provider");
    bool icu = rh_str_eq(provider, "i");
    bool builtin = rh_str_eq(provider, "b");
    const char *locale = fact(target, "icu_locale");
    rh_status status = append_option(sql, "ENCODING", fact(target, "encoding"), err);

    if (status == RH_OK)
        status = append_option(sql, "LC_COLLATE", fact(target, "collate"), err);
    if (status == RH_OK)
        status = append_option(sql, "LC_CTYPE", fact(target, "ctype"), err);
    if (status == RH_OK && target->admin->version >= 150000)
        status = append_option(sql, "LOCALE_PROVIDER",
                               icu       ? "icu"
                               : builtin ? "builtin"
                                         : "libc",
                               err);
    if (status == RH_OK && icu)
        status = append_option(sql, "ICU_LOCALE", locale, err);
    if (status == RH_OK && builtin)
        status = append_option(sql, "BUILTIN_LOCALE", locale, err);
    return status;
}

static rh_status with_name(rh_pg *pg, const char *before, const char *name, const char *after,
                           rh_error *err)
{
    rh_buf sql = RH_BUF_INIT;
    rh_status status = rh_buf_append_str(&sql, before, err);

    if (status == RH_OK)
        status = rh_sql_name_quote(name, &sql, err);
    if (status == RH_OK)
        status = rh_buf_append_str(&sql, after, err);
    if (status == RH_OK)
        status = rh_pg_exec(pg, rh_buf_cstr(&sql), err);
    rh_buf_done(&sql);
    return status;
}

/* A setting of the database where the role may make one, else its comment. */
static rh_status mark(const rh_pg_target *target, rh_error *err)
{
    const char *id = target->options.snapshot_id == NULL ? "" : target->options.snapshot_id;
    rh_buf setting = RH_BUF_INIT;
    rh_buf comment = RH_BUF_INIT;
    rh_error refused = RH_ERROR_INIT;
    rh_status status = rh_buf_append_str(&setting, " SET \"rehearse.staging\" = ", err);

    if (status == RH_OK)
        status = rh_sql_literal_quote(RH_SQL_POSTGRES, id[0] == '\0' ? "unnamed" : id,
                                      strlen(id[0] == '\0' ? "unnamed" : id), &setting, err);
    if (status == RH_OK)
        status = with_name(target->admin, "ALTER DATABASE ", target->staged, rh_buf_cstr(&setting),
                           &refused);
    if (status == RH_EPRIVILEGE) {
        char text[160];

        (void)snprintf(text, sizeof text, "rehearse.staging=%.100s", id);
        status = rh_buf_append_str(&comment, " IS ", err);
        if (status == RH_OK)
            status = rh_sql_literal_quote(RH_SQL_POSTGRES, text, strlen(text), &comment, err);
        if (status == RH_OK)
            status = with_name(target->admin, "COMMENT ON DATABASE ", target->staged,
                               rh_buf_cstr(&comment), err);
    } else if (status != RH_OK) {
        rh_error_set(err, status, "%s", refused.text);
    }
    rh_buf_done(&setting);
    rh_buf_done(&comment);
    return status;
}

static rh_status try_lock(const rh_pg_target *target, const char *name, bool *out_locked,
                          rh_error *err)
{
    const char *params[] = {name};
    char *locked = NULL;
    rh_status status = rh_pg_query_text(target->admin,
                                        "SELECT pg_catalog.pg_try_advisory_lock(" LOCK_CLASS
                                        ", pg_catalog.hashtext($1))",
                                        1, params, &locked, err);

    *out_locked = status == RH_OK && rh_str_eq(locked, "t");
    rh_mem_free(locked);
    return status;
}

rh_status rh_pg_database_create(rh_pg_target *target, rh_error *err)
{
    rh_buf options = RH_BUF_INIT;
    bool locked = false;
    rh_status status = try_lock(target, target->staged, &locked, err);

    if (status == RH_OK && !locked)
        status = rh_error_set(err, RH_EBUSY, "database '%s' is being built by another process",
                              target->staged);
    if (status == RH_OK)
        status = rh_buf_append_str(&options, " TEMPLATE template0", err);
    if (status == RH_OK)
        status = append_locale(target, &options, err);
    if (status == RH_OK)
        status = with_name(target->admin, "CREATE DATABASE ", target->staged, rh_buf_cstr(&options),
                           err);
    if (status == RH_OK)
        status = mark(target, err);
    else
        target->staged[0] = '\0'; /* there is nothing to drop */
    if (status != RH_OK)
        rh_error_where(err, "creating the database for '%s'", target->database);
    rh_buf_done(&options);
    return status;
}

/* ---- removing ---- */

/* A subscription keeps its database from being dropped; ours have no slot and no publisher. */
static void drop_subscriptions(const rh_pg_target *target, const char *name)
{
    rh_error ignored = RH_ERROR_INIT;
    PGresult *result = NULL;
    rh_pg *pg = NULL;

    if (rh_pg_open(target->info, name, NULL, &pg, &ignored) != RH_OK)
        return;
    if (rh_pg_query(pg,
                    "SELECT subname FROM pg_catalog.pg_subscription WHERE subdbid = (SELECT oid "
                    "FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())",
                    0, NULL, &result, &ignored) == RH_OK) {
        for (int i = 0; i < PQntuples(result); i++) {
            const char *subscription = PQgetvalue(result, i, 0);

            (void)!with_name(pg, "ALTER SUBSCRIPTION ", subscription, " DISABLE", NULL);
            (void)!with_name(pg, "ALTER SUBSCRIPTION ", subscription, " SET (slot_name = NONE)",
                             NULL);
            (void)!with_name(pg, "DROP SUBSCRIPTION ", subscription, "", NULL);
        }
    }
    PQclear(result);
    rh_pg_close(pg);
}

static void terminate(const rh_pg_target *target, const char *name)
{
    const char *params[] = {name};
    rh_error ignored = RH_ERROR_INIT;
    PGresult *result = NULL;

    if (rh_pg_query(target->admin,
                    "SELECT pg_catalog.pg_terminate_backend(pid) FROM "
                    "pg_catalog.pg_stat_activity WHERE datname = $1 AND pid <> "
                    "pg_catalog.pg_backend_pid()",
                    1, params, &result, &ignored) == RH_OK)
        PQclear(result);
}

rh_status rh_pg_database_drop(const rh_pg_target *target, const char *name, rh_error *err)
{
    rh_error last = RH_ERROR_INIT;
    rh_status status = RH_EBUSY;

    for (int i = 0; i < DROP_TRIES && status == RH_EBUSY; i++) {
        rh_error_clear(&last);
        terminate(target, name);
        status = with_name(target->admin, "DROP DATABASE IF EXISTS ", name, "", &last);
        if (status == RH_EBUSY) {
            drop_subscriptions(target, name);
            (void)!rh_clock_sleep_us(DROP_DELAY_US, NULL, NULL);
        }
    }
    if (status != RH_OK)
        rh_error_set(err, status, "database '%s' cannot be dropped: %s", name, last.text);
    return status;
}

rh_status rh_pg_database_drop_stale(const rh_pg_target *target, rh_error *err)
{
    char prefix[RH_PG_NAME_BYTES];
    const char *params[] = {prefix};
    PGresult *result = NULL;
    rh_status status;

    rh_pg_name_derive(target->database, "__rehearse_new_", "00000000", prefix);
    prefix[strlen(prefix) - 8] = '\0';
    status = rh_pg_query(
        target->admin,
        "SELECT datname FROM pg_catalog.pg_database WHERE pg_catalog.starts_with(datname, $1) "
        "AND pg_catalog.length(datname) = pg_catalog.length($1) + 8 "
        "AND pg_catalog.pg_has_role(datdba, 'USAGE')",
        1, params, &result, err);
    for (int i = 0; status == RH_OK && i < PQntuples(result); i++) {
        const char *name = PQgetvalue(result, i, 0);
        bool locked = false;

        status = try_lock(target, name, &locked, err);
        if (status != RH_OK || !locked) /* somebody is at work on it */
            continue;
        status = rh_pg_database_drop(target, name, err);
        if (status == RH_OK) {
            const char *unlock[] = {name};
            PGresult *done = NULL;
            status = rh_pg_query(target->admin,
                                 "SELECT pg_catalog.pg_advisory_unlock(" LOCK_CLASS
                                 ", pg_catalog.hashtext($1))",
                                 1, unlock, &done, err);
            PQclear(done);
        }
    }
    PQclear(result);
    return status;
}
