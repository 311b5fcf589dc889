/* Query levels: exact spans, clauses, correlation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/sql_levels.h"
#include "fail_nth.h"
#include "sql_world.h"

static void describe(const char *sql, const rh_sql_level *level, rh_buf *out)
{
    const char *correlated = level->correlated == RH_SQL_YES       ? level->correlated_by
                             : level->correlated == RH_SQL_UNKNOWN ? "?"
                                                                   : "-";

    assert_int_equal(rh_buf_printf(out, NULL, "%s%s%s %s", level->negated ? "not " : "",
                                   rh_sql_level_kind_name(level->kind),
                                   level->has_limit ? "+limit" : "",
                                   rh_sql_clause_name(level->clause)),
                     RH_OK);
    if (level->item > 0)
        assert_int_equal(rh_buf_printf(out, NULL, ".%zu", level->item), RH_OK);
    assert_int_equal(rh_buf_printf(out, NULL, " <%zu %s", level->parent, correlated), RH_OK);
    if (level->name != NULL)
        assert_int_equal(rh_buf_printf(out, NULL, " %s", level->name), RH_OK);
    assert_int_equal(rh_buf_printf(out, NULL, " [%.*s]\n", (int)level->length, sql + level->offset),
                     RH_OK);
}

/* The subqueries of sql, one a line. */
static void levels(rh_sql_dialect dialect, const char *sql, const rh_sql_catalog *catalog,
                   const char *expected)
{
    rh_sql_levels *all = NULL;
    rh_buf seen = RH_BUF_INIT;

    assert_int_equal(rh_sql_levels_new(dialect, sql, strlen(sql), catalog, &all, NULL), RH_OK);
    if (rh_sql_levels_problem(all) != NULL) {
        assert_int_equal(rh_sql_levels_count(all), 0);
        assert_int_equal(rh_buf_append_str(&seen, rh_sql_levels_problem(all), NULL), RH_OK);
    }
    for (size_t i = 1; i < rh_sql_levels_count(all); i++) {
        const rh_sql_level *level = rh_sql_levels_at(all, i);
        size_t line;
        size_t column;

        describe(sql, level, &seen);
        rh_sql_position(sql, strlen(sql), level->offset, &line, &column);
        assert_int_equal(level->line, line);
        assert_int_equal(level->column, column);
        assert_true(level->parent < i);
        assert_true(level->query_offset >= level->offset);
        assert_true(level->query_offset + level->query_length <= level->offset + level->length);
    }
    assert_string_equal(rh_buf_cstr(&seen), expected);
    rh_buf_done(&seen);
    rh_sql_levels_free(all);
}

static void both(const char *sql, const char *expected)
{
    levels(RH_SQL_POSTGRES, sql, &world_catalog, expected);
    levels(RH_SQL_SQLITE, sql, &world_catalog, expected);
}

static void postgres(const char *sql, const char *expected)
{
    levels(RH_SQL_POSTGRES, sql, &world_catalog, expected);
}

static void sqlite(const char *sql, const char *expected)
{
    levels(RH_SQL_SQLITE, sql, &world_catalog, expected);
}

static void statements_without_subqueries_have_none(void **state)
{
    (void)state;
    both("select 1", "");
    both("select a.*, b from acct a left join tx on a.id = tx.acct_id where name like 'x%' escape "
         "'!' group by 1, 2 having count(*) > 1 order by 1 desc nulls last limit 3 offset 4",
         "");
    both("insert into acct (id, name) values (1, 'x'), (2, 'y')", "");
    both("delete from acct where id in (1, 2, 3)", "");
    both("values (1, 2), (3, 4)", "");
    postgres(
        "select date '2020-01-01', interval '1 day' day to second, a.x[1:2], (a).b.c, x::text[] "
        "from acct a where id = any($1) and name is distinct from 'x' for update of a nowait",
        "");
    postgres("select extract(year from created_at), substring(name from 1 for 2), trim(both 'x' "
             "from name), position('a' in name), cast(id as numeric(10, 2)), "
             "count(*) filter (where id > 1) over (partition by name order by id rows between 1 "
             "preceding and current row) from acct window w as (order by id)",
             "");
}

static void subqueries_in_each_clause(void **state)
{
    (void)state;
    both("select a.id, (select count(*) from tx where tx.acct_id = a.id) from acct a",
         "expr select.2 <0 a.id [(select count(*) from tx where tx.acct_id = a.id)]\n");
    both("select 1 from acct a where exists (select 1 from tx t where t.acct_id = a.id)",
         "exists where <0 a.id [(select 1 from tx t where t.acct_id = a.id)]\n");
    both("select 1 from acct a where not exists (select 1 from tx t where t.acct_id = a.id)",
         "not exists where <0 a.id [(select 1 from tx t where t.acct_id = a.id)]\n");
    both("select 1 from acct where id in (select acct_id from tx)",
         "any where <0 - [(select acct_id from tx)]\n");
    both("select 1 from acct where id not in (select acct_id from tx limit 5)",
         "not any+limit where <0 - [(select acct_id from tx limit 5)]\n");
    both("select x.n from (select count(*) as n from tx) x",
         "from from <0 - x [(select count(*) as n from tx)]\n");
    both("select 1 from acct a join tx t on t.id = (select max(id) from ev where tx_id = a.id)",
         "expr join-on <0 a.id [(select max(id) from ev where tx_id = a.id)]\n");
    both("select name from acct group by name having count(*) > (select 1) order by (select 2) "
         "limit "
         "(select 3)",
         "expr having <0 - [(select 1)]\nexpr order-by.1 <0 - [(select 2)]\nexpr limit <0 - "
         "[(select 3)]\n");
    both("update tx set amount = (select 1), note = 'x' where id = (select max(tx_id) from ev)",
         "expr set.1 <0 - [(select 1)]\nexpr where <0 - [(select max(tx_id) from ev)]\n");
    both("insert into tx (id, amount) select id, (select 2) from ev",
         "expr insert <0 - [select id, (select 2) from ev]\nexpr select.2 <1 - [(select 2)]\n");
    postgres("select array(select id from tx where acct_id = a.id) from acct a",
             "array select.1 <0 a.id [(select id from tx where acct_id = a.id)]\n");
    postgres("select 1 from acct where id <> all (select acct_id from tx) or id = some (select 1)",
             "all where <0 - [(select acct_id from tx)]\nany where <0 - [(select 1)]\n");
    postgres("update tx set (amount, note) = (select 1, kind from ev where tx_id = tx.id)",
             "expr set.1 <0 tx.id [(select 1, kind from ev where tx_id = tx.id)]\n");
}

static void ctes_and_their_bodies(void **state)
{
    (void)state;
    both("with a as (select 1), b (x) as materialized (select 2) select * from a, b",
         "cte with.1 <0 - a [(select 1)]\ncte with.2 <0 - b [(select 2)]\n");
    both("with recursive r(n) as (select 1 union all select n + 1 from r where n < 5) select n "
         "from r",
         "cte with.1 <0 - r [(select 1 union all select n + 1 from r where n < 5)]\n"
         "arm set-op.1 <1 - [select 1]\narm set-op.2 <1 - [select n + 1 from r where n < 5]\n");
    postgres("with d as (delete from tx where id = (select 1) returning *) select * from d",
             "cte with.1 <0 - d [(delete from tx where id = (select 1) returning *)]\n"
             "expr where <1 - [(select 1)]\n");
}

static void arms_of_set_operations(void **state)
{
    (void)state;
    both("select id from acct union select id from tx except select tx_id from ev order by 1",
         "arm set-op.1 <0 - [select id from acct]\narm set-op.2 <0 - [select id from tx]\n"
         "arm set-op.3 <0 - [select tx_id from ev]\n");
    postgres("(select id from acct limit 1) union all (select id from tx intersect select 1)",
             "arm+limit set-op.1 <0 - [(select id from acct limit 1)]\n"
             "arm set-op.2 <0 - [(select id from tx intersect select 1)]\n"
             "arm set-op.1 <2 - [select id from tx]\narm set-op.2 <2 - [select 1]\n");
    both("select 1 from acct a where a.id in (select acct_id from tx union select a.id)",
         "any where <0 a.id [(select acct_id from tx union select a.id)]\n"
         "arm set-op.1 <1 - [select acct_id from tx]\narm set-op.2 <1 a.id [select a.id]\n");
}

static void nesting_and_correlation_over_levels(void **state)
{
    (void)state;
    both("select (select (select max(e.id) from ev e where e.tx_id = t.id and e.id > a.id) from tx "
         "t) "
         "from acct a",
         "expr select.1 <0 a.id [(select (select max(e.id) from ev e where e.tx_id = t.id and e.id "
         "> "
         "a.id) from tx t)]\nexpr select.1 <1 t.id [(select max(e.id) from ev e where e.tx_id = "
         "t.id "
         "and e.id > a.id)]\n");
    /* A derived table sees no sibling; LATERAL does. */
    postgres("select 1 from acct a, (select acct_id from tx where id = 1) t",
             "from from <0 - t [(select acct_id from tx where id = 1)]\n");
    postgres("select 1 from acct a, lateral (select amount from tx where acct_id = a.id) t",
             "from from <0 a.id t [(select amount from tx where acct_id = a.id)]\n");
    /* The same alias inside hides the one outside. */
    both("select 1 from tx where exists (select 1 from tx where tx.id = 5)",
         "exists where <0 - [(select 1 from tx where tx.id = 5)]\n");
    /* Unqualified: amount is no column of ev. */
    both("select 1 from tx where exists (select 1 from ev where amount > 5)",
         "exists where <0 tx.amount [(select 1 from ev where amount > 5)]\n");
    both("select 1 from tx where exists (select 1 from nowhere where amount > 5)",
         "exists where <0 ? [(select 1 from nowhere where amount > 5)]\n");
    both("select 1 from (select id, name as amount from acct) x where exists (select 1 from ev "
         "where "
         "amount > 5)",
         "from from <0 - x [(select id, name as amount from acct)]\n"
         "exists where <0 x.amount [(select 1 from ev where amount > 5)]\n");
    levels(RH_SQL_POSTGRES, "select 1 from tx where exists (select 1 from ev where kind = 5)", NULL,
           "exists where <0 ? [(select 1 from ev where kind = 5)]\n");
}

static void spans_survive_comments_and_quotes(void **state)
{
    (void)state;
    both("select /* ( */ '(' || (\n  select ')' -- )\n  from tx), \"(\" from acct",
         "expr select.1 <0 - [(\n  select ')' -- )\n  from tx)]\n");
    both("select \xC3\xA4.id, ((select 1)) from acct \xC3\xA4",
         "expr select.2 <0 - [((select 1))]\n");
    postgres("select $x$(select 1)$x$, (select 2)", "expr select.2 <0 - [(select 2)]\n");
    sqlite("select [(select 1)], `(`, (select 2) from t", "expr select.3 <0 - [(select 2)]\n");
}

static void wrappers_are_looked_through(void **state)
{
    (void)state;
    postgres("explain (analyze, buffers) select (select 1)", "expr select.1 <0 - [(select 1)]\n");
    sqlite("explain query plan select (select 1)", "expr select.1 <0 - [(select 1)]\n");
    postgres("create materialized view v as select (select 1) with no data",
             "expr select.1 <0 - [(select 1)]\n");
    postgres("prepare p (int) as select (select $1)", "expr select.1 <0 - [(select $1)]\n");
    postgres("declare c cursor for select (select 1)", "expr select.1 <0 - [(select 1)]\n");
    postgres("copy (select (select 1)) to stdout", "expr select.1 <0 - [(select 1)]\n");
    postgres("select (select 1);", "expr select.1 <0 - [(select 1)]\n");
}

static void what_is_not_understood_is_not_mapped(void **state)
{
    (void)state;
    both("select from where", "syntax not understood at byte 12");
    both("select (select 1", "unbalanced parentheses");
    both("select 'x", "a quote or comment that never ends");
    both("", "a statement without a query at byte 0");
    both("vacuum", "a statement without a query at byte 0");
    sqlite("select 1 from acct where id in tx", "syntax not understood at byte 31");
    both("select 1; select 2", "syntax not understood at byte 10");
}

static void relations_and_columns_are_listed(void **state)
{
    const char *sql =
        "with c as (select id from ev) select t.amount, c.id from tx as t join c on c.id "
        "= t.id where status = 'x'";
    rh_sql_levels *all = NULL;
    const rh_sql_level *top;

    (void)state;
    assert_int_equal(
        rh_sql_levels_new(RH_SQL_POSTGRES, sql, strlen(sql), &world_catalog, &all, NULL), RH_OK);
    top = rh_sql_levels_at(all, 0);
    assert_int_equal(top->relation_count, 2);
    assert_string_equal(top->relations[0].name, "tx");
    assert_string_equal(top->relations[0].alias, "t");
    assert_int_equal(top->relations[0].level, RH_SQL_NONE);
    assert_int_equal(top->relations[1].level, 1);
    assert_int_equal(top->column_count, 5);
    assert_string_equal(top->columns[0].name, "amount");
    assert_int_equal(top->columns[0].relation, 0);
    assert_string_equal(top->columns[4].name, "status");
    assert_int_equal(top->columns[4].relation, 0);
    assert_int_equal(top->columns[4].clause, RH_SQL_CLAUSE_WHERE);
    rh_sql_levels_free(all);
}

/* Nothing may run away with the stack or the clock. */
static void hostile_texts_end_soon(void **state)
{
    static const char *const units[] = {"(",
                                        "(select ",
                                        "1+",
                                        "not ",
                                        "case when ",
                                        "- ",
                                        "a[",
                                        "array[",
                                        "select 1 union ",
                                        "exists (select 1 where ",
                                        "with a as (",
                                        "from (",
                                        "a=",
                                        "f(",
                                        "a::b::",
                                        "1,",
                                        "join x ",
                                        "x."};

    (void)state;
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
        for (int d = RH_SQL_POSTGRES; d <= RH_SQL_SQLITE; d++) {
            rh_buf sql = RH_BUF_INIT;
            rh_sql_levels *all = NULL;

            assert_int_equal(rh_buf_append_str(&sql, "select ", NULL), RH_OK);
            for (int i = 0; i < 5000; i++)
                assert_int_equal(rh_buf_append_str(&sql, units[u], NULL), RH_OK);
            assert_int_equal(
                rh_sql_levels_new((rh_sql_dialect)d, rh_buf_cstr(&sql), sql.len, NULL, &all, NULL),
                RH_OK);
            rh_sql_levels_free(all);
            rh_buf_done(&sql);
        }
    }
}

static rh_status use_levels(void *ctx, rh_error *err)
{
    const char *sql =
        "with c (x) as (select id from ev) select $1, (select max(c.x) from c where c.x = "
        "t.id) from tx t where status in ('a', :b)";
    rh_sql_levels *all = NULL;
    rh_status status =
        rh_sql_levels_new(RH_SQL_SQLITE, sql, strlen(sql), &world_catalog, &all, err);

    (void)ctx;
    rh_sql_levels_free(all);
    return status;
}

static rh_status use_levels_postgres(void *ctx, rh_error *err)
{
    const char *sql = "select (select max(id) from ev where tx_id = t.id) from tx t";
    rh_sql_levels *all = NULL;
    rh_status status =
        rh_sql_levels_new(RH_SQL_POSTGRES, sql, strlen(sql), &world_catalog, &all, err);

    (void)ctx;
    rh_sql_levels_free(all);
    return status;
}

static void each_failed_allocation_is_reported(void **state)
{
    (void)state;
    rh_mem_adopt_jansson();
    assert_true(fail_nth(use_levels, NULL) >= 4);
    assert_true(fail_nth(use_levels_postgres, NULL) >= 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_without_subqueries_have_none),
        cmocka_unit_test(subqueries_in_each_clause),
        cmocka_unit_test(ctes_and_their_bodies),
        cmocka_unit_test(arms_of_set_operations),
        cmocka_unit_test(nesting_and_correlation_over_levels),
        cmocka_unit_test(spans_survive_comments_and_quotes),
        cmocka_unit_test(wrappers_are_looked_through),
        cmocka_unit_test(what_is_not_understood_is_not_mapped),
        cmocka_unit_test(relations_and_columns_are_listed),
        cmocka_unit_test(hostile_texts_end_soon),
        cmocka_unit_test(each_failed_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
