/* SPDX-License-Identifier: Apache-2.0 */
/* Metrics: what a sample row holds. */
#ifndef BENCH_MMAP_RUN_METRIC_H
#define BENCH_MMAP_RUN_METRIC_H

enum metric {
    METRIC_TIME, /* real_time, per iteration */
    METRIC_CPU,  /* cpu_time, per iteration */
    METRIC_CREATE,
    METRIC_SIZE,
    METRIC_MAP,
    METRIC_FILL,
    METRIC_SYNC,
    METRIC_UNMAP,
    METRIC_CLOSE,
    METRIC_MINOR_FAULTS,
    METRIC_MAJOR_FAULTS,
    METRIC_VOLUNTARY,
    METRIC_INVOLUNTARY,
    METRIC_CALLS,
    METRIC_STOLEN,
    METRIC_DIRTY,
    METRIC_WRITEBACK,
    METRIC_THROUGHPUT, /* bytes per second; computed from the size where the row has none */
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
