/*
 * Arrays of planner statistics, element by element.
 */
#include <rehearse/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "anonymize/array_text.h"
#include "fail_nth.h"

static rh_status keep(void *ctx, rh_field *element, rh_arena *scratch, rh_error *err)
{
    (void)scratch;
    (void)err;
    (*(size_t *)ctx)++;
    assert_true(element->kind == RH_FIELD_NULL || element->kind == RH_FIELD_TEXT);
    return RH_OK;
}

static rh_status refuse(void *ctx, rh_field *element, rh_arena *scratch, rh_error *err)
{
    (void)ctx;
    (void)element;
    (void)scratch;
    return rh_error_set(err, RH_EFORMAT, "refused");
}

/* Edit text with keep and compare; NULL expected: it must be refused. */
static void check(const char *text, size_t elements, const char *expected)
{
    rh_arena *scratch = rh_arena_new(0);
    rh_buf out = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;
    size_t seen = 0;
    rh_status status = rh_array_text_edit(text, strlen(text), keep, &seen, scratch, &out, &err);

    if (expected == NULL) {
        assert_int_equal(status, RH_EFORMAT);
    } else {
        assert_int_equal(status, RH_OK);
        assert_string_equal(rh_buf_cstr(&out), expected);
        assert_int_equal(seen, elements);
    }
    rh_buf_done(&out);
    rh_arena_free(scratch);
}

static void elements_keep_their_values(void **state)
{
    (void)state;
    check("{}", 0, "{}");
    check("{a}", 1, "{\"a\"}");
    check("{a,\"b c\",NULL,\"NULL\"}", 4, "{\"a\",\"b c\",NULL,\"NULL\"}");
    check("{\"q\\\"uote\",\"back\\\\slash\",\"{1,2}\"}", 3,
          "{\"q\\\"uote\",\"back\\\\slash\",\"{1,2}\"}");
    check("{\"\",\"a,b\"}", 2, "{\"\",\"a,b\"}");
}

static void what_is_no_array_is_refused(void **state)
{
    (void)state;
    check("", 0, NULL);
    check("{", 0, NULL);
    check("a,b", 0, NULL);
    check("{a,}", 0, NULL);
    check("{,a}", 0, NULL);
    check("{{1,2},{3,4}}", 0, NULL);
    check("[0:1]={a,b}", 0, NULL);
    check("{\"open}", 0, NULL);
    check("{\"a\"b}", 0, NULL);
    check("{a\\}", 0, NULL);
}

static void errors_of_the_edit_come_through(void **state)
{
    rh_arena *scratch = rh_arena_new(0);
    rh_buf out = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_array_text_edit("{a}", 3, refuse, NULL, scratch, &out, &err), RH_EFORMAT);
    assert_string_equal(err.text, "refused");
    rh_buf_done(&out);
    rh_arena_free(scratch);
}

/* Statistics may hold ten thousand values: memory grows with the text, not with its square. */
static void long_arrays_need_little_memory(void **state)
{
    enum { ELEMENTS = 10000 };
    rh_arena *scratch = rh_arena_new(0);
    rh_buf text = RH_BUF_INIT;
    rh_buf out = RH_BUF_INIT;
    rh_error err = RH_ERROR_INIT;
    size_t seen = 0;

    (void)state;
    for (size_t i = 0; i < ELEMENTS; i++)
        assert_int_equal(rh_buf_append(&text, i == 0 ? "{a" : ",a", 2, &err), RH_OK);
    assert_int_equal(rh_buf_append(&text, "}", 1, &err), RH_OK);

    long before = rh_mem_live_blocks();

    assert_int_equal(
        rh_array_text_edit(rh_buf_cstr(&text), text.len, keep, &seen, scratch, &out, &err), RH_OK);
    assert_int_equal(seen, ELEMENTS);
    assert_true(rh_mem_live_blocks() - before < 10);
    rh_buf_done(&text);
    rh_buf_done(&out);
    rh_arena_free(scratch);
}

static rh_status edit_once(void *ctx, rh_error *err)
{
    rh_arena *scratch = rh_arena_new(0);
    rh_buf out = RH_BUF_INIT;
    size_t seen = 0;
    rh_status status = scratch == NULL ? rh_error_oom(err) : RH_OK;

    (void)ctx;
    if (status == RH_OK)
        status = rh_array_text_edit("{a,\"b\",NULL}", 12, keep, &seen, scratch, &out, err);
    rh_buf_done(&out);
    rh_arena_free(scratch);
    return status;
}

static void memory_may_end_anywhere(void **state)
{
    (void)state;
    assert_true(fail_nth(edit_once, NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(elements_keep_their_values),
        cmocka_unit_test(what_is_no_array_is_refused),
        cmocka_unit_test(errors_of_the_edit_come_through),
        cmocka_unit_test(long_arrays_need_little_memory),
        cmocka_unit_test(memory_may_end_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
