/* Expressions of users: whole in themselves, or refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "../../../core/db/extra_text.h"

static void whole_expressions_pass(void **state)
{
    static const char *const good[] = {
        "lower(name)",      "a || ')' || \"odd ) name\"", "E'it\\'s' || x",
        "ARRAY[1, (2)][1]", "'it''s -- no comment'",      "`a;b` + 1",
        "a - -1",           "case'--'when x then 1 end",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_int_equal(rh_extra_check_text(good[i], NULL), RH_OK);
}

static void what_would_end_the_statement_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "  ",
        "a)",
        "(a",
        "[a)",
        "a;b",
        "a -- b",
        "a /* b */",
        "'open",
        "\"open",
        "`open",
        "$$x$$",
        "?1",
        "E'\\'",
        "a)::text FROM b WHERE (c",
        "e'x\\' || ')",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(rh_extra_check_text(bad[i], NULL), RH_ECONFIG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_expressions_pass),
        cmocka_unit_test(what_would_end_the_statement_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
