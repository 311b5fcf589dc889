/*
 * The way out that a test with a real writer cannot force: no second reader on the snapshot.
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
#include "lite_conn.h"
#include "lite_source.h"

static char dir[64];
static char *path;

static int setup(void **state)
{
    sqlite3 *db = NULL;

    (void)state;
    memcpy(dir, "/tmp/rh-lite-XXXXXX", sizeof "/tmp/rh-lite-XXXXXX");
    assert_non_null(mkdtemp(dir));
    path = rh_fs_join(dir, "source.db");
    assert_int_equal(SQLITE_OK, sqlite3_open(path, &db));
    assert_int_equal(RH_OK,
                     rh_lite_exec(db, "CREATE TABLE t(a); INSERT INTO t VALUES(1), (2)", NULL));
    sqlite3_close(db);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rh_mem_free(path);
    assert_int_equal(RH_OK, rh_fs_remove_tree(dir, NULL));
    return 0;
}

static rh_status count_rows(void *ctx, const rh_batch *batch, rh_error *err)
{
    size_t *rows = ctx;

    (void)err;
    *rows += batch->rows;
    return RH_OK;
}

static void one_session_reads_through_the_control_connection(void **state)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    const rh_catalog *catalog = NULL;
    void *handle = NULL;
    void *session = NULL;
    void *second = NULL;
    rh_lite_source *source;
    json_t *facts = NULL;
    size_t rows = 0;

    (void)state;
    assert_int_equal(RH_OK, rh_lite_source_open(path, &options, &handle, NULL));
    assert_int_equal(RH_OK, rh_lite_source_begin(handle, NULL));
    source = handle;
    assert_int_equal(1, source->reader_count);
    /* As after a writer that was always faster. */
    rh_lite_close(source->readers[0]);
    source->readers[0] = NULL;
    source->reader_count = 0;

    assert_int_equal(RH_OK, rh_lite_session_open(source, &session, NULL));
    assert_int_equal(RH_SKIPPED, rh_lite_session_open(source, &second, NULL));
    assert_int_equal(RH_OK, rh_lite_catalog(source, &catalog, NULL));
    assert_int_equal(RH_OK, rh_lite_session_rows(session, &catalog->tables[0],
                                                 &catalog->tables[0].ranges[0],
                                                 &(rh_row_sink){count_rows, &rows}, NULL));
    assert_int_equal(2, rows);
    assert_int_equal(RH_OK, rh_lite_facts(source, &facts, NULL));
    assert_int_equal(1, json_integer_value(json_object_get(facts, "readers")));
    json_decref(facts);
    rh_lite_session_close(session);
    assert_int_equal(RH_OK, rh_lite_session_open(source, &session, NULL));
    rh_lite_session_close(session);
    rh_lite_source_close(source);
}

static void functions_of_the_schema_cannot_be_called(void **state)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    int64_t value = 0;

    (void)state;
    assert_int_equal(RH_OK, rh_lite_open(path, RH_LITE_SOURCE, 1000, &db, NULL));
    assert_int_equal(RH_OK, rh_lite_get_int(db, "SELECT count(*) FROM t", &value, NULL));
    assert_int_equal(2, value);
    assert_int_equal(RH_EDB, rh_lite_prepare(db, "SELECT abs(a) FROM t", &stmt, NULL));
    assert_int_equal(RH_EDB, rh_lite_prepare(db, "SELECT load_extension('x')", &stmt, NULL));
    assert_int_equal(RH_EDB, rh_lite_exec(db, "ATTACH 'x' AS y", NULL));
    assert_true(rh_lite_exec(db, "INSERT INTO t VALUES(3)", NULL) < 0);
    assert_true(rh_lite_exec(db, "PRAGMA query_only=0; INSERT INTO t VALUES(3)", NULL) < 0);
    rh_lite_close(db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_session_reads_through_the_control_connection, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(functions_of_the_schema_cannot_be_called, setup, teardown),
    };

    rh_mem_adopt_jansson();
    return rh_crypto_start(NULL) == RH_OK ? cmocka_run_group_tests(tests, NULL, NULL) : 1;
}
