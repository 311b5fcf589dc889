/* Expressions of users: whole in themselves, or refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../core/db/extra_text.h"

static rh_status check(rh_sql_dialect dialect, const char *sql)
{
    return rh_extra_check_text(dialect, sql, NULL);
}

static void whole_expressions_pass(void **state)
{
    static const char *const good[] = {"lower(name)", "a || ')' || \"odd ) name\"",
                                       "'it''s -- no comment'", "a - -1",
                                       "case'--'when x then 1 end"};

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(check(RH_SQL_POSTGRES, good[i]), RH_OK);
        assert_int_equal(check(RH_SQL_SQLITE, good[i]), RH_OK);
    }
    assert_int_equal(check(RH_SQL_POSTGRES, "E'it\\'s' || x"), RH_OK);
    assert_int_equal(check(RH_SQL_POSTGRES, "ARRAY[1, (2)][1]"), RH_OK);
    assert_int_equal(check(RH_SQL_POSTGRES, "a[1:2]::text"), RH_OK);
    assert_int_equal(check(RH_SQL_SQLITE, "`a;b` + 1"), RH_OK);
    assert_int_equal(check(RH_SQL_SQLITE, "[a;(b] + 1"), RH_OK);
}

static void what_would_end_the_statement_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "  ",
        "a)",
        "(a",
        "[a)",
        "[a",
        "a]",
        "a;b",
        "a -- b",
        "a /* b */",
        "a /* b",
        "'open",
        "\"open",
        "$$x$$",
        "$1",
        "a$b",
        "?1",
        ":name",
        "E'\\'",
        "a)::text FROM b WHERE (c",
        "e'x\\' || ')",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(check(RH_SQL_POSTGRES, bad[i]), RH_ECONFIG);
        if (bad[i][0] != 'E') /* no more than a name before a whole string there */
            assert_int_equal(check(RH_SQL_SQLITE, bad[i]), RH_ECONFIG);
    }
    assert_int_equal(check(RH_SQL_POSTGRES, "a \\ ' b"), RH_ECONFIG);
    assert_int_equal(check(RH_SQL_POSTGRES, "a ? 'b'"), RH_ECONFIG);
    assert_int_equal(check(RH_SQL_POSTGRES, "`a;b` + 1"), RH_ECONFIG);
    assert_int_equal(check(RH_SQL_SQLITE, "`open"), RH_ECONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_expressions_pass),
        cmocka_unit_test(what_would_end_the_statement_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
