/*
 * Samples of sqlite_stat4: every storage class comes back, damage is left out, memory may end.
 */
#include <string.h>

#include "core/index_sample.h"
#include "fail_nth.h"

/* 300, 'rome', 2.5, x'01', NULL, 1 */
static const uint8_t RECORD[] = {7,   2,   21,   7, 14, 0, 9, 1, 44, 'r', 'o',
                                 'm', 'e', 0x40, 4, 0,  0, 0, 0, 0,  0,   1};

static rh_status double_it(void *ctx, rh_field *fields, rh_arena *scratch, rh_error *err)
{
    (void)ctx;
    (void)scratch;
    (void)err;
    assert_int_equal(fields[0].integer, 300);
    assert_memory_equal(fields[1].data, "rome", 4);
    assert_true(fields[2].kind == RH_FIELD_REAL && fields[2].real > 2.4 && fields[2].real < 2.6);
    assert_true(fields[3].kind == RH_FIELD_BLOB && fields[3].len == 1 && fields[3].data[0] == 1);
    assert_int_equal(fields[4].kind, RH_FIELD_NULL);
    assert_int_equal(fields[5].integer, 1);
    fields[0].integer = 70000;
    fields[1].data = (const uint8_t *)"paris";
    fields[1].len = 5;
    return RH_OK;
}

static rh_status edit_sample(void *ctx, rh_error *err)
{
    static const uint8_t IMAGE[] = {7,   3,   23,  7,    14, 0, 9, 1, 0x11, 0x70, 'p', 'a',
                                    'r', 'i', 's', 0x40, 4,  0, 0, 0, 0,    0,    0,   1};
    const rh_field sample = {.kind = RH_FIELD_BLOB, .data = RECORD, .len = sizeof RECORD};
    rh_field out = {.kind = RH_FIELD_UNREAD};
    rh_arena *scratch = rh_arena_new(64);
    rh_status status = scratch == NULL ? rh_error_oom(err) : RH_OK;

    (void)ctx;
    if (status == RH_OK)
        status = rh_index_sample_edit(&sample, 6, double_it, NULL, scratch, &out, err);
    if (status == RH_OK) {
        assert_true(out.kind == RH_FIELD_BLOB && out.len == sizeof IMAGE);
        assert_memory_equal(out.data, IMAGE, sizeof IMAGE);
    } else {
        assert_int_equal(out.kind, RH_FIELD_UNREAD);
    }
    rh_arena_free(scratch);
    return status;
}

static void every_class_comes_back(void **state)
{
    (void)state;
    assert_true(fail_nth(edit_sample, NULL) > 2);
}

static rh_status never(void *ctx, rh_field *fields, rh_arena *scratch, rh_error *err)
{
    (void)ctx;
    (void)fields;
    (void)scratch;
    (void)err;
    fail_msg("asked about a damaged record");
    return RH_OK;
}

static void damage_is_left_out(void **state)
{
    rh_arena *scratch = rh_arena_new(0);
    rh_field out;

    (void)state;
    for (size_t len = 0; len < sizeof RECORD; len++) {
        const rh_field sample = {.kind = RH_FIELD_BLOB, .data = RECORD, .len = len};

        assert_int_equal(rh_index_sample_edit(&sample, 6, never, NULL, scratch, &out, NULL),
                         RH_SKIPPED);
    }
    for (size_t count = 0; count < 9; count++) {
        const rh_field sample = {.kind = RH_FIELD_BLOB, .data = RECORD, .len = sizeof RECORD};

        if (count != 6)
            assert_int_equal(rh_index_sample_edit(&sample, count, never, NULL, scratch, &out, NULL),
                             RH_SKIPPED);
    }
    rh_arena_free(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_class_comes_back),
        cmocka_unit_test(damage_is_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
