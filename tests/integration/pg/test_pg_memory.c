/*
 * Memory may end at any allocation of a copy: it fails as such, nothing leaks, nothing stays
 * behind, and what was there before is still there. (jansson keeps its own allocator here: its
 * reader does not survive the end of memory.)
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/call_session.h"
#include "core/mem.h"
#include "core/profile_session.h"
#include "core/replay_engine.h"
#include "fail_nth.h"
#include "pg_copy.h"

static rh_status drop_rows(void *ctx, const rh_batch *batch, rh_error *err)
{
    int64_t *rows = ctx;

    (void)err;
    *rows += (int64_t)batch->rows;
    return RH_OK;
}

static rh_status read_table(rh_source *source, const rh_table *table, rh_error *err)
{
    rh_session *session = NULL;
    int64_t rows = 0;
    rh_row_sink sink = {drop_rows, &rows};
    rh_status status = rh_session_open(source, &session, err);

    if (status == RH_OK)
        status = rh_session_rows(session, table, table->ranges, &sink, err);
    rh_session_close(session);
    return status;
}

/* All of the source but pg_dump, which is a process of its own. */
static rh_status source_body(void *ctx, rh_error *err)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_source *source = NULL;
    const rh_catalog *catalog = NULL;
    json_t *facts = NULL;
    json_t *plan = NULL;
    rh_session *session = NULL;
    rh_buf statistics = RH_BUF_INIT;
    rh_status status = rh_source_open(ctx, &options, &source, err);

    if (status == RH_OK)
        status = rh_source_begin(source, err);
    if (status == RH_OK)
        status = rh_source_catalog(source, &catalog, err);
    if (status == RH_OK)
        status = rh_source_facts(source, &facts, err);
    if (status == RH_OK)
        status = rh_source_section(source, "statistics", &statistics, err);
    for (size_t i = 0; status == RH_OK && i < catalog->table_count; i++)
        status = read_table(source, &catalog->tables[i], err);
    if (status == RH_OK)
        status = rh_session_open(source, &session, err);
    if (status == RH_OK)
        status = rh_session_explain(session, "SELECT 1", &plan, err);
    rh_session_close(session);
    json_decref(plan);
    json_decref(facts);
    rh_buf_done(&statistics);
    rh_source_end(source);
    rh_source_close(source);
    return status;
}

/* A prepared call with guessed types on the second of two links, rolled back. */
static rh_status replay_call(const rh_replay_engine *engine, rh_error *err)
{
    static const char *const statements[] = {"INSERT INTO p (v) SELECT $1 + $2"};
    static const rh_parameter parameters[] = {{.kind = RH_PARAMETER_TEXT, .data = "5", .len = 1},
                                              {.kind = RH_PARAMETER_TEXT, .data = "2.5", .len = 3}};
    const rh_replay_call call = {.statements = statements,
                                 .statement_count = 1,
                                 .parameters = parameters,
                                 .parameter_count = 2,
                                 .prepare = 7,
                                 .wrap = true,
                                 .guess_types = true};
    rh_replay_done done = {0};
    size_t count = 0;
    rh_status status;

    engine->ops->start(engine->ctx, 1, &(const rh_replay_call *){&call}, 1);
    status = engine->ops->wait(engine->ctx, INT64_MAX, &done, 1, &count, err);
    if (status == RH_OK && done.status == RH_ENOMEM)
        return rh_error_oom(err);
    if (status == RH_OK) {
        assert_int_equal(RH_OK, done.status);
        assert_int_equal(1, done.rows);
    }
    return status;
}

static rh_status replay_body(void *ctx, rh_error *err)
{
    const rh_replay_engine_options options = {.links = 2, .statement_time_us = 60000000};
    rh_replay_engine engine = {NULL, NULL};
    rh_replay_target target;
    rh_status status = rh_replay_look(ctx, NULL, &target, err);

    if (status == RH_OK)
        status = rh_replay_open(ctx, &options, &engine, err);
    for (size_t i = 0; status == RH_OK && i < options.links; i++)
        status = engine.ops->open_link(engine.ctx, i, err);
    if (status == RH_OK)
        status = replay_call(&engine, err);
    if (engine.ops != NULL)
        engine.ops->close(engine.ctx);
    return status;
}

/* A call on the tables themselves, and on copies of them. */
static rh_status call_twice(rh_call_session *session, rh_error *err)
{
    static const rh_parameter one = {.kind = RH_PARAMETER_TEXT, .data = "a", .len = 1};
    static const char sql[] = "SELECT id FROM p WHERE v = $1";
    const rh_call_run run = {.parameters = &one, .parameter_count = 1};
    rh_call_counters counters = {0};
    rh_call_statement *statement = NULL;
    json_t *plan = NULL;
    rh_status status = rh_call_prepare(session, sql, &statement, err);

    if (status == RH_OK)
        status = rh_call_execute(statement, &run, &counters, err);
    if (status == RH_OK)
        status = rh_call_explain(session, sql, &one, 1, &plan, err);
    if (status == RH_OK) {
        json_decref(plan);
        plan = NULL;
        status = rh_call_explain(session, sql, NULL, 0, &plan, err);
    }
    assert_true(status != RH_OK || json_is_array(plan));
    json_decref(plan);
    rh_call_statement_free(statement);
    return status;
}

static rh_status call_body(void *ctx, rh_error *err)
{
    static const char *const statements[] = {"SELECT id FROM p WHERE v = 'a'", NULL};
    rh_call_options options = RH_CALL_OPTIONS_INIT;
    rh_call_session *session = NULL;
    rh_status status;

    options.count_reads = true;
    status = rh_call_open(ctx, &options, &session, err);
    if (status == RH_OK)
        status = call_twice(session, err);
    rh_call_close(session);
    session = NULL;
    if (status == RH_OK)
        status = rh_call_open_copies(ctx, &options, statements, &session, err);
    if (status == RH_OK)
        status = rh_call_fill_copies(session, 2, err);
    if (status == RH_OK)
        status = call_twice(session, err);
    rh_call_close(session);
    return status;
}

static rh_status profile_body(void *ctx, rh_error *err)
{
    const rh_profile_options options = RH_PROFILE_OPTIONS_INIT;
    const rh_profile_statement statement = {.sql = "SELECT count(*) FROM p, c", .execute = true};
    const rh_profile_table table = {NULL, "p"};
    rh_profile_session *session = NULL;
    rh_profile_result result = {0};
    json_t *about = NULL;
    json_t *tables = NULL;
    json_t *values = NULL;
    rh_status status = rh_profile_open(ctx, &options, &session, err);

    if (status == RH_OK)
        status = rh_profile_about(session, &about, err);
    if (status == RH_OK)
        status = rh_profile_run(session, &statement, &result, err);
    if (status == RH_OK) {
        assert_true(result.executed && json_is_array(result.plan));
        status = rh_profile_tables(session, &table, 1, &tables, err);
    }
    if (status == RH_OK)
        status = rh_profile_values(session, &table, "v", &values, err);
    json_decref(about);
    json_decref(tables);
    json_decref(values);
    rh_profile_result_done(&result);
    rh_profile_close(session);
    return status;
}

static pg_held held;

static rh_status target_body(void *ctx, rh_error *err)
{
    rh_target_options options = RH_TARGET_OPTIONS_INIT;
    rh_problems problems = RH_PROBLEMS_INIT;
    json_t *commit = NULL;
    rh_status status;

    options.snapshot_id = "memory";
    options.swap = true;
    status = pg_put(ctx, &options, &held, false, &problems, &commit, err);
    json_decref(commit);
    rh_problems_done(&problems);
    return status;
}

/* As fail_nth(), but for what may do without: clearing up behind a swap, keeping a statement
 * prepared. It tries, and goes on. */
static long fail_each(rh_status (*body)(void *ctx, rh_error *err), char *target)
{
    for (long n = 0;; n++) {
        rh_error err = RH_ERROR_INIT;
        long live = rh_mem_live_blocks();

        rh_mem_fail_nth(n);
        rh_status status = body(target, &err);
        int failed = rh_mem_failed();
        rh_mem_fail_nth(-1);

        assert_int_equal(rh_mem_live_blocks(), live);
        if (status != RH_ENOMEM)
            pg_assert_ok(status, &err);
        if (!failed)
            return n;
    }
}

static void make_source(void)
{
    pg_create("memory_source");
    pg_sql("memory_source",
           "CREATE TABLE p (id serial PRIMARY KEY, v text); INSERT INTO p (v) VALUES ('a'), ('b'); "
           "CREATE TABLE c (id int REFERENCES p); INSERT INTO c VALUES (1); CREATE INDEX ON c (id);"
           "SELECT lo_from_bytea(11, 'x'); ANALYZE");
}

static void source_survives_the_end_of_memory(void **state)
{
    char *source = pg_conninfo("memory_source", "");

    (void)state;
    make_source();
    assert_true(fail_nth(source_body, source) > 50);
    pg_assert_value("postgres",
                    "SELECT count(*)::text FROM pg_stat_activity WHERE datname = 'memory_source'",
                    "0");
    rh_mem_free(source);
    pg_drop("memory_source");
}

static void replay_survives_the_end_of_memory(void **state)
{
    char *source = pg_conninfo("memory_source", "");

    (void)state;
    make_source();
    assert_true(fail_each(replay_body, source) > 10);
    pg_assert_value("memory_source", "SELECT count(*)::text FROM public.p", "2");
    rh_mem_free(source);
    pg_drop("memory_source");
}

static void calls_survive_the_end_of_memory(void **state)
{
    char *source = pg_conninfo("memory_source", "");

    (void)state;
    make_source();
    assert_true(fail_each(call_body, source) > 50);
    pg_assert_value("memory_source", "SELECT count(*)::text FROM public.p", "2");
    rh_mem_free(source);
    pg_drop("memory_source");
}

static void profiles_survive_the_end_of_memory(void **state)
{
    char *source = pg_conninfo("memory_source", "");

    (void)state;
    make_source();
    assert_true(fail_each(profile_body, source) > 30);
    rh_mem_free(source);
    pg_drop("memory_source");
}

static void target_survives_the_end_of_memory(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;
    const char *long_tests = getenv("RH_TEST_LONG");
    char *source;
    char *target;

    (void)state;
    if (long_tests == NULL || strcmp(long_tests, "1") != 0)
        skip();
    source = pg_conninfo("memory_source", "");
    target = pg_conninfo("memory_target", "");
    make_source();
    pg_assert_ok(pg_take(source, &options, &problems, &held, &err), &err);
    pg_create("memory_target");
    assert_true(fail_each(target_body, target) > 100);
    pg_assert_value("postgres",
                    "SELECT count(*)::text FROM pg_database WHERE datname LIKE "
                    "'memory\\_target\\_\\_rehearse\\_new%'",
                    "0");
    pg_assert_value("memory_target", "SELECT count(*)::text FROM public.p", "2");
    pg_held_done(&held);
    rh_problems_done(&problems);
    rh_mem_free(source);
    rh_mem_free(target);
    pg_drop("memory_source");
    pg_drop("memory_target");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(source_survives_the_end_of_memory),
        cmocka_unit_test(replay_survives_the_end_of_memory),
        cmocka_unit_test(calls_survive_the_end_of_memory),
        cmocka_unit_test(profiles_survive_the_end_of_memory),
        cmocka_unit_test(target_survives_the_end_of_memory),
    };

    if (getenv("RH_TEST_PG") == NULL)
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
