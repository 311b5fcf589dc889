/*
 * Small things made of text: connection strings, quoting, errors, ranges, names, versions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/sql_literal.h"
#include "core/sql_name.h"
#include "fail_nth.h"
#include "pg_conninfo.h"
#include "pg_error.h"
#include "pg_large_objects.h"
#include "pg_quote.h"
#include "pg_ranges.h"
#include "pg_target.h"
#include "pg_tool.h"

static void describing_strikes_passwords_out(void **state)
{
    rh_buf out = RH_BUF_INIT;

    (void)state;
    assert_int_equal(
        rh_pg_conninfo_describe("postgresql://joe:s3cret@h:5433/db?sslpassword=two", &out, NULL),
        RH_OK);
    assert_null(strstr(rh_buf_cstr(&out), "s3cret"));
    assert_null(strstr(rh_buf_cstr(&out), "two"));
    assert_string_equal(rh_buf_cstr(&out),
                        "user=joe password=*** dbname=db host=h port=5433 sslpassword=***");
    rh_buf_clear(&out);
    assert_int_equal(rh_pg_conninfo_describe("dbname='a b''c' host=x", &out, NULL), RH_EUSAGE);
    assert_int_equal(rh_pg_conninfo_describe("dbname='a \\'b\\\\' host=x", &out, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&out), "dbname='a \\'b\\\\' host=x");
    rh_buf_done(&out);
}

static void argument_text_has_no_secret_and_reads_back(void **state)
{
    rh_pg_conninfo *info = NULL;
    rh_pg_conninfo *again = NULL;
    rh_buf out = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(
        rh_pg_conninfo_parse("host=/none user='o''b' password=pw dbname=x", &info, &err),
        RH_EUSAGE);
    rh_error_clear(&err);
    assert_int_equal(
        rh_pg_conninfo_parse("host=/none user='o\\'b \\\\' password=pw9 dbname='d b'", &info, &err),
        RH_OK);
    assert_string_equal(rh_pg_conninfo_get(info, "password"), "pw9");
    assert_int_equal(rh_pg_conninfo_text(info, &out, &err), RH_OK);
    assert_null(strstr(rh_buf_cstr(&out), "pw9"));
    assert_int_equal(rh_pg_conninfo_parse(rh_buf_cstr(&out), &again, &err), RH_OK);
    assert_string_equal(rh_pg_conninfo_get(again, "user"), "o'b \\");
    assert_string_equal(rh_pg_conninfo_get(again, "dbname"), "d b");
    assert_null(rh_pg_conninfo_get(again, "password"));
    assert_int_equal(rh_pg_conninfo_set(again, "user", NULL, &err), RH_OK);
    assert_null(rh_pg_conninfo_get(again, "user"));
    rh_pg_conninfo_free(info);
    rh_pg_conninfo_free(again);
    rh_buf_done(&out);
}

static rh_status conninfo_body(void *ctx, rh_error *err)
{
    rh_pg_conninfo *info = NULL;
    rh_pg_conninfo *copy = NULL;
    rh_buf out = RH_BUF_INIT;
    rh_status status = rh_pg_conninfo_parse("host=/none user=u dbname=d", &info, err);

    (void)ctx;
    if (status == RH_OK)
        status = rh_pg_conninfo_copy(info, &copy, err);
    if (status == RH_OK)
        status = rh_pg_conninfo_text(copy, &out, err);
    rh_pg_conninfo_free(info);
    rh_pg_conninfo_free(copy);
    rh_buf_done(&out);
    return status;
}

static void memory_may_end_while_connecting(void **state)
{
    (void)state;
    assert_true(fail_nth(conninfo_body, NULL) > 0);
}

static void assert_text(const char *sqlstate, const char *message, const char *expected)
{
    char out[256];

    rh_pg_error_text(sqlstate, message, "hush", out, sizeof out);
    assert_string_equal(out, expected);
}

static void error_texts_hold_no_value_and_no_password(void **state)
{
    (void)state;
    assert_text("22P02", "invalid input syntax for type integer: \"4711-secret\"",
                "invalid input syntax for type integer: *");
    assert_text("22003", "value \"99999999999\" is out of range for type integer",
                "value * is out of range for type integer");
    assert_text("22021", "invalid byte sequence for encoding \"UTF8\": 0xff 0x41",
                "invalid byte sequence for encoding *");
    assert_text("22P02", "invalid input value for enum mood: \"a \" quote\"",
                "invalid input value for enum mood: *");
    assert_text("22P02", "never closed \"abc", "never closed ");
    assert_text("P0001", "customer joe is broke", "a function raised an exception");
    assert_text("23505", "duplicate key value violates unique constraint \"t_pkey\"",
                "duplicate key value violates unique constraint \"t_pkey\"");
    assert_text(NULL, "FATAL: password hush is wrong: hush\nsecond line",
                "FATAL: password *** is wrong: ***");
    assert_text(NULL, NULL, "no message");
}

static void sqlstates_become_codes(void **state)
{
    (void)state;
    assert_int_equal(rh_pg_error_status("42501"), RH_EPRIVILEGE);
    assert_int_equal(rh_pg_error_status("55P03"), RH_EBUSY);
    assert_int_equal(rh_pg_error_status("57P01"), RH_ECONNECT);
    assert_int_equal(rh_pg_error_status("57014"), RH_ELIMIT);
    assert_int_equal(rh_pg_error_status("3D000"), RH_ENOTFOUND);
    assert_int_equal(rh_pg_error_status("22000"), RH_EDB);
    assert_int_equal(rh_pg_error_status(NULL), RH_EDB);
}

static void quoting_survives_every_character(void **state)
{
    rh_buf out = RH_BUF_INIT;
    const rh_column columns[] = {{"a", "int", NULL, false, false},
                                 {"g", "int", NULL, false, true},
                                 {"b\"c", "int", NULL, false, false}};
    rh_table table = {.columns = columns, .column_count = 3};

    (void)state;
    assert_int_equal(rh_sql_name_quote_qualified("a\"b", "c d;--\n", &out, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&out), "\"a\"\"b\".\"c d;--\n\"");
    rh_buf_clear(&out);
    assert_int_equal(rh_sql_literal_quote(RH_SQL_POSTGRES, "it's", strlen("it's"), &out, NULL),
                     RH_OK);
    assert_int_equal(rh_sql_literal_quote(RH_SQL_POSTGRES, "a\\'b", strlen("a\\'b"), &out, NULL),
                     RH_OK);
    assert_string_equal(rh_buf_cstr(&out), "'it''s'E'a\\\\''b'");
    rh_buf_clear(&out);
    assert_int_equal(rh_pg_quote_columns(&out, &table, true, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&out), "(\"a\", \"b\"\"c\")");
    rh_buf_clear(&out);
    table.columns = &columns[1];
    table.column_count = 1; /* nothing but a generated column */
    assert_int_equal(rh_pg_quote_columns(&out, &table, true, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&out), "");
    rh_buf_done(&out);
}

static void ranges_are_powers_of_two_by_heap_and_toast(void **state)
{
    (void)state;
    assert_int_equal(rh_pg_range_pages(100000, 100000LL * 8192, 0), 4096);
    assert_int_equal(rh_pg_range_pages(100000, 100000LL * 8192, 100000LL * 8192), 2048);
    assert_int_equal(rh_pg_range_pages(1000, 1000LL * 8192, 936LL << 30), 1);
    assert_true(rh_pg_range_pages(0, 0, 0) > 1);
    /* As the table grows at the same density, the bounds stay. */
    assert_int_equal(rh_pg_range_pages(123456, 123456LL * 8192, 777777777),
                     rh_pg_range_pages(223456, 223456LL * 8192, 1407777777));
}

static void ranges_cover_everything_once(void **state)
{
    rh_arena *arena = rh_arena_new(0);
    const rh_range *ranges = NULL;
    size_t count = 0;

    (void)state;
    assert_int_equal(rh_pg_ranges_plan(arena, 9000, 4096, &ranges, &count, NULL), RH_OK);
    assert_int_equal(count, 3);
    assert_true(ranges[0].from == INT64_MIN && ranges[2].to == INT64_MAX);
    for (size_t i = 1; i < count; i++)
        assert_true(ranges[i].from == ranges[i - 1].to);
    assert_int_equal(rh_pg_ranges_plan(arena, 0, 1, &ranges, &count, NULL), RH_OK);
    assert_int_equal(count, 1);
    assert_true(ranges[0].from == INT64_MIN && ranges[0].to == INT64_MAX);
    assert_int_equal(rh_pg_ranges_plan(arena, 4096, 4096, &ranges, &count, NULL), RH_OK);
    assert_int_equal(count, 1);
    rh_arena_free(arena);
}

static void derived_names_fit_and_differ(void **state)
{
    static const char long_a[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_1";
    static const char long_b[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa_2";
    char a[RH_PG_NAME_BYTES];
    char b[RH_PG_NAME_BYTES];
    char again[RH_PG_NAME_BYTES];

    (void)state;
    rh_pg_name_derive("shop", "__rehearse_new_", "0123abcd", a);
    assert_string_equal(a, "shop__rehearse_new_0123abcd");
    rh_pg_name_derive(long_a, "__rehearse_old_", "20261120T091718Z", a);
    rh_pg_name_derive(long_b, "__rehearse_old_", "20261120T091718Z", b);
    rh_pg_name_derive(long_a, "__rehearse_old_", "20261120T091718Z", again);
    assert_int_equal(strlen(a), 63);
    assert_string_not_equal(a, b);
    assert_string_equal(a, again);
    rh_pg_name_derive("ääääääääääääääääääääääääääääääö", "__rehearse_old_", "20261120T091718Z", a);
    assert_true(strlen(a) <= 63);
    assert_non_null(strstr(a, "__rehearse_old_20261120T091718Z"));
}

static void versions_of_tools_are_read(void **state)
{
    (void)state;
    assert_int_equal(rh_pg_tool_version("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0)\n"), 15);
    assert_int_equal(rh_pg_tool_version("pg_dump (PostgreSQL) 18beta1"), 18);
    assert_int_equal(rh_pg_tool_version("nonsense"), 0);
    assert_int_equal(rh_pg_tool_version("x) y"), 0);
}

static void missing_tool_says_which_version_is_needed(void **state)
{
    rh_error err = RH_ERROR_INIT;
    char *path = NULL;

    (void)state;
    assert_int_equal(setenv("REHEARSE_PG_BINDIR", "/nowhere", 1), 0);
    assert_int_equal(rh_pg_tool_find("pg_dump", 15, &path, &err), RH_ENOTFOUND);
    assert_non_null(strstr(err.hint, "15"));
    assert_int_equal(unsetenv("REHEARSE_PG_BINDIR"), 0);
    assert_null(path);
}

static void large_object_pieces_are_copy_text(void **state)
{
    rh_buf out = RH_BUF_INIT;

    (void)state;
    assert_int_equal(
        rh_pg_lo_append_row(&out, 4294967295u, 262144, (const uint8_t *)"\0\xff", 2, NULL), RH_OK);
    assert_int_equal(rh_pg_lo_append_row(&out, 1, 0, (const uint8_t *)"", 0, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&out), "4294967295\t262144\t\\\\x00ff\n1\t0\t\\\\x\n");
    rh_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(describing_strikes_passwords_out),
        cmocka_unit_test(argument_text_has_no_secret_and_reads_back),
        cmocka_unit_test(memory_may_end_while_connecting),
        cmocka_unit_test(error_texts_hold_no_value_and_no_password),
        cmocka_unit_test(sqlstates_become_codes),
        cmocka_unit_test(quoting_survives_every_character),
        cmocka_unit_test(ranges_are_powers_of_two_by_heap_and_toast),
        cmocka_unit_test(ranges_cover_everything_once),
        cmocka_unit_test(derived_names_fit_and_differ),
        cmocka_unit_test(versions_of_tools_are_read),
        cmocka_unit_test(missing_tool_says_which_version_is_needed),
        cmocka_unit_test(large_object_pieces_are_copy_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
