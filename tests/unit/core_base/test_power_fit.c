/*
 * Exponents of made-up curves: known ones come out, with the spread that was put in.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/power_fit.h"

static void assert_near(double value, double wanted, double by)
{
    if (fabs(value - wanted) > by)
        fail_msg("%.6f is not %.6f", value, wanted);
}

static void curves_of_known_exponent_come_out_exactly(void **state)
{
    static const double exponents[] = {0, 0.5, 1, 2};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        rh_power_point points[5];
        rh_power_fit fit;

        for (size_t k = 0; k < 5; k++) {
            points[k].x = 64 * pow(2, (double)k);
            points[k].y = 7 * pow(points[k].x, exponents[i]);
        }
        rh_power_fit_points(points, 5, &fit);
        assert_true(fit.known);
        assert_int_equal(fit.points, 5);
        assert_near(fit.exponent, exponents[i], 1e-9);
        assert_near(fit.low, exponents[i], 1e-9);
        assert_near(fit.high, exponents[i], 1e-9);
        assert_near(fit.error, 0, 1e-6);
        assert_near(rh_power_at(&fit, fit.exponent, 1e6) / (7 * pow(1e6, exponents[i])), 1, 1e-9);
    }
}

static void a_bend_shows_as_spread(void **state)
{
    const rh_power_point points[] = {{1, 1}, {2, 1}, {4, 1}, {8, 8}};
    rh_power_fit fit;

    (void)state;
    rh_power_fit_points(points, 4, &fit);
    assert_near(fit.low, 0, 1e-9);
    assert_near(fit.high, 3, 1e-9);
    assert_true(fit.exponent > 0 && fit.exponent < 3 && fit.error > 0.1);
    assert_near(fit.last_x, 8, 0);
    assert_near(rh_power_at(&fit, 1, 80), 80, 1e-9);
}

static void too_little_to_tell_is_not_known(void **state)
{
    const rh_power_point points[] = {{1, 1}, {2, 2}, {0, 5}, {3, 0}, {-1, 1}};
    const rh_power_point same[] = {{4, 1}, {4, 2}, {4, 3}};
    rh_power_fit fit;

    (void)state;
    rh_power_fit_points(points, 5, &fit);
    assert_false(fit.known);
    rh_power_fit_points(same, 3, &fit);
    assert_false(fit.known);
    rh_power_fit_points(NULL, 0, &fit);
    assert_false(fit.known);
    assert_near(rh_power_at(&fit, 1, 10), 0, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curves_of_known_exponent_come_out_exactly),
        cmocka_unit_test(a_bend_shows_as_spread),
        cmocka_unit_test(too_little_to_tell_is_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
