/* SPDX-License-Identifier: Apache-2.0
 * How long single chunks took: what a sample with a clock between its chunks says. */
#ifndef BENCH_MMAP_BENCH_LATENCY_H
#define BENCH_MMAP_BENCH_LATENCY_H

#include <stdint.h>

/* Percentiles by rank: of 100 chunks the 99th is the one that 98 are no slower than. The last is
 * the time of one reading of the clock, which each of them holds. */
enum { LATENCY_FIGURES = 6 };
extern const char *const latency_counters[LATENCY_FIGURES];

/* Puts the times in order. The count is at least 1. */
void latency_figures(uint64_t *laps_ns, uint64_t count, uint64_t figures_ns[LATENCY_FIGURES]);

#endif
