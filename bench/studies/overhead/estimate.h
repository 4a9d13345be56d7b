/* SPDX-License-Identifier: Apache-2.0
 * The ratio of two sides from paired times. */
#ifndef BENCH_MMAP_BENCH_STUDIES_OVERHEAD_ESTIMATE_H
#define BENCH_MMAP_BENCH_STUDIES_OVERHEAD_ESTIMATE_H

#include <stddef.h>

#define ESTIMATE_MIN_PAIRS 12

struct estimate {
    double ratio;     /* of the first side to the second */
    double low, high; /* 95 % interval */
};

/* Hodges-Lehmann: the median of all means of two log ratios (and of each with itself), with the
 * interval that belongs to Wilcoxon's signed-rank test, by its normal approximation; good from
 * ESTIMATE_MIN_PAIRS on. `log_ratios` holds `count` values. Errors: -ENOMEM. */
int estimate_ratio(const double *log_ratios, size_t count, struct estimate *estimate);

/* The median; `values` is left as it is. Errors: -ENOMEM. */
int estimate_median(const double *values, size_t count, double *median);

#endif
