/* SPDX-License-Identifier: Apache-2.0 */
/* Series of values with known noise and known levels. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_MAKE_SERIES_H
#define BENCH_MMAP_TESTS_SUPPORT_MAKE_SERIES_H

#include "support.h"

#include <stddef.h>
#include <stdint.h>

/* Fails the test unless the two differ by no more than the tolerance. */
void near(double value, double expected, double tolerance);

/* Autocorrelated noise of unit deviation. */
void draw_series(double *value, size_t runs, double persistence, uint64_t seed);
/* Independent noise of deviation 0.01. */
void draw_small(double *value, size_t runs, uint64_t seed);
void add_level(double *value, size_t from, size_t to, double level);

#endif
