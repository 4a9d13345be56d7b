/* SPDX-License-Identifier: Apache-2.0 */
/* The newest runs of a machine: is there a step among them? */
#ifndef BENCH_MMAP_CHANGEPOINT_NEWEST_H
#define BENCH_MMAP_CHANGEPOINT_NEWEST_H

#include "drift.h"
#include "src/statistics/finding.h"

#include <stddef.h>
#include <stdint.h>

struct watch_series {
    size_t runs; /* oldest first; the newest STEP_WINDOW of them are looked at */
    size_t cells;
    size_t groups;         /* writers */
    const size_t *group;   /* [cell] */
    const int *control;    /* [cell]: it measures the machine; NULL: none does */
    const double *time_ns; /* [cell * runs + run]; NaN, 0 or less: none */
    const size_t *start;   /* [cell]: runs before that one have another, accepted level; NULL: 0 */
};

struct watch_options {
    /* The chance that a check of runs without any change finds ... */
    double alpha;          /* 0.0006: something slower, or a control that moved */
    double alpha_faster;   /* 0.0005: something faster, which fails no check */
    double margin;         /* 0.02 */
    double control_margin; /* 0.05: a control that moved by less explains nothing */
    double confidence;     /* 0.95 */
    size_t newest;         /* 30: steps are looked for among so many of the newest runs */
    uint64_t seed;
    size_t draws;       /* 0: up to 19,999, and fewer where nothing can be found any more */
    int without_limits; /* `visible` is not wanted, which takes longest in short histories */
    /* Called after every draw, with how many there will be at most; NULL: nobody waits. */
    void (*progress)(void *data, size_t done, size_t most);
    void *progress_data;
};

struct watch_options watch_options_default(void);

/*
 * A machine is checked after every run, so the chance of a false alarm is shared out: alpha is that
 * of a check of 100 runs or more, and one of n runs has 100/n of it, up to the 0.9 % of
 * watch_options_suspicious(). That keeps the alarms of many checks few, and lets short histories
 * find what they can. `runs`: since everything was last accepted.
 */
void watch_options_share(struct watch_options *options, size_t runs);

/* Where something else has the last word: many times as many false alarms, and steps that are a
 * seventh smaller are found. */
struct watch_options watch_options_suspicious(void);

/* What is found of a row. Its p is over all rows and the whole search, scaled so that a step was
 * found where p <= alpha, whatever share of alpha the row's family has. `visible` is a slow-down
 * that would probably have been found STEP_SEEN runs after it began. The change is
 * CHANGE_INCONCLUSIVE where no step was found. */
struct watch_row {
    struct finding finding;
    size_t since;         /* the first run of the new level */
    size_t from;          /* the first run of the level before */
    size_t before, after; /* runs of each with a value */
    struct drift drift;   /* where something was found */
    int is_open;          /* it became slower before the newest runs, and nobody accepted it */
};

struct watch_result {
    size_t count;
    struct watch_row *rows;              /* all, writers, cells, controls */
    size_t tested;                       /* how many of them had runs enough */
    size_t needed[ROW_KINDS];            /* runs from which on a row of that kind can be judged */
    double persistence;                  /* median over the cells */
    int slower, faster, apart, controls; /* rows */
};

/*
 * Looks for a step among the newest runs. Each row is tested by its own times and by what remains
 * of them after the median of all cells is taken off, which is what the machine did to that run.
 * A row that became slower and faster in turn is called slower.
 * The level before is that since the last older step. -EINVAL: no run or no cell.
 */
int watch_newest(const struct watch_series *series, const struct watch_options *options,
                 struct watch_result *watched);
void watch_result_free(struct watch_result *watched);

#endif
