/* SPDX-License-Identifier: Apache-2.0 */
#include "src/analysis/summary.h"
#include "src/base/random.h"
#include "src/statistics/best_set.h"
#include "src/statistics/quantiles.h"
#include "tests/support/make_environment.h"
#include "tests/support/make_results.h"
#include "tests/support/make_sides.h"

#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.12g is not %.12g", value, expected);
}

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

/* The reference implementation's first outputs for the state 1, 2, 3, 4. */
static void the_generator_is_xoshiro256plusplus(void **state)
{
    struct random random = {{1, 2, 3, 4}};

    (void)state;
    assert_true(random_next(&random) == 41943041u);
    assert_true(random_next(&random) == 58720359u);
    assert_true(random_next(&random) == 3588806011781223u);
    assert_true(random_next(&random) == 3591011842654386u);
}

static void normal_numbers_are_normal(void **state)
{
    enum { COUNT = 100000 };
    struct random random;
    double sum = 0, square = 0, beyond = 0;

    (void)state;
    random_seed(&random, 3);
    for (int i = 0; i < COUNT; i++) {
        double x = random_normal(&random);
        sum += x;
        square += x * x;
        beyond += fabs(x) > 1.959963984540054;
    }
    near(sum / (double)COUNT, 0, 0.015);
    near(square / (double)COUNT, 1, 0.02);
    near(beyond / (double)COUNT, 0.05, 0.003);
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

static void the_order_of_samples_does_not_matter(void **state)
{
    static const uint64_t chunk = 4096;
    struct make_writer writer = {.name = "Write", .fixed_ns = 1e6};
    struct make_spec spec = {.writers = &writer,
                             .writer_count = 1,
                             .chunks = &chunk,
                             .chunk_count = 1,
                             .samples = 21,
                             .noise = 0.2,
                             .size_bytes = 4096};
    struct run *run = make_run(&spec);
    struct bootstrap one, other;
    struct summary before, after;

    (void)state;
    double *times = run->cells[0].values[METRIC_TIME];
    assert_int_equal(bootstrap_make(run, METRIC_TIME, 200, 9, &one), 0);
    assert_int_equal(cell_summarise(&run->cells[0], METRIC_TIME, &before), 0);
    for (size_t i = 0; i < 10; i++) {
        double swap = times[i];
        times[i] = times[20 - i];
        times[20 - i] = swap;
    }
    assert_int_equal(bootstrap_make(run, METRIC_TIME, 200, 9, &other), 0);
    assert_int_equal(cell_summarise(&run->cells[0], METRIC_TIME, &after), 0);
    assert_memory_equal(&before, &after, sizeof before);
    assert_memory_equal(one.draws, other.draws, 200 * sizeof *one.draws);
    bootstrap_free(&one);
    bootstrap_free(&other);
    run_free(run);
}

static void scaling_times_scales_results(void **state)
{
    static const uint64_t chunk = 4096;
    struct make_writer writer = {.name = "Write", .fixed_ns = 1e6};
    struct make_spec spec = {.writers = &writer,
                             .writer_count = 1,
                             .chunks = &chunk,
                             .chunk_count = 1,
                             .samples = 20,
                             .noise = 0.2,
                             .size_bytes = 4096};
    struct run *small = make_run(&spec);
    writer.fixed_ns *= 8;
    struct run *large = make_run(&spec);
    struct summary a, b;

    (void)state;
    assert_int_equal(cell_summarise(&small->cells[0], METRIC_TIME, &a), 0);
    assert_int_equal(cell_summarise(&large->cells[0], METRIC_TIME, &b), 0);
    near(b.median / a.median, 8, 1e-9);
    near(b.median_high / a.median_high, 8, 1e-9);
    near(b.location / a.location, 8, 1e-9);
    near(b.spread, a.spread, 1e-9);
    run_free(small);
    run_free(large);
}

/* Marks of one row of `count` equal writers, the first `slower` times as slow as the others. */
static int marks_of(uint64_t seed, size_t count, double slower, enum mark *marks)
{
    static const uint64_t chunk = 4096;
    static const char *const names[] = {"A", "B", "C", "D", "E", "F", "G", "H", "I", "J"};
    struct make_writer writers[10];
    struct make_spec spec = {.writers = writers,
                             .writer_count = count,
                             .chunks = &chunk,
                             .chunk_count = 1,
                             .samples = 20,
                             .noise = 0.1,
                             .seed = seed,
                             .size_bytes = 4096};
    struct bootstrap bootstrap;
    const struct cell_estimate *cells[10];

    for (size_t i = 0; i < count; i++)
        writers[i] =
            (struct make_writer){.name = names[i], .fixed_ns = i == 0 ? 1e6 * slower : 1e6};
    struct run *run = make_run(&spec);
    assert_int_equal(bootstrap_make(run, METRIC_TIME, 400, seed, &bootstrap), 0);
    for (size_t i = 0; i < count; i++)
        cells[i] = &bootstrap.cells[i];
    assert_int_equal(best_set_mark(cells, count, 400, marks), 0);
    bootstrap_free(&bootstrap);
    run_free(run);
    int best = 0;
    for (size_t i = 0; i < count; i++)
        best += marks[i] == MARK_BEST;
    return best;
}

/* A writer 0.1 % faster than nine others is the true best: it may go unmarked in 5 % of rows. */
static void the_true_best_is_rarely_left_unmarked(void **state)
{
    enum { TRIALS = 1000 };
    enum mark marks[10];
    int unmarked = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= TRIALS; seed++) {
        assert_int_equal(marks_of(seed, 10, 0.999, marks), 1);
        unmarked += marks[0] == MARK_NONE;
    }
    printf("the true best of 10 was left unmarked in %.1f %%\n", 100.0 * unmarked / (double)TRIALS);
    assert_in_range(unmarked, 0, TRIALS * 60 / 1000);
}

static void a_clearly_slower_writer_is_not_marked(void **state)
{
    enum mark marks[10];
    int marked = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 200; seed++) {
        (void)marks_of(seed, 5, 1.2, marks);
        marked += marks[0] != MARK_NONE;
    }
    assert_in_range(marked, 0, 4);
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
        cmocka_unit_test(the_generator_is_xoshiro256plusplus),
        cmocka_unit_test(normal_numbers_are_normal),
        cmocka_unit_test(the_median_interval_covers_the_median),
        cmocka_unit_test(the_order_of_samples_does_not_matter),
        cmocka_unit_test(scaling_times_scales_results),
        cmocka_unit_test(the_true_best_is_rarely_left_unmarked),
        cmocka_unit_test(a_clearly_slower_writer_is_not_marked),
        cmocka_unit_test(pace_is_the_mean_of_the_fastest_quarter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
