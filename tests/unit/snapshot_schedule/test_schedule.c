/*
 * Who copies what in which order, and the channel between a reader and a loader.
 */
#include <pthread.h>
#include <rehearse/error.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fail_nth.h"
#include "load_parts.h"
#include "mirror_channel.h"
#include "schedule.h"

static void add(rh_schedule *schedule, size_t table, size_t first, int64_t bytes)
{
    const rh_schedule_item item = {table, first, 1, false, bytes};

    assert_int_equal(rh_schedule_add(schedule, &item, NULL), RH_OK);
}

static void largest_table_comes_first_and_its_ranges_in_order(void **state)
{
    const int64_t bytes[] = {10, 30, 20};
    const size_t tables[] = {1, 1, 2, 0, 0};
    const size_t firsts[] = {0, 1, 0, 0, 1};
    rh_schedule schedule;

    (void)state;
    rh_schedule_init(&schedule);
    add(&schedule, 0, 1, 5);
    add(&schedule, 1, 1, 15);
    add(&schedule, 2, 0, 20);
    add(&schedule, 0, 0, 5);
    add(&schedule, 1, 0, 15);
    rh_schedule_sort(&schedule, bytes);
    for (size_t i = 0; i < 5; i++) {
        const rh_schedule_item *item = rh_schedule_take(&schedule);

        assert_non_null(item);
        assert_int_equal(item->table, tables[i]);
        assert_int_equal(item->first, firsts[i]);
    }
    assert_null(rh_schedule_take(&schedule));
    assert_null(rh_schedule_take(&schedule));
    rh_schedule_done(&schedule);
}

static void tables_are_loaded_whole_the_largest_first(void **state)
{
    const rh_load_table tables[] = {{300, 10}, {900, 30}, {0, 0}, {5, 1}};
    const size_t order[] = {1, 0, 3};
    rh_schedule schedule;

    (void)state;
    rh_schedule_init(&schedule);
    assert_int_equal(rh_load_parts(tables, 4, &schedule, NULL), RH_OK);
    assert_int_equal(schedule.count, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(schedule.items[i].table, order[i]);
        assert_int_equal(schedule.items[i].first, 0);
        assert_int_equal(schedule.items[i].count, tables[order[i]].range_count);
        assert_true(schedule.items[i].whole);
    }
    rh_schedule_done(&schedule);
}

/* ---- channel ---- */

typedef struct sent_box {
    rh_channel *channel;
    rh_schedule_item items[2];
} sent_box;

static void *send_two(void *ctx)
{
    sent_box *box = ctx;
    const size_t ends[] = {4, 8};
    const rh_batch batch = {(const uint8_t *)"one\ntwo\n", 8, ends, 2};

    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(rh_channel_begin(box->channel, &box->items[i], NULL), RH_OK);
        for (int n = 0; n < 50; n++)
            assert_int_equal(rh_channel_put(box->channel, &batch, NULL), RH_OK);
        assert_int_equal(rh_channel_end(box->channel, NULL), RH_OK);
    }
    rh_channel_close(box->channel);
    return NULL;
}

static void pieces_arrive_whole_and_in_order(void **state)
{
    sent_box sent = {rh_channel_new(), {{7, 0, 1, true, 0}, {8, 3, 2, false, 0}}};
    pthread_t thread;

    (void)state;
    assert_int_equal(pthread_create(&thread, NULL, send_two, &sent), 0);
    for (size_t i = 0; i < 2; i++) {
        const rh_schedule_item *item = rh_channel_take_item(sent.channel);
        rh_row_reader rows = rh_channel_reader(sent.channel);
        const uint8_t *data = NULL;
        size_t len = 0;
        size_t total = 0;

        assert_ptr_equal(item, &sent.items[i]);
        while (rows.next(rows.ctx, &data, &len, NULL) == RH_OK)
            total += len;
        assert_int_equal(total, 400);
    }
    assert_null(rh_channel_take_item(sent.channel));
    pthread_join(thread, NULL);
    rh_channel_free(sent.channel);
}

static void a_piece_that_is_cut_short_is_an_error(void **state)
{
    rh_channel *channel = rh_channel_new();
    const rh_schedule_item item = {1, 0, 1, true, 0};
    rh_error err = RH_ERROR_INIT;
    const uint8_t *data = NULL;
    size_t len = 0;

    (void)state;
    assert_int_equal(rh_channel_begin(channel, &item, NULL), RH_OK);
    rh_channel_close(channel);
    assert_ptr_equal(rh_channel_take_item(channel), &item);
    rh_row_reader rows = rh_channel_reader(channel);

    assert_int_equal(rows.next(rows.ctx, &data, &len, &err), RH_ECANCELED);
    rh_error_clear(&err);
    assert_int_equal(rh_channel_end(channel, &err), RH_ECANCELED);
    rh_channel_free(channel);
}

/* ---- memory ---- */

static rh_status schedule_once(void *ctx, rh_error *err)
{
    rh_load_table tables[200];
    rh_schedule schedule;
    rh_status status;

    (void)ctx;
    for (size_t i = 0; i < 200; i++)
        tables[i] = (rh_load_table){(int64_t)i, 1};
    rh_schedule_init(&schedule);
    status = rh_load_parts(tables, 200, &schedule, err);
    rh_schedule_done(&schedule);
    return status;
}

static rh_status channel_once(void *ctx, rh_error *err)
{
    const rh_schedule_item item = {1, 0, 1, true, 0};
    rh_channel *channel = rh_channel_new();
    rh_status status = channel == NULL ? rh_error_oom(err) : RH_OK;

    (void)ctx;
    if (status == RH_OK)
        status = rh_channel_begin(channel, &item, err);
    if (status == RH_OK)
        status = rh_channel_end(channel, err);
    rh_channel_free(channel);
    return status;
}

static void memory_may_end_anywhere(void **state)
{
    (void)state;
    assert_true(fail_nth(schedule_once, NULL) > 0);
    assert_true(fail_nth(channel_once, NULL) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(largest_table_comes_first_and_its_ranges_in_order),
        cmocka_unit_test(tables_are_loaded_whole_the_largest_first),
        cmocka_unit_test(pieces_arrive_whole_and_in_order),
        cmocka_unit_test(a_piece_that_is_cut_short_is_an_error),
        cmocka_unit_test(memory_may_end_anywhere),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
