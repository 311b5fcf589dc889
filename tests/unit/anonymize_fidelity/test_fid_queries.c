/*
 * .sql files: where statements end, what they are called, what the target's text is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/fs.h"
#include "core/mem.h"
#include "fail_nth.h"
#include "fid_queries.h"

/* ---- files ---- */

static char folder[] = "/tmp/rh_fid_queries.XXXXXX";

static int make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) == NULL ? -1 : 0;
}

static int remove_folder(void **state)
{
    (void)state;
    return rh_fs_remove_tree(folder, NULL) == RH_OK ? 0 : -1;
}

static void write_file(const char *name, const char *text)
{
    char *path = rh_fs_join(folder, name);

    assert_non_null(path);
    assert_int_equal(rh_fs_write(path, 0600, text, strlen(text), NULL), RH_OK);
    rh_mem_free(path);
}

static void remove_file(const char *name)
{
    char *path = rh_fs_join(folder, name);

    assert_non_null(path);
    assert_int_equal(rh_fs_remove(path, NULL), RH_OK);
    rh_mem_free(path);
}

static rh_status read_folder(rh_fid_queries **out, rh_error *err)
{
    const char *const paths[] = {folder, NULL};

    return rh_fid_queries_read(paths, RH_SQL_POSTGRES, out, err);
}

static void names_and_lines_are_told(void **state)
{
    rh_fid_queries *queries = NULL;

    (void)state;
    write_file("a.sql", "-- about it\n--name:  first  \nSELECT\n';';\n\nSELECT 2;\n"
                        "-- name:\nSELECT 3 -- name: no\n;");
    assert_int_equal(read_folder(&queries, NULL), RH_OK);
    assert_int_equal(queries->count, 3);
    assert_string_equal(queries->items[0].name, "first");
    assert_string_equal(queries->items[0].source_sql, "SELECT\n';'");
    assert_int_equal(queries->items[0].line, 3);
    assert_string_equal(queries->items[1].name, "a#2");
    assert_int_equal(queries->items[1].line, 6);
    assert_string_equal(queries->items[2].name, "a#3");
    assert_string_equal(queries->items[2].source_sql, "SELECT 3");
    assert_int_equal(queries->items[2].line, 8);
    rh_fid_queries_free(queries);
    remove_file("a.sql");
}

static void statements_end_as_the_engine_reads_them(void **state)
{
    const char *const paths[] = {folder, NULL};
    rh_fid_queries *queries = NULL;

    (void)state;
    write_file("a.sql", "SELECT [a;b] FROM t;");
    assert_int_equal(rh_fid_queries_read(paths, RH_SQL_SQLITE, &queries, NULL), RH_OK);
    assert_int_equal(queries->count, 1);
    rh_fid_queries_free(queries);
    assert_int_equal(rh_fid_queries_read(paths, RH_SQL_POSTGRES, &queries, NULL), RH_OK);
    assert_int_equal(queries->count, 2);
    rh_fid_queries_free(queries);
    remove_file("a.sql");
}

static void a_folder_gives_its_sql_files_in_order(void **state)
{
    rh_fid_queries *queries = NULL;

    (void)state;
    write_file("b.sql", "SELECT 'b1';\nSELECT 'b2'");
    write_file("a.sql", "-- name: first\nSELECT 'a'");
    write_file("first.target.sql", "SELECT 'masked';");
    write_file("notes.txt", "SELECT 'no'");
    assert_int_equal(read_folder(&queries, NULL), RH_OK);
    assert_int_equal(queries->count, 3);
    assert_string_equal(queries->items[0].name, "first");
    assert_string_equal(queries->items[0].source_sql, "SELECT 'a'");
    assert_string_equal(queries->items[0].target_sql, "SELECT 'masked'");
    assert_string_equal(queries->items[1].name, "b");
    assert_string_equal(queries->items[2].name, "b#2");
    assert_int_equal(queries->items[2].line, 2);
    assert_ptr_equal(queries->items[2].target_sql, queries->items[2].source_sql);
    rh_fid_queries_free(queries);
}

static void wrong_files_are_named(void **state)
{
    const char *const missing[] = {"/nonexistent.sql", NULL};
    rh_fid_queries *queries = NULL;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_fid_queries_read(missing, RH_SQL_POSTGRES, &queries, NULL), RH_ENOTFOUND);
    write_file("c.sql", "-- only a comment\n");
    assert_int_equal(read_folder(&queries, &err), RH_EUSAGE);
    assert_non_null(strstr(err.text, "c.sql"));
    rh_error_clear(&err);
    write_file("c.sql", "-- name: first\nSELECT 1");
    assert_int_equal(read_folder(&queries, &err), RH_EUSAGE);
    assert_non_null(strstr(err.text, "two queries are named 'first'"));
    rh_error_clear(&err);
    write_file("c.sql", "SELECT '\xff'");
    assert_int_equal(read_folder(&queries, &err), RH_EUSAGE);
    rh_error_clear(&err);
    remove_file("c.sql");
    write_file("first.target.sql", "SELECT 1; SELECT 2");
    assert_int_equal(read_folder(&queries, &err), RH_EUSAGE);
    assert_non_null(strstr(err.text, "must hold one statement"));
    write_file("first.target.sql", "SELECT 'masked';");
    assert_null(queries);
}

static rh_status read_all(void *ctx, rh_error *err)
{
    rh_fid_queries *queries = NULL;
    rh_status status = read_folder(&queries, err);

    (void)ctx;
    rh_fid_queries_free(queries);
    return status;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    assert_true(fail_nth(read_all, NULL) > 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statements_end_as_the_engine_reads_them),
        cmocka_unit_test(names_and_lines_are_told),
        cmocka_unit_test(a_folder_gives_its_sql_files_in_order),
        cmocka_unit_test(wrong_files_are_named),
        cmocka_unit_test(every_allocation_may_fail),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
