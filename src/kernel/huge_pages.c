/* SPDX-License-Identifier: Apache-2.0
 * Huge pages of files: how large they are, and how many came about. */
#include "kernel.h"

#include <stdio.h>
#include <stdlib.h>

void bm_look_at_lines(const char *path, bm_line_function *look, void *user)
{
    FILE *stream = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;

    while (stream != NULL && getline(&line, &room, stream) > 0)
        if (look(line, user))
            break;
    free(line);
    if (stream != NULL)
        (void)fclose(stream);
}

struct part {
    unsigned long start; /* of the mapping */
    bool here;
    uint64_t kilobytes;
};

/* "ShmemPmdMapped: 2048 kB" and the like, in the part of smaps that is about this mapping: the part
 * starts with the one line that has two addresses. */
static bool look_for_huge(const char *line, void *user)
{
    struct part *part = user;
    unsigned long start, end;
    unsigned long long kilobytes;

    if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
        part->here = start == part->start;
    else if (part->here && (sscanf(line, "ShmemPmdMapped: %llu", &kilobytes) == 1 ||
                            sscanf(line, "FilePmdMapped: %llu", &kilobytes) == 1))
        part->kilobytes += kilobytes;
    return false;
}

uint64_t bm_huge_kilobytes(const void *map)
{
    struct part part = {.start = (unsigned long)(uintptr_t)map};

    bm_look_at_lines("/proc/self/smaps", look_for_huge, &part);
    return part.kilobytes;
}

static bool take_number(const char *line, void *number)
{
    *(unsigned long long *)number = strtoull(line, NULL, 10);
    return true;
}

uint64_t bm_huge_page_bytes(void)
{
    unsigned long long bytes = 0;

    bm_look_at_lines("/sys/kernel/mm/transparent_hugepage/hpage_pmd_size", take_number, &bytes);
    return bytes;
}

static bool take_mapped(const char *line, void *number)
{
    return sscanf(line, "thp_file_mapped %llu", (unsigned long long *)number) == 1;
}

uint64_t bm_huge_mapped_bytes(void)
{
    unsigned long long pages = 0;

    bm_look_at_lines("/proc/vmstat", take_mapped, &pages);
    return pages * bm_huge_page_bytes();
}
