/* Subqueries in plans of a real server. */
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
#include "describe.h"
#include "pg_client.h"

static PGconn *connection;

static rh_status plan_of(const char *options, const char *sql, rh_plan **out, rh_error *err)
{
    char *text = rh_mem_printf("EXPLAIN (%s, FORMAT JSON) %s", options, sql);
    PGresult *result = NULL;
    const char *json = pg_client_text(connection, text, &result);
    rh_status status = RH_EDB;

    if (json != NULL)
        status = rh_plan_read_postgres("test", json, strlen(json), out, err);
    rh_mem_free(text);
    PQclear(result);
    return status;
}

static rh_status explain(void *ctx, const char *sql, rh_plan **out, rh_error *err)
{
    (void)ctx;
    return plan_of("VERBOSE", sql, out, err);
}

static rh_status view(void *ctx, const char *schema, const char *name, char **out, rh_error *err)
{
    const char *values[] = {name};
    PGresult *result =
        PQexecParams(connection,
                     "SELECT pg_get_viewdef(c.oid) FROM pg_class c WHERE relname = $1 AND "
                     "relkind = 'v'",
                     1, NULL, values, NULL, NULL, 0);

    (void)ctx;
    (void)schema;
    (void)err;
    if (PQntuples(result) == 1)
        *out = rh_mem_strdup(PQgetvalue(result, 0, 0));
    PQclear(result);
    return RH_OK;
}

static const rh_subquery_options with_server = {view, explain, NULL};

/* has_column by the server's catalog is not needed: every name below is qualified where it matters.
 */
static rh_sql_answer has_column(void *ctx, const char *schema, const char *relation,
                                const char *column)
{
    const char *values[] = {relation, column};
    PGresult *result = PQexecParams(connection,
                                    "SELECT count(*) FROM pg_attribute WHERE attrelid = "
                                    "to_regclass($1) AND attname = $2 AND attnum > 0",
                                    2, NULL, values, NULL, NULL, 0);
    rh_sql_answer answer = strcmp(PQgetvalue(result, 0, 0), "0") == 0 ? RH_SQL_NO : RH_SQL_YES;

    (void)ctx;
    (void)schema;
    PQclear(result);
    return answer;
}

static void check(const char *options, const char *sql, const rh_subquery_options *how,
                  const char *expected)
{
    const rh_sql_catalog catalog = {has_column, NULL, NULL};
    rh_plan *plan = NULL;
    rh_sql_levels *levels = NULL;
    rh_subquery_map *map = NULL;
    rh_buf seen = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;

    assert_int_equal(plan_of(options, sql, &plan, &err), RH_OK);
    assert_int_equal(rh_sql_levels_new(RH_SQL_POSTGRES, sql, strlen(sql), &catalog, &levels, NULL),
                     RH_OK);
    assert_int_equal(rh_subquery_map_new(plan, levels, sql, strlen(sql), how, &map, NULL), RH_OK);
    assert_int_equal(describe_map(plan, map, &seen), RH_OK);
    assert_string_equal(rh_buf_cstr(&seen), expected);
    rh_buf_done(&seen);
    rh_subquery_map_free(map);
    rh_sql_levels_free(levels);
    rh_plan_free(plan);
}

static void maps(const char *sql, const char *expected)
{
    check("VERBOSE", sql, &with_server, expected);
}

static void offline(const char *sql, const char *expected)
{
    check("VERBOSE", sql, NULL, expected);
}

static int set_up(void **state)
{
    (void)state;
    connection = pg_client_open(NULL);
    pg_client_run(connection, "SET max_parallel_workers_per_gather = 0");
    pg_client_run(connection, "SET client_min_messages = error");
    pg_client_run(connection, "SET jit = off");
    pg_client_run(
        connection,
        "CREATE TEMP TABLE acct AS SELECT g AS id, 'n' || g AS name FROM generate_series(1, 200) "
        "g");
    pg_client_run(
        connection,
        "CREATE TEMP TABLE tx AS SELECT g AS id, g % 200 + 1 AS acct_id, g AS amount, "
        "CASE g % 3 WHEN 0 THEN 'p' ELSE 'q' END AS status FROM generate_series(1, 2000) g");
    pg_client_run(connection,
                  "CREATE TEMP TABLE ev AS SELECT g AS id, g % 2000 + 1 AS tx_id, 'k' AS kind FROM "
                  "generate_series(1, 4000) g");
    pg_client_run(connection, "CREATE INDEX ON tx (id)");
    pg_client_run(
        connection,
        "CREATE TEMP VIEW busy AS SELECT a.id, (SELECT count(*) FROM tx WHERE tx.acct_id = a.id) "
        "AS "
        "n FROM acct a");
    pg_client_run(connection, "CREATE TEMP TABLE part (id int, k int) PARTITION BY RANGE (id)");
    pg_client_run(connection,
                  "CREATE TEMP TABLE part_a PARTITION OF part FOR VALUES FROM (0) TO (100)");
    pg_client_run(connection,
                  "CREATE TEMP TABLE part_b PARTITION OF part FOR VALUES FROM (100) TO (200)");
    pg_client_run(connection, "INSERT INTO part SELECT g, g FROM generate_series(0, 199) g");
    pg_client_run(connection, "ANALYZE acct, tx, ev, part");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    PQfinish(connection);
    return 0;
}

static void subplans_are_found(void **state)
{
    (void)state;
    maps("select a.id, (select count(*) from tx where tx.acct_id = a.id) from acct a",
         "(select count(*) from tx where tx.acct_id = a.id) -> own SubPlan 1\n");
    maps("select a.id from acct a where a.id > (select avg(id) from tx)",
         "(select avg(id) from tx) -> own InitPlan 1\n");
    maps("select a.id from acct a where a.id not in (select acct_id from tx)",
         "(select acct_id from tx) -> own SubPlan 1\n");
    maps("select (select max(id) from tx)", "(select max(id) from tx) -> own InitPlan 2\n");
    maps("select array(select id from tx t where t.acct_id = a.id limit 3) from acct a",
         "(select id from tx t where t.acct_id = a.id limit 3) -> own SubPlan 1\n");
    check("ANALYZE, TIMING OFF, VERBOSE",
          "select a.id, (select count(*) from tx where tx.acct_id = a.id) from acct a",
          &with_server,
          "(select count(*) from tx where tx.acct_id = a.id) -> own SubPlan 1 x200\n");
}

static void merged_subqueries_are_joins(void **state)
{
    (void)state;
    maps("select a.id from acct a where exists (select 1 from tx t where t.acct_id = a.id)",
         "(select 1 from tx t where t.acct_id = a.id) -> joined hash-join Inner\n");
    maps("select a.id from acct a where not exists (select 1 from tx t where t.acct_id = a.id)",
         "(select 1 from tx t where t.acct_id = a.id) -> joined hash-join Anti\n");
    maps("select x.id from (select id, name from acct) x join tx on tx.acct_id = x.id",
         "(select id, name from acct) -> joined hash-join Inner\n");
    maps("select x.n from (select acct_id, count(*) as n from tx group by acct_id) x where x.n > 5",
         "(select acct_id, count(*) as n from tx group by acct_id) -> own subquery-scan x\n");
}

static void the_same_table_twice_is_told_apart(void **state)
{
    (void)state;
    maps("select a.id, (select count(*) from tx where acct_id = a.id and status = 'p'), (select "
         "count(*) from tx where acct_id = a.id and status = 'q') from acct a",
         "(select count(*) from tx where acct_id = a.id and status = 'p') -> own SubPlan 1\n"
         "(select count(*) from tx where acct_id = a.id and status = 'q') -> own SubPlan 2\n");
    /* The engine plans the one in WHERE after those of the select list. */
    maps("select a.id, (select count(*) from tx where acct_id = a.id) from acct a where (select "
         "count(*) from tx where acct_id = a.id) > 3 and (select min(amount) from tx where acct_id "
         "= "
         "a.id) < 5",
         "(select count(*) from tx where acct_id = a.id) -> own SubPlan 1\n"
         "(select count(*) from tx where acct_id = a.id) -> own SubPlan 2\n"
         "(select min(amount) from tx where acct_id = a.id) -> own SubPlan 3\n");
    maps(
        "select 1 from tx where id in (select tx_id from ev) and exists (select 1 from tx t2 where "
        "t2.id = tx.id + 1 and t2.amount > (select avg(amount) from tx))",
        "(select tx_id from ev) -> joined hash-join Inner\n"
        "(select 1 from tx t2 where t2.id = tx.id + 1 and t2.amount > (select avg(amount) from "
        "tx)) "
        "-> joined hash-join Semi\n(select avg(amount) from tx) -> own InitPlan 1\n");
}

static void without_a_server_some_stay_unclear(void **state)
{
    (void)state;
    offline(
        "select a.id from acct a where (select count(*) from tx where acct_id = a.id and status = "
        "'p') > (select count(*) from tx where acct_id = a.id and status = 'q')",
        "(select count(*) from tx where acct_id = a.id and status = 'p') -> unclear 1|2\n"
        "(select count(*) from tx where acct_id = a.id and status = 'q') -> unclear 1|2\n");
    offline("select a.id, (select count(*) from tx where acct_id = a.id and status = 'p'), (select "
            "count(*) from tx where acct_id = a.id and status = 'q') from acct a",
            "(select count(*) from tx where acct_id = a.id and status = 'p') -> own SubPlan 1\n"
            "(select count(*) from tx where acct_id = a.id and status = 'q') -> own SubPlan 2\n");
    offline(
        "select a.id, (select count(*) from tx t where t.acct_id = a.id) from acct a where exists "
        "(select 1 from ev where ev.id = a.id)",
        "(select count(*) from tx t where t.acct_id = a.id) -> own SubPlan 1\n"
        "(select 1 from ev where ev.id = a.id) -> joined hash-join Semi\n");
}

static void ctes_go_by_their_names(void **state)
{
    (void)state;
    maps("with c as materialized (select * from tx), d as (select id from ev) select (select "
         "count(*) "
         "from c), d.id from d",
         "(select * from tx) -> own CTE c\n(select id from ev) -> joined seq-scan ev\n"
         "(select count(*) from c) -> own InitPlan 2\n");
    maps("with c as (select 1 from tx) select 1", "(select 1 from tx) -> absent\n");
    maps("with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) select n "
         "from r",
         "(select 1 union all select n + 1 from r where n < 5) -> own CTE r\n"
         "select 1 -> unclear\nselect n + 1 from r where n < 5 -> own work-table-scan r_1\n");
}

static void nesting_set_operations_and_lateral(void **state)
{
    (void)state;
    maps(
        "select a.id, (select max((select count(*) from ev e where e.tx_id = t.id)) from tx t "
        "where "
        "t.acct_id = a.id) from acct a",
        "(select max((select count(*) from ev e where e.tx_id = t.id)) from tx t where t.acct_id = "
        "a.id) -> own SubPlan 2\n(select count(*) from ev e where e.tx_id = t.id) -> own SubPlan "
        "1\n");
    maps("select id from acct union all select id from tx where id = (select max(id) from ev)",
         "select id from acct -> own seq-scan acct\n"
         "select id from tx where id = (select max(id) from ev) -> own index-only-scan tx\n"
         "(select max(id) from ev) -> own InitPlan 1\n");
    maps("select a.id, l.amount from acct a, lateral (select amount from tx where acct_id = a.id "
         "order "
         "by amount limit 1) l",
         "(select amount from tx where acct_id = a.id order by amount limit 1) -> joined "
         "nested-loop "
         "Inner\n");
    maps("select p.id, (select count(*) from part q where q.k = p.k) from part p",
         "(select count(*) from part q where q.k = p.k) -> own SubPlan 1\n");
}

static void views_are_looked_into(void **state)
{
    (void)state;
    maps(
        "select * from busy where n > 3",
        "busy: SELECT a.id,\n    ( SELECT count(*) AS count\n           FROM tx\n          WHERE "
        "(tx.acct_id = a.id)) AS n\n   FROM acct a -> joined seq-scan a\nbusy: ( SELECT "
        "count(*) "
        "AS count\n           FROM tx\n          WHERE (tx.acct_id = a.id)) -> own SubPlan 1 +1\n");
}

/* "_1" of an alias is the planner's, whichever level or view it comes from. */
static void views_with_the_same_aliases_are_told_apart_or_not_at_all(void **state)
{
    (void)state;
    pg_client_run(
        connection,
        "CREATE TEMP VIEW rich AS SELECT a.id, (SELECT max(t.amount) FROM tx t WHERE t.acct_id = "
        "a.id) AS top FROM acct a WHERE EXISTS (SELECT 1 FROM ev t WHERE t.id = a.id)");
    maps("select a.id, (select min(t.id) from ev t where t.tx_id = a.id) from acct a, rich r where "
         "r.id = a.id and r.top > 5",
         "(select min(t.id) from ev t where t.tx_id = a.id) -> own SubPlan 1\n"
         "rich: SELECT a.id,\n    ( SELECT max(t.amount) AS max\n           FROM tx t\n          "
         "WHERE (t.acct_id = a.id)) AS top\n   FROM acct a\n  WHERE (EXISTS ( SELECT 1\n         "
         "  FROM ev t\n          WHERE (t.id = a.id))) -> joined hash-join Inner\n"
         "rich: ( SELECT max(t.amount) AS max\n           FROM tx t\n          WHERE (t.acct_id = "
         "a.id)) -> own SubPlan 2\n"
         "rich: ( SELECT 1\n           FROM ev t\n          WHERE (t.id = a.id)) -> joined "
         "hash-join Semi\n");
}

/* Twins in one view, which a second view reads: only the server can tell them apart, when their
 * definitions stand in the text with aliases of our own. */
static void twins_in_views_are_told_apart(void **state)
{
    (void)state;
    pg_client_run(
        connection,
        "CREATE TEMP VIEW twins AS SELECT a.id, (SELECT count(*) FROM tx i WHERE i.acct_id = a.id) "
        "AS n, (SELECT max(i.amount) FROM tx i WHERE i.acct_id = a.id AND i.id > 5) AS m FROM "
        "acct a");
    pg_client_run(
        connection,
        "CREATE TEMP VIEW outer_twins AS SELECT t.id, t.n, t.m FROM twins t WHERE t.id > 1");
    maps("select o.m, o.n from outer_twins o",
         "outer_twins: SELECT t.id,\n    t.n,\n    t.m\n   FROM twins t\n  WHERE (t.id > 1) -> "
         "joined seq-scan a\n"
         "twins: SELECT a.id,\n    ( SELECT count(*) AS count\n           FROM tx i\n          "
         "WHERE (i.acct_id = a.id)) AS n,\n    ( SELECT max(i.amount) AS max\n           FROM tx "
         "i\n          WHERE ((i.acct_id = a.id) AND (i.id > 5))) AS m\n   FROM acct a -> joined "
         "seq-scan a\n"
         "twins: ( SELECT count(*) AS count\n           FROM tx i\n          WHERE (i.acct_id = "
         "a.id)) -> own SubPlan 2\n"
         "twins: ( SELECT max(i.amount) AS max\n           FROM tx i\n          WHERE ((i.acct_id "
         "= a.id) AND (i.id > 5))) -> own SubPlan 1\n");
    /* One of them twice, the other one not at all. */
    maps("select n from twins where n > 3",
         "twins: SELECT a.id,\n    ( SELECT count(*) AS count\n           FROM tx i\n          "
         "WHERE (i.acct_id = a.id)) AS n,\n    ( SELECT max(i.amount) AS max\n           FROM tx "
         "i\n          WHERE ((i.acct_id = a.id) AND (i.id > 5))) AS m\n   FROM acct a -> joined "
         "seq-scan a\n"
         "twins: ( SELECT count(*) AS count\n           FROM tx i\n          WHERE (i.acct_id = "
         "a.id)) -> own SubPlan 1 +1\n"
         "twins: ( SELECT max(i.amount) AS max\n           FROM tx i\n          WHERE ((i.acct_id "
         "= a.id) AND (i.id > 5))) -> absent\n");
}

/* What a policy reads is nobody's in the text, whatever its tables are called. */
static void policies_are_not_taken_for_the_text(void **state)
{
    char role[64];
    char sql[128];

    (void)state;
    (void)snprintf(role, sizeof role, "rehearse_rls_%d", PQbackendPID(connection));
    (void)snprintf(sql, sizeof sql, "CREATE ROLE %s", role);
    pg_client_run(connection, sql);
    pg_client_run(
        connection,
        "CREATE TEMP TABLE doc AS SELECT g AS id, g % 50 AS owner FROM generate_series(1, 500) g");
    pg_client_run(connection, "ALTER TABLE doc ENABLE ROW LEVEL SECURITY");
    pg_client_run(
        connection,
        "CREATE POLICY own_docs ON doc USING (owner NOT IN (SELECT id FROM acct WHERE name = "
        "'n7'))");
    (void)snprintf(sql, sizeof sql, "GRANT SELECT ON doc, acct, tx TO %s", role);
    pg_client_run(connection, sql);
    (void)snprintf(sql, sizeof sql, "SET ROLE %s", role);
    pg_client_run(connection, sql);
    maps("select d.id, (select count(*) from acct where acct.id = d.owner) from doc d",
         "(select count(*) from acct where acct.id = d.owner) -> own SubPlan 1\n");
    /* Planned away: the one that is left is the policy's. */
    maps("select d.id from doc d where exists (select 1 from acct where false) or d.id > 3",
         "(select 1 from acct where false) -> unclear\n");
    maps("select d.id from doc d, (select acct.id from acct where acct.id = 3) a where a.id = d.id "
         "and d.id not in (select acct_id from tx)",
         "(select acct.id from acct where acct.id = 3) -> joined nested-loop Inner\n"
         "(select acct_id from tx) -> own SubPlan 1\n");
    pg_client_run(connection, "RESET ROLE");
    (void)snprintf(sql, sizeof sql, "DROP OWNED BY %s", role);
    pg_client_run(connection, sql);
    (void)snprintf(sql, sizeof sql, "DROP ROLE %s", role);
    pg_client_run(connection, sql);
}

/* An inlined function brings a part of the plan that no text of ours has; another one hides it. */
static void functions_are_not_taken_for_the_text(void **state)
{
    (void)state;
    pg_client_run(
        connection,
        "CREATE FUNCTION pg_temp.acct_tx(int) RETURNS SETOF int LANGUAGE sql STABLE AS 'SELECT "
        "tx.id FROM tx WHERE tx.acct_id = $1'");
    pg_client_run(
        connection,
        "CREATE FUNCTION pg_temp.opaque(int) RETURNS bigint LANGUAGE plpgsql STABLE AS 'BEGIN "
        "RETURN (SELECT count(*) FROM tx WHERE tx.acct_id = $1); END'");
    maps("select a.id, pg_temp.opaque(a.id), (select sum(tx.id) from tx where tx.acct_id = a.id) "
         "from acct a",
         "(select sum(tx.id) from tx where tx.acct_id = a.id) -> own SubPlan 1\n");
    /* inlined: its tx stands beside the text's */
    maps("select a.id, x from acct a, pg_temp.acct_tx(a.id) x where a.id < (select avg(tx.acct_id) "
         "from tx where tx.status = 'p')",
         "(select avg(tx.acct_id) from tx where tx.status = 'p') -> own InitPlan 1\n");
    maps("select a.id, (select sum(x) from pg_temp.acct_tx(a.id) x) from acct a where a.id in "
         "(select tx.acct_id from tx where tx.status = 'p')",
         "(select sum(x) from pg_temp.acct_tx(a.id) x) -> own SubPlan 1\n"
         "(select tx.acct_id from tx where tx.status = 'p') -> joined hash-join Inner\n");
}

static void lateral_limits_and_set_operations(void **state)
{
    (void)state;
    maps("select a.id, l.id, m.n from acct a cross join lateral (select t.id from tx t where "
         "t.acct_id = a.id order by t.id desc limit 2) l cross join lateral (select count(*) as n "
         "from tx t where t.id < l.id) m",
         "(select t.id from tx t where t.acct_id = a.id order by t.id desc limit 2) -> joined "
         "nested-loop Inner\n"
         "(select count(*) as n from tx t where t.id < l.id) -> joined nested-loop Inner\n");
    maps("select a.id from acct a where a.id in (select t.acct_id from tx t limit 5) and a.id not "
         "in (select t.id from tx t limit 7)",
         "(select t.acct_id from tx t limit 5) -> joined hash-join Semi\n"
         "(select t.id from tx t limit 7) -> own SubPlan 1\n");
    maps("select a.id from acct a where a.id in (select t.acct_id from tx t union select t.tx_id "
         "from ev t) or exists (select 1 from ev t where t.id = a.id except select 1 from tx t)",
         "(select t.acct_id from tx t union select t.tx_id from ev t) -> own SubPlan 1\n"
         "select t.acct_id from tx t -> own seq-scan t\n"
         "select t.tx_id from ev t -> own seq-scan t_1\n"
         "(select 1 from ev t where t.id = a.id except select 1 from tx t) -> own SubPlan 2\n"
         "select 1 from ev t where t.id = a.id -> own subquery-scan *SELECT* 1_1\n"
         "select 1 from tx t -> own subquery-scan *SELECT* 2_1\n");
}

/* The catalog's own views are over a hundred real queries, some of them long. */
static void every_view_of_the_server_is_understood(void **state)
{
    PGresult *result = PQexec(connection, "SELECT definition FROM pg_views WHERE schemaname IN "
                                          "('pg_catalog', 'information_schema')");

    (void)state;
    assert_true(PQntuples(result) > 100);
    for (int i = 0; i < PQntuples(result); i++) {
        const char *sql = PQgetvalue(result, i, 0);
        rh_sql_levels *levels = NULL;

        assert_int_equal(rh_sql_levels_new(RH_SQL_POSTGRES, sql, strlen(sql), NULL, &levels, NULL),
                         RH_OK);
        if (rh_sql_levels_problem(levels) != NULL)
            fail_msg("%s: %s", rh_sql_levels_problem(levels), sql);
        rh_sql_levels_free(levels);
    }
    PQclear(result);
}

static void writes_are_mapped(void **state)
{
    (void)state;
    maps("update tx set amount = (select max(id) from ev where ev.tx_id = tx.id) where acct_id in "
         "(select id from acct where name = 'n1')",
         "(select max(id) from ev where ev.tx_id = tx.id) -> own SubPlan 1\n"
         "(select id from acct where name = 'n1') -> joined hash-join Semi\n");
    maps("delete from tx where not exists (select 1 from acct a where a.id = tx.acct_id)",
         "(select 1 from acct a where a.id = tx.acct_id) -> joined hash-join Anti\n");
}

static void what_is_not_understood_maps_nothing(void **state)
{
    rh_plan *plan = NULL;
    rh_sql_levels *levels = NULL;
    rh_subquery_map *map = NULL;
    const size_t *entries;

    (void)state;
    assert_int_equal(plan_of("VERBOSE", "select 1", &plan, NULL), RH_OK);
    assert_int_equal(rh_sql_levels_new(RH_SQL_POSTGRES, "select (", 8, NULL, &levels, NULL), RH_OK);
    assert_int_equal(rh_subquery_map_new(plan, levels, "select (", 8, NULL, &map, NULL), RH_OK);
    assert_int_equal(rh_subquery_count(map), 0);
    assert_int_equal(rh_subquery_of_node(map, 0, &entries), 0);
    assert_non_null(rh_subquery_problem(map));
    rh_subquery_map_free(map);
    rh_sql_levels_free(levels);
    rh_plan_free(plan);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subplans_are_found),
        cmocka_unit_test(merged_subqueries_are_joins),
        cmocka_unit_test(the_same_table_twice_is_told_apart),
        cmocka_unit_test(without_a_server_some_stay_unclear),
        cmocka_unit_test(ctes_go_by_their_names),
        cmocka_unit_test(nesting_set_operations_and_lateral),
        cmocka_unit_test(views_are_looked_into),
        cmocka_unit_test(views_with_the_same_aliases_are_told_apart_or_not_at_all),
        cmocka_unit_test(twins_in_views_are_told_apart),
        cmocka_unit_test(policies_are_not_taken_for_the_text),
        cmocka_unit_test(functions_are_not_taken_for_the_text),
        cmocka_unit_test(lateral_limits_and_set_operations),
        cmocka_unit_test(every_view_of_the_server_is_understood),
        cmocka_unit_test(writes_are_mapped),
        cmocka_unit_test(what_is_not_understood_maps_nothing),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
