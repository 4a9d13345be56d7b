/* SPDX-License-Identifier: Apache-2.0 */
/* The max-T test. */
#ifndef BENCH_MMAP_STATISTICS_MAX_T_H
#define BENCH_MMAP_STATISTICS_MAX_T_H

#include <stddef.h>
#include <stdint.h>

/* What the max-T test permutes. */
struct max_t {
    size_t units;          /* rounds, or processes */
    size_t rows;           /* hypotheses */
    const double *value;   /* [unit * rows + row]: of rounds new - old, of processes the value */
    const size_t *stratum; /* [row], 0 or 1: each gets half of alpha, where both have rows */
    size_t new_units;      /* 0: units are rounds, their signs are flipped; else the last new_units
                              processes are the new side, and sides are permuted */
    uint64_t seed;
    size_t draws; /* where enumerating takes more than 16,384; 0: 9,999 */
};

/*
 * Adjusted p values by the step-down max-T test of Westfall and Young (Resampling-Based Multiple
 * Testing, 1993, 2.6): each row's sum over its rounds (or over the new processes, centred), divided
 * by its root sum of squares; whole rounds are flipped (processes exchanged), so that the rows keep
 * their dependence. Exact where 2^(rounds-1) or the number of divisions is at most 16,384; else
 * sampled, with the +1 of Phipson and Smyth (2010), and *exact is 0. p[rows]. critical: per
 * stratum, the value that the largest statistic passes in 5 % / strata of the draws.
 */
int max_t_test(const struct max_t *family, double alpha, double *p, double critical[2], int *exact);

#endif
