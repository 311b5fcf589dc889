/* Growing buffers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/mem.h"
#include "fail_nth.h"
#include "freed_blocks.h"

static void content_grows_and_ends_with_nul(void **state)
{
    rh_buf buf = RH_BUF_INIT;

    (void)state;
    assert_string_equal(rh_buf_cstr(&buf), "");
    for (int i = 0; i < 1000; i++)
        assert_int_equal(rh_buf_append_str(&buf, "abc", NULL), RH_OK);
    assert_int_equal(rh_buf_append_byte(&buf, 'x', NULL), RH_OK);
    assert_int_equal(rh_buf_printf(&buf, NULL, "-%d", 42), RH_OK);
    assert_int_equal(buf.len, 3004);
    assert_int_equal(strlen(rh_buf_cstr(&buf)), 3004);
    assert_string_equal(rh_buf_cstr(&buf) + 3000, "x-42");
    rh_buf_clear(&buf);
    assert_int_equal(buf.len, 0);
    assert_string_equal(rh_buf_cstr(&buf), "");
    rh_buf_wipe_done(&buf);
    assert_null(buf.data);
    rh_buf_done(&buf);
}

static void nothing_grows_past_the_maximum(void **state)
{
    rh_buf buf;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    rh_buf_init(&buf, 10);
    assert_int_equal(rh_buf_append(&buf, "0123456789", 10, &err), RH_OK);
    assert_int_equal(rh_buf_append_byte(&buf, 'x', &err), RH_ELIMIT);
    assert_int_equal(err.code, RH_ELIMIT);
    assert_int_equal(rh_buf_reserve(&buf, SIZE_MAX, NULL), RH_ELIMIT);
    assert_int_equal(rh_buf_printf(&buf, NULL, "%s", "y"), RH_ELIMIT);
    assert_string_equal(rh_buf_cstr(&buf), "0123456789");
    assert_true(buf.cap <= 11);
    rh_buf_done(&buf);
    assert_int_equal(buf.max, 10);
}

static void unlimited_still_has_a_limit(void **state)
{
    rh_buf buf = RH_BUF_INIT;

    (void)state;
    assert_int_equal(rh_buf_reserve(&buf, (size_t)257 * 1024 * 1024, NULL), RH_ELIMIT);
    rh_buf_init(&buf, SIZE_MAX);
    assert_int_equal(rh_buf_reserve(&buf, SIZE_MAX, NULL), RH_ELIMIT);
}

static void take_hands_the_content_over(void **state)
{
    rh_buf buf = RH_BUF_INIT;

    (void)state;
    assert_null(rh_buf_take(&buf));
    assert_int_equal(rh_buf_append_str(&buf, "mine", NULL), RH_OK);

    char *text = rh_buf_take(&buf);

    assert_string_equal(text, "mine");
    assert_int_equal(buf.len, 0);
    assert_null(buf.data);
    rh_mem_free(text);
}

static void empty_append_makes_an_empty_string(void **state)
{
    rh_buf buf = RH_BUF_INIT;

    (void)state;
    assert_int_equal(rh_buf_append(&buf, NULL, 0, NULL), RH_OK);
    assert_string_equal(rh_buf_cstr(&buf), "");
    rh_buf_done(&buf);
}

static rh_status fill(void *ctx, rh_error *err)
{
    rh_buf buf = RH_BUF_INIT;
    rh_status status = RH_OK;

    (void)ctx;
    for (int i = 0; i < 300 && status == RH_OK; i++) {
        size_t len = buf.len;

        status = rh_buf_printf(&buf, err, "%d,", i);
        if (status != RH_OK) {
            assert_int_equal(buf.len, len);
            assert_int_equal(strlen(rh_buf_cstr(&buf)), len);
        }
    }
    rh_buf_done(&buf);
    return status;
}

static void content_survives_each_failed_allocation(void **state)
{
    (void)state;
    assert_true(fail_nth(fill, NULL) >= 3);
}

static void grow_secrets(rh_buf *buf)
{
    for (int i = 0; i < 300; i++)
        assert_int_equal(rh_buf_append_str(buf, "a secret, ", NULL), RH_OK);
    rh_buf_clear(buf);
    assert_int_equal(rh_buf_append_str(buf, "short", NULL), RH_OK);
    rh_buf_done(buf);
}

static void a_wiping_buffer_frees_no_secret(void **state)
{
    rh_buf buf = RH_BUF_INIT_WIPING;
    rh_buf plain = RH_BUF_INIT;

    (void)state;
    freed_watch("a secret");
    grow_secrets(&buf);
    rh_buf_init_wiping(&buf, 10000);
    grow_secrets(&buf);
    assert_int_equal(buf.max, 10000);
    grow_secrets(&buf); /* done leaves it as it was: wiping */
    assert_int_equal(freed_seen(), 0);
    freed_watch("a secret");
    grow_secrets(&plain); /* the one that does not wipe shows that the test looks at the bytes */
    assert_true(freed_seen() > 3);
}

static rh_status fill_wiping(void *ctx, rh_error *err)
{
    rh_buf buf = RH_BUF_INIT_WIPING;
    rh_status status = RH_OK;

    (void)ctx;
    for (int i = 0; i < 300 && status == RH_OK; i++)
        status = rh_buf_printf(&buf, err, "%d,", i);
    rh_buf_done(&buf);
    return status;
}

static void wiping_content_survives_each_failed_allocation(void **state)
{
    (void)state;
    assert_true(fail_nth(fill_wiping, NULL) >= 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(content_grows_and_ends_with_nul),
        cmocka_unit_test(nothing_grows_past_the_maximum),
        cmocka_unit_test(unlimited_still_has_a_limit),
        cmocka_unit_test(take_hands_the_content_over),
        cmocka_unit_test(empty_append_makes_an_empty_string),
        cmocka_unit_test(content_survives_each_failed_allocation),
        cmocka_unit_test(a_wiping_buffer_frees_no_secret),
        cmocka_unit_test(wiping_content_survives_each_failed_allocation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
