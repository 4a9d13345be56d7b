/* SPDX-License-Identifier: Apache-2.0 */
/* How each cell went, for readers. */
#ifndef BENCH_MMAP_REPORT_CELL_HISTORY_TEXT_H
#define BENCH_MMAP_REPORT_CELL_HISTORY_TEXT_H

#include "src/watch/cell_history.h"
#include "view.h"

#include <stdio.h>

/* all: every cell and every step. -EIO. */
int report_cell_histories(FILE *out, const struct cell_histories *traces, const struct view *view,
                          int all);

#endif
