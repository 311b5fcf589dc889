/*
 * Full-text indexes that came without rows: made again, and what happens when memory ends.
 */
#include <stdlib.h>
#include <string.h>

#include "../../support/fail_nth.h"
#include "core/fs.h"
#include "lite_conn.h"
#include "lite_fulltext.h"

static char dir[64];
static char *path;

static int setup(void **state)
{
    (void)state;
    memcpy(dir, "/tmp/rh-fts-XXXXXX", sizeof "/tmp/rh-fts-XXXXXX");
    assert_non_null(mkdtemp(dir));
    path = rh_fs_join(dir, "f.db");
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rh_mem_free(path);
    assert_int_equal(RH_OK, rh_fs_remove_tree(dir, NULL));
    return 0;
}

/* One of each kind, their indexes empty as after a load under rules. */
static void make_file(void)
{
    sqlite3 *db = NULL;
    rh_error err = RH_ERROR_INIT;

    assert_int_equal(SQLITE_OK, sqlite3_open(path, &db));
    if (rh_lite_exec(db,
                     "CREATE VIRTUAL TABLE five USING fts5(a, b);"
                     "INSERT INTO five VALUES ('red fox', 'one'), ('blue owl', 'two');"
                     "CREATE VIRTUAL TABLE four USING fts4(a);"
                     "INSERT INTO four VALUES ('green frog');"
                     "CREATE VIRTUAL TABLE bare USING fts5(a, content='');"
                     "INSERT INTO bare(rowid, a) VALUES (1, 'grey mouse');"
                     "DELETE FROM five_data; DELETE FROM five_idx; DELETE FROM five_docsize;"
                     "DELETE FROM four_segments; DELETE FROM four_segdir;"
                     "DELETE FROM four_docsize; DELETE FROM four_stat;"
                     "DELETE FROM bare_data; DELETE FROM bare_idx; DELETE FROM bare_docsize;",
                     &err) != RH_OK)
        fail_msg("%s", err.text);
    sqlite3_close(db);
}

/* Rebuild in a transaction that is rolled back unless it went well. */
static rh_status rebuild(void *ctx, rh_error *err)
{
    rh_lite_schema schema = RH_LITE_SCHEMA_INIT;
    sqlite3 *db = NULL;
    rh_status status = rh_lite_open(path, RH_LITE_BUILD, 0, &db, err);

    (void)ctx;
    if (status == RH_OK)
        status = rh_lite_exec(db, "BEGIN", err);
    if (status == RH_OK)
        status = rh_lite_schema_read(db, &schema, err);
    if (status == RH_OK)
        status = rh_lite_fulltext_rebuild(db, &schema, err);
    if (status == RH_OK)
        status = rh_lite_exec(db, "COMMIT", err);
    rh_lite_schema_done(&schema);
    rh_lite_close(db);
    return status;
}

static int64_t count(sqlite3 *db, const char *sql)
{
    int64_t n = -1;

    assert_int_equal(RH_OK, rh_lite_get_int(db, sql, &n, NULL));
    return n;
}

static void every_allocation_may_fail_and_the_last_try_works(void **state)
{
    sqlite3 *db = NULL;

    (void)state;
    make_file();
    assert_true(fail_nth(rebuild, NULL) > 10);
    assert_int_equal(SQLITE_OK, sqlite3_open(path, &db));
    assert_int_equal(1, count(db, "SELECT count(*) FROM five WHERE five MATCH 'fox'"));
    assert_int_equal(1, count(db, "SELECT count(*) FROM five WHERE five MATCH 'two'"));
    assert_int_equal(1, count(db, "SELECT count(*) FROM four WHERE four MATCH 'frog'"));
    assert_int_equal(0, count(db, "SELECT count(*) FROM bare WHERE bare MATCH 'mouse'"));
    sqlite3_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_allocation_may_fail_and_the_last_try_works, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
