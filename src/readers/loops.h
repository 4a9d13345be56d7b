/* SPDX-License-Identifier: Apache-2.0
 *
 * The loops that several readers share. Each is inlined into its reader with the call that it makes
 * for one chunk: there is no call through a pointer in a loop. */
#ifndef BENCH_MMAP_READERS_LOOPS_H
#define BENCH_MMAP_READERS_LOOPS_H

#include "src/kernel/kernel.h"

#include <fcntl.h>
#include <string.h>

/* One system call that reads at most `bytes` from the offset `at` of the file, and what it returns.
 */
typedef ssize_t read_function(int fd, char *to, uint64_t bytes, uint64_t at);

/* Goes on with a chunk after a call that has returned `got` and so has not read all of it. */
OUT_OF_THE_WAY static int read_rest(const struct bm_sample *sample, read_function *read_part,
                                    const struct chunk *chunk, ssize_t got)
{
    uint64_t done = 0;
    int error;

    while ((error = count_moved(got, &done)) == 0 && done < chunk->bytes)
        got = read_part(sample->fd, sample->buffer + done, chunk->bytes - done, chunk->at + done);
    return error;
}

/* One system call a chunk, and a look at what it has read. */
static INLINED int fill_by_reads(struct bm_sample *sample, enum where where,
                                 read_function *read_chunk)
{
    char *to = sample->buffer;
    int fd = sample->fd, error;
    uint64_t sum = 0;

    FOR_EACH_CHUNK(chunk, sample->job) {
        if (where == AT_FILE_OFFSET && (error = seek_to(sample->job, fd, chunk.at)) != 0)
            return error;
        ssize_t got = read_chunk(fd, to, chunk.bytes, chunk.at);
        if (got != (ssize_t)chunk.bytes) {
            struct chunk rest = chunk;
            if ((error = read_rest(sample, read_chunk, &rest, got)) != 0)
                return error;
        }
        sum += sum_words(to, chunk.bytes);
        compiler_barrier();
    }
    sample->sum = sum;
    sample->calls += bm_write_calls(sample->job);
    if (seeks(sample->job) && where == AT_FILE_OFFSET)
        sample->calls += chunk_count(sample->job);
    return 0;
}

/* read() of each chunk at the file offset. */
static inline ssize_t call_read(int fd, char *to, uint64_t bytes, uint64_t at)
{
    (void)at;
    return read(fd, to, bytes);
}

static inline int fill_by_read(struct bm_sample *sample)
{
    return fill_by_reads(sample, AT_FILE_OFFSET, call_read);
}

/* Finds out which multiples of bytes O_DIRECT takes, and that they do not come from the page cache.
 */
int bm_probe_direct_read(struct bm_sample *sample, struct bm_limits *limits, char *reason);

/* All of a reader that reads into a buffer, but its name, its fill and its probe. */
#define BUFFER_READER(further_open_flags, set_up, fill_phase, take_down)                           \
    .kind = BM_KIND_READER, .open_flags = O_RDONLY | (further_open_flags),                         \
    .prepare = bm_buffer_create, .release = bm_buffer_destroy,                                     \
    .phase = {[BM_PHASE_CREATE] = bm_open_file,                                                    \
              [BM_PHASE_MAP] = set_up,                                                             \
              [BM_PHASE_FILL] = fill_phase,                                                        \
              [BM_PHASE_UNMAP] = take_down,                                                        \
              [BM_PHASE_CLOSE] = bm_close_file}

/* All of a reader that looks at a mapping of the whole file. */
#define MAPPING_READER(further_flags, map_phase, fill_phase)                                       \
    .kind = BM_KIND_READER, .flags = KERNEL_MAPPING | (further_flags), .open_flags = O_RDONLY,     \
    .phase = {[BM_PHASE_CREATE] = bm_open_file,                                                    \
              [BM_PHASE_MAP] = map_phase,                                                          \
              [BM_PHASE_FILL] = fill_phase,                                                        \
              [BM_PHASE_UNMAP] = bm_unmap_file,                                                    \
              [BM_PHASE_CLOSE] = bm_close_file}

#endif
