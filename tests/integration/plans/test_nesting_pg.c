/*
 * Random nestings on PostgreSQL: a subquery is placed rightly, or said to be not certain; with a
 * server that plans the text again under other aliases, and without.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/plan_postgres.h"
#include "nesting_check.h"
#include "pg_client.h"

enum { STATEMENTS = 400 };

static PGconn *connection;

static int set_up(void **state)
{
    (void)state;
    connection = pg_client_open(NULL);
    pg_client_run(connection, "SET max_parallel_workers_per_gather = 0");
    pg_client_run(connection, "SET jit = off");
    pg_client_run(
        connection,
        "CREATE TEMP TABLE t0 AS SELECT n AS k, n % 7 AS g, n AS v FROM generate_series(1, 90) n");
    pg_client_run(
        connection,
        "CREATE TEMP TABLE t1 AS SELECT n AS k, n % 90 AS g, n AS v FROM generate_series(1, 4000) "
        "n");
    pg_client_run(
        connection,
        "CREATE TEMP TABLE t2 AS SELECT n AS k, n AS g, n AS v FROM generate_series(1, 900) n");
    pg_client_run(connection, "CREATE INDEX ON t1 (g)");
    pg_client_run(connection, "ANALYZE t0, t1, t2");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    PQfinish(connection);
    return 0;
}

static rh_status explain(void *ctx, const char *sql, rh_plan **out, rh_error *err)
{
    char *text = rh_mem_printf("EXPLAIN (VERBOSE, FORMAT JSON) %s", sql);
    PGresult *result = NULL;
    const char *json = pg_client_text(connection, text, &result);
    rh_status status = RH_EDB;

    (void)ctx;
    if (json != NULL)
        status = rh_plan_read_postgres("test", json, strlen(json), out, err);
    rh_mem_free(text);
    PQclear(result);
    return status;
}

/* The number that only one level tests stands in the filter of its scan. */
static size_t truth(const nesting *n, const rh_plan_node *node)
{
    char mark[32];

    for (size_t i = 0; rh_plan_is_scan(node->kind) && node->filter != NULL && i < n->count; i++) {
        (void)snprintf(mark, sizeof mark, ".v <> %zu)", NESTING_FIRST_MARK + i);
        if (strstr(node->filter, mark) != NULL)
            return i;
    }
    return NESTING_MAX;
}

static nesting_tally check_all(const rh_subquery_options *options)
{
    nesting_tally tally = {0, 0, 0, 0};

    for (uint64_t seed = 1; seed <= STATEMENTS; seed++) {
        rh_sql_levels *levels = NULL;
        rh_subquery_map *map = NULL;
        rh_plan *plan = NULL;
        nesting n;

        nesting_make(&n, true, seed);
        assert_int_equal(explain(NULL, rh_buf_cstr(&n.sql), &plan, NULL), RH_OK);
        assert_int_equal(
            rh_sql_levels_new(RH_SQL_POSTGRES, rh_buf_cstr(&n.sql), n.sql.len, NULL, &levels, NULL),
            RH_OK);
        assert_int_equal(
            rh_subquery_map_new(plan, levels, rh_buf_cstr(&n.sql), n.sql.len, options, &map, NULL),
            RH_OK);
        nesting_check(&n, plan, map, truth, &tally);
        rh_subquery_map_free(map);
        rh_sql_levels_free(levels);
        rh_plan_free(plan);
        nesting_done(&n);
    }
    print_message("%zu statements, %zu subqueries, %zu placed, %zu wrong\n", tally.statements,
                  tally.subqueries, tally.placed, tally.wrong);
    return tally;
}

static void each_subquery_is_placed_rightly_or_said_to_be_unclear(void **state)
{
    const rh_subquery_options options = {NULL, explain, NULL};
    nesting_tally tally = check_all(&options);

    (void)state;
    assert_int_equal(tally.wrong, 0);
    assert_true(tally.placed * 100 >= tally.subqueries * 90);
}

static void without_the_server_nothing_is_guessed(void **state)
{
    nesting_tally tally = check_all(NULL);

    (void)state;
    assert_int_equal(tally.wrong, 0);
    assert_true(tally.placed > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_subquery_is_placed_rightly_or_said_to_be_unclear),
        cmocka_unit_test(without_the_server_nothing_is_guessed),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
