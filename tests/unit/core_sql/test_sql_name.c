#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/sql_literal.h"
#include "core/sql_name.h"

static rh_sql_token first(rh_sql_dialect dialect, const char *text)
{
    rh_sql_scan scan;

    rh_sql_scan_init(&scan, dialect, text, strlen(text));
    return rh_sql_scan_next_code(&scan);
}

static void names_are_compared_without_their_quotes(void **state)
{
    static const struct {
        const char *token;
        const char *name;
        bool postgres;
        bool sqlite;
    } cases[] = {
        {"abc", "abc", true, true},
        {"ABC", "abc", true, true},
        {"abc", "ABC", false, true},
        {"abc", "ab", false, false},
        {"ab", "abc", false, false},
        {"\"Ab\"", "Ab", true, true},
        {"\"Ab\"", "ab", false, true},
        {"\"a\"\"b\"", "a\"b", true, true},
        {"\"a\"\"b\"", "a\"\"b", false, false},
        {"[a]", "A", false, true},
        {"`a```", "a`", false, true},
        {"'it''s'", "IT'S", false, true},
        {"\"\"", "", true, true},
        {"\"a", "a", false, false},
        {"\"", "", false, false},
        {"U&\"a\"", "a", false, false},
        {"\xc3\xa4", "\xc3\xa4", true, true},
        {"\xc3\xa4", "\xc3\x84", false, false},
        {"1", "1", false, false},
        {"", "", false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rh_sql_token postgres = first(RH_SQL_POSTGRES, cases[i].token);
        rh_sql_token sqlite = first(RH_SQL_SQLITE, cases[i].token);

        if (rh_sql_token_names(RH_SQL_POSTGRES, &postgres, cases[i].token, cases[i].name) !=
                cases[i].postgres ||
            rh_sql_token_names(RH_SQL_SQLITE, &sqlite, cases[i].token, cases[i].name) !=
                cases[i].sqlite)
            fail_msg("case %zu", i);
    }
}

static void assert_decoded(rh_sql_dialect dialect, const char *text, const char *expected)
{
    rh_sql_token token = first(dialect, text);
    char name[64];

    assert_true(token.len < sizeof name);
    rh_sql_name_decode(dialect, &token, text, name);
    assert_string_equal(name, expected);
}

static void names_are_folded_as_the_engine_does(void **state)
{
    (void)state;
    assert_decoded(RH_SQL_POSTGRES, "Some_Name$1 x", "some_name$1");
    assert_decoded(RH_SQL_SQLITE, "Some_Name$1 x", "Some_Name$1");
    assert_decoded(RH_SQL_POSTGRES, "\"A \"\"b\"\"\"", "A \"b\"");
    assert_decoded(RH_SQL_SQLITE, "[a\"\"b]", "a\"\"b");
    assert_decoded(RH_SQL_SQLITE, "`a``b`", "a`b");
    assert_decoded(RH_SQL_SQLITE, "\"open", "open");
    assert_decoded(RH_SQL_SQLITE, "\"", "");
}

/* What is written is one token, which names what was asked for. */
static void written_names_mean_themselves(void **state)
{
    static const char *const names[] = {"a", "select", "Mixed Case", "a\"b", "\"", "", "x'; --"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (int dialect = RH_SQL_POSTGRES; dialect <= RH_SQL_SQLITE; dialect++) {
            rh_buf out = RH_BUF_INIT;
            rh_sql_token token;

            assert_int_equal(rh_sql_name_quote(names[i], &out, NULL), RH_OK);
            token = first((rh_sql_dialect)dialect, rh_buf_cstr(&out));
            assert_int_equal(token.len, out.len);
            assert_true(
                rh_sql_token_names((rh_sql_dialect)dialect, &token, rh_buf_cstr(&out), names[i]));
            rh_buf_done(&out);
        }
    }
}

static void a_schema_stands_before_the_name(void **state)
{
    rh_buf out = RH_BUF_INIT;

    (void)state;
    assert_int_equal(rh_sql_name_quote_qualified("s.t", "u", &out, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&out), "\"s.t\".\"u\"");
    rh_buf_done(&out);
}

static void literals_say_their_values(void **state)
{
    static const struct {
        const char *literal;
        const char *value;
        bool says;
    } cases[] = {
        {"'it''s'", "it's", true}, {"'it''s'", "it", false}, {"'a'", "ab", false},
        {"'ab'", "a", false},      {"''", "", true},         {"12", "12", true},
        {"12", "1", false},        {"E'a'", "a", false},     {"'open", "open", false},
        {"\"a\"", "a", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        rh_sql_token token = first(RH_SQL_POSTGRES, cases[i].literal);

        if (rh_sql_literal_says(&token, cases[i].literal, cases[i].value) != cases[i].says)
            fail_msg("case %zu", i);
    }
}

static void expressions_mention_names_and_no_texts(void **state)
{
    (void)state;
    assert_true(rh_sql_mentions(RH_SQL_SQLITE, "lower([Mail]) || 'x'", "mail"));
    assert_true(rh_sql_mentions(RH_SQL_POSTGRES, "lower(t.\"Mail\")", "Mail"));
    assert_false(rh_sql_mentions(RH_SQL_POSTGRES, "lower(\"Mail\")", "mail"));
    assert_false(rh_sql_mentions(RH_SQL_SQLITE, "kind IN ('mail') /* mail */ -- mail", "mail"));
    assert_false(rh_sql_mentions(RH_SQL_POSTGRES, "mails", "mail"));
    assert_false(rh_sql_mentions(RH_SQL_POSTGRES, "", "mail"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_compared_without_their_quotes),
        cmocka_unit_test(names_are_folded_as_the_engine_does),
        cmocka_unit_test(written_names_mean_themselves),
        cmocka_unit_test(a_schema_stands_before_the_name),
        cmocka_unit_test(expressions_mention_names_and_no_texts),
        cmocka_unit_test(literals_say_their_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
