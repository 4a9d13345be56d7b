/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_BASE_INTERVAL_H
#define BENCH_MMAP_BASE_INTERVAL_H

#include <math.h>

struct interval {
    double estimate; /* NaN: there is none */
    double low;      /* NaN: too few samples for an interval */
    double high;
};

/* Of a difference of logs, the ratio. */
static inline struct interval interval_exp(struct interval logs)
{
    return (struct interval){exp(logs.estimate), exp(logs.low), exp(logs.high)};
}

#endif
