/* SPDX-License-Identifier: Apache-2.0 */
/* Which of several names was meant by one that was misspelt. */
#ifndef BENCH_MMAP_BASE_NEAREST_H
#define BENCH_MMAP_BASE_NEAREST_H

#include <stddef.h>

struct nearest {
    const char *word;
    const char *name; /* the nearest so far; NULL: none is near enough */
    size_t distance;
};

/* Near enough: two letters may be different, of a word of two one. */
void nearest_begin(struct nearest *nearest, const char *word);
void nearest_try(struct nearest *nearest, const char *name);

#endif
