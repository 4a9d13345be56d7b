/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When did it change? Change points in what one machine measured, run after run.
 *
 * The choices and their evidence: METHOD.md.
 *
 * A series has one value a run, oldest first: the log of a time, NaN where the run has none. A step
 * is a run at which a new level begins. A level has at least STEP_LEAST runs, so that a single
 * outlier is no step, whatever its size. Noise that persists from run to run is predicted from the
 * run before and subtracted; the tests look at what remains, by its rank or by its bounded size.
 */
#ifndef BENCH_MMAP_CHANGEPOINT_STEPS_H
#define BENCH_MMAP_CHANGEPOINT_STEPS_H

#include "score.h"
#include "src/base/interval.h"

#include <stddef.h>
#include <stdint.h>

enum {
    STEP_LEAST = 3,    /* runs of a level, at least */
    STEP_WINDOW = 256, /* runs that are looked at together */
    STEP_SEEN = 5,     /* runs of a new level by which `visible` is told */
};

struct step_options {
    double level;       /* 0.005: chance of a false step a window of a series without any */
    double margin;      /* 0.02: a smaller shift is no step */
    double confidence;  /* 0.95, of the intervals */
    double persistence; /* of level_persistence() */
    uint64_t seed;
    size_t draws;             /* 0: 1,999 */
    struct scan_cache *cache; /* NULL: one of its own */
};

struct step_options step_options_default(void);

struct step {
    size_t at;             /* the first run of the new level */
    size_t before, after;  /* runs with a value, from the step before to the next one */
    struct interval shift; /* of the log, from the level before to that after */
    double p;              /* over the whole search */
};

struct steps {
    size_t count;
    struct step *steps; /* by run, ascending */
    size_t values;      /* runs with a value */
};

/*
 * Circular binary segmentation (Olshen, Venkatraman, Lucito and Wigler, Biostatistics 5, 2004) with
 * exact rank-sum tails: a stretch of runs is held against the rest of its segment, the whole search
 * is repeated on permuted blocks, and what is found divides the segment anew. Windows of
 * STEP_WINDOW runs overlap by half, so the work grows as the runs do, and `level` holds
 * for each.
 */
int steps_of_series(const double *value, size_t runs, const struct step_options *options,
                    struct steps *steps);
void steps_free(struct steps *steps);

/* As options->draws: p is Boole's bound over exact tails, 3 to 10 times too high, and costs
 * nothing. */
#define SEGMENT_BOUND_ONLY SIZE_MAX

/* The shift from the newest values before `at` to the oldest from `at` on, so many a side that it
 * costs the same in every history; the interval is widened for the persistence. All finite. */
int steps_shift(const double *before, size_t before_count, const double *after, size_t after_count,
                const struct step_options *options, struct interval *shift);

#endif
