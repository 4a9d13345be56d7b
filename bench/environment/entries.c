/* SPDX-License-Identifier: Apache-2.0 */
#include "readers.h"

#include <stdlib.h>
#include <string.h>

struct environment_entry *environment_find(const struct environment *environment, const char *key)
{
    for (size_t i = 0; i < environment->count; i++)
        if (strcmp(environment->entries[i].key, key) == 0)
            return &environment->entries[i];
    return NULL;
}

const char *environment_get(const struct environment *environment, const char *key)
{
    const struct environment_entry *entry = environment_find(environment, key);

    return entry ? entry->value : NULL;
}

bool environment_is_memory_backed(const struct environment *environment)
{
    static const char *const names[] = {"tmpfs", "ramfs", "devtmpfs", "hugetlbfs"};
    const char *file_system = environment_get(environment, "file_system");

    for (size_t i = 0; file_system && i < sizeof names / sizeof names[0]; i++)
        if (strcmp(file_system, names[i]) == 0)
            return true;
    return false;
}

void environment_free(struct environment *environment)
{
    for (size_t i = 0; i < environment->count; i++)
        free(environment->entries[i].value);
    free(environment->entries);
    *environment = (struct environment){0};
}
