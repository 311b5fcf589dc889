/* Tokens of both dialects: kinds and byte offsets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/sql_scan.h"

/* One letter per kind, in the order of rh_sql_token_kind; an open quote is followed by '!'. */
static const char letters[] = "EwisbnpO()[,;cm?";

/* Check the kinds and the texts of the tokens of sql: "w:select n:1". */
static void tokens(rh_sql_dialect dialect, const char *sql, const char *expected)
{
    rh_sql_scan scan;
    rh_buf seen = RH_BUF_INIT;

    rh_sql_scan_init(&scan, dialect, sql, strlen(sql));
    for (;;) {
        rh_sql_token token = rh_sql_scan_next(&scan);

        if (token.kind == RH_SQL_TOKEN_END) {
            assert_int_equal(token.offset, strlen(sql));
            break;
        }
        assert_true(token.len > 0);
        assert_int_equal(rh_buf_printf(&seen, NULL, "%s%c%s:%.*s", seen.len > 0 ? " " : "",
                                       letters[token.kind], token.closed ? "" : "!", (int)token.len,
                                       sql + token.offset),
                         RH_OK);
    }
    assert_string_equal(rh_buf_cstr(&seen), expected);
    rh_buf_done(&seen);
}

static void postgres(const char *sql, const char *expected)
{
    tokens(RH_SQL_POSTGRES, sql, expected);
}

static void sqlite(const char *sql, const char *expected)
{
    tokens(RH_SQL_SQLITE, sql, expected);
}

static void words_and_names(void **state)
{
    (void)state;
    postgres("Select a$1, \"B \"\"x\", \xC3\xA4_9",
             "w:Select w:a$1 ,:, i:\"B \"\"x\" ,:, w:\xC3\xA4_9");
    sqlite("select [a b], `c``d`, \"e\"", "w:select i:[a b] ,:, i:`c``d` ,:, i:\"e\"");
    postgres("a[1]", "w:a [:[ n:1 [:]");
    postgres("u&\"d\\0061\" U&'x'", "i:u&\"d\\0061\" s:U&'x'");
    sqlite("u&'x'", "w:u O:& s:'x'");
    postgres("t.a.*", "w:t O:. w:a O:. O:*");
}

static void strings_end_where_the_dialect_says(void **state)
{
    (void)state;
    postgres("'o''clock' 'a\\' 'b'", "s:'o''clock' s:'a\\' s:'b'");
    postgres("E'a\\'b' e'\\\\' x", "s:E'a\\'b' s:e'\\\\' w:x");
    postgres("$$a'b$$ $x$ $$ $y$ $x$ 1", "s:$$a'b$$ s:$x$ $$ $y$ $x$ n:1");
    postgres("X'1F' b'01' n'x' N'y'", "b:X'1F' b:b'01' s:n'x' s:N'y'");
    sqlite("x'1F' b'01' e'a\\' 1", "b:x'1F' w:b s:'01' w:e s:'a\\' n:1");
    postgres("'open", "s!:'open");
    postgres("E'open\\'", "s!:E'open\\'");
    postgres("$t$open$t", "s!:$t$open$t");
    sqlite("[open", "i!:[open");
    postgres("\"open", "i!:\"open");
}

static void backslashes_escape_without_standard_strings(void **state)
{
    rh_sql_scan scan;
    const char *sql = "'a\\'b' c";

    (void)state;
    rh_sql_scan_init(&scan, RH_SQL_POSTGRES, sql, strlen(sql));
    scan.standard_strings = false;
    assert_int_equal(rh_sql_scan_next(&scan).len, 6);
}

static void comments_nest_in_postgres_only(void **state)
{
    (void)state;
    postgres("a -- b 'c\n d", "w:a c:-- b 'c w:d");
    postgres("a /* b /* c */ ' */ d", "w:a c:/* b /* c */ ' */ w:d");
    sqlite("a /* b /* c */ d", "w:a c:/* b /* c */ w:d");
    postgres("/* open", "c!:/* open");
    postgres("a/**/b", "w:a c:/**/ w:b");
    postgres("a+--b\n-1", "w:a O:+ c:--b O:- n:1");
}

static void parameters(void **state)
{
    (void)state;
    postgres("$1+$23 :name ::int x::text a[1:n]",
             "p:$1 O:+ p:$23 p::name O::: w:int w:x O::: w:text w:a [:[ n:1 O:: w:n [:]");
    postgres(":'v' :\"w\"", "p::'v' p::\"w\"");
    sqlite("? ?12 :a @b $c $d::e", "p:? p:?12 p::a p:@b p:$c p:$d::e");
    sqlite("$ : @ #", "?:$ O:: ?:@ ?:#");
}

static void numbers(void **state)
{
    (void)state;
    postgres("1 1.5 .5 1e10 1.e-3 0x1F 1_000 1..2",
             "n:1 n:1.5 n:.5 n:1e10 n:1.e-3 n:0x1F n:1_000 n:1 O:. n:.2");
    postgres("-1", "O:- n:1");
    postgres("1e", "n:1 w:e");
}

static void operators(void **state)
{
    (void)state;
    postgres("a<=b <> c ->> 'd' @> e || f ? g",
             "w:a O:<= w:b O:<> w:c O:->> s:'d' O:@> w:e O:|| w:f O:? w:g");
    postgres("a=-1 @-1", "w:a O:= O:- n:1 O:@- n:1");
    postgres("a := 1", "w:a O::= n:1");
    sqlite("a==b!=c<<1", "w:a O:== w:b O:!= w:c O:<< n:1");
    sqlite("a=-1", "w:a O:= O:- n:1");
}

static void what_is_no_sql_is_other(void **state)
{
    (void)state;
    postgres("\\d x\na", "m:\\d x w:a");
    sqlite("\\ a", "?:\\ w:a");
    postgres("\x01", "?:\x01");
}

static void positions_count_characters(void **state)
{
    const char *text = "ab\n\xC3\xA4 x";
    size_t line;
    size_t column;

    (void)state;
    rh_sql_position(text, strlen(text), 0, &line, &column);
    assert_int_equal(line, 1);
    assert_int_equal(column, 1);
    rh_sql_position(text, strlen(text), 6, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 3);
    rh_sql_position(text, strlen(text), 999, &line, &column);
    assert_int_equal(line, 2);
    assert_int_equal(column, 4);
}

static void words_compare_without_case(void **state)
{
    const char *text = "SeLect \"select\" <=";
    rh_sql_scan scan;
    rh_sql_token token;

    (void)state;
    rh_sql_scan_init(&scan, RH_SQL_SQLITE, text, strlen(text));
    token = rh_sql_scan_next(&scan);
    assert_true(rh_sql_token_is(&token, text, "select"));
    assert_false(rh_sql_token_is(&token, text, "selec"));
    assert_false(rh_sql_token_is(&token, text, "selects"));
    token = rh_sql_scan_next(&scan);
    assert_false(rh_sql_token_is(&token, text, "\"select\""));
    token = rh_sql_scan_next(&scan);
    assert_true(rh_sql_token_is(&token, text, "<="));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_and_names),
        cmocka_unit_test(strings_end_where_the_dialect_says),
        cmocka_unit_test(backslashes_escape_without_standard_strings),
        cmocka_unit_test(comments_nest_in_postgres_only),
        cmocka_unit_test(parameters),
        cmocka_unit_test(numbers),
        cmocka_unit_test(operators),
        cmocka_unit_test(what_is_no_sql_is_other),
        cmocka_unit_test(positions_count_characters),
        cmocka_unit_test(words_compare_without_case),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
