/* SPDX-License-Identifier: Apache-2.0 */
/* Where the winner of two writers changes. */
#ifndef BENCH_MMAP_ANALYSIS_CROSSOVER_H
#define BENCH_MMAP_ANALYSIS_CROSSOVER_H

#include "cell_table.h"
#include "src/statistics/bootstrap.h"

#include <stddef.h>
#include <stdint.h>

enum pair_state {
    PAIR_CROSSES,
    PAIR_FIRST,        /* the first is faster wherever they can be told apart */
    PAIR_SECOND,       /* the second */
    PAIR_INCONCLUSIVE, /* nowhere told apart */
    PAIR_MISSING,      /* no chunk size measured for both */
};

struct crossover {
    struct interval chunk_bytes; /* low 0 or high INFINITY: beyond what was measured */
    uint64_t below_bytes;        /* the measured sizes between which it lies */
    uint64_t above_bytes;
    int to_second;    /* above it the second writer is faster */
    int interpolated; /* 0: a time of zero at one end; only the bracket is known */
};

/* Between these measured sizes the two cannot be told apart somewhere: the winner may change there,
 * or not. */
struct possible_crossover {
    uint64_t below_bytes;
    uint64_t above_bytes;
};

struct pair {
    size_t first; /* writers of the table */
    size_t second;
    enum pair_state state;
    size_t chunk_count;   /* sizes measured for both */
    size_t lacking_count; /* the other sizes of the table, which one of them lacks */
    size_t told_count;    /* of these, where the two can be told apart */
    size_t zero_count;    /* where one time was zero: below the clock's step */
    /* Time of the second / time of the first, over the sizes without zeros at which they can be
     * told apart; over all, where they can at none. */
    double ratio_lowest;
    double ratio_highest;
    uint64_t ratio_lowest_at; /* chunk bytes */
    uint64_t ratio_highest_at;
    size_t crossover_count;
    struct crossover *crossovers; /* by chunk size, ascending */
    size_t possible_count;
    struct possible_crossover *possible; /* the same */
};

/*
 * Where the winner of two writers changes. Between two sizes a time is taken as a line in the
 * number of chunks, which is what a cost a call and a cost a file make: coarse sizes then bias
 * nothing. How far the curves are no such lines is seen where the line between the neighbours of a
 * size misses it; the 95 % bootstrap intervals are widened by that (where there are no neighbours,
 * they are the bracket). bench/studies/interval_coverage.c has what they cover. A change counts
 * only between sizes at which the winner is certain: |difference| beyond the normal quantile of its
 * bootstrap error at 5 % shared among the sizes (Bonferroni), so that two equal curves do not
 * "cross" in noise. Cells with a single sample have no error; there every difference counts and no
 * interval is given.
 */
int crossover_find(const struct bootstrap *bootstrap, const struct cell_table *table, size_t first,
                   size_t second, struct pair *pair);
void pair_free(struct pair *pair);

/* The best mapping and the best other writer: the smallest geometric mean over the sizes measured
 * for every writer of its family. -ENOENT when the table lacks one of the two families. */
int crossover_best_pair(const struct bootstrap *bootstrap, const struct cell_table *table,
                        size_t *mapping, size_t *other);

#endif
