/* Skeletons: what is left out, what stays, and that equal ones have equal normal forms. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/sql_skeleton.h"
#include "fail_nth.h"
#include "sql_normalize.h"

/* Values as '#', so that a test can say what it expects. */
static void is(rh_sql_dialect dialect, const char *sql, const char *expected)
{
    rh_buf out = RH_BUF_INIT;

    assert_int_equal(rh_sql_skeleton(dialect, sql, strlen(sql), &out, NULL), RH_OK);
    for (size_t i = 0; i < out.len; i++) {
        if (out.data[i] < 9)
            out.data[i] = '#';
    }
    assert_string_equal(rh_buf_cstr(&out), expected);
    rh_buf_done(&out);
}

static void compared(rh_sql_dialect dialect, const char *a, const char *b, int equal)
{
    rh_buf bufs[4] = {RH_BUF_INIT, RH_BUF_INIT, RH_BUF_INIT, RH_BUF_INIT};
    const char *texts[] = {a, b};

    for (size_t i = 0; i < 2; i++) {
        size_t len = strlen(texts[i]);

        assert_int_equal(rh_sql_skeleton(dialect, texts[i], len, &bufs[i], NULL), RH_OK);
        assert_int_equal(
            rh_sql_normalize(dialect, RH_SQL_NORMAL_KEY, texts[i], len, &bufs[2 + i], NULL), RH_OK);
    }
    assert_int_equal(strcmp(rh_buf_cstr(&bufs[0]), rh_buf_cstr(&bufs[1])) == 0, equal);
    if (equal)
        assert_string_equal(rh_buf_cstr(&bufs[2]), rh_buf_cstr(&bufs[3]));
    assert_int_equal(strlen(rh_buf_cstr(&bufs[2])), bufs[2].len);
    for (size_t i = 0; i < 4; i++)
        rh_buf_done(&bufs[i]);
}

static void values_and_comments_are_left_out(void **state)
{
    (void)state;
    is(RH_SQL_POSTGRES, "SELECT a, 'it''s', 12, 1.5e3, .5 FROM t1 -- x",
       "SELECT a, #, #, #, # FROM t1  ");
    is(RH_SQL_POSTGRES, "a = $1 AND b=$tag$ x $tag$ /* 1 */", "a = $1 AND b=#  ");
    is(RH_SQL_POSTGRES, "E'a\\'b', X'00', U&'x', N'y', e", "E#, X#, U&#, N#, e");
    is(RH_SQL_POSTGRES, "\"a 1\"::int[1:2], a.b, 1..2", "\"a 1\"::int[#:#], a.b, #.#");
    is(RH_SQL_POSTGRES, "x'0", "x#");
    is(RH_SQL_POSTGRES, "0x1F 1_000 1abc", "# # #abc");
    is(RH_SQL_SQLITE, "[a 1] = ?1 AND :b = `c 2` AND x->>'$.a'",
       "[a 1] = ?1 AND :b = `c 2` AND x->>#");
    is(RH_SQL_SQLITE, "", "");
}

static void positions_stay(void **state)
{
    (void)state;
    is(RH_SQL_POSTGRES, "SELECT 1, 2 ORDER BY 1, 22, 4444 LIMIT 10",
       "SELECT #, # ORDER BY 1, 22, # LIMIT #");
    compared(RH_SQL_POSTGRES, "select a order by 1", "select a order by 2", 0);
    compared(RH_SQL_POSTGRES, "select a order by -1", "select a order by -2", 0);
    compared(RH_SQL_SQLITE, "select a group by a, /* x */ 1", "select a group by a, /* y */ 2", 0);
    compared(RH_SQL_SQLITE, "select a by b limit 10", "select a by b limit 20", 1);
}

static void texts_of_one_skeleton_have_one_normal_form(void **state)
{
    (void)state;
    compared(RH_SQL_POSTGRES, "select * from t where a = 'x' and b in (1, 2)",
             "select * from t where a = 'it''s' and b in (17, 3.5)", 1);
    compared(RH_SQL_POSTGRES, "insert into t values (-1, 'a')", "insert into t values (-20, '')",
             1);
    compared(RH_SQL_POSTGRES, "select 1 /* a */", "select 2 /* b */", 1);
    compared(RH_SQL_POSTGRES, "select 'a' = b", "select E'a' = b", 0);
    compared(RH_SQL_POSTGRES, "select 'a'", "select 'a", 0);
    compared(RH_SQL_POSTGRES, "select 1 /* a */", "select 1 /* a", 0);
    compared(RH_SQL_POSTGRES, "select $1", "select $2", 0);
    compared(RH_SQL_SQLITE, "select 'a' || \"b\"", "select 'a' || \"c\"", 0);
}

static void a_text_that_holds_marks_has_none(void **state)
{
    rh_buf out = RH_BUF_INIT;

    (void)state;
    assert_int_equal(rh_sql_skeleton(RH_SQL_POSTGRES, "a \x02", 3, &out, NULL), RH_SKIPPED);
    assert_int_equal(rh_sql_skeleton(RH_SQL_POSTGRES, "\"\x03\"", 3, &out, NULL), RH_SKIPPED);
    assert_int_equal(rh_sql_skeleton(RH_SQL_POSTGRES, "a\0b", 3, &out, NULL), RH_SKIPPED);
    assert_int_equal(out.len, 0);
    assert_int_equal(rh_sql_skeleton(RH_SQL_POSTGRES, "'\x02'", 3, &out, NULL), RH_OK);
    rh_buf_done(&out);
}

static rh_status make(void *ctx, rh_error *err)
{
    rh_buf out = RH_BUF_INIT;
    rh_status status = rh_sql_skeleton(RH_SQL_POSTGRES, "select 1", 8, &out, err);

    (void)ctx;
    rh_buf_done(&out);
    return status;
}

static void each_failed_allocation_is_reported(void **state)
{
    (void)state;
    assert_true(fail_nth(make, NULL) >= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_and_comments_are_left_out),
        cmocka_unit_test(positions_stay),
        cmocka_unit_test(texts_of_one_skeleton_have_one_normal_form),
        cmocka_unit_test(a_text_that_holds_marks_has_none),
        cmocka_unit_test(each_failed_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
