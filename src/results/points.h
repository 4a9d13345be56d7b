/* SPDX-License-Identifier: Apache-2.0 */
/* What the cost model is fitted to: a writer's times and counts, a point a cell. */
#ifndef RESULTS_POINTS_H
#define RESULTS_POINTS_H

#include "bench_mmap/results.h"

struct point {
    size_t cell; /* in the run */
    uint64_t chunk_bytes;
    double time_ns;              /* the location */
    double count[RESULTS_TERMS]; /* per file; NaN: not known */
};

struct points {
    size_t count;
    struct point *point;
    int zero_times; /* a time is zero: below the clock's step */
    int replicated; /* every cell has two samples or more */
};

/* The writer's cells in the table, and in the other tables of the same file state, sync mode and
 * threads. points_free() in any case. */
int points_gather(const struct results_bootstrap *bootstrap, const struct results_tables *tables,
                  size_t table, size_t writer, struct points *points);
void points_free(struct points *points);

/* The counts at any chunk size between the measured ones; -ERANGE outside. */
int points_counts_at(const struct results_table *table, size_t writer, uint64_t chunk_bytes,
                     double *count);

#endif
