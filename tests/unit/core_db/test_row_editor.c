/*
 * Editing rows: one by one and in groups come to the same, whatever the rows hold.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/row_fields.h"
#include "freed_blocks.h"

enum { COLUMNS = 3, ROWS = 150 };

static rh_column columns[COLUMNS] = {{.name = "a"}, {.name = "b"}, {.name = "c"}};
static rh_table table = {
    .full_name = "public.t", .columns = columns, .column_count = COLUMNS, .index = 0};
static const bool asked[COLUMNS] = {true, false, true};

static rh_status change(rh_field *field, rh_arena *scratch, rh_error *err)
{
    uint8_t *text;

    if (field->kind != RH_FIELD_TEXT)
        return RH_OK;
    text = rh_arena_alloc(scratch, field->len + 2);
    if (text == NULL)
        return rh_error_oom(err);
    text[0] = '\t';
    if (field->len > 0)
        memcpy(text + 1, field->data, field->len);
    text[field->len + 1] = 'x';
    field->data = text;
    field->len += 2;
    return RH_OK;
}

static rh_status change_row(void *ctx, rh_field *fields, rh_arena *scratch, rh_error *err)
{
    (void)ctx;
    assert_int_equal(fields[1].kind, RH_FIELD_UNREAD);
    return change(&fields[2], scratch, err);
}

static rh_status change_rows(void *ctx, rh_field *fields, size_t rows, rh_arena *scratch,
                             rh_error *err)
{
    size_t *largest = ctx;
    rh_status status = RH_OK;

    *largest = rows > *largest ? rows : *largest;
    for (size_t i = 0; i < rows && status == RH_OK; i++) {
        assert_int_equal(fields[i * COLUMNS + 1].kind, RH_FIELD_UNREAD);
        status = change(&fields[i * COLUMNS + 2], scratch, err);
    }
    return status;
}

static void make_rows(rh_buf *data, size_t *ends)
{
    for (size_t i = 0; i < ROWS; i++) {
        char row[64];
        int len = snprintf(row, sizeof row, "%zu\tmid\\tdle\t%s%zu\n", i,
                           i % 3 == 0 ? "a\\nb\\\\" : "", i);

        if (i % 5 == 0)
            len = snprintf(row, sizeof row, "\\N\t\\N\t\\N\n");
        assert_int_equal(rh_buf_append(data, row, (size_t)len, NULL), RH_OK);
        ends[i] = data->len;
    }
}

static rh_status run_both(rh_batch *in, size_t *largest, rh_error *err)
{
    rh_row_editor *one = NULL;
    rh_row_editor *many = NULL;
    rh_batch a, b;
    rh_status status = rh_row_editor_new(RH_ROWS_PGCOPY, &table, asked, 0, &one, err);

    if (status == RH_OK)
        status = rh_row_editor_new(RH_ROWS_PGCOPY, &table, asked, 0, &many, err);
    if (status == RH_OK)
        status = rh_row_editor_run(one, in, change_row, NULL, &a, err);
    if (status == RH_OK)
        status = rh_row_editor_run_many(many, in, change_rows, largest, &b, err);
    if (status == RH_OK) {
        assert_int_equal(a.rows, in->rows);
        assert_int_equal(b.rows, in->rows);
        assert_int_equal(a.ends[a.rows - 1], b.ends[b.rows - 1]);
        assert_memory_equal(a.data, b.data, a.ends[a.rows - 1]);
        assert_memory_equal(a.ends, b.ends, a.rows * sizeof *a.ends);
    }
    rh_row_editor_free(one);
    rh_row_editor_free(many);
    return status;
}

static void groups_come_to_the_same_as_single_rows(void **state)
{
    rh_buf data = RH_BUF_INIT;
    size_t ends[ROWS];
    size_t largest = 0;
    rh_batch in = {.rows = ROWS};

    (void)state;
    make_rows(&data, ends);
    in.data = data.data;
    in.len = data.len;
    in.ends = ends;
    assert_int_equal(run_both(&in, &largest, NULL), RH_OK);
    assert_int_equal(largest, 64);
    rh_buf_done(&data);
}

static void a_damaged_row_stops_the_group(void **state)
{
    static const char text[] = "1\t2\t3\n1\t2\n";
    size_t ends[2] = {6, 10};
    size_t largest = 0;
    const rh_batch in = {.data = (const uint8_t *)text, .ends = ends, .rows = 2};
    rh_row_editor *editor = NULL;
    rh_batch out = {.rows = 77};
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_row_editor_new(RH_ROWS_PGCOPY, &table, asked, 0, &editor, NULL), RH_OK);
    assert_int_equal(rh_row_editor_run_many(editor, &in, change_rows, &largest, &out, &err),
                     RH_EFORMAT);
    assert_int_equal(out.rows, 77);
    assert_int_equal(largest, 0);
    rh_row_editor_free(editor);
}

static void every_allocation_may_fail(void **state)
{
    rh_buf data = RH_BUF_INIT;
    size_t ends[ROWS];
    size_t largest = 0;
    rh_batch in = {.rows = ROWS};
    rh_status status;
    long n = 0;

    (void)state;
    make_rows(&data, ends);
    in.data = data.data;
    in.len = data.len;
    in.ends = ends;
    do {
        long blocks = rh_mem_live_blocks();

        rh_mem_fail_nth(n++);
        status = run_both(&in, &largest, NULL);
        rh_mem_fail_nth(-1);
        assert_int_equal(rh_mem_live_blocks(), blocks);
        assert_true(status == RH_OK || status == RH_ENOMEM);
    } while (status != RH_OK && n < 2000);
    assert_int_equal(status, RH_OK);
    rh_buf_done(&data);
}

/* Rows that are decoded into scratch (escapes), and an output that outgrows its memory. */
static void no_byte_of_a_row_is_left_in_freed_memory(void **state)
{
    static const char row[] = "1\tmid\\tdle\tthe\\nraw secret\n";
    char *text = calloc(ROWS, sizeof row);
    size_t ends[ROWS];
    size_t largest = 0;
    rh_batch in = {.data = (const uint8_t *)text, .ends = ends, .rows = ROWS};

    (void)state;
    assert_non_null(text);
    for (size_t i = 0; i < ROWS; i++) {
        memcpy(text + i * (sizeof row - 1), row, sizeof row - 1);
        ends[i] = (i + 1) * (sizeof row - 1);
    }
    in.len = ends[ROWS - 1];
    freed_watch("raw secret");
    assert_int_equal(run_both(&in, &largest, NULL), RH_OK);
    assert_int_equal(freed_seen(), 0);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(groups_come_to_the_same_as_single_rows),
        cmocka_unit_test(a_damaged_row_stops_the_group),
        cmocka_unit_test(every_allocation_may_fail),
        cmocka_unit_test(no_byte_of_a_row_is_left_in_freed_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
