/* SPDX-License-Identifier: Apache-2.0 */
/* Memory that is given back all at once: the texts of a list. */
#ifndef BENCH_MMAP_BASE_ARENA_H
#define BENCH_MMAP_BASE_ARENA_H

#include <stddef.h>

struct arena {
    struct arena_block *newest;
};

/* Aligned for pointers and numbers; NULL when memory is short. */
void *arena_take(struct arena *arena, size_t size);
/* A copy with a NUL behind it. */
char *arena_copy(struct arena *arena, const char *bytes, size_t length);
void arena_free(struct arena *arena);

#endif
