/*
 * Manifests: what is refused, and why it is said.
 */
#include "repo_fixture.h"

#include <stdio.h>
#include <string.h>

#include "core/fs.h"
#include "core/mem.h"
#include "fail_nth.h"

static const test_table tables[] = {{"customers", 300, 100, make_customer},
                                    {"events", 50, 1000, make_event}};

/* A stored snapshot and its manifest as JSON. */
typedef struct manifest_case {
    fixture fix;
    rh_repo *repo;
    store_result done;
    char path[200];
    rh_buf text;
} manifest_case;

static void case_init(manifest_case *test)
{
    memset(test, 0, sizeof *test);
    fixture_init(&test->fix, false);
    test->repo = fixture_open_writer(&test->fix);
    test->done = fixture_store(test->repo, tables, 2);
    (void)snprintf(test->path, sizeof test->path, "%s/snapshots/%s.json", test->fix.repo_dir,
                   test->done.id);
    read_whole(test->path, &test->text);
}

static void case_done(manifest_case *test)
{
    rh_buf_done(&test->text);
    store_result_done(&test->done);
    rh_repo_close(test->repo);
    fixture_done(&test->fix);
}

static void a_manifest_tells_what_was_stored(void **state)
{
    manifest_case test;
    rh_manifest *manifest = NULL;
    const rh_stored_table *table;

    (void)state;
    case_init(&test);
    assert_int_equal(rh_manifest_load(test.repo, test.done.id, &manifest, NULL), RH_OK);
    assert_string_equal(rh_manifest_id(manifest), test.done.id);
    assert_int_equal(rh_manifest_engine(manifest), RH_ENGINE_POSTGRESQL);
    assert_int_equal(rh_manifest_table_count(manifest), 2);
    table = rh_manifest_table(manifest, 0);
    assert_string_equal(table->table->full_name, "public.customers");
    assert_int_equal(table->rows, 300);
    assert_int_equal(table->range_count, 3);
    assert_true(table->ranges[0].from == INT64_MIN && table->ranges[0].to == 100);
    assert_true(table->ranges[2].from == 200 && table->ranges[2].to == INT64_MAX);
    assert_int_equal(rh_manifest_section_count(manifest), 1);
    assert_non_null(rh_manifest_find_section(manifest, "schema"));
    assert_null(rh_manifest_find_section(manifest, "nothing"));
    rh_manifest_free(manifest);
    case_done(&test);
}

static void every_changed_byte_is_noticed(void **state)
{
    manifest_case test;

    (void)state;
    case_init(&test);
    for (size_t at = 0; at < test.text.len; at++) {
        rh_manifest *manifest = NULL;

        test.text.data[at] ^= 1;
        assert_int_equal(rh_manifest_parse(test.repo, test.done.id, rh_buf_cstr(&test.text),
                                           test.text.len, &manifest, NULL),
                         RH_EFORMAT);
        assert_null(manifest);
        test.text.data[at] ^= 1;
    }
    case_done(&test);
}

static void a_renamed_manifest_is_refused(void **state)
{
    manifest_case test;
    char path[200];
    const char *other = "20260101T000000Z-0123456789abcdef";
    rh_manifest *manifest = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    case_init(&test);
    (void)snprintf(path, sizeof path, "%s/snapshots/%s.json", test.fix.repo_dir, other);
    write_whole(path, test.text.data, test.text.len);
    assert_int_equal(rh_manifest_load(test.repo, other, &manifest, &err), RH_EFORMAT);
    assert_non_null(strstr(err.text, other));
    rh_error_clear(&err);
    assert_int_equal(
        rh_manifest_load(test.repo, "20260101T000000Z-0000000000000000", &manifest, &err),
        RH_ENOTFOUND);
    case_done(&test);
}

/* Sets a value at a path like "tables/0/ranges/1/list" in a copy of the manifest. value is taken;
 * NULL deletes. */
static rh_status parse_changed(manifest_case *test, const char *where, json_t *value, rh_error *err)
{
    json_t *root = json_loadb(rh_buf_cstr(&test->text), test->text.len, 0, NULL);
    json_t *at = root;
    char copy[128];
    char *save = NULL;
    char *step;
    char *next;
    char *text;
    rh_manifest *manifest = NULL;
    rh_status status;

    assert_non_null(root);
    (void)snprintf(copy, sizeof copy, "%s", where);
    for (step = strtok_r(copy, "/", &save); (next = strtok_r(NULL, "/", &save)) != NULL;
         step = next)
        at = json_is_array(at) ? json_array_get(at, (size_t)(step[0] - '0'))
                               : json_object_get(at, step);
    assert_non_null(at);
    if (value == NULL)
        assert_int_equal(json_object_del(at, step), 0);
    else if (json_is_array(at))
        assert_int_equal(json_array_set_new(at, (size_t)(step[0] - '0'), value), 0);
    else
        assert_int_equal(json_object_set_new(at, step, value), 0);
    text = json_dumps(root, 0);
    assert_non_null(text);
    status = rh_manifest_parse(test->repo, NULL, text, strlen(text), &manifest, err);
    if (status != RH_OK)
        assert_null(manifest);
    rh_manifest_free(manifest);
    rh_mem_free(text);
    json_decref(root);
    return status;
}

static void refused(manifest_case *test, const char *where, json_t *value, const char *words)
{
    rh_error err = RH_ERROR_INIT;
    rh_status status = parse_changed(test, where, value, &err);

    if (status != RH_EFORMAT || strstr(err.text, words) == NULL)
        fail_msg("%s: status %d, '%s'", where, (int)status, err.text);
}

static void what_a_newer_version_wrote_is_refused(void **state)
{
    manifest_case test;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    case_init(&test);
    refused(&test, "rehearse_snapshot", json_integer(2), "version 2");
    refused(&test, "rehearse_snapshot", json_integer(0), "not a snapshot");
    refused(&test, "features", json_pack("[s]", "folded"), "folded");
    refused(&test, "features", NULL, "features");
    refused(&test, "features", json_pack("[s, s]", "routes", "folded"), "folded");
    assert_int_equal(parse_changed(&test, "features", json_pack("[s]", "routes"), &err), RH_OK);
    /* What a reader need not know may come along. */
    assert_int_equal(parse_changed(&test, "colour", json_string("red"), &err), RH_OK);
    case_done(&test);
}

static void names_that_are_none_are_refused(void **state)
{
    manifest_case test;

    (void)state;
    case_init(&test);
    refused(&test, "packs/0", json_string("../../../../../../etc/passwd"), "pack 0");
    refused(&test, "packs/0", json_integer(7), "pack 0");
    refused(&test, "packs/0",
            json_string("ABCDEF0000000000000000000000000000000000000000000000000000000000"),
            "pack 0");
    refused(&test, "packs/0",
            json_stringn("abcdef0000000000000000000000000000000000000000000000000000000000\0x", 66),
            "");
    refused(&test, "dictionaries", json_pack("[{s:s, s:s}]", "id", "../x", "hash", "00"),
            "dictionary 0");
    refused(&test, "tables/0/dictionary", json_string("0badcafe"), "dictionary");
    refused(&test, "lineage", json_string("../.."), "lineage");
    refused(&test, "repository", json_string("00000000000000000000000000000000"),
            "another repository");
    case_done(&test);
}

static void references_beyond_the_packs_are_refused(void **state)
{
    manifest_case test;

    (void)state;
    case_init(&test);
    refused(&test, "tables/0/ranges/1/list", json_string("99:0+1"), "not listed");
    refused(&test, "tables/0/ranges/1/list", json_string("0:4294967296+1"), "no reference");
    refused(&test, "tables/0/ranges/1/list", json_string(""), "list does not fit");
    refused(&test, "sections/schema/list", json_string("x"), "no reference");
    refused(&test, "sections/schema/list", json_string(""), "list does not fit");
    refused(&test, "packs", json_array(), "not listed");
    case_done(&test);
}

static void sums_must_add_up(void **state)
{
    manifest_case test;

    (void)state;
    case_init(&test);
    refused(&test, "tables/0/rows", json_integer(301), "add up");
    refused(&test, "tables/0/bytes", json_integer(1), "add up");
    refused(&test, "tables/0/chunks", json_integer(99), "add up");
    refused(&test, "tables/0/rows", json_integer(-1), "number");
    refused(&test, "tables/0/rows", json_real(300.0), "number");
    refused(&test, "tables/0/ranges/0/rows", json_integer(INT64_MAX), "number");
    refused(&test, "tables/0/ranges/0/rows", json_integer((json_int_t)1 << 60), "impossible");
    refused(&test, "tables/0/ranges/1/from", json_integer(50), "overlap");
    refused(&test, "tables/0/ranges/1/to", json_integer(100), "bounds");
    refused(&test, "tables/0/ranges/1/to", NULL, "bounds");
    refused(&test, "tables/0/ranges", json_integer(3), "no ranges");
    refused(&test, "tables/0/row_hash", json_string("xyz"), "");
    refused(&test, "tables", json_object(), "tables");
    refused(&test, "source", json_null(), "source");
    refused(&test, "source/engine", json_string("oracle"), "");
    refused(&test, "time", json_string("yesterday"), "time");
    refused(&test, "sections/schema/hash", json_string("00"), "section");
    refused(&test, "sections/schema/bytes", json_integer((json_int_t)1 << 40), "section");
    case_done(&test);
}

static void the_latest_of_a_lineage_passes_over_damaged_ones(void **state)
{
    manifest_case test;
    store_result second;
    rh_manifest *manifest = NULL;
    rh_manifest *first = NULL;
    char path[200];

    (void)state;
    case_init(&test);
    second = fixture_store(test.repo, tables, 2);
    assert_int_equal(rh_manifest_load(test.repo, test.done.id, &first, NULL), RH_OK);
    assert_int_equal(rh_manifest_latest(test.repo, rh_manifest_lineage(first), &manifest, NULL),
                     RH_OK);
    assert_string_equal(rh_manifest_id(manifest), second.id);
    rh_manifest_free(manifest);
    (void)snprintf(path, sizeof path, "%s/snapshots/%s.json", test.fix.repo_dir, second.id);
    write_whole(path, "{", 1);
    assert_int_equal(rh_manifest_latest(test.repo, rh_manifest_lineage(first), &manifest, NULL),
                     RH_OK);
    assert_string_equal(rh_manifest_id(manifest), test.done.id);
    rh_manifest_free(manifest);
    manifest = first;
    assert_int_equal(
        rh_manifest_latest(test.repo, "00000000000000000000000000000000", &manifest, NULL), RH_OK);
    assert_null(manifest);
    rh_manifest_free(first);
    store_result_done(&second);
    case_done(&test);
}

static rh_status load(void *ctx, rh_error *err)
{
    manifest_case *test = ctx;
    rh_manifest *manifest = NULL;
    rh_status status = rh_manifest_load(test->repo, test->done.id, &manifest, err);

    rh_manifest_free(manifest);
    return status;
}

static void every_failed_allocation_is_reported(void **state)
{
    manifest_case test;

    (void)state;
    case_init(&test);
    assert_true(fail_nth(load, &test) > 50);
    case_done(&test);
}

static int adopt_jansson(void **state)
{
    (void)state;
    rh_mem_adopt_jansson();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_manifest_tells_what_was_stored),
        cmocka_unit_test(every_changed_byte_is_noticed),
        cmocka_unit_test(a_renamed_manifest_is_refused),
        cmocka_unit_test(what_a_newer_version_wrote_is_refused),
        cmocka_unit_test(names_that_are_none_are_refused),
        cmocka_unit_test(references_beyond_the_packs_are_refused),
        cmocka_unit_test(sums_must_add_up),
        cmocka_unit_test(the_latest_of_a_lineage_passes_over_damaged_ones),
        cmocka_unit_test(every_failed_allocation_is_reported),
    };

    return cmocka_run_group_tests(tests, adopt_jansson, NULL);
}
