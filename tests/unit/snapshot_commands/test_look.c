/* list, show, diff, cat: what they say about small repositories. */
#include "repo_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "core/buf.h"
#include "core/mem.h"
#include "core/stream.h"
#include "fail_nth.h"

static const fx_table people[] = {
    {.name = "people", .rows = 3000}, {.name = "tags", .rows = 3}, {0}};
static const fx_snapshot monday = {.time = "2026-03-02T01:00:00.5Z",
                                   .label = "monday",
                                   .pre_data = "CREATE TABLE a (x int);\nCREATE TABLE b (y int);\n",
                                   .post_data = "CREATE INDEX a_x ON a (x);\n"};
static const fx_snapshot tuesday = {.time = "2026-03-03T01:00:00Z",
                                    .pre_data =
                                        "CREATE TABLE a (x bigint);\nCREATE TABLE b (y int);\n",
                                    .post_data = "CREATE INDEX a_x ON a (x);\n"};

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static json_int_t number_of(const json_t *object, const char *key)
{
    assert_true(json_is_integer(json_object_get(object, key)));
    return json_integer_value(json_object_get(object, key));
}

/* Exactly these keys, sorted. */
static void assert_keys(const json_t *object, const char *const *keys)
{
    size_t count = 0;

    for (; keys[count] != NULL; count++) {
        if (json_object_get(object, keys[count]) == NULL)
            fail_msg("no key '%s'", keys[count]);
    }
    assert_int_equal(json_object_size(object), count);
}

/* ---- list, show ---- */

static json_t *list_of(rh_repo *repo)
{
    rh_error err = RH_ERROR_INIT;
    json_t *list = NULL;

    fx_ok(rh_repo_list(repo, &list, &err), &err);
    return list;
}

static void an_empty_repository_lists_nothing(void **state)
{
    rh_repo *repo = fx_create(*state, false);
    json_t *list = list_of(repo);

    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
    rh_repo_close(repo);
}

static void list_has_the_documented_keys_oldest_first(void **state)
{
    static const char *const keys[] = {"id",      "time",    "label", "engine", "database",
                                       "raw",     "tables",  "rows",  "bytes",  "new_bytes",
                                       "held_us", "damaged", NULL};
    fx *f = *state;
    char first[64], second[64];

    fx_add(f, false, &monday, people, first);
    fx_add(f, false, &tuesday, people, second);

    rh_repo *repo = fx_open(f, NULL);
    json_t *list = list_of(repo);
    const json_t *entry = json_array_get(list, 0);

    assert_int_equal(json_array_size(list), 2);
    assert_keys(entry, keys);
    assert_string_equal(text_of(entry, "id"), first);
    assert_string_equal(text_of(entry, "time"), monday.time);
    assert_string_equal(text_of(entry, "label"), "monday");
    assert_string_equal(text_of(entry, "engine"), "postgresql");
    assert_string_equal(text_of(entry, "database"), "shop");
    assert_true(json_is_true(json_object_get(entry, "raw")));
    assert_int_equal(number_of(entry, "tables"), 2);
    assert_int_equal(number_of(entry, "rows"), 3003);
    assert_true(number_of(entry, "bytes") > 3003 * 10);
    assert_true(number_of(entry, "new_bytes") > 0);
    assert_int_equal(number_of(entry, "held_us"), 1234);
    assert_true(json_is_null(json_object_get(entry, "damaged")));
    assert_string_equal(text_of(json_array_get(list, 1), "id"), second);
    assert_true(json_is_null(json_object_get(json_array_get(list, 1), "label")));
    json_decref(list);
    rh_repo_close(repo);
}

static void a_damaged_manifest_is_listed_as_such(void **state)
{
    fx *f = *state;
    char first[64], second[64], path[FX_PATH_BYTES];

    fx_add(f, false, &monday, people, first);
    fx_add(f, false, &tuesday, people, second);
    fx_manifest_path(f, first, path);
    fx_flip(path, 200);

    rh_repo *repo = fx_open(f, NULL);
    json_t *list = list_of(repo);
    const json_t *entry = json_array_get(list, 0);

    assert_int_equal(json_array_size(list), 2);
    assert_string_equal(text_of(entry, "id"), first);
    assert_string_equal(text_of(entry, "time"), "2026-03-02T01:00:00Z");
    assert_non_null(text_of(entry, "damaged"));
    assert_true(json_is_null(json_object_get(entry, "rows")));
    assert_int_equal(json_object_size(entry), 12);
    assert_true(json_is_null(json_object_get(json_array_get(list, 1), "damaged")));
    json_decref(list);
    rh_repo_close(repo);
}

static void show_is_the_manifest(void **state)
{
    fx *f = *state;
    char id[64];
    rh_error err = RH_ERROR_INIT;
    json_t *manifest = NULL;

    fx_add(f, false, &monday, people, id);

    rh_repo *repo = fx_open(f, NULL);

    fx_ok(rh_repo_show(repo, id, &manifest, &err), &err);
    assert_int_equal(number_of(manifest, "rehearse_snapshot"), 1);
    assert_int_equal(json_array_size(json_object_get(manifest, "tables")), 2);
    json_decref(manifest);
    manifest = NULL;
    assert_int_equal(rh_repo_show(repo, "20260302T010000Z-0000000000000000", &manifest, &err),
                     RH_ENOTFOUND);
    assert_null(manifest);
    rh_repo_close(repo);
}

/* ---- cat ---- */

static rh_status cat_to(rh_repo *repo, const char *id, const char *table, uint64_t limit,
                        rh_buf *out, rh_error *err)
{
    rh_writer *writer = NULL;
    rh_status status = rh_writer_buf(out, &writer, err);

    if (status == RH_OK)
        status = rh_repo_cat(repo, id, table, limit, writer, err);
    if (status == RH_OK)
        status = rh_writer_finish(writer, err);
    rh_writer_free(writer);
    return status;
}

static size_t count_lines(const rh_buf *text)
{
    size_t count = 0;

    for (size_t i = 0; i < text->len; i++)
        count += text->data[i] == '\n';
    return count;
}

static void cat_prints_rows_in_order_up_to_the_limit(void **state)
{
    fx *f = *state;
    char id[64];
    rh_error err = RH_ERROR_INIT;
    rh_buf out = RH_BUF_INIT;

    fx_add(f, false, &monday, people, id);

    rh_repo *repo = fx_open(f, NULL);

    fx_ok(cat_to(repo, id, "shop.people", 2, &out, &err), &err);
    assert_string_equal(rh_buf_cstr(&out), "0\tname-00000000-0\n1\tname-9e3779b1-0\n");
    rh_buf_clear(&out);
    fx_ok(cat_to(repo, id, "shop.people", 0, &out, &err), &err);
    assert_int_equal(count_lines(&out), 3000);
    rh_buf_clear(&out);
    fx_ok(cat_to(repo, id, "tags", 0, &out, &err), &err);
    assert_int_equal(count_lines(&out), 3);
    rh_buf_done(&out);
    rh_repo_close(repo);
}

static void cat_puts_a_long_row_together(void **state)
{
    static const fx_table tables[] = {{.name = "docs", .rows = 40, .long_bytes = 3 << 20}, {0}};
    fx *f = *state;
    char id[64];
    rh_error err = RH_ERROR_INIT;
    rh_buf out = RH_BUF_INIT;

    fx_add(f, false, &monday, tables, id);

    rh_repo *repo = fx_open(f, NULL);

    fx_ok(cat_to(repo, id, "shop.docs", 0, &out, &err), &err);
    assert_int_equal(count_lines(&out), 40);
    assert_true(out.len > (size_t)3 << 20);
    rh_buf_clear(&out);
    fx_ok(cat_to(repo, id, "shop.docs", 8, &out, &err), &err);
    assert_int_equal(count_lines(&out), 8);
    assert_true(out.len > (size_t)3 << 20);
    rh_buf_clear(&out);
    fx_ok(cat_to(repo, id, "shop.docs", 7, &out, &err), &err);
    assert_true(out.len < 4096);
    rh_buf_done(&out);
    rh_repo_close(repo);
}

static void cat_names_what_is_not_there(void **state)
{
    static const fx_table tables[] = {{.name = "left_out", .rows = -1}, {0}};
    fx *f = *state;
    char id[64];
    rh_error err = RH_ERROR_INIT;
    rh_buf out = RH_BUF_INIT;
    rh_writer *writer = NULL;

    fx_add(f, false, &monday, tables, id);

    rh_repo *repo = fx_open(f, NULL);

    assert_int_equal(cat_to(repo, id, "shop.none", 0, &out, &err), RH_ENOTFOUND);
    assert_non_null(strstr(err.text, "'shop.none'"));
    rh_error_clear(&err);
    assert_int_equal(cat_to(repo, id, "left_out", 0, &out, &err), RH_ENOTFOUND);
    assert_non_null(strstr(err.text, "left out"));
    rh_error_clear(&err);
    fx_ok(rh_writer_buf(&out, &writer, &err), &err);
    assert_int_equal(rh_repo_cat_section(repo, id, "post", writer, &err), RH_ENOTFOUND);
    assert_non_null(strstr(err.hint, "post-data"));
    assert_non_null(strstr(err.hint, "pre-data"));
    rh_error_clear(&err);
    fx_ok(rh_repo_cat_section(repo, id, "pre-data", writer, &err), &err);
    assert_string_equal(rh_buf_cstr(&out), monday.pre_data);
    rh_writer_free(writer);
    rh_buf_done(&out);
    rh_repo_close(repo);
}

static void a_sealed_repository_needs_the_secret_key_to_cat(void **state)
{
    fx *f = *state;
    char id[64];
    rh_error err = RH_ERROR_INIT;
    rh_buf out = RH_BUF_INIT;

    fx_add(f, true, &monday, people, id);

    rh_repo *repo = fx_open(f, NULL);

    assert_int_equal(cat_to(repo, id, "shop.people", 1, &out, &err), RH_EKEY);
    rh_repo_close(repo);
    rh_error_clear(&err);
    repo = fx_open(f, f->secret);
    fx_ok(cat_to(repo, id, "shop.people", 1, &out, &err), &err);
    assert_string_equal(rh_buf_cstr(&out), "0\tname-00000000-0\n");
    rh_buf_done(&out);
    rh_repo_close(repo);
}

/* ---- diff ---- */

static json_t *diff_of(rh_repo *repo, const char *a, const char *b)
{
    rh_error err = RH_ERROR_INIT;
    json_t *diff = NULL;

    fx_ok(rh_repo_diff(repo, a, b, &diff, &err), &err);
    return diff;
}

static const json_t *entry_named(const json_t *list, const char *key, const char *name)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        if (strcmp(text_of(json_array_get(list, i), key), name) == 0)
            return json_array_get(list, i);
    }
    fail_msg("no entry '%s'", name);
    return NULL;
}

static void diff_of_a_snapshot_with_itself_is_the_same(void **state)
{
    fx *f = *state;
    char id[64];

    fx_add(f, false, &monday, people, id);

    rh_repo *repo = fx_open(f, NULL);
    json_t *diff = diff_of(repo, id, id);
    const json_t *table = entry_named(json_object_get(diff, "tables"), "table", "shop.people");

    assert_string_equal(text_of(table, "change"), "same");
    assert_int_equal(number_of(table, "chunks_shared"), number_of(table, "chunks_a"));
    assert_true(number_of(table, "chunks_a") >= 2);
    assert_true(json_is_false(
        json_object_get(json_array_get(json_object_get(diff, "sections"), 0), "changed")));
    json_decref(diff);
    rh_repo_close(repo);
}

static void diff_tells_tables_columns_chunks_and_sections(void **state)
{
    static const char *const keys[] = {
        "table",         "change",   "rows_a",   "rows_b",  "bytes_a", "bytes_b",
        "chunks_shared", "chunks_a", "chunks_b", "columns", NULL};
    static const fx_table before[] = {{.name = "big", .rows = 20000},
                                      {.name = "gone", .rows = 5},
                                      {.name = "wider", .rows = 5},
                                      {0}};
    static const fx_table after[] = {
        {.name = "big", .rows = 20000, .version = 1, .changed_from = 500, .changed_to = 501},
        {.name = "fresh", .rows = 9},
        {.name = "wider", .rows = 5, .extra_column = true},
        {0}};
    fx *f = *state;
    char a[64], b[64];

    fx_add(f, false, &monday, before, a);
    fx_add(f, false, &tuesday, after, b);

    rh_repo *repo = fx_open(f, NULL);
    json_t *diff = diff_of(repo, a, b);
    const json_t *tables = json_object_get(diff, "tables");
    const json_t *big = entry_named(tables, "table", "shop.big");
    const json_t *fresh = entry_named(tables, "table", "shop.fresh");
    const json_t *gone = entry_named(tables, "table", "shop.gone");
    const json_t *wider = entry_named(tables, "table", "shop.wider");
    const json_t *column = json_array_get(json_object_get(wider, "columns"), 0);
    const json_t *pre = entry_named(json_object_get(diff, "sections"), "name", "pre-data");
    const json_t *post = entry_named(json_object_get(diff, "sections"), "name", "post-data");

    assert_int_equal(json_array_size(tables), 4);
    assert_keys(big, keys);
    assert_string_equal(text_of(big, "change"), "changed");
    assert_int_equal(number_of(big, "rows_b"), 20000);
    assert_true(number_of(big, "chunks_shared") >= number_of(big, "chunks_a") - 2);
    assert_true(number_of(big, "chunks_shared") < number_of(big, "chunks_a"));
    assert_string_equal(text_of(fresh, "change"), "added");
    assert_true(json_is_null(json_object_get(fresh, "rows_a")));
    assert_int_equal(number_of(fresh, "rows_b"), 9);
    assert_string_equal(text_of(gone, "change"), "removed");
    assert_true(json_is_null(json_object_get(gone, "chunks_b")));
    assert_string_equal(text_of(wider, "change"), "changed");
    assert_string_equal(text_of(column, "column"), "extra");
    assert_string_equal(text_of(column, "change"), "added");
    assert_true(json_is_null(json_object_get(column, "a")));
    assert_string_equal(text_of(column, "b"), "text");
    assert_true(json_is_true(json_object_get(pre, "changed")));
    assert_non_null(
        strstr(text_of(pre, "diff"),
               "@@ -1,2 +1,2 @@\n-CREATE TABLE a (x int);\n+CREATE TABLE a (x bigint);\n"
               " CREATE TABLE b (y int);\n"));
    assert_true(json_is_false(json_object_get(post, "changed")));
    assert_true(json_is_null(json_object_get(post, "diff")));
    json_decref(diff);
    rh_repo_close(repo);
}

static void diff_without_a_key_leaves_texts_and_lists_alone(void **state)
{
    fx *f = *state;
    char a[64], b[64];

    fx_add(f, true, &monday, people, a);
    fx_add(f, true, &tuesday, people, b);

    rh_repo *repo = fx_open(f, NULL);
    json_t *diff = diff_of(repo, a, b);
    const json_t *table = entry_named(json_object_get(diff, "tables"), "table", "shop.people");
    const json_t *pre = entry_named(json_object_get(diff, "sections"), "name", "pre-data");

    assert_string_equal(text_of(table, "change"), "same");
    assert_true(json_is_null(json_object_get(table, "chunks_shared")));
    assert_true(json_is_true(json_object_get(pre, "changed")));
    assert_true(json_is_null(json_object_get(pre, "diff")));
    json_decref(diff);
    rh_repo_close(repo);
}

/* ---- memory ---- */

typedef struct look {
    const fx *f;
    char a[64];
    char b[64];
} look;

static rh_status open_quietly(const fx *f, rh_repo **out, rh_error *err)
{
    rh_repo_options options = RH_REPO_OPTIONS_INIT;

    return rh_repo_open(f->repo, &options, out, err);
}

static rh_status look_body(void *ctx, rh_error *err)
{
    look *l = ctx;
    rh_repo *repo = NULL;
    json_t *list = NULL;
    json_t *diff = NULL;
    rh_buf out = RH_BUF_INIT;
    rh_status status = open_quietly(l->f, &repo, err);

    if (status == RH_OK)
        status = rh_repo_list(repo, &list, err);
    if (status == RH_OK)
        status = rh_repo_diff(repo, l->a, l->b, &diff, err);
    if (status == RH_OK)
        status = cat_to(repo, l->a, "tags", 0, &out, err);
    json_decref(list);
    json_decref(diff);
    rh_buf_done(&out);
    rh_repo_close(repo);
    return status;
}

static void failed_allocations_are_told_and_leave_nothing(void **state)
{
    static const fx_table tables[] = {{.name = "tags", .rows = 3}, {0}};
    static const fx_table changed[] = {
        {.name = "tags", .rows = 3, .version = 1, .changed_to = 1, .extra_column = true}, {0}};
    fx *f = *state;
    look l = {.f = f};

    fx_add(f, false, &monday, tables, l.a);
    fx_add(f, false, &tuesday, changed, l.b);
    assert_true(fail_nth(look_body, &l) > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(an_empty_repository_lists_nothing, fx_setup, fx_teardown),
        cmocka_unit_test_setup_teardown(list_has_the_documented_keys_oldest_first, fx_setup,
                                        fx_teardown),
        cmocka_unit_test_setup_teardown(a_damaged_manifest_is_listed_as_such, fx_setup,
                                        fx_teardown),
        cmocka_unit_test_setup_teardown(show_is_the_manifest, fx_setup, fx_teardown),
        cmocka_unit_test_setup_teardown(cat_prints_rows_in_order_up_to_the_limit, fx_setup,
                                        fx_teardown),
        cmocka_unit_test_setup_teardown(cat_puts_a_long_row_together, fx_setup, fx_teardown),
        cmocka_unit_test_setup_teardown(cat_names_what_is_not_there, fx_setup, fx_teardown),
        cmocka_unit_test_setup_teardown(a_sealed_repository_needs_the_secret_key_to_cat, fx_setup,
                                        fx_teardown),
        cmocka_unit_test_setup_teardown(diff_of_a_snapshot_with_itself_is_the_same, fx_setup,
                                        fx_teardown),
        cmocka_unit_test_setup_teardown(diff_tells_tables_columns_chunks_and_sections, fx_setup,
                                        fx_teardown),
        cmocka_unit_test_setup_teardown(diff_without_a_key_leaves_texts_and_lists_alone, fx_setup,
                                        fx_teardown),
        cmocka_unit_test_setup_teardown(failed_allocations_are_told_and_leave_nothing, fx_setup,
                                        fx_teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
