/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A run: what one process measured, from one JSON file of Google Benchmark (1.7 to 1.9), written by
 * bench_mmap or by any other program.
 *
 * Conventions of all folders from here up to report. A function returns 0 or -errno unless it says
 * otherwise, prints nothing but to the FILE given, never exits, and keeps no state: different runs
 * may be used from different threads at once, and one run by many readers. Times are nanoseconds,
 * sizes bytes, in double or uint64_t. What draws random numbers takes a seed; the same seed and run
 * give the same result on every machine. -ENOMEM may come from every function that takes memory and
 * is not listed each time.
 */
#ifndef BENCH_MMAP_RUN_RUN_H
#define BENCH_MMAP_RUN_RUN_H

#include "name.h"
#include "src/base/arena.h"

#include <stddef.h>
#include <stdint.h>

/* What a sample row holds. */
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

struct cell {
    char *name; /* the run name, control characters replaced */
    struct name parts;
    size_t samples;           /* rows that were measured and are finite */
    double *values[METRICS];  /* each NULL or `samples` long, in file order; NaN: not in that
                                         row. values[METRIC_TIME] is set when samples > 0 */
    size_t errors;            /* rows that failed */
    char *error;              /* what the first of them says, or NULL */
    size_t skipped;           /* rows that the program left out */
    size_t unusable;          /* rows whose time is NaN, infinite or negative */
    size_t pooled;            /* how often the repetitions begin anew under the same name */
    double aggregate_ns;      /* the file's own median (or mean) of a cell of which it keeps no
                                 rows; NaN when there is none */
    size_t capacity;          /* internal */
    uint64_t last_repetition; /* internal */
};

struct context_entry {
    const char *key;
    const char *value; /* text as it is; numbers and short lists as the file writes them */
};

struct run {
    size_t cell_count;
    struct cell *cells; /* in the order of the file */
    size_t context_count;
    struct context_entry *context;
    size_t sample_count; /* over all cells */
    const char *path;    /* of its file, as run_load() got it; NULL: it comes from memory */
    void *by_name;       /* internal: for tfind() */
    struct arena arena;  /* internal: all texts */
};

void run_free(struct run *run); /* NULL is fine */

/* The context's value of that key, or NULL. Valid as long as the run. */
const char *run_context(const struct run *run, const char *key);

/* The same as a number; fallback when it is missing or no number. */
double run_context_number(const struct run *run, const char *key, double fallback);

/* How many samples a run that was interrupted was to take, and of each cell; 0: it does not say.
 * NaN: it was not interrupted. */
double run_planned(const struct run *run, double *of_cell);

/* The cell of that name, or NULL. */
const struct cell *run_cell(const struct run *run, const char *name);

/* What the context says about the machine, and what of its times that can explain. */
/* What of a machine a control measures by itself, and what is left when these are accounted for. */
enum aspect {
    ASPECT_CALL,  /* EmptyCall: entering the kernel and leaving it */
    ASPECT_COPY,  /* Memcpy: copying memory */
    ASPECT_FAULT, /* MemcpyFresh less Memcpy: a page fault of fresh memory */
    ASPECT_FILE,  /* the rest of the writers' times: page cache, file system, device */
    ASPECTS
};

/* To what a key of the context belongs. */
enum layer { LAYER_HARDWARE, LAYER_KERNEL, LAYER_FILE_SYSTEM, LAYER_BUILD, LAYERS };

struct context_key {
    const char *key;
    const char *name;
    int in_machine_key;
    enum layer layer;
    unsigned explains; /* bits: 1 << enum aspect */
};

extern const struct context_key context_keys[];
extern const size_t context_key_count;

/* "unknown" for NULL. */
const char *context_value_or_unknown(const char *value);

enum { CONTEXT_MACHINE_MAX = 400 };

/* "ext4 on virtio, Linux 6.18, AMD EPYC, 2 cores, machine 1f..."; "" when the run says nothing. */
void context_machine(const struct run *run, char text[CONTEXT_MACHINE_MAX]);
/* The same without the machine's key. */
void context_place(const struct run *run, char text[CONTEXT_MACHINE_MAX]);

#endif
