/*
 * The memo of images: what it says is right, it gets more room where that pays, and it does
 * without where there is none.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "mask_memo.h"

enum { VALUES = 5000, ROUNDS = 60000, LAST = 10000 };

/* Ask for values in no order, put what is not known; how many of the last were known. */
static unsigned known_of(mask_memo *memo, unsigned values)
{
    uint32_t seed = 7;
    unsigned known = 0;

    for (unsigned i = 0; i < ROUNDS; i++) {
        char raw[24], image[24];
        size_t len, found_len;
        const char *found;

        seed = seed * 1664525 + 1013904223;
        len = (size_t)snprintf(raw, sizeof raw, "value %u", (seed >> 8) % values);
        (void)snprintf(image, sizeof image, "%s", raw);
        memcpy(image, "image", 5);
        found = mask_memo_get(memo, raw, len, &found_len);
        if (found == NULL) {
            mask_memo_put(memo, raw, len, image, len);
            continue;
        }
        assert_int_equal(found_len, len);
        assert_memory_equal(found, image, len);
        known += i >= ROUNDS - LAST;
    }
    return known;
}

static mask_memo *new_memo(void)
{
    mask_memo *memo = NULL;

    assert_int_equal(mask_memo_new(&memo, NULL), RH_OK);
    return memo;
}

static void values_that_push_each_other_out_get_more_room(void **state)
{
    mask_memo *memo = new_memo();

    (void)state;
    assert_true(known_of(memo, VALUES) > LAST / 2); /* a fifth in the places it begins with */
    mask_memo_free(memo);
}

static void a_memo_that_cannot_grow_goes_on(void **state)
{
    mask_memo *memo = new_memo();
    unsigned known;

    (void)state;
    rh_mem_fail_nth(0);
    known = known_of(memo, VALUES);
    assert_true(rh_mem_failed());
    rh_mem_fail_nth(-1);
    assert_true(known > LAST / 10);
    mask_memo_free(memo);
}

static void a_memo_needs_its_first_places(void **state)
{
    (void)state;
    for (long n = 0; n < 2; n++) {
        mask_memo *memo = NULL;
        long before = rh_mem_live_blocks();

        rh_mem_fail_nth(n);
        assert_int_equal(mask_memo_new(&memo, NULL), RH_ENOMEM);
        rh_mem_fail_nth(-1);
        assert_null(memo);
        assert_int_equal(rh_mem_live_blocks(), before);
    }
}

static void long_and_empty_texts_are_not_kept(void **state)
{
    mask_memo *memo = new_memo();
    char text[49];
    size_t len;

    (void)state;
    memset(text, 'x', sizeof text);
    mask_memo_put(memo, text, 0, text, 1);
    mask_memo_put(memo, text, 1, text, 0);
    mask_memo_put(memo, text, 48, text, 1);
    mask_memo_put(memo, text, 2, text, 48);
    assert_null(mask_memo_get(memo, text, 0, &len));
    assert_null(mask_memo_get(memo, text, 1, &len));
    assert_null(mask_memo_get(memo, text, 2, &len));
    assert_null(mask_memo_get(memo, text, 48, &len));
    mask_memo_put(memo, text, 47, text, 47);
    assert_non_null(mask_memo_get(memo, text, 47, &len));
    mask_memo_free(memo);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_that_push_each_other_out_get_more_room),
        cmocka_unit_test(a_memo_that_cannot_grow_goes_on),
        cmocka_unit_test(a_memo_needs_its_first_places),
        cmocka_unit_test(long_and_empty_texts_are_not_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
