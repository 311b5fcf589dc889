/*
 * Where rows are loaded, as the facts of a source tell it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/routes.h"
#include "fail_nth.h"

static const rh_route parent = {"s", "parent"};

static void a_route_is_found_by_both_names(void **state)
{
    json_t *facts = json_object();
    rh_route found = {"", ""};

    (void)state;
    assert_false(rh_route_find(facts, "s", "part", &found));
    assert_int_equal(rh_route_add(facts, "s", "part", &parent, NULL), RH_OK);
    assert_int_equal(rh_route_add(facts, "t", "part", &(rh_route){"t", "other"}, NULL), RH_OK);
    assert_false(rh_route_find(facts, "s", "parent", &found));
    assert_false(rh_route_find(facts, "u", "part", &found));
    assert_string_equal(found.name, "");
    assert_true(rh_route_find(facts, "s", "part", &found));
    assert_string_equal(found.schema, "s");
    assert_string_equal(found.name, "parent");
    json_decref(facts);
}

static void a_table_has_one_route(void **state)
{
    json_t *facts = json_object();
    rh_route found;

    (void)state;
    assert_int_equal(rh_route_add(facts, "s", "part", &parent, NULL), RH_OK);
    assert_int_equal(rh_route_add(facts, "s", "part", &(rh_route){"x", "y"}, NULL), RH_OK);
    assert_int_equal(json_array_size(json_object_get(facts, "routes")), 1);
    assert_true(rh_route_find(facts, "s", "part", &found));
    assert_string_equal(found.name, "parent");
    json_decref(facts);
}

static void damaged_facts_have_none(void **state)
{
    static const char *const texts[] = {
        "{\"routes\": 1}", "{\"routes\": [1, null, [], {}]}",
        "{\"routes\": [{\"schema\": \"s\", \"name\": \"part\"}]}",
        "{\"routes\": [{\"schema\": \"s\", \"name\": \"part\", \"through\": {\"schema\": \"s\"}}]}",
        "{\"routes\": [{\"schema\": 1, \"name\": \"part\", \"through\":"
        " {\"schema\": \"s\", \"name\": \"parent\"}}]}"};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        json_t *facts = json_loads(texts[i], 0, NULL);
        rh_route found;

        assert_non_null(facts);
        assert_false(rh_route_find(facts, "s", "part", &found));
        json_decref(facts);
    }
    assert_false(rh_route_find(NULL, "s", "part", &(rh_route){0}));
}

static rh_status add_once(void *ctx, rh_error *err)
{
    json_t *facts = json_object();
    rh_status status =
        facts == NULL ? rh_error_oom(err) : rh_route_add(facts, "s", "part", &parent, err);

    (void)ctx;
    json_decref(facts);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    assert_true(fail_nth(add_once, NULL) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_route_is_found_by_both_names),
        cmocka_unit_test(a_table_has_one_route),
        cmocka_unit_test(damaged_facts_have_none),
        cmocka_unit_test(every_allocation_may_fail),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
