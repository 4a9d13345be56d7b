/* SPDX-License-Identifier: Apache-2.0 */
/* Google Benchmark's flags: our defaults for them, and what the user chose. */
#ifndef BENCH_MMAP_BENCH_FRAMEWORK_H
#define BENCH_MMAP_BENCH_FRAMEWORK_H

#include "third_party/benchmark_c/benchmark_c.h"

#include <stdbool.h>
#include <stdint.h>

struct framework {
    int64_t repetitions;
    double min_time_s; /* 0: one iteration */
    bool own_warm_up;  /* the user has said nothing of it: one sample of every cell */
    bool list_tests;
    const char *filter;            /* "" for all */
    bool headline;                 /* the filter is ours: the headline writers */
    bool own_display;              /* no --benchmark_format: our rows */
    enum benchmark_format display; /* otherwise: which */
    enum benchmark_format out_format;
    const char *out_path; /* NULL when none */
};

/* Hands the framework's flags in argv, the BENCHMARK_* variables and our defaults to the framework,
 * and reads what we need to know. all: no filter means all writers, not the headline only. An
 * argument that nobody knows is an error. Says what is wrong. Errors: -EINVAL, -ENOMEM. */
int framework_initialize(struct framework *framework, bool all, int argc, char **argv);

/* Sets the framework to one sample of each cell in order, or back to what was asked for. */
int framework_set(bool warm_up);

#endif
