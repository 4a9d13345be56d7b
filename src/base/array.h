/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_BASE_ARRAY_H
#define BENCH_MMAP_BASE_ARRAY_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

enum { ARRAY_LEAST = 16 };

/* The new capacity of an array of `count` items that is full; 0: it has room for one more. The
 * capacity follows from the count: it is the next power of two, at least ARRAY_LEAST. */
static inline size_t array_capacity(size_t count)
{
    int is_full = count == 0 || (count >= ARRAY_LEAST && (count & (count - 1)) == 0);

    return !is_full ? 0 : count < ARRAY_LEAST ? ARRAY_LEAST : 2 * count;
}

/* Makes room for one more item of an array that holds `count` of `size` bytes: returns the array,
 * perhaps moved and twice as large, or NULL without memory, and then `items` is still valid. */
static inline void *array_grow(void *items, size_t count, size_t size)
{
    size_t capacity = array_capacity(count);

    if (capacity == 0)
        return items;
    return capacity > SIZE_MAX / size ? NULL : realloc(items, capacity * size);
}

#endif
