/* SPDX-License-Identifier: Apache-2.0 */
#include "arena.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1 << 16, ALIGNMENT = 16 };

struct arena_block {
    struct arena_block *older;
    size_t used, size;
    _Alignas(ALIGNMENT) char bytes[];
};

void *arena_take(struct arena *arena, size_t size)
{
    struct arena_block *block = arena->newest;

    if (size > SIZE_MAX / 2) {
        arena->error = -ENOMEM;
        return NULL;
    }
    size = (size + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    if (block == NULL || block->size - block->used < size) {
        size_t room = size > BLOCK ? size : BLOCK;
        block = malloc(sizeof *block + room);
        if (block == NULL) {
            arena->error = -ENOMEM;
            return NULL;
        }
        *block = (struct arena_block){.older = arena->newest, .size = room};
        arena->newest = block;
    }
    block->used += size;
    return block->bytes + block->used - size;
}

void *arena_array(struct arena *arena, size_t count, size_t size)
{
    void *array = arena_take(arena, count > SIZE_MAX / size ? SIZE_MAX : count * size);

    return array == NULL ? NULL : memset(array, 0, count * size);
}

char *arena_copy(struct arena *arena, const char *bytes, size_t length)
{
    char *copy = arena_take(arena, length + 1);

    if (copy == NULL)
        return NULL;
    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

void *arena_append(struct arena *arena, void *items, size_t *count, size_t size)
{
    size_t capacity = array_capacity(*count);
    char *array;

    memcpy(&array, items, sizeof array);
    if (capacity > 0) {
        char *larger = arena_array(arena, capacity, size);
        if (larger == NULL)
            return NULL;
        if (*count > 0)
            memcpy(larger, array, *count * size);
        array = larger;
        memcpy(items, &larger, sizeof larger);
    }
    return memset(array + (*count)++ * size, 0, size);
}

char *arena_text(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text));
}

void arena_free(struct arena *arena)
{
    while (arena->newest != NULL) {
        struct arena_block *block = arena->newest;
        arena->newest = block->older;
        free(block);
    }
}

int text_close(FILE *out, char **text)
{
    int failed = out == NULL || ferror(out);

    if (out != NULL && fclose(out) != 0)
        failed = 1;
    if (!failed && *text != NULL)
        return 0;
    free(*text);
    *text = NULL;
    return -ENOMEM;
}
