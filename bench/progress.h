/* SPDX-License-Identifier: Apache-2.0
 * What is said: how far the run is, and sentences for the user, on stderr; numbers with units. */
#ifndef BENCH_MMAP_BENCH_PROGRESS_H
#define BENCH_MMAP_BENCH_PROGRESS_H

#include "sweep.h"

#include <stddef.h>
#include <stdint.h>

/* Decides whether there is a line at all. */
void progress_enable(enum when when);

/* A pass of `samples` of each selected cell begins. `what` is static text. */
void progress_begin(struct sweep *sweep, const char *what, uint64_t samples);

/* Says that one more sample is done. At most ten lines a second are written. */
void progress_sample(const struct sweep *sweep);

/* How long the rest of the pass will take, by what the cells have taken so far. */
double progress_seconds_left(const struct sweep *sweep);

/* Takes the line away; it comes back with the next sample. Called before anything is printed. */
void progress_clear(void);

void progress_end(void);

/* One sentence, behind the program's name. */
void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Numbers with units. */
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
