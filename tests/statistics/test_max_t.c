/* SPDX-License-Identifier: Apache-2.0 */
/* The max-T test against enumerations. */
#include "src/base/random.h"
#include "src/statistics/max_t.h"
#include "tests/support/make_series.h"

#include <math.h>
#include <string.h>

/* Enumerated independently with numpy: all 64 signs, all 70 divisions. */
static const double rounds_table[] = {.5, .1,  -.2, .4, -.2, .1, .7, .3,  .2,
                                      .3, -.1, -.4, .6, .2,  .3, .2, .05, -.1};
static const double process_table[] = {1.,  2,   .3,  1.2, 1.8, .1,  .9,  2.2, .4,  1.1, 2.1, .2,
                                       1.5, 2.0, .35, 1.6, 1.9, .25, 1.4, 2.3, .15, 1.3, 1.7, .5};
static const size_t one_stratum[] = {0, 0, 0};

static void max_t_matches_enumeration_by_hand(void **state)
{
    struct max_t family = {6, 3, rounds_table, one_stratum, 0, 1, 0};
    double p[3];
    double critical[2];
    int exact = 0;

    (void)state;
    assert_int_equal(max_t_test(&family, 0.05, p, critical, &exact), 0);
    assert_true(exact);
    near(p[0], 0.03125, 1e-12);
    near(p[1], 0.8125, 1e-12);
    near(p[2], 1, 1e-12);
    family = (struct max_t){8, 3, process_table, one_stratum, 4, 1, 0};
    assert_int_equal(max_t_test(&family, 0.05, p, critical, &exact), 0);
    assert_true(exact);
    near(p[0], 2.0 / 70, 1e-12);
    near(p[1], 60.0 / 70, 1e-12);
    near(p[2], 60.0 / 70, 1e-12);
}

/* Two strata get half of alpha each: a p value is twice what it is in a family of its own. */
static void strata_share_alpha(void **state)
{
    static const size_t strata[] = {0, 1, 1};
    double alone[18], p[3], own;
    struct max_t family = {6, 3, rounds_table, strata, 0, 1, 0};
    double critical[2];
    int exact;

    (void)state;
    assert_int_equal(max_t_test(&family, 0.05, p, critical, &exact), 0);
    for (size_t u = 0; u < 6; u++)
        alone[u] = rounds_table[3 * u];
    family = (struct max_t){6, 1, alone, one_stratum, 0, 1, 0};
    assert_int_equal(max_t_test(&family, 0.05, &own, critical, &exact), 0);
    near(p[0], 2 * own, 1e-12);
}

static void sampled_p_values_are_near_the_exact_ones_and_repeat(void **state)
{
    struct random random;
    double rounds[20 * 2], p[2], again[2];
    double critical[2];
    int exact = 1;
    struct max_t family = {20, 2, rounds, one_stratum, 0, 7, 20000};

    (void)state;
    random_seed(&random, 3);
    for (size_t i = 0; i < 40; i++) /* the second row is the first 15 rounds' */
        rounds[i] = i % 2 == 1 && i >= 30 ? 0 : random_normal(&random) + 0.3;
    assert_int_equal(max_t_test(&family, 0.05, p, critical, &exact), 0);
    assert_false(exact);
    assert_int_equal(max_t_test(&family, 0.05, again, critical, &exact), 0);
    assert_memory_equal(p, again, sizeof p);
    double first[15], alone, sampled;
    for (size_t u = 0; u < 15; u++)
        first[u] = rounds[2 * u + 1];
    struct max_t small = {15, 1, first, one_stratum, 0, 7, 0};
    assert_int_equal(max_t_test(&small, 0.05, &alone, critical, &exact), 0);
    assert_true(exact);
    for (size_t u = 0; u < 20; u++)
        rounds[u] = u < 15 ? first[u] : 0;
    small = (struct max_t){20, 1, rounds, one_stratum, 0, 7, 20000};
    assert_int_equal(max_t_test(&small, 0.05, &sampled, critical, &exact), 0);
    near(sampled, alone, 4 * sqrt(alone * (1 - alone) / 20000));
}

/* A row that never moves is no finding, and no division by zero. */
static void a_row_that_never_moves_has_p_one(void **state)
{
    double rounds[12] = {0.1, 0, 0.2, 0, 0.1, 0, 0.3, 0, 0.2, 0, 0.1, 0}, p[2];
    struct max_t family = {6, 2, rounds, one_stratum, 0, 1, 0};
    double critical[2];
    int exact;

    (void)state;
    assert_int_equal(max_t_test(&family, 0.05, p, critical, &exact), 0);
    near(p[0], 2.0 / 64, 1e-12);
    near(p[1], 1, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(max_t_matches_enumeration_by_hand),
        cmocka_unit_test(strata_share_alpha),
        cmocka_unit_test(sampled_p_values_are_near_the_exact_ones_and_repeat),
        cmocka_unit_test(a_row_that_never_moves_has_p_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
