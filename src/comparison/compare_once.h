/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_COMPARISON_COMPARE_ONCE_H
#define BENCH_MMAP_COMPARISON_COMPARE_ONCE_H

#include "comparison.h"

/* Every row tested and judged against all of the others. */
int compare_once(const struct samples *samples, const struct comparison_options *options,
                 struct comparison_table *table);

#endif
