/*
 * The zoo: a copy of a database that holds something of everything is the same database.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/fs.h"
#include "core/mem.h"
#include "pg_copy.h"

static void make_zoo(const char *dbname)
{
    char path[1024];

    (void)snprintf(path, sizeof path, "%s/tests/integration/pg/zoo.sql", getenv("RH_SOURCE_DIR"));
    pg_create(dbname);
    pg_file(dbname, path);
}

static void take(const char *from, pg_held *held, rh_problems *problems)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    char *source = pg_conninfo(from, "");

    options.jobs = 2;
    pg_assert_ok(pg_take(source, &options, problems, held, &err), &err);
    rh_mem_free(source);
}

static void put(const pg_held *held, const char *to, bool split, rh_problems *problems)
{
    rh_target_options options = RH_TARGET_OPTIONS_INIT;
    rh_error err = RH_ERROR_INIT;
    json_t *commit = NULL;
    char *target = pg_conninfo(to, "");

    options.jobs = 2;
    options.snapshot_id = "zoo";
    pg_assert_ok(pg_put(target, &options, held, split, problems, &commit, &err), &err);
    json_decref(commit);
    rh_mem_free(target);
}

/* The same query gives the same text in both. */
static void assert_same_value(const char *a, const char *b, const char *sql)
{
    char *value_a = pg_value(a, sql);
    char *value_b = pg_value(b, sql);

    assert_non_null(value_a);
    assert_non_null(value_b);
    for (size_t i = 0, line = 0; value_a[i] != '\0' || value_b[i] != '\0'; i++) {
        if (value_a[i] != value_b[i])
            fail_msg("differ: '%.300s' / '%.300s'", value_a + line, value_b + line);
        if (value_a[i] == '\n')
            line = i + 1;
    }
    rh_mem_free(value_a);
    rh_mem_free(value_b);
}

static void assert_same_large_objects(const char *a, const char *b)
{
    assert_same_value(a, b,
                      "SELECT string_agg(format('%s %s %s %s %s', oid, lomowner::regrole, lomacl, "
                      "length(lo_get(oid)), md5(lo_get(oid))), E'\\n' ORDER BY oid) "
                      "FROM pg_largeobject_metadata");
}

/* Pages differ (no bloat in a copy), rows per table and all of pg_statistic do not. */
static void assert_same_statistics(const char *a, const char *b)
{
    assert_same_value(a, b,
                      "SELECT string_agg(format('%s %s', c.oid::regclass, reltuples), E'\\n' "
                      "ORDER BY c.oid::regclass::text) FROM pg_class c "
                      "WHERE relnamespace::regnamespace::text !~ '^(pg_|information)'");
    assert_same_value(
        a, b,
        "SELECT string_agg(format('%s %s %s %s %s %s %s %s %s %s %s %s %s %s %s %s %s %s %s %s %s "
        "%s %s %s %s %s %s', starelid::regclass, attname, stainherit, stanullfrac, stawidth, "
        "stadistinct, stakind1, stakind2, stakind3, stakind4, stakind5, staop1::regoperator, "
        "staop2::regoperator, staop3::regoperator, staop4::regoperator, stacoll1::regcollation, "
        "stacoll2::regcollation, stacoll4::regcollation, stanumbers1, stanumbers2, stanumbers3, "
        "stanumbers4, stanumbers5, stavalues1, stavalues2, stavalues3, stavalues4), E'\\n' "
        "ORDER BY starelid::regclass::text, attname, stainherit) FROM pg_statistic "
        "JOIN pg_attribute ON attrelid = starelid AND attnum = staattnum "
        "JOIN pg_class c ON c.oid = starelid "
        "WHERE relnamespace::regnamespace::text !~ '^(pg_|information)'");
}

/* Where two cost the same, the planner takes the one with the lower OID. */
static void assert_same_index_order(const char *a, const char *b)
{
    assert_same_value(
        a, b,
        "SELECT string_agg(t, E'\\n' ORDER BY t) FROM (SELECT format('%s: %s', indrelid::regclass, "
        "string_agg(relname, ', ' ORDER BY indexrelid)) AS t FROM pg_index JOIN pg_class c ON "
        "c.oid = indexrelid WHERE relnamespace::regnamespace::text !~ '^(pg_|information)' "
        "GROUP BY indrelid) q");
}

static void assert_same_databases(const char *a, const char *b)
{
    pg_assert_same_dump(a, b, NULL);
    pg_assert_same_rows(a, b);
    assert_same_large_objects(a, b);
    assert_same_statistics(a, b);
    assert_same_index_order(a, b);
}

static size_t range_count_of(const pg_held *held, const char *name)
{
    char *text = rh_mem_printf("zoo.%s", name);
    const rh_table *table = rh_catalog_find(held->catalog, text);

    rh_mem_free(text);
    assert_non_null(table);
    return held->counts[table->index] > 0 ? (size_t)held->counts[table->index] : 0;
}

static void zoo_copy_is_the_same_database(void **state)
{
    pg_held held = {NULL, NULL, NULL, NULL, NULL, 0};
    rh_problems problems = RH_PROBLEMS_INIT;

    (void)state;
    make_zoo("zoo_source");
    take("zoo_source", &held, &problems);
    assert_int_equal(range_count_of(&held, "zero_columns"), 3);
    assert_int_equal(range_count_of(&held, "all_dropped"), 2);
    assert_int_equal(range_count_of(&held, "only_generated"), 2);
    assert_true(held.range_count > held.catalog->table_count); /* the toasted table is cut */

    pg_drop("zoo_target");
    put(&held, "zoo_target", false, &problems);
    assert_same_databases("zoo_source", "zoo_target");

    /* Once more, each table by two loaders. */
    pg_drop("zoo_target");
    put(&held, "zoo_target", true, &problems);
    assert_same_databases("zoo_source", "zoo_target");

    /* And the copy of the copy. */
    pg_held_done(&held);
    take("zoo_target", &held, &problems);
    pg_drop("zoo_third");
    put(&held, "zoo_third", false, &problems);
    assert_same_databases("zoo_source", "zoo_third");

    pg_held_done(&held);
    rh_problems_done(&problems);
    pg_drop("zoo_source");
    pg_drop("zoo_target");
    pg_drop("zoo_third");
}

static void chinook_copy_is_the_same_database(void **state)
{
    pg_held held = {NULL, NULL, NULL, NULL, NULL, 0};
    rh_problems problems = RH_PROBLEMS_INIT;
    char path[1024];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/../shared/data/chinook/chinook-postgresql.sql",
                   getenv("RH_SOURCE_DIR"));
    if (!rh_fs_exists(path)) {
        print_message("skipped: the shared data folder has no chinook\n");
        skip();
    }
    pg_drop("chinook");
    pg_file("postgres", path); /* creates it and connects to it */
    pg_sql("chinook", "ANALYZE");
    take("chinook", &held, &problems);
    pg_drop("chinook_target");
    put(&held, "chinook_target", false, &problems);
    pg_assert_value("chinook_target", "SELECT count(*)::text FROM public.track", "3503");
    pg_assert_same_dump("chinook", "chinook_target", NULL);
    pg_assert_same_rows("chinook", "chinook_target");
    assert_same_statistics("chinook", "chinook_target");
    pg_held_done(&held);
    rh_problems_done(&problems);
    pg_drop("chinook");
    pg_drop("chinook_target");
}

/* Rows travel in the database's own encoding, names as UTF-8. */
static void other_encodings_are_copied(void **state)
{
    static const struct {
        const char *create;
        const char *fill;
    } cases[] = {
        {"CREATE DATABASE encoding_source TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'",
         "CREATE TABLE public.\"Täble\" (\"spälte\" text); INSERT INTO "
         "public.\"Täble\" SELECT 'größ' || g FROM generate_series(1, 50) g; "
         "ANALYZE"},
        {"CREATE DATABASE encoding_source TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'",
         "CREATE TABLE public.t (v text); INSERT INTO public.t SELECT E'\\xff\\xfe' || g FROM "
         "generate_series(1, 50) g; ANALYZE"},
        {"CREATE DATABASE encoding_source TEMPLATE template0 ENCODING 'EUC_JP' LOCALE 'C'",
         "CREATE TABLE public.t (v text); INSERT INTO public.t SELECT '漢' || g FROM "
         "generate_series(1, 50) g"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        pg_held held = {NULL, NULL, NULL, NULL, NULL, 0};
        rh_problems problems = RH_PROBLEMS_INIT;

        pg_drop("encoding_source");
        pg_sql("postgres", cases[i].create);
        pg_sql("encoding_source", cases[i].fill);
        take("encoding_source", &held, &problems);
        pg_drop("encoding_target");
        put(&held, "encoding_target", false, &problems);
        pg_assert_same_dump("encoding_source", "encoding_target", NULL);
        pg_assert_same_rows("encoding_source", "encoding_target");
        pg_assert_value("postgres",
                        "SELECT count(DISTINCT (encoding, datcollate, datctype))::text FROM "
                        "pg_database WHERE datname LIKE 'encoding\\_%'",
                        "1");
        pg_held_done(&held);
        rh_problems_done(&problems);
    }
    pg_drop("encoding_source");
    pg_drop("encoding_target");
}

/* 5 MB are in the zoo; this one takes a while. */
static void field_of_100_megabytes_is_copied(void **state)
{
    pg_held held = {NULL, NULL, NULL, NULL, NULL, 0};
    rh_problems problems = RH_PROBLEMS_INIT;
    const char *long_tests = getenv("RH_TEST_LONG");

    (void)state;
    if (long_tests == NULL || strcmp(long_tests, "1") != 0)
        skip();
    pg_create("field_source");
    pg_sql("field_source", "CREATE TABLE f (t text, b bytea); "
                           "INSERT INTO f VALUES (repeat(E'a\\tb\\\\c\\n', 17000000), "
                           "decode(repeat('00ff', 50000000), 'hex'))");
    take("field_source", &held, &problems);
    pg_drop("field_target");
    put(&held, "field_target", false, &problems);
    assert_same_value(
        "field_source", "field_target",
        "SELECT format('%s %s %s %s', length(t), md5(t), length(b), md5(b)) FROM public.f");
    pg_held_done(&held);
    rh_problems_done(&problems);
    pg_drop("field_source");
    pg_drop("field_target");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zoo_copy_is_the_same_database),
        cmocka_unit_test(chinook_copy_is_the_same_database),
        cmocka_unit_test(other_encodings_are_copied),
        cmocka_unit_test(field_of_100_megabytes_is_copied),
    };

    if (getenv("RH_TEST_PG") == NULL)
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
