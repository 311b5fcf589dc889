/* Values of a statement and the columns they meet. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/sql_columns.h"
#include "core/sql_literal.h"
#include "fail_nth.h"
#include "sql_world.h"

/* "'x'=equal:acct.name" per value, separated by blanks; a parameter's position behind a #. */
static void values(rh_sql_dialect dialect, const char *sql, const char *expected)
{
    rh_sql_values *all = NULL;
    rh_buf seen = RH_BUF_INIT;

    assert_int_equal(rh_sql_values_new(dialect, sql, strlen(sql), &world_catalog, &all, NULL),
                     RH_OK);
    for (size_t i = 0; i < rh_sql_values_count(all); i++) {
        const rh_sql_value *v = rh_sql_values_at(all, i);

        assert_int_equal(v->use == RH_SQL_USE_UNKNOWN, v->why != NULL);
        assert_int_equal(
            rh_buf_printf(&seen, NULL, "%s%.*s", i > 0 ? " " : "", (int)v->len, sql + v->offset),
            RH_OK);
        if (v->parameter > 0)
            assert_int_equal(rh_buf_printf(&seen, NULL, "#%zu", v->parameter), RH_OK);
        assert_int_equal(rh_buf_printf(&seen, NULL, "=%s", rh_sql_value_use_name(v->use)), RH_OK);
        if (v->column != NULL)
            assert_int_equal(rh_buf_printf(&seen, NULL, ":%s.%s", v->table, v->column), RH_OK);
    }
    assert_string_equal(rh_buf_cstr(&seen), expected);
    rh_buf_done(&seen);
    rh_sql_values_free(all);
}

static void both(const char *sql, const char *expected)
{
    values(RH_SQL_POSTGRES, sql, expected);
    values(RH_SQL_SQLITE, sql, expected);
}

static void comparisons(void **state)
{
    (void)state;
    both("select 1 from acct where name = 'x' and 'y' <> email and id >= -5",
         "1=form 'x'=equal:acct.name 'y'=equal:acct.email -5=order:acct.id");
    both("select 1 from acct a join tx t on t.acct_id = a.id and t.status = 'p' where a.name like "
         "'x%'",
         "1=form 'p'=equal:tx.status 'x%'=like:acct.name");
    both("select 1 from acct where id in (1, 2) or id between 3 and 4 or name not in ('x')",
         "1=form 1=equal:acct.id 2=equal:acct.id 3=order:acct.id 4=order:acct.id "
         "'x'=equal:acct.name");
    both("select 1 from tx where (acct_id, status) = (7, 'p')",
         "1=form 7=equal:tx.acct_id 'p'=equal:tx.status");
    both("select 1 from tx where (acct_id, status) in ((7, 'p'), (8, 'q'))",
         "1=form 7=equal:tx.acct_id 'p'=equal:tx.status 8=equal:tx.acct_id 'q'=equal:tx.status");
    both("select 1 from tx where note = coalesce('a', 'b') or note = case when id > 5 then 'c' end",
         "1=form 'a'=equal:tx.note 'b'=equal:tx.note 5=order:tx.id 'c'=equal:tx.note");
    both("select case status when 'p' then 1 else 2 end from tx",
         "'p'=equal:tx.status 1=unknown:tx.status 2=unknown:tx.status");
    values(RH_SQL_POSTGRES,
           "select 1 from acct where id = any($1) and id = any('{1,2}'::int[]) and id = "
           "any(array[3, $2])",
           "1=form $1#1=array:acct.id '{1,2}'=array:acct.id 3=equal:acct.id $2#2=equal:acct.id");
    values(RH_SQL_POSTGRES,
           "select 1 from acct where id = $2::int and created_at > timestamp '2020-01-01' "
           "and name ilike $1 and email::text ~ '^x'",
           "1=form $2#2=equal:acct.id '2020-01-01'=order:acct.created_at $1#1=like:acct.name "
           "'^x'=match:acct.email");
    /* As the server writes the operators of extensions, under an empty search path. */
    values(RH_SQL_POSTGRES,
           "select 1 from acct where (name operator(public.=) 'x'::public.citext) or (email "
           "operator(\"Ext\".~~) 'y%'::public.citext) and (id operator(pg_catalog.>=) 5)",
           "1=form 'x'=equal:acct.name 'y%'=like:acct.email 5=order:acct.id");
    values(RH_SQL_POSTGRES,
           "select 1 from acct where (name)::public.citext operator(public.<>) 'x' and email "
           "operator(public.->) 'k' = 'v' and name operator(x.<->) 'z' < 3",
           "1=form 'x'=equal:acct.name 'k'=form 'v'=unknown:acct.email 'z'=unknown:acct.name "
           "3=unknown:acct.name");
    values(RH_SQL_POSTGRES,
           "select 1 from acct where name = 'w' and id operator(public.=) any (array[5, 6])",
           "1=form 'w'=equal:acct.name 5=equal:acct.id 6=equal:acct.id");
    values(RH_SQL_POSTGRES, "select 1 from acct where name operator() 'x'",
           "1=form 'x'=unknown:acct.name");
    values(RH_SQL_SQLITE,
           "select 1 from acct where id = ? and name = :n and email = ?1 and id = :n or "
           "name = @p or name = \"bob\" and \"name\" = 'x'",
           "1=form ?#1=equal:acct.id :n#2=equal:acct.name ?1#1=equal:acct.email :n#2=equal:acct.id "
           "@p#3=equal:acct.name \"bob\"=equal:acct.name 'x'=equal:acct.name");
    values(RH_SQL_SQLITE, "select 1 from acct where name glob 'x*' and name is not 'y' and id == 4",
           "1=form 'x*'=like:acct.name 'y'=equal:acct.name 4=equal:acct.id");
}

static void writes(void **state)
{
    (void)state;
    both("insert into acct (name, id) values ('x', 1), ('y', -2)",
         "'x'=insert:acct.name 1=insert:acct.id 'y'=insert:acct.name -2=insert:acct.id");
    both("insert into ev values (1, 2, 'k')",
         "1=insert:ev.id 2=insert:ev.tx_id 'k'=insert:ev.kind");
    both("insert into ev (kind, id) select 'k', id from tx where note = 'n'",
         "'k'=insert:ev.kind 'n'=equal:tx.note");
    both("insert into ev (kind) values ('k') on conflict (id) do update set kind = 'l' where ev.id "
         "= 3",
         "'k'=insert:ev.kind 'l'=set:ev.kind 3=equal:ev.id");
    both("update tx set note = 'n', amount = amount + 5, status = lower('S') where id = 7",
         "'n'=set:tx.note 5=unknown:tx.amount 'S'=unknown:tx.status 7=equal:tx.id");
    both("update tx set (note, status) = ('n', 's') where id = 7",
         "'n'=set:tx.note 's'=set:tx.status 7=equal:tx.id");
    both("delete from tx where acct_id = 5 or status is null", "5=equal:tx.acct_id");
}

static void columns_are_followed_to_their_table(void **state)
{
    (void)state;
    both("with c as (select id as i, name from acct) select 1 from c where i = 5 and c.name = 'x'",
         "1=form 5=equal:acct.id 'x'=equal:acct.name");
    both("select 1 from (select * from tx) y where status = 'p' and y.id = 4",
         "1=form 'p'=equal:tx.status 4=equal:tx.id");
    both("select 1 from (select amount * 2 as d from tx) y where d = 4",
         "1=form 2=unknown:tx.amount 4=unknown");
    both("select 1 from acct where exists (select 1 from tx where status = 'p' and name = 'x')",
         "1=form 1=form 'p'=equal:tx.status 'x'=equal:acct.name");
    both("select 1 from acct where 'x' in (select status from tx)", "1=form 'x'=equal:tx.status");
}

static void what_no_column_claims_is_said(void **state)
{
    (void)state;
    both("select 1 from acct where lower(name) = 'x'", "1=form 'x'=unknown:acct.name");
    both("select 'x', 5 from acct where id + 3 > 4",
         "'x'=unknown 5=form 3=unknown:acct.id 4=unknown:acct.id");
    both("select 1 from acct, tx where acct.id + tx.id = 4", "1=form 4=unknown");
    both("select 1 from acct limit 5 offset 6", "1=form 5=count 6=count");
    both("select count(1) from acct order by 1", "1=form 1=form");
    both("select 1 from nowhere, acct where x = 'y'", "1=form 'y'=unknown");
    both("frobnicate 'x' 5", "'x'=unknown 5=unknown");
    values(
        RH_SQL_POSTGRES,
        "select note->>'k' from tx where note->>'k' = 'v' and created > now() - interval '1 day'",
        "'k'=form 'k'=form 'v'=unknown:tx.note '1 day'=form");
    values(RH_SQL_POSTGRES, "select date_trunc('day', created_at), id::numeric(10,2) from acct",
           "'day'=form 10=form 2=form");
    values(RH_SQL_POSTGRES, "set application_name = 'x'", "'x'=unknown");
    both("select 1 from acct where 5 in (id, name)", "1=form 5=unknown");
}

static void decode(rh_sql_dialect dialect, const char *literal, const char *expected)
{
    rh_buf out = RH_BUF_INIT;
    rh_status status = rh_sql_literal_decode(dialect, literal, strlen(literal), &out, NULL);

    if (expected == NULL) {
        assert_int_equal(status, RH_SKIPPED);
        assert_int_equal(out.len, 0);
    } else {
        assert_int_equal(status, RH_OK);
        assert_string_equal(rh_buf_cstr(&out), expected);
    }
    rh_buf_done(&out);
}

static void literals_are_decoded(void **state)
{
    (void)state;
    decode(RH_SQL_POSTGRES, "'o''c'", "o'c");
    decode(RH_SQL_POSTGRES, "'a\\n'", "a\\n");
    decode(RH_SQL_POSTGRES, "E'a\\n\\'b''\\x41\\101\\u00e4\\\\'", "a\n'b'AA\xC3\xA4\\");
    decode(RH_SQL_POSTGRES, "$x$a'b$x$", "a'b");
    decode(RH_SQL_POSTGRES, "X'4142'", "AB");
    decode(RH_SQL_POSTGRES, "-5", "-5");
    decode(RH_SQL_POSTGRES, "''", "");
    decode(RH_SQL_POSTGRES, "U&'x'", NULL);
    decode(RH_SQL_POSTGRES, "E'\\ud800'", NULL);
    decode(RH_SQL_POSTGRES, "'a' 'b'", NULL);
    decode(RH_SQL_POSTGRES, "X'4'", NULL);
    decode(RH_SQL_SQLITE, "\"b\"\"c\"", "b\"c");
}

static void quoting_is_undone_by_decoding(void **state)
{
    static const char *const texts[] = {"", "x", "o'c", "a\\b", "\\'", "''", "\n\t$$"};

    (void)state;
    for (int d = RH_SQL_POSTGRES; d <= RH_SQL_SQLITE; d++) {
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            rh_buf quoted = RH_BUF_INIT;

            assert_int_equal(
                rh_sql_literal_quote((rh_sql_dialect)d, texts[i], strlen(texts[i]), &quoted, NULL),
                RH_OK);
            decode((rh_sql_dialect)d, rh_buf_cstr(&quoted), texts[i]);
            rh_buf_done(&quoted);
        }
    }
}

static rh_status use_values(void *ctx, rh_error *err)
{
    const char *sql =
        "with c as (select id from ev where kind = 'k') insert into tx (id, note) select id, "
        ":x from c where id in (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16)";
    rh_sql_values *all = NULL;
    rh_status status =
        rh_sql_values_new(RH_SQL_SQLITE, sql, strlen(sql), &world_catalog, &all, err);

    (void)ctx;
    rh_sql_values_free(all);
    return status;
}

static void each_failed_allocation_is_reported(void **state)
{
    (void)state;
    assert_true(fail_nth(use_values, NULL) >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comparisons),
        cmocka_unit_test(writes),
        cmocka_unit_test(columns_are_followed_to_their_table),
        cmocka_unit_test(what_no_column_claims_is_said),
        cmocka_unit_test(literals_are_decoded),
        cmocka_unit_test(quoting_is_undone_by_decoding),
        cmocka_unit_test(each_failed_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
