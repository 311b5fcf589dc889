#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/workload.h"

static void a_list_gives_its_items_in_order_and_again_after_rewind(void **state)
{
    const rh_workload_item items[] = {{.sql = "SELECT 1", .session = 1},
                                      {.sql = "SELECT 2", .session = 2}};
    rh_workload_list list = {items, 2, 0};
    rh_workload workload = rh_workload_from_list(&list);
    rh_workload_item item = {0};

    (void)state;
    for (int round = 0; round < 2; round++) {
        assert_int_equal(RH_OK, workload.next(workload.ctx, &item, NULL));
        assert_string_equal("SELECT 1", item.sql);
        assert_int_equal(RH_OK, workload.next(workload.ctx, &item, NULL));
        assert_int_equal(2, item.session);
        assert_int_equal(RH_DONE, workload.next(workload.ctx, &item, NULL));
        assert_string_equal("SELECT 2", item.sql);
        assert_int_equal(RH_OK, workload.rewind(workload.ctx, NULL));
    }
}

static void an_empty_list_is_done_at_once(void **state)
{
    rh_workload_list list = {NULL, 0, 0};
    rh_workload workload = rh_workload_from_list(&list);
    rh_workload_item item;

    (void)state;
    assert_int_equal(RH_DONE, workload.next(workload.ctx, &item, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_list_gives_its_items_in_order_and_again_after_rewind),
        cmocka_unit_test(an_empty_list_is_done_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
