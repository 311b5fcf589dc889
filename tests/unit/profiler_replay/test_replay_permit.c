/*
 * Where a workload may run.
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

#include "../../support/fail_nth.h"
#include "core/fs.h"
#include "core/hash.h"
#include "profiler/replay.h"

static char dir[64];
static char *path;
static rh_workload_file *file;

/* Captured from database "shop" of system 77, whose log also had statements in "billing". */
static int setup(void **state)
{
    const rh_workload_writer_options options = {.engine = RH_ENGINE_POSTGRESQL,
                                                .tool_version = "test"};
    const rh_workload_source source = {
        .id = 1, .path = "log", .system_id = "77", .database = "shop"};
    const rh_workload_session session = {.id = 1, .database = "billing"};
    rh_workload_writer *writer = NULL;

    (void)state;
    memcpy(dir, "/tmp/rh-permit-XXXXXX", sizeof "/tmp/rh-permit-XXXXXX");
    assert_non_null(mkdtemp(dir));
    path = rh_fs_join(dir, "w.workload");
    assert_int_equal(RH_OK, rh_workload_writer_create(path, &options, &writer, NULL));
    assert_int_equal(RH_OK, rh_workload_writer_source(writer, &source, NULL));
    assert_int_equal(RH_OK, rh_workload_writer_session(writer, &session, NULL));
    assert_int_equal(RH_OK, rh_workload_writer_commit(writer, NULL));
    rh_workload_writer_free(writer);
    assert_int_equal(RH_OK, rh_workload_file_open(path, &file, NULL));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    rh_workload_file_close(file);
    rh_mem_free(path);
    assert_int_equal(RH_OK, rh_fs_remove_tree(dir, NULL));
    return 0;
}

static rh_replay_target target(const char *system_id, const char *database)
{
    rh_replay_target made = {.engine = RH_ENGINE_POSTGRESQL, .staging = true};

    memcpy(made.system_id, system_id, strlen(system_id));
    memcpy(made.database, database, strlen(database));
    return made;
}

/* Refused with this text; allowed with a note when the caller is sure. */
static void refuses(const rh_replay_target *where, const char *text)
{
    rh_problems notes = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;

    assert_int_equal(RH_EUSAGE, rh_replay_permit(file, where, false, &notes, &err));
    assert_non_null(strstr(err.text, text));
    assert_true(err.hint[0] != '\0');
    assert_int_equal(0, notes.count);
    assert_int_equal(RH_OK, rh_replay_permit(file, where, true, &notes, NULL));
    assert_int_equal(1, notes.count);
    assert_int_equal(0, rh_problems_fatal(&notes));
    assert_non_null(strstr(notes.items[0].text, text));
    rh_problems_done(&notes);
}

static void permits(const rh_replay_target *where)
{
    rh_problems notes = RH_PROBLEMS_INIT;

    assert_int_equal(RH_OK, rh_replay_permit(file, where, false, &notes, NULL));
    assert_int_equal(0, notes.count);
    rh_problems_done(&notes);
}

static void staging_elsewhere_is_permitted(void **state)
{
    rh_replay_target other_system = target("78", "shop");
    rh_replay_target other_database = target("77", "shop_staging");
    rh_replay_target untold = target("", "shop");
    rh_replay_target other_billing = target("78", "billing");

    (void)state;
    permits(&other_system);
    permits(&other_database);
    permits(&untold);
    permits(&other_billing);
}

static void the_source_of_the_capture_is_refused(void **state)
{
    rh_replay_target where = target("77", "shop");
    rh_replay_target logged = target("77", "billing");

    (void)state;
    refuses(&where, "where the workload was captured");
    refuses(&logged, "where the workload was captured");
}

static void marks_decide(void **state)
{
    rh_replay_target where = target("78", "shop");

    (void)state;
    where.production = true;
    refuses(&where, "marked as production");
    where.production = false;
    where.staging = false;
    refuses(&where, "not marked as a staging database");
}

static void another_engine_is_never_permitted(void **state)
{
    rh_replay_target where = target("", "/tmp/x.db");
    rh_problems notes = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;

    (void)state;
    where.engine = RH_ENGINE_SQLITE;
    assert_int_equal(RH_EUSAGE, rh_replay_permit(file, &where, true, &notes, &err));
    assert_non_null(strstr(err.text, "cannot be replayed on"));
    assert_int_equal(0, notes.count);
}

static rh_status permit_body(void *ctx, rh_error *err)
{
    rh_replay_target where = target("77", "shop");
    rh_problems notes = RH_PROBLEMS_INIT;
    rh_status status;

    (void)ctx;
    where.production = true;
    where.staging = false;
    status = rh_replay_permit(file, &where, true, &notes, err);
    if (status == RH_OK)
        assert_int_equal(3, notes.count);
    rh_problems_done(&notes);
    return status;
}

static void memory_may_end_anywhere(void **state)
{
    (void)state;
    assert_true(fail_nth(permit_body, NULL) > 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(staging_elsewhere_is_permitted),
        cmocka_unit_test(the_source_of_the_capture_is_refused),
        cmocka_unit_test(marks_decide),
        cmocka_unit_test(another_engine_is_never_permitted),
        cmocka_unit_test(memory_may_end_anywhere),
    };

    rh_mem_adopt_jansson();
    if (rh_crypto_start(NULL) != RH_OK)
        return 1;
    return cmocka_run_group_tests(tests, setup, teardown);
}
