/* SPDX-License-Identifier: Apache-2.0
 * The benchmark function of every family: one sample an iteration. */
#ifndef BENCH_MMAP_BENCH_FIXTURE_H
#define BENCH_MMAP_BENCH_FIXTURE_H

#include "third_party/benchmark_c/benchmark_c.h"

/* `user` is the struct family. */
benchmark_function fixture_run;

/* The message of samples that were not taken because of a signal: such rows are in no report. */
#define FIXTURE_INTERRUPTED "interrupted"

#endif
