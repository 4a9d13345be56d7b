/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two machines side by side: what a call, a page fault and a copy cost on each, and which of their
 * differences could be the reason. Times of different machines are never pooled.
 */
#ifndef BENCH_MMAP_COMPARISON_MACHINE_COSTS_H
#define BENCH_MMAP_COMPARISON_MACHINE_COSTS_H

#include "comparison.h"
#include "src/run/run.h"

#include <stddef.h>
#include <stdint.h>

/* What is paid for. */
struct cost_kind {
    int is_control;
    enum aspect aspect;  /* of a control */
    enum cost_term term; /* of a writer's cost model */
};

/* What something costs on both machines; [0] is the old side's, [1] the new one's. */
struct machine_cost {
    const char *writer; /* "EmptyCall", "Write/file:new/sync:none/size:10485760" */
    struct cost_kind kind;
    struct interval ns[2]; /* of one call, fault, file ... or MiB; NaN: not known there */
    uint64_t chunk_bytes;  /* of a control whose cost depends on it, on the old side; or 0 */
    int at_most[2];        /* an upper bound: the run cannot separate it from the fixed part */
    struct interval ratio; /* new to old; NaN: not both known, of other sizes, a bound */
};

/* A cell's time by what it was spent on, as the controls cost it; the shares sum to the time. */
struct cost_breakdown {
    const char *cell;
    uint64_t chunk_bytes;
    double time_ns[2];
    double share_ns[ASPECTS][2];
    double faults[2]; /* of a file; 0: not known */
};

/* What remains of a writer's times without what the controls measure, over its chunk sizes. */
struct cost_remainder {
    const char *writer;    /* "Write/file:new/sync:none" */
    size_t cells;          /* with a remainder worth comparing on both sides */
    struct interval ratio; /* new to old: the median over the cells, and their quartiles */
    enum metric phase;     /* that holds most of the change; METRICS: unknown */
};

struct machine_costs {
    struct arena arena; /* of everything */
    size_t runs[2];
    const char *machine[2]; /* "ext4 on virtio, Linux 6.18, AMD EPYC, 2 cores" */
    size_t cost_count;
    struct machine_cost *costs; /* controls first */
    size_t breakdown_count;
    struct cost_breakdown *breakdowns; /* [cell] */
    size_t remainder_count;
    struct cost_remainder *remainders; /* [writer] */
    /* The controls' ratios, new to old; NaN: not measured on both. */
    struct interval aspect[ASPECT_FILE];
    struct context_differences differences;
    struct notes notes;
};

/*
 * Reads out of the runs of each side what things cost there. A side of 3 runs or more has Student's
 * interval over its processes; one of fewer has the bootstrap's of a process, 2.5 times as wide,
 * because other processes have been seen to differ by so much. -EINVAL: a side has no run.
 */
int machine_costs_compare(const struct side *old_side, const struct side *new_side, uint64_t seed,
                          struct machine_costs *costs);
void machine_costs_free(struct machine_costs *costs);

/* From so many processes on, their values show how much processes differ. */
enum { COSTS_LEAST_FOR_STUDENT = 3 };
/* Other processes differ by so many times more than a process's own interval says. */
#define COSTS_PROCESS_WIDENING 2.5

/* What one run says that something costs. */
struct run_cost {
    const char *writer;
    struct cost_kind kind;
    int at_most;
    uint64_t size_bytes, chunk_bytes; /* only costs of the same are alike; 0: of any */
    struct interval ns;               /* of the bootstrap over the samples */
    struct model model;               /* where it is refused: the figures, and no cost */
};

struct run_costs {
    size_t count;
    struct run_cost *items;
};

extern const char *const control_writer[ASPECT_FILE];

/* The control's cell of the same size and chunk as the other cell, or NULL. */
const struct cell *control_like(const struct run *run, const char *writer,
                                const struct cell *other);

/* The controls' costs, of chunk sizes that the runs of both sides have where there are such; then
 * those of every writer's model. The arena remembers an error. */
void costs_of_run(const struct run *run, const struct side *const sides[2], uint64_t seed,
                  struct arena *arena, struct run_costs *costs);

/* Breaks down the times of the cells that both sides have by the controls' costs, which are there
 * already; then the writers' remainders. The costs' arena remembers an error. */
void cost_breakdown_take(const struct side *const sides[2], struct machine_costs *costs);

/* The control's cost of an aspect, or NULL. */
const struct machine_cost *machine_costs_control(const struct machine_costs *costs,
                                                 enum aspect aspect);

#endif
