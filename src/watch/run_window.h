/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The history of a machine, watched: did its newest runs become slower, and how did each cell go?
 *
 * What is decided with steps and drifts: METHOD.md. A cell's value in a run is its pace
 * (compare.h), as in a comparison; where no run that is read has one, because the files keep
 * aggregates only, it is their median.
 */
#ifndef BENCH_MMAP_WATCH_RUN_WINDOW_H
#define BENCH_MMAP_WATCH_RUN_WINDOW_H

#include "src/history/history.h"

#include <stddef.h>

/* A change that was accepted: a new level begins at that run. */
struct accepted_change {
    size_t run;       /* of past.series.runs */
    const char *cell; /* NULL: all */
    const char *reason;
};

struct run_window {
    char *machine;
    size_t machines;     /* in the store */
    size_t machine_runs; /* of this machine, those that were not read too */
    size_t newer;        /* of these, after the one that was asked about */
    struct history_series series;
    double *time_ns; /* [cell * series.runs.count + run]; NaN: none */
    struct history_blessings blessings;
    size_t accepted_count;
    struct accepted_change *accepted; /* those at a run of the series, by run */
};

struct run_window_query {
    const char *machine; /* NULL: that of `until`, or that of the newest run of the store */
    const char *until;   /* the run that counts as the newest: an id, or its beginning; or NULL */
    size_t newest;       /* so many runs at most; 0: all */
    int (*wants)(const char *cell, void *data); /* as in history_query */
    void *data;
};

/*
 * Reads it. *past is to be freed in any case.
 *
 * -ENODATA  the machine, or the store, has no run
 * -EXDEV    `until` is a run of another machine; past->machine is that
 * -ENOENT, -ENOTUNIQ, -EINVAL  `until` as in history_find()
 */
int run_window_read(struct history *history, const struct run_window_query *query,
                    struct run_window *past);
void run_window_free(struct run_window *past);

#endif
