/* SPDX-License-Identifier: Apache-2.0 */
/* The tests of a row: one of its own times, and one of its times against the other cells. */
#ifndef BENCH_MMAP_CHANGEPOINT_TRIALS_H
#define BENCH_MMAP_CHANGEPOINT_TRIALS_H

#include "rows.h"
#include "score.h"

#include <stddef.h>

struct trial {
    size_t row;
    int relative;
    size_t from; /* run of the window from which on values are taken */
    double persistence;
    double p[2]; /* slower, faster: adjusted, so that it was found where p <= alpha */
    struct score_peak peak[2];
    double visible; /* log of a slow-down that STEP_SEEN runs would probably have shown */

    struct score_series series; /* internal from here */
    double log_scale;           /* of the deviation that the scores are in */
    double chance;              /* variance of the log of the scores' own spread */
};

struct trials {
    size_t count;
    struct trial *trial;
    double persistence; /* median of the own ones of the cells */
    struct scan_cache *cache;
    double *store;
};

int trials_run(const struct watch_rows *rows, const struct watch_options *options,
               struct trials *trials);
void trials_needed(const struct watch_rows *rows, const struct watch_options *options,
                   size_t needed[ROW_KINDS]);
void trials_free(struct trials *trials);

#endif
