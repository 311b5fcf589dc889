/*
 * Planner statistics of a masked copy: what the section lists is production's, all else is fresh.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/mem.h"
#include "pg_copy.h"

enum { STATISTICS = 2 }; /* in rh_engine_sections */

static const char figures[] = "SELECT n_distinct::text || ' ' || null_frac::text FROM pg_stats "
                              "WHERE schemaname = 'public' AND tablename = 't' AND attname = '%s'";

static char *figures_of(const char *dbname, const char *column)
{
    char sql[512];

    (void)snprintf(sql, sizeof sql, figures, column);
    return pg_value(dbname, sql);
}

static void assert_figures(const char *dbname, const char *column, const char *expected)
{
    char *actual = figures_of(dbname, column);

    assert_non_null(actual);
    assert_string_equal(actual, expected);
    rh_mem_free(actual);
}

/* Figures that no ANALYZE finds: n_distinct -0.125 for every column of production. */
static void make_source(pg_held *held)
{
    rh_source_options options = RH_SOURCE_OPTIONS_INIT;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;
    char *name = pg_conninfo("statistics_source", "");

    pg_drop("statistics_source");
    pg_create("statistics_source");
    pg_sql("statistics_source",
           "CREATE TABLE t (listed int, unlisted int, odd int);"
           "INSERT INTO t SELECT g % 10, g % 10, g % 10 FROM generate_series(1, 1000) g;"
           "ANALYZE; UPDATE pg_statistic SET stadistinct = -0.125 "
           "WHERE starelid = 'public.t'::regclass");
    pg_assert_ok(pg_take(name, &options, &problems, held, &err), &err);
    rh_problems_done(&problems);
    rh_mem_free(name);
}

/* As a mask does it: say that it is partial, leave a column out; spoil another line. */
static void make_partial(rh_buf *section)
{
    rh_buf text = RH_BUF_INIT;
    const char *line = rh_buf_cstr(section);

    assert_int_equal(rh_buf_append_str(&text, "{\"kind\":\"partial\"}\n", NULL), RH_OK);
    while (*line != '\0') {
        const char *end = strchr(line, '\n') + 1;
        const char *unlisted = strstr(line, "\"unlisted\"");
        const char *odd = strstr(line, "\"odd\"");

        if (unlisted == NULL || unlisted > end) {
            size_t at = text.len;
            char *type;

            assert_int_equal(rh_buf_append(&text, line, (size_t)(end - line), NULL), RH_OK);
            type = strstr((char *)text.data + at, "\"integer\"");
            if (odd != NULL && odd < end && type != NULL)
                memcpy(type, "\"intteger", 9); /* a type that the server does not have */
        }
        line = end;
    }
    rh_buf_done(section);
    *section = text;
}

static void columns_left_out_of_a_partial_section_get_fresh_figures(void **state)
{
    rh_target_options options = RH_TARGET_OPTIONS_INIT;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;
    pg_held held;
    json_t *commit = NULL;
    char *name = pg_conninfo("statistics_target", "");

    (void)state;
    make_source(&held);
    make_partial(&held.sections[STATISTICS]);
    pg_drop("statistics_target");
    options.snapshot_id = "partial";
    pg_assert_ok(pg_put(name, &options, &held, false, &problems, &commit, &err), &err);
    assert_figures("statistics_target", "listed", "-0.125 0");
    assert_figures("statistics_target", "unlisted", "10 0");
    assert_figures("statistics_target", "odd", "10 0"); /* refused: the fresh ones stay */
    pg_assert_value("statistics_target",
                    "SELECT reltuples::text FROM pg_class WHERE oid = 'public.t'::regclass",
                    "1000");
    json_decref(commit);
    rh_problems_done(&problems);
    pg_held_done(&held);
    pg_drop("statistics_target");
    pg_drop("statistics_source");
    rh_mem_free(name);
}

static void a_whole_section_replaces_all_figures(void **state)
{
    rh_target_options options = RH_TARGET_OPTIONS_INIT;
    rh_problems problems = RH_PROBLEMS_INIT;
    rh_error err = RH_ERROR_INIT;
    pg_held held;
    json_t *commit = NULL;
    char *name = pg_conninfo("statistics_target", "");

    (void)state;
    make_source(&held);
    pg_drop("statistics_target");
    options.snapshot_id = "whole";
    pg_assert_ok(pg_put(name, &options, &held, false, &problems, &commit, &err), &err);
    assert_figures("statistics_target", "listed", "-0.125 0");
    assert_figures("statistics_target", "unlisted", "-0.125 0");
    json_decref(commit);
    rh_problems_done(&problems);
    pg_held_done(&held);
    pg_drop("statistics_target");
    pg_drop("statistics_source");
    rh_mem_free(name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_left_out_of_a_partial_section_get_fresh_figures),
        cmocka_unit_test(a_whole_section_replaces_all_figures),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
