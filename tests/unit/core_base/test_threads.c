/* Pool, queue, progress and problems. */
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/bell.h"
#include "core/clock.h"
#include "core/mem.h"
#include "core/pool.h"
#include "core/problems.h"
#include "core/progress.h"
#include "core/queue.h"
#include "fail_nth.h"

/* ---- pool ---- */

typedef struct counts {
    atomic_int calls;
    atomic_int stopped;
    atomic_bool seen[8];
} counts;

static rh_status count_call(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    counts *c = ctx;

    (void)err;
    assert_false(rh_pool_stopping(pool));
    atomic_fetch_add(&c->calls, 1);
    atomic_store(&c->seen[index], true);
    return index % 2 == 0 ? RH_OK : RH_DONE;
}

static void every_thread_runs_once(void **state)
{
    counts c = {0};

    (void)state;
    assert_int_equal(rh_pool_run(8, count_call, &c, NULL), RH_OK);
    assert_int_equal(atomic_load(&c.calls), 8);
    for (size_t i = 0; i < 8; i++)
        assert_true(atomic_load(&c.seen[i]));
}

/* Thread 3 fails first; the others wait until they are told to stop and then fail, too. */
static rh_status fail_in_three(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    counts *c = ctx;

    if (index == 3)
        return rh_error_set(err, RH_EDB, "the first failure");
    while (!rh_pool_stopping(pool)) {
        if (rh_clock_sleep_us(1000, NULL, err) != RH_OK)
            break;
    }
    atomic_fetch_add(&c->stopped, 1);
    return rh_error_set(err, RH_EIO, "a later failure");
}

static void first_failure_wins_and_stops_the_rest(void **state)
{
    counts c = {0};
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_pool_run(4, fail_in_three, &c, &err), RH_EDB);
    assert_int_equal(err.code, RH_EDB);
    assert_string_equal(err.text, "the first failure");
    assert_int_equal(atomic_load(&c.stopped), 3);
    assert_int_equal(rh_pool_run(4, fail_in_three, &c, NULL), RH_EDB);
}

static rh_status fail_without_text(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    (void)ctx;
    (void)index;
    (void)pool;
    (void)err;
    return RH_EFORMAT;
}

static void failure_without_text_is_still_an_error(void **state)
{
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_pool_run(1, fail_without_text, NULL, &err), RH_EFORMAT);
    assert_int_equal(err.code, RH_EFORMAT);
    assert_string_not_equal(err.text, "");
}

static rh_status look_at_signals(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    sigset_t blocked;

    (void)ctx;
    (void)index;
    (void)pool;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    if (sigismember(&blocked, SIGINT) != 1 || sigismember(&blocked, SIGTERM) != 1 ||
        sigismember(&blocked, SIGSEGV) != 0)
        return rh_error_set(err, RH_EIO, "the mask is wrong");
    return RH_OK;
}

static void signals_are_left_to_the_main_thread(void **state)
{
    sigset_t before;
    sigset_t after;

    (void)state;
    (void)pthread_sigmask(SIG_SETMASK, NULL, &before);
    assert_int_equal(rh_pool_run(2, look_at_signals, NULL, NULL), RH_OK);
    (void)pthread_sigmask(SIG_SETMASK, NULL, &after);
    assert_int_equal(sigismember(&before, SIGINT), sigismember(&after, SIGINT));
}

static void absurd_numbers_of_threads_are_refused(void **state)
{
    (void)state;
    assert_int_equal(rh_pool_run(0, count_call, NULL, NULL), RH_EUSAGE);
    assert_int_equal(rh_pool_run(257, count_call, NULL, NULL), RH_EUSAGE);
    assert_true(rh_pool_processors() >= 1);
}

static rh_status run_two(void *ctx, rh_error *err)
{
    (void)ctx;
    return rh_pool_run(2, look_at_signals, NULL, err);
}

static void pool_survives_each_failed_allocation(void **state)
{
    (void)state;
    assert_true(fail_nth(run_two, NULL) >= 1);
}

/* ---- queue ---- */

enum { ITEMS = 20000 };

typedef struct traffic {
    rh_queue *queue;
    atomic_int producers_left;
    atomic_long sum;
    int items[ITEMS];
} traffic;

/* Threads 0 and 1 put half of the items each, 2 and 3 get. */
static rh_status trade(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    traffic *t = ctx;

    (void)pool;
    if (index < 2) {
        for (size_t i = index; i < ITEMS; i += 2) {
            if (!rh_queue_put(t->queue, &t->items[i]))
                return rh_error_set(err, RH_EIO, "queue was closed");
        }
        if (atomic_fetch_sub(&t->producers_left, 1) == 1)
            rh_queue_close(t->queue);
        return RH_OK;
    }
    for (const int *item = rh_queue_get(t->queue); item != NULL; item = rh_queue_get(t->queue))
        atomic_fetch_add(&t->sum, *item);
    return RH_OK;
}

static void nothing_is_lost_between_threads(void **state)
{
    traffic *t = rh_mem_zalloc(sizeof *t);
    long sum = 0;

    (void)state;
    for (int i = 0; i < ITEMS; i++) {
        t->items[i] = i;
        sum += i;
    }
    t->queue = rh_queue_new(3);
    atomic_store(&t->producers_left, 2);
    assert_int_equal(rh_pool_run(4, trade, t, NULL), RH_OK);
    assert_int_equal(atomic_load(&t->sum), sum);
    rh_queue_free(t->queue);
    rh_mem_free(t);
}

static void queue_keeps_the_order_and_drains_after_close(void **state)
{
    int items[3] = {0, 1, 2};
    rh_queue *queue = rh_queue_new(3);

    (void)state;
    assert_null(rh_queue_try_get(queue));
    for (size_t i = 0; i < 3; i++)
        assert_true(rh_queue_put(queue, &items[i]));
    rh_queue_close(queue);
    assert_false(rh_queue_put(queue, &items[0]));
    assert_ptr_equal(rh_queue_get(queue), &items[0]);
    assert_ptr_equal(rh_queue_try_get(queue), &items[1]);
    assert_ptr_equal(rh_queue_get(queue), &items[2]);
    assert_null(rh_queue_get(queue));
    rh_queue_free(queue);
    rh_queue_free(NULL);
}

static rh_status wait_or_close(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    rh_queue *queue = ctx;
    int item = 0;

    (void)pool;
    if (index == 0) {
        rh_status status = rh_clock_sleep_us(20000, NULL, err);

        rh_queue_close(queue);
        return status;
    }
    if (index == 1) {
        while (rh_queue_put(queue, &item)) {
        }
        return RH_OK;
    }
    return RH_OK;
}

static void close_wakes_a_waiting_producer(void **state)
{
    rh_queue *queue = rh_queue_new(1);

    (void)state;
    assert_int_equal(rh_pool_run(2, wait_or_close, queue, NULL), RH_OK);
    rh_queue_free(queue);
}

static void queue_without_memory_is_null(void **state)
{
    long live = rh_mem_live_blocks();

    (void)state;
    for (long n = 0; n < 2; n++) {
        rh_mem_fail_nth(n);
        assert_null(rh_queue_new(4));
        rh_mem_fail_nth(-1);
        assert_int_equal(rh_mem_live_blocks(), live);
    }
}

/* ---- bell ---- */

static rh_status ring_it(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    (void)pool;
    (void)err;
    if (index == 0)
        assert_true(
            rh_bell_wait_us(ctx, INT64_C(600) * 1000000)); /* the test's own limit is less */
    else
        rh_bell_ring(ctx);
    return RH_OK;
}

static void a_bell_ends_the_pause_and_all_later_ones(void **state)
{
    rh_bell *bell = rh_bell_new();

    (void)state;
    assert_non_null(bell);
    assert_false(rh_bell_wait_us(bell, 0));
    assert_false(rh_bell_wait_us(bell, 1000));
    assert_int_equal(rh_pool_run(2, ring_it, bell, NULL), RH_OK);
    assert_true(rh_bell_wait_us(bell, INT64_C(600) * 1000000));
    rh_bell_free(bell);
    rh_bell_ring(NULL);
    rh_bell_free(NULL);
}

static void bell_without_memory_is_null(void **state)
{
    (void)state;
    rh_mem_fail_nth(0);
    assert_null(rh_bell_new());
    rh_mem_fail_nth(-1);
}

/* ---- progress ---- */

static rh_status add_progress(void *ctx, size_t index, rh_pool *pool, rh_error *err)
{
    (void)index;
    (void)pool;
    (void)err;
    for (int i = 0; i < 10000; i++)
        rh_progress_add(ctx, 3, 2, 1);
    return RH_OK;
}

static void progress_adds_up(void **state)
{
    rh_progress *progress = rh_progress_new();
    rh_progress_view view;

    (void)state;
    rh_progress_look(progress, &view);
    assert_string_equal(view.stage, "");
    rh_progress_stage(progress, "rows", 1000, 0, 7);
    assert_int_equal(rh_pool_run(4, add_progress, progress, NULL), RH_OK);
    rh_progress_look(progress, &view);
    assert_string_equal(view.stage, "rows");
    assert_int_equal(view.done_bytes, 120000);
    assert_int_equal(view.done_rows, 80000);
    assert_int_equal(view.done_items, 40000);
    assert_int_equal(view.total_bytes, 1000);
    assert_int_equal(view.total_rows, 0);
    assert_int_equal(view.total_items, 7);
    assert_true(view.elapsed_us >= view.stage_elapsed_us && view.stage_elapsed_us >= 0);

    rh_progress_stage(
        progress, "a stage with a name that is much longer than what fits in the view", 0, 0, 0);
    rh_progress_look(progress, &view);
    assert_int_equal(strlen(view.stage), RH_PROGRESS_STAGE_BYTES - 1);
    assert_int_equal(view.done_bytes + view.done_rows + view.done_items, 0);
    rh_progress_free(progress);
}

static void progress_may_be_null(void **state)
{
    rh_progress_view view;

    (void)state;
    rh_progress_stage(NULL, "x", 1, 1, 1);
    rh_progress_add(NULL, 1, 1, 1);
    memset(&view, 1, sizeof view);
    rh_progress_look(NULL, &view);
    assert_int_equal(view.total_bytes, 0);
    assert_string_equal(view.stage, "");
    rh_progress_free(NULL);
    rh_mem_fail_nth(0);
    assert_null(rh_progress_new());
    rh_mem_fail_nth(-1);
}

/* ---- problems ---- */

static rh_status collect(void *ctx, rh_error *err)
{
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_status status = RH_OK;

    (void)ctx;
    for (int i = 0; i < 20 && status == RH_OK; i++) {
        size_t count = problems.count;

        status = rh_problems_add(&problems, i % 2 == 0, i % 3 == 0 ? "advice" : NULL, err,
                                 "problem %d", i);
        if (status != RH_OK)
            assert_int_equal(problems.count, count);
    }
    if (status == RH_OK) {
        assert_int_equal(problems.count, 20);
        assert_int_equal(rh_problems_fatal(&problems), 10);
        assert_string_equal(problems.items[19].text, "problem 19");
        assert_null(problems.items[19].hint);
        assert_string_equal(problems.items[18].hint, "advice");
    }
    rh_problems_done(&problems);
    assert_int_equal(problems.count, 0);
    return status;
}

static void problems_are_collected(void **state)
{
    (void)state;
    assert_true(fail_nth(collect, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_thread_runs_once),
        cmocka_unit_test(first_failure_wins_and_stops_the_rest),
        cmocka_unit_test(failure_without_text_is_still_an_error),
        cmocka_unit_test(signals_are_left_to_the_main_thread),
        cmocka_unit_test(absurd_numbers_of_threads_are_refused),
        cmocka_unit_test(pool_survives_each_failed_allocation),
        cmocka_unit_test(nothing_is_lost_between_threads),
        cmocka_unit_test(queue_keeps_the_order_and_drains_after_close),
        cmocka_unit_test(close_wakes_a_waiting_producer),
        cmocka_unit_test(queue_without_memory_is_null),
        cmocka_unit_test(a_bell_ends_the_pause_and_all_later_ones),
        cmocka_unit_test(bell_without_memory_is_null),
        cmocka_unit_test(progress_adds_up),
        cmocka_unit_test(progress_may_be_null),
        cmocka_unit_test(problems_are_collected),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
