/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that are tested for a step among the newest runs, and their values. */
#ifndef BENCH_MMAP_CHANGEPOINT_ROWS_H
#define BENCH_MMAP_CHANGEPOINT_ROWS_H

#include "watch.h"

#include <stddef.h>

struct watch_rows {
    const struct watch_series *series;
    size_t runs;      /* of the window */
    size_t first_run; /* of the series: where the window begins */
    size_t count;
    struct watch_row *row; /* kind and index are set */
    size_t *start;         /* [row]: of the window, after what was accepted */
    double *own;           /* [row * runs + run]: log, NaN: none */
    double *relative;      /* the same less what the cells have in common; NaN: no peers */
};

int watch_rows_make(const struct watch_series *series, struct watch_rows *rows);
void watch_rows_free(struct watch_rows *rows);

#endif
