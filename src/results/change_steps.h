/* SPDX-License-Identifier: Apache-2.0 */
/* For those who look for steps in many series of the same length. */
#ifndef RESULTS_CHANGE_STEPS_H
#define RESULTS_CHANGE_STEPS_H

#include "bench_mmap/changes.h"
#include "change_scan.h"

/* results_steps() with a cache that outlives it. */
int steps_find(const double *value, size_t runs, const struct results_step_options *options,
               struct scan_cache *cache, struct results_steps *steps);

/* The shift from the newest values before `at` to the oldest from `at` on, so many a side that it
 * costs the same in every history; the interval is widened for the persistence. All finite. */
int steps_shift(const double *before, size_t before_count, const double *after, size_t after_count,
                const struct results_step_options *options, struct results_interval *shift);

#endif
