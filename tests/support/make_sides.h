/* SPDX-License-Identifier: Apache-2.0 */
/* Directories of synthetic runs, and bench_results as a user starts it on them. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_MAKE_SIDES_H
#define BENCH_MMAP_TESTS_SUPPORT_MAKE_SIDES_H

#include "support.h"

#include <stddef.h>
#include <stdint.h>

/* Where the sides are made: the test creates it, and place_remove() tears it down. */
extern struct test_directory place;
int place_remove(void **state);

/* What a test varies of a side; the rest is the same for all. */
struct made_side {
    const char *name;
    size_t runs;
    double slow;       /* factor on Mmap's times; 0: 1 */
    const char *extra; /* of the context, with %zu for the round */
    uint64_t size_bytes;
    size_t writers;   /* 0: both */
    size_t samples;   /* 0: 5 */
    double noise;     /* 0: 0.01 */
    double zero_size; /* 1: times of zero */
    int first_minute; /* of the date of the first run; then one run every 2 minutes */
};

void make_side(const struct made_side *side);

void write_file(const char *path, const char *text);
char *path_in(const char *name); /* of place; free() it */

/* Words are separated by blanks; @NAME is a path in the test's directory. */
struct test_process run(const char *words, const char *interrupt_at);

/* Exits so, and says all of that, on stdout and stderr together. */
void says(const char *words, int status, const char *const *expected);

#define SAYS(words, status, ...) says(words, status, (const char *const[]){__VA_ARGS__, NULL})

#endif
