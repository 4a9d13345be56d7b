/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_STATISTICS_NNLS_H
#define BENCH_MMAP_STATISTICS_NNLS_H

#include <stddef.h>

enum { NNLS_MAX = 6 };

/* The x >= 0 that minimises |Ax - b|, from gram = A'A (count x count, row by row) and rhs = A'b,
 * for count <= NNLS_MAX. 0, or -EDOM when A'A is singular. */
int nnls(size_t count, const double *gram, const double *rhs, double *x);

#endif
