/* Fingerprints, normalised texts and their cache. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/sql_fingerprint.h"
#include "fail_nth.h"

static rh_sql_shape shape(rh_arena *arena, rh_sql_dialect dialect, const char *sql)
{
    rh_sql_shape out;

    assert_int_equal(rh_sql_shape_of(dialect, sql, strlen(sql), arena, &out, NULL), RH_OK);
    return out;
}

static void normal(rh_sql_dialect dialect, const char *sql, const char *expected)
{
    rh_arena *arena = rh_arena_new(0);
    rh_sql_shape out = shape(arena, dialect, sql);

    assert_string_equal(out.normalized, expected);
    assert_int_equal(out.normalized_len, strlen(expected));
    rh_arena_free(arena);
}

static void same(rh_sql_dialect dialect, const char *a, const char *b, int expected)
{
    rh_arena *arena = rh_arena_new(0);
    rh_sql_shape first = shape(arena, dialect, a);
    rh_sql_shape second = shape(arena, dialect, b);

    assert_int_equal(first.fingerprint == second.fingerprint, expected);
    assert_int_equal(strlen(first.hex), 16);
    rh_arena_free(arena);
}

static void values_leave_the_text(void **state)
{
    (void)state;
    normal(RH_SQL_POSTGRES, "SELECT  a,b\nFROM t -- secret\nWHERE x='p''q' AND y = $1 and z>-5",
           "select a, b from t where x = $2 and y = $1 and z > $3");
    normal(RH_SQL_SQLITE, "SELECT a FROM [T x] WHERE x='pq' AND y = ?1 and z=:n and w=?",
           "select a from [T x] where x = ? and y = ? and z = :n and w = ?");
    normal(RH_SQL_POSTGRES, "select count ( * ), x :: text, a[1], b.c from t where d - 1 = 2;",
           "select count(*), x::text, a[$1], b.c from t where d - $2 = $3");
    normal(RH_SQL_POSTGRES, "select a from t order by 1, 2 desc limit 10",
           "select a from t order by 1, 2 desc limit $1");
    normal(RH_SQL_POSTGRES, "select a in (1, -2, 'x') from t", "select a in ($1) from t");
    normal(RH_SQL_POSTGRES, "select a in (1, b) from t", "select a in ($1, b) from t");
    normal(RH_SQL_POSTGRES,
           "insert into t (a, b) values (1, 'x'), (2, null), (3, 'y'::text), (4, f())",
           "insert into t(a, b) values ($1, $2), ($3, f())");
}

static void sums_of_the_like_fall_together(void **state)
{
    (void)state;
    for (int d = RH_SQL_POSTGRES; d <= RH_SQL_SQLITE; d++) {
        rh_sql_dialect dialect = (rh_sql_dialect)d;

        same(dialect, "select a from t where b = 1", "SELECT a FROM t  WHERE b=-2", 1);
        same(dialect, "select a from t where b in (1)", "select a from t where b in (1,2,3)", 1);
        same(dialect, "select a from t where b = 1", "select a from t where c = 1", 0);
        same(dialect, "select a from t where b = 1", "select a from t where b < 1", 0);
        same(dialect, "insert into t values (1),(2)", "insert into t values (3)", 1);
        same(dialect, "/* x */ select 1", "select 2 -- y", 1);
    }
    same(RH_SQL_SQLITE, "select a from t where b = ?", "select a from t where b = 'x'", 1);
    same(RH_SQL_POSTGRES, "select a from t where b = $1", "select a from t where b = 'x'", 1);
}

static void who_judged_is_told(void **state)
{
    rh_arena *arena = rh_arena_new(0);
    bool parser = rh_sql_parser_version() != NULL;

    (void)state;
    assert_string_equal(rh_sql_by_name(shape(arena, RH_SQL_POSTGRES, "select 1").by),
                        parser ? "parser" : "scanner");
    assert_string_equal(rh_sql_by_name(shape(arena, RH_SQL_POSTGRES, "select from where").by),
                        "scanner");
    assert_string_equal(rh_sql_by_name(shape(arena, RH_SQL_SQLITE, "select 1").by), "scanner");
    if (parser)
        same(RH_SQL_POSTGRES, "select a from t where b = 1 and c = 2",
             "select a from t where c = 3 and b = 4", 1);
    rh_arena_free(arena);
}

/* Left-deep and right-deep trees: none may reach the end of the stack. */
static void deep_statements_are_judged_by_the_scanner(void **state)
{
    static const char *const units[] = {"(",        "1+",           "not ",   "case when ",
                                        "a::b::",   "- ",           "[",      "select 1 union ",
                                        "(select ", "a join b on ", "1 in (", "f("};

    (void)state;
    for (size_t u = 0; u < sizeof units / sizeof units[0]; u++) {
        rh_arena *arena = rh_arena_new(0);
        rh_buf sql = RH_BUF_INIT;

        assert_int_equal(rh_buf_append_str(&sql, "select ", NULL), RH_OK);
        for (int i = 0; i < 20000; i++)
            assert_int_equal(rh_buf_append_str(&sql, units[u], NULL), RH_OK);
        assert_int_equal(rh_buf_append_str(&sql, "1", NULL), RH_OK);
        assert_int_equal(shape(arena, RH_SQL_POSTGRES, rh_buf_cstr(&sql)).by, RH_SQL_BY_SCANNER);
        rh_buf_done(&sql);
        rh_arena_free(arena);
    }
}

static void long_lists_are_still_parsed(void **state)
{
    rh_arena *arena = rh_arena_new(0);
    rh_buf sql = RH_BUF_INIT;

    (void)state;
    assert_int_equal(rh_buf_append_str(&sql, "insert into t values (-1)", NULL), RH_OK);
    for (int i = 0; i < 20000; i++)
        assert_int_equal(rh_buf_append_str(&sql, ", (-1::int)", NULL), RH_OK);
    if (rh_sql_parser_version() != NULL)
        assert_int_equal(shape(arena, RH_SQL_POSTGRES, rh_buf_cstr(&sql)).by, RH_SQL_BY_PARSER);
    rh_buf_done(&sql);
    rh_arena_free(arena);
}

static void a_shape_is_parsed_once(void **state)
{
    rh_sql_shapes *shapes = rh_sql_shapes_new(RH_SQL_POSTGRES, 0);
    const rh_sql_shape *first;
    const rh_sql_shape *again;
    char sql[80];

    (void)state;
    assert_int_equal(rh_sql_shapes_get(shapes, "select a from t where b = 1", 27, &first, NULL),
                     RH_OK);
    for (int i = 0; i < 100; i++) {
        (void)snprintf(sql, sizeof sql, "select  a from t where b = %d", i);
        assert_int_equal(rh_sql_shapes_get(shapes, sql, strlen(sql), &again, NULL), RH_OK);
        assert_ptr_equal(first, again);
    }
    assert_int_equal(rh_sql_shapes_misses(shapes), 1);
    for (int i = 0; i < 3000; i++) {
        (void)snprintf(sql, sizeof sql, "select a%d from t", i);
        assert_int_equal(rh_sql_shapes_get(shapes, sql, strlen(sql), &again, NULL), RH_OK);
        assert_int_equal(rh_sql_shapes_get(shapes, sql, strlen(sql), &first, NULL), RH_OK);
        assert_ptr_equal(first, again);
    }
    assert_int_equal(rh_sql_shapes_misses(shapes), 3001);
    rh_sql_shapes_free(shapes);
}

static void a_full_cache_starts_again(void **state)
{
    rh_sql_shapes *shapes = rh_sql_shapes_new(RH_SQL_SQLITE, 4096);
    const rh_sql_shape *out;
    char sql[80];

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 200; i++) {
            (void)snprintf(sql, sizeof sql, "select a%d from t where x = 1", i);
            assert_int_equal(rh_sql_shapes_get(shapes, sql, strlen(sql), &out, NULL), RH_OK);
            (void)snprintf(sql, sizeof sql, "select a%d from t where x = ?", i);
            assert_string_equal(out->normalized, sql);
        }
    }
    assert_true(rh_sql_shapes_misses(shapes) > 200);
    rh_sql_shapes_free(shapes);
}

static void the_parser_complains_with_a_place(void **state)
{
    const char *sql = "select '\xC3\xA4', from t";
    char message[200];
    size_t offset = 0;

    (void)state;
    if (rh_sql_parser_version() == NULL)
        skip();
    assert_true(rh_sql_parser_complaint(sql, strlen(sql), message, sizeof message, &offset));
    assert_string_equal(message, "syntax error at or near \"from\"");
    assert_int_equal(offset, strstr(sql, "from") - sql);
    assert_false(rh_sql_parser_complaint("select 1", 8, message, sizeof message, &offset));
}

static rh_status use_cache(void *ctx, rh_error *err)
{
    rh_sql_shapes *shapes = rh_sql_shapes_new(RH_SQL_POSTGRES, 0);
    const rh_sql_shape *out = NULL;
    rh_status status;

    (void)ctx;
    if (shapes == NULL)
        return rh_error_oom(err);
    status = rh_sql_shapes_get(shapes, "select a from t where b = 'x'", 29, &out, err);
    if (status == RH_OK)
        status = rh_sql_shapes_get(shapes, "select a from t where b = 'y'", 29, &out, err);
    rh_sql_shapes_free(shapes);
    return status;
}

static void each_failed_allocation_is_reported(void **state)
{
    (void)state;
    assert_true(fail_nth(use_cache, NULL) >= 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_leave_the_text),
        cmocka_unit_test(sums_of_the_like_fall_together),
        cmocka_unit_test(who_judged_is_told),
        cmocka_unit_test(deep_statements_are_judged_by_the_scanner),
        cmocka_unit_test(long_lists_are_still_parsed),
        cmocka_unit_test(a_shape_is_parsed_once),
        cmocka_unit_test(a_full_cache_starts_again),
        cmocka_unit_test(the_parser_complains_with_a_place),
        cmocka_unit_test(each_failed_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
