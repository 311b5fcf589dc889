#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lite_sql_text.h"

static void assert_expression(const char *sql, size_t column, const char *expected)
{
    const char *out = NULL;
    size_t len = 0;
    rh_error err = RH_ERROR_INIT;

    if (rh_lite_generated_expression(sql, column, &out, &len, &err) != RH_OK)
        fail_msg("%s: %s", sql, err.text);
    assert_int_equal(strlen(expected), len);
    assert_memory_equal(expected, out, len);
}

static void expressions_are_found_in_every_spelling(void **state)
{
    (void)state;
    assert_expression("CREATE TABLE t(a, b AS (a + 1))", 1, "a + 1");
    assert_expression("CREATE TABLE t(a, b INT GENERATED ALWAYS AS (a + 1) STORED NOT NULL)", 1,
                      "a + 1");
    assert_expression("CREATE TABLE t(a,b decimal(10,2)as((a)*(2))stored)", 1, "(a)*(2)");
    assert_expression("CREATE TABLE t(b AS(1),a)", 0, "1");
    assert_expression("CREATE TABLE t(a, b CHECK (b > 1) DEFAULT (5) AS /* ( */ (a))", 1, "a");
}

static void quotes_and_comments_do_not_mislead(void **state)
{
    (void)state;
    assert_expression("CREATE TABLE \"t(x,\"(a, -- , AS (no)\n b AS ('),' || \"a)\" /*)*/))", 1,
                      "'),' || \"a)\" /*)*/");
    assert_expression("CREATE TABLE t([a,], `b,``` AS (1), 'c,''' AS (2))", 1, "1");
    assert_expression("CREATE TABLE t([a,], `b,``` AS (1), 'c,''' AS (2))", 2, "2");
    assert_expression("CREATE TABLE t(\"AS\" INT, x AS (\"AS\" + 1))", 1, "\"AS\" + 1");
}

static void texts_without_such_an_expression_are_refused(void **state)
{
    static const struct {
        const char *sql;
        size_t column;
    } bad[] = {
        {"", 0},
        {"CREATE TABLE t", 0},
        {"CREATE TABLE t(", 0},
        {"CREATE TABLE t(a)", 0},
        {"CREATE TABLE t(a, b AS (1))", 0},
        {"CREATE TABLE t(a, b AS (1))", 2},
        {"CREATE TABLE t(a, b AS (1)", 5},
        {"CREATE TABLE t(a, b AS (1", 1},
        {"CREATE TABLE t(a, b AS 1)", 1},
        {"CREATE TABLE t(a, b AS", 1},
        {"CREATE TABLE t(a, b CHECK (", 1},
        {"CREATE TABLE t(a(, b AS (1))", 1},
        {"CREATE TABLE t(a, 'b AS (1))", 1},
        {"CREATE TABLE t(a, /* b AS (1))", 1},
        {"CREATE TABLE t(a, -- b AS (1))", 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const char *out = NULL;
        size_t len = 0;

        if (rh_lite_generated_expression(bad[i].sql, bad[i].column, &out, &len, NULL) != RH_EFORMAT)
            fail_msg("'%s' was taken", bad[i].sql);
        assert_null(out);
    }
}

static void names_are_compared_without_their_quotes(void **state)
{
    static const struct {
        const char *token;
        const char *name;
        bool same;
    } cases[] = {
        {"abc", "ABC", true},
        {"abc", "ab", false},
        {"ab", "abc", false},
        {"\"a\"\"b\"", "a\"b", true},
        {"\"a\"\"b\"", "a\"\"b", false},
        {"[a]", "A", true},
        {"`a```", "a`", true},
        {"'it''s'", "IT'S", true},
        {"\"\"", "", true},
        {"\"a", "a", false},
        {"\"", "", false},
        {"\xc3\xa4", "\xc3\x84", false},
        {"", "", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rh_lite_token token = rh_lite_next_token(cases[i].token);

        if (rh_lite_token_names(&token, cases[i].name) != cases[i].same)
            fail_msg("case %zu", i);
    }
}

static void checks_end_where_the_text_does(void **state)
{
    static const char *const broken[] = {"CREATE TABLE t",
                                         "CREATE TABLE t(a CHECK (1",
                                         "CREATE TABLE t(a CHECK",
                                         "CREATE TABLE t(a CHECK 1)",
                                         "CREATE TABLE t(a \"CHECK\" (1))",
                                         "CREATE TABLE t(a (CHECK"};
    const char *sql =
        "CREATE TABLE t(a CHECK (a IN (1, 2)), CONSTRAINT n CHECK(')' <> a)) CHECK (no)";
    const char *at = rh_lite_body(sql);
    rh_lite_check check;

    (void)state;
    assert_true(rh_lite_next_check(&at, &check));
    assert_null(check.name.start);
    assert_int_equal(check.len, strlen("a IN (1, 2)"));
    assert_true(rh_lite_next_check(&at, &check));
    assert_true(rh_lite_token_names(&check.name, "n"));
    assert_int_equal(check.len, strlen("')' <> a"));
    assert_false(rh_lite_next_check(&at, &check));
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        at = rh_lite_body(broken[i]);
        if (at != NULL && rh_lite_next_check(&at, &check))
            fail_msg("'%s' has a check", broken[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_are_found_in_every_spelling),
        cmocka_unit_test(quotes_and_comments_do_not_mislead),
        cmocka_unit_test(names_are_compared_without_their_quotes),
        cmocka_unit_test(checks_end_where_the_text_does),
        cmocka_unit_test(texts_without_such_an_expression_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
