/* SPDX-License-Identifier: Apache-2.0 */
/* Two builds on many machines: a change is a ratio on each, and the machine is what is counted. */
#ifndef BENCH_MMAP_COMPARISON_ACROSS_MACHINES_H
#define BENCH_MMAP_COMPARISON_ACROSS_MACHINES_H

#include "comparison.h"

#include <stddef.h>

enum { LEAST_MACHINES = 2, MACHINES_ALONE = 6 };

/* A row over the machines. */
struct across_machines_row {
    struct finding finding; /* the ratio is combined: no interval and no p for a single machine */
    const char *name;       /* full, as in the runs; NULL: all cells */
    double *log_ratio;      /* [machine]: NaN: that machine has no such row */
    double *variance;       /* [machine]: NaN: not known */
    size_t machines;        /* that have it */
    size_t slower, faster;  /* of these, by more than the margin */
    double heterogeneity;   /* deviation of the true log ratios; NaN: not separable */
    double raw_p;           /* not adjusted over the rows */
};

struct machine_comparison {
    const char *key;   /* machine key */
    const char *name;  /* as in machine_costs */
    const char *place; /* the same without the key */
    struct comparison comparison;
};

enum machines_outcome {
    MACHINES_SINGLE,      /* nothing to do by machine: compare_sides() does it */
    MACHINES_COMMON,      /* each machine with itself, and then all of them together */
    MACHINES_AGAINST_ONE, /* each of the old side with the only one of the new side */
    MACHINES_SEVERAL_NEW, /* the same was asked for, but the new side has several: nothing done */
};

struct across_machines {
    struct arena arena; /* of everything but the machines' comparisons */
    enum machines_outcome outcome;
    size_t count;
    struct machine_comparison *machines;
    size_t row_count;
    struct across_machines_row *rows; /* all, writers, cells */
    enum gate gate;
    struct note refusal; /* NOTE_NONE: there is a verdict */
    int slower, faster;
    struct notes notes;
    struct comparison_options options;
};

/*
 * Compares the sides machine by machine, where both have runs of two machine keys or more; what is
 * of one side only is noted. Half of alpha goes to the machines' own comparisons, in equal parts,
 * the other half to the combined rows. With options->cross_machine each machine of the old side is
 * compared with the one of the new side instead, and there are no combined rows. The outcome says
 * which of this was done. -EINVAL: a side has no run.
 */
int compare_across_machines(const struct side *old_side, const struct side *new_side,
                            const struct comparison_options *options,
                            struct across_machines *across);
void across_machines_free(struct across_machines *across);

/* As comparison_status(): 3 too where a single machine became slower. */
int across_machines_status(const struct across_machines *across);

#endif
