/* Values of parameters, and EXECUTE taken apart. */
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "capture_params.h"
#include "fail_nth.h"

static rh_log_text text(const char *from)
{
    return (rh_log_text){from, strlen(from)};
}

/* Values joined by '|', NULL as "~". */
static void assert_values(const capture_params *params, const char *expected)
{
    char joined[1000] = "";
    size_t at = 0;

    for (size_t i = 0; i < params->count; i++) {
        const rh_parameter *p = &params->items[i];
        const char *value = p->kind == RH_PARAMETER_NULL ? "~" : p->data;
        size_t len = p->kind == RH_PARAMETER_NULL ? 1 : p->len;

        if (i > 0)
            joined[at++] = '|';
        memcpy(joined + at, value, len);
        at += len;
    }
    joined[at] = '\0';
    assert_string_equal(joined, expected);
}

static void values_may_hold_anything(void **state)
{
    static const struct {
        const char *list;
        const char *values;
    } cases[] = {
        {"$1 = 'o''clock, $9 = x', $2 = NULL, $3 = '3'", "o'clock, $9 = x|~|3"},
        {"$1 = ''", ""},
        {"$1 = '''', $2 = ''''''", "'|''"},
        {"$1 = 'a\nb', $2 = ''', $2 = ''y'", "a\nb|', $2 = 'y"},
        {"$1 = 'NULL', $2 = NULL", "NULL|~"},
    };
    rh_arena *arena = rh_arena_new(0);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        capture_params params = {0};

        assert_int_equal(capture_params_read(text(cases[i].list), arena, &params, NULL), RH_OK);
        assert_values(&params, cases[i].values);
    }
    rh_arena_free(arena);
}

static void what_is_no_list_is_told(void **state)
{
    static const char *const lists[] = {"",          "$1 = ",      "$1 = 'x",          "$2 = 'x'",
                                        "$1 = 'x' ", "$1 = 'x', ", "$1 = x",           "1 = 'x'",
                                        "$1 = 'a'b", "$1 = NULLx", "$1 = 'a',$2 = 'b'"};
    rh_arena *arena = rh_arena_new(0);
    capture_params params = {0};

    (void)state;
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++)
        assert_int_equal(capture_params_read(text(lists[i]), arena, &params, NULL), RH_SKIPPED);
    rh_arena_free(arena);
}

static void cut_values_are_told_from_dots(void **state)
{
    rh_arena *arena = rh_arena_new(0);
    capture_params params = {0};

    (void)state;
    assert_int_equal(capture_params_read(text("$1 = 'abc...'"), arena, &params, NULL), RH_OK);
    assert_true(params.cut);
    assert_int_equal(capture_params_read(text("$1 = 'longer than that'"), arena, &params, NULL),
                     RH_OK);
    assert_false(params.cut);
    assert_int_equal(capture_params_read(text("$1 = 'abc...'"), arena, &params, NULL), RH_OK);
    assert_false(params.cut);
    rh_arena_free(arena);
}

static void both_spellings_are_found(void **state)
{
    static const char *const found[] = {"parameters: $1 = 'x'", "Parameters: $1 = 'x'",
                                        "unnamed portal with parameters: $1 = 'x'"};
    rh_log_text list;

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        assert_true(capture_params_find(text(found[i]), &list));
        assert_int_equal(list.len, 8);
    }
    assert_false(capture_params_find(text("prepare: PREPARE p AS SELECT 1"), &list));
}

static void execute_gives_its_values(void **state)
{
    rh_arena *arena = rh_arena_new(0);
    capture_params params = {0};
    rh_log_text sql = {0};
    rh_log_text prepare = text("PREPARE p (int, text) AS SELECT $1, $2; SELECT 9");

    (void)state;
    assert_int_equal(capture_params_execute(text("EXECUTE p(-1, 'it''s');"), prepare, arena,
                                            &params, &sql, NULL),
                     RH_OK);
    assert_values(&params, "-1|it's");
    assert_int_equal(sql.len, strlen("SELECT $1, $2"));
    assert_memory_equal(sql.data, "SELECT $1, $2", sql.len);
    assert_int_equal(
        capture_params_execute(text("execute p(now(), 'x')"), prepare, arena, &params, &sql, NULL),
        RH_SKIPPED);
    assert_int_equal(
        capture_params_execute(text("execute p(1, E'x\\n')"), prepare, arena, &params, &sql, NULL),
        RH_SKIPPED);
    assert_int_equal(capture_params_execute(text("execute p"), text("prepare p as select 1"), arena,
                                            &params, &sql, NULL),
                     RH_OK);
    assert_int_equal(params.count, 0);
    rh_arena_free(arena);
}

static rh_status read_list(void *ctx, rh_error *err)
{
    rh_arena *arena = rh_arena_new(64);
    capture_params params = {0};
    rh_status status =
        arena == NULL ? rh_error_oom(err) : capture_params_read(text(ctx), arena, &params, err);

    rh_arena_free(arena);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    char list[] = "$1 = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', $2 = 'b'";

    (void)state;
    assert_true(fail_nth(read_list, list) >= 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_may_hold_anything),
        cmocka_unit_test(what_is_no_list_is_told),
        cmocka_unit_test(cut_values_are_told_from_dots),
        cmocka_unit_test(both_spellings_are_found),
        cmocka_unit_test(execute_gives_its_values),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
