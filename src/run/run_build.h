/* SPDX-License-Identifier: Apache-2.0 */
/* Building a run row by row: what the loaders share. */
#ifndef BENCH_MMAP_RUN_RUN_BUILD_H
#define BENCH_MMAP_RUN_RUN_BUILD_H

#include "load.h"

#include <stddef.h>

enum { RUN_NO_REPETITION = -1 };

enum run_row_kind { RUN_ROW_SAMPLE, RUN_ROW_AGGREGATE, RUN_ROW_ERROR, RUN_ROW_SKIPPED };

struct run_row {
    const char *name;
    enum run_row_kind kind;
    const char *error;      /* of RUN_ROW_ERROR, may be NULL */
    int aggregate_rank;     /* of RUN_ROW_AGGREGATE: 2 the median, 1 the mean, 0 anything else */
    double repetition;      /* index, or RUN_NO_REPETITION */
    double values[METRICS]; /* NaN: not in the row */
};

struct run_row run_row_empty(void); /* RUN_NO_REPETITION and NaN, the rest 0 */

int run_add_context(struct run *run, const char *key, const char *value);
int run_add_row(struct run *run, const struct run_row *row);

/* What can be computed once all rows are in. */
int run_finish(struct run *run);

/* Adds to the run, 0 or -errno. text[length] is NUL. The text is changed. */
int load_json(char *text, size_t length, struct run *run, struct load_problem *problem);

/* Nanoseconds in a unit "ns", "us", "ms", "s"; 0 for another. */
double load_unit_ns(const char *unit);

#endif
