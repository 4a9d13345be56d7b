/* SPDX-License-Identifier: Apache-2.0 */
/* The level that the newest runs are held against, and how persistent the noise about it is. */
#ifndef BENCH_MMAP_CHANGEPOINT_LEVEL_H
#define BENCH_MMAP_CHANGEPOINT_LEVEL_H

#include "score.h"

#include <stddef.h>

enum { LEVEL_LEAST = 8 }; /* values of a level, at least */

struct level_rows {
    size_t runs, rows;
    const double *value; /* [row * runs + run]; NaN: none */
    const size_t *start; /* [row]: what is before does not count; NULL: 0 */
    const int *is_alone; /* [row]: shares no estimate with the others; NULL: none does */
    size_t newest;       /* a step among so many runs begins no level yet */
    int is_whole;        /* no step begins one: `from` stays at the start */
    double margin;       /* a smaller step is none */
};

/* A step to a higher level that is older than the newest runs, where the newest level is still
 * higher than the one before it by the margin. */
struct older_step {
    size_t at, from; /* at 0: there is none; from: where the level before begins */
    double p;
};

struct level {
    size_t from;  /* the run from which on values are taken: that of the last older step */
    size_t count; /* values from there on; fewer than LEVEL_LEAST + STEP_LEAST: too few */
    double persistence;
    struct older_step open; /* the oldest of them */
};

int level_is_enough(const struct level *level);

/*
 * One level a row. Rows share what they tell about persistence as far as they differ by no more
 * than chance, and where they have noise in common they tell less. The estimate is taken 1.5
 * standard errors of the row's own part and 0.75 of the shared part higher, because too low a one
 * makes steps of noise. -ENOMEM.
 */
int levels_find(const struct level_rows *rows, struct scan_cache *cache, struct level *level);

/*
 * How much of a run's deviation is still there in the next one: the first autocorrelation of what
 * remains about the levels between clear steps. persistence[rows], each in [0, 0.9], estimated as
 * that of a level. value[row * runs + run]. -ENOMEM.
 */
int level_persistence(const double *value, size_t runs, size_t rows, double *persistence);

#endif
