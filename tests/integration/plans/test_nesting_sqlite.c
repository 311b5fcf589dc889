/*
 * Random nestings on SQLite: a subquery is placed rightly, or said to be not certain. And what is
 * counted of it by rewriting the text is what SQLite does.
 */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/num.h"
#include "core/plan_sqlite.h"
#include "core/str.h"
#include "nesting_check.h"
#include "sqlite_plan.h"

enum { STATEMENTS = 400 };

static sqlite3 *db;

static void execute(const char *sql)
{
    char *message = NULL;

    if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
        fail_msg("%s: %s", sql, message);
}

static int set_up(void **state)
{
    char sql[256];

    (void)state;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK)
        return -1;
    for (int i = 0; i < NESTING_MAX; i++) {
        (void)snprintf(sql, sizeof sql,
                       "CREATE TABLE t%d(k INTEGER, g INTEGER); CREATE INDEX i%d ON t%d(k, g);", i,
                       i, i);
        execute(sql);
    }
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    return sqlite3_close(db) == SQLITE_OK ? 0 : -1;
}

/* The index has the number of the level. */
static size_t truth(const nesting *n, const rh_plan_node *node)
{
    int64_t level = 0;

    if (node->index_name == NULL || node->index_name[0] != 'i' ||
        !rh_num_scan_int64(node->index_name + 1, strlen(node->index_name + 1), &level) ||
        (size_t)level >= n->count)
        return NESTING_MAX;
    return (size_t)level;
}

static void each_subquery_is_placed_rightly_or_said_to_be_unclear(void **state)
{
    nesting_tally tally = {0, 0, 0, 0};

    (void)state;
    for (uint64_t seed = 1; seed <= STATEMENTS; seed++) {
        rh_sql_levels *levels = NULL;
        rh_subquery_map *map = NULL;
        rh_plan *plan;
        nesting n;

        nesting_make(&n, false, seed);
        plan = sqlite_plan_of(db, rh_buf_cstr(&n.sql));
        assert_int_equal(
            rh_sql_levels_new(RH_SQL_SQLITE, rh_buf_cstr(&n.sql), n.sql.len, NULL, &levels, NULL),
            RH_OK);
        assert_int_equal(
            rh_subquery_map_new(plan, levels, rh_buf_cstr(&n.sql), n.sql.len, NULL, &map, NULL),
            RH_OK);
        nesting_check(&n, plan, map, truth, &tally);
        rh_subquery_map_free(map);
        rh_sql_levels_free(levels);
        rh_plan_free(plan);
        nesting_done(&n);
    }
    print_message("%zu statements, %zu subqueries, %zu placed, %zu wrong\n", tally.statements,
                  tally.subqueries, tally.placed, tally.wrong);
    assert_int_equal(tally.wrong, 0);
    assert_true(tally.placed * 100 >= tally.subqueries * 80);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_subquery_is_placed_rightly_or_said_to_be_unclear),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
