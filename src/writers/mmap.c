/* SPDX-License-Identifier: Apache-2.0
 * Stores into a shared mapping of the file. */
#include <fcntl.h>
#include <string.h>

#include "kernel.h"

/* One byte at a time is the exercise's first line: a volatile store, so that no two are merged. */
static void fill_bytes(char *map, const struct writer_job *job)
{
    volatile char *to = map;

    FOR_EACH_CHUNK(chunk, job)
    to[chunk.at] = *chunk.from;
}

static int fill_map(struct writer_sample *sample)
{
    char *map = sample->map;

    if (sample->job->chunk_bytes == 1) {
        fill_bytes(map, sample->job);
        return 0;
    }
    FOR_EACH_CHUNK(chunk, sample->job)
    {
        memcpy(map + chunk.at, chunk.from, chunk.bytes);
        compiler_barrier();
    }
    return 0;
}

const struct writer writer_Mmap = {
    .name = "Mmap",
    .summary = "ftruncate() to size, then stores into a shared mapping of the whole file",
    .flags = WRITER_MAPPING,
    .open_flags = O_RDWR,
    .phase = {[WRITER_CREATE] = open_file,
              [WRITER_SIZE] = size_by_ftruncate,
              [WRITER_MAP] = map_file,
              [WRITER_FILL] = fill_map,
              [WRITER_SYNC] = sync_file,
              [WRITER_UNMAP] = unmap_file,
              [WRITER_CLOSE] = close_file},
};
