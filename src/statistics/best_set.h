/* SPDX-License-Identifier: Apache-2.0 */
/* Which cells may be the best. */
#ifndef BENCH_MMAP_STATISTICS_BEST_SET_H
#define BENCH_MMAP_STATISTICS_BEST_SET_H

#include "bootstrap.h"

#include <stddef.h>

enum mark { MARK_NONE, MARK_TIED, MARK_BEST };

/*
 * Marks the cells of a set (NULLs are passed over; marks[count]): the one of the smallest location,
 * and those that cannot be told from the best. Multiple comparisons with the best: for each cell in
 * turn the hypothesis "this one is the best" is tested against all others at once, one-sided, at 5
 * %, the critical value from the joint bootstrap (Hsu, Annals of Statistics 12, 1984). The true
 * best is left unmarked in at most 5 % of rows, whatever their number of cells. Cells within
 * TIE_MARGIN of the best are ties too: so small a difference is no reason to choose, and other
 * processes of the same program differ by more. A cell with fewer than 2 samples can be the best,
 * but not tied with it beyond that margin.
 */
#define TIE_MARGIN 0.02
int best_set_mark(const struct cell_estimate *const *cells, size_t count, size_t replicates,
                  enum mark *marks);

#endif
