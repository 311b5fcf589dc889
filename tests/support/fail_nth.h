/*
 * The "fail the n-th allocation" loop: runs a body until it gets through, failing one allocation
 * more each time, and checks that each failure is reported as such and leaves nothing behind.
 */
#ifndef RH_TESTS_FAIL_NTH_H
#define RH_TESTS_FAIL_NTH_H

#include <rehearse/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mem.h"

/* Does the work, checks that outputs are untouched on failure, frees everything, returns a status.
 */
typedef rh_status (*fail_nth_body)(void *ctx, rh_error *err);

/* Every step-th allocation fails in turn. Returns how many there are at least. */
static inline long fail_nth_step(fail_nth_body body, void *ctx, long step)
{
    for (long n = 0; n < 100000; n += step) {
        rh_error err = RH_ERROR_INIT;
        long live = rh_mem_live_blocks();

        rh_mem_fail_nth(n);
        rh_status status = body(ctx, &err);
        int failed = rh_mem_failed();
        rh_mem_fail_nth(-1);

        assert_int_equal(rh_mem_live_blocks(), live);
        if (!failed) {
            assert_int_equal(status, RH_OK);
            return n;
        }
        assert_int_equal(status, RH_ENOMEM);
        assert_int_equal(err.code, RH_ENOMEM);
    }
    fail_msg("the body never gets through");
    return -1;
}

/* Returns the number of allocations that were made to fail. */
static inline long fail_nth(fail_nth_body body, void *ctx)
{
    return fail_nth_step(body, ctx, 1);
}

#endif
