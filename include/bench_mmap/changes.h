/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When did it change? Change points in what one machine measured, run after run.
 *
 * The conventions are those of results.h. The choices and their evidence: src/results/CHANGES.md.
 *
 * A series has one value a run, oldest first: the log of a time, NaN where the run has none. A step
 * is a run from which on the level is another; a single outlier is none, whatever its size: a level
 * has at least RESULTS_STEP_LEAST runs. All tests are of what is new in each run after the
 * persistence of the noise is taken off: of its rank, or of its size up to a bound.
 */
#ifndef BENCH_MMAP_CHANGES_H
#define BENCH_MMAP_CHANGES_H

#include "bench_mmap/compare.h"

#ifdef __cplusplus
extern "C" {
#endif

enum {
    RESULTS_STEP_LEAST = 3,    /* runs of a level, at least */
    RESULTS_STEP_WINDOW = 256, /* runs that are looked at together */
    RESULTS_STEP_SEEN = 5,     /* runs of a new level by which `visible` is told */
};

/* ---- noise ---- */

/*
 * How much of a run's deviation is still there in the next one: the first autocorrelation of what
 * remains about the levels between clear steps. persistence[rows], each in [0, 0.9]: the rows' own
 * estimates, drawn together as far as they differ by no more than chance, and about a standard
 * error higher, because too low a one makes steps of noise. value[row * runs + run].
 */
int results_persistence(const double *value, size_t runs, size_t rows, double *persistence);

/* What is new in each value: value[i] - median - persistence * (value[i-1] - median). All finite;
 * out[count]. */
int results_innovations(const double *value, size_t count, double persistence, double *out);

/* ---- steps of one series ---- */

struct results_step_options {
    double level;       /* 0.005: chance of a false step a window of a series without any */
    double margin;      /* 0.02: a smaller shift is no step */
    double confidence;  /* 0.95, of the intervals */
    double persistence; /* of results_persistence() */
    uint64_t seed;
    size_t draws; /* 0: 1,999 */
};

struct results_step_options results_step_default(void);

struct results_step {
    size_t at;                     /* the first run of the new level */
    size_t before, after;          /* runs with a value, from the step before to the next one */
    struct results_interval shift; /* of the log, from the level before to that after */
    double p;                      /* over the whole search */
};

struct results_steps {
    size_t count;
    struct results_step *steps; /* by run, ascending */
    size_t values;              /* runs with a value */
};

/*
 * Circular binary segmentation (Olshen, Venkatraman, Lucito and Wigler, Biostatistics 5, 2004) with
 * exact rank-sum tails: a stretch of runs is held against the rest of its segment, the whole search
 * is repeated on permuted blocks, and what is found divides the segment anew. Windows of
 * RESULTS_STEP_WINDOW runs overlap by half, so the work grows as the runs do, and `level` holds
 * for each.
 */
int results_steps(const double *value, size_t runs, const struct results_step_options *options,
                  struct results_steps *steps);
void results_steps_free(struct results_steps *steps);

/* ---- drift ---- */

struct results_drift {
    struct results_interval per_run; /* Theil and Sen's slope of the log, with Sen's interval */
    double p;      /* Kendall's test for a trend, corrected for the persistence about the line */
    double fit;    /* sum of |residuals| about the line / that about the steps; NaN: 0 / 0 */
    int is_drift;  /* p <= 0.005, beyond the margin, and the line fits better than the steps */
    double in_all; /* the slope times the runs: exp of it is the ratio */
};

/* The newest RESULTS_STEP_WINDOW values are looked at. levels[]: the runs at which a level begins,
 * ascending (those of the steps). -ENODATA: fewer than 10 values. */
int results_drift(const double *value, size_t runs, const size_t *levels, size_t level_count,
                  const struct results_step_options *options, struct results_drift *drift);

/* ---- the newest runs of a machine ---- */

struct results_past {
    size_t runs; /* oldest first; the newest RESULTS_STEP_WINDOW of them are looked at */
    size_t cells;
    size_t groups;         /* writers */
    const size_t *group;   /* [cell] */
    const int *control;    /* [cell]: it measures the machine; NULL: none does */
    const double *time_ns; /* [cell * runs + run]; NaN, 0 or less: none */
    const size_t *start;   /* [cell]: runs before that one have another, accepted level; NULL: 0 */
};

struct results_watch_options {
    /* Chances, in a look at runs without change, that something is found ... */
    double alpha;          /* 0.009: slower, or that a control moved */
    double alpha_faster;   /* 0.002: faster, which is no alarm */
    double margin;         /* 0.02 */
    double control_margin; /* 0.05: a control that moved by less explains nothing */
    double confidence;     /* 0.95 */
    size_t newest;         /* 30: steps are looked for among so many of the newest runs */
    uint64_t seed;
    size_t draws; /* 0: 3,999 */
};

struct results_watch_options results_watch_default(void);

enum results_watch_kind {
    RESULTS_WATCH_ALL, /* the geometric mean of all cells that are no controls */
    RESULTS_WATCH_WRITER,
    RESULTS_WATCH_CELL,
    RESULTS_WATCH_CONTROL,
    RESULTS_WATCH_KINDS
};

struct results_watch_row {
    enum results_watch_kind kind;
    size_t index;                  /* the writer or the cell */
    enum results_change change;    /* RESULTS_UNTOLD: nothing was found */
    size_t since;                  /* the first run of the new level */
    size_t from;                   /* the first run of the level before */
    size_t before, after;          /* runs of each with a value */
    struct results_interval ratio; /* of its own times, new to before */
    double p;                      /* over rows and search; NaN: not tested. It was found where p <=
                                    * alpha, to which the share of its family is scaled. */
    int by_relative;               /* found against the other cells of the runs only */
    double visible; /* a slow-down that would probably have been found RESULTS_STEP_SEEN runs after
                       it began: 0.05 for 5 %; NaN: not tested */
    struct results_drift drift; /* where something was found */
};

struct results_watched {
    size_t count;
    struct results_watch_row *rows;      /* all, writers, cells, controls */
    size_t tested;                       /* how many of them had runs enough */
    size_t needed[RESULTS_WATCH_KINDS];  /* runs from which on a row of that kind can be judged */
    double persistence;                  /* median over the cells */
    int slower, faster, apart, controls; /* rows */
};

/*
 * Looks for a step among the newest runs. Each row is tested by its own times and by what remains
 * of them after the median of all cells is taken off, which is what the machine did to that run.
 * A row that became slower and faster in turn is called slower.
 * The level before is that since the last older step. -EINVAL: no run or no cell.
 */
int results_watch(const struct results_past *past, const struct results_watch_options *options,
                  struct results_watched *watched);
void results_watched_free(struct results_watched *watched);

#ifdef __cplusplus
}
#endif

#endif
