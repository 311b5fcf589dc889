/*
 * The blocks that a replay lists: the costliest ones, however many there were, and nothing else
 * kept.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "../../support/fail_nth.h"
#include "block_replay_internal.h"
#include "core/mem.h"

enum { MANY = 5 * RH_BLOCK_REPLAY_LISTED };

static double cost_of(int number)
{
    return (double)(number * 7919 % 4001); /* some twice */
}

static rh_status list(replayed_blocks *blocks, int count, rh_error *err)
{
    rh_status status = RH_OK;

    for (int i = 0; status == RH_OK && i < count; i++) {
        const rh_block_replay_block_figures figures = {.height = i, .statements = i % 10};

        status = rh_block_replay_list(blocks, &figures, cost_of(i), err);
    }
    return status;
}

static int costliest_first(const void *left, const void *right)
{
    int a = *(const int *)left, b = *(const int *)right;

    return cost_of(a) != cost_of(b) ? (cost_of(a) < cost_of(b)) - (cost_of(a) > cost_of(b))
                                    : (a > b) - (a < b);
}

static void the_costliest_stay_and_the_earlier_of_equals(void **state)
{
    replayed_blocks blocks = {0};
    bool kept[MANY] = {false};
    int order[MANY];

    (void)state;
    assert_int_equal(RH_OK, list(&blocks, MANY, NULL));
    assert_int_equal(MANY, blocks.seen);
    assert_int_equal(RH_BLOCK_REPLAY_LISTED, blocks.count);
    assert_int_equal(RH_BLOCK_REPLAY_LISTED, blocks.cap);
    for (size_t i = 0; i < blocks.count; i++)
        kept[blocks.heap[i].number] = true;
    for (int i = 0; i < MANY; i++)
        order[i] = i;
    qsort(order, MANY, sizeof order[0], costliest_first);
    for (int i = 0; i < MANY; i++)
        assert_int_equal(i < RH_BLOCK_REPLAY_LISTED, kept[order[i]]);
    assert_int_equal(order[0], blocks.costliest);
    assert_true(blocks.least_statements == 0 && blocks.most_statements == 9);
    rh_mem_free(blocks.heap);
}

static void few_are_all_listed(void **state)
{
    replayed_blocks blocks = {0};

    (void)state;
    assert_int_equal(RH_OK, list(&blocks, 17, NULL));
    assert_int_equal(17, blocks.count);
    rh_mem_free(blocks.heap);
}

static rh_status list_body(void *ctx, rh_error *err)
{
    replayed_blocks blocks = {0};
    rh_status status = list(&blocks, 40, err);

    (void)ctx;
    rh_mem_free(blocks.heap);
    return status;
}

static void each_failed_allocation_is_told(void **state)
{
    (void)state;
    assert_true(fail_nth(list_body, NULL) > 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_costliest_stay_and_the_earlier_of_equals),
        cmocka_unit_test(few_are_all_listed),
        cmocka_unit_test(each_failed_allocation_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
