/* SPDX-License-Identifier: Apache-2.0
 *
 * libresults: reading runs. */
#ifndef BENCH_MMAP_RESULTS_H
#define BENCH_MMAP_RESULTS_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Sorts `values` upwards. */
void results_sort(double *values, size_t count);

/* Quantile of sorted values by linear interpolation between order statistics: type 7 of Hyndman and
 * Fan, "Sample quantiles in statistical packages", 1996. `count` is at least 1, p from 0 to 1. */
double results_quantile(const double *sorted, size_t count, double p);

#ifdef __cplusplus
}
#endif
#endif
