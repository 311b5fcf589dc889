/*
 * One statement profiled on SQLite: how often its subqueries ran, and failing allocations of the
 * session and of the profile.
 */
#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/mem.h"
#include "fail_nth.h"
#include "profiler/profile.h"

static char path[] = "/tmp/rehearse-profile-XXXXXX";

static int set_up(void **state)
{
    int fd = mkstemp(path);
    sqlite3 *db = NULL;
    int rc;

    (void)state;
    if (fd < 0)
        return -1;
    close(fd);
    if (sqlite3_open(path, &db) != SQLITE_OK)
        return -1;
    rc = sqlite3_exec(
        db,
        "CREATE TABLE a(id INTEGER PRIMARY KEY, g INTEGER, s TEXT);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)"
        " INSERT INTO a SELECT i, i % 4, 's' || i FROM n;"
        "CREATE TABLE b(id INTEGER PRIMARY KEY, a_id INTEGER, n INTEGER);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60)"
        " INSERT INTO b SELECT i, i % 20 + 1, i FROM n;"
        "CREATE INDEX b_a ON b(a_id);"
        "CREATE TABLE empty(id INTEGER PRIMARY KEY, x INTEGER);"
        "CREATE VIEW renamed(i, m) AS SELECT id, (SELECT count(*) FROM b WHERE b.a_id = a.id) FROM "
        "a;"
        "CREATE VIEW busy AS SELECT a.id, (SELECT count(*) FROM b WHERE b.a_id = a.id) AS n FROM a;"
        "ANALYZE;",
        NULL, NULL, NULL);
    return sqlite3_close(db) == SQLITE_OK && rc == SQLITE_OK ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    return unlink(path);
}

static rh_status profile(const char *sql, bool writes, json_t **out, rh_error *err)
{
    const rh_finding_config config = rh_finding_config_default();
    const rh_profile_case one = {NULL, NULL, 0};
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

    options.writes = writes;
    status = rh_profile_open(path, &options, &session, err);
    if (status == RH_OK)
        status = rh_profile_make(session, &request, &outcome, err);
    rh_profile_close(session);
    *out = outcome.report;
    return status;
}

/* "20 -1": runs of each subquery in the order of the text; -1 unknown, -2 at most once. */
static void runs(const char *sql, const char *expected)
{
    json_t *report = NULL;
    rh_error err = RH_ERROR_INIT;
    char seen[256] = "";
    const json_t *list;

    if (profile(sql, strncmp(sql, "UPDATE", 6) == 0, &report, &err) != RH_OK)
        fail_msg("%s: %s", sql, err.text);
    list = json_object_get(report, "subqueries");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *one = json_array_get(list, i);
        const json_t *loops = json_object_get(one, "loops");
        const char *from = json_string_value(json_object_get(one, "loops_from"));
        int figure = json_is_number(loops) ? (int)json_number_value(loops)
                     : from != NULL && strcmp(from, "at-most-once") == 0 ? -2
                                                                         : -1;
        size_t used = strlen(seen);

        (void)snprintf(seen + used, sizeof seen - used, "%s%d", used == 0 ? "" : " ", figure);
    }
    if (strcmp(seen, expected) != 0)
        fail_msg("%s: %s, not %s", sql, seen, expected);
    json_decref(report);
}

static void runs_of_correlated_subqueries_are_counted(void **state)
{
    (void)state;
    runs("SELECT id, (SELECT count(*) FROM b WHERE b.a_id = a.id) FROM a", "20");
    runs("SELECT id FROM a WHERE EXISTS (SELECT 1 FROM b WHERE b.a_id = a.id)", "20");
    runs("SELECT id FROM a WHERE NOT EXISTS (SELECT 1 FROM b WHERE b.a_id = a.id)", "20");
    runs("SELECT id FROM a WHERE g IN (SELECT n FROM b WHERE b.a_id = a.id)", "20");
    runs("SELECT id FROM a WHERE g NOT IN (SELECT n + a.g FROM b)", "20");
    runs("SELECT id FROM a WHERE g IN (SELECT n FROM b WHERE b.a_id = a.id OR n = 3 GROUP BY n)",
         "20");
    runs("SELECT id FROM a ORDER BY (SELECT max(n) FROM b WHERE b.a_id = a.id)", "20");
    runs("UPDATE a SET g = (SELECT max(n) FROM b WHERE b.a_id = a.id) WHERE id > 5", "15");
}

static void what_is_skipped_is_not_counted(void **state)
{
    (void)state;
    runs("SELECT CASE WHEN g = 0 THEN (SELECT count(*) FROM b WHERE b.a_id = a.id) END FROM a",
         "5");
    runs("SELECT id FROM a WHERE g = 1 AND (SELECT count(*) FROM b WHERE b.a_id = a.id) > 1", "5");
    runs("SELECT id, (SELECT max(id) FROM a c WHERE c.id = e.x) FROM empty e", "0");
    runs("SELECT id FROM a WHERE id > 3 OR EXISTS (SELECT 1 FROM b WHERE b.a_id = a.id)", "3");
}

static void nested_runs_are_those_of_both_loops(void **state)
{
    (void)state;
    runs("SELECT (SELECT sum((SELECT count(*) FROM b c WHERE c.id = b.n)) FROM b WHERE b.a_id = "
         "a.id) FROM a",
         "20 60");
    runs("SELECT id FROM a UNION ALL SELECT (SELECT count(*) FROM b WHERE b.a_id = a.id) FROM a "
         "WHERE g = 2",
         "-1 -1 5");
}

static void what_is_not_correlated_runs_once_or_never(void **state)
{
    (void)state;
    runs("SELECT id, (SELECT count(*) FROM b) FROM a", "1");
    runs("SELECT id, (SELECT count(*) FROM b) FROM empty", "0");
    runs("SELECT id FROM a WHERE g IN (SELECT n FROM b)", "-2");
    runs("SELECT id FROM a LIMIT (SELECT 3)", "1");
}

static void what_cannot_be_counted_is_not_known(void **state)
{
    (void)state;
    /* other rows each time */
    runs("SELECT abs(random()), (SELECT count(*) FROM b WHERE b.a_id = a.id) FROM a", "-1");
    /* a row of several values is no argument; the other one is counted by itself */
    runs("SELECT id, (SELECT count(*) FROM b WHERE b.a_id = a.id) FROM a WHERE (g, s) = (SELECT n, "
         "a.s FROM b WHERE b.a_id = a.id)",
         "0 -1");
    /* in a view whose columns have names that its definition does not give them */
    runs("SELECT i, m FROM renamed", "-1");
}

static void what_stands_in_a_view_is_counted_there(void **state)
{
    (void)state;
    runs("SELECT * FROM busy", "20");
    runs("SELECT v.id FROM busy AS v WHERE v.n >= 0 AND v.id <= 4", "4");
    /* under the name of a table inside */
    runs("SELECT b.id FROM busy AS b WHERE b.n >= 0 AND b.id <= 4", "4");
}

static rh_status use_profile(void *ctx, rh_error *err)
{
    json_t *report = NULL;
    rh_status status = profile(ctx, false, &report, err);

    json_decref(report);
    return status;
}

static void each_failed_allocation_is_reported(void **state)
{
    char counted[] = "SELECT id, (SELECT count(*) FROM b WHERE b.n = a.id) FROM a WHERE g IN "
                     "(SELECT n FROM b WHERE b.a_id = a.id)";
    char guessed[] = "SELECT * FROM busy WHERE id = ? AND n > ?";

    (void)state;
    assert_true(fail_nth(use_profile, counted) > 50);
    assert_true(fail_nth(use_profile, guessed) > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(runs_of_correlated_subqueries_are_counted),
        cmocka_unit_test(what_is_skipped_is_not_counted),
        cmocka_unit_test(nested_runs_are_those_of_both_loops),
        cmocka_unit_test(what_is_not_correlated_runs_once_or_never),
        cmocka_unit_test(what_cannot_be_counted_is_not_known),
        cmocka_unit_test(what_stands_in_a_view_is_counted_there),
        cmocka_unit_test(each_failed_allocation_is_reported),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
