/* SPDX-License-Identifier: Apache-2.0 */
/* What the studies of how something grows share. */
#ifndef BENCH_MMAP_STUDIES_SCALE_H
#define BENCH_MMAP_STUDIES_SCALE_H

#include "src/base/random.h"

#include <stddef.h>
#include <stdio.h>

enum { SCALE_WRITERS = 4 };

/* Writes a run that nobody measured, in the shape of bench_mmap's files: so many samples of
 * SCALE_WRITERS writers by so many chunk sizes, from 1 KiB on. `context` stands in the braces of
 * its context. */
void scale_write_run(FILE *out, const char *context, int chunks, size_t samples,
                     struct random *random);

/* Runs work(subject, result) in a process of its own, so that the most memory that it uses is its
 * own, and brings back the `size` bytes of its result. 0, or -1 where it failed. */
int scale_in_child(int (*work)(const void *subject, void *result), const void *subject,
                   void *result, size_t size, long *memory_kib);

#endif
