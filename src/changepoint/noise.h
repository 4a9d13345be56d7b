/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_CHANGEPOINT_NOISE_H
#define BENCH_MMAP_CHANGEPOINT_NOISE_H

#include <stddef.h>

/*
 * How much of a run's deviation is still there in the next one: the first autocorrelation of what
 * remains about the levels between clear steps. persistence[rows], each in [0, 0.9]: the rows' own
 * estimates, drawn together as far as they differ by no more than chance, and about a standard
 * error higher, because too low a one makes steps of noise. value[row * runs + run].
 */
int noise_persistence(const double *value, size_t runs, size_t rows, double *persistence);

/* What is new in each value: value[i] - median - persistence * (value[i-1] - median). All finite;
 * out[count]. */
int noise_innovations(const double *value, size_t count, double persistence, double *out);

/*
 * Persistence before the steps are known: from the sizes of differences between neighbours and
 * between every other value, of which a step changes one or two only. That is three times as
 * uncertain as what levels_find() makes of it. As noise_persistence(). -ENOMEM.
 */
int noise_rough(const double *value, size_t runs, size_t rows, double *persistence);

#endif
