/* SPDX-License-Identifier: Apache-2.0 */
/* CLOCK_MONOTONIC: only the difference of two readings means anything. */
#ifndef BENCH_MMAP_BASE_CLOCK_H
#define BENCH_MMAP_BASE_CLOCK_H

#include <stdint.h>

uint64_t clock_ns(void);
double clock_s(void);

#endif
