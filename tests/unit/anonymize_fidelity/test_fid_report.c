/*
 * The report of stored statistics: scores, order, missing objects, settings; never a value.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fail_nth.h"
#include "fid_json.h"
#include "fid_report.h"

#define RELATION(name, kind, rows)                                                                 \
    "{\"kind\":\"relation\",\"schema\":\"public\",\"name\":\"" name "\",\"relkind\":\"" kind "\"," \
    "\"table\":\"t\",\"relpages\":100,\"reltuples\":" rows "}\n"
#define COLUMN(name, nulls)                                                                        \
    "{\"kind\":\"column\",\"schema\":\"public\",\"table\":\"t\",\"column\":\"" name "\","          \
    "\"inherited\":false,\"null_frac\":" nulls ",\"avg_width\":8,\"n_distinct\":10,\"slots\":["    \
    "{\"kind\":1,\"numbers\":\"{0.3}\",\"values\":\"{secret}\"}]}\n"

static const char source_text[] = RELATION("t", "r", "1000") RELATION("i", "i", "1000")
    RELATION("old", "r", "5") COLUMN("a", "0") COLUMN("b", "0.5") COLUMN("gone", "0");
static const char target_text[] = RELATION("t", "r", "1000") RELATION("k", "i", "1000")
    RELATION("old", "r", "5") COLUMN("a", "0") COLUMN("b", "0.25") COLUMN("new", "0");

static rh_status report_of(const char *a, const char *b, const rh_fidelity_options *options,
                           json_t **out, json_t **out_differences, rh_error *err)
{
    rh_fid_statistics *source = NULL;
    rh_fid_statistics *target = NULL;
    json_t *differences = json_array();
    rh_status status = differences == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status = rh_fid_statistics_parse(a, &source, err);
    if (status == RH_OK)
        status = rh_fid_statistics_parse(b, &target, err);
    if (status == RH_OK)
        status = rh_fid_statistics_report(source, target, options, differences, out, err);
    rh_fid_statistics_free(source);
    rh_fid_statistics_free(target);
    if (status == RH_OK)
        *out_differences = differences;
    else
        json_decref(differences);
    return status;
}

static bool has(const json_t *differences, const char *kind, const char *object, bool bad)
{
    for (size_t i = 0; i < json_array_size(differences); i++) {
        const json_t *entry = json_array_get(differences, i);

        if (strcmp(json_string_value(json_object_get(entry, "kind")), kind) == 0 &&
            strcmp(json_string_value(json_object_get(entry, "object")), object) == 0 &&
            json_is_true(json_object_get(entry, "bad")) == bad)
            return true;
    }
    return false;
}

static void missing_and_extra_objects_are_named(void **state)
{
    rh_fidelity_options options = RH_FIDELITY_OPTIONS_INIT;
    json_t *report = NULL;
    json_t *differences = NULL;
    const json_t *columns;
    char *text;

    (void)state;
    assert_int_equal(report_of(source_text, target_text, &options, &report, &differences, NULL),
                     RH_OK);
    assert_int_equal(json_array_size(differences), 4);
    assert_true(has(differences, "missing-index", "public.i", true));
    assert_true(has(differences, "extra-index", "public.k", false));
    assert_true(has(differences, "missing-column", "public.t.gone", true));
    assert_true(has(differences, "extra-column", "public.t.new", false));
    columns = json_object_get(report, "columns");
    assert_int_equal(json_array_size(columns), 3);
    assert_string_equal(json_string_value(json_object_get(json_array_get(columns, 0), "column")),
                        "gone");
    assert_string_equal(json_string_value(json_object_get(json_array_get(columns, 1), "worst")),
                        "nulls");
    assert_true(json_is_null(json_object_get(json_array_get(columns, 2), "worst")));
    text = json_dumps(report, 0);
    assert_null(strstr(text, "secret"));
    free(text); /* NOLINT */
    json_decref(report);
    json_decref(differences);
}

static void equal_statistics_score_a_hundred(void **state)
{
    rh_fidelity_options options = RH_FIDELITY_OPTIONS_INIT;
    json_t *report = NULL;
    json_t *differences = NULL;

    (void)state;
    assert_int_equal(report_of(source_text, source_text, &options, &report, &differences, NULL),
                     RH_OK);
    assert_true(json_real_value(json_object_get(report, "score")) == 100);
    assert_int_equal(json_array_size(differences), 0);
    json_decref(report);
    json_decref(differences);
}

static void tables_can_be_left_out(void **state)
{
    static const char *const exclude[] = {"public.t", NULL};
    rh_fidelity_options options = RH_FIDELITY_OPTIONS_INIT;
    json_t *report = NULL;
    json_t *differences = NULL;

    (void)state;
    options.exclude = exclude;
    assert_int_equal(report_of(source_text, target_text, &options, &report, &differences, NULL),
                     RH_OK);
    assert_int_equal(json_array_size(differences), 0);
    assert_int_equal(json_integer_value(json_object_get(report, "compared")), 1);
    json_decref(report);
    json_decref(differences);
}

static void settings_that_change_plans_are_listed(void **state)
{
    json_t *a =
        json_pack("{s:i, s:s, s:{s:s, s:s, s:s}}", "server_version_num", 150008, "server_version",
                  "15.8", "settings", "work_mem", "4MB", "jit", "on", "enable_sort", "on");
    json_t *b =
        json_pack("{s:i, s:s, s:{s:s, s:s, s:s}}", "server_version_num", 150018, "server_version",
                  "15.18", "settings", "work_mem", "64MB", "jit", "off", "enable_x", "on");
    json_t *list = NULL;

    (void)state;
    assert_int_equal(rh_fid_settings_report(a, b, &list, NULL), RH_OK);
    assert_int_equal(json_array_size(list), 3);
    json_decref(list);
    json_object_set_new(b, "server_version_num", json_integer(160001));
    assert_int_equal(rh_fid_settings_report(a, b, &list, NULL), RH_OK);
    assert_int_equal(json_array_size(list), 4);
    json_decref(list);
    json_decref(a);
    json_decref(b);
}

static void figures_are_rounded_and_finite(void **state)
{
    static const struct {
        double in;
        double out;
    } cases[] = {{0, 0}, {1.0 / 3, 0.333333}, {123456789, 123457000}, {-2e-9 / 3, -6.66667e-10}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        json_t *json = rh_fid_real(cases[i].in);
        double error = json_real_value(json) - cases[i].out;

        assert_true((error < 0 ? -error : error) <=
                    1e-12 * (cases[i].out < 0 ? -cases[i].out : cases[i].out));
        json_decref(json);
    }
    assert_true(json_is_null(rh_fid_real(1e308 * 10)));
}

/* ---- memory ---- */

static rh_status report_once(void *ctx, rh_error *err)
{
    rh_fidelity_options options = RH_FIDELITY_OPTIONS_INIT;
    json_t *report = NULL;
    json_t *differences = NULL;
    rh_status status = report_of(source_text, target_text, &options, &report, &differences, err);

    (void)ctx;
    if (status != RH_OK)
        assert_null(report);
    json_decref(report);
    json_decref(differences);
    return status;
}

static void every_allocation_of_a_report_may_fail(void **state)
{
    (void)state;
    assert_true(fail_nth(report_once, NULL) > 100);
}

static rh_fid_plan *plan_of(const char *node, double rows)
{
    json_t *json = json_pack("[{s:{s:s, s:f, s:f}}]", "Plan", "Node Type", node, "Plan Rows", rows,
                             "Total Cost", rows);
    rh_fid_plan *plan = NULL;

    assert_int_equal(rh_fid_plan_read(RH_ENGINE_POSTGRESQL, json, &plan, NULL), RH_OK);
    json_decref(json);
    return plan;
}

static const rh_fid_query items[] = {{.name = "same", .file = "f", .line = 1},
                                     {.name = "other", .file = "f", .line = 2},
                                     {.name = "rows", .file = "f", .line = 3},
                                     {.name = "broken", .file = "f", .line = 4}};

typedef struct plans_ctx {
    rh_fid_queries queries;
    rh_fid_pair pairs[4];
    json_t *report;
    json_t *differences;
} plans_ctx;

static rh_status report_plans(void *handle, rh_error *err)
{
    plans_ctx *ctx = handle;
    rh_fidelity_options options = RH_FIDELITY_OPTIONS_INIT;
    json_t *report = NULL;
    json_t *differences = json_array();
    rh_status status = differences == NULL ? rh_error_oom(err) : RH_OK;

    if (status == RH_OK)
        status =
            rh_fid_queries_report(&ctx->queries, ctx->pairs, &options, differences, &report, err);
    if (status == RH_OK && ctx->report == NULL && !rh_mem_failed()) {
        ctx->report = json_deep_copy(report);
        ctx->differences = json_deep_copy(differences);
    }
    json_decref(report);
    json_decref(differences);
    return status;
}

static void queries_are_judged_by_plan_rows_and_cost(void **state)
{
    plans_ctx ctx = {.report = NULL};
    rh_fid_query copies[4];
    char source_error[] = "no such table";

    (void)state;
    memcpy(copies, items, sizeof copies);
    ctx.queries.items = copies;
    ctx.queries.count = 4;
    ctx.pairs[0] = (rh_fid_pair){.source = plan_of("A", 10), .target = plan_of("A", 12)};
    ctx.pairs[1] = (rh_fid_pair){.source = plan_of("A", 10), .target = plan_of("B", 10)};
    ctx.pairs[2] = (rh_fid_pair){.source = plan_of("A", 10), .target = plan_of("A", 40)};
    ctx.pairs[3] = (rh_fid_pair){.source_error = source_error};
    assert_int_equal(report_plans(&ctx, NULL), RH_OK);
    assert_int_equal(json_integer_value(json_object_get(ctx.report, "same_plan")), 2);
    assert_true(json_real_value(json_object_get(ctx.report, "max_row_qerror")) == 4);
    assert_true(has(ctx.differences, "plan-changed", "other", true));
    assert_true(has(ctx.differences, "rows-differ", "rows", true));
    assert_true(has(ctx.differences, "cost-differs", "rows", true));
    assert_true(has(ctx.differences, "not-planned", "broken", false));
    assert_int_equal(json_array_size(ctx.differences), 4);
    json_decref(ctx.report);
    json_decref(ctx.differences);
    ctx.report = json_null(); /* nothing to keep below */
    assert_true(fail_nth(report_plans, &ctx) > 50);
    for (size_t i = 0; i < 3; i++) {
        rh_fid_plan_free(ctx.pairs[i].source);
        rh_fid_plan_free(ctx.pairs[i].target);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_and_extra_objects_are_named),
        cmocka_unit_test(equal_statistics_score_a_hundred),
        cmocka_unit_test(tables_can_be_left_out),
        cmocka_unit_test(settings_that_change_plans_are_listed),
        cmocka_unit_test(figures_are_rounded_and_finite),
        cmocka_unit_test(every_allocation_of_a_report_may_fail),
        cmocka_unit_test(queries_are_judged_by_plan_rows_and_cost),
    };

    rh_mem_adopt_jansson();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
