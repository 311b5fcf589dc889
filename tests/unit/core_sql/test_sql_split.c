/* Texts of several statements, cut. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/sql_scan.h"

/* The pieces of sql, each in <>, with a ; behind those that are complete. */
static void pieces(rh_sql_dialect dialect, const char *sql, const char *expected)
{
    rh_sql_scan scan;
    rh_sql_piece piece;
    rh_buf seen = RH_BUF_INIT;

    rh_sql_scan_init(&scan, dialect, sql, strlen(sql));
    while (rh_sql_split_next(&scan, &piece))
        assert_int_equal(rh_buf_printf(&seen, NULL, "<%.*s>%s", (int)piece.len, sql + piece.offset,
                                       piece.complete ? ";" : ""),
                         RH_OK);
    assert_string_equal(rh_buf_cstr(&seen), expected);
    rh_buf_done(&seen);
}

static void statements_end_at_semicolons(void **state)
{
    (void)state;
    pieces(RH_SQL_POSTGRES, "", "");
    pieces(RH_SQL_POSTGRES, " ;; -- x\n", "");
    pieces(RH_SQL_POSTGRES, "select 1", "<select 1>");
    pieces(RH_SQL_POSTGRES, "-- c\nselect ';' ; /* ; */ select 2 -- d\n;",
           "<select ';'>;<select 2>;");
    pieces(RH_SQL_POSTGRES, "do $$ begin a; end $$; select 1",
           "<do $$ begin a; end $$>;<select 1>");
}

static void quotes_hide_semicolons(void **state)
{
    (void)state;
    pieces(RH_SQL_POSTGRES, "a /* b; /* nested; */ ; */ x; c",
           "<a /* b; /* nested; */ ; */ x>;<c>");
    pieces(RH_SQL_POSTGRES, "select \"a;\"\"b;\"; c", "<select \"a;\"\"b;\">;<c>");
    pieces(RH_SQL_POSTGRES, "select E'\\';' ; c", "<select E'\\';'>;<c>");
    pieces(RH_SQL_POSTGRES, "select '\\'; c", "<select '\\'>;<c>");
    pieces(RH_SQL_POSTGRES, "select U&'\\0061;' ; U&\"x;\" ; d",
           "<select U&'\\0061;'>;<U&\"x;\">;<d>");
    pieces(RH_SQL_POSTGRES, "select B'1;', X'f;', N';' ; d", "<select B'1;', X'f;', N';'>;<d>");
    pieces(RH_SQL_POSTGRES, "do $$ a; ' \" -- $x$ /* $$; b", "<do $$ a; ' \" -- $x$ /* $$>;<b>");
    pieces(RH_SQL_POSTGRES, "do $a$ $$;$b$; $a$; b", "<do $a$ $$;$b$; $a$>;<b>");
    pieces(RH_SQL_POSTGRES, "select $1; select a$b$c; d", "<select $1>;<select a$b$c>;<d>");
    pieces(RH_SQL_POSTGRES, "do $\xc3\xa4$ ; $\xc3\xa4$; b", "<do $\xc3\xa4$ ; $\xc3\xa4$>;<b>");
    pieces(RH_SQL_SQLITE, "select [a;b], `c;d` ; e", "<select [a;b], `c;d`>;<e>");
}

static void what_never_ends_takes_the_rest(void **state)
{
    (void)state;
    pieces(RH_SQL_POSTGRES, "a; 'b; c", "<a>;<'b; c>");
    pieces(RH_SQL_POSTGRES, "a; $$b; c", "<a>;<$$b; c>");
    pieces(RH_SQL_POSTGRES, "a; \"b; c", "<a>;<\"b; c>");
    pieces(RH_SQL_POSTGRES, "a; /* b; c", "<a>;");
    pieces(RH_SQL_POSTGRES, "a; E'\\", "<a>;<E'\\>");
    pieces(RH_SQL_POSTGRES, "a; $", "<a>;<$>");
}

static void bodies_keep_their_semicolons(void **state)
{
    (void)state;
    pieces(RH_SQL_POSTGRES,
           "create function f() returns int begin atomic select case when true then 1 end; "
           "select 2; end; select 3",
           "<create function f() returns int begin atomic select case when true then 1 end; "
           "select 2; end>;<select 3>");
    pieces(RH_SQL_POSTGRES,
           "create rule r as on insert to t do also (select 1; select 2); select 3",
           "<create rule r as on insert to t do also (select 1; select 2)>;<select 3>");
    pieces(RH_SQL_SQLITE,
           "create temp trigger r after insert on t begin select case 1 when 1 then 2 end; "
           "update t set a = 1; end; select 3;",
           "<create temp trigger r after insert on t begin select case 1 when 1 then 2 end; "
           "update t set a = 1; end>;<select 3>;");
    pieces(RH_SQL_POSTGRES, "create or replace procedure p() begin atomic a; end; b",
           "<create or replace procedure p() begin atomic a; end>;<b>");
    pieces(RH_SQL_POSTGRES, "begin; select 1; end; b", "<begin>;<select 1>;<end>;<b>");
    pieces(RH_SQL_POSTGRES, "create table \"begin\" (a int); b",
           "<create table \"begin\" (a int)>;<b>");
    pieces(RH_SQL_SQLITE, "begin; end; select 1", "<begin>;<end>;<select 1>");
    pieces(RH_SQL_SQLITE, "create table trigger(a); select 1",
           "<create table trigger(a)>;<select 1>");
}

static void psql_commands_and_copied_rows_are_left_out(void **state)
{
    (void)state;
    pieces(RH_SQL_POSTGRES, "\\set x 1\nselect 1;\n\\d\nselect 2\n\\g\nselect 3",
           "<select 1>;<select 2><select 3>");
    pieces(RH_SQL_POSTGRES, "copy t from stdin;\n1\t'2\n\\.\nselect 1;",
           "<copy t from stdin>;<select 1>;");
    pieces(RH_SQL_POSTGRES, "copy t from stdin; select 1;", "<copy t from stdin>;<select 1>;");
}

static void comments_between_statements_name_them(void **state)
{
    static const struct {
        const char *gap;
        const char *name; /* NULL: none */
    } cases[] = {
        {"", NULL},
        {"-- about it\n--name:  first  \n", "first"},
        {"-- name: a\n-- name: b :one\n", "b"},
        {"-- name: a\n-- name:\n", "a"},
        {"-- names: a\n", NULL},
        {"/* name: a */", NULL},
        {"/*\n-- name: a\n*/", NULL},
        {"-- name:", NULL},
        {"--", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *name = NULL;
        size_t len = 0;
        bool found = rh_sql_name_between(RH_SQL_POSTGRES, cases[i].gap, 0, strlen(cases[i].gap),
                                         &name, &len);

        if (found != (cases[i].name != NULL) ||
            (found && (len != strlen(cases[i].name) || memcmp(name, cases[i].name, len) != 0)))
            fail_msg("case %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_end_at_semicolons),
        cmocka_unit_test(quotes_hide_semicolons),
        cmocka_unit_test(what_never_ends_takes_the_rest),
        cmocka_unit_test(bodies_keep_their_semicolons),
        cmocka_unit_test(psql_commands_and_copied_rows_are_left_out),
        cmocka_unit_test(comments_between_statements_name_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
