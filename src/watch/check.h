/* SPDX-License-Identifier: Apache-2.0 */
/* Are the newest runs slower? */
#ifndef BENCH_MMAP_WATCH_CHECK_H
#define BENCH_MMAP_WATCH_CHECK_H

#include "run_window.h"
#include "src/changepoint/watch.h"

#include <stddef.h>

struct check {
    struct run_window past;
    struct watch_options options;
    size_t cells;   /* of past.series that are judged: those with a value in the newest runs */
    size_t *column; /* [cell] of past.series */
    size_t *group;  /* [cell] */
    size_t group_count;
    char **groups;               /* [group] */
    struct watch_result watched; /* rows over these cells and groups, runs of the series */
    size_t judged;               /* rows with runs enough for a verdict, controls not counted */
    size_t needed;               /* runs from which on the first of them can be judged */
    size_t there;                /* the most runs that a row has since it was last accepted */
    int newest_is_empty;         /* the newest run has no time of any cell */
};

/* Reads the newest STEP_WINDOW runs and looks. query's newest, wants and data are not used.
 * *check is to be freed in any case. The errors of run_window_read(). */
int check_newest(struct history *history, const struct run_window_query *query,
                 const struct watch_options *options, struct check *check);
void check_free(struct check *check);

/* 0 nothing slower; 3 slower; 4: a control moved, something moved and may have become slower, or
 * too few runs to tell. */
int check_status(const struct check *check);

#endif
