/* SPDX-License-Identifier: Apache-2.0 */
/* What the samples of one cell say. */
#ifndef BENCH_MMAP_ANALYSIS_SUMMARY_H
#define BENCH_MMAP_ANALYSIS_SUMMARY_H

#include "src/run/run.h"

#include <stddef.h>

struct summary {
    size_t samples;
    double median;
    double median_low; /* 95 % order-statistic interval; NaN below 6 samples */
    double median_high;
    double location; /* stats_location() */
    double pace;     /* stats_pace() */
    double minimum;
    double maximum;
    double spread; /* (third - first quartile) / median; 0 when the median is 0 */
};

/* -ENODATA when the cell has no finite value of that metric (summary->samples is 0 then). */
int cell_summarise(const struct cell *cell, enum metric metric, struct summary *summary);

#endif
