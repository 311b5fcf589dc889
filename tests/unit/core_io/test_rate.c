/* The token bucket. Times are lower bounds, and generous upper ones: the machine may be busy. */
#include <pthread.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/pool.h"
#include "core/rate.h"

static void no_limit_never_sleeps(void **state)
{
    rh_rate *rate = rh_rate_new(0);
    int64_t before = rh_clock_mono_us();

    (void)state;
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(rh_rate_take(NULL, UINT64_MAX, NULL, NULL), RH_OK);
        assert_int_equal(rh_rate_take(rate, UINT64_MAX, NULL, NULL), RH_OK);
    }
    assert_true(rh_clock_mono_us() - before < 1000000);
    rh_rate_free(rate);
    rh_rate_free(NULL);
    rh_rate_set(NULL, 5);
}

static void the_bucket_holds_a_quarter_of_a_second(void **state)
{
    rh_rate *rate = rh_rate_new(1000000);
    int64_t before = rh_clock_mono_us();

    (void)state;
    for (int i = 0; i < 250; i++)
        assert_int_equal(rh_rate_take(rate, 1000, NULL, NULL), RH_OK);
    assert_true(rh_clock_mono_us() - before < 200000);
    for (int i = 0; i < 100; i++)
        assert_int_equal(rh_rate_take(rate, 1000, NULL, NULL), RH_OK);
    assert_true(rh_clock_mono_us() - before >= 95000);
    rh_rate_free(rate);
}

static rh_status take_often(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    rh_status status = RH_OK;

    (void)index;
    (void)pool;
    for (int i = 0; i < 100 && status == RH_OK; i++)
        status = rh_rate_take(ctx, 1000, NULL, err);
    return status;
}

static void threads_share_one_limit(void **state)
{
    rh_rate *rate = rh_rate_new(1000000);
    int64_t before = rh_clock_mono_us();

    (void)state;
    assert_int_equal(rh_pool_run(4, take_often, rate, NULL), RH_OK);
    assert_true(rh_clock_mono_us() - before >= 145000); /* 400 kB less the quarter */
    rh_rate_free(rate);
}

static void *act_soon(void *arg)
{
    if (rh_clock_sleep_us(100000, NULL, NULL) == RH_OK)
        rh_cancel_request(arg);
    return NULL;
}

static void a_sleeper_can_be_canceled(void **state)
{
    rh_rate *rate = rh_rate_new(1);
    rh_cancel cancel = {0};
    pthread_t thread;
    int64_t before = rh_clock_mono_us();

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, act_soon, &cancel), 0);
    assert_int_equal(rh_rate_take(rate, 1000000, &cancel, NULL), RH_ECANCELED);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(rh_clock_mono_us() - before < 20000000);
    rh_rate_free(rate);
}

static void *raise_soon(void *arg)
{
    if (rh_clock_sleep_us(100000, NULL, NULL) == RH_OK)
        rh_rate_set(arg, 1000000000);
    return NULL;
}

static void a_sleeper_notices_a_higher_limit(void **state)
{
    rh_rate *rate = rh_rate_new(1);
    pthread_t thread;
    int64_t before = rh_clock_mono_us();

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, raise_soon, rate), 0);
    assert_int_equal(rh_rate_take(rate, 1000000, NULL, NULL), RH_OK);
    assert_int_equal(rh_rate_take(rate, 1000000, NULL, NULL), RH_OK); /* the debt was rescaled */
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(rh_clock_mono_us() - before < 20000000);
    rh_rate_set(rate, 0);
    assert_int_equal(rh_rate_take(rate, UINT64_MAX, NULL, NULL), RH_OK);
    rh_rate_free(rate);
}

static void rate_without_memory_is_null(void **state)
{
    (void)state;
    rh_mem_fail_nth(0);
    assert_null(rh_rate_new(1));
    rh_mem_fail_nth(-1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_limit_never_sleeps),
        cmocka_unit_test(the_bucket_holds_a_quarter_of_a_second),
        cmocka_unit_test(threads_share_one_limit),
        cmocka_unit_test(a_sleeper_can_be_canceled),
        cmocka_unit_test(a_sleeper_notices_a_higher_limit),
        cmocka_unit_test(rate_without_memory_is_null),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
