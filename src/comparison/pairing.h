/* SPDX-License-Identifier: Apache-2.0 */
/* From the runs of two sides to a comparison: what its steps share. */
#ifndef BENCH_MMAP_COMPARISON_PAIRING_H
#define BENCH_MMAP_COMPARISON_PAIRING_H

#include "comparison.h"

#include <stddef.h>

struct used {
    const struct run *run;
    double round;  /* NaN: none */
    double second; /* when it began; NaN: unknown */
    int is_new;
};

struct pairing {
    const struct side *sides[2];
    const struct comparison_options *options;
    struct comparison *comparison;
    struct used *used; /* rounds: old and new in turn; otherwise the old ones first */
    size_t count;
    int error;
};

/* Adds a sentence to the comparison's notes. */
void pairing_note(struct pairing *pairing, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Closes the gate and says why; the first reason stays. */
void pairing_refuse(struct pairing *pairing, enum gate gate, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Which runs are compared, and in what rounds. */
int pairing_pair(struct pairing *pairing);

/* Closes the gate where there are too few of them, or in the wrong order. */
void pairing_check_counts(struct pairing *pairing);

/* Notes in what the machines differ, and closes the gate where they are others. */
void pairing_check_machines(struct pairing *pairing);

/* The cells that all runs have, and their samples; the others are noted. */
int pairing_take_samples(struct pairing *pairing);

#endif
