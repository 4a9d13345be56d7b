/* SPDX-License-Identifier: Apache-2.0 */
/* A level that moves a little with every run. */
#ifndef BENCH_MMAP_CHANGEPOINT_DRIFT_H
#define BENCH_MMAP_CHANGEPOINT_DRIFT_H

#include "steps.h"

#include <math.h>
#include <stddef.h>

struct drift {
    struct interval per_run; /* Theil and Sen's slope of the log, with Sen's interval */
    double p;      /* Kendall's test for a trend, corrected for the persistence about the line */
    double fit;    /* sum of |residuals| about the line / that about the steps; NaN: 0 / 0 */
    int is_drift;  /* p <= 0.005, beyond the margin, and the line fits better than the steps */
    double in_all; /* the slope times the runs: exp of it is the ratio */
    size_t from;   /* the first run that was looked at, as the series counts them */
};

static inline struct drift drift_none(void)
{
    double none = (double)NAN;
    return (struct drift){{none, none, none}, none, none, 0, none, 0};
}

/* Looks at the newest STEP_WINDOW values. levels[]: the runs at which the steps begin a new level,
 * ascending. drift_none() of fewer than 10 values. -ENOMEM. */
int drift_test(const double *value, size_t runs, const size_t *levels, size_t level_count,
               const struct step_options *options, struct drift *drift);

enum { DRIFT_LEAST = 20 }; /* values of a drift that was not found as a step */

/* A quick test before a line is fitted: *direction is 1 (up) or -1 (down) where the order of the
 * values shows a trend beyond any doubt if the noise of different runs is independent; else 0.
 * -ENOMEM. */
int drift_stands_out(const double *value, size_t runs, int *direction);

#endif
