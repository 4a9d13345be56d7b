/* SPDX-License-Identifier: Apache-2.0 */
/* Wilcoxon's tests. */
#ifndef BENCH_MMAP_STATISTICS_RANK_TESTS_H
#define BENCH_MMAP_STATISTICS_RANK_TESTS_H

#include "src/base/arena.h"
#include "src/base/interval.h"

#include <stddef.h>

/* Hodges and Lehmann's estimate of the centre (the median of the Walsh averages) and the exact
 * interval that belongs to Wilcoxon's signed-rank test (Hollander, Wolfe and Chicken, Nonparametric
 * Statistical Methods, 3rd ed., 3.2 and 3.3). From 200 values on the rank is that of the normal
 * approximation. The interval is NaN where too few values for that confidence. count >= 1. */
int signed_rank(const double *values, size_t count, double confidence, struct interval *shift);

/* The same of the shift from the first sample to the second: the median of the differences, the
 * interval of the rank-sum test (4.2 and 4.3 there); normal approximation from 50 values a side. */
int rank_sum(const double *first, size_t first_count, const double *second, size_t second_count,
             double confidence, struct interval *shift);

/* The probabilities, without ties, of the signed-rank statistic 0 ... count (count + 1) / 2, and of
 * the rank-sum statistic (Mann and Whitney's U) 0 ... most. NULL: no memory. */
double *signed_rank_table(struct arena *arena, size_t count);
double *rank_sum_table(struct arena *arena, size_t first_count, size_t second_count, size_t most);

#endif
