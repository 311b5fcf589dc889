/* A system that gives no thread, by the linker's wrap. */
#include <errno.h>
#include <pthread.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/clock.h"
#include "core/mem.h"
#include "core/pool.h"

static int good_creates;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*function)(void *), void *arg);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*function)(void *), void *arg);

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*function)(void *), void *arg)
{
    if (good_creates-- <= 0)
        return EAGAIN;
    return __real_pthread_create(thread, attributes, function, arg);
}

static rh_status until_stopped(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    atomic_int *runs = ctx;

    (void)index;
    atomic_fetch_add(runs, 1);
    while (!rh_pool_stopping(pool)) {
        rh_status status = rh_clock_sleep_us(1000, NULL, err);

        if (status != RH_OK)
            return status;
    }
    return RH_OK;
}

static void threads_that_cannot_start_stop_the_others(void **state)
{
    (void)state;
    for (int good = 0; good < 4; good++) {
        atomic_int runs = 0;
        rh_error err = RH_ERROR_INIT;
        long live = rh_mem_live_blocks();

        good_creates = good;
        assert_int_equal(rh_pool_run(4, until_stopped, &runs, &err), RH_EIO);
        assert_int_equal(err.os_errno, EAGAIN);
        assert_int_equal(atomic_load(&runs), good);
        assert_int_equal(rh_mem_live_blocks(), live);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(threads_that_cannot_start_stop_the_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
