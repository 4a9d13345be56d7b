/* SPDX-License-Identifier: Apache-2.0 */
/* What is told of the runs in a store. all: readers get all rows, those without a finding, too. The
 * errors: -EIO, -ENOMEM. */
#ifndef BENCH_MMAP_REPORT_HISTORY_REPORTS_H
#define BENCH_MMAP_REPORT_HISTORY_REPORTS_H

#include "src/watch/cell_history.h"
#include "src/watch/check.h"
#include "view.h"

#include <stddef.h>
#include <stdio.h>

/* The verdict on the newest runs of a machine. */
int report_check(FILE *out, const struct check *check, const struct view *view, int all);

/* How each cell of a machine went. */
int report_cell_histories(FILE *out, const struct cell_histories *histories,
                          const struct view *view, int all);

enum { SPARKLINE_MOST = 64, SPARKLINE_TEXT = 3 * SPARKLINE_MOST + 1 };
/* A line of `width` signs at most for times in order: low is fast, on a log scale from the least to
 * the greatest, which are 10 % apart at least, so that noise stays flat. Where there are more
 * values than signs, a sign is the median of its share of them; a share without a value (NaN, 0 or
 * less) is a gap. room[count]. */
void sparkline(const double *time, size_t count, size_t width, int unicode, double *room,
               char text[SPARKLINE_TEXT]);

/* The machines of a store: what distinguishes them in columns, what all share in a sentence. */
int report_machines(FILE *out, const struct history_machines *machines, const struct view *view);

#endif
