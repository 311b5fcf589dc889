#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/catalog.h"
#include "core/mem.h"

static rh_catalog *parse(const char *text, rh_error *err, rh_status *out_status)
{
    rh_catalog *catalog = NULL;
    json_t *json = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    assert_non_null(json);
    *out_status = rh_catalog_from_json(json, &catalog, err);
    json_decref(json);
    return catalog;
}

static const char good[] =
    "[{'schema': 'public', 'name': 'a b', 'full_name': 'public.a b', 'kind': 'plain',"
    "  'columns': [{'name': 'id', 'type': 'integer', 'not_null': true},"
    "              {'name': 'g', 'type': '', 'generated': true, 'collation': 'C'}],"
    "  'estimated_rows': 7, 'estimated_bytes': 9000000000, 'index_bytes': 3,"
    "  'extra': {'rowid': true}, 'chunks': 'not ours'},"
    " {'schema': 'main', 'name': 's', 'full_name': 'main.s', 'kind': 'system', 'columns': [],"
    "  'rows_excluded': true}]";

/* JSON with single quotes reads better in C. */
static char *json_quotes(const char *text)
{
    char *copy = rh_mem_strdup(text);

    assert_non_null(copy);
    for (char *at = copy; *at != '\0'; at++) {
        if (*at == '\'')
            *at = '"';
    }
    return copy;
}

static rh_catalog *parse_good(void)
{
    rh_error err = RH_ERROR_INIT;
    rh_status status;
    char *text = json_quotes(good);
    rh_catalog *catalog = parse(text, &err, &status);

    if (status != RH_OK)
        fail_msg("%s", err.text);
    rh_mem_free(text);
    return catalog;
}

static void catalog_reads_what_a_manifest_says(void **state)
{
    rh_catalog *catalog = parse_good();
    const rh_table *table = rh_catalog_find(catalog, "public.a b");

    (void)state;
    assert_int_equal(2, catalog->table_count);
    assert_non_null(table);
    assert_int_equal(0, table->index);
    assert_int_equal(RH_TABLE_PLAIN, table->kind);
    assert_int_equal(2, table->column_count);
    assert_true(table->columns[0].not_null);
    assert_null(table->columns[0].collation);
    assert_true(table->columns[1].generated);
    assert_string_equal("C", table->columns[1].collation);
    assert_int_equal(7, table->estimated_rows);
    assert_true(table->estimated_bytes == INT64_C(9000000000));
    assert_true(json_is_true(json_object_get(table->extra, "rowid")));
    assert_int_equal(0, table->range_count);
    assert_true(rh_catalog_find(catalog, "main.s")->rows_excluded);
    assert_int_equal(RH_TABLE_SYSTEM, rh_catalog_find(catalog, "main.s")->kind);
    assert_null(rh_catalog_find(catalog, "main.other"));
    rh_catalog_free(catalog);
}

static void table_written_and_read_is_the_same(void **state)
{
    rh_catalog *catalog = parse_good();
    json_t *tables = json_array();
    rh_catalog *again = NULL;
    json_t *second = NULL;

    (void)state;
    for (size_t i = 0; i < catalog->table_count; i++) {
        json_t *table = NULL;

        assert_int_equal(RH_OK, rh_table_to_json(&catalog->tables[i], &table, NULL));
        json_array_append_new(tables, table);
    }
    assert_int_equal(RH_OK, rh_catalog_from_json(tables, &again, NULL));
    for (size_t i = 0; i < again->table_count; i++) {
        assert_int_equal(RH_OK, rh_table_to_json(&again->tables[i], &second, NULL));
        assert_true(json_equal(json_array_get(tables, i), second));
        json_decref(second);
    }
    json_decref(tables);
    rh_catalog_free(again);
    rh_catalog_free(catalog);
}

static void text_that_is_not_utf8_cannot_be_written(void **state)
{
    const rh_column column = {.name = "caf\xe9", .type = "text"};
    rh_table table = {.schema = "s", .name = "t", .full_name = "s.t"};
    json_t *out = NULL;

    (void)state;
    table.columns = &column;
    table.column_count = 1;
    assert_int_equal(RH_EUNSUPPORTED, rh_table_to_json(&table, &out, NULL));
    assert_null(out);
}

#define ENTRY(rest) "[{'schema': 's', 'name': 'n', 'full_name': 's.n', 'kind': 'plain', " rest "}]"

static void damaged_manifests_are_refused_with_the_entry_named(void **state)
{
    static const char *const bad[] = {
        "[1]",
        "[{}]",
        "[{'schema': 5}]",
        "[{'schema': 's', 'name': 'n', 'full_name': 's.n', 'kind': 'table', 'columns': []}]",
        "[{'schema': 's', 'name': 'a\\u0000b', 'full_name': 's.n', 'kind': 'plain'}]",
        ENTRY("'columns': {}"),
        ENTRY("'columns': [5]"),
        ENTRY("'columns': [{'name': 'x'}]"),
        ENTRY("'columns': [{'name': 'x', 'type': 'y', 'not_null': 1}]"),
        ENTRY("'columns': [], 'estimated_rows': -1"),
        ENTRY("'columns': [], 'estimated_bytes': 1.5"),
        ENTRY("'columns': [], 'rows_excluded': 'no'"),
        ENTRY("'columns': [], 'extra': []"),
        "[{'schema': 's', 'name': 'n', 'full_name': 's.n', 'kind': 'plain', 'columns': []},"
        " {'schema': 's', 'name': 'n', 'full_name': 's.n', 'kind': 'plain', 'columns': []}]",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        rh_error err = RH_ERROR_INIT;
        rh_status status;
        char *text = json_quotes(bad[i]);

        assert_null(parse(text, &err, &status));
        if (status != RH_EFORMAT || strstr(err.text, "table ") == NULL)
            fail_msg("%s: %d %s", bad[i], status, err.text);
        rh_mem_free(text);
    }
}

static void something_else_than_a_list_is_refused(void **state)
{
    rh_error err = RH_ERROR_INIT;
    rh_status status;

    (void)state;
    assert_null(parse("{}", &err, &status));
    assert_int_equal(RH_EFORMAT, status);
    assert_int_equal(RH_EFORMAT, rh_catalog_from_json(NULL, &(rh_catalog *){NULL}, NULL));
}

static void selection_includes_then_excludes(void **state)
{
    static const char *const some[] = {"public.*", "events", NULL};
    static const char *const not_these[] = {"*_log", NULL};
    static const char *const nothing[] = {NULL};

    (void)state;
    assert_true(rh_catalog_selected(NULL, NULL, "a.b", "b"));
    assert_true(rh_catalog_selected(nothing, nothing, "a.b", "b"));
    assert_true(rh_catalog_selected(some, NULL, "public.x", "x"));
    assert_true(rh_catalog_selected(some, NULL, "audit.events", "events"));
    assert_false(rh_catalog_selected(some, NULL, "audit.x", "x"));
    assert_false(rh_catalog_selected(NULL, not_these, "public.x_log", "x_log"));
    assert_false(rh_catalog_selected(some, not_these, "public.x_log", "x_log"));
    assert_true(rh_catalog_selected(NULL, not_these, "public.log_x", "log_x"));
}

static void reading_and_writing_survive_every_failed_allocation(void **state)
{
    char *text = json_quotes(good);
    json_t *json = json_loads(text, 0, NULL);
    long live = rh_mem_live_blocks();

    (void)state;
    for (long n = 0;; n++) {
        rh_catalog *catalog = NULL;
        json_t *out = NULL;
        rh_status status;
        int failed;

        rh_mem_fail_nth(n);
        status = rh_catalog_from_json(json, &catalog, NULL);
        if (status == RH_OK)
            status = rh_table_to_json(&catalog->tables[0], &out, NULL);
        failed = rh_mem_failed();
        rh_mem_fail_nth(-1);
        if (failed)
            assert_null(out);
        json_decref(out);
        rh_catalog_free(catalog);
        assert_int_equal(live, rh_mem_live_blocks());
        if (!failed) {
            assert_int_equal(RH_OK, status);
            assert_true(n > 20);
            break;
        }
        assert_int_equal(RH_ENOMEM, status);
    }
    json_decref(json);
    rh_mem_free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(catalog_reads_what_a_manifest_says),
        cmocka_unit_test(table_written_and_read_is_the_same),
        cmocka_unit_test(text_that_is_not_utf8_cannot_be_written),
        cmocka_unit_test(damaged_manifests_are_refused_with_the_entry_named),
        cmocka_unit_test(something_else_than_a_list_is_refused),
        cmocka_unit_test(selection_includes_then_excludes),
        cmocka_unit_test(reading_and_writing_survive_every_failed_allocation),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
