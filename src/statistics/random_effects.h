/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_STATISTICS_RANDOM_EFFECTS_H
#define BENCH_MMAP_STATISTICS_RANDOM_EFFECTS_H

#include "src/base/interval.h"

#include <stddef.h>

/*
 * One estimate of log ratios from several machines: the random-effects mean with Paule and Mandel's
 * heterogeneity and the interval of Hartung and Knapp, not narrower than without heterogeneity
 * allows (Röver, Knapp and Friede). Where any variance is NaN all machines weigh the same, and it
 * is Student's interval. The interval and t are NaN for a count of 1. count >= 1.
 */
struct random_effects {
    struct interval combined;
    double heterogeneity; /* deviation of the true log ratios; NaN: not separable */
    double t;             /* the mean over its standard error, for count - 1 degrees of freedom */
};
struct random_effects random_effects(const double *log_ratio, const double *variance, size_t count,
                                     double confidence);

#endif
