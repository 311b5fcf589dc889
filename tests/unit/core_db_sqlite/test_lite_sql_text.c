#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/sql_name.h"
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
    rh_sql_scan scan = rh_lite_scan(sql);
    rh_lite_check check;

    (void)state;
    assert_true(rh_lite_enter_list(&scan));
    assert_true(rh_lite_next_check(&scan, &check));
    assert_int_equal(check.name.len, 0);
    assert_int_equal(check.len, strlen("a IN (1, 2)"));
    assert_true(rh_lite_next_check(&scan, &check));
    assert_true(rh_sql_token_names(RH_SQL_SQLITE, &check.name, sql, "n"));
    assert_int_equal(check.len, strlen("')' <> a"));
    assert_memory_equal(sql + check.offset, "')' <> a", check.len);
    assert_false(rh_lite_next_check(&scan, &check));
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        scan = rh_lite_scan(broken[i]);
        if (rh_lite_enter_list(&scan) && rh_lite_next_check(&scan, &check))
            fail_msg("'%s' has a check", broken[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions_are_found_in_every_spelling),
        cmocka_unit_test(quotes_and_comments_do_not_mislead),
        cmocka_unit_test(checks_end_where_the_text_does),
        cmocka_unit_test(texts_without_such_an_expression_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
