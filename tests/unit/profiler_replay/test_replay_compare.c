/*
 * Runs written and compared.
 */
/* mkdtemp(3) */
#define _XOPEN_SOURCE 700

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../support/fail_nth.h"
#include "core/fs.h"
#include "core/hash.h"
#include "replay_internal.h"

static char dir[64];
static char *path;

static int setup(void **state)
{
    (void)state;
    memcpy(dir, "/tmp/rh-compare-XXXXXX", sizeof "/tmp/rh-compare-XXXXXX");
    assert_non_null(mkdtemp(dir));
    path = rh_fs_join(dir, "run");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rh_mem_free(path);
    assert_int_equal(RH_OK, rh_fs_remove_tree(dir, NULL));
    return 0;
}

/* In the order of ending, which is not the order of execution. */
static const rp_outcome before[] = {
    {.loop = 1, .execution = 3, .rows = 7, .hash = {5, 6}},
    {.loop = 1, .execution = 1, .rows = 2, .hash = {1, 2}},
    {.loop = 1, .execution = 2, .sqlstate = "22012"},
    {.loop = 2, .execution = 1, .rows = 2, .hash = {1, 2}},
};

static rh_status put(const rp_outcome *outcomes, size_t count, rh_error *err)
{
    rp_outcome copy[8];
    rh_replay_run run = {.outcomes = copy, .outcome_count = count};
    json_t *head = json_pack("{s:s}", "tool", "test");
    rh_status status;

    memcpy(copy, outcomes, count * sizeof *copy);
    status = head == NULL ? rh_error_oom(err) : rh_replay_run_write(&run, head, path, err);
    json_decref(head);
    return status;
}

static json_t *compare(const rp_outcome *outcomes, size_t count, bool *out_same)
{
    rp_outcome copy[8];
    rh_replay_run run = {.outcomes = copy, .outcome_count = count};
    json_t *result = NULL;

    memcpy(copy, outcomes, count * sizeof *copy);
    assert_int_equal(RH_OK, rh_replay_run_compare(&run, path, &result, out_same, NULL));
    return result;
}

static json_int_t figure(const json_t *result, const char *name)
{
    return json_integer_value(json_object_get(result, name));
}

static void the_same_outcomes_are_the_same_in_any_order(void **state)
{
    const rp_outcome after[] = {before[3], before[2], before[1], before[0]};
    bool same = false;
    json_t *result;

    (void)state;
    assert_int_equal(RH_OK, put(before, 4, NULL));
    result = compare(after, 4, &same);
    assert_true(same);
    assert_int_equal(4, figure(result, "compared"));
    assert_int_equal(0, figure(result, "different"));
    json_decref(result);
}

/* One thing changed in one execution. */
static void tells_a_difference(const rp_outcome *changed, bool values_differ)
{
    rp_outcome after[4];
    bool same = true;
    json_t *result;
    const json_t *entry;

    memcpy(after, before, sizeof after);
    after[0] = *changed;
    after[0].place.file = "night.log";
    after[0].place.line = 12;
    result = compare(after, 4, &same);
    assert_false(same);
    assert_int_equal(1, figure(result, "different"));
    entry = json_array_get(json_object_get(result, "differences"), 0);
    assert_int_equal(3, figure(entry, "execution"));
    assert_int_equal(values_differ, json_is_true(json_object_get(entry, "values_differ")));
    assert_int_equal(12, figure(json_object_get(entry, "place"), "line"));
    json_decref(result);
}

static void each_part_of_an_outcome_counts(void **state)
{
    rp_outcome changed = before[0];

    (void)state;
    assert_int_equal(RH_OK, put(before, 4, NULL));
    changed.rows = 8;
    tells_a_difference(&changed, false);
    changed = before[0];
    changed.hash.high ^= 1;
    tells_a_difference(&changed, true);
    changed = before[0];
    changed.hash.low ^= 1;
    tells_a_difference(&changed, true);
    changed = before[0];
    memcpy(changed.sqlstate, "57014", 6);
    tells_a_difference(&changed, true);
}

static void missing_and_new_ones_are_counted(void **state)
{
    rp_outcome after[3] = {before[0], before[1], before[2]};
    bool same = true;
    json_t *result;

    (void)state;
    assert_int_equal(RH_OK, put(before, 4, NULL));
    after[0].execution = 9;
    result = compare(after, 3, &same);
    assert_false(same);
    assert_int_equal(2, figure(result, "compared"));
    assert_int_equal(2, figure(result, "missing"));
    assert_int_equal(1, figure(result, "new"));
    json_decref(result);
}

static void damaged_runs_are_refused(void **state)
{
    static const char *const texts[] = {
        "",
        "{}",
        "{\"run\":2,\"outcomes\":[]}",
        "{\"run\":1,\"outcomes\":{}}",
        "{\"run\":1,\"outcomes\":[[1,2,3,\"00\",\"\"]]}",
        "{\"run\":1,\"outcomes\":[[1,-2,3,\"00000000000000000000000000000000\",\"\"]]}",
        "{\"run\":1,\"outcomes\":[[1,2,3,\"00000000000000000000000000000000\",\"toolong\"]]}",
    };
    rh_replay_run run = {0};

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        json_t *result = NULL;
        bool same = false;

        assert_int_equal(RH_OK, rh_fs_write(path, 0600, texts[i], strlen(texts[i]), NULL));
        assert_int_equal(RH_EFORMAT, rh_replay_run_compare(&run, path, &result, &same, NULL));
        assert_null(result);
    }
}

static rh_status write_and_compare(void *ctx, rh_error *err)
{
    rp_outcome after[4];
    rh_replay_run run = {.outcomes = after, .outcome_count = 4};
    json_t *result = NULL;
    bool same = true;
    rh_status status = put(before, 4, err);

    (void)ctx;
    memcpy(after, before, sizeof after);
    after[1].rows++;
    after[1].place.file = "night.log";
    if (status == RH_OK)
        status = rh_replay_run_compare(&run, path, &result, &same, err);
    assert_int_equal(status != RH_OK, same);
    assert_int_equal(status != RH_OK, result == NULL);
    json_decref(result);
    return status;
}

static void memory_may_end_anywhere(void **state)
{
    (void)state;
    assert_true(fail_nth(write_and_compare, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_outcomes_are_the_same_in_any_order),
        cmocka_unit_test(each_part_of_an_outcome_counts),
        cmocka_unit_test(missing_and_new_ones_are_counted),
        cmocka_unit_test(damaged_runs_are_refused),
        cmocka_unit_test(memory_may_end_anywhere),
    };

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, setup, teardown);
}
