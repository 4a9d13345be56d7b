/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on the run itself: what makes its figures doubtful. */
#ifndef BENCH_MMAP_ANALYSIS_VERDICT_H
#define BENCH_MMAP_ANALYSIS_VERDICT_H

#include "src/run/run.h"

#include <stddef.h>

/* The figures of each kind are named behind it. */
enum verdict_kind {
    VERDICT_INTERRUPTED,     /* samples, of how many; 0: unknown */
    VERDICT_AGGREGATES_ONLY, /* the file keeps no samples */
    VERDICT_NOTHING_MEASURED,
    VERDICT_FAILED,         /* cells, and those that have samples all the same; the first one's name
                               and what it says */
    VERDICT_SKIPPED,        /* rows */
    VERDICT_UNUSABLE_TIMES, /* rows */
    VERDICT_POOLED,         /* cells */
    VERDICT_ZERO_TIMES,     /* times */
    VERDICT_FEW_SAMPLES,    /* cells with fewer than VERDICT_SAMPLES_WANTED, of how many */
    VERDICT_SPREAD,         /* share */
    VERDICT_STOLEN,         /* share */
    VERDICT_SWITCHES,       /* a second of measured time */
    VERDICT_DRIFT,          /* share, negative: it became faster */
    VERDICT_WRITEBACK,      /* share of the files' bytes */
    VERDICT_HUGE_PAGES,     /* share of the bytes that are in them, of kernels that want them */
    VERDICT_LOAD,           /* the load, the cores */
    VERDICT_IN_MEMORY,      /* the file system's name */
    VERDICT_UNFIT_BUILD,    /* what is wrong with it */
    VERDICT_KEY_INCOMPLETE, /* the fields that are missing in the machine key */
    VERDICT_KINDS
};

enum { VERDICT_SAMPLES_WANTED = 6 };

struct verdict_finding {
    enum verdict_kind kind;
    int doubt; /* 1: the figures are doubtful; 0: worth knowing */
    double figure[2];
    const char *name; /* these two are the run's, or NULL */
    const char *reason;
};

struct verdict {
    size_t count;
    size_t doubts; /* these come first */
    struct verdict_finding findings[VERDICT_KINDS];
    double spread; /* median over the cells of (third - first quartile) / median; NaN: unknown */
    double stolen; /* share of the measured time, NaN: unknown */
    double drift;  /* change of the time from the first third of the repetitions to the last;
                      NaN: too few */
};

int verdict_make(const struct run *run, struct verdict *verdict);

#endif
