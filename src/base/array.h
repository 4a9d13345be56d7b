/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_BASE_ARRAY_H
#define BENCH_MMAP_BASE_ARRAY_H

#include <stddef.h>

/* Makes room for one more item of an array that holds `count` of `size` bytes: returns the array,
 * perhaps moved and twice as large, or NULL without memory, and then `items` is still valid. The
 * capacity follows from the count: it is the next power of two, at least 16. */
void *array_grow(void *items, size_t count, size_t size);

/* The new capacity of an array of `count` items that is full; 0: it has room for one more. */
size_t array_capacity(size_t count);

#endif
