/*
 * Runs written and compared.
 */
/* mkdtemp(3), wait4(2) */
#define _DEFAULT_SOURCE
#define _XOPEN_SOURCE 700

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../support/fail_nth.h"
#include "core/fs.h"
#include "core/hash.h"
#include "replay_internal.h"

#define ZEROS "00000000000000000000000000000000"

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
    rh_replay_run run = {.outcomes = {.held = copy, .count = count, .cap = 8, .limit = 8}};
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
    rh_replay_run run = {.outcomes = {.held = copy, .count = count, .cap = 8, .limit = 8}};
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
        "{\"run\":2,\"head\":{},\"outcomes\":[]}",
        "{\"run\":1,\"head\":{},\"outcomes\":[]",
        "{\"run\":1,\"head\":{},\"outcomes\":[]}]",
        "{\"run\":1,\"head\":{\"a\":\"}\",\"outcomes\":[]}",
        "{\"run\":1,\"head\":{},\"outcomes\":[,]}",
        "{\"run\":1,\"head\":{},\"outcomes\":[[1,1,3,\"" ZEROS "\",\"\"],]}",
        "{\"run\":1,\"head\":{},\"outcomes\":[[1,1,3,\"" ZEROS "\",\"\"]",
        "{\"run\":1,\"head\":{},\"outcomes\":[[1,1,3,\"" ZEROS "\"]]}",
        "{\"run\":1,\"head\":{},\"outcomes\":[[1,1,3,\"" ZEROS "\",\"\",1]]}",
        "{\"run\":1,\"head\":{},\"outcomes\":[[1,2,3,\"" ZEROS "\",\"\"],[1,1,3,\"" ZEROS
        "\",\"\"]]}",
        "{\"run\":1,\"head\":{},\"outcomes\":[[1,2,3,\"" ZEROS "\",\"\"][1,3,3,\"" ZEROS
        "\",\"\"]]}",
        "{\"run\":1,\"outcomes\":{}}",
        "{\"run\":1,\"head\":{},\"outcomes\":[[1,2,3,\"00\",\"\"]]}",
        "{\"run\":1,\"head\":{},\"outcomes\":[[1,-2,3,\"" ZEROS "\",\"\"]]}",
        "{\"run\":1,\"head\":{},\"outcomes\":[[1,2,3,\"" ZEROS "\",\"toolong\"]]}",
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

/* Numbers 0 .. count - 1 in an order that is none: 7919 is prime to count. */
static rh_status collect(rp_outcomes *out, uint64_t count, uint64_t odd, rh_error *err)
{
    rh_status status = RH_OK;

    for (uint64_t i = 0; status == RH_OK && i < count; i++) {
        uint64_t number = i * 7919 % count;
        const rp_outcome outcome = {.loop = 1 + number % 2,
                                    .execution = number,
                                    .rows = (int64_t)(number == odd ? 1 : number),
                                    .hash = {number, ~number}};

        status = rp_outcomes_add(out, &outcome, err);
    }
    return status;
}

static void more_than_is_held_comes_back_in_order(void **state)
{
    enum { COUNT = 1003 };
    rh_replay_run run = {.outcomes = {.limit = 10}};
    rp_outcome_cursor *cursor = NULL;
    rp_outcome last = {0};
    rp_outcome next;
    size_t count = 0;

    (void)state;
    assert_int_equal(RH_OK, collect(&run.outcomes, COUNT, COUNT, NULL));
    assert_int_equal(100, run.outcomes.batches);
    assert_int_equal(RH_OK, rp_outcome_cursor_open(&run.outcomes, &cursor, NULL));
    while (rp_outcome_cursor_next(cursor, &next, NULL) == RH_OK) {
        assert_true(count == 0 || rp_outcome_order(&last, &next) < 0);
        assert_int_equal((int64_t)next.execution, next.rows);
        last = next;
        count++;
    }
    assert_int_equal(COUNT, count);
    rp_outcome_cursor_close(cursor);
    rp_outcomes_done(&run.outcomes);
}

/* Sorting takes memory for a moment, which the sanitizer would keep from being used again. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
    return "quarantine_size_mb=0:thread_local_quarantine_size_kb=0";
}

/* In a process of its own: its largest size, in KiB. */
static long size_with(uint64_t count)
{
    struct rusage used;
    int result = 0;
    pid_t pid = fork();

    assert_true(pid >= 0);
    if (pid == 0) {
        rh_replay_run first = {.outcomes = {.limit = 0}};
        rh_replay_run second = {.outcomes = {.limit = 0}};
        json_t *head = json_object();
        json_t *report = NULL;
        bool same = true;
        bool good = collect(&first.outcomes, count, count, NULL) == RH_OK &&
                    rh_replay_run_write(&first, head, path, NULL) == RH_OK;

        rp_outcomes_done(&first.outcomes);
        good = good && collect(&second.outcomes, count, count / 2, NULL) == RH_OK &&
               rh_replay_run_compare(&second, path, &report, &same, NULL) == RH_OK && !same &&
               figure(report, "compared") == (json_int_t)count && figure(report, "different") == 1;
        json_decref(report);
        json_decref(head);
        rp_outcomes_done(&second.outcomes);
        _exit(good ? 0 : 1);
    }
    assert_int_equal(pid, wait4(pid, &result, 0, &used));
    assert_true(WIFEXITED(result) && WEXITSTATUS(result) == 0);
    return used.ru_maxrss;
}

/* Six times the executions, 24 MB more of them, and not a third more memory. */
static void memory_does_not_grow_with_the_run(void **state)
{
    long few = size_with(66000);
    long many = size_with(400000);

    (void)state;
    assert_in_range(many * 3, 0, few * 4);
}

static rh_status write_and_compare(void *ctx, rh_error *err)
{
    rp_outcome after[4];
    rh_replay_run run = {.outcomes = {.held = after, .count = 4, .cap = 4, .limit = 4}};
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

static rh_status spill_and_compare(void *ctx, rh_error *err)
{
    rh_replay_run run = {.outcomes = {.limit = 3}};
    json_t *result = NULL;
    bool same = true;
    rh_status status = collect(&run.outcomes, 10, 10, err);

    (void)ctx;
    if (status == RH_OK)
        status = rh_replay_run_compare(&run, path, &result, &same, err);
    assert_int_equal(status != RH_OK, result == NULL);
    json_decref(result);
    rp_outcomes_done(&run.outcomes);
    return status;
}

static void memory_may_end_while_much_is_collected(void **state)
{
    (void)state;
    assert_int_equal(RH_OK, put(before, 4, NULL));
    assert_true(fail_nth(spill_and_compare, NULL) > 5);
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
        cmocka_unit_test(more_than_is_held_comes_back_in_order),
        cmocka_unit_test(memory_does_not_grow_with_the_run),
        cmocka_unit_test(memory_may_end_anywhere),
        cmocka_unit_test(memory_may_end_while_much_is_collected),
    };

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, setup, teardown);
}
