/* Batches on their way to another thread. */
#include <pthread.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/mem.h"
#include "fail_nth.h"
#include "row_pipe.h"

enum { ROW_BYTES = 8, BATCHES = 300, BATCH_ROWS = 7, GIANT_BYTES = 5 * 1024 * 1024 };

/* What came out of the pipe; fails at a batch if asked to. */
typedef struct collected {
    rh_buf bytes;
    size_t rows;
    size_t batches;
    size_t fail_at; /* 0: never */
    size_t after_failure;
    const uint8_t *giant; /* where the last long batch stood */
    pthread_t thread;
} collected;

static rh_status collect(void *ctx, const rh_batch *batch, rh_error *err)
{
    collected *got = ctx;
    rh_status status = RH_OK;

    got->thread = pthread_self();
    got->batches++;
    got->rows += batch->rows;
    if (got->fail_at != 0 && got->batches > got->fail_at)
        got->after_failure++;
    if (got->batches == got->fail_at)
        return rh_error_set(err, RH_EIO, "batch %zu cannot be taken", got->fail_at);
    if (batch->len >= GIANT_BYTES)
        got->giant = batch->data;
    else
        status = rh_buf_append(&got->bytes, batch->data, batch->len, err);
    return status;
}

/* Batch `number`: rows that tell their place. The builder is overwritten each time, so a pipe that
 * kept a pointer would be found out. */
static void fill(rh_batch_builder *builder, size_t number)
{
    rh_batch_builder_clear(builder);
    for (size_t i = 0; i < BATCH_ROWS; i++) {
        uint64_t value = number * BATCH_ROWS + i;

        assert_int_equal(rh_buf_append(&builder->data, &value, sizeof value, NULL), RH_OK);
        assert_int_equal(rh_batch_builder_end_row(builder, NULL), RH_OK);
    }
}

static void rows_arrive_in_order_in_another_thread(void **state)
{
    collected got = {.bytes = RH_BUF_INIT};
    const rh_row_sink sink = {collect, &got};
    rh_row_pipe *pipe = NULL;
    rh_batch_builder builder;

    (void)state;
    rh_batch_builder_init(&builder, 0);
    assert_int_equal(rh_row_pipe_start(&sink, &pipe, NULL), RH_OK);
    const rh_row_sink in = rh_row_pipe_sink(pipe);

    for (size_t i = 0; i < BATCHES; i++) {
        fill(&builder, i);
        const rh_batch batch = rh_batch_builder_view(&builder);

        assert_int_equal(in.put(in.ctx, &batch, NULL), RH_OK);
    }
    assert_int_equal(rh_row_pipe_drain(pipe, NULL), RH_OK);
    /* No lock is needed to look: that is what a drained pipe promises. */
    assert_int_equal(got.batches, BATCHES);
    assert_int_equal(got.rows, BATCHES * BATCH_ROWS);
    assert_int_equal(got.bytes.len, BATCHES * BATCH_ROWS * ROW_BYTES);
    for (uint64_t i = 0; i < BATCHES * BATCH_ROWS; i++)
        assert_memory_equal(got.bytes.data + i * ROW_BYTES, &i, ROW_BYTES);
    assert_false(pthread_equal(got.thread, pthread_self()));
    rh_row_pipe_stop(pipe);
    rh_batch_builder_done(&builder);
    rh_buf_done(&got.bytes);
}

static void giant_rows_are_lent_not_copied(void **state)
{
    collected got = {.bytes = RH_BUF_INIT};
    const rh_row_sink sink = {collect, &got};
    uint8_t *giant = rh_mem_zalloc(GIANT_BYTES);
    const size_t end = GIANT_BYTES;
    const rh_batch batch = {giant, GIANT_BYTES, &end, 1};
    rh_row_pipe *pipe = NULL;

    (void)state;
    assert_non_null(giant);
    assert_int_equal(rh_row_pipe_start(&sink, &pipe, NULL), RH_OK);
    assert_int_equal(rh_row_pipe_put(pipe, &batch, NULL), RH_OK);
    /* Taken when the call returns, and from where it stood. */
    assert_int_equal(got.rows, 1);
    assert_ptr_equal(got.giant, giant);
    rh_row_pipe_stop(pipe);
    rh_mem_free(giant);
}

static void the_sinks_error_comes_back_and_nothing_hangs(void **state)
{
    collected got = {.bytes = RH_BUF_INIT, .fail_at = 3};
    const rh_row_sink sink = {collect, &got};
    rh_error err = RH_ERROR_INIT;
    rh_row_pipe *pipe = NULL;
    rh_batch_builder builder;
    rh_status status = RH_OK;

    (void)state;
    rh_batch_builder_init(&builder, 0);
    assert_int_equal(rh_row_pipe_start(&sink, &pipe, NULL), RH_OK);
    for (size_t i = 0; status == RH_OK && i < BATCHES; i++) {
        fill(&builder, i);
        const rh_batch batch = rh_batch_builder_view(&builder);

        status = rh_row_pipe_put(pipe, &batch, &err);
    }
    assert_int_equal(status, RH_EIO);
    assert_non_null(strstr(err.text, "batch 3"));
    rh_error_clear(&err);
    assert_int_equal(rh_row_pipe_drain(pipe, &err), RH_EIO);
    assert_non_null(strstr(err.text, "batch 3"));
    rh_row_pipe_stop(pipe);
    assert_int_equal(got.after_failure, 0);
    rh_batch_builder_done(&builder);
    rh_buf_done(&got.bytes);
}

static void a_pipe_may_be_stopped_with_rows_in_it(void **state)
{
    const size_t end = ROW_BYTES;
    const uint8_t row[ROW_BYTES] = {0};
    const rh_batch batch = {row, sizeof row, &end, 1};
    long live = rh_mem_live_blocks();

    (void)state;
    for (int i = 0; i < 50; i++) {
        collected got = {.bytes = RH_BUF_INIT};
        const rh_row_sink sink = {collect, &got};
        rh_row_pipe *pipe = NULL;

        assert_int_equal(rh_row_pipe_start(&sink, &pipe, NULL), RH_OK);
        for (int n = 0; n < i % 5; n++)
            assert_int_equal(rh_row_pipe_put(pipe, &batch, NULL), RH_OK);
        rh_row_pipe_stop(pipe);
        assert_true(got.batches <= (size_t)(i % 5));
        rh_buf_done(&got.bytes);
    }
    rh_row_pipe_stop(NULL);
    assert_int_equal(rh_mem_live_blocks(), live);
}

static rh_status pipe_once(void *ctx, rh_error *err)
{
    collected got = {.bytes = RH_BUF_INIT};
    const rh_row_sink sink = {collect, &got};
    rh_row_pipe *pipe = NULL;
    const size_t end = ROW_BYTES;
    const uint8_t row[ROW_BYTES] = {0};
    const rh_batch batch = {row, sizeof row, &end, 1};
    rh_status status = rh_row_pipe_start(&sink, &pipe, err);

    (void)ctx;
    if (status != RH_OK)
        assert_null(pipe);
    for (int i = 0; status == RH_OK && i < 6; i++)
        status = rh_row_pipe_put(pipe, &batch, err);
    if (status == RH_OK)
        status = rh_row_pipe_drain(pipe, err);
    rh_row_pipe_stop(pipe);
    rh_buf_done(&got.bytes);
    return status;
}

static void memory_may_end_anywhere(void **state)
{
    (void)state;
    assert_true(fail_nth(pipe_once, NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_arrive_in_order_in_another_thread),
        cmocka_unit_test(giant_rows_are_lent_not_copied),
        cmocka_unit_test(the_sinks_error_comes_back_and_nothing_hangs),
        cmocka_unit_test(a_pipe_may_be_stopped_with_rows_in_it),
        cmocka_unit_test(memory_may_end_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
