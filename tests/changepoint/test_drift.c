/* SPDX-License-Identifier: Apache-2.0 */
#include "src/changepoint/drift.h"
#include "src/changepoint/level.h"
#include "tests/support/make_series.h"

#include <math.h>

static void drift_is_told_from_a_step(void **state)
{
    double value[60];
    size_t level = 30;
    struct step_options options = step_options_default();
    struct drift drift;

    (void)state;
    draw_small(value, 60, 9);
    for (size_t i = 0; i < 60; i++)
        value[i] += 0.005 * (double)i;
    assert_int_equal(drift_test(value, 60, &level, 1, &options, &drift), 0);
    assert_true(drift.is_drift);
    assert_true(drift.per_run.low <= 0.005 && 0.005 <= drift.per_run.high);
    near(drift.in_all, 59 * drift.per_run.estimate, 1e-12);
    draw_small(value, 60, 9);
    add_level(value, 30, 60, 0.2);
    assert_int_equal(drift_test(value, 60, &level, 1, &options, &drift), 0);
    assert_false(drift.is_drift);
    draw_small(value, 60, 9);
    assert_int_equal(drift_test(value, 60, NULL, 0, &options, &drift), 0);
    assert_false(drift.is_drift);
    assert_int_equal(drift_test(value, 9, NULL, 0, &options, &drift), 0);
    assert_false(drift.is_drift);
    assert_true(isnan(drift.p));
}

/* 0, 1, ... 9 less 3 in one place: all but 4 of the 45 pairs rise, and most slopes are 1. */
static void drift_matches_a_count_by_hand(void **state)
{
    double value[10] = {0, 1, 2, 3, 4, 2.5, 6, 7, 8, 9}, remains[10] = {0}, persistence;
    struct step_options options = step_options_default();
    struct drift drift;

    (void)state;
    assert_int_equal(drift_test(value, 10, NULL, 0, &options, &drift), 0);
    near(drift.per_run.estimate, 1, 1e-12);
    /* S = 43 - 2, variance 10 * 9 * 25 / 18 = 125 */
    remains[5] = -2.5; /* about the line through 0 and 9 */
    assert_int_equal(level_persistence(remains, 10, 1, &persistence), 0);
    near(drift.p, erfc(40 / sqrt(125 * (1 + persistence) / (1 - persistence)) / sqrt(2.0)), 1e-12);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(drift_is_told_from_a_step),
        cmocka_unit_test(drift_matches_a_count_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
