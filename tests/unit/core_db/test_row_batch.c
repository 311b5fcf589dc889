#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "core/rows.h"

/* Splits with a builder that the next call frees; teardown frees the last one. */
static rh_batch_builder shared;

static rh_status split(rh_rows_format format, const char *text, size_t len, rh_batch *out)
{
    rh_batch_builder_done(&shared);
    rh_batch_builder_init(&shared, 0);
    return rh_rows_split(format, (const uint8_t *)text, len, &shared, out, NULL);
}

static int teardown(void **state)
{
    (void)state;
    rh_batch_builder_done(&shared);
    return 0;
}

static void builder_collects_rows_and_their_ends(void **state)
{
    rh_batch_builder builder;
    rh_batch batch;

    (void)state;
    rh_batch_builder_init(&builder, 0);
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(RH_OK, rh_buf_append(&builder.data, "row\n", 4, NULL));
        assert_int_equal(RH_OK, rh_batch_builder_end_row(&builder, NULL));
    }
    batch = rh_batch_builder_view(&builder);
    assert_int_equal(1000, batch.rows);
    assert_int_equal(4000, batch.len);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(4 * (i + 1), batch.ends[i]);
    rh_batch_builder_clear(&builder);
    assert_int_equal(0, rh_batch_builder_view(&builder).rows);
    assert_int_equal(0, rh_batch_builder_view(&builder).len);
    rh_batch_builder_done(&builder);
}

static void builder_is_full_by_bytes_or_by_rows(void **state)
{
    rh_batch_builder builder;

    (void)state;
    rh_batch_builder_init(&builder, 0);
    assert_false(rh_batch_builder_full(&builder));
    for (int i = 0; i < RH_BATCH_MAX_ROWS; i++) {
        assert_false(rh_batch_builder_full(&builder));
        assert_int_equal(RH_OK, rh_batch_builder_end_row(&builder, NULL));
    }
    assert_true(rh_batch_builder_full(&builder));
    rh_batch_builder_clear(&builder);
    assert_int_equal(RH_OK, rh_buf_reserve(&builder.data, RH_BATCH_TARGET_BYTES, NULL));
    builder.data.len = RH_BATCH_TARGET_BYTES;
    assert_true(rh_batch_builder_full(&builder));
    rh_batch_builder_done(&builder);
}

static void copy_text_splits_at_line_ends(void **state)
{
    rh_batch batch = {0};

    (void)state;
    assert_int_equal(RH_OK, split(RH_ROWS_PGCOPY, "a\tb\n\n\\.x\n", 9, &batch));
    assert_int_equal(3, batch.rows);
    assert_int_equal(4, batch.ends[0]);
    assert_int_equal(5, batch.ends[1]);
    assert_int_equal(9, batch.ends[2]);
    assert_int_equal(RH_OK, split(RH_ROWS_PGCOPY, "", 0, &batch));
    assert_int_equal(0, batch.rows);
}

static void copy_text_without_a_last_line_end_is_damaged(void **state)
{
    rh_batch batch = {0};

    (void)state;
    assert_int_equal(RH_EFORMAT, split(RH_ROWS_PGCOPY, "a\nb", 3, &batch));
    assert_int_equal(0, batch.rows);
    assert_null(batch.data);
}

static void sqlite_rows_split_by_their_lengths(void **state)
{
    rh_batch batch = {0};

    (void)state;
    assert_int_equal(RH_OK, split(RH_ROWS_SQLITE, "\x02xx\x01y", 5, &batch));
    assert_int_equal(2, batch.rows);
    assert_int_equal(3, batch.ends[0]);
    assert_int_equal(5, batch.ends[1]);
}

static void sqlite_rows_with_impossible_lengths_are_damaged(void **state)
{
    rh_batch batch = {0};

    (void)state;
    assert_int_equal(RH_EFORMAT, split(RH_ROWS_SQLITE, "\x02x", 2, &batch));
    assert_int_equal(RH_EFORMAT, split(RH_ROWS_SQLITE, "\x00", 1, &batch));
    assert_int_equal(RH_EFORMAT, split(RH_ROWS_SQLITE, "\x81", 1, &batch));
    assert_int_equal(RH_EFORMAT,
                     split(RH_ROWS_SQLITE, "\xff\xff\xff\xff\xff\xff\xff\xff\xffz", 10, &batch));
}

static void an_unknown_encoding_is_damage(void **state)
{
    rh_batch batch = {0};

    (void)state;
    assert_int_equal(RH_EFORMAT, split((rh_rows_format)9, "x\n", 2, &batch));
}

static void splitting_survives_every_failed_allocation(void **state)
{
    char text[4000];

    (void)state;
    memset(text, '\n', sizeof text);
    for (long n = 0;; n++) {
        rh_batch_builder builder;
        rh_batch batch = {0};
        rh_status status;

        rh_batch_builder_init(&builder, 0);
        rh_mem_fail_nth(n);
        status = rh_rows_split(RH_ROWS_PGCOPY, (const uint8_t *)text, sizeof text, &builder, &batch,
                               NULL);
        rh_batch_builder_done(&builder);
        if (!rh_mem_failed()) {
            rh_mem_fail_nth(-1);
            assert_int_equal(RH_OK, status);
            assert_int_equal(sizeof text, batch.rows);
            assert_true(n > 3);
            break;
        }
        rh_mem_fail_nth(-1);
        assert_int_equal(RH_ENOMEM, status);
        assert_null(batch.data);
    }
    assert_int_equal(0, rh_mem_live_blocks());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(builder_collects_rows_and_their_ends, teardown),
        cmocka_unit_test_teardown(builder_is_full_by_bytes_or_by_rows, teardown),
        cmocka_unit_test_teardown(copy_text_splits_at_line_ends, teardown),
        cmocka_unit_test_teardown(copy_text_without_a_last_line_end_is_damaged, teardown),
        cmocka_unit_test_teardown(sqlite_rows_split_by_their_lengths, teardown),
        cmocka_unit_test_teardown(sqlite_rows_with_impossible_lengths_are_damaged, teardown),
        cmocka_unit_test_teardown(an_unknown_encoding_is_damage, teardown),
        cmocka_unit_test_teardown(splitting_survives_every_failed_allocation, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
