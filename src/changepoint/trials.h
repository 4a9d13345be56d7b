/* SPDX-License-Identifier: Apache-2.0 */
/* The rows that are tested for a step among the newest runs, and their tests: one of a row's own
 * times, and one of its times against the other cells. */
#ifndef BENCH_MMAP_CHANGEPOINT_TRIALS_H
#define BENCH_MMAP_CHANGEPOINT_TRIALS_H

#include "level.h"
#include "newest.h"
#include "score.h"
#include "src/base/arena.h"

#include <stddef.h>

struct watch_rows {
    const struct watch_series *series;
    size_t runs;      /* of the window */
    size_t first_run; /* of the series: where the window begins */
    size_t count;
    struct watch_row *row; /* for free(); kind and index are set */
    size_t *start;         /* [row]: of the window, after what was accepted */
    double *own;           /* [row * runs + run]: log, NaN: none */
    double *relative;      /* the same less what the cells have in common; NaN: no peers */
};

/* rows->row is the caller's, the rest the arena's. -ENOMEM. */
int watch_rows_make(const struct watch_series *series, struct arena *arena,
                    struct watch_rows *rows);

/* So many deviations an interval reaches if those of all rows together, at whichever of the newest
 * runs they begin, are to hold the truth. */
double watch_rows_deviations(const struct watch_rows *rows, const struct watch_options *options);

/* That a row moved alone takes so many others of its kind that stayed together; a writer of three
 * may take the cells of the other two. */
enum { TOGETHER_LEAST = 3 };

struct trial {
    size_t row;
    int relative;
    size_t from; /* run of the window from which on values are taken */
    double persistence;
    struct older_step open;
    double p[2]; /* slower, faster: adjusted, so that it was found where p <= alpha */
    struct score_peak peak[2];
    double visible; /* log of a slow-down that STEP_SEEN runs would probably have shown */

    struct score_series series; /* internal from here */
    double *fresh;              /* [run]: the innovations */
    double log_scale;           /* of the deviation that the scores are in */
    double chance;              /* variance of the log of the scores' own spread */
    double pool, kept;          /* the spread is this mean, and so much of its own distance to it */
    size_t most;                /* runs that a step may be old */
    double critical;            /* score from which on it is found as slower: that of its family, */
    double alpha, tests;        /* with this chance, over so many tests */
};

struct trials {
    size_t count;
    struct trial *trial;
    double persistence;       /* median of the own ones of the cells */
    size_t needed[ROW_KINDS]; /* runs that the clearest step of all needs to be found */
};

/* Sets `visible` of all trials: what four of five slow-downs would have been found of that are put
 * into this very history. The order of runs is drawn anew for each. */
int limits_find(const struct watch_rows *rows, const struct watch_options *options,
                struct random *random, struct trials *trials);

/* Everything is the arena's. -ENOMEM. */
int trials_run(const struct watch_rows *rows, const struct watch_options *options,
               struct arena *arena, struct trials *trials);

#endif
