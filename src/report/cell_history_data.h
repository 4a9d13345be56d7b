/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_REPORT_CELL_HISTORY_DATA_H
#define BENCH_MMAP_REPORT_CELL_HISTORY_DATA_H

#include "src/watch/cell_history.h"

#include <stdio.h>

/* A row a level of a cell. */
int cell_histories_csv(FILE *out, const struct cell_histories *traces);
/* With every value. */
int cell_histories_json(FILE *out, const struct cell_histories *traces);

#endif
