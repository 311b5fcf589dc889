/*
 * Call files: what becomes of names, lists and steps in both dialects, and every failed allocation.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fail_nth.h"
#include "ledger/calls.h"

static const char file[] =
    "open: [PRAGMA cache_size = -100]\n"
    "calls:\n"
    "  look: {per: input, batch: 3, sql: \"SELECT ':x' FROM b WHERE u IN (:outpoint) AND h < "
    ":block_index\"}\n"
    "  pay:\n"
    "    per: output\n"
    "    active_from: 7\n"
    "    params: {to: address}\n"
    "    steps:\n"
    "      - {sql: \"SELECT q FROM b WHERE a = :to\", take: [q]}\n"
    "      - {sql: \"INSERT INTO b VALUES (:to, :q, :to)\", when: found}\n"
    "budget: {interval: 10min, share: 2%}\n";

static rh_calls *parse(rh_sql_dialect dialect)
{
    rh_calls *calls = NULL;

    assert_int_equal(rh_calls_parse("c.yaml", file, strlen(file), dialect, &calls, NULL), RH_OK);
    return calls;
}

static void names_become_numbers_and_batches_lists(void **state)
{
    rh_calls *calls = parse(RH_SQL_SQLITE);

    (void)state;
    assert_int_equal(calls->count, 2);
    assert_string_equal(calls->calls[0].steps[0].sql,
                        "SELECT ':x' FROM b WHERE u IN (?1,?2,?3) AND h < ?4");
    assert_true(calls->calls[0].steps[0].parameters[0].list);
    assert_false(calls->calls[0].steps[0].parameters[1].list);
    assert_string_equal(calls->calls[1].steps[1].sql, "INSERT INTO b VALUES (?1, ?2, ?1)");
    assert_int_equal(calls->calls[1].steps[1].parameters[1].taken, 0);
    assert_int_equal(calls->calls[1].steps[1].when, RH_CALLS_FOUND);
    assert_true(calls->writes && calls->calls[1].steps[1].writes);
    assert_int_equal(calls->calls[1].active_from, 7);
    assert_int_equal(calls->budget.interval_us, 600000000);
    assert_true(calls->budget.share > 0.019 && calls->budget.share < 0.021);
    assert_string_equal(calls->setup[0], "PRAGMA cache_size = -100");
    assert_null(calls->setup[1]);
    rh_calls_free(calls);
}

static void postgresql_gets_its_own_numbers(void **state)
{
    rh_calls *calls = parse(RH_SQL_POSTGRES);

    (void)state;
    assert_string_equal(calls->calls[1].steps[0].sql, "SELECT q FROM b WHERE a = $1");
    rh_calls_free(calls);
}

static rh_status parse_body(void *ctx, rh_error *err)
{
    rh_calls *calls = NULL;
    rh_status status = rh_calls_parse("c.yaml", file, strlen(file), RH_SQL_SQLITE, &calls, err);

    (void)ctx;
    if (status != RH_OK)
        assert_null(calls);
    rh_calls_free(calls);
    return status;
}

static void each_failed_allocation_is_told(void **state)
{
    (void)state;
    rh_mem_adopt_jansson();
    assert_true(fail_nth(parse_body, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_failed_allocation_is_told),
        cmocka_unit_test(names_become_numbers_and_batches_lists),
        cmocka_unit_test(postgresql_gets_its_own_numbers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
