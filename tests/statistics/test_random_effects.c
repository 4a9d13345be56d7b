/* SPDX-License-Identifier: Apache-2.0 */
/* Estimates of several machines combined. */
#include "src/base/random.h"
#include "src/statistics/random_effects.h"
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>

static void assert_about(double value, double expected, double share)
{
    if (!(fabs(value / expected - 1) <= share))
        fail_msg("%g is not within %g %% of %g", value, 100 * share, expected);
}

/* Values from an own implementation of Paule and Mandel's estimate. */
static void combining_follows_the_books(void **state)
{
    static const double apart[3] = {0.1, 0.2, 0.5}, apart_variance[3] = {0.001, 0.002, 0.004};
    static const double close[3] = {0.10, 0.11, 0.12}, close_variance[3] = {0.01, 0.01, 0.02};
    static const double unknown[3] = {0.01, (double)NAN, 0.01};
    struct random_effects effects;

    (void)state;
    effects = random_effects(apart, apart_variance, 3, 0.95);
    assert_about(effects.combined.estimate, 0.2617880847, 1e-6);
    assert_about(effects.heterogeneity, 0.2010156144, 1e-6);
    assert_about(effects.combined.high - effects.combined.estimate, 4.302652730 * 0.1193099681,
                 1e-6);
    assert_about(effects.t, 0.2617880847 / 0.1193099681, 1e-6);
    /* Nearer to each other than their variances: the interval is no narrower than these allow. */
    effects = random_effects(close, close_variance, 3, 0.95);
    assert_true(effects.heterogeneity == 0);
    assert_about(effects.combined.estimate, 0.108, 1e-6);
    assert_about(effects.combined.high - effects.combined.estimate, 4.302652730 * 0.06324555320,
                 1e-6);
    /* A variance that is not known: all weigh the same. */
    effects = random_effects(apart, unknown, 3, 0.95);
    assert_about(effects.combined.estimate, 0.8 / 3, 1e-9);
    assert_true(isnan(effects.heterogeneity));
    effects = random_effects(apart, apart_variance, 1, 0.95);
    assert_true(effects.combined.estimate == 0.1 && isnan(effects.combined.low) &&
                isnan(effects.t));
}

/* Machines that truly differ, known to different degrees: the interval holds the mean of all
 * machines. The share is printed: src/comparison/METHOD.md quotes it. */
static void combined_intervals_cover_the_mean_of_all_machines(void **state)
{
    static const size_t machines[] = {2, 3, 5, 10};
    struct random random;

    (void)state;
    for (int h = 0; h < 2; h++) {
        double heterogeneity = h == 0 ? 0 : 0.05;
        for (size_t k = 0; k < sizeof machines / sizeof machines[0]; k++) {
            enum { TRIALS = 4000 };
            int covered = 0;
            random_seed(&random, 5 + k);
            for (int i = 0; i < TRIALS; i++) {
                double value[10], variance[10];
                for (size_t m = 0; m < machines[k]; m++) {
                    double error = 0.01 * (1 + (double)(m % 4));
                    variance[m] = error * error;
                    value[m] = 0.1 + heterogeneity * random_normal(&random) +
                               error * random_normal(&random);
                }
                struct interval interval =
                    random_effects(value, variance, machines[k], 0.95).combined;
                covered += interval.low <= 0.1 && 0.1 <= interval.high;
            }
            double share = (double)covered / (double)TRIALS;
            print_message("%zu machines that differ by %g %%: intervals cover %.1f %%\n",
                          machines[k], 100 * heterogeneity, 100 * share);
            assert_true(share > (h == 0 ? 0.94 : 0.93) && share <= 1);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(combining_follows_the_books),
        cmocka_unit_test(combined_intervals_cover_the_mean_of_all_machines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
