/*
 * Tables that statements name with their schema, where copies of them exist.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/fail_nth.h"
#include "pg_copy_names.h"

static bool has_copy(const void *ctx, const char *schema, const char *name)
{
    (void)ctx;
    return (strcmp(schema, "public") == 0 && strcmp(name, "t") == 0) ||
           (strcmp(schema, "x \" y") == 0 && strcmp(name, "T.t") == 0);
}

static void becomes(const char *sql, const char *expected)
{
    rh_buf out = RH_BUF_INIT;

    assert_int_equal(RH_OK, rh_pg_name_copies(sql, has_copy, NULL, &out, NULL));
    assert_string_equal(expected, rh_buf_cstr(&out));
    rh_buf_done(&out);
}

static void schemas_of_copied_tables_are_replaced(void **state)
{
    (void)state;
    becomes("SELECT * FROM public.t", "SELECT * FROM pg_temp.t");
    becomes("SELECT public.t.a, t.a FROM Public . T, t",
            "SELECT pg_temp.t.a, t.a FROM pg_temp . T, t");
    becomes("UPDATE \"public\".\"t\" SET a = $1", "UPDATE pg_temp.\"t\" SET a = $1");
    becomes("DELETE FROM \"x \"\" y\".\"T.t\"", "DELETE FROM pg_temp.\"T.t\"");
    becomes("TABLE public/* . */./* t */t", "TABLE pg_temp/* . */./* t */t");
    becomes("", "");
}

static void everything_else_stays(void **state)
{
    static const char *const same[] = {
        "SELECT 'public.t', E'\\'public.t', $$public.t$$ FROM t -- public.t",
        "SELECT * FROM public.u, \"Public\".t, public.\"T\", other.t, public t",
        "SELECT * FROM shop.public.t",
        "SELECT * FROM public.",
        "public.a.t",
        "SELECT * FROM \"public.t",
        "SELECT * FROM "
        "public.ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt",
    };

    (void)state;
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
        becomes(same[i], same[i]);
}

static rh_status body(void *ctx, rh_error *err)
{
    rh_buf out = RH_BUF_INIT;
    rh_status status =
        rh_pg_name_copies("SELECT public.t.a FROM public.t", has_copy, ctx, &out, err);

    rh_buf_done(&out);
    return status;
}

static void each_failed_allocation_is_told(void **state)
{
    (void)state;
    assert_true(fail_nth(body, NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schemas_of_copied_tables_are_replaced),
        cmocka_unit_test(everything_else_stays),
        cmocka_unit_test(each_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
