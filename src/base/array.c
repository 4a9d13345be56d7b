/* SPDX-License-Identifier: Apache-2.0 */
#include "array.h"

#include <stdint.h>
#include <stdlib.h>

enum { LEAST = 16 };

size_t array_capacity(size_t count)
{
    int is_full = count == 0 || (count >= LEAST && (count & (count - 1)) == 0);

    return !is_full ? 0 : count < LEAST ? LEAST : 2 * count;
}

void *array_grow(void *items, size_t count, size_t size)
{
    size_t capacity = array_capacity(count);

    if (capacity == 0)
        return items;
    return capacity > SIZE_MAX / size ? NULL : realloc(items, capacity * size);
}
