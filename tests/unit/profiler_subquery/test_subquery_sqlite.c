/* Subqueries in plans of the SQLite library at hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "core/mem.h"
#include "core/plan_sqlite.h"
#include "describe.h"
#include "fail_nth.h"
#include "sqlite_plan.h"

static sqlite3 *db;

static void maps(const char *sql, const char *expected)
{
    rh_plan *plan = sqlite_plan_of(db, sql);
    rh_sql_levels *levels = NULL;
    rh_subquery_map *map = NULL;
    rh_buf seen = RH_BUF_INIT;

    assert_int_equal(rh_sql_levels_new(RH_SQL_SQLITE, sql, strlen(sql), NULL, &levels, NULL),
                     RH_OK);
    assert_int_equal(rh_subquery_map_new(plan, levels, sql, strlen(sql), NULL, &map, NULL), RH_OK);
    assert_int_equal(describe_map(plan, map, &seen), RH_OK);
    assert_string_equal(rh_buf_cstr(&seen), expected);
    rh_buf_done(&seen);
    rh_subquery_map_free(map);
    rh_sql_levels_free(levels);
    rh_plan_free(plan);
}

static int set_up(void **state)
{
    (void)state;
    if (sqlite3_open(":memory:", &db) != SQLITE_OK)
        return -1;
    return sqlite3_exec(
               db,
               "CREATE TABLE acct(id INTEGER PRIMARY KEY, name TEXT);"
               "CREATE TABLE tx(id INTEGER PRIMARY KEY, acct_id INT, amount INT, status TEXT);"
               "CREATE TABLE ev(id INTEGER PRIMARY KEY, tx_id INT, kind TEXT);",
               NULL, NULL, NULL) == SQLITE_OK
               ? 0
               : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return sqlite3_close(db) == SQLITE_OK ? 0 : -1;
}

static void numbers_lead_to_the_text(void **state)
{
    (void)state;
    maps("select a.id, (select count(*) from tx where acct_id = a.id) from acct a",
         "(select count(*) from tx where acct_id = a.id) -> own SCALAR SUBQUERY 1\n");
    maps(
        "select a.id, (select count(*) from tx where acct_id = a.id and status = 'p'), (select "
        "count(*) from tx where acct_id = a.id and status = 'q') from acct a where a.id in (select "
        "tx_id from ev)",
        "(select count(*) from tx where acct_id = a.id and status = 'p') -> own SCALAR SUBQUERY 1\n"
        "(select count(*) from tx where acct_id = a.id and status = 'q') -> own SCALAR SUBQUERY 2\n"
        "(select tx_id from ev) -> own LIST SUBQUERY 3\n");
    maps(
        "select (select max((select count(*) from ev e where e.tx_id = t.id)) from tx t where "
        "t.acct_id = a.id) from acct a",
        "(select max((select count(*) from ev e where e.tx_id = t.id)) from tx t where t.acct_id = "
        "a.id) -> own SCALAR SUBQUERY 2\n"
        "(select count(*) from ev e where e.tx_id = t.id) -> own SCALAR SUBQUERY 1\n");
    maps("select 1 from acct a where exists (select 1 from tx t where t.acct_id = a.id)",
         "(select 1 from tx t where t.acct_id = a.id) -> own SCALAR SUBQUERY 1\n");
    maps("update tx set amount = (select max(id) from ev where tx_id = tx.id) where acct_id = "
         "(select "
         "min(id) from acct)",
         "(select max(id) from ev where tx_id = tx.id) -> own SCALAR SUBQUERY 1\n"
         "(select min(id) from acct) -> own SCALAR SUBQUERY 2\n");
}

static void from_subqueries_and_ctes_go_by_name(void **state)
{
    (void)state;
    maps("select x.n from (select acct_id, count(*) as n from tx group by acct_id) x where x.n > 5",
         "(select acct_id, count(*) as n from tx group by acct_id) -> own coroutine x\n");
    maps("select x.id from (select id from tx where status = 'p') x",
         "(select id from tx where status = 'p') -> joined seq-scan tx\n");
    maps("with c as materialized (select * from tx) select 1 from c c1 join c c2 on c1.id = "
         "c2.acct_id",
         "(select * from tx) -> own materialize c\n");
}

static void what_cannot_be_numbered_is_not_guessed(void **state)
{
    (void)state;
    maps("select (select count(*) from tx), (select count(*) from tx) from (values (1), (2))",
         "(select count(*) from tx) -> unclear 1|2\n(select count(*) from tx) -> unclear 1|2\n"
         "(values (1), (2)) -> unclear\n");
    maps("select (select count(*) from tx), (select count(*) from ev) from (values (1), (2))",
         "(select count(*) from tx) -> own SCALAR SUBQUERY 1\n"
         "(select count(*) from ev) -> own SCALAR SUBQUERY 2\n(values (1), (2)) -> unclear\n");
}

static void scans_say_whom_they_work_for(void **state)
{
    const char *sql = "select (select count(*) from tx where acct_id = a.id) from acct a";
    rh_plan *plan = sqlite_plan_of(db, sql);
    rh_sql_levels *levels = NULL;
    rh_subquery_map *map = NULL;
    const size_t *entries = NULL;

    (void)state;
    assert_int_equal(rh_sql_levels_new(RH_SQL_SQLITE, sql, strlen(sql), NULL, &levels, NULL),
                     RH_OK);
    assert_int_equal(rh_subquery_map_new(plan, levels, sql, strlen(sql), NULL, &map, NULL), RH_OK);
    for (size_t n = 1; n < rh_plan_count(plan); n++) {
        const rh_plan_node *node = rh_plan_at(plan, n);

        assert_int_equal(rh_subquery_of_node(map, n, &entries), 1);
        assert_int_equal(entries[0], node->alias != NULL && strcmp(node->alias, "a") == 0 ? 0 : 1);
    }
    rh_subquery_map_free(map);
    rh_sql_levels_free(levels);
    rh_plan_free(plan);
}

typedef struct inputs {
    const char *sql;
    const rh_plan *plan;
    const rh_sql_levels *levels;
} inputs;

static rh_status use_map(void *ctx, rh_error *err)
{
    const inputs *in = ctx;
    rh_subquery_map *map = NULL;
    rh_status status =
        rh_subquery_map_new(in->plan, in->levels, in->sql, strlen(in->sql), NULL, &map, err);

    rh_subquery_map_free(map);
    return status;
}

static void each_failed_allocation_is_reported(void **state)
{
    const char *sql =
        "select (select count(*) from tx), (select count(*) from tx) from (values (1), "
        "(2))";
    rh_plan *plan = sqlite_plan_of(db, sql);
    rh_sql_levels *levels = NULL;
    inputs in = {sql, plan, NULL};

    (void)state;
    assert_int_equal(rh_sql_levels_new(RH_SQL_SQLITE, sql, strlen(sql), NULL, &levels, NULL),
                     RH_OK);
    in.levels = levels;
    assert_true(fail_nth(use_map, &in) >= 3);
    rh_sql_levels_free(levels);
    rh_plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_lead_to_the_text),
        cmocka_unit_test(from_subqueries_and_ctes_go_by_name),
        cmocka_unit_test(what_cannot_be_numbered_is_not_guessed),
        cmocka_unit_test(scans_say_whom_they_work_for),
        cmocka_unit_test(each_failed_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
