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
#include "pg_profile.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(servers_that_are_too_old_are_refused),
        cmocka_unit_test(servers_that_are_too_new_are_remarked_on),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
