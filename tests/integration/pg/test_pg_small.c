/*
 * The Chinook database and small cases, as a first proof that a copy is a copy.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/fs.h"
#include "core/mem.h"
#include "pg_copy.h"

static void copy(const char *from, const char *to, bool split)
{
    rh_source_options take = RH_SOURCE_OPTIONS_INIT;
    rh_target_options put = RH_TARGET_OPTIONS_INIT;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;
    pg_held held = {NULL, NULL, NULL, NULL, NULL, 0};
    json_t *commit = NULL;
    char *source = pg_conninfo(from, "");
    char *target = pg_conninfo(to, "");

    take.jobs = 2;
    put.jobs = 2;
    put.snapshot_id = "test";
    pg_assert_ok(pg_take(source, &take, &problems, &held, &err), &err);
    pg_assert_ok(pg_put(target, &put, &held, split, &problems, &commit, &err), &err);
    assert_int_equal(rh_problems_fatal(&problems), 0);
    json_decref(commit);
    rh_problems_done(&problems);
    pg_held_done(&held);
    rh_mem_free(source);
    rh_mem_free(target);
}

static void chinook_copy_dumps_the_same(void **state)
{
    const char *root = getenv("RH_SOURCE_DIR");
    char path[1024];

    (void)state;
    (void)snprintf(path, sizeof path, "%s/../shared/data/chinook/chinook-postgresql.sql", root);
    if (!rh_fs_exists(path)) {
        print_message("the shared data folder has no chinook\n");
        skip();
    }
    pg_create("chinook_source");
    pg_file("chinook_source", path);
    pg_drop("chinook_target");
    copy("chinook_source", "chinook_target", true);
    pg_assert_same_dump("chinook_source", "chinook_target", NULL);
    pg_assert_same_rows("chinook_source", "chinook_target");
    pg_drop("chinook_source");
    pg_drop("chinook_target");
}

static void empty_database_is_copied(void **state)
{
    (void)state;
    pg_create("small_source");
    pg_drop("small_target");
    copy("small_source", "small_target", false);
    pg_assert_same_dump("small_source", "small_target", NULL);
    pg_drop("small_source");
    pg_drop("small_target");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_database_is_copied),
        cmocka_unit_test(chinook_copy_dumps_the_same),
    };

    if (getenv("RH_TEST_PG") == NULL)
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
