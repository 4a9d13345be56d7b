/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_BASE_INTERVAL_H
#define BENCH_MMAP_BASE_INTERVAL_H

/* bound >= 1 */

struct interval {
    double estimate; /* NaN: there is none */
    double low;      /* NaN: too few samples for an interval */
    double high;
};

#endif
