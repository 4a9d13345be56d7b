/* SPDX-License-Identifier: Apache-2.0 */
/* How each cell of a machine went. */
#ifndef BENCH_MMAP_REPORT_CELL_HISTORY_H
#define BENCH_MMAP_REPORT_CELL_HISTORY_H

#include "src/watch/cell_history.h"
#include "view.h"

#include <stdio.h>

/* all: readers get every cell and every step. -EIO. */
int report_cell_histories(FILE *out, const struct cell_histories *histories,
                          const struct view *view, int all);

#endif
