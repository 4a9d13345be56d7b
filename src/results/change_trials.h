/* SPDX-License-Identifier: Apache-2.0 */
/* The tests of a watch: one of the row's own times, one of them against the other cells. */
#ifndef RESULTS_CHANGE_TRIALS_H
#define RESULTS_CHANGE_TRIALS_H

#include "change_rows.h"
#include "change_scan.h"

struct trial {
    size_t row;
    int relative;
    size_t from;  /* run of the window from which on values are taken */
    size_t since; /* where the step would be */
    double persistence;
    double p; /* adjusted */

    double score; /* internal from here: the largest over the search, absolute */
    size_t count; /* values */
    double *rank; /* [run]; NaN: none */
    const struct scan *scan;
};

struct trials {
    size_t count;
    struct trial *trial;
    double persistence; /* median of the own ones of the cells */
    struct scan_cache *cache;
    double *store;
};

int trials_run(const struct watch_rows *rows, const struct results_watch_options *options,
               struct trials *trials);
void trials_needed(const struct watch_rows *rows, const struct results_watch_options *options,
                   size_t needed[RESULTS_WATCH_KINDS]);
void trials_free(struct trials *trials);

#endif
