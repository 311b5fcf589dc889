/*
 * Queries out of captured workloads: which execution stands for a shape, and its values in the
 * text.
 */
/* mkdtemp(3) */
#define _XOPEN_SOURCE 700

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/fs.h"
#include "core/hash.h"
#include "core/mem.h"
#include "core/workload_file.h"
#include "fail_nth.h"
#include "fid_queries.h"

static char dir[64];
static char *path;

typedef struct execution {
    uint64_t fingerprint;
    const char *command;
    const char *sql;
    int64_t duration_us;
    const rh_parameter *parameters;
    size_t parameter_count;
    const char *unreplayable;
} execution;

static int setup(void **state)
{
    (void)state;
    memcpy(dir, "/tmp/rh-fidw-XXXXXX", sizeof "/tmp/rh-fidw-XXXXXX");
    assert_non_null(mkdtemp(dir));
    path = rh_fs_join(dir, "w.workload");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rh_mem_free(path);
    assert_int_equal(RH_OK, rh_fs_remove_tree(dir, NULL));
    return 0;
}

static void write_workload(rh_engine_kind engine, const execution *list, size_t count)
{
    const rh_workload_writer_options options = {engine, "0.1.0", NULL, true};
    rh_workload_writer *writer = NULL;

    assert_int_equal(RH_OK, rh_workload_writer_create(path, &options, &writer, NULL));
    for (size_t i = 0; i < count; i++) {
        const rh_workload_statement statement = {0, list[i].fingerprint, "parser", list[i].command,
                                                 list[i].sql};
        rh_workload_item item = RH_WORKLOAD_ITEM_INIT;

        item.statement = &statement;
        item.session = 1;
        item.sql = list[i].sql;
        item.duration_us = list[i].duration_us;
        item.parameters = list[i].parameters;
        item.parameter_count = list[i].parameter_count;
        item.unreplayable = list[i].unreplayable;
        item.source_line = i + 1;
        assert_int_equal(RH_OK, rh_workload_writer_add(writer, &item, NULL, NULL));
    }
    assert_int_equal(RH_OK, rh_workload_writer_commit(writer, NULL));
    rh_workload_writer_free(writer);
}

static rh_status read_workload(rh_engine_kind engine, rh_fid_queries **out, size_t *out_passed,
                               rh_error *err)
{
    rh_fid_queries *queries = NULL;
    rh_status status = rh_fid_queries_read(NULL, RH_SQL_SQLITE, &queries, err);

    if (status == RH_OK)
        status = rh_fid_queries_of_workload(queries, path, engine, out_passed, err);
    if (status == RH_OK)
        *out = queries;
    else
        rh_fid_queries_free(queries);
    return status;
}

static const rh_parameter FEW[] = {{.kind = RH_PARAMETER_TEXT, .data = "it's", .len = 4},
                                   {.kind = RH_PARAMETER_NULL}};
static const rh_parameter MANY[] = {{.kind = RH_PARAMETER_TEXT, .data = "back\\slash", .len = 10},
                                    {.kind = RH_PARAMETER_BLOB, .data = "\x01\xff", .len = 2}};
static const execution PG[] = {
    {10, "read", "SELECT * FROM t WHERE a = $1 AND b = $2", 5, FEW, 2, NULL},
    {10, "read", "SELECT * FROM t WHERE a = $1 AND b = $2 -- slowest", 9, MANY, 2, NULL},
    {10, "read", "SELECT * FROM t WHERE a = $1 AND b = $2", 99, MANY, 2, "cut off"},
    {10, "read", "SELECT * FROM t WHERE a = $1 AND b = $2", 7, FEW, 2, NULL},
    {11, "ddl", "CREATE TABLE x(y int)", 5, NULL, 0, NULL},
    {12, "read", "SELECT $3", 5, FEW, 2, NULL},
    {13, "write", "UPDATE t SET a = '$1' WHERE b = $1; ", -1, FEW, 1, NULL},
    {14, "read", "SELECT 1; SELECT 2", 5, NULL, 0, NULL},
};

static void the_slowest_execution_stands_for_its_shape(void **state)
{
    rh_fid_queries *queries = NULL;
    size_t passed = 0;

    (void)state;
    write_workload(RH_ENGINE_POSTGRESQL, PG, sizeof PG / sizeof PG[0]);
    assert_int_equal(RH_OK, read_workload(RH_ENGINE_POSTGRESQL, &queries, &passed, NULL));
    assert_int_equal(queries->count, 2);
    assert_int_equal(passed, 2); /* a value that is missing, two statements in one */
    assert_string_equal(queries->items[0].name, "000000000000000a");
    assert_string_equal(queries->items[0].source_sql,
                        "SELECT * FROM t WHERE a = E'back\\\\slash' AND b = '\\x01ff'");
    assert_int_equal(queries->items[0].line, 2);
    assert_ptr_equal(queries->items[0].source_sql, queries->items[0].target_sql);
    assert_string_equal(queries->items[1].source_sql, "UPDATE t SET a = '$1' WHERE b = 'it''s'");
    rh_fid_queries_free(queries);
}

static void values_of_sqlite_go_by_turn_number_and_name(void **state)
{
    static const rh_parameter numbers[] = {{.kind = RH_PARAMETER_INTEGER, .integer = -7},
                                           {.kind = RH_PARAMETER_REAL, .real = 0.5},
                                           {.kind = RH_PARAMETER_BLOB, .data = "\x0a", .len = 1}};
    static const rh_parameter named[] = {
        {.kind = RH_PARAMETER_INTEGER, .name = ":b", .integer = 2},
        {.kind = RH_PARAMETER_INTEGER, .name = ":a", .integer = 1}};
    const execution list[] = {
        {1, "read", "SELECT ?, ?, ?", 1, numbers, 3, NULL},
        {2, "read", "SELECT ?3, ?1, ?", 1, numbers, 3, NULL}, /* the last is the fourth */
        {3, "read", "SELECT ?2, ?", 1, numbers, 3, NULL},
        {4, "read", "SELECT :a, :b, :a", 1, named, 2, NULL},
    };
    static const char *const texts[] = {"SELECT -7, 0.5, X'0a'", "SELECT 0.5, X'0a'",
                                        "SELECT 1, 2, 1"};
    rh_fid_queries *queries = NULL;
    size_t passed = 0;

    (void)state;
    write_workload(RH_ENGINE_SQLITE, list, sizeof list / sizeof list[0]);
    assert_int_equal(RH_OK, read_workload(RH_ENGINE_SQLITE, &queries, &passed, NULL));
    assert_int_equal(passed, 1);
    assert_int_equal(queries->count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_string_equal(queries->items[i].source_sql, texts[i]);
    rh_fid_queries_free(queries);
}

static void workloads_of_the_other_engine_are_refused(void **state)
{
    rh_fid_queries *queries = NULL;
    rh_error err = RH_ERROR_INIT;
    size_t passed = 0;

    (void)state;
    write_workload(RH_ENGINE_POSTGRESQL, PG, 1);
    assert_int_equal(RH_EUSAGE, read_workload(RH_ENGINE_SQLITE, &queries, &passed, &err));
    assert_non_null(strstr(err.text, "is a workload of postgresql"));
}

static rh_status read_once(void *ctx, rh_error *err)
{
    rh_fid_queries *queries = NULL;
    size_t passed = 0;
    rh_status status = read_workload(RH_ENGINE_POSTGRESQL, &queries, &passed, err);

    (void)ctx;
    rh_fid_queries_free(queries);
    return status;
}

static void reading_survives_lack_of_memory(void **state)
{
    (void)state;
    write_workload(RH_ENGINE_POSTGRESQL, PG, sizeof PG / sizeof PG[0]);
    assert_true(fail_nth(read_once, NULL) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_slowest_execution_stands_for_its_shape),
        cmocka_unit_test(values_of_sqlite_go_by_turn_number_and_name),
        cmocka_unit_test(workloads_of_the_other_engine_are_refused),
        cmocka_unit_test(reading_survives_lack_of_memory),
    };

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, setup, teardown);
}
