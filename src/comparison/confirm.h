/* SPDX-License-Identifier: Apache-2.0 */
/* A second look at what differs from its peers, without those peers that moved themselves. */
#ifndef BENCH_MMAP_COMPARISON_CONFIRM_H
#define BENCH_MMAP_COMPARISON_CONFIRM_H

#include "comparison.h"

/* Every row tested and judged against all of the others. */
int compare_once(const struct samples *samples, const struct comparison_options *options,
                 struct comparison_table *table);

/* table: of compare_once(), tested. Withdraws what the movers explain. */
int confirm(const struct samples *samples, const struct comparison_options *options,
            struct comparison_table *table);

#endif
