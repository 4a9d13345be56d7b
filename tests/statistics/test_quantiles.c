/* SPDX-License-Identifier: Apache-2.0 */
/* Quantiles against published tables, and what is made of them. */
#include "src/base/random.h"
#include "src/statistics/quantiles.h"
#include "tests/support/make_series.h"

#include <errno.h>
#include <math.h>

/* Abramowitz and Stegun, Handbook of Mathematical Functions, table 26.5 and 26.10. */
static void quantiles_match_published_tables(void **state)
{
    (void)state;
    near(stats_normal_quantile(0.5), 0, 1e-12);
    near(stats_normal_quantile(0.975), 1.959963984540054, 1e-12);
    near(stats_normal_quantile(0.001), -3.090232306167813, 1e-11);
    near(stats_normal_quantile(1e-10), -6.361340902404056, 1e-8);
    near(stats_student_quantile(0.975, 1), 12.7062, 1e-4);
    near(stats_student_quantile(0.975, 2), 4.30265, 1e-5);
    near(stats_student_quantile(0.975, 5), 2.57058, 1e-4);
    near(stats_student_quantile(0.975, 19), 2.09302, 1e-5);
    near(stats_student_quantile(0.995, 10), 3.16927, 1e-5);
    near(stats_student_quantile(0.05, 30), -1.69726, 1e-5);
}

/* Conover, Practical Nonparametric Statistics, table A3: binomial(n, 1/2). */
static void median_ranks_match_the_binomial_table(void **state)
{
    size_t low, high;

    (void)state;
    assert_int_equal(stats_median_ranks(5, 0.95, &low, &high), -ENODATA);
    assert_int_equal(stats_median_ranks(6, 0.95, &low, &high), 0);
    assert_int_equal(low, 0);
    assert_int_equal(high, 5);
    assert_int_equal(stats_median_ranks(20, 0.95, &low, &high), 0);
    assert_int_equal(low, 5);
    assert_int_equal(high, 14);
    assert_int_equal(stats_median_ranks(50, 0.95, &low, &high), 0);
    assert_int_equal(low, 17);
    assert_int_equal(high, 32);
    assert_int_equal(stats_median_ranks(5000, 0.95, &low, &high), 0);
    assert_int_equal(low, 2430); /* 2500 - 1.96 x sqrt(1250) */
    assert_int_equal(high, 5000 - 1 - low);
}

/* R 4.2: quantile(c(1,2,4,8,16), c(.25,.5,.9), type = 7) is 2, 4, 12.8. */
static void quantiles_of_samples_are_type_7(void **state)
{
    static const double sorted[] = {1, 2, 4, 8, 16};

    (void)state;
    near(stats_quantile(sorted, 5, 0.25), 2, 0);
    near(stats_quantile(sorted, 5, 0.5), 4, 0);
    near(stats_quantile(sorted, 5, 0.9), 12.8, 1e-12);
    near(stats_quantile(sorted, 5, 0), 1, 0);
    near(stats_quantile(sorted, 5, 1), 16, 0);
    near(stats_median(sorted, 4), 3, 0);
    near(stats_location(sorted, 5), 7.0 / 3, 1e-12);
    near(stats_location(sorted, 4), 1.5, 0);
    near(stats_location(sorted, 1), 1, 0);
}

static void the_median_interval_covers_the_median(void **state)
{
    enum { TRIALS = 4000, SAMPLES = 20 };
    struct random random;
    double values[SAMPLES];
    size_t low, high;
    int covered = 0;

    (void)state;
    random_seed(&random, 11);
    assert_int_equal(stats_median_ranks(SAMPLES, 0.95, &low, &high), 0);
    for (int trial = 0; trial < TRIALS; trial++) {
        for (int i = 0; i < SAMPLES; i++)
            values[i] = exp(random_normal(&random));
        stats_sort(values, SAMPLES);
        covered += values[low] <= 1 && 1 <= values[high];
    }
    assert_in_range(covered * 1000 / TRIALS, 948, 970); /* exactly 95.9 % */
}

static void pace_is_the_mean_of_the_fastest_quarter(void **state)
{
    static const double sorted[] = {1, 2, 3, 10, 100, 1000, 1000, 1000, 1000};

    (void)state;
    near(stats_pace(sorted, 1), 1, 0);
    near(stats_pace(sorted, 4), 1, 0);
    near(stats_pace(sorted, 5), 1.5, 0);
    near(stats_pace(sorted, 9), 2, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(quantiles_match_published_tables),
        cmocka_unit_test(median_ranks_match_the_binomial_table),
        cmocka_unit_test(quantiles_of_samples_are_type_7),
        cmocka_unit_test(the_median_interval_covers_the_median),
        cmocka_unit_test(pace_is_the_mean_of_the_fastest_quarter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
