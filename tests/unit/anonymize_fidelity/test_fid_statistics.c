/*
 * Readers of both engines' statistics, on good and on damaged text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fail_nth.h"
#include "fid_statistics.h"

static const char section[] =
    "{\"kind\":\"relation\",\"schema\":\"public\",\"name\":\"t\",\"relkind\":\"r\",\"table\":null,"
    "\"relpages\":10,\"reltuples\":1000,\"relallvisible\":10}\n"
    "{\"kind\":\"relation\",\"schema\":\"public\",\"name\":\"i\",\"relkind\":\"i\",\"table\":\"t\","
    "\"relpages\":4,\"reltuples\":1000,\"relallvisible\":0}\n"
    "{\"kind\":\"relation\",\"schema\":\"public\",\"name\":\"p\",\"relkind\":\"p\",\"table\":null,"
    "\"relpages\":-1,\"reltuples\":-1,\"relallvisible\":0}\n"
    "\n"
    "{\"kind\":\"column\",\"schema\":\"public\",\"table\":\"t\",\"column\":\"c\",\"attnum\":null,"
    "\"inherited\":false,\"null_frac\":0.25,\"avg_width\":7,\"n_distinct\":-0.5,\"slots\":["
    "{\"kind\":1,\"numbers\":\"{0.1,0.3,5e-05}\",\"values\":\"{secret,b,c}\"},"
    "{\"kind\":2,\"numbers\":null,\"values\":\"{a,z}\"},"
    "{\"kind\":3,\"numbers\":\"{-0.75}\"},"
    "{\"kind\":4,\"numbers\":\"{0.5,0.2,0.2,0.5,0}\"},"
    "{\"kind\":5,\"numbers\":\"{1,2,3}\"}]}\n"
    "{\"kind\":\"extended\",\"schemaname\":\"public\",\"tablename\":\"t\","
    "\"statistics_schemaname\":\"public\",\"statistics_name\":\"s\"}\n"
    "{\"kind\":\"of a later version\"}\n";

static void lines_become_relations_and_columns(void **state)
{
    rh_fid_statistics *statistics = NULL;
    const rh_fid_column *column;
    const rh_fid_relation *relation;

    (void)state;
    assert_int_equal(rh_fid_statistics_parse(section, &statistics, NULL), RH_OK);
    assert_int_equal(statistics->relation_count, 4);
    assert_int_equal(statistics->column_count, 1);
    relation = rh_fid_relation_find(statistics, RH_FID_TABLE, "public.t");
    assert_non_null(relation);
    assert_true(relation->rows == 1000 && relation->pages == 10);
    relation = rh_fid_relation_find(statistics, RH_FID_INDEX, "public.i");
    assert_non_null(relation);
    assert_string_equal(relation->table, "public.t");
    relation = rh_fid_relation_find(statistics, RH_FID_TABLE, "public.p");
    assert_true(relation->rows < 0 && relation->pages < 0);
    assert_non_null(rh_fid_relation_find(statistics, RH_FID_EXTENDED, "public.s"));
    assert_null(rh_fid_relation_find(statistics, RH_FID_TABLE, "public.i"));
    column = &statistics->columns[0];
    assert_string_equal(column->table, "public.t");
    assert_string_equal(column->name, "c");
    assert_true(column->null_frac == 0.25 && column->n_distinct == -0.5 && column->width == 7);
    assert_true(column->has_correlation && column->correlation == -0.75 && column->has_histogram);
    assert_int_equal(column->common.count, 3);
    assert_true(column->common.items[0] == 0.3 && column->common.items[2] == 5e-05);
    assert_int_equal(column->elements.count, 2);
    rh_fid_statistics_free(statistics);
}

static void damaged_lines_are_named(void **state)
{
    static const char *const damaged[] = {
        "{\"kind\":\"relation\"",
        "\n[",
        "{\"kind\":\"column\",\"slots\":[{\"kind\":1,\"numbers\":\"0.1\"}]}",
        "{\"kind\":\"column\",\"slots\":[{\"kind\":1,\"numbers\":\"{0.1,}\"}]}",
        "{\"kind\":\"column\",\"slots\":[{\"kind\":3,\"numbers\":\"{NaN}\"}]}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        rh_error err = RH_ERROR_INIT;
        rh_fid_statistics *statistics = NULL;

        assert_int_equal(rh_fid_statistics_parse(damaged[i], &statistics, &err), RH_EFORMAT);
        assert_non_null(strstr(err.text, i == 1 ? "line 2" : "line 1"));
        assert_null(statistics);
    }
}

static void odd_values_of_known_lines_do_no_harm(void **state)
{
    static const char odd[] =
        "{\"kind\":\"relation\",\"schema\":7,\"name\":null,\"reltuples\":\"x\"}\n"
        "{\"kind\":\"column\",\"slots\":{\"kind\":1}}\n"
        "{\"kind\":\"column\",\"slots\":[1,null,{\"kind\":1,\"numbers\":\"{}\"},"
        "{\"kind\":3,\"numbers\":\"{}\"},{\"kind\":4,\"numbers\":\"{0.1,0.2}\"}]}\n";
    rh_fid_statistics *statistics = NULL;

    (void)state;
    assert_int_equal(rh_fid_statistics_parse(odd, &statistics, NULL), RH_OK);
    assert_int_equal(statistics->relation_count, 1);
    assert_int_equal(statistics->column_count, 1); /* of one key the first stays */
    rh_fid_statistics_free(statistics);
}

/* ---- SQLite ---- */

static const char schema[] =
    "[{\"type\":\"table\",\"name\":\"t\",\"tbl_name\":\"t\"},"
    "{\"type\":\"index\",\"name\":\"it's\",\"tbl_name\":\"t\"},"
    "{\"type\":\"table\",\"name\":\"sqlite_stat1\",\"tbl_name\":\"sqlite_stat1\"},"
    "{\"type\":\"table\",\"name\":\"plain\",\"tbl_name\":\"plain\"},"
    "{\"type\":\"table\",\"name\":\"f\",\"tbl_name\":\"f\",\"virtual\":true},"
    "{\"type\":\"view\",\"name\":\"v\",\"tbl_name\":\"v\"}]";
static const char stat1[] = "1\t't'\t'it''s'\t'900 30 1 unordered'\n"
                            "2\t'plain'\tNULL\t'17'\n"
                            "3\t'gone'\t'gone_i'\t'5 1'\n"
                            "4\t't'\t'no such index'\t'1000 2'\n";

static void rows_of_sqlite_stat1_are_read(void **state)
{
    rh_fid_statistics *statistics = NULL;
    const rh_fid_relation *relation;

    (void)state;
    assert_int_equal(rh_fid_statistics_parse_lite(schema, stat1, &statistics, NULL), RH_OK);
    assert_int_equal(statistics->relation_count, 3);
    relation = rh_fid_relation_find(statistics, RH_FID_INDEX, "it's");
    assert_non_null(relation);
    assert_true(relation->rows == 900);
    assert_int_equal(relation->group_count, 2);
    assert_true(relation->groups[0] == 30 && relation->groups[1] == 1);
    assert_string_equal(relation->flags, "unordered");
    assert_true(rh_fid_relation_find(statistics, RH_FID_TABLE, "t")->rows == 1000);
    assert_true(rh_fid_relation_find(statistics, RH_FID_TABLE, "plain")->rows == 17);
    rh_fid_statistics_free(statistics);
}

static void a_database_without_statistics_has_relations_of_unknown_size(void **state)
{
    rh_fid_statistics *statistics = NULL;

    (void)state;
    assert_int_equal(rh_fid_statistics_parse_lite(schema, NULL, &statistics, NULL), RH_OK);
    assert_true(rh_fid_relation_find(statistics, RH_FID_TABLE, "t")->rows < 0);
    rh_fid_statistics_free(statistics);
}

static void damaged_sqlite_statistics_are_refused(void **state)
{
    rh_fid_statistics *statistics = NULL;

    (void)state;
    assert_int_equal(rh_fid_statistics_parse_lite("[", NULL, &statistics, NULL), RH_EFORMAT);
    assert_int_equal(rh_fid_statistics_parse_lite(schema, "1\n", &statistics, NULL), RH_EFORMAT);
    assert_int_equal(rh_fid_statistics_parse_lite(schema, "1\t't'\n", &statistics, NULL),
                     RH_EFORMAT);
    assert_null(statistics);
}

/* ---- memory ---- */

static rh_status parse_both(void *ctx, rh_error *err)
{
    rh_fid_statistics *pg = NULL;
    rh_fid_statistics *lite = NULL;
    rh_status status = rh_fid_statistics_parse(section, &pg, err);

    (void)ctx;
    if (status == RH_OK)
        status = rh_fid_statistics_parse_lite(schema, stat1, &lite, err);
    rh_fid_statistics_free(pg);
    rh_fid_statistics_free(lite);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    rh_mem_adopt_jansson();
    assert_true(fail_nth(parse_both, NULL) > 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_relations_and_columns),
        cmocka_unit_test(damaged_lines_are_named),
        cmocka_unit_test(odd_values_of_known_lines_do_no_harm),
        cmocka_unit_test(rows_of_sqlite_stat1_are_read),
        cmocka_unit_test(a_database_without_statistics_has_relations_of_unknown_size),
        cmocka_unit_test(damaged_sqlite_statistics_are_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
