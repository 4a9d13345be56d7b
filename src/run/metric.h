/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics: what a sample row holds. */
#ifndef BENCH_MMAP_RUN_METRIC_H
#define BENCH_MMAP_RUN_METRIC_H

enum metric {
#define METRIC(symbol, option, key, label, kind) METRIC_##symbol,
#include "metrics.def"
#undef METRIC
    METRICS
};

enum metric_kind { METRIC_KIND_TIME, METRIC_KIND_COUNT, METRIC_KIND_BYTES, METRIC_KIND_RATE };

struct metric_info {
    const char *option; /* what a user types: "fill" */
    const char *key;    /* the row's key: "fill_ns" */
    const char *label;  /* what a heading says: "time in fill" */
    enum metric_kind kind;
};

/* Static; never NULL for a metric below METRICS. */
const struct metric_info *metric_info(enum metric metric);

/* The metric of that option name into *metric; -ENOENT when there is none. */
int metric_find(const char *option, enum metric *metric);

#endif
