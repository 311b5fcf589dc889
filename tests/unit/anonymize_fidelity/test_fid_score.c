/*
 * The formulas of docs/fidelity.md.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "fid_score.h"

static void assert_near(double a, double b)
{
    if (fabs(a - b) > 1e-9)
        fail_msg("%.12f is not %.12f", a, b);
}

static double part(const rh_fid_parts *parts, const char *name)
{
    for (size_t i = 0; i < parts->count; i++) {
        if (strcmp(parts->items[i].name, name) == 0)
            return parts->items[i].value;
    }
    fail_msg("there is no part '%s'", name);
    return -1;
}

static void qerror_is_symmetric_and_has_a_least(void **state)
{
    (void)state;
    assert_near(rh_fid_qerror(10, 20, 1), 2);
    assert_near(rh_fid_qerror(20, 10, 1), 2);
    assert_near(rh_fid_qerror(0, 4, 1), 4);
    assert_near(rh_fid_qerror(0, 0.5, 1), 1);
}

static rh_fid_column column(void)
{
    static const double frequencies[] = {0.3, 0.2, 0.1};

    return (rh_fid_column){.null_frac = 0.2,
                           .n_distinct = 100,
                           .width = 8,
                           .correlation = 1,
                           .has_correlation = true,
                           .has_histogram = true,
                           .common = {frequencies, 3, 0.6}};
}

static void equal_columns_score_a_hundred(void **state)
{
    rh_fid_column a = column();
    rh_fid_parts parts = rh_fid_column_parts(&a, 1000, &a, 1000);

    (void)state;
    assert_near(rh_fid_score(&parts), 100);
    assert_near(rh_fid_worst(&parts)->value, 1);
}

static void each_lost_property_has_its_part(void **state)
{
    static const double flat[] = {0.02, 0.02};
    rh_fid_column a = column();
    rh_fid_column b = column();
    rh_fid_parts parts;

    (void)state;
    b.null_frac = 0.8;
    parts = rh_fid_column_parts(&a, 1000, &b, 1000);
    assert_near(part(&parts, "nulls"), 0.25);
    assert_string_equal(rh_fid_worst(&parts)->name, "nulls");
    assert_near(rh_fid_score(&parts), 25);
    b = column();
    b.n_distinct = -0.5; /* 500 of 1000 rows */
    parts = rh_fid_column_parts(&a, 1000, &b, 1000);
    assert_near(part(&parts, "distinct"), 0.2);
    b = column();
    b.correlation = 0;
    parts = rh_fid_column_parts(&a, 1000, &b, 1000);
    assert_near(part(&parts, "correlation"), 0);
    b.correlation = -1; /* the planner uses the square */
    parts = rh_fid_column_parts(&a, 1000, &b, 1000);
    assert_near(part(&parts, "correlation"), 1);
    b = column();
    b.width = 40;
    parts = rh_fid_column_parts(&a, 1000, &b, 1000);
    assert_near(part(&parts, "width"), 0.5);
    b = column();
    b.has_histogram = false;
    parts = rh_fid_column_parts(&a, 1000, &b, 1000);
    assert_near(part(&parts, "histogram"), 0.8);
    b = column();
    b.common = (rh_fid_frequencies){flat, 2, 0.04};
    parts = rh_fid_column_parts(&a, 1000, &b, 1000);
    assert_near(part(&parts, "frequent"), 0.02 / 0.3);
    b.common = (rh_fid_frequencies){NULL, 0, 0};
    parts = rh_fid_column_parts(&a, 1000, &b, 1000);
    assert_near(part(&parts, "frequent"), 0.01 / 0.3);
    b = column();
    b.elements = (rh_fid_frequencies){flat, 2, 0.04};
    parts = rh_fid_column_parts(&a, 1000, &b, 1000);
    assert_near(part(&parts, "elements"), 0.5);
}

static void shares_of_distinct_values_do_not_depend_on_rows(void **state)
{
    rh_fid_column a = column();
    rh_fid_column b = column();
    rh_fid_parts parts;

    (void)state;
    a.n_distinct = b.n_distinct = -1;
    parts = rh_fid_column_parts(&a, 1000, &b, 500);
    assert_near(part(&parts, "distinct"), 1);
    b.n_distinct = 0;
    parts = rh_fid_column_parts(&a, 1000, &b, 500);
    assert_near(part(&parts, "distinct"), 0);
    a.n_distinct = 0;
    parts = rh_fid_column_parts(&a, -1, &b, -1);
    assert_near(part(&parts, "distinct"), 1);
}

static void relations_are_compared_by_what_both_know(void **state)
{
    static const double groups_a[] = {30, 1};
    static const double groups_b[] = {60, 1};
    rh_fid_relation a = {.rows = 1000, .pages = 100, .flags = ""};
    rh_fid_relation b = {.rows = 500, .pages = 25, .flags = ""};
    rh_fid_parts parts = rh_fid_relation_parts(&a, &b);

    (void)state;
    assert_near(part(&parts, "rows"), 0.5);
    assert_near(part(&parts, "pages"), 0.25);
    assert_near(part(&parts, "visible"), 1);
    a.visible = 0.75;
    parts = rh_fid_relation_parts(&a, &b);
    assert_near(part(&parts, "visible"), 0.25);
    b.rows = b.pages = -1;
    parts = rh_fid_relation_parts(&a, &b);
    assert_int_equal(parts.count, 1);
    assert_near(part(&parts, "rows"), 0);
    a.rows = a.pages = -1;
    parts = rh_fid_relation_parts(&a, &b);
    assert_null(rh_fid_worst(&parts));
    assert_near(rh_fid_score(&parts), 100);
    a = (rh_fid_relation){
        .rows = 9, .pages = -1, .groups = groups_a, .group_count = 2, .flags = ""};
    b = (rh_fid_relation){
        .rows = 1, .pages = -1, .groups = groups_b, .group_count = 2, .flags = "unordered"};
    parts = rh_fid_relation_parts(&a, &b);
    assert_near(part(&parts, "rows"), 1); /* too few to tell */
    assert_near(part(&parts, "groups"), 0.5);
    assert_near(part(&parts, "flags"), 0);
    b.group_count = 1;
    parts = rh_fid_relation_parts(&a, &b);
    assert_near(part(&parts, "groups"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(qerror_is_symmetric_and_has_a_least),
        cmocka_unit_test(equal_columns_score_a_hundred),
        cmocka_unit_test(each_lost_property_has_its_part),
        cmocka_unit_test(shares_of_distinct_values_do_not_depend_on_rows),
        cmocka_unit_test(relations_are_compared_by_what_both_know),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
