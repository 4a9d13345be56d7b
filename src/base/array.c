/* SPDX-License-Identifier: Apache-2.0 */
#include "array.h"

#include <stdint.h>
#include <stdlib.h>

enum { LEAST = 16 };

void *array_grow(void *items, size_t count, size_t size)
{
    int is_full = count == 0 || (count >= LEAST && (count & (count - 1)) == 0);
    size_t capacity = count < LEAST ? LEAST : 2 * count;

    if (!is_full)
        return items;
    return capacity > SIZE_MAX / size ? NULL : realloc(items, capacity * size);
}
