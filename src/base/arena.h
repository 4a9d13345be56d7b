/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is given back all at once: the texts of a list, the arrays of a computation. */
#ifndef BENCH_MMAP_BASE_ARENA_H
#define BENCH_MMAP_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct arena {
    struct arena_block *newest;
    int error; /* -ENOMEM after a request that was not met: one test after many of them */
};

/* Aligned for pointers and numbers; NULL when memory is short. */
void *arena_take(struct arena *arena, size_t size);
/* count items of size bytes, all 0. */
void *arena_array(struct arena *arena, size_t count, size_t size);
/* A copy with a NUL behind it. */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);
/* Adds an item of zeros to an array of the arena: *items, a pointer to its first item, and *count
 * are brought up to date. NULL when memory is short, and then nothing has changed. */
void *arena_append(struct arena *arena, void *items, size_t *count, size_t size);
char *arena_text(struct arena *arena, const char *text);
void arena_free(struct arena *arena);

/* Arrays that grow, of malloc(). */
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

/* For qsort() and its relatives: items whose first member is a text, by that. */
static inline int text_order(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Closes what open_memstream() opened, NULL where it could not be. -ENOMEM: the text is not whole,
 * is freed, and NULL. fclose() alone does not tell: glibc's gives 0, and no text. */
int text_close(FILE *out, char **text);

#endif
