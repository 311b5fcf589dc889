/* Counted memory and its failure hook. */
#include <jansson.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"

static void live_blocks_are_counted(void **state)
{
    long before = rh_mem_live_blocks();
    char *a = rh_mem_alloc(0);
    char *b = rh_mem_strdup("text");
    char *c = rh_mem_printf("%d-%s", 7, "x");

    (void)state;
    assert_non_null(a);
    assert_string_equal(b, "text");
    assert_string_equal(c, "7-x");
    assert_int_equal(rh_mem_live_blocks(), before + 3);
    b = rh_mem_realloc(b, 1000);
    assert_non_null(b);
    assert_string_equal(b, "text");
    assert_int_equal(rh_mem_live_blocks(), before + 3);
    rh_mem_free(a);
    rh_mem_free(b);
    rh_mem_wipe_free(c, 4);
    rh_mem_free(NULL);
    rh_mem_wipe_free(NULL, 9);
    assert_int_equal(rh_mem_live_blocks(), before);
}

static void fresh_arrays_are_zero(void **state)
{
    static const char zeros[800];
    char *array = rh_mem_array(100, 8);

    (void)state;
    assert_memory_equal(array, zeros, sizeof zeros);
    rh_mem_free(array);
}

static void products_that_overflow_are_refused(void **state)
{
    void *block = rh_mem_alloc(8);

    (void)state;
    assert_null(rh_mem_array(SIZE_MAX / 2, 3));
    assert_null(rh_mem_rearray(block, SIZE_MAX / 2, 3));
    rh_mem_free(block);
}

static void strndup_copies_a_part(void **state)
{
    char *copy = rh_mem_strndup("abcdef", 3);

    (void)state;
    assert_string_equal(copy, "abc");
    rh_mem_free(copy);
}

static void only_the_nth_allocation_fails(void **state)
{
    long live = rh_mem_live_blocks();
    void *blocks[5];

    (void)state;
    rh_mem_fail_nth(2);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(rh_mem_failed(), i > 2);
        blocks[i] = rh_mem_alloc(8);
        assert_int_equal(blocks[i] == NULL, i == 2);
    }
    rh_mem_fail_nth(-1);
    assert_int_equal(rh_mem_failed(), 0);
    for (size_t i = 0; i < 5; i++)
        rh_mem_free(blocks[i]);
    assert_int_equal(rh_mem_live_blocks(), live);
}

static void failed_realloc_keeps_the_block(void **state)
{
    char *block = rh_mem_strdup("kept");

    (void)state;
    rh_mem_fail_nth(0);
    assert_null(rh_mem_realloc(block, 1000));
    rh_mem_fail_nth(-1);
    assert_string_equal(block, "kept");
    rh_mem_free(block);
}

static void *allocate_often(void *arg)
{
    atomic_long *failures = arg;

    for (int i = 0; i < 20000; i++) {
        void *block = rh_mem_alloc(16);

        if (block == NULL)
            atomic_fetch_add(failures, 1);
        rh_mem_free(block);
    }
    return NULL;
}

static void exactly_one_allocation_fails_among_threads(void **state)
{
    pthread_t threads[4];
    long live = rh_mem_live_blocks();
    atomic_long failures = 0;

    (void)state;
    rh_mem_fail_nth(30000);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, allocate_often, &failures), 0);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(atomic_load(&failures), 1);
    assert_true(rh_mem_failed());
    rh_mem_fail_nth(-1);
    assert_int_equal(rh_mem_live_blocks(), live);
}

static void jansson_allocates_here(void **state)
{
    long live = rh_mem_live_blocks();

    (void)state;
    rh_mem_adopt_jansson();
    json_t *object = json_object();

    assert_true(rh_mem_live_blocks() > live);
    json_decref(object);
    assert_int_equal(rh_mem_live_blocks(), live);
    rh_mem_fail_nth(0);
    assert_null(json_object());
    rh_mem_fail_nth(-1);
}

/* Every place where reading a long text may run out of memory: told, and nothing read behind it. */
static void jansson_stops_at_its_first_failure(void **state)
{
    char text[200];
    int failed = 1;

    (void)state;
    rh_mem_adopt_jansson();
    for (size_t len = 1; len < sizeof text - 8; len++) {
        memset(text, 'x', sizeof text);
        memcpy(text, "[\"", 2);
        memcpy(text + 2 + len, "\"]", 3);
        failed = 1;
        for (long n = 0; failed; n++) {
            json_t *root;
            bool told;

            rh_mem_fail_nth(n);
            rh_mem_jansson_begin();
            root = json_loads(text, 0, NULL);
            told = rh_mem_jansson_end();
            failed = rh_mem_failed();
            rh_mem_fail_nth(-1);
            assert_int_equal(told, failed != 0);
            assert_true(failed || root != NULL);
            json_decref(root);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(live_blocks_are_counted),
        cmocka_unit_test(fresh_arrays_are_zero),
        cmocka_unit_test(products_that_overflow_are_refused),
        cmocka_unit_test(strndup_copies_a_part),
        cmocka_unit_test(only_the_nth_allocation_fails),
        cmocka_unit_test(failed_realloc_keeps_the_block),
        cmocka_unit_test(exactly_one_allocation_fails_among_threads),
        cmocka_unit_test(jansson_allocates_here),
        cmocka_unit_test(jansson_stops_at_its_first_failure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
