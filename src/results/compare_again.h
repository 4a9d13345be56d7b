/* SPDX-License-Identifier: Apache-2.0 */
/* A second look at what differs from its peers, without those peers that moved themselves. */
#ifndef RESULTS_COMPARE_AGAIN_H
#define RESULTS_COMPARE_AGAIN_H

#include "bench_mmap/compare.h"

/* Every row tested and judged against all of the others. */
int compare_once(const struct results_samples *samples,
                 const struct results_compare_options *options, struct results_change_table *table);

/* table: of compare_once(), tested. Withdraws what the movers explain. */
int compare_again(const struct results_samples *samples,
                  const struct results_compare_options *options,
                  struct results_change_table *table);

#endif
