#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "pg_lexer.h"

/* Statements of text joined by " | "; psql commands in angle brackets. */
static const char *split(const char *text, bool standard_strings)
{
    static char out[4096];
    rh_pg_lexer lexer;
    rh_pg_statement statement;
    size_t n = 0;

    rh_pg_lexer_init(&lexer, text, strlen(text));
    lexer.standard_strings = standard_strings;
    out[0] = '\0';
    while (rh_pg_statement_next(&lexer, NULL, NULL, &statement))
        n += (size_t)snprintf(out + n, sizeof out - n, "%s%s%.*s%s", n == 0 ? "" : " | ",
                              statement.meta ? "<" : "", (int)statement.len, statement.text,
                              statement.meta ? ">" : "");
    return out;
}

static void statements_end_at_semicolons(void **state)
{
    (void)state;
    assert_string_equal(split("SELECT 1; SELECT 2;", true), "SELECT 1 | SELECT 2");
    assert_string_equal(split("a;;;\n ; b", true), "a | b");
    assert_string_equal(split("", true), "");
    assert_string_equal(split(" -- only a comment", true), "");
    assert_string_equal(split("/* a; /* nested; */ ; */ x;", true), "x");
    assert_string_equal(split("a -- ; \n b; c", true), "a -- ; \n b | c");
}

static void quotes_hide_semicolons(void **state)
{
    (void)state;
    assert_string_equal(split("SELECT ';''; ' ; b", true), "SELECT ';''; ' | b");
    assert_string_equal(split("SELECT \"a;\"\"b;\"; c", true), "SELECT \"a;\"\"b;\" | c");
    assert_string_equal(split("SELECT E'\\';' ; c", true), "SELECT E'\\';' | c");
    assert_string_equal(split("SELECT '\\'; c", true), "SELECT '\\' | c");
    assert_string_equal(split("SELECT '\\'; c'; d", false), "SELECT '\\'; c' | d");
    assert_string_equal(split("SELECT U&'\\0061;' ; U&\"x;\" ; d", true),
                        "SELECT U&'\\0061;' | U&\"x;\" | d");
    assert_string_equal(split("SELECT B'1;', X'f;', N';' ; d", true),
                        "SELECT B'1;', X'f;', N';' | d");
}

static void dollar_quotes_hide_everything(void **state)
{
    (void)state;
    assert_string_equal(split("DO $$ a; ' \" -- $x$ /* $$; b", true),
                        "DO $$ a; ' \" -- $x$ /* $$ | b");
    assert_string_equal(split("DO $a$ $$;$b$; $a$; b", true), "DO $a$ $$;$b$; $a$ | b");
    assert_string_equal(split("SELECT $1; SELECT a$b$c; d", true), "SELECT $1 | SELECT a$b$c | d");
    assert_string_equal(split("DO $\xc3\xa4$ ; $\xc3\xa4$; b", true),
                        "DO $\xc3\xa4$ ; $\xc3\xa4$ | b");
}

static void parentheses_and_bodies_keep_semicolons(void **state)
{
    (void)state;
    assert_string_equal(split("CREATE RULE r AS ON INSERT TO t DO (a; b;); c", true),
                        "CREATE RULE r AS ON INSERT TO t DO (a; b;) | c");
    assert_string_equal(
        split("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN x THEN 1 "
              "END; END; b",
              true),
        "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN x THEN 1 END; "
        "END | b");
    assert_string_equal(split("CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC a; END; b", true),
                        "CREATE OR REPLACE PROCEDURE p() BEGIN ATOMIC a; END | b");
    assert_string_equal(split("BEGIN; SELECT 1; END; b", true), "BEGIN | SELECT 1 | END | b");
    assert_string_equal(split("CREATE TABLE \"begin\" (a int); b", true),
                        "CREATE TABLE \"begin\" (a int) | b");
}

static void psql_commands_are_told_apart(void **state)
{
    (void)state;
    assert_string_equal(split("\\connect x\nSELECT 1;", true), "<\\connect x> | SELECT 1");
    assert_string_equal(split("SELECT 'a\n\\connect x\n';", true), "SELECT 'a\n\\connect x\n'");
}

static void text_that_never_ends_is_one_statement(void **state)
{
    (void)state;
    assert_string_equal(split("a; 'b; c", true), "a | 'b; c");
    assert_string_equal(split("a; $$b; c", true), "a | $$b; c");
    assert_string_equal(split("a; \"b; c", true), "a | \"b; c");
    assert_string_equal(split("a; /* b; c", true), "a");
    assert_string_equal(split("a; E'\\", true), "a | E'\\");
    assert_string_equal(split("a; $", true), "a | $");
}

/* Every prefix of a tricky text is read to its end without a step outside. */
static void every_prefix_is_survived(void **state)
{
    static const char text[] =
        "U&'a' E'\\'' $t$ x $t$ -- c\n/* /* */ */ \"q\"\"r\" CREATE FUNCTION "
        "BEGIN CASE END (;) \\m\n1.5e3 $1 ;";

    (void)state;
    for (size_t len = 0; len < sizeof text; len++) {
        rh_pg_lexer lexer;
        rh_pg_statement statement;

        rh_pg_lexer_init(&lexer, text, len);
        while (rh_pg_statement_next(&lexer, NULL, NULL, &statement))
            assert_true(statement.text >= text && statement.text + statement.len <= text + len);
        assert_ptr_equal(lexer.at, text + len);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_end_at_semicolons),
        cmocka_unit_test(quotes_hide_semicolons),
        cmocka_unit_test(dollar_quotes_hide_everything),
        cmocka_unit_test(parentheses_and_bodies_keep_semicolons),
        cmocka_unit_test(psql_commands_are_told_apart),
        cmocka_unit_test(text_that_never_ends_is_one_statement),
        cmocka_unit_test(every_prefix_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
