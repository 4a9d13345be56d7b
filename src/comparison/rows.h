/* SPDX-License-Identifier: Apache-2.0 */
/* From samples to one number a process and row, in the three forms that a comparison needs. */
#ifndef BENCH_MMAP_COMPARISON_ROWS_H
#define BENCH_MMAP_COMPARISON_ROWS_H

#include "comparison.h"

#include <stddef.h>

struct rows {
    const struct samples *samples;
    size_t count; /* all, writers of two cells or more, cells */
    struct rows_row {
        enum row_kind kind;
        size_t index;
        int has_peers;
    } * row;
    size_t *cells_of; /* [group]: how many cells it has */
    double *pace;     /* [process * cells + cell]: log of the pace */
    /* [process * count + row] each: */
    double *value;   /* mean log pace of its cells */
    double *against; /* the same less that of its peers; NaN without */
    double *score;   /* of its samples among those of all processes */
    double *placed;  /* of its samples among its peers' of the same process; NaN without */
    double **normal; /* [process * cells + cell]: log of the samples less the cell's anchor */
    double *normal_store;
    size_t sample_count;
};

int rows_make(const struct samples *samples, struct rows *rows);
/* How fast the samples of the row, and of its peers without it, get in each process: a low
 * quantile. [process]. -ENODATA: it has no peers. */
int rows_floors(const struct rows *rows, size_t row, double *own, double *peers);

/* The two cells are each other's peers. */
int rows_are_near(const struct rows *rows, size_t cell, size_t other);

void rows_free(struct rows *rows);

#endif
