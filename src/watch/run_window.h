/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a machine measured, run after run up to one of them, with the changes that were accepted.
 *
 * A cell's value in a run is its pace (statistics/quantiles.h), as in a comparison. Where no run
 * that is read has one, because the files keep aggregates only, it is their median.
 */
#ifndef BENCH_MMAP_WATCH_RUN_WINDOW_H
#define BENCH_MMAP_WATCH_RUN_WINDOW_H

#include "src/base/arena.h"
#include "src/history/history.h"

#include <stddef.h>

/* A change that was accepted: a new level begins at that run, or the cell need not be there any
 * more. */
struct accepted_change {
    size_t run;       /* of window.series.runs */
    const char *cell; /* NULL: all */
    const char *reason;
    int is_gone;
};

struct run_window {
    struct arena arena; /* of what is not the store's */
    char *machine;
    size_t machines;              /* in the store */
    size_t machine_runs;          /* of this machine, with those that were not read */
    size_t newer;                 /* of these, after the one that was asked about */
    struct history_series series; /* without runs that took turns with another program */
    double *time_ns;              /* [cell * series.runs.count + run]; NaN: none */
    struct history_blessings blessings;
    size_t accepted_count;
    /* By run: those at a run of the series; a cell is gone from run 0 on where that was said of an
     * older one. */
    struct accepted_change *accepted;
};

struct run_window_query {
    const char *machine; /* a key, or the beginning of one that no other machine's key has; NULL:
                            the machine of `until`, or of the newest run of the store */
    const char *until;   /* the run that counts as the newest: an id, or its beginning; or NULL */
    size_t newest;       /* so many runs at most; 0: all */
    int (*wants)(const char *cell, void *data); /* as in history_query */
    void *data;
};

/*
 * Reads it, all from one moment of the store. *window is to be freed in any case.
 *
 * -ENODATA  the store has no run
 * -ESRCH    no machine has such a key
 * -EMLINK   several machines have keys that begin so
 * -EXDEV    `until` is a run of another machine; window->machine is that
 * -ENOENT, -ENOTUNIQ, -EINVAL  `until` as in history_find()
 */
int run_window_read(struct history *history, const struct run_window_query *query,
                    struct run_window *window);
void run_window_free(struct run_window *window);

/* The last change of that kind that was accepted for a cell; NULL: none. */
const struct accepted_change *accepted_last(const struct run_window *window, const char *cell,
                                            int is_gone);

/* How the order of dates and the order of adding differ. */
struct run_window_clock {
    size_t last_added; /* of the runs */
    size_t late;       /* runs that were added after one of a later date */
    size_t future;     /* runs dated a day or more after they were added */
    size_t future_at;  /* the last of them */
};
struct run_window_clock run_window_clock(const struct run_window *window);

#endif
