/*
 * The target: built aside, moved into place, and what was there before survives every failure.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/mem.h"
#include "pg_copy.h"

#define LONG_NAME "Ü \"long\" name that fills all of the sixty-three bytes, äö..."

static pg_held held; /* a snapshot of target_source that most tests restore */

static int make_held(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;
    char *source = pg_conninfo("target_source", "");

    (void)state;
    pg_create("target_source");
    pg_sql("target_source",
           "CREATE TABLE t (id serial PRIMARY KEY, v text); INSERT INTO t (v) SELECT 'new' FROM "
           "generate_series(1, 500); CREATE TABLE child (id int REFERENCES t, w text); "
           "INSERT INTO child SELECT g, 'w' FROM generate_series(1, 100) g; ANALYZE");
    pg_assert_ok(pg_take(source, &options, &problems, &held, &err), &err);
    rh_problems_done(&problems);
    rh_mem_free(source);
    return 0;
}

static int drop_held(void **state)
{
    (void)state;
    pg_held_done(&held);
    pg_drop("target_source");
    return 0;
}

static rh_target_options defaults(void)
{
    rh_target_options options = RH_TARGET_OPTIONS_INIT;

    options.jobs = 2;
    options.snapshot_id = "s'1";
    return options;
}

static rh_status restore(const char *dbname, const char *more, const rh_target_options *options,
                         rh_problems *problems, json_t **out, rh_error *err)
{
    char *name = pg_conninfo(dbname, more);
    rh_status status = pg_put(name, options, &held, false, problems, out, err);

    rh_mem_free(name);
    return status;
}

/* Restore and expect the check to refuse with this text. */
static void assert_refused(const char *dbname, const rh_target_options *options, const char *part)
{
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;
    json_t *commit = NULL;

    assert_int_equal(restore(dbname, "", options, &problems, &commit, &err), RH_EUSAGE);
    if (!pg_has_problem(&problems, true, part))
        fail_msg("no problem says '%s'; the first: '%s'", part, problems.items[0].text);
    rh_problems_done(&problems);
}

/* Restore and expect success; the answer of commit is the caller's. */
static json_t *assert_restored(const char *dbname, const rh_target_options *options)
{
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;
    json_t *commit = NULL;
    rh_status status = restore(dbname, "", options, &problems, &commit, &err);

    if (status != RH_OK && rh_problems_fatal(&problems) > 0)
        fail_msg("check: %s", problems.items[0].text);
    pg_assert_ok(status, &err);
    rh_problems_done(&problems);
    return commit;
}

static void assert_no_leftover(const char *prefix)
{
    char *sql = rh_mem_printf("SELECT count(*)::text FROM pg_database WHERE datname LIKE "
                              "'%s%%\\_\\_rehearse\\_new\\_%%'",
                              prefix);

    pg_assert_value("postgres", sql, "0");
    rh_mem_free(sql);
}

static void existing_database_needs_swap_and_mark(void **state)
{
    rh_target_options options = defaults();

    (void)state;
    pg_create("target_old");
    pg_sql("target_old", "CREATE TABLE precious (id int); INSERT INTO precious VALUES (42)");
    assert_refused("target_old", &options, "database 'target_old' exists");
    options.swap = true;
    assert_refused("target_old", &options, "'target_old' is not marked as staging");
    pg_assert_value("target_old", "SELECT id::text FROM public.precious", "42");
    assert_refused("postgres", &options, "needed by the server");
    options.allow_unmarked = true;
    assert_refused("target_source", &options, "is the one that the snapshot was taken from");
    assert_no_leftover("target_");
    pg_drop("target_old");
}

static void empty_database_is_replaced_unasked(void **state)
{
    rh_target_options options = defaults();
    json_t *commit;

    (void)state;
    pg_create("target_empty");
    commit = assert_restored("target_empty", &options);
    assert_true(json_is_true(json_object_get(commit, "swapped")));
    json_decref(commit);
    pg_assert_value("target_empty", "SELECT count(*)::text FROM public.t", "500");
    pg_drop("target_empty");
}

static void swap_keeps_one_old_generation_and_rolls_back(void **state)
{
    rh_target_options options = defaults();
    rh_error err = RH_ERROR_INIT;
    static const char properties[] =
        "SELECT format('%s|%s|%s|%s', datdba::regrole, datconnlimit, datallowconn, "
        "(SELECT string_agg(format('%s=%s', setrole::regrole, u), ' ' ORDER BY setrole, u) "
        "FROM pg_db_role_setting, unnest(setconfig) u "
        "WHERE setdatabase = d.oid AND u !~ '^rehearse')) "
        "FROM pg_database d WHERE datname = 'target_swap'";
    char *name = pg_conninfo("target_swap", "");
    char *before;
    char *after;
    json_t *commit;

    (void)state;
    pg_create("target_swap");
    pg_sql("postgres",
           "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'swap owner') THEN "
           "CREATE ROLE \"swap owner\"; END IF; END $$;"
           "ALTER DATABASE target_swap SET search_path = '\"$user\"', 'a b', public;"
           "ALTER DATABASE target_swap SET work_mem = '7MB';"
           "ALTER DATABASE target_swap SET \"my.setting\" = 'it''s';"
           "ALTER ROLE \"swap owner\" IN DATABASE target_swap SET jit = off;"
           "REVOKE CONNECT ON DATABASE target_swap FROM PUBLIC;"
           "GRANT CREATE ON DATABASE target_swap TO \"swap owner\" WITH GRANT OPTION;"
           "ALTER DATABASE target_swap CONNECTION LIMIT 33;"
           "ALTER DATABASE target_swap OWNER TO \"swap owner\"");
    before = pg_value("postgres", properties);
    pg_sql("target_swap", "CREATE SCHEMA x; CREATE TABLE x.precious (id int)");
    options.swap = true;
    options.allow_unmarked = true;
    commit = assert_restored("target_swap", &options);
    assert_int_equal(json_array_size(json_object_get(commit, "not_copied")), 0);
    assert_true(json_integer_value(json_object_get(commit, "window_us")) < 5000000);
    json_decref(commit);
    pg_assert_value("target_swap", "SELECT count(*)::text FROM public.t", "500");
    after = pg_value("postgres", properties);
    assert_string_equal(before, after);
    rh_mem_free(before);
    rh_mem_free(after);
    pg_assert_value("postgres",
                    "SELECT format('%s %s', has_database_privilege('swap owner', 'target_swap', "
                    "'CREATE WITH GRANT OPTION'), EXISTS (SELECT FROM pg_database, "
                    "aclexplode(datacl) WHERE datname = 'target_swap' AND grantee = 0 "
                    "AND privilege_type = 'CONNECT'))",
                    "t f");

    /* Marked by now, so the next swap needs no permission; the first generation goes. */
    options.allow_unmarked = false;
    pg_sql("target_swap", "CREATE TABLE public.second (id int)");
    commit = assert_restored("target_swap", &options);
    json_decref(commit);
    pg_assert_value("postgres",
                    "SELECT count(*)::text FROM pg_database WHERE datname LIKE "
                    "'target\\_swap\\_\\_rehearse\\_old\\_%' AND datallowconn",
                    "1");
    pg_assert_value("target_swap", "SELECT to_regclass('public.second')::text", NULL);

    /* Back, and forth again. */
    pg_assert_ok(rh_target_rollback(name, &options, &commit, &err), &err);
    json_decref(commit);
    pg_assert_value("target_swap", "SELECT to_regclass('public.second')::text", "public.second");
    pg_assert_ok(rh_target_rollback(name, &options, &commit, &err), &err);
    json_decref(commit);
    pg_assert_value("target_swap", "SELECT to_regclass('public.second')::text", NULL);
    assert_no_leftover("target_swap");
    pg_drop("target_swap");
    assert_int_equal(rh_target_rollback(name, &options, &commit, &err), RH_ENOTFOUND);
    rh_mem_free(name);
}

static void failed_restore_leaves_no_trace(void **state)
{
    rh_target_options options = defaults();
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;
    json_t *commit = NULL;
    rh_buf saved = held.rows[1];

    (void)state;
    pg_drop("target_failed");
    /* A row that does not fit, whose value must not show up in the error. */
    rh_buf_init(&held.rows[1], 0);
    assert_int_equal(rh_buf_append_str(&held.rows[1], "1\tok\nsecret-value\tx\n", NULL), RH_OK);
    assert_int_equal(restore("target_failed", "", &options, &problems, &commit, &err), RH_EDB);
    assert_non_null(strstr(err.text, "public.t"));
    assert_non_null(strstr(err.text, "row 2"));
    assert_null(strstr(err.text, "secret-value"));
    rh_buf_done(&held.rows[1]);
    held.rows[1] = saved;
    assert_no_leftover("target_failed");

    rh_error_clear(&err);
    options.sql_after_load = "SELECT 1/0";
    assert_int_equal(restore("target_failed", "", &options, &problems, &commit, &err), RH_EDB);
    assert_non_null(strstr(err.text, "sql-after-load"));
    assert_no_leftover("target_failed");

    /* Without a commit, too. */
    options.sql_after_load = NULL;
    rh_error_clear(&err);
    pg_assert_ok(restore("target_failed", "", &options, &problems, NULL, &err), &err);
    assert_no_leftover("target_failed");
    pg_assert_value("postgres",
                    "SELECT count(*)::text FROM pg_database WHERE datname = 'target_failed'", "0");
    rh_problems_done(&problems);
}

static void leftover_of_a_killed_run_is_dropped_and_a_living_one_kept(void **state)
{
    rh_target_options options = defaults();
    rh_restore_input input = {held.facts, held.catalog, NULL, NULL};
    char *name = pg_conninfo("target_stale", "");
    rh_target *living = NULL;
    rh_error err = RH_ERROR_INIT;
    json_t *commit;

    (void)state;
    (void)input;
    pg_drop("target_stale");
    pg_sql("postgres", "CREATE DATABASE target_stale__rehearse_new_0123abcd");
    pg_sql("postgres", "CREATE DATABASE target_stale__rehearse_new_1111aaaa");
    pg_assert_ok(rh_target_open(name, &options, &living, &err), &err);
    pg_sql("postgres", "CREATE DATABASE target_stale2__rehearse_new_0123abcd");
    commit = assert_restored("target_stale", &options);
    json_decref(commit);
    assert_no_leftover("target\\_stale\\_\\_");
    pg_assert_value("postgres",
                    "SELECT count(*)::text FROM pg_database WHERE datname LIKE 'target\\_stale2%'",
                    "1");
    rh_target_free(living);
    pg_sql("postgres", "DROP DATABASE target_stale2__rehearse_new_0123abcd");
    pg_drop("target_stale");
    rh_mem_free(name);
}

static void names_of_63_bytes_are_built_swapped_and_rolled_back(void **state)
{
    rh_target_options options = defaults();
    rh_error err = RH_ERROR_INIT;
    char *name = pg_conninfo(LONG_NAME, "");
    json_t *commit;

    (void)state;
    assert_int_equal(strlen(LONG_NAME), 63);
    pg_drop(LONG_NAME);
    commit = assert_restored(LONG_NAME, &options);
    assert_true(json_is_false(json_object_get(commit, "swapped")));
    json_decref(commit);
    options.swap = true;
    json_decref(assert_restored(LONG_NAME, &options));
    pg_assert_ok(rh_target_rollback(name, &options, &commit, &err), &err);
    json_decref(commit);
    pg_assert_value(LONG_NAME, "SELECT count(*)::text FROM public.t", "500");
    rh_mem_free(name);
    pg_drop(LONG_NAME);
}

static void owners_rights_and_hooks_follow_the_options(void **state)
{
    rh_target_options options = defaults();
    rh_source_options take = RH_SOURCE_OPTIONS_INIT;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;
    char *source = pg_conninfo("target_roles", "");
    pg_held mine = held;
    json_t *commit;

    (void)state;
    pg_create("target_roles");
    pg_sql("target_roles",
           "DROP ROLE IF EXISTS \"gone role\"; CREATE ROLE \"gone role\"; CREATE TABLE owned (id "
           "int); ALTER TABLE owned OWNER TO \"gone role\"; CREATE TABLE granted (id int); "
           "GRANT SELECT ON granted TO \"gone role\"");
    pg_assert_ok(pg_take(source, &take, &problems, &held, &err), &err);
    pg_drop("target_roles");
    pg_sql("postgres", "DROP ROLE \"gone role\"");
    pg_drop("target_roles2");
    assert_refused("target_roles2", &options, "role 'gone role' does not exist");
    options.no_owner = true;
    assert_refused("target_roles2", &options, "role 'gone role' does not exist");
    options.no_privileges = true;
    options.sql_after_schema = "CREATE TABLE hook_1 (id int); INSERT INTO hook_1 VALUES (7)";
    options.sql_after_load = "CREATE TABLE hook_2 AS SELECT id + 1 AS id FROM hook_1";
    commit = assert_restored("target_roles2", &options);
    json_decref(commit);
    pg_assert_value("target_roles2", "SELECT id::text FROM public.hook_2", "8");
    pg_assert_value("target_roles2",
                    "SELECT (relowner = current_user::regrole)::text FROM pg_class "
                    "WHERE oid = 'public.owned'::regclass",
                    "true");
    pg_drop("target_roles2");
    pg_held_done(&held);
    held = mine;
    rh_problems_done(&problems);
    rh_mem_free(source);
}

/* CREATEDB is enough: mark by comment, fresh statistics. */
static void role_without_superuser_restores(void **state)
{
    rh_target_options options = defaults();
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;
    json_t *commit = NULL;

    (void)state;
    pg_drop("target_plain");
    pg_sql("postgres", "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = "
                       "'plain builder') THEN CREATE ROLE \"plain builder\" LOGIN CREATEDB; "
                       "CREATE ROLE \"no builder\" LOGIN; END IF; END $$");
    options.no_owner = true;
    options.no_privileges = true;
    options.swap = true;
    for (int i = 0; i < 2; i++) {
        pg_assert_ok(
            restore("target_plain", "user='plain builder'", &options, &problems, &commit, &err),
            &err);
        json_decref(commit);
        assert_true(pg_has_problem(&problems, false, "statistics are fresh ones"));
    }
    pg_assert_value("target_plain",
                    "SELECT (count(*) > 0)::text FROM pg_stats WHERE schemaname = 'public'",
                    "true");
    rh_problems_done(&problems);
    assert_int_equal(
        restore("target_other", "user='no builder'", &options, &problems, &commit, &err),
        RH_EUSAGE);
    assert_true(pg_has_problem(&problems, true, "may not create databases"));
    rh_problems_done(&problems);
    pg_drop("target_plain");
}

static void foreign_key_to_excluded_rows_is_not_valid(void **state)
{
    static const char *const exclude[] = {"public.t", NULL};
    rh_target_options options = defaults();
    rh_source_options take = RH_SOURCE_OPTIONS_INIT;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;
    char *source = pg_conninfo("target_source", "");
    pg_held mine = held;
    json_t *commit = NULL;

    (void)state;
    take.exclude = exclude;
    pg_assert_ok(pg_take(source, &take, &problems, &held, &err), &err);
    pg_drop("target_excluded");
    pg_assert_ok(restore("target_excluded", "", &options, &problems, &commit, &err), &err);
    json_decref(commit);
    assert_true(pg_has_problem(&problems, false, "foreign key 'child_id_fkey'"));
    pg_assert_value("target_excluded",
                    "SELECT format('%s %s %s', (SELECT count(*) FROM public.t), (SELECT count(*) "
                    "FROM public.child), (SELECT convalidated FROM pg_constraint "
                    "WHERE conname = 'child_id_fkey'))",
                    "0 100 f");
    pg_drop("target_excluded");
    pg_held_done(&held);
    held = mine;
    rh_problems_done(&problems);
    rh_mem_free(source);
}

static void what_acts_on_production_is_disabled(void **state)
{
    rh_target_options options = defaults();
    rh_source_options take = RH_SOURCE_OPTIONS_INIT;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;
    char *source = pg_conninfo("target_fangs", "");
    pg_held mine = held;
    json_t *commit = NULL;

    (void)state;
    pg_create("target_fangs");
    pg_sql("target_fangs",
           "CREATE EXTENSION postgres_fdw; CREATE SERVER remote FOREIGN DATA WRAPPER postgres_fdw "
           "OPTIONS (host 'prod.invalid'); CREATE USER MAPPING FOR PUBLIC SERVER remote OPTIONS "
           "(user 'u', password 'hunter2'); CREATE USER MAPPING FOR CURRENT_USER SERVER remote "
           "OPTIONS (password 'hunter3', password_required 'true'); "
           "CREATE FOREIGN TABLE far (id int) SERVER remote; "
           "CREATE MATERIALIZED VIEW near AS SELECT * FROM far WITH NO DATA; "
           "UPDATE pg_class SET relispopulated = true WHERE oid = 'near'::regclass; "
           "CREATE SUBSCRIPTION sub CONNECTION 'host=prod.invalid password=hunter4' "
           "PUBLICATION p WITH (connect = false, slot_name = 'live_slot'); "
           "CREATE SCHEMA cron; CREATE TABLE cron.job (jobid int, command text, active boolean); "
           "INSERT INTO cron.job VALUES (1, 'SELECT call_webhook()', true)");
    pg_assert_ok(pg_take(source, &take, &problems, &held, &err), &err);
    pg_drop("target_defanged");
    pg_assert_ok(restore("target_defanged", "", &options, &problems, &commit, &err), &err);
    json_decref(commit);
    assert_true(pg_has_problem(&problems, false, "subscription 'sub'"));
    assert_true(pg_has_problem(&problems, false, "option 'password' of foreign server 'remote'"));
    assert_true(pg_has_problem(&problems, false, "table 'cron.job'"));
    assert_true(pg_has_problem(&problems, false, "not refreshed"));
    pg_assert_value("target_defanged",
                    "SELECT format('%s|%s|%s|%s', subenabled, subslotname, subconninfo ~ 'prod', "
                    "(SELECT string_agg(umoptions::text, ' ' ORDER BY umuser) FROM "
                    "pg_user_mappings)) FROM pg_subscription JOIN pg_database d ON d.oid = subdbid "
                    "WHERE datname = current_database()",
                    "f||f|{user=u} {password_required=true}");
    pg_assert_value("target_defanged", "SELECT active::text FROM cron.job", "false");

    /* A database with a subscription can be replaced, and its generation dropped. */
    options.swap = true;
    for (int i = 0; i < 2; i++) {
        pg_assert_ok(restore("target_defanged", "", &options, &problems, &commit, &err), &err);
        json_decref(commit);
    }
    pg_assert_value("postgres",
                    "SELECT count(*)::text FROM pg_database WHERE datname LIKE "
                    "'target\\_defanged\\_\\_rehearse\\_old\\_%'",
                    "1");
    pg_held_done(&held);
    held = mine;
    rh_problems_done(&problems);
    rh_mem_free(source);
    pg_drop("target_fangs");
    pg_drop("target_defanged");
}

/* ---- swapping under clients ---- */

typedef struct client {
    pthread_t thread;
    atomic_bool stop;
    char *conninfo;
    int64_t longest_us; /* between two answers */
    int answers;
} client;

static void *ask(void *ctx)
{
    client *c = ctx;
    int64_t last = rh_clock_mono_us();

    while (!atomic_load(&c->stop)) {
        rh_error err = RH_ERROR_INIT;

        if (pg_try(c->conninfo, "SELECT count(*) FROM t", &err) != RH_OK)
            continue;
        if (rh_clock_mono_us() - last > c->longest_us)
            c->longest_us = rh_clock_mono_us() - last;
        last = rh_clock_mono_us();
        c->answers++;
    }
    return NULL;
}

static void swap_goes_through_while_clients_reconnect(void **state)
{
    rh_target_options options = defaults();
    client clients[3];
    json_t *commit;

    (void)state;
    pg_drop("target_busy");
    json_decref(assert_restored("target_busy", &options));
    for (size_t i = 0; i < 3; i++) {
        memset(&clients[i], 0, sizeof clients[i]);
        clients[i].conninfo = pg_conninfo("target_busy", "");
        assert_int_equal(pthread_create(&clients[i].thread, NULL, ask, &clients[i]), 0);
    }
    options.swap = true;
    for (int i = 0; i < 3; i++) {
        commit = assert_restored("target_busy", &options);
        assert_true(json_integer_value(json_object_get(commit, "window_us")) > 0);
        assert_true(json_integer_value(json_object_get(commit, "window_us")) < 2000000);
        json_decref(commit);
    }
    for (size_t i = 0; i < 3; i++) {
        atomic_store(&clients[i].stop, true);
        assert_int_equal(pthread_join(clients[i].thread, NULL), 0);
        assert_true(clients[i].answers > 0);
        rh_mem_free(clients[i].conninfo);
    }
    pg_drop("target_busy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(existing_database_needs_swap_and_mark),
        cmocka_unit_test(empty_database_is_replaced_unasked),
        cmocka_unit_test(swap_keeps_one_old_generation_and_rolls_back),
        cmocka_unit_test(failed_restore_leaves_no_trace),
        cmocka_unit_test(leftover_of_a_killed_run_is_dropped_and_a_living_one_kept),
        cmocka_unit_test(names_of_63_bytes_are_built_swapped_and_rolled_back),
        cmocka_unit_test(owners_rights_and_hooks_follow_the_options),
        cmocka_unit_test(role_without_superuser_restores),
        cmocka_unit_test(foreign_key_to_excluded_rows_is_not_valid),
        cmocka_unit_test(what_acts_on_production_is_disabled),
        cmocka_unit_test(swap_goes_through_while_clients_reconnect),
    };

    if (getenv("RH_TEST_PG") == NULL)
        return 77;
    return cmocka_run_group_tests(tests, make_held, drop_held);
}
