/* SPDX-License-Identifier: Apache-2.0 */
/* What the cost model is fitted to: a writer's times and counts, a point a cell. */
#ifndef BENCH_MMAP_ANALYSIS_MODEL_DATA_H
#define BENCH_MMAP_ANALYSIS_MODEL_DATA_H

#include "model.h"

#include <stddef.h>
#include <stdint.h>

struct model_point {
    const struct cell_estimate *cell;
    uint64_t chunk_bytes;
    double time_ns;      /* the location */
    double drawn_ns;     /* what is fitted: the location, or one replicate of it */
    double residual;     /* relative, of the fit */
    double count[TERMS]; /* per file; NaN: not known */
};

struct model_data {
    size_t count;
    struct model_point *point;
    int zero_times; /* a time is zero: below the clock's step */
    int replicated; /* every cell has two samples or more */
};

/* The writer's cells in the table, and in the other tables of the same file state, sync mode and
 * threads. model_data_free() in any case. */
int model_data_gather(const struct bootstrap *bootstrap, const struct cell_tables *tables,
                      size_t table, size_t writer, struct model_data *points);
void model_data_free(struct model_data *points);

/* The counts at any chunk size between the measured ones; -ERANGE outside. */
int model_data_counts_at(const struct cell_table *table, size_t writer, uint64_t chunk_bytes,
                         double *count);

#endif
