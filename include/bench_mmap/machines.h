/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several machines: two side by side, or two builds compared on each of many.
 *
 * Absolute times of different machines are never pooled. Side by side stand what the machines'
 * parts cost (a call, a fault, a copy) and which of their differences could be the reason. Over
 * many machines a change is a ratio on each, and the machine is what is counted.
 *
 * The conventions are those of results.h; the methods: src/results/STATISTICS.md.
 */
#ifndef BENCH_MMAP_MACHINES_H
#define BENCH_MMAP_MACHINES_H

#include "bench_mmap/compare.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- two machines side by side ---- */

/* What of a machine a control measures by itself, and what is left when these are accounted for. */
enum results_aspect {
    RESULTS_ASPECT_CALL,  /* EmptyCall: entering the kernel and leaving it */
    RESULTS_ASPECT_COPY,  /* Memcpy: copying memory */
    RESULTS_ASPECT_FAULT, /* MemcpyFresh less Memcpy: a page fault of fresh memory */
    RESULTS_ASPECT_FILE,  /* the rest of the writers' times: page cache, file system, device */
    RESULTS_ASPECTS
};

/* To what a key of the context belongs. */
enum results_layer {
    RESULTS_LAYER_HARDWARE,
    RESULTS_LAYER_KERNEL,
    RESULTS_LAYER_FILE_SYSTEM,
    RESULTS_LAYER_BUILD,
    RESULTS_LAYERS
};

/* What something costs on both machines; [0] is the old side's, [1] the new one's. */
struct results_cost {
    char *writer;     /* "EmptyCall", "Write/file:new/sync:none/size:10485760" */
    const char *what; /* "a call"; static */
    int is_control;
    struct results_interval ns[2]; /* of one call, fault, file ... or MiB; NaN: not known there */
    int at_most[2];                /* an upper bound: the run cannot separate it from the rest */
    struct results_interval ratio; /* new to old; NaN: not both known, of other sizes, a bound */
};

/* A cell's time in parts, as the controls cost them; they sum to the time. */
struct results_parts {
    char *writer;
    uint64_t chunk_bytes;
    double time_ns[2];
    double part_ns[RESULTS_ASPECTS][2];
};

/* A writer's rest over its chunk sizes. */
struct results_rest {
    char *writer;                  /* "Write/file:new/sync:none" */
    size_t cells;                  /* with a rest worth comparing on both sides */
    struct results_interval ratio; /* new to old: the median over the cells, and their quartiles */
    enum results_metric phase;     /* that holds most of the change; RESULTS_METRICS: unknown */
};

struct results_difference {
    const char *key;  /* static, of the context */
    const char *name; /* static: "CPU model" */
    enum results_layer layer;
    unsigned explains; /* bits 1 << aspect: what it can be the reason of */
    char *value[2];
};

struct results_beside {
    size_t runs[2];
    char *machine[2]; /* "ext4 on virtio, Linux 6.18, AMD EPYC, 2 cores" */
    size_t cost_count;
    struct results_cost *costs; /* controls first */
    size_t parts_count;
    struct results_parts *parts; /* [cell] */
    size_t rest_count;
    struct results_rest *rests; /* [writer] */
    /* The controls' ratios, new to old; NaN: not measured on both. */
    struct results_interval aspect[RESULTS_ASPECT_FILE];
    size_t difference_count;
    struct results_difference *differences;
    size_t note_count;
    char **notes; /* sentences: which models do not hold, which controls are missing, which runs are
                     doubtful */
};

/*
 * Reads what the machines' parts cost out of the runs of each side. A side of 3 runs or more has
 * Student's interval over its processes; one of fewer has the bootstrap's of a process, 2.5
 * times as wide, which is what other processes have been seen to differ by. -EINVAL: a side has no
 * run.
 */
int results_beside(const struct results_side *old_side, const struct results_side *new_side,
                   uint64_t seed, struct results_beside *beside);
void results_beside_free(struct results_beside *beside);

/* ---- two builds on many machines ---- */

enum { RESULTS_LEAST_MACHINES = 2, RESULTS_MACHINES_ALONE = 6 };

/* A row over the machines. */
struct results_fleet_row {
    enum results_row_kind kind;
    char *name;                    /* full, as in the runs */
    double *log_ratio;             /* [machine]: NaN: that machine has no such row */
    double *variance;              /* [machine]: NaN: not known */
    size_t machines;               /* that have it */
    size_t slower, faster;         /* of these, by more than the margin */
    struct results_interval ratio; /* combined; the interval is NaN for a single machine */
    double heterogeneity;          /* deviation of the true log ratios; NaN: not separable */
    double raw_p;                  /* NaN for a single machine */
    double p;                      /* adjusted over the rows: against alpha */
    enum results_change change;
};

struct results_fleet_machine {
    char *key;  /* machine key */
    char *name; /* as in results_beside */
    struct results_comparison comparison;
};

struct results_fleet {
    int is_beside; /* the machines of the old side, each against the new side's: no combined rows */
    size_t count;
    struct results_fleet_machine *machines;
    size_t row_count;
    struct results_fleet_row *rows; /* all, writers, cells */
    enum results_gate gate;
    char *refusal; /* a sentence; NULL when there is a verdict */
    int slower, faster;
    size_t note_count;
    char **notes;
    struct results_compare_options options;
};

/*
 * Compares the sides machine by machine, where both have runs of two machine keys or more; what is
 * of one side only is noted. Half of alpha goes to the machines' own comparisons, in equal parts,
 * the other half to the combined rows. With options->cross_machine each machine of the old side is
 * set against the one of the new side instead.
 *
 * -ENOENT: there is nothing to do by machine: results_compare() does it. -E2BIG: with
 * cross_machine, the new side has several machines. -EINVAL: a side has no run.
 */
int results_compare_fleet(const struct results_side *old_side, const struct results_side *new_side,
                          const struct results_compare_options *options,
                          struct results_fleet *fleet);
void results_fleet_free(struct results_fleet *fleet);

/* As results_comparison_status(): 3 too where a single machine became slower. */
int results_fleet_status(const struct results_fleet *fleet);

/* all: rows without a finding too. -EIO. */
int results_show_fleet(FILE *out, const struct results_fleet *fleet,
                       const struct results_view *view, int all);

/*
 * One estimate of log ratios from several machines: the random-effects mean with Paule and Mandel's
 * heterogeneity and the interval of Hartung and Knapp, not narrower than without heterogeneity
 * allows (Röver, Knapp and Friede). Where any variance is NaN all machines weigh the same, and it
 * is Student's interval. *t: the mean over its standard error, for count - 1 degrees of freedom.
 * The interval and t are NaN for a count of 1.
 */
int results_combine(const double *log_ratio, const double *variance, size_t count,
                    double confidence, struct results_interval *combined, double *heterogeneity,
                    double *t);

#ifdef __cplusplus
}
#endif

#endif
