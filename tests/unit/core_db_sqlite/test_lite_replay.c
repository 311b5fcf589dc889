/*
 * The engine of a replay on SQLite: calls, rollback, and the end of memory.
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

#include "../../support/fail_nth.h"
#include "core/fs.h"
#include "core/hash.h"
#include "core/replay_engine.h"
#include "lite_conn.h"

static char dir[64];
static char *path;

static int setup(void **state)
{
    sqlite3 *db = NULL;

    (void)state;
    memcpy(dir, "/tmp/rh-replay-XXXXXX", sizeof "/tmp/rh-replay-XXXXXX");
    assert_non_null(mkdtemp(dir));
    path = rh_fs_join(dir, "target.db");
    assert_int_equal(SQLITE_OK, sqlite3_open(path, &db));
    assert_int_equal(RH_OK,
                     rh_lite_exec(db, "CREATE TABLE t(a); INSERT INTO t VALUES(1), (2)", NULL));
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

/* One call on link 0, and its answer. */
static rh_status call_one(const rh_replay_engine *engine, const char *sql, bool wrap,
                          rh_replay_done *out, rh_error *err)
{
    const char *const statements[] = {sql};
    const rh_replay_call call = {.statements = statements, .statement_count = 1, .wrap = wrap};
    size_t count = 0;
    rh_status status;

    engine->ops->start(engine->ctx, 0, &(const rh_replay_call *){&call}, 1);
    status = engine->ops->wait(engine->ctx, INT64_MAX, out, 1, &count, err);
    assert_true(status != RH_OK || count == 1);
    return status == RH_OK && out->status == RH_ENOMEM ? rh_error_oom(err) : status;
}

/* Without rh_replay_look(): a mark that cannot be read counts as none, which refuses. */
static rh_status replay_body(void *ctx, rh_error *err)
{
    const rh_replay_engine_options options = {.links = 2, .busy_us = 1000000};
    rh_replay_engine engine = {NULL, NULL};
    rh_replay_done done = {0};
    rh_status status = rh_replay_open(path, &options, &engine, err);

    (void)ctx;
    for (size_t i = 0; status == RH_OK && i < options.links; i++)
        status = engine.ops->open_link(engine.ctx, i, err);
    if (status == RH_OK)
        status = call_one(&engine, "DELETE FROM t", true, &done, err);
    if (status == RH_OK)
        status = call_one(&engine, "SELECT a FROM t", true, &done, err);
    if (status == RH_OK)
        assert_int_equal(2, done.rows); /* the deletion was taken back */
    if (status == RH_OK)
        status = call_one(&engine, "SELECT nothing FROM nowhere", false, &done, err);
    if (status == RH_OK)
        assert_int_equal(RH_EDB, done.status);
    if (engine.ops != NULL)
        engine.ops->close(engine.ctx);
    return status;
}

static void memory_may_end_anywhere(void **state)
{
    (void)state;
    assert_true(fail_nth(replay_body, NULL) > 3);
}

static void a_budget_of_steps_stops_a_statement(void **state)
{
    const rh_replay_engine_options options = {.links = 1, .statement_steps = 5000};
    rh_replay_engine engine = {NULL, NULL};
    rh_replay_done done;

    (void)state;
    assert_int_equal(RH_OK, rh_replay_open(path, &options, &engine, NULL));
    assert_int_equal(RH_OK, engine.ops->open_link(engine.ctx, 0, NULL));
    assert_int_equal(RH_OK, call_one(&engine,
                                     "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                                     "FROM n) SELECT count(*) FROM n",
                                     true, &done, NULL));
    assert_int_equal(RH_ELIMIT, done.status);
    assert_false(done.in_transaction);
    assert_int_equal(RH_OK, call_one(&engine, "SELECT a FROM t", true, &done, NULL));
    assert_int_equal(RH_OK, done.status);
    assert_int_equal(2, done.rows);
    engine.ops->close(engine.ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_may_end_anywhere),
        cmocka_unit_test(a_budget_of_steps_stops_a_statement),
    };

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, setup, teardown);
}
