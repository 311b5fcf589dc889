/*
 * VM steps and scanned rows beyond the 32 bits in which SQLite keeps them, in replays and profiles
 * (test_lite_call.c: in calls).
 */
/* mkdtemp(3) */
#define _XOPEN_SOURCE 700

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/fs.h"
#include "core/mem.h"
#include "core/profile_session.h"
#include "core/replay_engine.h"
#include "lite_conn.h"

#define ROUND (INT64_C(1) << 32)

static const char scan[] = "SELECT a FROM t WHERE a + 1 > 0";

static char dir[64];
static char *path;
static int (*handler)(void *);
static void *handler_ctx;
static bool long_runs;

void __real_sqlite3_progress_handler(sqlite3 *db, int steps, int (*look)(void *), void *ctx);
void __wrap_sqlite3_progress_handler(sqlite3 *db, int steps, int (*look)(void *), void *ctx);
int __real_sqlite3_step(sqlite3_stmt *stmt);
int __wrap_sqlite3_step(sqlite3_stmt *stmt);

void __wrap_sqlite3_progress_handler(sqlite3 *db, int steps, int (*look)(void *), void *ctx)
{
    handler = look;
    handler_ctx = ctx;
    __real_sqlite3_progress_handler(db, steps, look, ctx);
}

/* The first step of the scan ticks as if 2^32 more were taken. */
int __wrap_sqlite3_step(sqlite3_stmt *stmt)
{
    if (long_runs && handler != NULL && strcmp(sqlite3_sql(stmt), scan) == 0) {
        long_runs = false;
        for (int64_t i = 0; i < ROUND / 1000; i++)
            assert_int_equal(0, handler(handler_ctx));
    }
    return __real_sqlite3_step(stmt);
}

static int setup(void **state)
{
    sqlite3 *db = NULL;

    (void)state;
    memcpy(dir, "/tmp/rh-counter-XXXXXX", sizeof "/tmp/rh-counter-XXXXXX");
    assert_non_null(mkdtemp(dir));
    path = rh_fs_join(dir, "target.db");
    assert_int_equal(SQLITE_OK, sqlite3_open(path, &db));
    assert_int_equal(
        RH_OK, rh_lite_exec(db,
                            "CREATE TABLE t(a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL "
                            "SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO t SELECT i FROM n",
                            NULL));
    sqlite3_close(db);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rh_mem_free(path);
    assert_int_equal(RH_OK, rh_fs_remove_tree(dir, NULL));
    return 0;
}

static int64_t replayed_steps(void)
{
    const rh_replay_engine_options options = {.links = 1, .busy_us = 1000000};
    const char *const statements[] = {"SELECT 1", scan};
    const rh_replay_call call = {.statements = statements, .statement_count = 2};
    rh_replay_engine engine = {NULL, NULL};
    rh_replay_done done = {0};
    size_t count = 0;

    assert_int_equal(RH_OK, rh_replay_open(path, &options, &engine, NULL));
    assert_int_equal(RH_OK, engine.ops->open_link(engine.ctx, 0, NULL));
    engine.ops->start(engine.ctx, 0, &(const rh_replay_call *){&call}, 1);
    assert_int_equal(RH_OK, engine.ops->wait(engine.ctx, INT64_MAX, &done, 1, &count, NULL));
    assert_int_equal(RH_OK, done.status);
    assert_int_equal(5001, done.rows);
    engine.ops->close(engine.ctx);
    return done.steps;
}

static void replays_count_beyond_32_bits(void **state)
{
    int64_t plain = replayed_steps();

    (void)state;
    assert_true(plain > 20000 && plain < 100000);
    long_runs = true;
    assert_int_equal(plain + ROUND, replayed_steps());
    assert_false(long_runs);
}

static json_t *profiled(void)
{
    const rh_profile_options options = RH_PROFILE_OPTIONS_INIT;
    const rh_profile_statement statement = {.sql = scan, .execute = true};
    rh_profile_session *session = NULL;
    rh_profile_result result;
    json_t *steps;

    assert_int_equal(RH_OK, rh_profile_open(path, &options, &session, NULL));
    assert_int_equal(RH_OK, rh_profile_run(session, &statement, &result, NULL));
    assert_true(result.executed);
    steps = json_incref(json_object_get(result.plan, "steps"));
    rh_profile_result_done(&result);
    rh_profile_close(session);
    assert_non_null(steps);
    return steps;
}

static int64_t figure(const json_t *steps, const char *key)
{
    const json_t *value = json_object_get(steps, key);

    assert_true(json_is_integer(value));
    return json_integer_value(value);
}

static void profiles_count_beyond_32_bits(void **state)
{
    json_t *plain = profiled(), *long_one;

    (void)state;
    long_runs = true;
    long_one = profiled();
    assert_false(long_runs);
    assert_true(figure(plain, "vm_steps") > 20000 && figure(plain, "vm_steps") < 100000);
    assert_int_equal(figure(plain, "vm_steps") + ROUND, figure(long_one, "vm_steps"));
    assert_int_equal(4999, figure(plain, "full_scan_steps"));
    assert_int_equal(4999, figure(long_one, "full_scan_steps"));
    assert_int_equal(1, figure(long_one, "runs"));
    assert_int_equal(5000, figure(long_one, "rows"));
    json_decref(plain);
    json_decref(long_one);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(replays_count_beyond_32_bits, setup, teardown),
        cmocka_unit_test_setup_teardown(profiles_count_beyond_32_bits, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
