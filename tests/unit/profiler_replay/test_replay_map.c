/*
 * The scheduler's containers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "replay_map.h"

static void a_map_finds_what_was_put(void **state)
{
    static int values[2000];
    rp_map map = {0};

    (void)state;
    assert_null(rp_map_get(&map, 7));
    for (uint64_t i = 0; i < 2000; i++)
        assert_int_equal(RH_OK, rp_map_put(&map, i * i, &values[i], NULL));
    for (uint64_t i = 0; i < 2000; i++)
        assert_ptr_equal(&values[i], rp_map_get(&map, i * i));
    assert_null(rp_map_get(&map, 2));
    assert_int_equal(2000, map.count);
    assert_int_equal(RH_OK, rp_map_put(&map, 4, &values[9], NULL));
    assert_ptr_equal(&values[9], rp_map_get(&map, 4));
    assert_int_equal(2000, map.count);
    rp_map_done(&map);
}

static void a_heap_gives_the_smallest_first(void **state)
{
    static int values[500];
    rp_heap heap = {0};
    int64_t last = -1;

    (void)state;
    assert_int_equal(RH_OK, rp_heap_reserve(&heap, 500, NULL));
    for (int i = 0; i < 500; i++)
        rp_heap_add(&heap, (i * 7919) % 101, (uint64_t)i, &values[i]);
    for (int i = 0; i < 500; i++) {
        const rp_heap_entry *top = rp_heap_top(&heap);
        int64_t key = top->key;
        uint64_t tie = top->tie;

        assert_true(key >= last);
        assert_ptr_equal(&values[tie], rp_heap_take(&heap));
        if (key == last && i > 0)
            assert_true(tie > 0);
        last = key;
    }
    assert_null(rp_heap_top(&heap));
    rp_heap_done(&heap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_map_finds_what_was_put),
        cmocka_unit_test(a_heap_gives_the_smallest_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
