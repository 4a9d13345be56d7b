/* SPDX-License-Identifier: Apache-2.0
 * Numbers with units. */
#ifndef BENCH_MMAP_BENCH_UNITS_H
#define BENCH_MMAP_BENCH_UNITS_H

#include <stdint.h>

#define UNITS_TEXT_BYTES 32

/* The longest exact form: "4K", "10M", "4097". */
const char *units_exact_bytes(char text[UNITS_TEXT_BYTES], uint64_t bytes);

/* Three digits and a unit: "873 MiB", "1.42 GiB". */
const char *units_short_bytes(char text[UNITS_TEXT_BYTES], double bytes);

/* Three digits and a unit: "870 ns", "11.2 ms", "3.04 s". */
const char *units_short_time(char text[UNITS_TEXT_BYTES], double seconds);

/* "8 s", "2 min 5 s", "1 h 3 min": for waiting. */
const char *units_duration(char text[UNITS_TEXT_BYTES], double seconds);

#endif
