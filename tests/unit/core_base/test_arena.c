/* Arenas. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/arena.h"
#include "core/mem.h"
#include "freed_blocks.h"

static void allocations_are_aligned_and_apart(void **state)
{
    rh_arena *arena = rh_arena_new(256);
    unsigned char *at[200];

    (void)state;
    for (size_t i = 0; i < 200; i++) {
        at[i] = rh_arena_alloc(arena, i);
        assert_non_null(at[i]);
        assert_int_equal((uintptr_t)at[i] % _Alignof(max_align_t), 0);
        memset(at[i], (int)i, i);
    }
    for (size_t i = 1; i < 200; i++) {
        assert_int_equal(at[i][0], i);
        assert_int_equal(at[i][i - 1], i);
    }
    rh_arena_free(arena);
}

static void large_requests_get_their_own_block(void **state)
{
    rh_arena *arena = rh_arena_new(64);
    char *small = rh_arena_strdup(arena, "before");
    long live = rh_mem_live_blocks();
    char *large = rh_arena_array(arena, 1000, 10);
    char *after = rh_arena_strdup(arena, "after");

    (void)state;
    assert_int_equal(rh_mem_live_blocks(), live + 1); /* "after" still fits into the first block */
    assert_int_equal(large[9999], 0);
    assert_string_equal(small, "before");
    assert_string_equal(after, "after");
    rh_arena_free(arena);
}

static void reset_keeps_one_block(void **state)
{
    long live = rh_mem_live_blocks();
    rh_arena *arena = rh_arena_new(128);

    (void)state;
    rh_arena_reset(arena);
    for (int i = 0; i < 50; i++)
        assert_non_null(rh_arena_alloc(arena, 100));
    rh_arena_reset(arena);
    assert_int_equal(rh_mem_live_blocks(), live + 2);
    assert_non_null(rh_arena_alloc(arena, 100));
    assert_int_equal(rh_mem_live_blocks(), live + 2);
    rh_arena_free(arena);
    rh_arena_free(NULL);
    assert_int_equal(rh_mem_live_blocks(), live);
}

static void reset_does_not_keep_a_giant(void **state)
{
    long live = rh_mem_live_blocks();
    rh_arena *arena = rh_arena_new(128);

    (void)state;
    assert_non_null(rh_arena_alloc(arena, 1000000));
    rh_arena_reset(arena);
    assert_int_equal(rh_mem_live_blocks(), live + 1);
    rh_arena_free(arena);
}

static void texts_are_copied(void **state)
{
    rh_arena *arena = rh_arena_new(0);

    (void)state;
    assert_string_equal(rh_arena_strndup(arena, "abcdef", 2), "ab");
    assert_string_equal(rh_arena_printf(arena, "%s=%d", "n", 5), "n=5");
    rh_arena_free(arena);
}

static void absurd_sizes_are_refused(void **state)
{
    rh_arena *arena = rh_arena_new(0);

    (void)state;
    assert_null(rh_arena_alloc(arena, SIZE_MAX - 3));
    assert_null(rh_arena_array(arena, SIZE_MAX / 2, 4));
    assert_null(rh_arena_strndup(arena, "", SIZE_MAX));
    rh_arena_free(arena);
}

static void no_memory_is_null(void **state)
{
    (void)state;
    rh_mem_fail_nth(0);
    assert_null(rh_arena_new(0));
    rh_mem_fail_nth(0);
    assert_null(rh_arena_new_wiping(0));
    rh_mem_fail_nth(-1);

    rh_arena *arena = rh_arena_new(0);

    rh_mem_fail_nth(0);
    assert_null(rh_arena_strdup(arena, "x"));
    rh_mem_fail_nth(0);
    assert_null(rh_arena_printf(arena, "%d", 1));
    rh_mem_fail_nth(0);
    assert_null(rh_arena_array(arena, 1, 1));
    rh_mem_fail_nth(-1);
    assert_string_equal(rh_arena_strdup(arena, "x"), "x");
    rh_arena_free(arena);
}

static void fill(rh_arena *arena)
{
    rh_arena_reset(arena);
    assert_non_null(rh_arena_strdup(arena, "first secret"));
    rh_arena_reset(arena); /* what comes next is shorter than what was there */
    assert_non_null(rh_arena_alloc(arena, 1));
    rh_arena_reset(arena);
    for (int i = 0; i < 20; i++)
        assert_non_null(rh_arena_printf(arena, "%0*d secret", i * 20, i));
    rh_arena_reset(arena);
    assert_non_null(rh_arena_printf(arena, "%01000d secret", 0)); /* a giant */
    rh_arena_reset(arena);
    assert_non_null(rh_arena_strdup(arena, "last secret"));
}

static void a_wiping_arena_frees_no_secret(void **state)
{
    rh_arena *arena = rh_arena_new_wiping(128);

    (void)state;
    freed_watch("secret");
    fill(arena);
    rh_arena_free(arena);
    assert_int_equal(freed_seen(), 0);
}

/* Else the test above might look at the wrong bytes. */
static void an_ordinary_arena_leaves_what_it_held(void **state)
{
    rh_arena *arena = rh_arena_new(128);

    (void)state;
    freed_watch("secret");
    fill(arena);
    rh_arena_free(arena);
    assert_true(freed_seen() > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(allocations_are_aligned_and_apart),
        cmocka_unit_test(large_requests_get_their_own_block),
        cmocka_unit_test(reset_keeps_one_block),
        cmocka_unit_test(reset_does_not_keep_a_giant),
        cmocka_unit_test(texts_are_copied),
        cmocka_unit_test(absurd_sizes_are_refused),
        cmocka_unit_test(no_memory_is_null),
        cmocka_unit_test(a_wiping_arena_frees_no_secret),
        cmocka_unit_test(an_ordinary_arena_leaves_what_it_held),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
