/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict on the run itself. */
#ifndef BENCH_MMAP_ANALYSIS_VERDICT_H
#define BENCH_MMAP_ANALYSIS_VERDICT_H

#include "src/run/run.h"

#include <stddef.h>

enum { VERDICT_TEXT = 240, VERDICT_FINDINGS_MAX = 16 };

struct verdict_finding {
    int doubt;               /* 1: the figures are doubtful; 0: worth knowing */
    char text[VERDICT_TEXT]; /* one sentence */
};

struct verdict {
    size_t count;
    size_t doubts; /* these come first */
    struct verdict_finding findings[VERDICT_FINDINGS_MAX];
    double spread; /* median over the cells of (third - first quartile) / median; NaN: unknown */
    double stolen; /* share of the measured time, NaN: unknown */
    double drift;  /* change of the time from the first third of the repetitions to the last;
                      NaN: too few */
};

int verdict_make(const struct run *run, struct verdict *verdict);

#endif
