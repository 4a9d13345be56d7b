/* SPDX-License-Identifier: Apache-2.0 */
#include "src/changepoint/steps.h"
#include "tests/support/make_series.h"

#include <math.h>

static struct steps steps_of(const double *value, size_t runs, uint64_t seed)
{
    struct step_options options = step_options_default();
    struct steps steps;

    options.seed = seed;
    assert_int_equal(steps_of_series(value, runs, &options, &steps), 0);
    return steps;
}

static void two_steps_are_found_where_they_are(void **state)
{
    double value[120];
    struct steps steps;

    (void)state;
    draw_small(value, 120, 3);
    add_level(value, 40, 120, 0.2);
    add_level(value, 90, 120, -0.1);
    steps = steps_of(value, 120, 1);
    assert_int_equal(steps.count, 2);
    assert_int_equal(steps.values, 120);
    assert_int_equal(steps.steps[0].at, 40);
    assert_int_equal(steps.steps[0].before, 40);
    assert_int_equal(steps.steps[0].after, 50);
    assert_int_equal(steps.steps[1].at, 90);
    assert_int_equal(steps.steps[1].after, 30);
    near(steps.steps[0].shift.estimate, 0.2, 0.01);
    near(steps.steps[1].shift.estimate, -0.1, 0.01);
    for (size_t i = 0; i < 2; i++) {
        assert_true(steps.steps[i].p <= 0.005);
        assert_true(steps.steps[i].shift.low < steps.steps[i].shift.estimate);
        assert_true(steps.steps[i].shift.high > steps.steps[i].shift.estimate);
    }
    steps_free(&steps);
}

static void a_stretch_that_comes_back_is_two_steps(void **state)
{
    double value[120];

    (void)state;
    draw_small(value, 120, 4);
    add_level(value, 60, 72, 0.1);
    struct steps steps = steps_of(value, 120, 1);
    assert_int_equal(steps.count, 2);
    assert_int_equal(steps.steps[0].at, 60);
    assert_int_equal(steps.steps[1].at, 72);
    steps_free(&steps);
}

static void steps_are_found_in_all_windows_of_a_long_series(void **state)
{
    enum { LONG = 1500, APART = 100 };
    static double value[LONG];

    (void)state;
    draw_small(value, LONG, 5);
    for (size_t at = APART; at < LONG; at += APART)
        add_level(value, at, LONG, at / APART % 2 == 0 ? 0.1 : -0.1);
    struct steps steps = steps_of(value, LONG, 1);
    assert_int_equal(steps.count, LONG / APART - 1);
    for (size_t i = 0; i < steps.count; i++)
        assert_int_equal(steps.steps[i].at, (i + 1) * APART);
    steps_free(&steps);
}

static void outliers_are_no_steps(void **state)
{
    double value[100];

    (void)state;
    draw_small(value, 100, 6);
    value[50] += 5;
    value[98] += 5;
    value[99] += 5;
    struct steps steps = steps_of(value, 100, 1);
    assert_int_equal(steps.count, 0);
    steps_free(&steps);
}

static void a_step_within_the_margin_is_none(void **state)
{
    double value[100];
    struct step_options options = step_options_default();
    struct steps steps;

    (void)state;
    draw_small(value, 100, 7);
    for (size_t i = 0; i < 100; i++)
        value[i] = value[i] / 10 + (i < 50 ? 0 : 0.015);
    steps = steps_of(value, 100, 1);
    assert_int_equal(steps.count, 0);
    steps_free(&steps);
    options.margin = 0.01;
    assert_int_equal(steps_of_series(value, 100, &options, &steps), 0);
    assert_int_equal(steps.count, 1);
    assert_int_equal(steps.steps[0].at, 50);
    steps_free(&steps);
}

static void runs_without_a_value_are_passed_over(void **state)
{
    double full[80], gaps[160];

    (void)state;
    draw_small(full, 80, 8);
    add_level(full, 50, 80, 0.1);
    for (size_t i = 0; i < 80; i++) {
        gaps[2 * i] = (double)NAN;
        gaps[2 * i + 1] = full[i];
    }
    struct steps steps = steps_of(gaps, 160, 1);
    assert_int_equal(steps.count, 1);
    assert_int_equal(steps.values, 80);
    assert_int_equal(steps.steps[0].at, 101);
    assert_int_equal(steps.steps[0].before, 50);
    assert_int_equal(steps.steps[0].after, 30);
    steps_free(&steps);
}

static void short_and_empty_series_have_no_steps(void **state)
{
    double value[7] = {0, 0, 0, 9, 9, 9, 9};

    (void)state;
    for (size_t runs = 0; runs <= 7; runs++) {
        struct steps steps = steps_of(value, runs, 1);
        assert_int_equal(steps.count, 0);
        assert_int_equal(steps.values, runs);
        steps_free(&steps);
    }
}

/* 200 series: 5 in 1,000 at the level, so that 6 are passed by chance once in 2,000 seeds. */
static void series_without_a_step_rarely_show_one(void **state)
{
    double value[100];
    size_t wrong[2] = {0, 0};

    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        for (int correlated = 0; correlated < 2; correlated++) {
            struct step_options options = step_options_default();
            struct steps steps;
            options.seed = seed;
            options.persistence = correlated ? 0.5 : 0;
            draw_series(value, 100, options.persistence, 100 + seed);
            assert_int_equal(steps_of_series(value, 100, &options, &steps), 0);
            wrong[correlated] += steps.count > 0;
            steps_free(&steps);
        }
    }
    assert_in_range(wrong[0], 0, 6);
    assert_in_range(wrong[1], 0, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_steps_are_found_where_they_are),
        cmocka_unit_test(a_stretch_that_comes_back_is_two_steps),
        cmocka_unit_test(steps_are_found_in_all_windows_of_a_long_series),
        cmocka_unit_test(outliers_are_no_steps),
        cmocka_unit_test(a_step_within_the_margin_is_none),
        cmocka_unit_test(runs_without_a_value_are_passed_over),
        cmocka_unit_test(short_and_empty_series_have_no_steps),
        cmocka_unit_test(series_without_a_step_rarely_show_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
