/* SPDX-License-Identifier: Apache-2.0 */
/* Synthetic runs with known curves, as the JSON of Google Benchmark. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_MAKE_RESULTS_H
#define BENCH_MMAP_TESTS_SUPPORT_MAKE_RESULTS_H

#include "src/run/run.h"

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct make_writer {
    const char *name;
    double fixed_ns;
    double per_call_ns;  /* a call per chunk; 0: a handful of calls whatever the chunk */
    double per_chunk_ns; /* the loop */
    double per_fault_ns;
    double faults;    /* per file */
    const char *file; /* instead of the spec's; "none": a control */
    double power;     /* instead of all costs: time = fixed_ns x (chunk / 4096)^power */
};

struct make_spec {
    const struct make_writer *writers;
    size_t writer_count;
    const uint64_t *chunks;
    size_t chunk_count;
    size_t samples;
    double noise; /* deviation of the log time */
    uint64_t seed;
    uint64_t size_bytes;
    const char *file;    /* NULL: new */
    const char *sync;    /* NULL: none */
    int counters;        /* write phases, faults, calls ... */
    const char *context; /* further members of the context, with a comma in front; may be NULL */
};

/* A row of a run's JSON, open: further counters may follow, then "}". */
struct make_row {
    const char *name;
    double time_ns;
    size_t repetition, repetitions;
    int is_median; /* an aggregate, of which the file keeps no samples */
    int failed;
};
void make_row(FILE *out, const struct make_row *row, int *begun);

/* A file of bench_mmap's shape; free() it. NULL when memory is short. The noise is log-normal and
 * scaled so that the mean of the faster half of all possible samples is the curve itself. */
char *make_json(const struct make_spec *spec);

/* The curve's time. */
double make_time(const struct make_writer *writer, uint64_t size_bytes, uint64_t chunk_bytes);

/* Loads it; fails the test when that does not work. */
struct run *make_run(const struct make_spec *spec);
/* The rows of the second behind those of the first. */
struct run *make_joined_run(const struct make_spec *first, const struct make_spec *second);

/* 10 MiB, 20 samples, a noise of 0.03, with counters. */
struct make_spec make_spec_of(const struct make_writer *writers, size_t writer_count,
                              const uint64_t *chunks, size_t chunk_count);

/* Mmap, and Write and Pwrite of the same cost, at five chunk sizes from 1 KiB, 20 samples each. */
struct make_spec make_small_spec(void);

#endif
