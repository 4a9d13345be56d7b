/* SPDX-License-Identifier: Apache-2.0 */
/* From samples to one number a process and row, in the three forms that a comparison needs. */
#ifndef BENCH_MMAP_COMPARISON_ROWS_H
#define BENCH_MMAP_COMPARISON_ROWS_H

#include "comparison.h"
#include "src/base/arena.h"

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
    double *room;    /* for every sample */
};

/* All is the arena's, which remembers whether memory was short. */
void rows_make(const struct samples *samples, struct arena *arena, struct rows *rows);

/* How fast the samples of a row that has peers, and of its peers without it, get in each process: a
 * low quantile. [process]. */
void rows_floors(const struct rows *rows, size_t row, double *own, double *peers);

/* The cell is one of those that the row stands for. */
int rows_is_member(const struct samples *samples, const struct rows_row *row, size_t cell);

/* The cell is one of those that the row is held against, itself among them. */
int rows_is_near(const struct rows *rows, const struct rows_row *row, size_t cell);

/* The table of all rows, each tested and judged against all of the others: compare_samples() before
 * it looks again at what differs from its peers. */
int rows_compare(const struct samples *samples, const struct comparison_options *options,
                 struct comparison_table *table);

#endif
