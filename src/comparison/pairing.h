/* SPDX-License-Identifier: Apache-2.0 */
/* From the runs of two sides to a comparison: what its steps share. */
#ifndef BENCH_MMAP_COMPARISON_PAIRING_H
#define BENCH_MMAP_COMPARISON_PAIRING_H

#include "comparison.h"

#include <stddef.h>

struct used {
    const struct run *run;
    double second; /* when it began; NaN: unknown */
    int is_new;
};

/* Its functions leave it to the comparison's arena to remember whether memory was short. */
struct pairing {
    const struct side *sides[2];
    const struct comparison_options *options;
    struct comparison *comparison;
    struct used *used; /* rounds: old and new in turn; otherwise the old ones first */
    size_t count;
};

static inline void pairing_note(struct pairing *pairing, struct note note)
{
    notes_add(&pairing->comparison->arena, &pairing->comparison->notes, note);
}

/* Closes the gate; the first reason stays. */
static inline void pairing_refuse(struct pairing *pairing, enum gate gate, struct note why)
{
    if (pairing->comparison->gate != GATE_OPEN)
        return;
    pairing->comparison->gate = gate;
    pairing->comparison->refusal = why;
}

/* Which runs are compared, and in what rounds. */
void pairing_pair(struct pairing *pairing);

/* Closes the gate where there are too few of them, or in the wrong order. */
void pairing_check_counts(struct pairing *pairing);

/* Notes in what the machines differ, and closes the gate where they are others. */
void pairing_check_machines(struct pairing *pairing);

/* The cells that all runs have, and their samples; the others are noted. */
void pairing_take_samples(struct pairing *pairing);

#endif
