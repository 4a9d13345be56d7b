/* SPDX-License-Identifier: Apache-2.0 */
/* What a verdict says of a row, whether it compares two builds, several machines or the newest runs
 * with those before them. */
#ifndef BENCH_MMAP_STATISTICS_FINDING_H
#define BENCH_MMAP_STATISTICS_FINDING_H

#include "src/base/interval.h"

#include <stddef.h>

enum change {
    CHANGE_SLOWER,
    CHANGE_FASTER,
    CHANGE_EQUIVALENT,   /* the interval lies within the margin */
    CHANGE_INCONCLUSIVE, /* none of these */
    CHANGE_DIVERGED,     /* it and its peers moved apart, and which of them it was is uncertain */
};

enum row_kind {
    ROW_ALL, /* the geometric mean of all cells that are no controls */
    ROW_WRITER,
    ROW_CELL,
    ROW_CONTROL, /* a cell that measures the machine */
    ROW_KINDS
};

struct finding {
    enum row_kind kind;
    size_t index; /* the writer or the cell */
    enum change change;
    struct interval ratio;    /* of its own times, new to old */
    struct interval relative; /* the same against its peers; NaN: it has none, or it is not told */
    double p;                 /* adjusted over the rows; NaN: not tested */
    int by_relative;          /* the change was found against the peers only */
    double visible; /* the smallest slow-down that would probably have been found: 0.05 for 5 %;
                       NaN: unknown */
};

/* It became slower or faster. */
int finding_moved(const struct finding *finding);

/* Something changed: slower, faster or diverged. */
int finding_is_change(const struct finding *finding);

/*
 * Less than 0 where a reader wants a before b: controls that moved, slower, diverged, faster, and
 * then the others, the largest of each kind first. What one writer does pulls the row over all
 * cells along: that row comes before a writer that changed alike only where it changed by
 * mean_share of the writer's change, or more.
 */
int finding_order(const struct finding *a, const struct finding *b, double mean_share);

/* The same for rows of row_size bytes that begin with their finding. order[count]. */
void findings_order(const void *rows, size_t row_size, size_t count, double mean_share,
                    size_t *order);

#endif
