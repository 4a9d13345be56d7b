/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several machines: two side by side. Absolute times of different machines are never pooled. Side
 * by side stand what the machines' parts cost (a call, a fault, a copy) and which of their
 * differences could be the reason.
 */
#ifndef BENCH_MMAP_COMPARISON_MACHINE_COSTS_H
#define BENCH_MMAP_COMPARISON_MACHINE_COSTS_H

#include "comparison.h"
#include "src/run/context.h"

#include <stddef.h>
#include <stdint.h>

/* What something costs on both machines; [0] is the old side's, [1] the new one's. */
struct machine_cost {
    char *writer;     /* "EmptyCall", "Write/file:new/sync:none/size:10485760" */
    const char *what; /* "a call"; static */
    int is_control;
    struct interval ns[2]; /* of one call, fault, file ... or MiB; NaN: not known there */
    int at_most[2];        /* an upper bound: the run cannot separate it from the rest */
    struct interval ratio; /* new to old; NaN: not both known, of other sizes, a bound */
};

/* A cell's time in parts, as the controls cost them; they sum to the time. */
struct cost_breakdown {
    char *writer;
    uint64_t chunk_bytes;
    double time_ns[2];
    double part_ns[ASPECTS][2];
};

/* A writer's rest over its chunk sizes. */
struct cost_rest {
    char *writer;          /* "Write/file:new/sync:none" */
    size_t cells;          /* with a rest worth comparing on both sides */
    struct interval ratio; /* new to old: the median over the cells, and their quartiles */
    enum metric phase;     /* that holds most of the change; METRICS: unknown */
};

struct machine_difference {
    const char *key;  /* static, of the context */
    const char *name; /* static: "CPU model" */
    enum layer layer;
    unsigned explains; /* bits 1 << aspect: what it can be the reason of */
    char *value[2];
};

struct machine_costs {
    size_t runs[2];
    char *machine[2]; /* "ext4 on virtio, Linux 6.18, AMD EPYC, 2 cores" */
    size_t cost_count;
    struct machine_cost *costs; /* controls first */
    size_t parts_count;
    struct cost_breakdown *parts; /* [cell] */
    size_t rest_count;
    struct cost_rest *rests; /* [writer] */
    /* The controls' ratios, new to old; NaN: not measured on both. */
    struct interval aspect[ASPECT_FILE];
    size_t difference_count;
    struct machine_difference *differences;
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
int machine_costs_compare(const struct side *old_side, const struct side *new_side, uint64_t seed,
                          struct machine_costs *beside);
void machine_costs_free(struct machine_costs *beside);

/* So many processes say themselves how much they differ. */
enum { COSTS_LEAST_FOR_STUDENT = 3 };
/* By so much other processes differ more than a process's own interval says (results.h). */
#define COSTS_PROCESS_WIDENING 2.5

/* What one run says that something costs. */
struct run_cost {
    char *writer;
    const char *what; /* static; NULL: the writer's model does not hold */
    int is_control;
    int at_most;
    uint64_t size_bytes, chunk_bytes; /* only costs of the same are alike; 0: of any */
    struct interval ns;               /* of the bootstrap over the samples */
    char *refusal;                    /* of a model that does not hold: a phrase */
};

struct run_costs {
    size_t count;
    struct run_cost *reading;
};

/* The whats of the controls. */
extern const char *const control_what[ASPECT_FILE];
extern const char *const control_writer[ASPECT_FILE];

/* The controls' costs, then those of every writer's model. run_costs_free() in any case. */
int costs_of_run(const struct run *run, uint64_t seed, struct run_costs *readings);
void run_costs_free(struct run_costs *readings);

/* The parts of the cells that both sides have, from the controls' costs in beside; then the
 * writers' rests. */
int cost_breakdown_take(const struct side *old_side, const struct side *new_side,
                        struct machine_costs *beside);

/* What else a reader must know: missing controls, few runs, runs that are doubtful. */
int cost_note(const struct side *const sides[2], struct machine_costs *beside);

/* For the shows: the control's cost of an aspect, or NULL. */
const struct machine_cost *machine_costs_control(const struct machine_costs *beside,
                                                 enum aspect aspect);

#endif
