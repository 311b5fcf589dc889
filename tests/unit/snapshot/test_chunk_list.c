/*
 * Lists of chunk references, their text form, and the set of known chunks.
 */
#include "repo_fixture.h"

#include <string.h>

#include "chunk_list.h"
#include "chunk_set.h"
#include "core/mem.h"
#include "fail_nth.h"

static void references_are_joined_into_runs(void **state)
{
    rh_chunk_list list;
    rh_chunk_run run;
    size_t at = 0;

    (void)state;
    rh_chunk_list_init(&list);
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(rh_chunk_list_add(&list, 3, 500 + i, NULL), RH_OK);
    assert_int_equal(rh_chunk_list_add(&list, 3, 600, NULL), RH_OK);
    assert_int_equal(rh_chunk_list_add(&list, 3, 7, NULL), RH_OK);
    assert_int_equal(rh_chunk_list_add(&list, 4, 8, NULL), RH_OK);
    assert_int_equal(rh_chunk_list_end(&list, NULL), RH_OK);
    assert_int_equal(list.chunks, 103);
    assert_true(list.bytes.len < 16);
    assert_int_equal(rh_chunk_list_next(list.bytes.data, list.bytes.len, &at, 5, &run, NULL),
                     RH_OK);
    assert_true(run.pack == 3 && run.first == 500 && run.count == 101);
    assert_int_equal(rh_chunk_list_next(list.bytes.data, list.bytes.len, &at, 5, &run, NULL),
                     RH_OK);
    assert_true(run.pack == 3 && run.first == 7 && run.count == 1);
    assert_int_equal(rh_chunk_list_next(list.bytes.data, list.bytes.len, &at, 5, &run, NULL),
                     RH_OK);
    assert_true(run.pack == 4 && run.first == 8 && run.count == 1);
    assert_int_equal(rh_chunk_list_next(list.bytes.data, list.bytes.len, &at, 5, &run, NULL),
                     RH_DONE);
    rh_chunk_list_done(&list);
}

static void damaged_lists_are_refused(void **state)
{
    static const struct {
        uint8_t bytes[12];
        size_t len;
    } cases[] = {
        {{0}, 1},                                 /* cut off */
        {{0, 1}, 2},                              /* cut off */
        {{0, 1, 0}, 3},                           /* no entries */
        {{5, 1, 1}, 3},                           /* pack beyond the packs */
        {{0, 0xff, 0xff, 0xff, 0xff, 0x7f, 1}, 7} /* entry beyond any pack */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        rh_chunk_run run = {9, 9, 9};
        size_t at = 0;

        assert_int_equal(rh_chunk_list_next(cases[i].bytes, cases[i].len, &at, 5, &run, NULL),
                         RH_EFORMAT);
        assert_int_equal(at, 0);
        assert_int_equal(run.pack, 9);
    }
}

static void references_survive_their_text_form(void **state)
{
    static const char *const bad[] = {
        "1",      "1:",     "1:2",         "1:2+",
        "1:2+0",  "x:1+1",  "1:1+x",       "-1:1+1",
        "1:-1+1", "1:1+1 ", " 1:1+1",      "1:1+1+1",
        "9:1+1",  "1:1:1",  "1:1048575+2", "1:99999999999999999999+1"};
    const rh_chunk_run run = {7, 123456, 42};
    const rh_chunk_run none = {1, 2, 0};
    rh_chunk_run back;
    char text[RH_CHUNK_REF_BYTES];

    (void)state;
    rh_chunk_ref_format(&run, text);
    assert_string_equal(text, "7:123456+42");
    assert_int_equal(rh_chunk_ref_parse(text, 8, &back, NULL), RH_OK);
    assert_memory_equal(&back, &run, sizeof run);
    assert_int_equal(rh_chunk_ref_parse(text, 7, &back, NULL), RH_EFORMAT);
    rh_chunk_ref_format(&none, text);
    assert_string_equal(text, "");
    assert_int_equal(rh_chunk_ref_parse(text, 0, &back, NULL), RH_OK);
    assert_int_equal(back.count, 0);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(rh_chunk_ref_parse(bad[i], 9, &back, NULL), RH_EFORMAT);
}

static rh_chunk_item item_of(uint32_t i)
{
    rh_chunk_item item = {{{0}}, i, 2 * i, 1 + i % 3, 0};

    /* few distinct first bytes, so that slots collide */
    item.id.bytes[0] = (uint8_t)(i % 5);
    memcpy(item.id.bytes + 8, &i, sizeof i);
    return item;
}

static void a_set_finds_what_was_added(void **state)
{
    rh_chunk_set set = {0};
    rh_chunk_item item;

    (void)state;
    for (uint32_t i = 0; i < 3000; i++) {
        item = item_of(i);
        assert_int_equal(rh_chunk_set_add(&set, &item, NULL), RH_OK);
        assert_int_equal(rh_chunk_set_add(&set, &item, NULL), RH_OK);
    }
    assert_int_equal(set.count, 3000);
    for (uint32_t i = 0; i < 3000; i++) {
        const rh_chunk_item *found;

        item = item_of(i);
        found = rh_chunk_set_find(&set, &item.id, item.rows, RH_CHUNK_ROWS);
        assert_non_null(found);
        assert_int_equal(found->source, i);
        assert_null(rh_chunk_set_find(&set, &item.id, item.rows + 9, RH_CHUNK_ROWS));
        assert_null(rh_chunk_set_find(&set, &item.id, item.rows, RH_CHUNK_PART));
    }
    rh_chunk_set_clear(&set);
    item = item_of(1);
    assert_null(rh_chunk_set_find(&set, &item.id, item.rows, RH_CHUNK_ROWS));
    rh_chunk_set_done(&set);
}

static rh_status fill(void *ctx, rh_error *err)
{
    rh_chunk_set set = {0};
    rh_chunk_list list;
    rh_status status = RH_OK;

    (void)ctx;
    rh_chunk_list_init(&list);
    for (uint32_t i = 0; status == RH_OK && i < 300; i++) {
        const rh_chunk_item item = item_of(i);

        status = rh_chunk_set_add(&set, &item, err);
        if (status == RH_OK)
            status = rh_chunk_list_add(&list, i, i, err);
    }
    if (status == RH_OK)
        status = rh_chunk_list_end(&list, err);
    rh_chunk_set_done(&set);
    rh_chunk_list_done(&list);
    return status;
}

static void every_failed_allocation_is_reported(void **state)
{
    (void)state;
    assert_true(fail_nth(fill, NULL) > 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(references_are_joined_into_runs),
        cmocka_unit_test(damaged_lists_are_refused),
        cmocka_unit_test(references_survive_their_text_form),
        cmocka_unit_test(a_set_finds_what_was_added),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
