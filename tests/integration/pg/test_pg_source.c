/*
 * The source: what is missing is named before the copy starts, what goes wrong is named when it
 * does, and nothing is ever left out in silence.
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

static rh_source *open_source(const char *dbname, const char *more,
                              const rh_source_options *options)
{
    rh_error err = RH_ERROR_INIT;
    rh_source *source = NULL;
    char *name = pg_conninfo(dbname, more);

    pg_assert_ok(rh_source_open(name, options, &source, &err), &err);
    rh_mem_free(name);
    return source;
}

static const rh_table *find(rh_source *source, const char *name)
{
    const rh_catalog *catalog = NULL;
    const rh_table *table;

    assert_int_equal(rh_source_catalog(source, &catalog, NULL), RH_OK);
    table = rh_catalog_find(catalog, name);
    assert_non_null(table);
    return table;
}

/* ---- preflight ---- */

static void preflight_names_each_missing_right(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;
    rh_source *source;

    (void)state;
    pg_create("source_rights");
    pg_sql("source_rights",
           "DO $$ BEGIN IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'weak') THEN "
           "DROP OWNED BY weak; DROP ROLE weak; END IF; END $$;"
           "CREATE ROLE weak LOGIN;"
           "CREATE TABLE public.secret (id int); CREATE TABLE public.open (id serial);"
           "CREATE TABLE public.partly (a int, b int);"
           "CREATE SCHEMA hidden; CREATE TABLE hidden.inside (id int);"
           "CREATE TABLE public.filtered (id int); ALTER TABLE filtered ENABLE ROW LEVEL SECURITY;"
           "GRANT SELECT ON public.open, public.filtered, hidden.inside TO weak;"
           "GRANT SELECT (a) ON public.partly TO weak;"
           "SELECT lo_from_bytea(4711, 'x');");
    source = open_source("source_rights", "user=weak", &options);
    pg_assert_ok(rh_source_preflight(source, &problems, &err), &err);
    assert_true(pg_has_problem(&problems, true, "SELECT on table 'public.secret'"));
    assert_true(pg_has_problem(&problems, true, "SELECT on table 'public.partly'"));
    assert_true(pg_has_problem(&problems, true, "SELECT on sequence 'public.open_id_seq'"));
    assert_true(pg_has_problem(&problems, true, "USAGE on schema 'hidden'"));
    assert_true(pg_has_problem(&problems, true, "rows of table 'public.filtered'"));
    assert_true(pg_has_problem(&problems, true, "SELECT on large object 4711"));
    assert_false(pg_has_problem(&problems, true, "table 'public.open'"));
    assert_true(pg_has_problem(&problems, false, "not a superuser"));
    assert_int_equal(rh_problems_fatal(&problems), 6);
    rh_source_close(source);
    rh_problems_done(&problems);
    pg_drop("source_rights");
}

static void unknown_host_and_database_are_told_apart(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    rh_source *source = NULL;
    char *name = pg_conninfo("is not there", "password=geheim");

    (void)state;
    assert_int_equal(rh_source_open(name, &options, &source, &err), RH_ENOTFOUND);
    assert_non_null(strstr(err.text, "is not there"));
    rh_error_clear(&err);
    assert_int_equal(
        rh_source_open("host=/nowhere password=geheim user=x dbname=y", &options, &source, &err),
        RH_ECONNECT);
    assert_null(strstr(err.text, "geheim"));
    rh_error_clear(&err);
    assert_int_equal(rh_source_open("host = 'geheim", &options, &source, &err), RH_EUSAGE);
    assert_null(strstr(err.text, "geheim"));
    rh_mem_free(name);
}

/* A role that reads everything but is no superuser; statistics then come from the view. */
static void reader_without_superuser_copies_all(void **state)
{
    rh_source_options take = RH_SOURCE_OPTIONS_INIT;
    rh_target_options put = RH_TARGET_OPTIONS_INIT;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;
    pg_held held = {NULL, NULL, NULL, NULL, NULL, 0};
    json_t *commit = NULL;
    char *source = pg_conninfo("source_reader", "user=reader");
    char *target = pg_conninfo("source_reader_copy", "");

    (void)state;
    pg_create("source_reader");
    pg_drop("source_reader_copy");
    pg_sql(
        "source_reader",
        "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reader') THEN "
        "CREATE ROLE reader LOGIN IN ROLE pg_read_all_data; END IF; END $$;"
        "REVOKE ALL ON pg_statistic FROM PUBLIC;"
        "CREATE TYPE mood AS ENUM ('a', 'b'); CREATE DOMAIN word AS varchar(20);"
        "CREATE TABLE t (id serial PRIMARY KEY, v varchar, w word, m mood, a int[], n numeric, "
        "r int4range, u uuid, c char(3), j jsonb, nm name, ts timestamptz, tv tsvector);"
        "INSERT INTO t (v, w, m, a, n, r, u, c, j, nm, ts, tv) SELECT 'v' || g % 7, 'w' || g % 5,"
        "CASE WHEN g % 2 = 0 THEN 'a' ELSE 'b' END::mood, ARRAY[g % 3, g % 4], g % 11, "
        "int4range(g, g + 5), md5((g % 9)::text)::uuid, 'c' || g % 5, jsonb_build_object('k', "
        "g % 3), 'n' || g % 4, timestamptz '2026-01-01' + g % 13 * interval '1 h', "
        "to_tsvector('simple', 'x y' || g % 5) FROM generate_series(1, 3000) g; ANALYZE t");
    take.jobs = 2;
    put.snapshot_id = "reader";
    pg_assert_ok(pg_take(source, &take, &problems, &held, &err), &err);
    pg_assert_ok(pg_put(target, &put, &held, false, &problems, &commit, &err), &err);
    pg_assert_same_dump("source_reader", "source_reader_copy", NULL);
    {
        static const char stats[] =
            "SELECT string_agg(s::text, E'\\n' ORDER BY attname) FROM pg_stats s "
            "WHERE schemaname = 'public'";
        char *a = pg_value("source_reader", stats);
        char *b = pg_value("source_reader_copy", stats);

        assert_non_null(a);
        assert_string_equal(a, b);
        rh_mem_free(a);
        rh_mem_free(b);
    }
    /* The operators, which the view does not show, are those that ANALYZE would choose. */
    {
        static const char operators[] =
            "SELECT string_agg(format('%s %s %s %s %s', staattnum, staop1::regoperator, "
            "staop2::regoperator, staop3::regoperator, staop4::regoperator), E'\\n' "
            "ORDER BY staattnum) FROM pg_statistic WHERE starelid = 'public.t'::regclass "
            "AND stakind1 < 6 AND stakind2 < 6";
        char *a = pg_value("source_reader", operators);
        char *b = pg_value("source_reader_copy", operators);

        assert_string_equal(a, b);
        rh_mem_free(a);
        rh_mem_free(b);
    }
    json_decref(commit);
    pg_held_done(&held);
    rh_problems_done(&problems);
    rh_mem_free(source);
    rh_mem_free(target);
    pg_drop("source_reader");
    pg_drop("source_reader_copy");
}

/* ---- locks ---- */

typedef struct holder {
    pthread_t thread;
    const char *sql;
    char *conninfo;
} holder;

static void *hold(void *ctx)
{
    holder *h = ctx;
    rh_error err = RH_ERROR_INIT;

    return pg_try(h->conninfo, h->sql, &err) == RH_OK ? NULL : ctx;
}

static void hold_start(holder *h, const char *dbname, const char *sql)
{
    h->conninfo = pg_conninfo(dbname, "");
    h->sql = sql;
    assert_int_equal(pthread_create(&h->thread, NULL, hold, h), 0);
    for (int i = 0; i < 200; i++) {
        char *held = pg_value(dbname, "SELECT count(*)::text FROM pg_locks l JOIN pg_database d ON "
                                      "d.oid = l.database WHERE granted AND mode = "
                                      "'AccessExclusiveLock' AND locktype = 'relation' "
                                      "AND datname = current_database()");
        bool yes = strcmp(held, "0") != 0;

        rh_mem_free(held);
        if (yes)
            return;
        assert_int_equal(rh_clock_sleep_us(10000, NULL, NULL), RH_OK);
    }
    fail_msg("the lock was never taken");
}

static void hold_end(holder *h)
{
    void *result = NULL;

    assert_int_equal(pthread_join(h->thread, &result), 0);
    assert_null(result);
    rh_mem_free(h->conninfo);
}

static void locked_table_is_named_when_time_is_up(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    rh_source *source;
    holder h;

    (void)state;
    pg_create("source_locked");
    pg_sql("source_locked", "CREATE TABLE free_one (id int); CREATE TABLE \"held; one\" (id int)");
    options.lock_timeout_us = 50000;
    options.lock_wait_us = 300000;
    source = open_source("source_locked", "", &options);
    hold_start(&h, "source_locked",
               "BEGIN; LOCK TABLE \"held; one\" IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(1.5); "
               "COMMIT");
    assert_int_equal(rh_source_begin(source, &err), RH_EBUSY);
    assert_non_null(strstr(err.text, "public.held; one"));
    assert_non_null(strstr(err.text, "process "));
    /* Between tries and after them nothing is held. */
    pg_assert_value("source_locked",
                    "SELECT count(*)::text FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
                    "WHERE application_name = 'rehearse' AND state <> 'active' "
                    "AND locktype = 'relation' AND datname = current_database()",
                    "0");
    hold_end(&h);
    rh_error_clear(&err);
    pg_assert_ok(rh_source_begin(source, &err), &err);
    rh_source_end(source);
    rh_source_close(source);
    pg_drop("source_locked");
}

/* DROP TABLE commits while begin() waits for its lock: the snapshot comes after, without it. */
static void table_dropped_before_its_lock_is_not_part_of_the_snapshot(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    const rh_catalog *catalog = NULL;
    rh_source *source;
    holder h;

    (void)state;
    pg_create("source_dropped");
    pg_sql("source_dropped", "CREATE TABLE stays (id int); CREATE TABLE goes (id int); "
                             "CREATE TABLE comes_back (old int)");
    options.lock_timeout_us = 2000000;
    source = open_source("source_dropped", "", &options);
    hold_start(&h, "source_dropped",
               "BEGIN; DROP TABLE goes; DROP TABLE comes_back; CREATE TABLE comes_back (new int); "
               "SELECT pg_sleep(0.7); COMMIT");
    pg_assert_ok(rh_source_begin(source, &err), &err);
    pg_assert_ok(rh_source_catalog(source, &catalog, &err), &err);
    assert_int_equal(catalog->table_count, 2);
    assert_null(rh_catalog_find(catalog, "public.goes"));
    assert_string_equal(find(source, "public.comes_back")->columns[0].name, "new");
    hold_end(&h);
    rh_source_end(source);
    rh_source_close(source);
    pg_drop("source_dropped");
}

static void nobody_changes_a_table_under_the_snapshot(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    rh_source *source;
    char *conninfo = pg_conninfo("source_guarded", "options='-c lock_timeout=100'");

    (void)state;
    pg_create("source_guarded");
    pg_sql("source_guarded", "CREATE TABLE t (id int)");
    source = open_source("source_guarded", "", &options);
    pg_assert_ok(rh_source_begin(source, &err), &err);
    assert_int_equal(pg_try(conninfo, "SET lock_timeout = 100; ALTER TABLE t ADD x int", &err),
                     RH_EBUSY);
    rh_source_end(source);
    rh_error_clear(&err);
    pg_assert_ok(pg_try(conninfo, "ALTER TABLE t ADD x int", &err), &err);
    rh_source_close(source);
    rh_mem_free(conninfo);
    pg_drop("source_guarded");
}

/* ---- reading ---- */

typedef struct counter {
    const char *dbname; /* kill every session of it that is at work, once */
    rh_cancel *cancel;  /* or ask for the end */
    bool refuse;        /* or fail */
    int64_t rows;
} counter;

static rh_status count_rows(void *ctx, const rh_batch *batch, rh_error *err)
{
    counter *c = ctx;

    c->rows += (int64_t)batch->rows;
    if (c->dbname != NULL) {
        pg_sql(c->dbname, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = "
                          "current_database() AND application_name = 'rehearse' "
                          "AND query LIKE '%COPY %' AND pid <> pg_backend_pid()");
        c->dbname = NULL;
    }
    if (c->cancel != NULL)
        rh_cancel_request(c->cancel);
    if (c->refuse)
        return rh_error_set(err, RH_EIO, "the disk is full");
    return RH_OK;
}

static rh_status read_one(const rh_source_options *options, const char *name, counter *c,
                          rh_error *err)
{
    rh_source *source = open_source("source_rows", "", options);
    rh_session *session = NULL;
    rh_row_sink sink = {count_rows, c};
    rh_status status;

    pg_assert_ok(rh_source_begin(source, err), err);
    pg_assert_ok(rh_session_open(source, &session, err), err);
    status = rh_session_rows(session, find(source, name), find(source, name)->ranges, &sink, err);
    rh_session_close(session);
    rh_source_end(source);
    rh_source_close(source);
    return status;
}

static void make_rows(void)
{
    pg_create("source_rows");
    pg_sql("source_rows",
           "CREATE TABLE many (id int, t text); INSERT INTO many SELECT g, "
           "repeat('x', 300) FROM generate_series(1, 60000) g;"
           "CREATE TABLE wide (t text); INSERT INTO wide VALUES (repeat('y', 50000));"
           "CREATE TABLE slow (id int); INSERT INTO slow VALUES (1)");
}

static void faults_while_reading_fail_the_range_and_name_the_table(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    rh_cancel cancel = {0};
    counter c = {NULL, NULL, false, 0};

    (void)state;
    make_rows();
    pg_assert_ok(read_one(&options, "public.many", &c, &err), &err);
    assert_int_equal(c.rows, 60000);

    c = (counter){"source_rows", NULL, false, 0};
    assert_int_equal(read_one(&options, "public.many", &c, &err), RH_ECONNECT);
    assert_non_null(strstr(err.text, "public.many"));

    rh_error_clear(&err);
    c = (counter){NULL, NULL, true, 0};
    assert_int_equal(read_one(&options, "public.many", &c, &err), RH_EIO);
    assert_non_null(strstr(err.text, "the disk is full"));

    rh_error_clear(&err);
    c = (counter){NULL, &cancel, false, 0};
    options.cancel = &cancel;
    assert_int_equal(read_one(&options, "public.many", &c, &err), RH_ECANCELED);
    options.cancel = NULL;

    rh_error_clear(&err);
    c = (counter){NULL, NULL, false, 0};
    options.max_row_bytes = 40000;
    assert_int_equal(read_one(&options, "public.wide", &c, &err), RH_ELIMIT);
    assert_non_null(strstr(err.text, "public.wide"));
    assert_null(strstr(err.text, "yyy"));
    pg_assert_ok(read_one(&options, "public.many", &c, &err), &err);
    pg_drop("source_rows");
}

static void time_limit_of_a_range_is_kept(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    counter c = {NULL, NULL, false, 0};

    (void)state;
    pg_create("source_rows");
    /* A view cannot be read slowly by COPY of a table; a generated value is stored. Rows that are
     * many do it. */
    pg_sql("source_rows", "CREATE TABLE slow (id int, t text); INSERT INTO slow SELECT g, "
                          "repeat(md5(g::text), 40) FROM generate_series(1, 100000) g");
    options.range_timeout_us = 20000;
    assert_int_equal(read_one(&options, "public.slow", &c, &err), RH_ELIMIT);
    assert_non_null(strstr(err.text, "public.slow"));
    assert_non_null(strstr(err.hint, "time limit"));
    pg_drop("source_rows");
}

static void ranges_are_tid_range_scans_that_cover_all_rows(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    rh_source *source;
    rh_session *session = NULL;
    const rh_table *table;
    json_t *plan = NULL;
    counter c = {NULL, NULL, false, 0};
    rh_row_sink sink = {count_rows, &c};

    (void)state;
    pg_create("source_ranges");
    pg_sql("source_ranges",
           "CREATE TABLE big (id int, t text) WITH (fillfactor = 10); INSERT INTO big SELECT g, "
           "repeat('z', 400) FROM generate_series(1, 22000) g; DELETE FROM big WHERE id % 3 = 0; "
           "CREATE INDEX ON big (id)");
    source = open_source("source_ranges", "", &options);
    pg_assert_ok(rh_source_begin(source, &err), &err);
    table = find(source, "public.big");
    assert_int_equal(table->range_count, 6); /* 22,000 pages of 8 KiB by 4096 */
    assert_true(table->ranges[0].from == INT64_MIN);
    assert_int_equal(table->ranges[0].to, 4096);
    assert_int_equal(table->ranges[1].from, 4096);
    assert_true(table->ranges[5].to == INT64_MAX);
    pg_assert_ok(rh_session_open(source, &session, &err), &err);
    for (size_t i = 0; i < table->range_count; i++)
        pg_assert_ok(rh_session_rows(session, table, &table->ranges[i], &sink, &err), &err);
    assert_int_equal(c.rows, 14667);
    /* EXPLAIN sees the server's own settings, and an error in it leaves the session usable. */
    assert_int_equal(rh_session_explain(session, "SELECT nonsense", &plan, &err), RH_EDB);
    rh_error_clear(&err);
    pg_assert_ok(rh_session_explain(session, "SELECT * FROM public.big WHERE id = 5", &plan, &err),
                 &err);
    assert_true(json_is_array(plan));
    json_decref(plan);
    c.rows = 0;
    pg_assert_ok(rh_session_rows(session, table, &table->ranges[1], &sink, &err), &err);
    assert_true(c.rows > 0);
    /* One in the sink does not: the transaction is aborted with the rest of the rows. */
    c.refuse = true;
    assert_int_equal(rh_session_rows(session, table, &table->ranges[1], &sink, &err), RH_EIO);
    rh_error_clear(&err);
    c.refuse = false;
    assert_int_equal(rh_session_rows(session, table, &table->ranges[1], &sink, &err), RH_EDB);
    assert_string_equal(err.sqlstate, "25P02");
    rh_error_clear(&err);
    rh_session_close(session);
    rh_source_end(source);
    rh_source_close(source);
    pg_drop("source_ranges");
}

static void extension_tables_follow_its_condition(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    const rh_catalog *catalog = NULL;
    rh_source *source;
    rh_session *session = NULL;
    counter c = {NULL, NULL, false, 0};
    rh_row_sink sink = {count_rows, &c};

    (void)state;
    pg_create("source_extension");
    pg_sql("source_extension",
           "CREATE EXTENSION citext; CREATE TABLE conf (id int, own bool); "
           "CREATE TABLE internal (id int); INSERT INTO conf SELECT g, g > 7 FROM "
           "generate_series(1, 10) g; ALTER EXTENSION citext ADD TABLE conf; "
           "ALTER EXTENSION citext ADD TABLE internal; UPDATE pg_extension SET extconfig = "
           "ARRAY['conf'::regclass::oid], extcondition = ARRAY['WHERE own'] "
           "WHERE extname = 'citext'");
    source = open_source("source_extension", "", &options);
    pg_assert_ok(rh_source_begin(source, &err), &err);
    pg_assert_ok(rh_source_catalog(source, &catalog, &err), &err);
    assert_int_equal(catalog->table_count, 1);
    pg_assert_ok(rh_session_open(source, &session, &err), &err);
    pg_assert_ok(
        rh_session_rows(session, &catalog->tables[0], catalog->tables[0].ranges, &sink, &err),
        &err);
    assert_int_equal(c.rows, 3);
    rh_session_close(session);
    rh_source_close(source);
    pg_drop("source_extension");
}

/* ---- consistency ---- */

typedef struct writer {
    pthread_t thread;
    atomic_bool stop;
    char *conninfo;
    rh_status status;
} writer;

static void *move_money(void *ctx)
{
    writer *w = ctx;
    rh_error err = RH_ERROR_INIT;

    while (!atomic_load(&w->stop) && w->status == RH_OK)
        w->status = pg_try(
            w->conninfo,
            "DO $$ DECLARE a int; b int; BEGIN FOR i IN 1..50 LOOP "
            "a := (random() * 4999)::int; b := (random() * 4999)::int; "
            "UPDATE account SET amount = amount - 7 WHERE id = a; "
            "UPDATE account_2 SET amount = amount + 7 WHERE id = b; COMMIT; END LOOP; END $$",
            &err);
    return NULL;
}

static void sum_is_exact_while_money_moves(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    writer w = {.status = RH_OK};
    rh_problems problems = RH_PROBLEMS_INIT;

    (void)state;
    pg_create("source_load");
    pg_sql(
        "source_load",
        "CREATE TABLE account (id int PRIMARY KEY, amount bigint, filler text) "
        "WITH (fillfactor = 50); CREATE TABLE account_2 (LIKE account INCLUDING ALL); "
        "INSERT INTO account SELECT g, 1000, repeat('f', 200) FROM generate_series(0, 4999) g; "
        "INSERT INTO account_2 SELECT g, 1000, repeat('f', 200) FROM generate_series(0, 4999) g");
    w.conninfo = pg_conninfo("source_load", "");
    options.jobs = 2;
    assert_int_equal(pthread_create(&w.thread, NULL, move_money, &w), 0);
    for (int i = 0; i < 10; i++) {
        pg_held held = {NULL, NULL, NULL, NULL, NULL, 0};
        char *source = pg_conninfo("source_load", "");
        long long sum = 0;

        pg_assert_ok(pg_take(source, &options, &problems, &held, &err), &err);
        for (size_t t = 0; t < 2; t++) {
            const char *line = rh_buf_cstr(&held.rows[t]);

            assert_int_equal(held.counts[t], 5000);
            for (; *line != '\0'; line = strchr(line, '\n') + 1) {
                long long amount = 0;

                assert_int_equal(sscanf(strchr(line, '\t'), "%lld", &amount), 1);
                sum += amount;
            }
        }
        assert_int_equal(sum, 10000000);
        pg_held_done(&held);
        rh_mem_free(source);
    }
    atomic_store(&w.stop, true);
    assert_int_equal(pthread_join(w.thread, NULL), 0);
    assert_int_equal(w.status, RH_OK);
    rh_problems_done(&problems);
    rh_mem_free(w.conninfo);
    pg_drop("source_load");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(preflight_names_each_missing_right),
        cmocka_unit_test(unknown_host_and_database_are_told_apart),
        cmocka_unit_test(reader_without_superuser_copies_all),
        cmocka_unit_test(locked_table_is_named_when_time_is_up),
        cmocka_unit_test(table_dropped_before_its_lock_is_not_part_of_the_snapshot),
        cmocka_unit_test(nobody_changes_a_table_under_the_snapshot),
        cmocka_unit_test(faults_while_reading_fail_the_range_and_name_the_table),
        cmocka_unit_test(time_limit_of_a_range_is_kept),
        cmocka_unit_test(ranges_are_tid_range_scans_that_cover_all_rows),
        cmocka_unit_test(extension_tables_follow_its_condition),
        cmocka_unit_test(sum_is_exact_while_money_moves),
    };

    if (getenv("RH_TEST_PG") == NULL)
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
