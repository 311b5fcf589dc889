/*
 * One statement profiled on a live PostgreSQL: versions that are refused or remarked on, and
 * failing allocations of the session and of the profile.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "fail_nth.h"
#include "pg_client.h"
#include "pg_profile.h"
#include "profiler/profile.h"

static PGconn *connection;

static int set_up(void **state)
{
    (void)state;
    connection = pg_client_open(NULL);
    pg_client_run(connection, "SET client_min_messages = error");
    pg_client_run(connection, "DROP SCHEMA IF EXISTS profile_alloc CASCADE");
    pg_client_run(connection, "CREATE SCHEMA profile_alloc");
    pg_client_run(
        connection,
        "CREATE TABLE profile_alloc.a AS SELECT n AS id, n % 4 AS g FROM generate_series(1, 50) n");
    pg_client_run(connection, "CREATE TABLE profile_alloc.b AS SELECT n AS id, n % 50 AS a_id FROM "
                              "generate_series(1, 90) n");
    pg_client_run(connection, "ANALYZE profile_alloc.a, profile_alloc.b");
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    pg_client_run(connection, "DROP SCHEMA profile_alloc CASCADE");
    PQfinish(connection);
    return 0;
}

static void servers_that_are_too_old_are_refused(void **state)
{
    rh_error err = RH_ERROR_INIT;

    (void)state;
    assert_int_equal(rh_pg_profile_check_version(110022, &err), RH_EUNSUPPORTED);
    assert_string_equal(err.text, "server 11.22 is too old for profile");
    assert_non_null(strstr(err.hint, "12 and newer"));
    err = (rh_error)RH_ERROR_INIT;
    assert_int_equal(rh_pg_profile_check_version(90624, &err), RH_EUNSUPPORTED);
    assert_string_equal(err.text, "server 9.6 is too old for profile");
    assert_int_equal(rh_pg_profile_check_version(120000, NULL), RH_OK);
    assert_int_equal(rh_pg_profile_check_version(180004, NULL), RH_OK);
    /* newer ones are tried, and said to be unknown */
    assert_int_equal(rh_pg_profile_check_version(190000, NULL), RH_OK);
}

static void notes_of_version(int version, size_t expected)
{
    const rh_profile_options options = RH_PROFILE_OPTIONS_INIT;
    void *session = NULL;
    json_t *about = NULL;
    const json_t *notes;

    assert_int_equal(rh_pg_profile_open(getenv("RH_TEST_PG"), &options, &session, NULL), RH_OK);
    ((rh_pg_profile *)session)->pg->version = version;
    assert_int_equal(rh_pg_profile_about(session, &about, NULL), RH_OK);
    notes = json_object_get(about, "notes");
    assert_int_equal(json_array_size(notes), expected);
    if (expected > 0)
        assert_non_null(strstr(json_string_value(json_array_get(notes, 0)), "server 19 is newer"));
    json_decref(about);
    rh_pg_profile_close(session);
}

static void servers_that_are_too_new_are_remarked_on(void **state)
{
    (void)state;
    notes_of_version(189999, 0);
    notes_of_version(190001, 1);
}

static rh_status use_profile(void *ctx, rh_error *err)
{
    const rh_finding_config config = rh_finding_config_default();
    const rh_profile_case one = {NULL, NULL, 0};
    const char *sql = ctx;
    const rh_profile_text text = {.text = sql, .len = strlen(sql), .length = strlen(sql)};
    const rh_profile_request request = {.text = &text,
                                        .cases = &one,
                                        .case_count = 1,
                                        .config = &config,
                                        .execute = true,
                                        .prove = true,
                                        .guess = true};
    rh_profile_options options = RH_PROFILE_OPTIONS_INIT;
    rh_profile_session *session = NULL;
    rh_profile_outcome outcome = {NULL, RH_SEVERITY_OFF, false, RH_PROFILE_NO_OFFSET};
    rh_status status;

    options.serial = true;
    status = rh_profile_open(getenv("RH_TEST_PG"), &options, &session, err);
    if (status == RH_OK)
        status = rh_profile_make(session, &request, &outcome, err);
    if (status != RH_OK && status != RH_ENOMEM)
        print_message("%s\n", err->text);
    rh_profile_close(session);
    json_decref(outcome.report);
    return status;
}

/* A profile is some forty queries on a connection of its own: all allocations take minutes, so that
 * the usual run fails every 37th, a long one each. */
static void each_failed_allocation_is_reported(void **state)
{
    const char *long_tests = getenv("RH_TEST_LONG");
    long step = long_tests != NULL && *long_tests != '\0' && *long_tests != '0' ? 1 : 37;
    char placed[] = "SELECT a.id, (SELECT count(*) FROM profile_alloc.b WHERE b.a_id = a.id) FROM "
                    "profile_alloc.a WHERE EXISTS (SELECT 1 FROM profile_alloc.b WHERE b.id = a.g)";
    char guessed[] = "SELECT * FROM profile_alloc.a WHERE g = $1";

    (void)state;
    assert_true(fail_nth_step(use_profile, placed, step) > 50);
    assert_true(fail_nth_step(use_profile, guessed, step) > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_that_are_too_old_are_refused),
        cmocka_unit_test(servers_that_are_too_new_are_remarked_on),
        cmocka_unit_test(each_failed_allocation_is_reported),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
