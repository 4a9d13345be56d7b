/* SPDX-License-Identifier: Apache-2.0 */
/* What rounds of one program against itself tell of a machine. */
#ifndef BENCH_MMAP_COMPARISON_NOISE_H
#define BENCH_MMAP_COMPARISON_NOISE_H

#include "comparison.h"

/* Of a typical cell (the median over the cells): standard deviations of the log of the time. */
struct noise {
    double within;  /* of a repetition inside its process */
    double between; /* of a process, beyond what its repetitions explain */
    double drift;   /* of what moves slowly from process to process */
    double shared; /* share of a process's variance that the one before it has, too; where the order
                      of runs says nothing it is 0, and above `chance` in one case of 20 */
    double chance;
};

/* Two rounds or more, in the order of time. */
int noise_split(const struct samples *samples, struct noise *noise);

/* Each LEAST_PROCESSES rounds against as many that follow, as if the two sides were measured one
 * after the other: how many of these comparisons, which overlap, would find a change, although
 * there is none. */
struct neighbours {
    size_t comparisons; /* 0: there are fewer than two times as many rounds */
    size_t wrong;
};
int noise_neighbours(const struct samples *samples, const struct comparison_options *options,
                     struct neighbours *neighbours);

#endif
