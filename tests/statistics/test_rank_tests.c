/* SPDX-License-Identifier: Apache-2.0 */
/* The rank tests against published tables and examples. */
#include "src/statistics/rank_tests.h"
#include "tests/support/make_series.h"

#include <math.h>

/* P(the statistic <= at). */
static double below(const double *table, size_t at)
{
    double sum = 0;

    assert_non_null(table);
    for (size_t i = 0; i <= at; i++)
        sum += table[i];
    return sum;
}

/* Hollander, Wolfe and Chicken, tables A.4 and A.6; the further digits by counting with Python. */
static void rank_distributions_match_published_tables(void **state)
{
    struct arena arena = {0};

    (void)state;
    near(below(signed_rank_table(&arena, 6), 0), 1.0 / 64, 1e-15);
    near(below(signed_rank_table(&arena, 9), 5), 0.01953125, 1e-12);
    near(below(signed_rank_table(&arena, 20), 52), 0.02422046661376953, 1e-12);
    near(below(signed_rank_table(&arena, 20), 210), 1, 1e-12);
    near(below(rank_sum_table(&arena, 10, 10, 10 * 10), 23), 0.02162852627248912, 1e-12);
    near(below(rank_sum_table(&arena, 10, 5, 10 * 5), 8), 0.01998001998001998, 1e-12);
    near(below(rank_sum_table(&arena, 5, 10, 5 * 10), 8), 0.01998001998001998, 1e-12);
    near(below(rank_sum_table(&arena, 20, 20, 20 * 20), 127), 0.02454516259468622, 1e-12);
    near(below(rank_sum_table(&arena, 49, 49, 49 * 49), 49 * 49), 1, 1e-9);
    arena_free(&arena);
}

/* The depression scores of R's help(wilcox.test), from Hollander and Wolfe, 3.1: their examples 3.3
 * and 3.4 give -0.46 and (-0.786, -0.010). */
static void signed_rank_interval_matches_the_textbook(void **state)
{
    static const double differences[] = {0.878 - 1.83, 0.647 - 0.50, 0.598 - 1.62,
                                         2.05 - 2.48,  1.06 - 1.68,  1.29 - 1.88,
                                         1.06 - 1.55,  3.14 - 3.06,  1.29 - 1.30};
    struct interval shift;

    (void)state;
    assert_int_equal(signed_rank(differences, 9, 0.95, &shift), 0);
    near(shift.estimate, -0.46, 1e-12);
    near(shift.low, -0.786, 1e-12);
    near(shift.high, -0.010, 1e-12);
    assert_int_equal(signed_rank(differences, 5, 0.95, &shift), 0);
    assert_true(isnan(shift.low)); /* 2^-5 twice is more than 5 % */
}

/* The permeability constants of the same help page, from their 4.1: -0.305 and (-0.76, 0.15). */
static void rank_sum_interval_matches_the_textbook(void **state)
{
    static const double term[] = {0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46};
    static const double early[] = {1.15, 0.88, 0.90, 0.74, 1.21};
    struct interval shift;

    (void)state;
    assert_int_equal(rank_sum(term, 10, early, 5, 0.95, &shift), 0);
    near(shift.estimate, -0.305, 1e-12);
    near(shift.low, -0.76, 1e-12);
    near(shift.high, 0.15, 1e-12);
}

/* From so many values on the normal approximation is used: it must go on where the exact ends. */
static void approximate_ranks_continue_the_exact_ones(void **state)
{
    double values[200];
    struct interval exact, approximate;

    (void)state;
    for (size_t i = 0; i < 200; i++)
        values[i] = sin((double)(i * 37 % 199)) + 0.1;
    assert_int_equal(signed_rank(values, 199, 0.95, &exact), 0);
    assert_int_equal(signed_rank(values, 200, 0.95, &approximate), 0);
    near(approximate.low, exact.low, 0.02);
    near(approximate.high, exact.high, 0.02);
    assert_int_equal(rank_sum(values, 49, values + 50, 49, 0.95, &exact), 0);
    assert_int_equal(rank_sum(values, 49, values + 50, 50, 0.95, &approximate), 0);
    near(approximate.low, exact.low, 0.05);
    near(approximate.high, exact.high, 0.05);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rank_distributions_match_published_tables),
        cmocka_unit_test(signed_rank_interval_matches_the_textbook),
        cmocka_unit_test(rank_sum_interval_matches_the_textbook),
        cmocka_unit_test(approximate_ranks_continue_the_exact_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
