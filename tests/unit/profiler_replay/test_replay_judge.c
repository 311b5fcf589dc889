/*
 * What becomes of a captured text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "replay_judge.h"

typedef struct expectation {
    const char *sql;
    const char *runs; /* the statements with " | " between them; NULL: left out */
    bool wrap;
    bool begins;
    bool ends;
    bool end_behind;
} expectation;

static void check(rh_sql_dialect dialect, rh_replay_writes writes, const expectation *want)
{
    rh_arena *arena = rh_arena_new(0);
    char runs[512] = "";
    rp_plan plan;

    assert_int_equal(RH_OK, rp_judge(dialect, writes, want->sql, arena, &plan, NULL));
    for (size_t i = 0; i < plan.count; i++) {
        if (i > 0)
            strncat(runs, " | ", sizeof runs - strlen(runs) - 1);
        strncat(runs, plan.statements[i], sizeof runs - strlen(runs) - 1);
    }
    if ((plan.skip != NULL) != (want->runs == NULL))
        fail_msg("'%s' is %s", want->sql, plan.skip == NULL ? "run" : plan.skip);
    if (want->runs != NULL) {
        assert_string_equal(want->runs, runs);
        if (plan.wrap != want->wrap)
            fail_msg("'%s' is %swrapped", want->sql, plan.wrap ? "" : "not ");
        assert_int_equal(want->begins, plan.begins);
        assert_int_equal(want->ends, plan.ends);
        assert_int_equal(want->end_behind, plan.end_behind);
    }
    rh_arena_free(arena);
}

static void nothing_stays_on_postgresql(void **state)
{
    static const expectation cases[] = {
        {"SELECT 1", "SELECT 1", true, false, false, false},
        {"UPDATE t SET a = 1;", "UPDATE t SET a = 1", true, false, false, false},
        {"WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x",
         "WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x", true, false, false, false},
        {"frobnicate", "frobnicate", true, false, false, false},
        {"EXECUTE p(1)", "EXECUTE p(1)", true, false, false, false},
        {"VACUUM t", "VACUUM t", true, false, false, false},
        {"SET work_mem = '1GB'", "SET work_mem = '1GB'", false, false, false, false},
        {"begin", "begin", false, true, false, false},
        {"COMMIT", "ROLLBACK", false, false, true, false},
        {"END", "ROLLBACK", false, false, true, false},
        {"ROLLBACK TO s", "ROLLBACK TO s", false, false, false, false},
        {"PREPARE TRANSACTION 'x'", "ROLLBACK", false, false, true, false},
        {"BEGIN; DELETE FROM t; PREPARE TRANSACTION 'x'", "BEGIN | DELETE FROM t | ROLLBACK", false,
         false, true, true},
        {"COMMIT PREPARED 'x'", NULL, false, false, false, false},
        {"COPY t FROM STDIN", NULL, false, false, false, false},
        {"  -- nothing", NULL, false, false, false, false},
        {"INSERT INTO t VALUES(1); SELECT 2", "INSERT INTO t VALUES(1) | SELECT 2", true, false,
         false, false},
        {"BEGIN; DELETE FROM t; COMMIT", "BEGIN | DELETE FROM t | ROLLBACK", false, false, true,
         true},
        {"DELETE FROM t; COMMIT", NULL, false, false, false, false},
        {"BEGIN; COMMIT; DELETE FROM t", NULL, false, false, false, false},
        {"BEGIN; DELETE FROM t", "BEGIN | DELETE FROM t", false, true, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check(RH_SQL_POSTGRES, RH_REPLAY_WRITES_ROLLBACK, &cases[i]);
}

static void commit_keeps_the_text_and_skip_leaves_writes_out(void **state)
{
    static const expectation kept[] = {
        {"COMMIT", "COMMIT", false, false, true, false},
        {"DELETE FROM t; BEGIN; SELECT 1; COMMIT", "DELETE FROM t | BEGIN | SELECT 1 | COMMIT",
         false, false, true, true},
        {"COMMIT PREPARED 'x'", "COMMIT PREPARED 'x'", false, false, true, false},
        {"PREPARE TRANSACTION 'x'", "PREPARE TRANSACTION 'x'", false, false, true, false},
    };
    static const expectation skipped[] = {
        {"SELECT 1", "SELECT 1", false, false, false, false},
        {"SET x = 1", "SET x = 1", false, false, false, false},
        {"DELETE FROM t", NULL, false, false, false, false},
        {"CREATE TABLE x(a int)", NULL, false, false, false, false},
        {"BEGIN", "BEGIN", false, true, false, false},
        {"PREPARE TRANSACTION 'x'", "ROLLBACK", false, false, true, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++)
        check(RH_SQL_POSTGRES, RH_REPLAY_WRITES_COMMIT, &kept[i]);
    for (size_t i = 0; i < sizeof skipped / sizeof skipped[0]; i++)
        check(RH_SQL_POSTGRES, RH_REPLAY_WRITES_SKIP, &skipped[i]);
}

static void reads_of_sqlite_need_no_transaction(void **state)
{
    static const expectation cases[] = {
        {"SELECT 1", "SELECT 1", false, false, false, false},
        {"PRAGMA cache_size", "PRAGMA cache_size", false, false, false, false},
        {"REPLACE INTO t VALUES(1)", "REPLACE INTO t VALUES(1)", true, false, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check(RH_SQL_SQLITE, RH_REPLAY_WRITES_ROLLBACK, &cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_stays_on_postgresql),
        cmocka_unit_test(commit_keeps_the_text_and_skip_leaves_writes_out),
        cmocka_unit_test(reads_of_sqlite_need_no_transaction),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
