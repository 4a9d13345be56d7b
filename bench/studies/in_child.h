/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_STUDIES_IN_CHILD_H
#define BENCH_MMAP_STUDIES_IN_CHILD_H

#include <stddef.h>

/* Runs work(subject, result) in a process of its own, so that the most memory that it uses is its
 * own, and brings back the `size` bytes of its result. 0, or -1 where it failed. */
int in_child(int (*work)(const void *subject, void *result), const void *subject, void *result,
             size_t size, long *memory_kib);

#endif
